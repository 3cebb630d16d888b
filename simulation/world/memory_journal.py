"""The journal's model in memory: same answers, same seals, no file. What is committed outlives who wrote it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from runtime.journal_errors import JournalFailed
from runtime.journal_orders import MANY, ORDER_KINDS, Found, found, names_of
from runtime.journal_records import GENESIS, Record, columns, seal
from runtime.journal_snapshots import Snapshots
from runtime.journal_turns import LOOK_BACK, Turns

NAME = Path("/simulated/journal.db")


class Store:
    """A journal's content, apart from whoever has it open."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.chains: list[bytes] = []
        self.places: dict[bytes, int] = {}
        self.shelf = MemoryShelf()

    @property
    def head(self) -> int:
        """Last committed gseq."""
        return len(self.records)

    @property
    def chain(self) -> bytes:
        """Seal of the head."""
        return self.chains[-1] if self.chains else GENESIS

    def keep(self, records: tuple[Record, ...]) -> None:
        """These are durable now."""
        for record in records:
            self.chains.append(seal(self.chain, columns(record)))
            self.places[record.id] = record.gseq
            self.records.append(record)


class MemoryShelf:
    """Snapshots lie here; they outlive processes, not worlds."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def names(self) -> list[str]:
        """All of them."""
        return sorted(self._kept)

    def read(self, name: str) -> bytes:
        """One of them. Raises OSError."""
        if name not in self._kept:
            raise FileNotFoundError(name)
        return self._kept[name]

    def write(self, name: str, content: bytes) -> None:
        """Another one."""
        self._kept[name] = content

    def drop(self, name: str) -> None:
        """One less."""
        self._kept.pop(name, None)


class NoCopies:
    """Nothing is copied: what is in memory is lost with the world."""

    def begin(self) -> bool:
        """There is nothing to begin."""
        return False

    def step(self) -> None:
        """Nothing is under way."""

    def give_up(self) -> None:
        """Nothing is under way."""


class PlainOrders:
    """`runtime.journal_orders.Orders` without an index: every record is looked at."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def step(self) -> None:
        """Nothing is kept."""

    def find(self, name: str) -> Found:
        """The order whose hash begins so, or that this command wanted."""
        places: dict[str, list[Record]] = {}
        for record in self._store.records:
            for each in names_of(record) if record.kind in ORDER_KINDS else ():
                places.setdefault(each, []).append(record)
        return found(
            name,
            lambda beginning: sorted(each for each in places if each.startswith(beginning))[:MANY],
            lambda each: places[each],
        )


class MemoryJournal:
    """`Journal` without a file: same answers, same seals. Property-tested against the real one."""

    def __init__(self, store: Store) -> None:
        self.path = NAME
        self.copies = NoCopies()
        self.snapshots = Snapshots(store.shelf, self)
        self.turns = Turns(self)
        self.orders = PlainOrders(store)
        self._store = store
        self._staged: dict[bytes, Record] = {}
        self._over = ""

    @property
    def head(self) -> int:
        """Last committed gseq, 0 when there is none."""
        return self._store.head

    @property
    def chain(self) -> bytes:
        """Seal of the head."""
        return self._store.chain

    @property
    def last_market_at(self) -> int:
        """Latest market time of what was committed."""
        return max((record.market_at for record in self._store.records[-1_024:]), default=0)

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
        """Take an Event into the next commit: None; or the gseq the same id has already."""
        self._check_usable()
        waiting = self._staged.get(id)
        if waiting is not None:
            return waiting.gseq
        known = self._store.places.get(id)
        if known is not None:
            return known
        gseq = self.head + len(self._staged) + 1
        self._staged[id] = Record(gseq, id, kind, market, source, run, real_at, wall_at, market_at, envelope)
        return None

    def commit(self) -> tuple[Record, ...]:
        """Make what is staged durable, all of it, and give it back with its place."""
        self._check_usable()
        records = tuple(self._staged.values())
        self._store.keep(records)
        self._staged.clear()
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
        """At most `limit` committed records with gseq over `after`, of these kinds, of this market."""
        self._check_usable()
        last = self.head if through is None else through
        if kinds is None and market is None:
            return tuple(self._store.records[after : min(after + limit, last)])
        found: list[Record] = []
        wanted = None if kinds is None else frozenset(kinds)
        for record in self._store.records[after:last]:
            if (wanted is None or record.kind in wanted) and market in (None, record.market):
                found.append(record)
                if len(found) == limit:
                    break
        return tuple(found)

    def seal_of(self, gseq: int) -> bytes:
        """The seal of a committed place, b"" where there is none."""
        self._check_usable()
        return self._store.chains[gseq - 1] if 1 <= gseq <= self.head else b""

    def last_of(self, source: str, run: int) -> Record | None:
        """The newest record of a source, None when it is not among the last `LOOK_BACK`."""
        self._check_usable()
        records = self._store.records
        for at in range(self.head - 1, max(0, self.head - LOOK_BACK) - 1, -1):
            if records[at].source == source and records[at].run == run:
                return records[at]
        return None

    def free(self) -> int:
        """Bytes of the disk that are free: enough."""
        return 1 << 40

    def checkpoint(self) -> None:
        """There is no log to be moved."""
        self._check_usable()

    def close(self) -> None:
        """Let go; what is staged is forgotten."""
        self._staged.clear()
        self._over = "closed"

    def _check_usable(self) -> None:
        if self._over:
            raise JournalFailed(self.path, self._over)
