import msgspec
import pytest

from messages.base import Event
from messages.liquidation import MarketRetired
from messages.orders import FillReversed
from messages.system import ActorStarted
from messages.values import MICRO
from simulation.invariants import (
    Contiguous,
    FillsOnce,
    NothingRests,
    OneOwner,
    OnlyReduces,
    WholeNumbers,
    journal_checks,
)

LIQUIDATOR = "liquidator:a"


def broken(check, entries):
    for entry in entries:
        check.note(entry)
    check.end()
    return [violation.text for violation in check.violations]


@pytest.mark.parametrize(
    "check", journal_checks(7, 0), ids=lambda check: f"{check.invariant} {type(check).__name__}"
)
def test_a_run_as_it_should_be_violates_nothing(story, check):
    assert broken(check, story.a_whole_run().entries()) == []


def test_a_fill_that_is_journaled_twice_is_found(story):
    story.start().take().place("b1").fill("b1", trade="t1").hear_fill("t1", "b1")

    assert len(broken(FillsOnce(), story.entries())) == 1


def test_a_reversal_of_what_was_not_filled_is_found(story):
    story.say(FillReversed, trade="t9", order="b1", market="0xa", reason="failed")

    assert len(broken(FillsOnce(), story.entries())) == 1


@pytest.mark.parametrize(
    "tell",
    [
        lambda s: s.take("0xa").retire("0xa").assign("0xa").take("0xa"),
        lambda s: s.take("0xa", "maker").take("0xa", "maker:2"),
        lambda s: s.take("0xa").take("0xb"),
        lambda s: s.retire("0xa"),
        lambda s: s.take("0xa").retire("0xa").assign("0xa").assign("0xa", liquidator="liquidator:b"),
        lambda s: s.take("0xa").assign("0xa"),
        lambda s: s.take("0xa").complete("0xa"),
        lambda s: s.take("0xa").retire("0xa").retire("0xa", exit_="x2"),
        lambda s: s.take("0xa").retire("0xa").wait_ms(11_000).take("0xb"),
        lambda s: s.take("0xa").place("b1", market="0xb"),
        lambda s: s.take("0xa").retire("0xa").place("l1", "ask", owner=LIQUIDATOR),
        lambda s: s.take("0xa").retire("0xa").assign("0xa").place("b1", owner="maker"),
        lambda s: (
            s.take("0xa").retire("0xa").assign("0xa").complete("0xa").place("l1", "ask", owner=LIQUIDATOR)
        ),
    ],
    ids=[
        "taken while it is liquidated",
        "taken from another",
        "two at once",
        "retired unowned",
        "assigned twice",
        "assigned without an exit",
        "completed without an exit",
        "two exits",
        "never assigned",
        "an order in a strange market",
        "a liquidator before it is assigned",
        "the maker after it left",
        "a liquidator after it is done",
    ],
)
def test_every_way_to_own_a_market_twice_or_wrongly_is_found(story, tell):
    assert len(broken(OneOwner(), tell(story.start()).entries())) >= 1


def test_a_position_that_was_found_goes_to_a_liquidator_though_nobody_quoted_its_market(story):
    found = {"exit": "x1", "market": "0xa", "slug": "s", "reason": "found", "net": 10 * MICRO}
    story.start().say(MarketRetired, **found).assign("0xa")

    assert broken(OneOwner(), story.entries()) == []


def test_a_market_retired_while_the_system_stops_may_wait_for_its_liquidator(story):
    story.start().take("0xa").retire("0xa").stop().wait_ms(60_000).say(
        ActorStarted, role="risk", incarnation=2, pid=1
    )

    assert broken(OneOwner(), story.entries()) == []


def held(story, confirm=True):
    """Twenty shares bought at 0.50 and handed over."""
    return (
        story.start()
        .take()
        .place("b1", size=20)
        .fill("b1", size=20, confirm=confirm)
        .end("b1")
        .retire()
        .assign()
    )


@pytest.mark.parametrize(
    "tell",
    [
        lambda s: held(s).place("l1", "ask", 0.52, 21, LIQUIDATOR),
        lambda s: held(s, confirm=False).place("l1", "ask", 0.52, 20, LIQUIDATOR),
        lambda s: held(s).place("l1", "ask", 0.52, 15, LIQUIDATOR).place("l2", "ask", 0.52, 10, LIQUIDATOR),
        lambda s: held(s).place("l1", "bid", 0.48, 5, LIQUIDATOR),
        lambda s: held(s).place("l1", "ask", 0.49, 20, LIQUIDATOR),
        lambda s: held(s).fill("l1", "ask", 0.52, 25, LIQUIDATOR),
    ],
    ids=["too much", "unconfirmed", "two orders", "the other way", "below cost", "a fill that turns it"],
)
def test_a_liquidator_that_does_more_than_reduce_is_found(story, tell):
    assert len(broken(OnlyReduces(), tell(story).entries())) == 1


def test_what_somebody_else_trades_while_an_exit_rests_is_not_held_against_its_liquidator(story):
    held(story).place("l1", "ask", 0.52, 20, LIQUIDATOR).fill("x1", "ask", 0.52, 5, "external")
    assert broken(OnlyReduces(), story.fill("l1", "ask", 0.52, 20, LIQUIDATOR).entries()) == []

    story.end("l1", owner=LIQUIDATOR).fill("l2", "bid", 0.52, 10, LIQUIDATOR)
    assert len(broken(OnlyReduces(), story.entries())) == 1, "what comes after is"


def test_an_order_that_never_rested_is_not_held_against_the_liquidator(story):
    held(story).intend("l1", "ask", 0.40, 50, LIQUIDATOR).end("l1", owner=LIQUIDATOR)

    assert broken(OnlyReduces(), story.entries()) == []


def test_a_hole_in_the_sequence_is_found(story):
    entries = story.a_whole_run().entries()

    assert broken(Contiguous(), entries[:5] + entries[6:])[0] == "after 5 comes 7"


def test_events_in_another_order_than_their_source_said_them_are_found(story):
    first, second, third, *rest = story.a_whole_run().entries()
    swapped = [first, second._replace(sequence=3), third._replace(sequence=2), *rest]

    assert broken(Contiguous(), swapped)[0] == "test@1 says 3 at 2 after 1"


class Priced(Event, frozen=True, kw_only=True):
    """An Event as it must not be."""

    levels: tuple[tuple[int, float | None], ...]


def test_a_message_type_that_may_hold_a_float_is_found():
    assert broken(WholeNumbers((Priced,)), []) == ["Priced.levels may be a float"]


def test_a_float_that_was_written_down_is_found(story):
    (entry,) = story.take().entries()
    raw = msgspec.msgpack.encode({"market": "0xa", "levels": [[1, {"price": 0.5}]]})

    assert len(broken(WholeNumbers(()), [entry._replace(raw=raw)])) == 1


def test_a_clean_exit_code_promises_an_empty_book(story):
    story.start().take().place("b1")

    assert len(broken(NothingRests(7, 0), story.entries())) == 1
    assert len(broken(NothingRests(7, 0), story.stop(left=1).entries())) == 1
    assert broken(NothingRests(7, 3), story.entries()) == []
