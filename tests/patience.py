"""How long a test waits for what must come."""

PATIENCE_S = 60.0
"""Real seconds. What does not come within them fails the test; a machine that is busy does not."""
