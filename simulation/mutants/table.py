"""The result as a table of a page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from simulation.marked import write_part
from simulation.mutants.hunt import Catch
from simulation.provenance import Provenance

PART = "mutants"
HEAD = "| rule that was taken out | name | missed by | after seeds | simulated hours |\n|---|---|---|---|---|"


def write_table(page: Path, catches: Iterable[Catch], minutes: float, from_: Provenance) -> None:
    """Put the result into its part of the page. Raises NoMarks, OSError."""
    rows = [row(catch) for catch in catches]
    caption = f"Commit {from_.commit}, {from_.day}, seeds of {minutes:g} minutes."
    write_part(page, PART, f"{caption}\n\n{HEAD}\n" + "\n".join(rows))


def row(catch: Catch) -> str:
    """One line of it."""
    by = catch.by if catch.seed is not None else "**nothing**"
    return f"| {catch.rule} | `{catch.mutant}` | {by} | {catch.seeds} | {catch.simulated_s / 3600:.2f} |"
