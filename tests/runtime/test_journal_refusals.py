"""A journal that is held, newer, damaged or none at all is refused in one line and left as it is."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from runtime.journal import (
    Journal,
    JournalCorrupt,
    JournalError,
    JournalFailed,
    JournalHeld,
    JournalTooNew,
    JournalUnreadable,
)
from runtime.journal_file import damage_note, wal_of
from runtime.journal_reader import read_journal, verify
from tests.runtime.journals import ROOT, an_event, crash, events, journal, path, sabotage, write

__all__ = ["journal", "path"]


def test_there_is_one_writer(path, journal):
    write(journal, 3)

    with pytest.raises(JournalHeld, match="held by another process"):
        Journal.open(path)
    with pytest.raises(JournalHeld):
        read_journal(path)
    script = (
        f"from pathlib import Path; from runtime.journal import Journal; Journal.open(Path({str(path)!r}))"
    )
    other = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert f"{path}: held by another process" in other.stderr
    write(journal, 3)
    assert journal.read(0, 9) == events(6)


def test_a_reader_at_work_keeps_writers_out(path, journal):
    write(journal, 3)
    journal.close()
    reader = read_journal(path)
    next(reader)

    with pytest.raises(JournalHeld):
        Journal.open(path)
    reader.close()
    Journal.open(path).close()


def test_a_newer_journal_is_refused_and_left_alone(path, journal):
    write(journal, 3)
    journal.close()
    sabotage(path, "PRAGMA user_version=2")
    before = path.read_bytes()

    for use in (Journal.open, read_journal, verify):
        with pytest.raises(JournalTooNew, match="version 2") as refused:
            use(path)
        assert refused.value.exit_code == 78
    assert path.read_bytes() == before


@pytest.mark.parametrize("use", [Journal.open, read_journal, verify])
def test_what_is_no_journal_is_refused_in_one_line(tmp_path, use):
    (tmp_path / "text").write_text("price,size\n" * 500)
    (tmp_path / "empty").touch()
    (tmp_path / "directory").mkdir()
    sabotage(tmp_path / "database", "CREATE TABLE accounts(id)")
    before = (tmp_path / "database").read_bytes()

    for name in ("text", "empty", "directory", "database", "text/journal.db", "no/journal.db"):
        with pytest.raises(JournalUnreadable) as refused:
            use(tmp_path / name)
        assert str(refused.value).startswith(f"{tmp_path / name}: ")
        assert "\n" not in str(refused.value)
        assert refused.value.exit_code == 74
    assert (tmp_path / "database").read_bytes() == before
    assert (tmp_path / "empty").stat().st_size == 0


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A directory of somebody for whom rights count, even when we are root."""
    uid = os.geteuid()
    with tempfile.TemporaryDirectory() as directory:
        if uid == 0:
            os.chown(directory, 65_534, -1)
            os.seteuid(65_534)
        try:
            yield Path(directory)
        finally:
            os.seteuid(uid)


def test_a_journal_we_may_not_write_is_refused():
    with unprivileged() as directory:
        path = directory / "journal.db"
        with closing(Journal.open(path)) as journal:
            write(journal, 3)
        for target, mode, reason in (
            (path, 0o400, "not writable"),
            (directory, 0o500, "its directory is not"),
        ):
            before = target.stat().st_mode
            target.chmod(mode)
            with pytest.raises(JournalUnreadable, match=f"{path}: {reason}"):
                Journal.open(path)
            target.chmod(before)
        with closing(Journal.open(path)) as again:
            assert again.head == 3


def test_a_log_whose_database_is_lost_is_not_overwritten(path, journal):
    write(journal, 3)
    crashed = crash(path, path.parent / "crashed")
    log = wal_of(crashed).read_bytes()
    for lose in (lambda: crashed.write_bytes(b""), crashed.unlink):
        lose()
        with pytest.raises(JournalCorrupt):
            Journal.open(crashed)
        assert wal_of(crashed).read_bytes() == log


@pytest.mark.parametrize(
    ("damage", "gseq"),
    [
        ("UPDATE journal SET envelope = x'00' WHERE gseq = 40", 40),
        ("UPDATE journal SET market_at = market_at + 1 WHERE gseq = 1", 1),
        ("UPDATE journal SET run = 'text' WHERE gseq = 7", 7),
        ("UPDATE journal SET kind = CAST(x'ff' AS TEXT) WHERE gseq = 7", 7),
        ("UPDATE journal SET chain = 3 WHERE gseq = 49", 49),
        ("UPDATE journal SET chain = x'00' WHERE gseq = 50", 50),
        ("DELETE FROM journal WHERE gseq = 21", 21),
        ("DELETE FROM journal WHERE gseq = 1", 1),
    ],
)
def test_a_changed_or_missing_record_is_named(path, journal, damage, gseq):
    write(journal, 50, group=10)
    journal.close()
    sabotage(path, damage)
    before = path.read_bytes()

    with pytest.raises(JournalCorrupt, match=f"gseq {gseq}:") as refused:
        Journal.open(path)
    assert (refused.value.gseq, refused.value.exit_code) == (gseq, 74)
    sound = []
    with pytest.raises(JournalCorrupt, match=f"gseq {gseq}:"):
        sound.extend(read_journal(path))
    assert tuple(sound) == events(gseq - 1)[: len(sound)]
    report = verify(path)
    assert (report.chain_ok, report.ok, report.sound_to) == (False, False, len(sound))
    assert path.read_bytes() == before


def test_damage_before_the_tail_is_met_by_who_reads_there(path, journal, monkeypatch):
    write(journal, 50, group=10)
    journal.close()
    sabotage(path, "UPDATE journal SET envelope = x'00' WHERE gseq = 7")
    monkeypatch.setattr("runtime.journal_records.TAIL", 10)

    with closing(Journal.open(path)) as again:
        assert again.read(10, 99) == events(50)[10:]
        for kinds in (None, {an_event(7).kind}):
            with pytest.raises(JournalCorrupt, match="gseq 7"):
                again.read(0, 99, kinds)
    assert not verify(path).ok
    damage_note(path).unlink()
    sabotage(path, "DELETE FROM journal WHERE gseq = 1")
    with pytest.raises(JournalCorrupt, match="gseq 1"):
        Journal.open(path)


def test_a_damaged_page_yields_a_prefix_or_is_refused(tmp_path, journal):
    write(journal, 300, group=50)
    journal.close()
    whole = journal.path.read_bytes()
    copy = tmp_path / "damaged.db"
    unseen = 0
    for at in range(37, len(whole), len(whole) // 40):
        copy.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        sound = []
        try:
            sound.extend(read_journal(copy))
        except JournalError:
            assert len(sound) < 300
        assert tuple(sound) == events(len(sound))
        try:
            unseen += verify(copy).ok
        except JournalError:
            continue
    assert unseen < 10, "only what no record lies in goes unseen"


def test_the_exit_codes_are_those_the_supervisor_knows():
    errors = (JournalUnreadable, JournalCorrupt, JournalFailed, JournalHeld, JournalTooNew)

    assert [e.exit_code for e in errors] == [74, 74, 74, 75, 78]
