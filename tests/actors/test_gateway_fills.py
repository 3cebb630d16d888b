"""Fills: each counts once wherever it is told, until it is settled or reversed, and how far back trades are read."""

import pytest

from messages.account import OrderSeenKind, ReadAccount, Settlement
from messages.orders import Answer, FillConfirmed, FillReversed, OrderCompleted, OrderFilled, PrepareOrder
from messages.values import SECOND, Action, MarketNs, Outcome, Side
from tests.actors.gateway_stage import NO, Gateway, a_leg, kinds, listed, started
from tests.factories import cents, of, shares


@pytest.fixture
def gateway() -> Gateway:
    return started()


# Fills.


def test_a_fill_counts_once_however_often_and_wherever_it_is_told(gateway):
    gateway.rest("c1")
    (fill,) = of(OrderFilled, gateway.legs(a_leg("c1", 4)))
    assert (fill.side, fill.price, fill.size, fill.outcome, fill.action) == (
        Side.BID,
        cents(48),
        shares(4),
        Outcome.YES,
        Action.BUY,
    )
    assert gateway.legs(a_leg("c1", 4)) == []
    assert gateway.read(listed("c1"), (a_leg("c1", 4),)) == []

    assert gateway.worst == (shares(4), shares(10))


def test_one_trade_may_fill_two_orders(gateway):
    gateway.rest("c1")
    gateway.rest("c2", price=cents(47))
    said = gateway.legs(a_leg("c1", 4), a_leg("c2", 4, 47))

    assert [fill.command for fill in of(OrderFilled, said)] == ["c1", "c2"]


def test_a_fill_in_terms_of_no_is_told_in_terms_of_yes(gateway):
    gateway.rest("c1", side=Side.ASK, price=cents(52))
    (fill,) = of(OrderFilled, gateway.legs(a_leg("c1", 4, 48, token=NO)))

    assert (fill.side, fill.price, fill.outcome) == (Side.ASK, cents(52), Outcome.NO)


def test_a_fill_before_the_answer_counts_and_the_answer_still_comes(gateway):
    gateway.send("c1")
    assert kinds(gateway.legs(a_leg("c1", 4))) == ["OrderFilled"]
    assert kinds(gateway.answer("c1", Answer.RESTING)) == ["OrderAccepted"]

    assert kinds(gateway.legs(a_leg("c1", 6, trade="t2"))) == ["OrderFilled", "OrderCompleted"]


def test_an_order_filled_up_before_its_answer_is_complete(gateway):
    gateway.send("c1")

    assert kinds(gateway.legs(a_leg("c1", 10))) == ["OrderFilled", "OrderCompleted"]
    assert gateway.answer("c1", Answer.RESTING) == []


@pytest.mark.parametrize(("size", "complete"), [(9.99, False), (9.991, True), (10.001, True)])
def test_the_last_hundredth_of_a_share_is_dust(gateway, size, complete):
    gateway.rest("c1")

    assert bool(of(OrderCompleted, gateway.legs(a_leg("c1", size)))) is complete


def test_a_fill_that_is_told_after_its_order_was_closed_counts(gateway):
    gateway.rest("c1")
    gateway.seen("c1", OrderSeenKind.CANCELED)
    assert kinds(gateway.legs(a_leg("c1", 4))) == ["OrderFilled"]

    assert gateway.worst == (shares(4), shares(4))


def test_a_fill_is_confirmed_once(gateway):
    gateway.rest("c1")
    done = a_leg("c1", 4, status=Settlement.CONFIRMED)
    assert kinds(gateway.legs(a_leg("c1", 4, status=Settlement.MINED))) == ["OrderFilled", "FillMined"]
    assert kinds(gateway.legs(done)) == ["FillConfirmed"]

    assert gateway.legs(done) + gateway.legs(a_leg("c1", 4, status=Settlement.RETRYING)) == []


def test_a_fill_heard_of_when_it_is_settled_is_filled_and_confirmed(gateway):
    gateway.rest("c1")

    assert kinds(gateway.legs(a_leg("c1", 4, status=Settlement.CONFIRMED))) == [
        "OrderFilled",
        "FillConfirmed",
    ]


