"""A disk that fails at any write: what was acknowledged is there, what failed was never acknowledged, room heals it."""

import os
import resource
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest

from actors.persistence import PersistenceActor
from messages.codec import encode_envelope
from messages.system import AppendEvent, ClockAnchor, EventCommitted
from messages.values import MarketNs, RealNs, RoleName
from runtime.clock import Clock
from runtime.journal import Journal, JournalError, JournalFailed
from runtime.journal_file import pragma, wal_of
from runtime.journal_reader import read_journal
from runtime.stamp import Stamp
from tests.factories import MAKER, Stage, of, taken
from tests.runtime.journals import events, write

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where a file costs no fsync: what these disks refuse does not depend on it."""
GROUPS = 120
"""More commits than any of these disks takes."""


@pytest.fixture
def place():
    with tempfile.TemporaryDirectory(dir=MEMORY) as directory:
        yield Path(directory)


@contextmanager
def a_disk_that_takes(size):
    """No file may grow beyond so many bytes; the write that would is torn there."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def until_it_fails(journal):
    """Write in groups of three; how many were acknowledged before the disk refused."""
    heads = [journal.head]
    with pytest.raises(JournalError) as failed:
        heads.extend(growing(journal))
    assert failed.value.exit_code == 74
    with pytest.raises(JournalFailed):
        journal.commit()
    return heads[-1]


def growing(journal):
    """Each head that was acknowledged."""
    for _ in range(GROUPS):
        write(journal, 3, group=3)
        yield journal.head
        journal.checkpoint()


def assert_nothing_is_lost(path, acknowledged):
    """And with room again it goes on."""
    found = tuple(read_journal(path))
    assert found == events(len(found))
    assert len(found) in (acknowledged, acknowledged + 3), "the refused group is whole, or not there"
    with closing(Journal.open(path)) as journal:
        write(journal, 3, group=3)
    assert tuple(read_journal(path)) == events(len(found) + 3)


@pytest.mark.parametrize("wal_limit", [8 << 20, 60_000], ids=["in the log", "in a checkpoint"])
def test_a_disk_that_is_full_at_any_byte_costs_nothing_that_was_acknowledged(place, monkeypatch, wal_limit):
    monkeypatch.setattr("runtime.journal.WAL_LIMIT", wal_limit)
    met = set()
    for n, size in enumerate(range(33_000, 90_000, 1_303)):
        path = place / f"{n}.db"
        journal = Journal.open(path)
        with a_disk_that_takes(size):
            acknowledged = until_it_fails(journal)
            journal.close()
        assert_nothing_is_lost(path, acknowledged)
        met.add(acknowledged)

    assert len(met) > 3


def test_a_database_that_may_not_grow_another_page_costs_nothing_that_was_acknowledged(place):
    met = set()
    for pages in range(30):
        path = place / f"{pages}.db"
        journal = Journal.open(path)
        allowed = int(pragma(journal._db, "page_count")) + pages
        pragma(journal._db, f"max_page_count={allowed}")
        acknowledged = until_it_fails(journal)
        journal.close()
        assert_nothing_is_lost(path, acknowledged)
        met.add(acknowledged)

    assert len(met) > 3


class Failing:
    """A connection whose n-th statement fails as a disk does, before it is done or after."""

    def __init__(self, db, n, done):
        self._db, self._left, self._done = db, n, done

    def _run(self, do):
        self._left -= 1
        if self._left == 0:
            if self._done:
                do()
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise error
        return do()

    def execute(self, *given):
        return self._run(lambda: self._db.execute(*given))

    def executemany(self, *given):
        return self._run(lambda: self._db.executemany(*given))

    def close(self):
        self._db.close()


@pytest.mark.parametrize("done", [False, True], ids=["not done", "done all the same"])
def test_a_disk_that_errs_at_any_of_two_hundred_calls_is_never_asked_again(place, done):
    for n in range(1, 201):
        path = place / f"{n}.db"
        journal = Journal.open(path)
        journal._db = Failing(journal._db, n, done)
        acknowledged = until_it_fails(journal)
        journal.close()
        assert_nothing_is_lost(path, acknowledged)
        path.unlink()
        wal_of(path).unlink(missing_ok=True)


def test_what_the_disk_refused_is_not_acknowledged_and_ends_the_process_with_74(place):
    path = place / "journal.db"
    writer = Stage(PersistenceActor(Journal.open(path)), RoleName("persistence"))
    stamp = Stamp(MAKER, 7, 99, Clock(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(0), speed=0)))
    envelopes = [stamp.seal(taken(), "facts", None) for _ in range(2)]
    asks = [AppendEvent(sender="maker@7", envelope=msgspec.Raw(encode_envelope(e))) for e in envelopes]
    writer.hear(asks[0])
    assert len(of(EventCommitted, writer.call("commit"))) == 1
    writer.hear(asks[1])
    with a_disk_that_takes(wal_of(path).stat().st_size), pytest.raises(JournalFailed) as failed:
        writer.call("commit")
    assert failed.value.exit_code == 74
    writer.actor.journal.close()

    again = Stage(PersistenceActor(Journal.open(path)), RoleName("persistence"))
    said = again.hear(*asks) + again.call("commit")
    assert [(c.id, c.gseq) for c in of(EventCommitted, said)] == [(envelopes[0].id, 1), (envelopes[1].id, 2)]
    again.actor.journal.close()
