"""What a journal holds: records, each sealed to all that came before it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from runtime.journal_errors import JournalCorrupt, refusal, refusing

TAIL = 1024
"""Records whose seals are checked whenever a journal is opened; `verify` checks all."""
GENESIS = bytes(16)
"""What the seal of record 1 is chained to."""

SELECT = """
    SELECT gseq, mid, kind, market, source, run, real_at, wall_at, market_at, envelope, chain,
        CAST(coalesce((SELECT chain FROM journal AS p WHERE p.gseq = journal.gseq - 1), zeroblob(16)) AS BLOB)
    FROM journal
    WHERE gseq > ?
    """
"""The rows that `follow` understands, to be narrowed and ordered by gseq."""
ENDS = "SELECT (SELECT min(gseq) FROM journal), (SELECT max(gseq) FROM journal)"
"""The first and the last place. Asked for both at once, SQLite would look at all."""
INSERT = """
    INSERT INTO journal(
        gseq, mid, kind, market, source, run, real_at, wall_at, market_at, envelope, chain)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """
"""The columns of a record and its seal."""

_SEALED = 10
_U64 = (1 << 64) - 1
_encode = msgspec.msgpack.Encoder().encode


class Record(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One journaled Event: its place in the global sequence, what a reader selects by, and its envelope."""

    gseq: int
    """Global sequence, contiguous from 1."""
    id: bytes
    """16 bytes of the message: the idempotency key."""
    kind: str
    market: str
    """Condition id, or "" where the Event is about none."""
    source: str
    run: int
    """Unsigned 64 bits."""
    real_at: int
    """Nanoseconds of the boot clock."""
    wall_at: int
    """Nanoseconds since the epoch."""
    market_at: int
    """Nanoseconds of market time."""
    envelope: bytes
    """As it came."""


class Tail(NamedTuple):
    """Where a journal ends."""

    head: int
    chain: bytes
    market_at: int
    """Latest market time of the last `TAIL` records, 0 when there are none."""


def signed(run: int) -> int:
    """64 bits as SQLite keeps them."""
    return run - (1 << 64) if run >> 63 else run


def columns(record: Record) -> tuple[Any, ...]:
    """The record as SQLite keeps it: `run` becomes signed, all else as it is."""
    return (
        record.gseq,
        record.id,
        record.kind,
        record.market,
        record.source,
        signed(record.run),
        record.real_at,
        record.wall_at,
        record.market_at,
        record.envelope,
    )


def seal(before: bytes, row: tuple[Any, ...]) -> bytes:
    """The 16 bytes that chain a row (as MessagePack array of its columns) to all that came before it."""
    return blake2b(before + _encode(row)).digest()[:16]


def follow(path: Path, rows: Iterable[tuple[Any, ...]], after: int | None) -> Iterator[Record]:
    """Records of selected rows, each proven by its seal.

    They must be contiguous after `after`, unless it is None (the rows were filtered). Raises
    JournalCorrupt naming the first gseq that is missing or not what was written, JournalUnreadable.
    """
    last = after or 0
    try:
        for row in rows:
            gseq, mid, kind, market, source, run, real_at, wall_at, market_at, envelope, chain, before = row
            if after is not None and gseq != last + 1:
                raise JournalCorrupt(path, f"the next record is {gseq}", last + 1)
            if chain != seal(before, row[:_SEALED]):
                raise JournalCorrupt(path, "the seal does not fit", gseq)
            last = gseq
            yield Record(gseq, mid, kind, market, source, run & _U64, real_at, wall_at, market_at, envelope)
    except sqlite3.Error as error:
        raise refusal(path, error, last + 1) from error


def check_tail(db: sqlite3.Connection, path: Path) -> Tail:
    """Where the journal ends, its last `TAIL` records proven. Raises JournalCorrupt, JournalUnreadable."""
    with refusing(path):
        first, head = db.execute(ENDS).fetchone()
        if head is None:
            return Tail(0, GENESIS, 0)
        if first != 1:
            raise JournalCorrupt(path, f"the first record is {first}", 1)
        after = max(0, head - TAIL)
        market_at = 0
        for record in follow(path, db.execute(SELECT + "ORDER BY gseq", (after,)), after):
            market_at = max(market_at, record.market_at)
        (chain,) = db.execute("SELECT chain FROM journal WHERE gseq = ?", (head,)).fetchone()
        return Tail(head, chain, market_at)
