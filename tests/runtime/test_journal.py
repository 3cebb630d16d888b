"""The journal keeps every acknowledged Event once and in order, and is read by place, kind and market."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runtime.journal
from runtime.journal import Journal, JournalFailed, Record
from runtime.journal_file import connect, pragma, prepare, wal_of
from runtime.journal_reader import read_journal, verify
from tests.runtime.journals import MARKETS, ROOT, an_event, crash, events, journal, path, stage, write

__all__ = ["journal", "path"]


def test_what_was_committed_is_read_back_as_it_was(path, journal):
    write(journal, 20, group=4)

    assert journal.read(0, 100) == events(20)
    journal.close()
    assert tuple(read_journal(path)) == events(20)
    with closing(Journal.open(path)) as again:
        assert again.read(0, 100) == events(20)


def test_the_sequence_is_global_and_has_no_holes(path, journal):
    write(journal, 5)
    journal.close()

    with closing(Journal.open(path)) as again:
        assert (again.head, again.last_market_at) == (5, an_event(5).market_at)
        stage(again, 6)
        stage(again, 7)
        assert [r.gseq for r in again.commit()] == [6, 7]
        assert (again.head, again.last_market_at) == (7, an_event(7).market_at)


def test_what_is_staged_is_nothing_yet(path, journal):
    stage(journal, 1)

    assert (journal.staged, journal.head, journal.read(0, 10)) == (1, 0, ())
    assert journal.commit() == events(1)
    assert (journal.staged, journal.commit()) == (0, ())
    stage(journal, 2)
    journal.close()
    assert tuple(read_journal(path)) == events(1)


def test_the_same_id_is_journaled_once(path, journal):
    assert stage(journal, 1) is None
    assert stage(journal, 2) is None
    assert stage(journal, 2) == 2, "while staged"
    journal.commit()
    assert stage(journal, 1) == 1, "after the commit"
    assert journal.staged == 0
    journal.close()

    with closing(Journal.open(path)) as again:
        assert stage(again, 2) == 2, "after a restart"
        assert (again.commit(), again.head) == ((), 2)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.one_of(st.integers(1, 12), st.sampled_from(["commit", "reopen", "checkpoint"])), max_size=40)
)
def test_it_behaves_as_a_list_that_knows_its_ids(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("model") / "journal.db"
    journal = Journal.open(path)
    kept: list[bytes] = []
    waiting: list[bytes] = []
    for step in steps:
        if isinstance(step, int):
            known = kept + waiting
            id_ = an_event(step).id
            assert stage(journal, step) == (known.index(id_) + 1 if id_ in known else None)
            waiting += [] if id_ in known else [id_]
        elif step == "commit":
            assert [r.id for r in journal.commit()] == waiting
            kept, waiting = kept + waiting, []
        elif step == "checkpoint":
            journal.checkpoint()
        else:
            journal.close()
            journal, waiting = Journal.open(path), []
        assert (journal.head, journal.staged) == (len(kept), len(waiting))
        assert [r.id for r in journal.read(0, 100)] == kept
    journal.close()


@given(
    run=st.integers(0, 2**64 - 1), text=st.text(st.characters(exclude_categories=["Cs"])), body=st.binary()
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_any_value_survives(tmp_path_factory, run, text, body):
    path = tmp_path_factory.mktemp("values") / "journal.db"
    with closing(Journal.open(path)) as journal:
        journal.stage(bytes(16), text, text, text, run, 2**63 - 1, 0, -1, body)
        written = journal.commit()
        assert journal.read(0, 1) == written
    assert tuple(read_journal(path)) == written
    assert written[0] == Record(1, bytes(16), text, text, text, run, 2**63 - 1, 0, -1, body)


def test_a_reader_asks_for_a_part_by_place_kind_and_market(journal):
    write(journal, 30, group=10)
    fills = tuple(e for e in events(30) if e.kind == "OrderFilled")

    assert journal.read(10, 5) == events(15)[10:]
    assert journal.read(30, 5) == ()
    assert journal.read(0, 3, kinds={"OrderFilled"}) == fills[:3]
    assert journal.read(0, 99, kinds=("OrderFilled", "MarketRetired"), market=MARKETS[1]) == fills
    assert journal.read(fills[2].gseq, 99, market=MARKETS[1]) == fills[3:]
    assert journal.read(0, 99, kinds=()) == ()


def test_the_log_is_moved_into_the_database_once_it_is_long(path, journal, monkeypatch):
    write(journal, 50, group=50)
    small = path.stat().st_size
    journal.checkpoint()
    assert path.stat().st_size == small, "not due"

    monkeypatch.setattr(runtime.journal, "WAL_LIMIT", 100_000)
    for _ in range(40):
        write(journal, 50, group=10)
        journal.checkpoint()
    assert wal_of(path).stat().st_size < 400_000, "it is written again from its beginning"
    assert path.stat().st_size > small
    assert journal.read(0, 9_999) == events(2_050)
    journal.close()
    assert not wal_of(path).exists(), "a clean end leaves one file"


def test_a_commit_is_on_the_disk_before_it_returns(path, journal):
    journal.close()
    settings_of = {
        "journal_mode": "wal",
        "synchronous": 2,
        "wal_autocheckpoint": 0,
        "locking_mode": "exclusive",
    }

    with closing(connect(path, "rw")) as db:
        prepare(db, path)
        assert {name: pragma(db, name) for name in settings_of} == settings_of


def test_nobody_else_may_read_it(path):
    previous = os.umask(0)
    try:
        with closing(Journal.open(path)) as journal:
            write(journal, 3)
            copy = crash(path, path.parent / "crashed")
            modes = {path.stat().st_mode & 0o777, wal_of(path).stat().st_mode & 0o777}
        copy.chmod(0o644)
        wal_of(copy).chmod(0o644)
        with closing(Journal.open(copy)):
            modes |= {copy.stat().st_mode & 0o777, wal_of(copy).stat().st_mode & 0o777}
    finally:
        os.umask(previous)
    assert modes == {0o600}


def test_a_closed_journal_refuses(journal):
    journal.close()
    journal.close()

    with pytest.raises(JournalFailed, match="closed"):
        stage(journal, 1)


def test_the_seal_of_the_head_tells_two_histories_apart(tmp_path):
    seals = []
    for name, first in (("a", 1), ("b", 1), ("c", 2)):
        with closing(Journal.open(tmp_path / name)) as journal:
            stage(journal, first)
            journal.commit()
            stage(journal, 9)
            journal.commit()
            seals.append(journal.chain)
        assert verify(tmp_path / name).chain == journal.chain
    assert seals[0] == seals[1] != seals[2]


def test_the_benchmark_runs(tmp_path):
    command = [sys.executable, "-m", "benchmarks.journal", "--seconds", "0.01", "--directory", str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout

    assert "seed 1" in said
    assert "replay" in said
    assert list(tmp_path.iterdir()) == []
