"""The life of an order, as its records tell it."""

import msgspec
import pytest

from messages.orders import AnswerLost, DenyRule, OrderExpired, OrderVoided
from messages.values import MS, RealNs, Side
from tests.factories import (
    a_fill,
    accepted,
    an_order,
    canceled,
    cents,
    completed,
    confirmed,
    denied,
    intended,
    mined,
    rejected,
    reversed_,
    shares,
)
from trading.order_state import STATES
from trading.orders import Status
from trading.trail import Told, trail_of

PLACE = an_order(
    "maker@1.a.1", decided_at=RealNs(10 * MS), frame_at=RealNs(9 * MS), mid=cents(49), why="quote"
)
WALL = 1_700_000_000_000 * MS


def at(ms, message):
    """Said so many real milliseconds after the start of everything."""
    return Told(RealNs(ms * MS), WALL + ms * MS, message)


def with_times(fact, **times):
    return msgspec.structs.replace(fact, **{name: RealNs(ms * MS) for name, ms in times.items()})


def ids(place):
    return {name: getattr(intended(place), name) for name in ("order", "command", "market", "owner")}


def an_intent():
    return at(
        11, msgspec.structs.replace(intended(PLACE), frame_at=PLACE.frame_at, mid=PLACE.mid, why=PLACE.why)
    )


def resting():
    return at(17, with_times(accepted(PLACE), durable_at=12, sent_at=13, answered_at=16))


def words(trail):
    return [(step.what, step.status, step.state) for step in trail.steps]


def test_an_order_that_is_filled_in_two_and_settled_tells_every_step_in_our_words_and_in_the_documents():
    first, second = a_fill(4, 48, place=PLACE), a_fill(6, 47, place=PLACE)
    trail = trail_of(
        [
            an_intent(),
            resting(),
            at(30, first),
            at(40, second),
            at(40, completed(PLACE)),
            at(90, confirmed(first)),
            at(95, confirmed(second)),
        ]
    )

    assert words(trail) == [
        ("frame", "", ""),
        ("decided", "", "PENDING"),
        ("intended", "INTENDED", "PENDING"),
        ("durable", "INTENDED", "PENDING"),
        ("sent", "SENT", "SUBMITTED"),
        ("answered", "SENT", "SUBMITTED"),
        ("resting", "RESTING", "OPEN"),
        ("fill", "RESTING", "PARTIALLY_FILLED"),
        ("fill", "RESTING", "FILLED"),
        ("filled", "FILLED", "FILLED"),
        ("confirmed", "FILLED", "FILLED"),
        ("confirmed", "FILLED", "FILLED"),
    ]
    assert (trail.status, trail.state, trail.filled, trail.why) == ("FILLED", "FILLED", shares(10), "quote")
    assert [fill.settlement for fill in trail.fills] == ["CONFIRMED", "CONFIRMED"]


def test_a_fill_is_mined_before_it_is_settled_and_once():
    fill = a_fill(10, 48, place=PLACE)
    told = [an_intent(), resting(), at(30, fill), at(50, mined(fill)), at(51, mined(fill))]
    [on_the_chain] = trail_of(told).fills
    trail = trail_of([*told, at(90, confirmed(fill)), at(95, mined(fill))])
    [settled] = trail.fills

    assert (on_the_chain.settlement, on_the_chain.mined_at, on_the_chain.settled_at) == ("MINED", 50 * MS, 0)
    assert (settled.settlement, settled.mined_at, settled.settled_at) == ("CONFIRMED", 50 * MS, 90 * MS)
    assert [what for what, *_ in words(trail)].count("mined") == 1


def test_each_leg_of_its_way_has_its_time():
    fill = a_fill(10, 48, place=PLACE)
    told = [at(30, fill), at(31, completed(PLACE)), at(70, mined(fill)), at(90, confirmed(fill))]
    trail = trail_of([an_intent(), resting(), *told])

    assert {name: span // MS for name, span in trail.latency} == {
        "frame to decision": 1,
        "decision to intent": 1,
        "intent to durable": 1,
        "durable to sent": 1,
        "sent to answered": 3,
        "decision to sent": 3,
        "sent to first fill": 17,
        "first fill to mined": 40,
        "first fill to settled": 60,
    }


