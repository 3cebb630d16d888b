"""Which exits are open and who works them off, whatever is told twice or in a gap."""

from hypothesis import given
from hypothesis import strategies as st

from messages.liquidation import ExitCompleted
from messages.values import ExitId, Shares
from runtime.exits import Exits, liquidator_for
from tests.factories import MARKET, OTHER, assigned, gateway_started, retired


def completed(market=MARKET, number=1):
    return ExitCompleted(exit=ExitId(f"{market}#{number}"), market=market, slug="s", left=Shares(0))


def after(*facts):
    exits = Exits()
    for fact in facts:
        exits.note(fact)
    return exits


def test_a_retired_market_waits_for_its_liquidator():
    exits = after(retired())

    assert exits.unassigned() == [retired()]
    assert exits.assignments() == []


def test_one_that_is_being_assigned_is_nobody_elses_and_its_liquidator_waits_for_the_commit():
    exits = after(retired())
    said = exits.say(liquidator_for(retired()))
    assert (exits.unassigned(), exits.assignments()) == ([], [])
    exits.note(said)

    assert (exits.unassigned(), exits.assignments()) == ([], [said])


def test_an_assigned_one_must_have_its_liquidator_alive():
    exits = after(retired(), assigned())

    assert exits.unassigned() == []
    assert exits.assignments() == [assigned()]


def test_a_completed_one_needs_nobody():
    exits = after(retired(), assigned(), completed())

    assert (exits.unassigned(), exits.assignments()) == ([], [])


def test_what_is_told_again_after_its_end_opens_nothing():
    exits = after(retired(), assigned(), completed(), retired(), assigned())

    assert exits.open == {}


def test_a_completion_that_is_heard_first_counts():
    assert after(completed(), retired()).open == {}


def test_the_next_exit_of_a_market_is_another_one():
    exits = after(retired(), assigned(), completed(), retired(number=2))

    assert exits.unassigned() == [retired(number=2)]


def test_other_facts_change_nothing():
    assert after(gateway_started(), assigned()).open == {}


STORY = [
    retired(),
    assigned(),
    completed(),
    retired(OTHER),
    assigned(OTHER),
    retired(number=2),
    assigned(number=2),
]


@given(st.lists(st.integers(0, len(STORY) - 1), max_size=20))
def test_telling_the_past_again_changes_nothing(repeats):
    once, again = after(*STORY), after(*STORY)
    for index in repeats:
        again.note(STORY[index])

    assert again.open == once.open


def test_a_liquidator_is_named_after_its_market_and_always_the_same():
    market = type(MARKET)("0x0123456789abcdef")
    first = liquidator_for(retired(market))

    assert first.liquidator == "liquidator:01234567"
    assert (first.exit, first.market) == (f"{market}#1", market)
    assert first == liquidator_for(retired(market))
