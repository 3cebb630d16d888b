"""The reasons to refuse a journal, each with the exit code of the process that meets it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

_WORLD = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_NOMEM,
}


class JournalError(RuntimeError):
    """A journal that cannot be used; one line, with its path. `exit_code` is what the process ends with."""

    exit_code: ClassVar[int] = 74

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class JournalUnreadable(JournalError):
    """No journal there, or not for us: another file, a directory that forbids it, a disk that fails."""


class NotAJournal(JournalUnreadable):
    """The file is there and is something else, or nothing."""


class JournalHeld(JournalUnreadable):
    """Another process has it open; there is one writer, and while it lives no other reader."""

    exit_code: ClassVar[int] = 75


class JournalTooNew(JournalError):
    """Written by a newer program; nothing was changed."""

    exit_code: ClassVar[int] = 78


class JournalCorrupt(JournalError):
    """Not what was once written; nothing was changed. `gseq` is the first record not to be believed, if known."""

    def __init__(self, path: Path, reason: str, gseq: int | None = None) -> None:
        super().__init__(path, reason if gseq is None else f"corrupt at gseq {gseq}: {reason}")
        self.gseq = gseq


class JournalFailed(JournalError):
    """A write that may or may not be durable. Never tried again in place: end, open again, read the head."""


def refusal(path: Path, error: sqlite3.Error, gseq: int | None = None) -> JournalError:
    """Which of our errors an SQLite error is; what SQLite cannot blame on the world is corruption."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return JournalHeld(path, "held by another process")
    if code == sqlite3.SQLITE_NOTADB:
        return NotAJournal(path, str(error))
    if code in _WORLD:
        return JournalUnreadable(path, str(error))
    return JournalCorrupt(path, str(error), gseq)


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Errors of SQLite and of the operating system become ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise refusal(path, error) from error
    except OSError as error:
        raise JournalUnreadable(path, error.strerror or str(error)) from error
