"""The journal: every Event once, in one global sequence, durable before anybody hears of it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from runtime.journal_copy import Copies
from runtime.journal_errors import (
    JournalCorrupt,
    JournalError,
    JournalFailed,
    JournalHeld,
    JournalTooNew,
    JournalUnreadable,
    refusal,
    refusing,
)
from runtime.journal_file import (
    MIGRATIONS,
    Migrations,
    back_up,
    check_identity,
    check_note,
    connect,
    create,
    keep_private,
    migrate,
    note_damage,
    open_read_only,
    prepare,
    real,
    size,
    wal_of,
)
from runtime.journal_orders import Found, Orders
from runtime.journal_records import INSERT, SELECT, Record, Tail, check_tail, columns, follow, seal, signed
from runtime.journal_snapshots import DIRECTORY, Directory, Snapshots
from runtime.journal_turns import LOOK_BACK, Turns

__all__ = [
    "Found",
    "Journal",
    "JournalCorrupt",
    "JournalError",
    "JournalFailed",
    "JournalHeld",
    "JournalTooNew",
    "JournalUnreadable",
    "Record",
]

WAL_LIMIT = 8 << 20
"""Bytes of write-ahead log from which `checkpoint` does something."""
_FRAME = 4096 + 24
_OVERHEAD = 48


class Journal:
    """One SQLite file, one connection, one writer, one thread.

    What is staged is in memory only; `commit` makes all of it durable, or this object is done for.
    """

    @classmethod
    def open(cls, path: Path, migrations: Migrations = MIGRATIONS) -> Journal:
        """The journal at `path`, made when there is none, brought to the newest version after a copy.

        It is first looked at read-only, so that a refused file stays as it is. Raises JournalHeld,
        JournalTooNew, JournalCorrupt, JournalUnreadable, and JournalFailed when a migration does not work.
        """
        path = real(path)
        check_note(path)
        if not os.path.lexists(path):
            create(path, migrations)
        with closing(open_read_only(path, len(migrations))) as db:
            check_tail(db, path)
        if not os.access(path, os.W_OK, effective_ids=True):
            raise JournalUnreadable(path, "not writable")
        return cls(path, migrations)

    def __init__(self, path: Path, migrations: Migrations) -> None:
        self.path = path
        self._staged: dict[bytes, Record] = {}
        self._over = ""
        with refusing(path):
            self._db = connect(path, "rw")
            try:
                tail = self._take(migrations)
            except BaseException:
                self._db.close()
                raise
        self.head = tail.head
        """Last committed gseq, 0 when there is none."""
        self.chain = tail.chain
        """Seal of the head: who has seen it elsewhere knows whether anything before it was changed."""
        self.last_market_at = tail.market_at
        """Latest market time of what was committed lately, in nanoseconds; 0 in an empty journal."""
        self._wal_bytes = size(wal_of(path))
        self.snapshots = Snapshots(Directory(path.parent / DIRECTORY), self)
        """Of what actors know, so that they need not hear everything again."""
        self.copies = Copies(self)
        """Of what is committed, made little by little beside the writing."""
        self.turns = Turns(self)
        """Which Event of a source is the next."""
        self.orders = Orders(self)
        """Where each order is in what is committed, looked at little by little."""

    def _take(self, migrations: Migrations) -> Tail:
        """Own the file, and bring it to the newest version."""
        prepare(self._db, self.path)
        version = check_identity(self._db, self.path, len(migrations))
        keep_private(self.path)
        if version < len(migrations):
            back_up(self._db, self.path, version)
            migrate(self._db, self.path, version, migrations)
        return check_tail(self._db, self.path)

    @property
    def staged(self) -> int:
        """Records that wait for `commit`."""
        return len(self._staged)

    def stage(
        self,
        id: bytes,  # noqa: A002 -- the envelope's word for it
        kind: str,
        market: str,
        source: str,
        run: int,
        real_at: int,
        wall_at: int,
        market_at: int,
        envelope: bytes,
    ) -> int | None:
        """Take an Event into the next commit: None; or the gseq the same id has already. Raises JournalFailed."""
        self._check_usable()
        assert len(id) == 16, f"message id of {len(id)} bytes"
        assert 0 <= run < 1 << 64, "run is 64 bits"
        assert max(abs(real_at), abs(wall_at), abs(market_at)) < 1 << 63, "nanoseconds in 64 bits"
        waiting = self._staged.get(id)
        if waiting is not None:
            return waiting.gseq
        try:
            known = self._db.execute("SELECT gseq FROM journal WHERE mid = ?", (id,)).fetchone()
        except sqlite3.Error as error:
            raise self._fail("looking up an id", error) from error
        if known is not None:
            return int(known[0])
        gseq = self.head + len(self._staged) + 1
        self._staged[id] = Record(gseq, id, kind, market, source, run, real_at, wall_at, market_at, envelope)
        return None

    def commit(self) -> tuple[Record, ...]:
        """Make what is staged durable, all of it, and give it back with its place.

        Raises JournalFailed; then nothing more is done here, whether it is durable is known after opening again.
        """
        self._check_usable()
        records = tuple(self._staged.values())
        if not records:
            return ()
        rows, chain = [], self.chain
        for record in records:
            row = columns(record)
            chain = seal(chain, row)
            rows.append((*row, chain))
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(INSERT, rows)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._fail(f"commit of {len(rows)}", error) from error
        self._staged.clear()
        self.head, self.chain = records[-1].gseq, chain
        self.last_market_at = max(self.last_market_at, *(r.market_at for r in records))
        self._wal_bytes += _frames(records) * _FRAME
        return records

    def read(
        self,
        after: int,
        limit: int,
        kinds: Collection[str] | None = None,
        market: str | None = None,
        *,
        through: int | None = None,
    ) -> tuple[Record, ...]:
        """At most `limit` committed records with gseq over `after`, of these kinds, of this market.

        `through`: the last place looked at.

        Every record is proven by its seal. Fewer than `limit` means the head was reached. With a filter
        all records from `after` on are passed over, so ask from where you are. Raises JournalCorrupt naming
        the gseq, JournalUnreadable, JournalFailed.
        """
        self._check_usable()
        assert after >= 0, f"after {after}"
        assert limit > 0, f"limit {limit}"
        sql, given = SELECT, list[int | str]([after])
        if kinds is not None:
            sql += f"AND kind IN ({', '.join('?' * len(kinds))}) "
            given.extend(kinds)
        if market is not None:
            sql += "AND market = ? "
            given.append(market)
        if through is not None:
            sql += "AND gseq <= ? "
            given.append(through)
        given.append(limit)
        contiguous = kinds is None and market is None
        try:
            rows = self._db.execute(sql + "ORDER BY gseq LIMIT ?", given).fetchall()
        except sqlite3.Error as error:
            raise refusal(self.path, error) from error
        try:
            return tuple(follow(self.path, rows, after if contiguous else None))
        except JournalCorrupt as error:
            note_damage(error)
            raise

    def seal_of(self, gseq: int) -> bytes:
        """The seal of a committed place, b"" where there is none. Raises JournalUnreadable, JournalFailed."""
        self._check_usable()
        try:
            found = self._db.execute("SELECT chain FROM journal WHERE gseq = ?", (gseq,)).fetchone()
        except sqlite3.Error as error:
            raise refusal(self.path, error) from error
        return b"" if found is None else bytes(found[0])

    def last_of(self, source: str, run: int) -> Record | None:
        """The newest record of a source, None when it is not among the last `LOOK_BACK`. Raises as `read`."""
        self._check_usable()
        sql = SELECT + "AND source = ? AND run = ? ORDER BY gseq DESC LIMIT 1"
        try:
            rows = self._db.execute(sql, (self.head - LOOK_BACK, source, signed(run))).fetchall()
        except sqlite3.Error as error:
            raise refusal(self.path, error) from error
        return next(follow(self.path, rows, None), None)

    def free(self) -> int:
        """Bytes the disk has left for it. Raises JournalUnreadable."""
        with refusing(self.path):
            found = os.statvfs(self.path.parent)
        return found.f_bavail * found.f_frsize

    def checkpoint(self) -> None:
        """Move the log into the database once it has grown to about `WAL_LIMIT`; between commits.

        The log is then written again from its beginning and keeps its size on the disk: an fsync that does
        not grow a file is the faster one. Raises JournalFailed.
        """
        self._check_usable()
        if self._wal_bytes <= WAL_LIMIT:
            return
        try:
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            raise self._fail("checkpoint", error) from error
        self._wal_bytes = 0

    def close(self) -> None:
        """Move the whole log into the database and let go of the file; what is staged is forgotten.

        After a failure the log is left to the next start. Raises JournalFailed; a second close does nothing.
        """
        if self._over == "closed":
            return
        self.copies.give_up()
        self.orders.close()
        failed, self._over = bool(self._over), "closed"
        try:
            if not failed:
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._db.close()
        except sqlite3.Error as error:
            raise self._fail("close", error) from error

    def _check_usable(self) -> None:
        if self._over:
            raise JournalFailed(self.path, self._over)

    def _fail(self, doing: str, error: sqlite3.Error) -> JournalFailed:
        self._staged.clear()
        self._over = f"{doing} failed: {error}"
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT:
            note_damage(JournalCorrupt(self.path, self._over))
        return JournalFailed(self.path, self._over)


def _frames(records: tuple[Record, ...]) -> int:
    """Pages a commit writes at most, about: one of the id index for each record, their rows, and three."""
    held = sum(len(r.envelope) + len(r.market) + len(r.kind) + len(r.source) + _OVERHEAD for r in records)
    return len(records) + held // 4096 + 3


if __name__ == "__main__":
    from runtime.journal_command import main

    main()