def test_a_failed_settlement_takes_the_fill_back_once_and_frees_its_money(gateway):
    gateway.rest("c1", size=shares(60))
    gateway.legs(a_leg("c1", 60))
    assert gateway.worst == (shares(60), shares(60))
    before = gateway.gateway.account.collateral
    failed = a_leg("c1", 60, status=Settlement.FAILED)
    assert kinds(gateway.legs(failed)) == ["FillReversed"]
    assert gateway.legs(failed) + gateway.legs(a_leg("c1", 60)) == []

    assert gateway.worst == (0, 0)
    assert gateway.gateway.account.collateral - before == 60 * 480_000
    assert of(PrepareOrder, gateway.place("c2"))


def test_a_settlement_that_is_heard_to_fail_before_the_match_was_heard_is_no_fill(gateway):
    gateway.rest("c1")

    assert gateway.legs(a_leg("c1", 4, status=Settlement.FAILED), a_leg("c1", 4)) == []


def test_a_confirmed_fill_cannot_fail_any_more(gateway):
    gateway.rest("c1")
    gateway.legs(a_leg("c1", 2, trade="t0"), a_leg("c1", 4, status=Settlement.CONFIRMED))

    assert gateway.legs(a_leg("c1", 4, status=Settlement.FAILED)) == []
    assert of(FillConfirmed, gateway.legs(a_leg("c1", 2, trade="t0", status=Settlement.CONFIRMED)))
    assert gateway.worst[0] == shares(6)


# How far back trades are read.


def test_trades_are_read_back_to_the_last_read_that_was_answered(gateway):
    gateway.rest("c1")
    gateway.legs(
        a_leg("c1", 1, trade="late", status=Settlement.CONFIRMED, at=gateway.market_time + 9_000 * SECOND)
    )
    asked_at = gateway.market_time
    gateway.wait(5, 5_000)
    (first,) = of(ReadAccount, gateway.watch())
    assert first.since <= MarketNs(asked_at)
    asked_at = gateway.market_time
    gateway.read(listed("c1"))
    gateway.wait(5, 5_000)

    (second,) = of(ReadAccount, gateway.watch())
    assert asked_at - 700 * SECOND < int(second.since) <= asked_at


def test_a_fill_that_is_not_settled_is_read_again_until_it_is(gateway):
    gateway.rest("c1")
    matched_at = gateway.market_time
    gateway.legs(a_leg("c1", 1, at=matched_at))
    for _ in range(3):
        gateway.wait(5, 50_000)
        (asked,) = of(ReadAccount, gateway.watch())
        assert int(asked.since) <= matched_at
        gateway.read(listed("c1"))
    gateway.read(listed("c1"), (a_leg("c1", 1, at=matched_at, status=Settlement.CONFIRMED),))
    gateway.wait(5, 50_000)

    (asked,) = of(ReadAccount, gateway.watch())
    assert int(asked.since) > matched_at


def test_after_a_restart_trades_are_read_back_to_the_oldest_open_orders_intent(gateway):
    gateway.rest("c1")
    intended_at = gateway.market_time
    gateway.wait(5, 50_000)
    gateway.keep_alive()
    gateway.rest("c2", price=cents(47))
    gateway.legs(a_leg("c2", 1, 47, at=gateway.market_time, status=Settlement.CONFIRMED))
    later = Gateway()
    later.recover(gateway.journal)
    later.open()

    (asked,) = of(ReadAccount, later.watch(0.25))
    assert int(asked.since) <= intended_at


def test_reversals_are_said_for_fills_that_were_said(gateway):
    gateway.rest("c1")
    gateway.read(
        listed("c1"), (a_leg("c1", 1, trade="a"), a_leg("c1", 1, trade="b", status=Settlement.FAILED))
    )
    said = gateway.read(listed("c1"), (a_leg("c1", 1, trade="a", status=Settlement.FAILED),))

    assert [message.trade for message in of(FillReversed, said)] == ["a"]
