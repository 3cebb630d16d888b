"""What the venue's list proves of our orders, and what it does not."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.account import AccountRead, OpenOrder
from messages.orders import (
    AnswerLost,
    OrderAccepted,
    OrderCanceled,
    OrderCompleted,
    OrderExpired,
    OrderVoided,
    SendOrder,
    TakeOrdersOff,
)
from messages.values import MarketId, Money, OrderId, RealNs, Size, TokenId, TradeId
from tests.factories import MARKET, a_fill, accepted, an_order, intended, order_id, shares
from trading import truth
from trading.orders import DUST, QUARANTINE_NS, Order, OrderTable, Status
from trading.truth import LATE_NS, OWED_NS

PLACE = an_order("c1")
ORDER = order_id(PLACE)


def a_read(*listed: OrderId, begun_at: int = 100) -> AccountRead:
    """What the venue lists."""
    orders = tuple(OpenOrder(order=o, market=MARKET, token=TokenId("1"), matched=Size(0)) for o in listed)
    return AccountRead(begun_at=RealNs(begun_at), orders=orders, legs=(), collateral=Money(0))


def one(status: Status, filled: float = 0) -> tuple[OrderTable, Order]:
    """A table with one order in this status, its instants at 50."""
    table = OrderTable()
    table.note(intended(PLACE), RealNs(50))
    order = table.get(ORDER)
    assert order is not None
    if filled:
        table.fill(a_fill(filled, 48, place=PLACE))
    lost = AnswerLost(order=ORDER, command=PLACE.command, market=MARKET, owner=PLACE.owner, reason="")
    if status is not Status.INTENDED:
        table.step(order, SendOrder)
    if status is Status.UNKNOWN:
        table.note(lost, RealNs(50))
    if status in (Status.RESTING, Status.CANCELING):
        table.note(accepted(PLACE), RealNs(50))
    if status is Status.CANCELING:
        table.step(order, TakeOrdersOff)
    assert order.status is status
    return table, order


def proven(table: OrderTable, read: AccountRead) -> list[type]:
    """Kinds of what follows."""
    return [type(fact) for fact in truth.judged_by(read, table)]


@pytest.mark.parametrize("status", [Status.RESTING, Status.CANCELING])
def test_r2_missing_is_gone_only_if_list_and_name_were_asked_for_after_the_acceptance_was_known(status):
    table, order = one(status)

    assert proven(table, a_read(begun_at=50)) == []
    assert not order.is_missing, "nothing is proven by a list from before"
    assert proven(table, a_read(begun_at=51)) == []
    assert order.is_missing
    order.none_at = RealNs(50)
    assert proven(table, a_read(begun_at=60)) == []
    order.none_at = RealNs(50 + LATE_NS)
    assert proven(table, a_read(begun_at=60 + 2 * LATE_NS)) == [], (
        "what says that it has none may be late as well"
    )
    order.none_at = RealNs(60 + LATE_NS)
    assert proven(table, a_read(begun_at=60 + LATE_NS)) == []
    assert proven(table, a_read(begun_at=60 + 2 * LATE_NS)) == [], "trades may be listed late"
    assert proven(table, a_read(begun_at=61 + 2 * LATE_NS)) == [OrderCanceled]


@pytest.mark.parametrize("status", [Status.RESTING, Status.CANCELING])
def test_r1_what_was_taken_off_is_closed_by_trades_read_after_that_and_not_by_the_answer(status):
    table, order = one(status)
    order.off_at = RealNs(60)

    assert truth.settled_end(order) is None
    assert proven(table, a_read(begun_at=60)) == []
    assert proven(table, a_read(begun_at=60 + LATE_NS)) == [], "trades may be listed late"
    assert proven(table, a_read(begun_at=61 + LATE_NS)) == [OrderCanceled]


@pytest.mark.parametrize("status", [Status.RESTING, Status.CANCELING])
def test_what_was_taken_off_and_counted_is_closed_by_the_first_read_after_that(status):
    table, order = one(status)
    order.off_at, order.venue_matched = RealNs(60), Size(0)

    assert proven(table, a_read(begun_at=60)) == []
    assert proven(table, a_read(begun_at=61)) == [OrderCanceled]


def test_an_order_the_venue_says_was_filled_further_than_is_known_waits_for_its_fills():
    table, order = one(Status.RESTING)
    order.off_at, order.venue_matched = RealNs(60), shares(4)

    assert proven(table, a_read(begun_at=61)) == []
    assert proven(table, a_read(begun_at=60 + 10 * OWED_NS)) == [], "nothing proves that it was not filled"
    assert table.leaves(MARKET, PLACE.side) == PLACE.size
    table.rule_out(ORDER, TradeId("t1"), shares(4))
    assert proven(table, a_read(begun_at=61)) == [OrderCanceled], "the match failed"


def test_one_whose_answer_was_lost_waits_for_fills_that_the_venue_counts_and_does_not_list_yet():
    table, order = one(Status.UNKNOWN)
    order.off_at, order.venue_matched = RealNs(60), shares(4)

    assert proven(table, a_read(begun_at=61)) == []
    assert proven(table, a_read(begun_at=60 + 10 * OWED_NS)) == []
    assert [truth.is_owed(order, RealNs(at)) for at in (59 + OWED_NS, 60 + OWED_NS)] == [False, True]
    order.is_accepted = True
    assert proven(table, a_read(begun_at=61)) == [OrderCanceled], "a person decided"


def test_whoever_said_that_a_listed_order_is_off_is_not_believed_later():
    table, order = one(Status.CANCELING)
    order.off_at, order.none_at = RealNs(60), RealNs(61)
    assert proven(table, a_read(ORDER, begun_at=70)) == []

    assert proven(table, a_read(begun_at=80)) == []
    assert order.is_missing


@pytest.mark.parametrize("status", [Status.INTENDED, Status.SENT])
def test_what_is_not_answered_yet_is_not_judged(status):
    table, _ = one(status)

    assert proven(table, a_read(begun_at=10**15)) == []


def test_what_is_lost_and_missing_is_void_after_the_quarantine():
    table, order = one(Status.UNKNOWN)
    order.none_at = RealNs(50 + QUARANTINE_NS)
    assert proven(table, a_read(begun_at=90 + QUARANTINE_NS)) == [], "asked by its name too early"
    order.none_at = RealNs(60 + QUARANTINE_NS)
    assert proven(table, a_read(begun_at=60 + QUARANTINE_NS)) == [], "the lists were read too early"
    assert proven(table, a_read(begun_at=60 + QUARANTINE_NS + LATE_NS)) == [], "trades may be listed late"

    assert proven(table, a_read(begun_at=61 + QUARANTINE_NS + LATE_NS)) == [OrderVoided]


def test_what_a_restarting_venue_did_not_answer_is_not_void_before_it_is_back():
    table, order = one(Status.UNKNOWN)
    order.free_at, order.none_at = None, RealNs(60 + QUARANTINE_NS)
    assert proven(table, a_read(begun_at=10**15)) == []
    order.free_at = RealNs(55)

    assert proven(table, a_read(begun_at=10**15)) == [OrderVoided]


def test_what_is_lost_and_was_taken_off_is_closed_by_a_read_after_that():
    table, order = one(Status.UNKNOWN)
    order.off_at = RealNs(60)

    assert proven(table, a_read(begun_at=60 + LATE_NS)) == []
    assert proven(table, a_read(begun_at=61 + LATE_NS)) == [OrderCanceled]


@pytest.mark.parametrize(
    ("status", "follows"),
    [
        (Status.UNKNOWN, [OrderAccepted]),
        (Status.INTENDED, [OrderAccepted]),
        (Status.SENT, []),
        (Status.RESTING, []),
        (Status.CANCELING, []),
    ],
)
def test_what_is_listed_rests(status, follows):
    table, _ = one(status)

    assert proven(table, a_read(ORDER)) == follows


@pytest.mark.parametrize(
    ("why", "wanted", "said"),
    [
        ("", False, "gone at the venue"),
        ("", True, "canceled"),
        ("asked by the house", True, "asked by the house"),
    ],
)
def test_the_reason_of_an_end_is_the_best_that_is_known(why, wanted, said):
    table, order = one(Status.RESTING)
    order.why, order.cancel_wanted, order.none_at = why, wanted, RealNs(90 + LATE_NS)
    (end,) = truth.judged_by(a_read(begun_at=100 + 2 * LATE_NS), table)

    assert isinstance(end, OrderCanceled)
    assert end.reason == said


def test_an_end_tells_what_was_filled():
    _, order = one(Status.RESTING, filled=4)
    assert truth.close(order, "x").filled == shares(4)  # type: ignore[union-attr]
    expired = truth.close(order, truth.EXPIRED)
    assert isinstance(expired, OrderExpired)
    assert expired.filled == shares(4)

    assert isinstance(truth.void(order, "x"), OrderCanceled), "part of it did reach the book"
    assert isinstance(truth.void(one(Status.UNKNOWN)[1], "x"), OrderVoided)
    assert isinstance(truth.close(one(Status.RESTING, filled=10)[1], "x"), OrderCompleted)


@given(st.integers(0, 1_000), st.none() | st.integers(0, 1_000))
def test_an_order_ends_when_it_is_full_or_off_with_every_fill_known(filled, matched):
    _, order = one(Status.RESTING)
    order.filled = Size(filled * 10_000)
    order.venue_matched = None if matched is None else Size(matched * 10_000)
    end = truth.settled_end(order)

    if order.filled + DUST > order.intended.size:
        assert isinstance(end, OrderCompleted)
    elif matched is not None and filled >= matched:
        assert isinstance(end, OrderCanceled)
    else:
        assert end is None


def test_a_closed_order_does_not_end_again():
    table, order = one(Status.RESTING, filled=10)
    table.note(truth.close(order, ""), RealNs(60))

    assert truth.settled_end(order) is None


@pytest.mark.parametrize("status", [Status.RESTING, Status.CANCELING, Status.UNKNOWN])
def test_an_order_that_an_unreadable_trade_names_is_not_gone_because_it_is_missing(status):
    table, order = one(status)
    order.off_at = RealNs(60)
    later = a_read(begun_at=50 + QUARANTINE_NS + 1)

    assert proven(table, msgspec.structs.replace(later, doubtful=(ORDER,))) == []
    assert proven(table, msgspec.structs.replace(later, unnamed=True)) == []
    assert proven(table, later) != []


@pytest.mark.parametrize(
    ("filled", "listed", "is_there"),
    [
        (shares(10) - DUST + 1, shares(10) - DUST + 1, True),
        (shares(10) - 1, shares(10) - 1, True),
        (shares(10) - 1, shares(4), False),  # the list is older than the trades
        (shares(10), shares(10), False),
        (shares(10), shares(4), False),
    ],
)
def test_the_rest_of_an_order_that_counts_as_filled_comes_off_where_it_is_listed(filled, listed, is_there):
    table, order = one(Status.RESTING)
    table.fill(msgspec.structs.replace(a_fill(10, 48, place=PLACE), size=Size(filled)))
    end = truth.settled_end(order)
    assert isinstance(end, OrderCompleted)
    table.note(end, RealNs(60))
    row = OpenOrder(order=ORDER, market=MARKET, token=TokenId("1"), matched=Size(listed))
    read = msgspec.structs.replace(a_read(), orders=(row,))
    unreadable = msgspec.structs.replace(row, market=MarketId(""), matched=Size(0))

    assert bool(truth.still_there(read, table)) is is_there
    again = truth.still_there(msgspec.structs.replace(read, orders=(unreadable,)), table)
    assert bool(again) is bool(order.remainder)


def test_foreign_orders_and_those_that_should_be_gone():
    table, order = one(Status.RESTING)
    read = a_read(ORDER, OrderId("0xalien"))

    assert truth.foreign(read, table) == ("0xalien",)
    assert truth.still_there(read, table) == ()
    order.cancel_wanted = True
    assert truth.still_there(read, table) == (ORDER,)
    order.cancel_wanted = False
    table.note(truth.close(order, ""), RealNs(60))
    assert truth.still_there(read, table) == (ORDER,)
