"""A part of a page that is written by a program: between two marks, everything else stays as it is."""

from __future__ import annotations

from pathlib import Path


class NoMarks(ValueError):
    """The page has no such part."""


def marks(name: str) -> tuple[str, str]:
    """The lines around a part."""
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"


def read_part(page: Path, name: str) -> str:
    """What stands between the marks now. Raises NoMarks, OSError."""
    _, part, _ = _parts(page, name)
    return part


def write_part(page: Path, name: str, text: str) -> None:
    """Put this between the marks. Raises NoMarks, OSError."""
    before, _, after = _parts(page, name)
    page.write_text(f"{before}\n{text.strip()}\n{after}", encoding="utf-8")


def _parts(page: Path, name: str) -> tuple[str, str, str]:
    begin, end = marks(name)
    text = page.read_text(encoding="utf-8")
    if text.count(begin) != 1 or text.count(end) != 1:
        raise NoMarks(f"{page} has no lines {begin} and {end}")
    before, _, rest = text.partition(begin)
    part, _, after = rest.partition(end)
    return before + begin, part.strip(), end + after
