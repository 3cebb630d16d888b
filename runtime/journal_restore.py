"""A damaged journal is put aside, never deleted; what can be proven of it goes on, frozen until a person has looked."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from messages.codec import encode_envelope
from messages.risk import HaltCause, Level, TradingHalted
from messages.system import ClockAnchor
from messages.values import MarketNs, RealNs, RoleName
from runtime.clock import Clock
from runtime.journal_backup import backups, good_backups
from runtime.journal_errors import JournalCorrupt, JournalError, JournalHeld, NotAJournal, refusing
from runtime.journal_file import (
    MIGRATIONS,
    connect,
    damage_note,
    migrate,
    open_read_only,
    real,
    sync_directory,
    wal_of,
)
from runtime.journal_reader import verify
from runtime.journal_records import (
    GENESIS,
    INSERT,
    SELECT,
    Record,
    Tail,
    check_tail,
    columns,
    follow,
    seal,
)
from runtime.stamp import Stamp

QUARANTINE = ".quarantine"
RESTORER = RoleName("restore")


class Restored(msgspec.Struct, frozen=True):
    """What became of a damaged journal."""

    reason: str
    """What was wrong with it."""
    quarantine: Path
    """Where it is now."""
    copy: Path | None
    """What it was restored from; None: from its own sound beginning alone."""
    head: int
    """Events that are there again; one more says that trading is frozen."""

    def __str__(self) -> str:
        source = f"{self.copy.parent.name}/{self.copy.name}" if self.copy else "its own sound beginning"
        return (
            f"journal restored from {source} up to event {self.head:,}; it was damaged ({self.reason}) and lies in "
            f"{self.quarantine.name}; frozen until: python -m control resume --reason …"
        )


def restore_if_damaged(path: Path) -> Restored | None:
    """Look at a journal before anybody opens it; a damaged one is replaced by what can be proven.

    Only its tail is looked at, and all of it where damage was met before. One that is gone while copies of it are there
    is damaged, too. Raises JournalCorrupt, with nothing changed, where there is no sound copy.
    """
    path = real(path)
    reason = _unfinished(path) or damage_of(path)
    return None if reason is None else restore(path, reason, needs_copy=True)


def damage_of(path: Path) -> str | None:
    """What is wrong with a journal; None: nothing that a look at its tail shows, or another trouble than damage."""
    note = damage_note(path)
    if not os.path.lexists(path):
        return "it is gone" if backups(path) else None
    try:
        if note.exists():
            found = verify(path)
            if found.problem:
                return found.problem
            note.unlink()
        with closing(open_read_only(path, len(MIGRATIONS))) as db:
            check_tail(db, path)
    except JournalCorrupt as error:
        return error.reason
    except NotAJournal as error:
        return error.reason if backups(path) else None
    except JournalError:
        return None  # whoever opens it says so
    return None


def restore(path: Path, reason: str, *, needs_copy: bool) -> Restored:
    """Replace a journal by the longest beginning of it that can be proven. Raises JournalError, nothing changed."""
    path = real(path)
    _refuse_if_held(path)
    copy = next(good_backups(path), None)
    if copy is None and needs_copy:
        raise JournalCorrupt(
            path, f"{reason}; there is no sound copy to restore it from, nothing was changed"
        )
    whole = path.with_name(f"{path.name}.restored")
    if not whole.exists():
        with refusing(path):
            _build(path, copy, reason, whole)
    with refusing(path):
        head = _head(whole) - 1
        quarantine = _put_aside(path)
        os.replace(whole, path)
        damage_note(path).unlink(missing_ok=True)
        sync_directory(path.parent)
    return Restored(reason, quarantine, copy, head)


def _unfinished(path: Path) -> str | None:
    """Why a restoring was begun that came as far as a whole new file."""
    return "a restoring was not finished" if path.with_name(f"{path.name}.restored").exists() else None


def _refuse_if_held(path: Path) -> None:
    try:
        open_read_only(path, len(MIGRATIONS)).close()
    except JournalHeld:
        raise
    except JournalError:
        return


def _build(path: Path, copy: Path | None, reason: str, whole: Path) -> None:
    """The new file, complete and durable, or none of it."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL, 0o600))
    if copy is not None:
        shutil.copyfile(copy, part)
    with closing(connect(part, "rw")) as db:
        db.execute("PRAGMA journal_mode=OFF")
        db.execute("PRAGMA synchronous=OFF")
        if copy is None:
            migrate(db, part, 0, MIGRATIONS)
        tail = _append(db, check_tail(db, part), _salvaged(path, check_tail(db, part)))
        _append(db, tail, iter((_halt(tail, reason),)))
    found = verify(part)
    if found.problem:
        raise JournalCorrupt(path, f"what was restored of it is not sound: {found.problem}")
    handle = os.open(part, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(part, whole)
    sync_directory(path.parent)


def _salvaged(path: Path, tail: Tail) -> Iterator[Record]:
    """What the damaged one has beyond the copy, as far as it can be proven to follow on it."""
    try:
        with closing(open_read_only(path, len(MIGRATIONS))) as db, refusing(path):
            mine = db.execute("SELECT chain FROM journal WHERE gseq = ?", (tail.head,)).fetchone()
            if tail.head and (mine is None or mine[0] != tail.chain):
                return
            yield from follow(path, db.execute(SELECT + "ORDER BY gseq", (tail.head,)), tail.head)
    except JournalError:
        return


def _append(db: sqlite3.Connection, tail: Tail, records: Iterator[Record]) -> Tail:
    """Records sealed on; where it ends now."""
    head, chain, market_at = tail
    db.execute("BEGIN")
    for record in records:
        row = columns(record)
        chain = seal(chain, row)
        db.execute(INSERT, (*row, chain))
        head, market_at = record.gseq, max(market_at, record.market_at)
    db.execute("COMMIT")
    return Tail(head, chain or GENESIS, market_at)


def _halt(tail: Tail, reason: str) -> Record:
    """The last record of what is restored: nothing but cancels until a person resumes."""
    clock = Clock(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(tail.market_at), speed=0))
    halted = TradingHalted(
        cause=HaltCause.JOURNAL,
        level=Level.FREEZE,
        reason=f"the journal was damaged ({reason}); what came after event {tail.head:,} is unknown",
        by=RESTORER,
    )
    sealed = Stamp(RESTORER, 0, secrets.randbits(63), clock).seal(halted, "facts", None)
    return Record(
        tail.head + 1,
        sealed.id,
        sealed.kind,
        sealed.market,
        sealed.source,
        sealed.run,
        int(sealed.real_at),
        sealed.wall_at,
        int(sealed.market_at),
        encode_envelope(sealed),
    )


def _put_aside(path: Path) -> Path:
    """The damaged files under names that SQLite still knows to belong together."""
    used = [p.suffix[1:] for p in path.parent.glob(f"{path.name}{QUARANTINE}.*")]
    number = max((int(n) for n in used if n.isdecimal()), default=0)
    if path.exists() or not number:
        number += 1
    aside = path.with_name(f"{path.name}{QUARANTINE}.{number}")
    for old, new in ((path, aside), (wal_of(path), wal_of(aside))):
        if old.exists():
            os.replace(old, new)
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    return aside


def _head(path: Path) -> int:
    with closing(open_read_only(path, len(MIGRATIONS))) as db:
        return check_tail(db, path).head
