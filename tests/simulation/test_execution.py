"""What a report says of orders' ways and costs."""

import msgspec
import pytest

from messages.orders import OrderRejected
from messages.values import MS, MarketNs, RealNs, Side
from simulation.execution import LEGS, Latency, Slippage
from simulation.story import Entry
from tests.factories import (
    a_fill,
    accepted,
    an_order,
    canceled,
    cents,
    confirmed,
    intended,
    rejected,
    reversed_,
)

RUN = 7
PLACE = an_order("c1", decided_at=RealNs(10 * MS))


def told(fold, *events, run=RUN):
    """The fold after (milliseconds, event) each."""
    for number, (at, event) in enumerate(events):
        fold.note(Entry(number + 1, run, "test@1", RealNs(at * MS), 0, MarketNs(0), event))
    return fold.result()


def at_ms(fact, **times):
    return msgspec.structs.replace(fact, **{name: RealNs(round(ms * MS)) for name, ms in times.items()})


def spans(result):
    """Legs with exactly one span, in milliseconds."""
    return {leg: found["p50"] for leg, found in result.items() if found["count"] == 1}


def test_every_leg_of_an_order_that_a_frame_caused_is_counted():
    fill = a_fill(5, 48, place=PLACE)
    result = told(
        Latency(RUN),
        (11, at_ms(intended(PLACE), frame_at=8)),
        (18, at_ms(accepted(PLACE), durable_at=12, sent_at=13, answered_at=17)),
        (33, fill),
        (63, confirmed(fill)),
        (80, at_ms(canceled(PLACE, 5), cancel_asked_at=70, off_at=75)),
    )

    assert spans(result) == {
        "frame_to_quote_ms": 2.0,
        "frame_to_sent_ms": 5.0,
        "decision_to_durable_ms": 2.0,
        "decision_to_sent_ms": 3.0,
        "sent_to_answered_ms": 4.0,
        "sent_to_fill_ms": 20.0,
        "fill_to_settled_ms": 30.0,
        "cancel_to_off_ms": 5.0,
    }


def test_an_order_that_waited_for_a_cancel_counts_from_the_frame_that_moved_it_and_by_itself():
    result = told(
        Latency(RUN),
        (11, at_ms(intended(PLACE), moved_at=2, frame_at=9)),
        (18, at_ms(accepted(PLACE), sent_at=13)),
    )

    found = spans(result)
    assert (found["replaced_frame_to_quote_ms"], found["replaced_frame_to_sent_ms"]) == (8.0, 11.0)
    assert (result["frame_to_quote_ms"]["count"], result["frame_to_sent_ms"]["count"]) == (0, 0)


def test_what_the_venue_refused_was_sent_all_the_same():
    refused = at_ms(rejected(PLACE), durable_at=12, sent_at=13, answered_at=15)
    assert isinstance(refused, OrderRejected)
    found = spans(told(Latency(RUN), (11, intended(PLACE)), (16, refused)))

    assert (found["decision_to_sent_ms"], found["sent_to_answered_ms"]) == (3.0, 2.0)


def test_only_the_first_fill_counts_and_orders_of_other_runs_do_not():
    first, second = a_fill(5, 48, place=PLACE), a_fill(5, 48, place=PLACE)
    story = ((11, intended(PLACE)), (18, at_ms(accepted(PLACE), sent_at=13)), (20, first), (90, second))

    assert told(Latency(RUN), *story)["sent_to_fill_ms"] == {"count": 1, "p50": 7.0, "p99": 7.0}
    assert {found["count"] for found in told(Latency(RUN), *story, run=RUN + 1).values()} == {0}
    assert set(told(Latency(RUN))) == set(LEGS)


@pytest.mark.parametrize(("side", "price", "mid"), [(Side.BID, 0.02, 0.01), (Side.ASK, -0.02, -0.01)])
def test_slippage_is_above_zero_where_it_is_worse_for_us_and_weighted_by_size(side, price, mid):
    place = an_order("c1", side=side)
    intent = msgspec.structs.replace(intended(place), mid=cents(49))
    fills = [a_fill(size, paid, side=side, place=place) for size, paid in ((6, 50), (2, 50))]

    result = told(Slippage(RUN), (1, intent), *((2, fill) for fill in fills))

    assert result == {"count": 2, "price": price, "mid": mid}


def test_a_fill_that_never_was_costs_nothing_and_one_without_a_mid_is_measured_by_its_price_alone():
    good, gone = a_fill(6, 50, place=PLACE), a_fill(2, 90, place=PLACE)

    result = told(Slippage(RUN), (1, intended(PLACE)), (2, good), (2, gone), (3, reversed_(gone)))

    assert result == {"count": 1, "price": 0.02, "mid": None}
    assert told(Slippage(RUN)) == {"count": 0, "price": None, "mid": None}
