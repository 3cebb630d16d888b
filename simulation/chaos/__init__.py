"""Chaos on real processes: the whole system is started, killed from all sides, and judged from outside."""
