"""Recordings as the background of a market."""
