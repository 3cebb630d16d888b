"""Orders that are wanted back, wherever they are on their way; off the book is not the same as closed."""

import pytest

from messages.account import OrderSeenKind, ReadAccount, UserStreamLost
from messages.orders import (
    Answer,
    CancelAnswered,
    CancelFailed,
    CancelMarket,
    DenyRule,
    ForgetOrder,
    OrderDenied,
    OrderExpired,
    OrderFound,
    OrderVoided,
    PrepareOrder,
    TakeOrdersOff,
)
from messages.values import RealNs, Side
from tests.actors.gateway_stage import Gateway, a_leg, cancel, kinds, listed, named, off, started
from tests.factories import LIQUIDATOR, MARKET, OTHER, cents, of, retired, shares


@pytest.fixture
def gateway() -> Gateway:
    return started()


# Taken back at every point of its way.


def test_a_place_that_comes_after_its_cancel_is_denied(gateway):
    assert gateway.hear(cancel("c1")) == []

    assert of(OrderDenied, gateway.place("c1"))


def test_taken_back_while_it_is_signed(gateway):
    gateway.place("c1")
    assert gateway.hear(cancel("c1")) == []
    said = gateway.prepared("c1")

    assert kinds(said) == ["ForgetOrder", "OrderDenied"]
    assert of(PrepareOrder, gateway.place("c2", size=shares(60))), "nothing is held for it"


def test_handed_over_while_it_is_signed(gateway):
    gateway.place("c1")
    gateway.hear(retired())
    said = gateway.prepared("c1")

    assert kinds(said) == ["ForgetOrder", "OrderDenied"]
    assert said[1].rule is DenyRule.NOT_OWNER


def test_taken_back_before_it_left(gateway):
    gateway.send("c1")
    assert gateway.hear(cancel("c1")) == [ForgetOrder(order=named("c1"))]
    assert gateway.hear(cancel("c1")) == []
    (said,) = gateway.answer("c1", Answer.NOT_SENT, "forgotten")

    assert isinstance(said, OrderVoided)


def test_taken_back_while_its_intent_is_not_committed_yet(gateway):
    gateway.place("c1")
    gateway.commits = False
    gateway.prepared("c1")

    assert gateway.hear(cancel("c1")) == [ForgetOrder(order=named("c1"))]


def test_taken_back_when_it_had_left_already(gateway):
    gateway.send("c1")
    gateway.hear(cancel("c1"))

    assert kinds(gateway.answer("c1", Answer.RESTING)) == ["OrderAccepted", "TakeOrdersOff"]


def test_taken_back_while_it_rests(gateway):
    gateway.rest("c1")
    assert gateway.hear(cancel("c1")) == [TakeOrdersOff(orders=(named("c1"),))]
    assert gateway.hear(cancel("c1")) == [], "the gateway repeats it by itself"


def test_taken_back_while_it_is_unknown(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)
    assert gateway.hear(cancel("c1")) == [TakeOrdersOff(orders=(named("c1"),))]

    assert of(TakeOrdersOff, gateway.watch(1)) == [TakeOrdersOff(orders=(named("c1"),))]


def test_taken_back_when_it_is_closed_already(gateway):
    gateway.rest("c1")
    gateway.legs(a_leg("c1", 10))

    assert gateway.hear(cancel("c1")) == []


def test_a_cancel_is_repeated_each_second_until_it_is_answered(gateway):
    gateway.rest("c1")
    gateway.hear(cancel("c1"))
    gateway.hear(CancelFailed(orders=(named("c1"),), reason="502"))
    assert not of(TakeOrdersOff, gateway.watch(0.9))
    assert of(TakeOrdersOff, gateway.watch(0.1))
    assert not of(TakeOrdersOff, gateway.watch(0.5))
    gateway.keep_alive()
    gateway.hear(off("c1"))

    assert not of(TakeOrdersOff, gateway.watch(1))


def test_a_market_is_taken_back_with_what_is_signed_and_nobody_elses(gateway):
    gateway.rest("c1")
    gateway.place("c2", side=Side.ASK, price=cents(52))
    said = gateway.hear(CancelMarket(market=MARKET, owner=LIQUIDATOR))
    said += gateway.hear(CancelMarket(market=OTHER, owner=gateway.wanted("x").owner))
    assert said == []
    said = gateway.hear(CancelMarket(market=MARKET, owner=gateway.wanted("x").owner))

    assert said == [TakeOrdersOff(orders=(named("c1"),))]
    assert kinds(gateway.prepared("c2")) == ["ForgetOrder", "OrderDenied"]


# Off the book is not the same as closed (R1, R2).


