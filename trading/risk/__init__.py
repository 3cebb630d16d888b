"""Rules, one a file, and their limits."""
