"""A damaged journal is put aside and what can be proven of it goes on; nothing is deleted, nothing trades unasked."""

import os
import shutil
import sqlite3
from contextlib import closing

import pytest

import runtime.journal_copy
import runtime.journal_records
import runtime.journal_restore
from messages.codec import decode_body, decode_envelope
from messages.risk import HaltCause, Level, TradingHalted
from runtime.journal import Journal, JournalCorrupt, JournalFailed, JournalHeld
from runtime.journal_backup import backups
from runtime.journal_command import run
from runtime.journal_file import wal_of
from runtime.journal_reader import read_journal, verify
from runtime.journal_restore import restore, restore_if_damaged
from supervisor import main
from tests.runtime.journals import events, sabotage, write


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.db"


def a_journal(path, written=30, copied_at=20):
    """Closed, with a copy of its first events."""
    with closing(Journal.open(path)) as journal:
        write(journal, copied_at or written, group=5)
        if copied_at:
            journal.copies.begin()
            while journal.copies.step() is None:
                pass
            write(journal, written - copied_at, group=5)


def halted(record):
    return decode_body(decode_envelope(record.envelope))


def assert_goes_on(path, head):
    """The first events are there, then the halt, and more can be written."""
    records = tuple(read_journal(path))
    assert records[:-1] == events(head)
    said = halted(records[-1])
    assert isinstance(said, TradingHalted)
    assert (said.cause, said.level) == (HaltCause.JOURNAL, Level.FREEZE)
    assert verify(path).ok
    with closing(Journal.open(path)) as journal:
        assert journal.head == head + 1
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_changed_record_costs_what_came_after_it_and_no_more(path):
    a_journal(path, written=30, copied_at=20)
    sabotage(path, "UPDATE journal SET market = 'x' WHERE gseq = 26")
    before = path.read_bytes()
    restored = restore_if_damaged(path)

    assert restored is not None
    assert restored.head == 25, "five more than the copy has can be proven"
    assert_goes_on(path, 25)
    assert restored.quarantine.read_bytes() == before
    assert "frozen until: python -m control resume" in str(restored)


def test_damage_before_the_copy_costs_nothing_the_copy_has(path, monkeypatch):
    monkeypatch.setattr(runtime.journal_records, "TAIL", 5)
    a_journal(path)
    sabotage(path, "UPDATE journal SET market = 'x' WHERE gseq = 7")
    assert restore_if_damaged(path) is None, "the tail is sound"
    with closing(Journal.open(path)) as journal, pytest.raises(JournalCorrupt, match="gseq 7"):
        journal.read(0, 99)
    with pytest.raises(JournalCorrupt, match=r"gseq 7.*restored at the next start"):
        Journal.open(path)

    assert restore_if_damaged(path).head == 30
    assert_goes_on(path, 30)
    assert restore_if_damaged(path) is None


def test_damage_where_no_record_lies_is_met_by_who_writes_and_restored_at_the_next_start(path):
    a_journal(path)
    with closing(sqlite3.connect(path)) as db:
        (page,) = db.execute(
            "SELECT rootpage FROM sqlite_master WHERE name LIKE 'sqlite_autoindex%'"
        ).fetchone()
        size = int(db.execute("PRAGMA page_size").fetchone()[0])
    whole = bytearray(path.read_bytes())
    whole[(page - 1) * size : page * size] = bytes(size)
    path.write_bytes(whole)
    with closing(Journal.open(path)) as journal, pytest.raises(JournalFailed):
        write(journal, 1)
    restored = restore_if_damaged(path)

    assert restored.head == 30
    assert_goes_on(path, 30)


def test_word_of_damage_that_is_no_more_is_forgotten(path, monkeypatch):
    a_journal(path)
    (path.parent / "journal.db.damaged").write_text("corrupt at gseq 7")

    assert restore_if_damaged(path) is None
    Journal.open(path).close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
        lambda path: os.truncate(path, path.stat().st_size // 2),
        lambda path: path.write_bytes(path.read_bytes()[:100] + bytes(4096) + path.read_bytes()[4196:]),
        lambda path: (path.unlink(), wal_of(path).write_bytes(b"left")),
    ],
    ids=["emptied", "deleted", "cut in half", "first page gone", "only its log left"],
)
def test_however_the_file_is_lost_its_copy_takes_its_place(path, spoil):
    a_journal(path)
    spoil(path)
    restored = restore_if_damaged(path)

    assert restored is not None
    assert restored.head >= 20
    assert_goes_on(path, restored.head)


