"""Where each order is in the journal: an index in a file of its own, which follows from the journal alone."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

from messages import BY_KIND
from messages.base import Event, Finding
from messages.codec import CodecError, decode_body, decode_envelope
from runtime.journal_records import Record

SUFFIX = ".orders"
"""Of the file beside the journal."""
ROWS = 500
"""Records looked at in one step: about 10 ms."""
PATIENCE = 5
"""Steps that a question waits for at most."""
MANY = 3
"""Names that are told where the beginning of one fits several."""
MAX_PLACES = 1_000
"""Records of one order that are told, the first ones."""
WANTS = ("OrderIntended", "OrderDenied")
"""Kinds that are found by the id of the command that wanted the order as well."""
ORDER_KINDS = tuple(
    name
    for name, kind in BY_KIND.items()
    if issubclass(kind, Event)
    and not issubclass(kind, Finding)
    and ("order" in kind.__struct_fields__ or name in WANTS)
)
_TABLES = (
    "CREATE TABLE named(name TEXT NOT NULL, gseq INTEGER NOT NULL, PRIMARY KEY(name, gseq)) WITHOUT ROWID",
    "CREATE TABLE through(gseq INTEGER NOT NULL, seal BLOB NOT NULL)",
    "INSERT INTO through VALUES (0, x'')",
)


class Found(NamedTuple):
    """What the beginning of a name leads to."""

    names: tuple[str, ...]
    """Names that begin so, `MANY` at most."""
    records: tuple[Record, ...]
    """The records of the only one."""
    behind: int = 0
    """Records that were not looked at yet; above 0 the rest says nothing."""


class Source(Protocol):
    """The journal that is indexed."""

    path: Path

    @property
    def head(self) -> int:
        """Last committed gseq."""

    def read(self, after: int, limit: int, kinds: tuple[str, ...] | None = None) -> tuple[Record, ...]:
        """Committed records over `after`."""

    def seal_of(self, gseq: int) -> bytes:
        """The seal of that place, b"" where there is none."""


class Orders:
    """Finds the records of an order. Its file may be lost or damaged: then it is made again.

    Nothing that happens to it harms the journal: what goes wrong is forgotten with the file.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._path = source.path.with_name(source.path.name + SUFFIX)
        self._db: sqlite3.Connection | None = None
        self._through = 0

    def step(self) -> None:
        """Look at some more records, if there are any."""
        if self._through >= self._source.head:
            return
        try:
            self._take(self._opened())
        except (sqlite3.Error, OSError):
            self._start_again()

    def find(self, name: str) -> Found:
        """The order whose hash begins so, or that this command wanted."""
        for _ in range(PATIENCE):
            self.step()
        behind = self._source.head - self._through
        if behind > 0:
            return Found((), (), behind)
        try:
            db = self._opened()
            return found(name, partial(self._names_from, db), partial(self._records, db))
        except (sqlite3.Error, OSError):
            self._start_again()
            return Found((), (), self._source.head)

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _names_from(self, db: sqlite3.Connection, beginning: str) -> list[str]:
        within = "SELECT DISTINCT name FROM named WHERE name >= ? AND name < ? ORDER BY name LIMIT ?"
        return [row[0] for row in db.execute(within, (beginning, beginning + "\U0010ffff", MANY))]

    def _records(self, db: sqlite3.Connection, name: str) -> Iterator[Record]:
        places = db.execute("SELECT gseq FROM named WHERE name = ? ORDER BY gseq LIMIT ?", (name, MAX_PLACES))
        for (gseq,) in places.fetchall():
            yield from self._source.read(gseq - 1, 1)

    def _take(self, db: sqlite3.Connection) -> None:
        records = self._source.read(self._through, ROWS, ORDER_KINDS)
        through = records[-1].gseq if len(records) == ROWS else self._source.head
        rows = [(name, record.gseq) for record in records for name in names_of(record)]
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT OR IGNORE INTO named VALUES (?, ?)", rows)
        db.execute("UPDATE through SET gseq = ?, seal = ?", (through, self._source.seal_of(through)))
        db.execute("COMMIT")
        self._through = through

    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(self._path, timeout=0, isolation_level=None)
            self._through = _begin(self._db, self._source)
        return self._db

    def _start_again(self) -> None:
        """Without the file; the next step makes it."""
        with contextlib.suppress(sqlite3.Error):
            self.close()
        self._db, self._through = None, 0
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


def found(
    name: str, names_from: Callable[[str], list[str]], records: Callable[[str], Iterable[Record]]
) -> Found:
    """What a name leads to, given the first `MANY` names that begin so, in their order, and the records of a name."""
    names = names_from(name)
    if name in names:
        names = [name]  # the whole of a name, whatever else begins so
    if len(names) != 1:
        return Found(tuple(names), ())
    mine = tuple(records(names[0]))
    orders = {getattr(_said(record), "order", "") for record in mine if record.kind in WANTS} - {""}
    if len(orders) == 1 and names[0] not in orders:
        return found(orders.pop(), names_from, records)  # a command's id leads to the order it became
    return Found(tuple(names), mine)


def _begin(db: sqlite3.Connection, source: Source) -> int:
    """How far it is; from the beginning where it is new, or of another journal."""
    for setting in ("locking_mode=EXCLUSIVE", "journal_mode=TRUNCATE", "synchronous=OFF"):
        db.execute(f"PRAGMA {setting}")
    if db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'through'").fetchone()[0]:
        gseq, seal = db.execute("SELECT gseq, seal FROM through").fetchone()
        if gseq <= source.head and source.seal_of(gseq) == seal:
            return int(gseq)
    db.execute("BEGIN IMMEDIATE")
    for table in ("named", "through"):
        db.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in _TABLES:
        db.execute(statement)
    db.execute("COMMIT")
    return 0


def names_of(record: Record) -> Iterator[str]:
    """What it can be found by: the order it is about, and the command that wanted it. None for what is unreadable."""
    message = _said(record)
    order = getattr(message, "order", "")
    if order:
        yield order
    if record.kind in WANTS:
        yield getattr(message, "command", "")


def _said(record: Record) -> object:
    try:
        return decode_body(decode_envelope(record.envelope))
    except CodecError:
        return None
