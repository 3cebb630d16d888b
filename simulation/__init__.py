"""The house held against the truth: invariants over journal and venue ledger."""
