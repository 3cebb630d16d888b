"""A simulated crowd as the background of a market."""
