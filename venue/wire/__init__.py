"""Polymarket's JSON, both directions: what the embedded venue writes the clients read, with the same structs."""
