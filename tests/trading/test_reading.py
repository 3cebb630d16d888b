"""When the account is read, and what two reads without an order prove."""

import msgspec
import pytest

from messages.account import AccountRead, OpenOrder
from messages.values import MS, SECOND, MarketNs, Money, OrderId, RealNs, Size, TokenId
from tests.factories import MARKET
from trading.reading import (
    AGAIN_NS,
    APART_NS,
    BUSY_NS,
    PATIENCE_NS,
    SOON_NS,
    Doubts,
    Emptiness,
    Reading,
)

START = 1_000 * SECOND


def a_read(begun_at: int, orders: int = 0) -> AccountRead:
    """What the venue shows."""
    rows = tuple(
        OpenOrder(order=OrderId(f"0x{n}"), market=MARKET, token=TokenId("1"), matched=Size(0))
        for n in range(orders)
    )
    return AccountRead(begun_at=RealNs(begun_at), orders=rows, legs=(), collateral=Money(0))


def due(reading: Reading, after_ns: int, *, waiting: bool = False, busy: bool = False) -> bool:
    """Whether a read is due this long after the last one began."""
    return reading.is_due(RealNs(START + after_ns), waiting=waiting, busy=busy)


@pytest.fixture
def reading() -> Reading:
    """Read once at the start, asked for at market time 7."""
    reading = Reading(idle_s=30)
    reading.asked(RealNs(START), MarketNs(7))
    reading.answered(a_read(START))
    return reading


def test_the_first_read_is_due_at_once():
    assert due(Reading(idle_s=30), 0)


@pytest.mark.parametrize(
    ("how", "patience_ns"),
    [({}, 30 * SECOND), ({"busy": True}, BUSY_NS), ({"waiting": True}, AGAIN_NS)],
)
def test_the_more_depends_on_it_the_sooner_it_is_read_again(reading, how, patience_ns):
    assert not due(reading, patience_ns - 1, **how)
    assert due(reading, patience_ns, **how)


def test_an_idle_account_is_never_read_less_often_than_a_busy_one():
    reading = Reading(idle_s=2)
    reading.answered(a_read(START))

    assert due(reading, 2 * SECOND, busy=True)


def test_wishes_of_a_moment_are_one_read(reading):
    reading.want()
    assert not due(reading, SOON_NS - 1)
    assert due(reading, SOON_NS)
    reading.asked(RealNs(START + SOON_NS), MarketNs(8))
    reading.answered(a_read(START + SOON_NS))

    assert not due(reading, 2 * SOON_NS)


def test_one_read_at_a_time_and_none_is_waited_for_for_ever(reading):
    reading.want()
    reading.asked(RealNs(START + SECOND), MarketNs(8))
    reading.want()
    assert not due(reading, SECOND + PATIENCE_NS - 1)

    assert due(reading, SECOND + PATIENCE_NS)


def test_after_a_failure_it_is_tried_each_second_however_much_it_is_wanted(reading):
    reading.asked(RealNs(START), MarketNs(8))
    reading.failed(RealNs(START))
    reading.want()
    assert not due(reading, 900 * MS)
    assert due(reading, AGAIN_NS)
    reading.asked(RealNs(START + AGAIN_NS), MarketNs(9))
    reading.answered(a_read(START + AGAIN_NS))
    reading.want()

    assert due(reading, AGAIN_NS + SOON_NS)


def test_what_a_late_answer_knows_is_as_old_as_its_question():
    reading = Reading(idle_s=30)
    assert reading.known_at is None
    reading.asked(RealNs(START), MarketNs(7))
    reading.asked(RealNs(START + PATIENCE_NS), MarketNs(900))
    reading.answered(a_read(START))
    assert reading.known_at == 7
    reading.failed(RealNs(START))
    assert reading.known_at == 7

    reading.answered(a_read(START))
    assert reading.known_at == 7, "nobody asked for this one"


def test_two_empty_reads_a_second_apart_are_a_proof():
    empty = Emptiness()

    assert not empty.is_proven_by(a_read(START))
    assert not empty.is_proven_by(a_read(START + APART_NS - 1))
    assert empty.is_proven_by(a_read(START + APART_NS))


def test_an_order_between_them_and_a_new_beginning_undo_it():
    empty = Emptiness()
    empty.is_proven_by(a_read(START))
    assert not empty.is_proven_by(a_read(START + APART_NS, orders=3))
    assert empty.listed == 3
    assert not empty.is_proven_by(a_read(START + 2 * APART_NS))
    assert empty.listed == 0
    empty.restart()

    assert not empty.is_proven_by(a_read(START + 3 * APART_NS))
    assert empty.is_proven_by(a_read(START + 4 * APART_NS))


def test_a_venue_that_wants_to_be_left_alone_is_not_read_before(reading):
    reading.want()
    reading.failed(RealNs(START), wait_ms=7_000)

    assert not due(reading, 7 * SECOND - 1, waiting=True)
    assert due(reading, 7 * SECOND)


def test_what_cannot_be_read_is_said_once_and_again_when_it_is_something_else():
    doubts, read = Doubts(), a_read(START)
    broken = msgspec.structs.replace(read, skipped=("a trade of status 'DREAMT'",))

    said = [doubts.news(each) for each in (read, broken, broken, read, broken)]
    assert [bool(words) for words in said] == [False, True, False, False, True]
    assert "DREAMT" in said[1]


def test_a_read_goes_far_at_first_and_then_every_ten_minutes_whatever_becomes_of_it():
    reading = Reading(30.0)

    assert [reading.goes_far(MarketNs(second * SECOND)) for second in (5, 6, 604, 605, 606)] == [
        *(True, False, False),
        *(True, False),
    ]
