"""The gateway and a venue that is busy, restarts, holds orders back, or says what cannot be read."""

import pytest

from messages.account import AccountRead, OrderSeenKind
from messages.orders import (
    Answer,
    CancelFailed,
    CancelOrder,
    DenyRule,
    OrderAccepted,
    OrderAnswered,
    OrderCanceled,
    OrderDenied,
    OrderFilled,
    PrepareOrder,
    TakeOrdersOff,
    VenueMode,
)
from messages.system import Announce
from messages.values import CommandId, RealNs
from tests.actors.gateway_stage import FUNDS, a_leg, named, started
from tests.factories import MARKET, OTHER, a_book, an_info, cents, of, shares, taken
from trading.orders import Status


@pytest.fixture
def gateway():
    return started()


@pytest.mark.parametrize(
    ("mode", "answer"),
    [
        (VenueMode.BUSY, Answer.REJECTED),
        (VenueMode.POST_ONLY, Answer.REJECTED),
        (VenueMode.CANCEL_ONLY, Answer.REJECTED),
        (VenueMode.DISABLED, Answer.REJECTED),
        (VenueMode.REFUSING, Answer.REJECTED),
        (VenueMode.RESTARTING, Answer.LOST),
    ],
)
def test_a_venue_that_wants_no_orders_gets_none_until_it_may_and_then_all_is_well(gateway, mode, answer):
    gateway.send("c1")
    gateway.hear(OrderAnswered(order=named("c1"), answer=answer, mode=mode, wait_ms=3_000))
    gateway.legs()
    (no,) = of(OrderDenied, gateway.place("c2", market=OTHER))
    assert (no.rule, no.reason) == (DenyRule.NOT_READY, f"the venue is {mode.value}")
    gateway.hear(an_info(OTHER), a_book(40, 60, market=OTHER), taken(OTHER))

    gateway.wait(3)
    gateway.keep_alive()
    assert of(OrderAccepted, gateway.rest("c3", market=OTHER))
    assert of(PrepareOrder, gateway.place("c4", market=OTHER, price=cents(47)))


def test_a_cancel_the_venue_was_too_busy_for_is_repeated_when_it_may_be(gateway):
    gateway.rest("c1")
    gateway.hear(CancelOrder(command=CommandId("c1"), market=MARKET))
    gateway.hear(CancelFailed(orders=(named("c1"),), reason="HTTP 429", wait_ms=3_000))

    for _ in range(2):
        gateway.keep_alive()
        assert of(TakeOrdersOff, gateway.watch(1.1)) == []
    gateway.keep_alive()
    assert of(TakeOrdersOff, gateway.watch(1.1)) == [TakeOrdersOff(orders=(named("c1"),))]


def test_an_order_that_is_delayed_is_not_taken_for_one_that_rests(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST, "delayed: with the venue")
    assert gateway.seen("c1", OrderSeenKind.DELAYED) == []
    assert gateway.gateway.table.get(named("c1")).status is Status.UNKNOWN
    assert gateway.worst == (0, shares(10))

    assert of(OrderFilled, gateway.legs(a_leg("c1", 10)))
    assert gateway.open_commands == []


def test_a_trade_that_cannot_be_read_keeps_its_order_reserved_and_is_said(gateway):
    gateway.rest("c1")
    gateway.wait(1)
    read = AccountRead(
        begun_at=RealNs(gateway.real),
        orders=(),
        legs=(),
        collateral=FUNDS,
        doubtful=(named("c1"),),
        skipped=("a trade of status 'DREAMT'",),
    )
    said = gateway.hear(read, read)

    assert ["DREAMT" in line.text for line in of(Announce, said)] == [True]
    assert gateway.open_commands == ["c1"]
    assert of(OrderCanceled, gateway.read())
