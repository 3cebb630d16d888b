"""Polymarket: how the exchange speaks, turned into our messages and back."""
