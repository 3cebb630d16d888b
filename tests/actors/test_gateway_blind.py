"""A gateway that does not hear the user stream: it reads more often, quotes come off, and exits go on."""

import itertools

import pytest

from messages.account import DeadManBeaten, GatewayStarted, ReadAccount, UserStreamLost
from messages.orders import DenyRule, OrderCompleted, OrderDenied, PrepareOrder, TakeOrdersOff
from messages.values import SECOND, RealNs, Side
from tests.actors.gateway_stage import Gateway, a_leg, listed, named, started
from tests.factories import (
    LIQUIDATOR,
    OTHER,
    a_book,
    a_fill,
    a_permit,
    an_info,
    assigned,
    cents,
    confirmed,
    of,
    retired,
    shares,
    taken,
)


@pytest.fixture
def gateway():
    return started()


def test_a_blind_engine_reads_the_account_each_second_so_that_fills_are_heard(gateway):
    gateway.rest("c1")
    gateway.hear(UserStreamLost(reason="closed", attempt=1, at=RealNs(gateway.real)))
    reads = []
    for _ in range(50):
        gateway.wait(0.1)
        gateway.keep_alive()
        if of(ReadAccount, gateway.watch()):
            reads.append(gateway.real)
            gateway.lists(listed("c1"))

    assert len(reads) >= 4
    gaps = [after - before for before, after in itertools.pairwise(reads)]
    assert max(gaps) <= 1.1 * SECOND
    assert of(OrderCompleted, gateway.lists(legs=(a_leg("c1", 10),)))


def test_a_start_without_the_user_stream_lets_exits_go_on_and_quotes_wait():
    gateway = Gateway()
    gateway.recover()
    gateway.open()
    gateway.listed()
    gateway.read()
    gateway.wait(1)
    assert of(GatewayStarted, gateway.read())
    fill = a_fill(20, 48)
    gateway.hear(an_info(), a_book(40, 60), fill, confirmed(fill), retired(net=20), assigned())
    gateway.hear(an_info(OTHER), a_book(40, 60, market=OTHER), taken(OTHER))
    gateway.hear(a_permit(gateway), DeadManBeaten(at=RealNs(gateway.real)))
    gateway.lists()

    (no,) = of(OrderDenied, gateway.place("quote", market=OTHER))
    assert (no.rule, no.reason) == (DenyRule.NOT_READY, "the user stream is down")
    exits = {"owner": LIQUIDATOR, "side": Side.ASK, "price": cents(56), "size": shares(5)}
    assert of(PrepareOrder, gateway.place("exit", **exits))


def test_a_blind_engine_takes_its_quotes_off_and_goes_on_with_exits():
    gateway = started()
    fill = a_fill(20, 48)
    gateway.hear(fill, confirmed(fill), retired(net=20), assigned())
    gateway.rest("exit", owner=LIQUIDATOR, side=Side.ASK, price=cents(55), size=shares(10))
    gateway.hear(an_info(OTHER), a_book(40, 60, market=OTHER), taken(OTHER))
    gateway.rest("quote", market=OTHER)
    said = gateway.hear(UserStreamLost(reason="closed", attempt=1, at=RealNs(gateway.real)))
    assert said == [TakeOrdersOff(orders=(named("quote"),))]
    gateway.lists(listed("exit"))
    gateway.keep_alive()

    (no,) = of(OrderDenied, gateway.place("q2", market=OTHER))
    assert (no.rule, no.reason) == (DenyRule.NOT_READY, "the user stream is down")
    more = {"owner": LIQUIDATOR, "side": Side.ASK, "price": cents(56), "size": shares(5)}
    assert of(PrepareOrder, gateway.place("e2", **more))
    gateway.wait(6)
    gateway.keep_alive()
    assert of(OrderDenied, gateway.place("e3", **more))[0].reason == "the user stream is down"
