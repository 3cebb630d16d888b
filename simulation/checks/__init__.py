"""The invariants of docs/simulation.md, looked at in every step of a run: beliefs against the venue's truth."""
