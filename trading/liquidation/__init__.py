"""How a position is worked off: stages and prices."""
