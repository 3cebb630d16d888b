"""Snapshots that hold are found again, all others are as if they were not there."""

import pytest

from runtime.journal import Journal
from runtime.journal_snapshots import KEPT, MAX_FILES
from simulation.world.memory_journal import MemoryJournal, Store
from tests.runtime.journals import an_event, stage

EVER = 1 << 62


def write(journal, count):
    for n in range(journal.head + 1, journal.head + count + 1):
        stage(journal, n)
    journal.commit()


@pytest.fixture(params=["on the disk", "in memory"])
def journal(request, tmp_path):
    opened = (
        Journal.open(tmp_path / "journal.db") if request.param == "on the disk" else MemoryJournal(Store())
    )
    write(opened, 50)
    yield opened
    opened.close()


@pytest.fixture
def on_disk(tmp_path):
    opened = Journal.open(tmp_path / "journal.db")
    write(opened, 50)
    yield opened
    opened.close()


def image_of(found):
    return None if found is None else (found.gseq, found.image)


def test_the_newest_one_under_a_place_is_found(journal):
    for gseq in (10, 20):
        assert journal.snapshots.keep("maker", "k", gseq, b"%d" % gseq) == ""

    assert image_of(journal.snapshots.find("maker", "k", EVER)) == (20, b"20")
    assert image_of(journal.snapshots.find("maker", "k", 20)) == (10, b"10")
    assert journal.snapshots.find("maker", "k", 10) is None


def test_another_role_and_another_key_see_nothing_of_it(journal):
    journal.snapshots.keep("liquidator:aa", "k", 10, b"x")

    assert image_of(journal.snapshots.find("liquidator:aa", "k", EVER)) == (10, b"x")
    assert journal.snapshots.find("liquidator:ab", "k", EVER) is None
    assert journal.snapshots.find("liquidator:aa", "other program", EVER) is None


def test_only_the_last_ones_of_a_role_are_kept(journal):
    for gseq in range(1, 10):
        journal.snapshots.keep("risk", "k", gseq, b"x")
    journal.snapshots.keep("maker", "k", 3, b"x")

    assert journal.snapshots.sound() == (KEPT + 1, KEPT + 1)
    assert journal.snapshots.find("risk", "k", 9 - KEPT + 1) is None


def test_liquidators_of_long_ago_do_not_pile_up(journal):
    write(journal, MAX_FILES)
    for n in range(MAX_FILES + 20):
        journal.snapshots.keep(f"liquidator:{n:04}", "k", n + 1, b"x")

    assert journal.snapshots.sound() == (MAX_FILES, MAX_FILES)
    assert journal.snapshots.find("liquidator:0000", "k", EVER) is None


def test_what_the_journal_does_not_have_is_not_kept(journal):
    assert "the journal ends at 50" in journal.snapshots.keep("maker", "k", 51, b"x")
    assert journal.snapshots.find("maker", "k", EVER) is None


def test_one_that_was_changed_or_cut_anywhere_is_passed_over_for_the_one_before(on_disk, tmp_path):
    on_disk.snapshots.keep("maker", "k", 10, b"first")
    on_disk.snapshots.keep("maker", "k", 20, b"second")
    (newest,) = tmp_path.glob("snapshots/maker-*20.snapshot")
    whole = newest.read_bytes()
    for at in range(len(whole)):
        newest.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert image_of(on_disk.snapshots.find("maker", "k", EVER)) == (10, b"first"), at
        newest.write_bytes(whole[:at])
        assert image_of(on_disk.snapshots.find("maker", "k", EVER)) == (10, b"first"), at
    newest.write_bytes(whole)

    assert image_of(on_disk.snapshots.find("maker", "k", EVER)) == (20, b"second")
    assert newest.stat().st_mode & 0o777 == 0o600


def test_one_under_another_name_is_none(on_disk, tmp_path):
    on_disk.snapshots.keep("maker", "k", 10, b"x")
    (kept,) = tmp_path.glob("snapshots/*")
    kept.rename(kept.with_name(kept.name.replace("maker", "risk")))

    assert on_disk.snapshots.find("risk", "k", EVER) is None


def test_one_of_another_history_is_none(on_disk, tmp_path):
    on_disk.snapshots.keep("maker", "k", 40, b"x")
    on_disk.close()
    for file in tmp_path.glob("journal.db*"):
        file.unlink()
    other = Journal.open(tmp_path / "journal.db")
    for n in range(101, 161):
        stage(other, n)
    other.commit()

    assert other.snapshots.find("maker", "k", EVER) is None
    assert an_event(1) not in other.read(0, 1)
    other.close()


def test_a_disk_that_takes_nothing_costs_the_snapshot_alone(on_disk, tmp_path):
    (tmp_path / "snapshots").write_text("in the way")

    assert "snapshot of maker: " in on_disk.snapshots.keep("maker", "k", 10, b"x")
