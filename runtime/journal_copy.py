"""Copies of a journal made while it is written: a little at a time, over its own connection, proven when done."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, Protocol

from runtime.journal_backup import DIRECTORY, backup_path, backups, head_of
from runtime.journal_errors import JournalError, refusing
from runtime.journal_file import MIGRATIONS, connect, migrate, open_read_only, sync_directory
from runtime.journal_records import GENESIS, INSERT, SELECT, Record, columns, follow, seal

KEPT = 48
"""Copies that are kept, the newest ones."""
KEPT_AT_LEAST = 2
"""However full the disk is."""
ROOM = 2 << 30
"""Bytes of the disk that copies leave free: where there is less, the oldest go first."""
ROWS = 1_000
"""Records written, and then proven, in one step: about 20 ms."""
PIECE = 4 << 20
"""Bytes of an earlier copy taken over in one step."""


class Copied(NamedTuple):
    """A copy came to its end."""

    ok: bool
    text: str
    """For people."""


class Source(Protocol):
    """The journal that is copied."""

    path: Path
    head: int

    def read(self, after: int, limit: int) -> tuple[Record, ...]:
        """Committed records over `after`."""

    def seal_of(self, gseq: int) -> bytes:
        """The seal of that place, b"" where there is none."""


class Copies:
    """Makes one copy after the other. Every step is short, so that nobody waits for a commit.

    A copy begins with the one before it, so that an hour costs what an hour wrote. What goes wrong with a copy is
    said and leaves journal and other copies as they are; a damaged journal raises JournalCorrupt as any reader gets it.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._steps: Generator[None, None, None] | None = None
        self._part = source.path.parent / DIRECTORY / f".{source.path.name}.part"

    def begin(self) -> bool:
        """Begin a copy of everything committed by now; False: the newest one has that."""
        newest = backups(self._source.path)
        had = head_of(newest[0]) if newest else 0
        if self._steps is not None or had >= self._source.head:
            return False
        self._steps = self._copy(newest[0] if newest else None)
        return True

    def step(self) -> Copied | None:
        """Go on a little; what is to be told when it is through or given up. Raises JournalCorrupt."""
        if self._steps is None:
            return None
        try:
            next(self._steps)
        except StopIteration:
            self._steps = None
            newest = backups(self._source.path)[0]
            return Copied(True, f"Journal copied: {DIRECTORY}/{newest.name}, {head_of(newest):,} events")
        except (OSError, sqlite3.Error, JournalError) as error:
            if isinstance(error, JournalError) and error.path == self._source.path:
                raise
            self.give_up()
            return Copied(False, f"Journal copy failed: {error}")
        return None

    def give_up(self) -> None:
        """Forget the unfinished one."""
        if self._steps is not None:
            self._steps.close()
            self._steps = None
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)

    def _copy(self, base: Path | None) -> Generator[None, None, None]:
        """The whole of it, one yield a step."""
        head, part = self._source.head, self._part
        part.parent.mkdir(mode=0o700, exist_ok=True)
        part.unlink(missing_ok=True)
        if base is not None:
            yield from _take_over(base, part)
        yield from self._append(part, head)
        yield from _prove(part, head)
        os.replace(part, backup_path(self._source.path, head))
        sync_directory(part.parent)
        prune(self._source.path)

    def _append(self, part: Path, head: int) -> Iterator[None]:
        """What the part does not have yet; a base that is not this journal's beginning is left aside."""
        db, after, chain = self._opened(part)
        with closing(db), open(part, "rb") as file:
            while after < head:
                records = self._source.read(after, min(ROWS, head - after))
                rows = []
                for record in records:
                    row = columns(record)
                    chain = seal(chain, row)
                    rows.append((*row, chain))
                db.execute("BEGIN")
                db.executemany(INSERT, rows)
                db.execute("COMMIT")
                os.fdatasync(file.fileno())
                after = records[-1].gseq
                yield

    def _opened(self, part: Path) -> tuple[sqlite3.Connection, int, bytes]:
        """A connection that writes the part, where it ends, and the seal of that place."""
        if part.exists():
            db = _connected(part)
            with contextlib.suppress(sqlite3.Error):
                last = db.execute("SELECT gseq, chain FROM journal ORDER BY gseq DESC LIMIT 1").fetchone()
                if last is not None and self._source.seal_of(last[0]) == last[1]:
                    return db, last[0], last[1]
            db.close()
            part.unlink()
        os.close(os.open(part, os.O_CREAT | os.O_EXCL, 0o600))
        db = _connected(part)
        migrate(db, part, 0, MIGRATIONS)
        return db, 0, GENESIS


def _connected(part: Path) -> sqlite3.Connection:
    """Nobody else knows the part, and an unfinished one is thrown away: it needs no log of its own."""
    db = connect(part, "rw")
    db.execute("PRAGMA journal_mode=OFF")
    db.execute("PRAGMA synchronous=OFF")
    return db


def _take_over(base: Path, part: Path) -> Iterator[None]:
    """An earlier copy, piece by piece."""
    with open(base, "rb") as source, open(part, "xb") as target:
        os.chmod(part, 0o600)
        while os.copy_file_range(source.fileno(), target.fileno(), PIECE):
            os.fdatasync(target.fileno())
            yield


def _prove(part: Path, head: int) -> Iterator[None]:
    """Every record of it once more, off the file. Raises JournalCorrupt."""
    with closing(open_read_only(part, len(MIGRATIONS))) as db, refusing(part):
        last = 0
        for record in follow(part, db.execute(SELECT + "ORDER BY gseq", (0,)), 0):
            last = record.gseq
            if last % ROWS == 0:
                yield
        assert last == head, f"{part} ends at {last}, not at {head}"


def prune(journal: Path, free: Callable[[Path], int] | None = None) -> None:
    """Take away the oldest copies: those over `KEPT`, and more while the disk has less than `ROOM`."""
    left = free or _free
    found = backups(journal)
    for path in found[KEPT:]:
        path.unlink(missing_ok=True)
    for path in found[KEPT_AT_LEAST:KEPT][::-1]:
        if left(path.parent) >= ROOM:
            return
        path.unlink(missing_ok=True)


def _free(directory: Path) -> int:
    found = os.statvfs(directory)
    return found.f_bavail * found.f_frsize