def test_an_order_that_waited_for_its_predecessor_says_since_when():
    waited = msgspec.structs.replace(intended(PLACE), moved_at=RealNs(2 * MS))

    assert dict(trail_of([at(11, waited)]).latency)["predecessor's frame to decision"] == 8 * MS


@pytest.mark.parametrize(
    ("side", "price", "over_price", "over_mid"),
    [
        (Side.BID, 48, 0, -10_000),
        (Side.BID, 50, 20_000, 10_000),
        (Side.ASK, 48, 0, 10_000),
        (Side.ASK, 51, -30_000, -20_000),
    ],
)
def test_what_a_fill_cost_is_above_zero_where_it_is_worse_than_the_price_and_than_the_mid(
    side, price, over_price, over_mid
):
    place = an_order("c", side=side)
    intent = at(1, msgspec.structs.replace(intended(place), mid=cents(49)))
    trail = trail_of([intent, at(2, a_fill(10, price, side=side, place=place))])

    assert dict(trail.slippage) == {"price": over_price, "mid": over_mid}
    assert [(fill.over_price, fill.over_mid) for fill in trail.fills] == [(over_price, over_mid)]


def test_slippage_is_weighted_by_size_and_a_fill_that_failed_has_none():
    good, failed = a_fill(6, 50, place=PLACE), a_fill(4, 99, place=PLACE)
    dear = a_fill(2, 48, place=PLACE)
    trail = trail_of([an_intent(), at(20, good), at(20, dear), at(20, failed), at(50, reversed_(failed))])

    assert dict(trail.slippage) == {"price": 15_000, "mid": 5_000}
    assert trail.filled == shares(8)
    assert [fill.settlement for fill in trail.fills] == ["MATCHED", "MATCHED", "FAILED"]


def test_without_a_mid_nothing_is_said_of_it():
    trail = trail_of([at(11, intended(PLACE)), at(20, a_fill(10, 50, place=PLACE))])

    assert dict(trail.slippage) == {"price": 20_000}
    assert (trail.mid, trail.fills[0].over_mid) == (None, None)


def test_a_cancel_is_told_with_its_asking_and_its_answer():
    end = with_times(canceled(PLACE, filled=3), cancel_asked_at=60, off_at=75)
    trail = trail_of([an_intent(), resting(), at(50, a_fill(3, 48, place=PLACE)), at(80, end)])

    assert words(trail)[-3:] == [
        ("cancel asked", "CANCELING", "PARTIALLY_FILLED"),
        ("off the book", "CANCELING", "PARTIALLY_FILLED"),
        ("canceled", "CANCELED", "CANCELLED"),
    ]
    assert trail.steps[-1].text == "asked for"
    legs = dict(trail.latency)
    assert (legs["cancel asked to off the book"], legs["off the book to closed"]) == (15 * MS, 5 * MS)


@pytest.mark.parametrize(
    ("end", "status", "state", "text"),
    [
        (rejected(PLACE), "REJECTED", "REJECTED", "order crosses the book"),
        (OrderVoided(**ids(PLACE), reason="too late"), "VOIDED", "FAILED", "too late"),
        (AnswerLost(**ids(PLACE), reason="no answer"), "UNKNOWN", "SUBMITTED", "no answer"),
        (OrderExpired(**ids(PLACE), filled=shares(0)), "EXPIRED", "EXPIRED", ""),
    ],
)
def test_other_ends_are_told_with_their_reason(end, status, state, text):
    trail = trail_of([an_intent(), at(20, end)])

    assert (trail.status, trail.state, trail.steps[-1].text) == (status, state, text)


def test_what_our_rules_denied_never_was_an_order():
    trail = trail_of([at(5, denied(PLACE, DenyRule.EXPOSURE))])

    assert (trail.order, trail.command, trail.status, trail.state) == (
        None,
        PLACE.command,
        "DENIED",
        "REJECTED",
    )
    assert trail.steps[0].text.startswith("exposure")


def test_records_that_wanted_no_order_are_no_trail():
    assert trail_of([]) is None
    assert trail_of([at(1, accepted(PLACE))]) is None


def test_every_status_has_its_word():
    assert set(STATES) == set(Status)
