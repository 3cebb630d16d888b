"""A journal at rest, read from outside: for reports, for checkers, and after a crash."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from runtime.journal_errors import JournalCorrupt, refusing
from runtime.journal_file import MIGRATIONS, check_identity, open_read_only, pragma, real
from runtime.journal_records import GENESIS, SELECT, Record, columns, follow, seal


class Verification(msgspec.Struct, frozen=True):
    """What a full look at a journal found."""

    version: int
    head: int
    """Last gseq in the file."""
    sound_to: int
    """Everything up to this gseq is there and as it was written."""
    chain: bytes
    """Seal of `sound_to`, to be compared with what was seen elsewhere."""
    chain_ok: bool
    """No record is missing and none was changed."""
    problem: str
    """One line, or "" when all is well."""

    @property
    def ok(self) -> bool:
        """The chain holds and SQLite's own check of the whole file found nothing."""
        return not self.problem


def read_journal(path: Path) -> Iterator[Record]:
    """All records from the first, each proven by its seal and its place; lazily, in little memory.

    The connection is read-only: after a kill -9 the committed part of the leftover WAL is read, and WAL and
    database stay as they are. A copy must hold both files. Raises at once JournalHeld while a writer lives,
    JournalTooNew, JournalUnreadable, JournalCorrupt; later JournalCorrupt naming the first gseq that is
    missing or changed, after all that are sound. A writer cannot open while this is being read.
    """
    path = real(path)
    return _records(path, open_read_only(path, len(MIGRATIONS)))


def _records(path: Path, db: sqlite3.Connection) -> Iterator[Record]:
    with closing(db), refusing(path):
        yield from follow(path, db.execute(SELECT + "ORDER BY gseq", (0,)), 0)


def verify(path: Path, see: Callable[[Record], None] = lambda record: None) -> Verification:
    """Check every page and every seal, and have each sound record seen.

    Raises JournalHeld, JournalTooNew, JournalUnreadable.
    """
    path = real(path)
    with closing(open_read_only(path, len(MIGRATIONS))) as db, refusing(path):
        version = check_identity(db, path, len(MIGRATIONS))
        sound_to, chain, broken = 0, GENESIS, ""
        try:
            for record in follow(path, db.execute(SELECT + "ORDER BY gseq", (0,)), 0):
                sound_to, chain = record.gseq, seal(chain, columns(record))
                see(record)
            head = sound_to
        except JournalCorrupt as error:
            broken, head = error.reason, max(sound_to, _head(db))
        return Verification(version, head, sound_to, chain, not broken, broken or _complaint(db))


def _head(db: sqlite3.Connection) -> int:
    """The last gseq, as far as a damaged file tells; 0 when it does not."""
    try:
        return int(db.execute("SELECT max(gseq) FROM journal").fetchone()[0] or 0)
    except sqlite3.DatabaseError:
        return 0


def _complaint(db: sqlite3.Connection) -> str:
    """The first thing SQLite finds wrong with the file, "" when all pages and indexes are sound."""
    try:
        answer = str(pragma(db, "integrity_check(1)"))
    except sqlite3.DatabaseError as error:
        answer = str(error)
    return "" if answer == "ok" else answer