def test_without_a_copy_it_is_refused_and_left_as_it_is_until_a_person_says_restore(path, capsys):
    a_journal(path, written=30, copied_at=0)
    sabotage(path, "UPDATE journal SET market = 'x' WHERE gseq = 26")
    before = path.read_bytes()
    with pytest.raises(JournalCorrupt, match=r"no sound copy.*nothing was changed"):
        restore_if_damaged(path)
    assert path.read_bytes() == before
    assert {p.name for p in path.parent.iterdir()} <= {"journal.db", "journal.db-wal", "journal.db-shm"}

    assert run(["restore", str(path)]) == 0
    assert "restored from its own sound beginning up to event 25" in capsys.readouterr().out
    assert_goes_on(path, 25)


def test_a_sound_journal_is_not_restored(path, capsys):
    a_journal(path)

    assert run(["restore", str(path)]) == 2
    assert restore_if_damaged(path) is None
    assert restore_if_damaged(path.parent / "none.db") is None


def test_a_bad_copy_is_passed_over_for_the_one_before(path):
    a_journal(path, written=20, copied_at=10)
    with closing(Journal.open(path)) as journal:
        journal.copies.begin()
        while journal.copies.step() is None:
            pass
    newest, before = backups(path)
    sabotage(newest, "UPDATE journal SET market = 'x' WHERE gseq = 3")
    path.unlink()
    restored = restore_if_damaged(path)

    assert (restored.copy, restored.head) == (before, 10)
    assert_goes_on(path, 10)


def test_a_copy_of_another_history_gets_nothing_of_the_damaged_one(path, tmp_path):
    a_journal(path, written=30, copied_at=20)
    other = tmp_path / "other" / "journal.db"
    other.parent.mkdir()
    with closing(Journal.open(other)) as journal:
        write(journal, 5)
        journal.stage(b"x" * 16, "Other", "", "a@1", 1, 1, 1, 1, b"e")
        journal.commit()
        journal.copies.begin()
        while journal.copies.step() is None:
            pass
    shutil.rmtree(path.parent / "backups")
    shutil.copytree(other.parent / "backups", path.parent / "backups")
    sabotage(path, "UPDATE journal SET market = 'x' WHERE gseq = 26")

    assert restore_if_damaged(path).head == 6


def test_nothing_is_ever_deleted(path):
    for number in (1, 2, 3):
        if number == 1:
            a_journal(path)
        path.write_bytes(b"damage %d" % number + bytes(4096))
        path.write_bytes(b"SQLite format 3\x00" + b"damage %d" % number + bytes(4096))
        restore(path, "a test", needs_copy=True)

    aside = sorted(path.parent.glob("journal.db.quarantine.*"))
    assert [b"damage %d" % n in p.read_bytes() for n, p in enumerate(aside, 1)] == [True] * 3


@pytest.mark.parametrize("step", range(4))
def test_a_restoring_that_is_broken_off_anywhere_is_finished_at_the_next_start(path, step, monkeypatch):
    a_journal(path, written=30, copied_at=20)
    with closing(Journal.open(path)) as journal:
        write(journal, 5)
        shutil.copy(wal_of(path), path.parent / "log")
    shutil.copy(path.parent / "log", wal_of(path))
    sabotage(path, "UPDATE journal SET market = 'x' WHERE gseq = 26")
    shutil.copy(path.parent / "log", wal_of(path))
    calls, real = [], os.replace

    def dies(old, new):
        calls.append(new)
        if len(calls) > step:
            raise KeyboardInterrupt
        real(old, new)

    monkeypatch.setattr(os, "replace", dies)
    try:
        restore(path, "a test", needs_copy=True)
    except KeyboardInterrupt:
        assert len(calls) == step + 1
    monkeypatch.undo()
    restored = restore_if_damaged(path)
    assert restored is not None or len(calls) <= step

    assert verify(path).ok
    assert tuple(read_journal(path))[:20] == events(20)
    assert isinstance(halted(tuple(read_journal(path))[-1]), TradingHalted)
    assert len(list(path.parent.glob("journal.db.quarantine.1"))) == 1


def test_a_journal_in_use_is_not_restored(path):
    a_journal(path)
    with closing(Journal.open(path)), pytest.raises(JournalHeld):
        restore(path, "a test", needs_copy=True)


def test_a_start_on_a_damaged_journal_without_a_copy_ends_before_anything_runs(path, capfd):
    a_journal(path, written=30, copied_at=0)
    sabotage(path, "UPDATE journal SET market = 'x' WHERE gseq = 26")
    code = main(["--state", str(path.parent)])

    assert code == 74
    said = capfd.readouterr().err
    assert said == (
        f"supervisor: {path}: corrupt at gseq 26: the seal does not fit; there is no sound copy to restore it from, "
        "nothing was changed\n"
    )
