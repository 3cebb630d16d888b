"""A whole look at a journal: pages, seals, places, whether every record can be read, and the files beside it."""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import msgspec

from messages.account import GatewayStarted
from messages.base import Message
from messages.codec import CodecError, TooNewToRead
from messages.values import MarketNs
from runtime.journal_errors import refusing
from runtime.journal_export import body_of
from runtime.journal_file import MIGRATIONS, open_read_only
from runtime.journal_reader import Verification, verify
from runtime.journal_records import Record, check_tail
from runtime.journal_snapshots import DIRECTORY, Directory, Snapshots

VIEWS = "trading.views:StateViews"
"""The fold whose texts are the readable files, by its dotted name."""
WRITTEN = "lastUpdated"
"""The one key of a readable file that says when it was written, not what is so."""


class Views(Protocol):
    """What folds readable files from facts."""

    def note(self, fact: Message, at: MarketNs) -> None:
        """Take one fact into account."""

    def take_changed(self, now: MarketNs) -> list[tuple[str, str]]:
        """Name and text of every file that changed since the last call."""


class Findings(msgspec.Struct, frozen=True):
    """What a whole look found."""

    seals: Verification
    unreadable: tuple[str, ...]
    """One line for each kind of record that this program cannot read, with the first place."""
    is_newer: bool
    """Some of them were written by a newer program."""
    kinds: dict[str, int]
    """Records of each kind."""
    stale_files: tuple[str, ...]
    """Readable files that are not what the records say."""
    files: int
    """Readable files looked at."""
    wallets: tuple[str, ...]
    """Whose money it is about: funder addresses, as gateways said them."""
    snapshots: tuple[int, int]
    """How many snapshots beside it can be used, and how many there are."""

    @property
    def ok(self) -> bool:
        """Whole, and readable to the end. A readable file may lag: it follows from the records, not they from it."""
        return self.seals.ok and not self.unreadable


class _Reader:
    """Reads every record on the way, and folds the files."""

    def __init__(self, views: Views, progress: Callable[[int], None]) -> None:
        self.views = views
        self.kinds: dict[str, int] = {}
        self.unreadable: dict[str, str] = {}
        self.is_newer = False
        self.wallets: dict[str, None] = {}
        self._progress = progress

    def see(self, record: Record) -> None:
        """One sound record."""
        self._progress(record.gseq)
        self.kinds[record.kind] = self.kinds.get(record.kind, 0) + 1
        try:
            message = body_of(record)
        except CodecError as error:
            self.is_newer |= isinstance(error, TooNewToRead)
            self.unreadable.setdefault(record.kind, f"gseq {record.gseq}: {error}")
        else:
            if isinstance(message, GatewayStarted):
                self.wallets[message.funder] = None
            self.views.note(message, MarketNs(record.market_at))


def check(path: Path, progress: Callable[[int], None], views: str = VIEWS) -> Findings:
    """Look at everything. Raises JournalHeld, JournalTooNew, JournalUnreadable, JournalCorrupt."""
    module, _, name = views.partition(":")
    reader = _Reader(getattr(importlib.import_module(module), name)(), progress)
    seals = verify(path, reader.see)
    files = reader.views.take_changed(MarketNs(0)) if seals.ok else []
    found = {name: (_content(text), _read(path.parent / name)) for name, text in files}
    there = {name: both for name, both in found.items() if both[1] is not None}
    stale = tuple(name for name, (folded, told) in there.items() if folded != told)
    unreadable = tuple(reader.unreadable.values())
    return Findings(
        seals,
        unreadable,
        reader.is_newer,
        reader.kinds,
        stale,
        len(there),
        tuple(reader.wallets),
        _snapshots(path) if seals.ok else (0, 0),
    )


class _AtRest:
    """A journal that nobody writes, as snapshots want to know it."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self.head = check_tail(db, path).head

    def seal_of(self, gseq: int) -> bytes:
        """The seal of a place, b"" where there is none."""
        found = self._db.execute("SELECT chain FROM journal WHERE gseq = ?", (gseq,)).fetchone()
        return b"" if found is None else bytes(found[0])


def _snapshots(path: Path) -> tuple[int, int]:
    with closing(open_read_only(path, len(MIGRATIONS))) as db, refusing(path):
        return Snapshots(Directory(path.parent / DIRECTORY), _AtRest(db, path)).sound()


def _read(path: Path) -> Any:
    """A file's content without its date; None where there is none."""
    try:
        return _content(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError):
        return {}


def _content(text: str | bytes) -> Any:
    content = msgspec.json.decode(text)
    if isinstance(content, dict):
        content.pop(WRITTEN, None)
    return content
