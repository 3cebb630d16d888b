"""An older journal is brought forward, or left as it was."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from runtime.journal import Journal, JournalCorrupt, JournalFailed, JournalTooNew
from runtime.journal_file import MIGRATIONS
from runtime.journal_reader import read_journal, verify
from tests.runtime.journals import crash, events, journal, path, write

__all__ = ["journal", "path"]

NEXT_VERSION = (*MIGRATIONS, ("CREATE INDEX by_market ON journal(market)", "ANALYZE"))


def test_an_older_journal_is_copied_then_brought_forward(path, journal):
    write(journal, 5)
    crashed = crash(path, path.parent / "crashed")
    journal.close()

    with closing(Journal.open(crashed, NEXT_VERSION)) as newer:
        assert newer.read(0, 9) == events(5)
        write(newer, 2)
        assert newer.read(0, 9) == events(7)
    copy = crashed.with_name("journal.db.v1")
    assert copy.stat().st_mode & 0o777 == 0o600
    assert tuple(read_journal(copy)) == events(5)
    assert verify(copy).version == 1
    with pytest.raises(JournalTooNew):
        Journal.open(crashed)
    with closing(Journal.open(crashed, NEXT_VERSION)) as newer:
        assert newer.head == 7


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (("CREATE TABLE extra(x)", "ALTER TABLE nowhere ADD COLUMN y"), JournalFailed),
        (("CREATE TABLE extra(x)", "DELETE FROM journal WHERE gseq = 2"), JournalCorrupt),
    ],
)
def test_a_migration_that_fails_leaves_the_old_version(path, journal, step, error):
    write(journal, 5)
    journal.close()

    with pytest.raises(error):
        Journal.open(path, (*MIGRATIONS, step))
    with closing(Journal.open(path)) as again:
        assert again.read(0, 9) == events(5)
    assert verify(path).version == 1
    assert sorted(p.name for p in path.parent.iterdir() if p.suffix not in (".db-wal", ".db-shm")) == [
        "journal.db",
        "journal.db.v1",
    ]


def test_a_journal_made_new_has_gone_through_every_version(path):
    with closing(Journal.open(path, NEXT_VERSION)) as journal:
        write(journal, 3)
    assert [p.name for p in path.parent.iterdir()] == ["journal.db"]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
