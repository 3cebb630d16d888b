"""A mistake that comes again and again is not tried a fourth time; it is named, and a person may try it anew."""

import msgspec
import pytest

from messages.values import SECOND
from runtime.child import Phase
from runtime.end_note import EndNote, find
from runtime.restarts import Restart
from tests.factories import retired
from tests.runtime import troupe
from tests.runtime.ends import JournalEnd, a_wiring, until
from tests.runtime.test_supervision import Nursery

FAILS = "raise SystemExit(70)"


@pytest.fixture
def nursery(tmp_path):
    built = Nursery(tmp_path)
    yield built
    built.close()


def ends_by(nursery, *traces):
    """Each process of the nursery leaves the next of these traces, the last one for ever."""
    left = list(traces)

    def note_of(child):
        trace = left.pop(0) if len(left) > 1 else left[0]
        return EndNote(role=child.role, incarnation=child.incarnation, text="ValueError: no", trace=trace)

    nursery.tree.ends.note_of = note_of


def test_the_third_time_the_same_mistake_is_the_last(nursery):
    ends_by(nursery, "aa")
    child = nursery.launch(FAILS, intensity=10, vital=False)
    nursery.until(lambda: child.phase is Phase.FAILED)

    assert nursery.spawned == 3
    why = nursery.tree.ends.given_up()["clerk"]
    assert why == "clerk ends by the same mistake again and again, exit 70, software: ValueError: no"


def test_without_a_vital_one_everything_ends_with_that_reason(nursery):
    ends_by(nursery, "aa")
    nursery.launch(FAILS, intensity=10)
    nursery.until(lambda: nursery.tree.ends.escalated)

    code, why = nursery.tree.ends.escalated
    assert (code, nursery.spawned) == (70, 3)
    assert "same mistake again and again" in why


def test_different_mistakes_are_only_counted(nursery):
    ends_by(nursery, "aa", "bb", "aa", "bb", "aa", "bb")
    child = nursery.launch(FAILS, intensity=3, vital=False)
    nursery.until(lambda: child.phase is Phase.FAILED)

    assert nursery.spawned == 4
    assert nursery.tree.ends.given_up()["clerk"] == "clerk ended too often and stays down"


def test_an_end_without_a_mistake_of_its_own_breaks_the_row(nursery):
    ends_by(nursery, "aa", "aa", "", "aa")
    child = nursery.launch(FAILS, intensity=3, vital=False)
    nursery.until(lambda: child.phase is Phase.FAILED)

    assert nursery.spawned == 4


def test_a_person_gives_it_all_its_tries_again(nursery):
    ends_by(nursery, "aa")
    child = nursery.launch(FAILS, intensity=10, vital=False)
    nursery.until(lambda: child.phase is Phase.FAILED)
    nursery.tree.revive()
    assert nursery.tree.ends.given_up() == {}
    nursery.until(lambda: child.phase is Phase.FAILED)

    assert nursery.spawned == 6


def test_what_a_process_says_why_it_cannot_go_on_is_the_reason_of_the_end(nursery):
    ends_by(nursery, "")
    nursery.launch("raise SystemExit(77)")
    nursery.until(lambda: nursery.tree.ends.escalated)

    assert nursery.tree.ends.escalated == (77, "clerk: ValueError: no")


@pytest.mark.slow
def test_an_event_that_ends_its_actor_each_time_it_is_told_is_named_with_its_place(tmp_path):
    nursery, journal = Nursery(tmp_path), JournalEnd(tmp_path)
    journal.have(retired(number=1), retired(number=2))
    plan = nursery.plan

    def poisoned(child, name):
        wiring = a_wiring("clerk", dealers=("sup", "jrn"), subscribes=("facts",), facts=("MarketRetired",))
        return msgspec.structs.replace(plan(child, name), wiring=wiring, run_directory=str(tmp_path))

    nursery.plan = poisoned
    nursery.tree.ends.note_of = lambda child: find(tmp_path, child.role, child.incarnation)
    child = nursery.launch(troupe.Poisoned, restart=Restart.TRANSIENT, intensity=10, vital=False)

    def work():
        journal.bus.receive(0)
        journal.answer()
        nursery.tree.step(SECOND // 200)

    try:
        until(lambda: child.phase is Phase.FAILED, work)
    finally:
        nursery.close()
        journal.bus.close()

    assert nursery.spawned == 3
    why = nursery.tree.ends.given_up()["clerk"]
    assert "ValueError: poison (troupe.py:" in why
    assert why.endswith("at MarketRetired, gseq 2 in its recovery")
