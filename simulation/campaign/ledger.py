"""The account of all campaigns: a table in a page, one row each, added up."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from simulation.marked import read_part, write_part

PART = "campaigns"
COLUMNS = ("day", "commit", "first", "last", "minutes", "hours", "events", "strokes", "lies", "wrong")
HEAD = (
    "| day | commit | first seed | last seed | minutes each | simulated hours | events | strokes | lies "
    "| wrong seeds |\n|---|---|---|---|---|---|---|---|---|---|"
)


class LedgerError(ValueError):
    """A row that cannot be read."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign."""

    day: str
    commit: str
    first: int
    last: int
    minutes: float
    hours: float
    events: int
    strokes: int
    lies: int
    wrong: int
    """Seeds in which an invariant was broken or a process crashed."""


def read_rows(page: Path) -> list[Row]:
    """Every campaign of the page, in order. Raises LedgerError naming page and line, NoMarks, OSError."""
    rows = []
    for line in read_part(page, PART).splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != len(COLUMNS) or cells[0] in ("day", "---"):
            continue
        try:
            rows.append(msgspec.convert(dict(zip(COLUMNS, cells, strict=True)), Row, strict=False))
        except msgspec.ValidationError as error:
            raise LedgerError(f"{page}: {line.strip()!r}: {error}") from error
    return rows


def add_row(page: Path, row: Row) -> None:
    """One campaign more, and the sum of all. Raises LedgerError, NoMarks, OSError."""
    rows = [*read_rows(page), row]
    text = "\n".join((HEAD, *(in_cells(each) for each in rows), "", in_words(rows)))
    write_part(page, PART, text)


def next_seed(page: Path) -> int:
    """The first seed that no campaign of the page has played; 1 in an empty one."""
    return max((row.last for row in read_rows(page)), default=0) + 1


def in_cells(row: Row) -> str:
    """One line of the table."""
    cells = (
        f"{row.hours:.2f}" if name == "hours" else f"{row.minutes:g}" if name == "minutes" else str(value)
        for name, value in ((name, getattr(row, name)) for name in COLUMNS)
    )
    return f"| {' | '.join(cells)} |"


def in_words(rows: Iterable[Row]) -> str:
    """The sum."""
    rows = list(rows)
    seeds = sum(row.last - row.first + 1 for row in rows)
    wrong = sum(row.wrong for row in rows)
    hours = sum(row.hours for row in rows)
    return (
        f"Together: {seeds} seeds, {hours:.1f} simulated hours, {wrong} seeds in which something was wrong."
    )
