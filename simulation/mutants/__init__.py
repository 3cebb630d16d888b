"""Safety rules taken out one at a time, to see that the invariants notice."""