def test_a_cancel_that_is_answered_does_not_release_the_order_a_read_after_it_does(gateway):
    gateway.rest("c1")
    gateway.hear(cancel("c1"))
    assert gateway.hear(off("c1")) == []
    assert gateway.worst == (0, shares(10))
    assert of(ReadAccount, gateway.watch(1))
    said = gateway.read(legs=(a_leg("c1", 3),))

    assert kinds(said) == ["OrderFilled", "OrderCanceled"]
    assert (said[1].filled, said[1].reason) == (shares(3), "canceled")


def test_a_cancel_the_venue_refuses_leaves_the_order_as_it_is_and_has_the_account_read(gateway):
    gateway.rest("c1")
    gateway.watch(0.5)
    gateway.read(listed("c1"))
    gateway.hear(cancel("c1"))
    gateway.hear(CancelAnswered(canceled=(), not_canceled=((named("c1"), "matched"),)))
    assert gateway.open_commands == ["c1"]
    assert of(ReadAccount, gateway.watch(0.25))

    assert kinds(gateway.read(legs=(a_leg("c1", 10),))) == ["OrderFilled", "OrderCompleted"]


def test_the_streams_word_on_a_cancel_closes_when_all_its_fills_are_known(gateway):
    gateway.rest("c1")
    gateway.hear(cancel("c1"))
    assert gateway.seen("c1", OrderSeenKind.CANCELED, matched=4) == []
    assert gateway.worst == (0, shares(10))
    assert kinds(gateway.legs(a_leg("c1", 3))) == ["OrderFilled"]
    said = gateway.legs(a_leg("c1", 1, trade="t2"))

    assert kinds(said) == ["OrderFilled", "OrderCanceled"]


def test_without_fills_the_streams_word_closes_at_once(gateway):
    gateway.rest("c1")
    gateway.hear(cancel("c1"))

    assert kinds(gateway.seen("c1", OrderSeenKind.CANCELED)) == ["OrderCanceled"]
    assert gateway.seen("c1", OrderSeenKind.CANCELED) == []


def test_an_order_whose_time_ran_out_is_expired(gateway):
    gateway.rest("c1")

    assert kinds(gateway.seen("c1", OrderSeenKind.EXPIRED)) == ["OrderExpired"]
    gateway.rest("c2")
    gateway.seen("c2", OrderSeenKind.EXPIRED, matched=8)
    assert not of(OrderExpired, gateway.read(legs=(a_leg("c2", 4),))), "the venue spoke of eight"
    (said,) = of(OrderExpired, gateway.legs(a_leg("c2", 4, trade="t2")))
    assert said.filled == shares(8)


def test_missing_from_a_list_that_was_asked_for_before_its_acceptance_proves_nothing(gateway):
    gateway.wait(1)
    gateway.rest("c1")

    assert gateway.read(begun_s_ago=0.5) == []
    assert kinds(gateway.read()) == ["OrderCanceled"]


def test_an_unanswered_order_is_not_closed_by_a_list_without_it(gateway):
    gateway.send("c1")
    gateway.wait(20)

    assert gateway.read() == []
    assert gateway.worst == (0, shares(10))


def test_an_order_that_is_listed_after_it_was_closed_is_taken_off(gateway):
    gateway.rest("c1")
    gateway.read()

    assert of(TakeOrdersOff, gateway.read(listed("c1"))) == [TakeOrdersOff(orders=(named("c1"),))]


def test_an_order_that_is_listed_after_its_cancel_is_taken_off_again(gateway):
    gateway.rest("c1")
    gateway.hear(cancel("c1"), off("c1"))

    assert of(TakeOrdersOff, gateway.read(listed("c1")))


def test_orders_that_vanished_in_a_restart_of_the_venue_are_closed_by_reads(gateway):
    gateway.rest("c1")
    gateway.rest("c2", side=Side.ASK, price=cents(52))
    gateway.hear(UserStreamLost(reason="", attempt=1, at=RealNs(0)))
    gateway.hear(CancelFailed(orders=(), reason="refused", everything=True))
    gateway.stream()
    gateway.wait(5)
    gateway.look("c1", OrderFound.NONE)
    gateway.look("c2", OrderFound.NONE)
    assert gateway.lists() == [], "trades may be listed late"
    gateway.look("c1", OrderFound.NONE)
    gateway.look("c2", OrderFound.NONE)
    said = gateway.read_late(legs=(a_leg("c1", 2),))

    assert kinds(said) == ["OrderFilled", "OrderCanceled", "OrderCanceled"]
    assert gateway.open_commands == []
    assert of(PrepareOrder, gateway.place("c3"))
