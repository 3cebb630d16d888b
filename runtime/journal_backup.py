"""Where the copies of a journal lie, and which of them is the newest that holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runtime.journal_errors import JournalError
from runtime.journal_reader import verify

DIRECTORY = "backups"
"""Beside the journal."""
_DIGITS = 15


def backup_path(journal: Path, head: int) -> Path:
    """The copy that ends at this place; sorted by name they are sorted by age."""
    return journal.parent / DIRECTORY / f"{journal.stem}-{head:0{_DIGITS}d}{journal.suffix}"


def backups(journal: Path) -> list[Path]:
    """Every finished copy, the newest first."""
    return sorted((journal.parent / DIRECTORY).glob(f"{journal.stem}-{'[0-9]' * _DIGITS}{journal.suffix}"))[
        ::-1
    ]


def head_of(backup: Path) -> int:
    """The last place it holds, by its name."""
    return int(backup.stem[-_DIGITS:])


def good_backups(journal: Path) -> Iterator[Path]:
    """Those whose every page and seal holds, the newest first; looked at one after the other."""
    for path in backups(journal):
        try:
            if verify(path).ok:
                yield path
        except JournalError:
            continue
