"""Copies made while the journal is written: whole, proven, and nobody's business but their own."""

import os
import sqlite3
from contextlib import closing

import pytest

import runtime.journal_copy
import runtime.journal_records
from runtime.journal import Journal, JournalCorrupt
from runtime.journal_backup import backup_path, backups, good_backups
from runtime.journal_copy import KEPT, KEPT_AT_LEAST, ROOM, prune
from runtime.journal_reader import read_journal, verify
from tests.runtime.journals import events, journal, path, sabotage, write

__all__ = ["journal", "path"]


@pytest.fixture(autouse=True)
def in_small_steps(monkeypatch):
    monkeypatch.setattr(runtime.journal_copy, "ROWS", 10)
    monkeypatch.setattr(runtime.journal_copy, "PIECE", 4096)


def copied(journal, meanwhile=lambda: None):
    """One copy from its beginning to its end; how many steps it took, and what was told."""
    assert journal.copies.begin()
    steps = 1
    while (told := journal.copies.step()) is None:
        meanwhile()
        steps += 1
    return steps, told


def test_a_copy_is_what_was_committed_when_it_began(path, journal):
    write(journal, 45, group=5)
    steps, told = copied(journal, meanwhile=lambda: write(journal, 1))

    (copy,) = backups(path)
    assert told == (True, f"Journal copied: backups/{copy.name}, 45 events")
    assert tuple(read_journal(copy)) == events(45)
    assert verify(copy).ok
    assert steps > 8, "each step is a short one"
    assert journal.read(0, 999) == events(journal.head), "and the journal went on meanwhile"


def test_the_next_copy_goes_on_from_the_one_before(path, journal):
    write(journal, 40, group=5)
    copied(journal)
    write(journal, 25, group=5)
    read = []
    real = journal.read
    journal.read = lambda after, limit: read.append(after) or real(after, limit)
    copied(journal)

    assert read == [40, 50, 60]
    newest, before = backups(path)
    assert tuple(read_journal(newest)) == events(65)
    assert tuple(read_journal(before)) == events(40)


def test_where_nothing_is_new_nothing_is_copied(path, journal):
    assert not journal.copies.begin()
    write(journal, 3)
    copied(journal)

    assert not journal.copies.begin()
    assert len(backups(path)) == 1


def test_a_copy_of_another_history_is_not_built_upon(path, journal):
    write(journal, 30, group=5)
    copied(journal)
    sabotage(backups(path)[0], "UPDATE journal SET chain = zeroblob(16) WHERE gseq = 30")
    write(journal, 5)
    copied(journal)

    assert tuple(read_journal(backups(path)[0])) == events(35)


def test_damage_in_what_is_taken_over_is_found_before_the_copy_counts(path, journal):
    write(journal, 30, group=5)
    copied(journal)
    sabotage(backups(path)[0], "UPDATE journal SET market = 'x' WHERE gseq = 7")
    write(journal, 5)
    _, told = copied(journal)

    assert (told.ok, "corrupt at gseq 7" in told.text) == (False, True)
    assert [p.name for p in path.parent.joinpath("backups").iterdir()] == [backup_path(path, 30).name]
    assert list(good_backups(path)) == []


def test_a_damaged_journal_is_no_failed_copy_but_a_damaged_journal(path, journal, monkeypatch):
    write(journal, 30, group=5)
    journal.close()
    sabotage(path, "UPDATE journal SET market = 'x' WHERE gseq = 7")
    monkeypatch.setattr(runtime.journal_records, "TAIL", 5)

    with closing(Journal.open(path)) as opened, pytest.raises(JournalCorrupt, match="gseq 7"):
        copied(opened)


def test_a_full_disk_fails_the_copy_and_nothing_else(path, journal, monkeypatch):
    write(journal, 30, group=5)

    def full(fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdatasync", full)
    _, told = copied(journal)

    assert told == (False, "Journal copy failed: [Errno 28] No space left on device")
    assert list(path.parent.joinpath("backups").iterdir()) == []
    write(journal, 5)
    assert journal.read(0, 99) == events(35)


def test_a_copy_that_was_broken_off_leaves_nothing_in_the_way(path, journal):
    write(journal, 30, group=5)
    journal.copies.begin()
    journal.copies.step()
    journal.close()
    assert backups(path) == []
    with closing(Journal.open(path)) as again:
        copied(again)

    assert tuple(read_journal(backups(path)[0])) == events(30)


def test_a_copy_is_for_its_owner_alone_and_has_no_files_beside_it(path, journal):
    write(journal, 30, group=5)
    copied(journal)

    (copy,) = path.parent.joinpath("backups").iterdir()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert copy.parent.stat().st_mode & 0o777 == 0o700


def test_the_newest_copies_are_kept_fewer_where_the_disk_is_short(tmp_path):
    journal = tmp_path / "journal.db"
    (tmp_path / "backups").mkdir()
    for head in range(1, KEPT + 11):
        backup_path(journal, head).touch()
    prune(journal, lambda directory: ROOM)
    assert [int(p.stem[-15:]) for p in backups(journal)] == list(range(KEPT + 10, 10, -1))

    prune(journal, lambda directory: ROOM if len(backups(journal)) <= 20 else 0)
    assert len(backups(journal)) == 20
    prune(journal, lambda directory: 0)
    assert [int(p.stem[-15:]) for p in backups(journal)] == list(
        range(KEPT + 10, KEPT + 10 - KEPT_AT_LEAST, -1)
    )


def test_the_journal_has_one_connection_while_it_is_copied(path, journal, monkeypatch):
    write(journal, 30, group=5)
    opened = []
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda name, **how: opened.append(name) or real(name, **how))
    copied(journal)

    assert opened
    assert not [name for name in opened if f"{path}?" in name]
