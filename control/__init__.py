"""Talk to the running system."""
