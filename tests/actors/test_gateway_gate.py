"""What the gateway lets out: by which rule an order is denied, and what it buys or sells when it is not."""

from typing import Any

import msgspec
import pytest

from messages.account import UserStreamLost
from messages.base import Message
from messages.orders import DenyRule, OrderDenied, PrepareOrder
from messages.risk import KillSwitchSeen, Level
from messages.values import MICRO, SECOND, Action, Money, Price, RealNs, Side, Size
from tests.actors.gateway_stage import NO, YES, Gateway, cancel, started
from tests.factories import (
    LIQUIDATOR,
    OTHER,
    a_book,
    a_fill,
    an_info,
    assigned,
    cents,
    confirmed,
    of,
    retired,
    shares,
    taken,
)
from trading.risk.gate import GateLimits


@pytest.fixture
def gateway() -> Gateway:
    return started()


def liquidating(net: float, *, settled: bool = True, **settings: Any) -> Gateway:
    """A liquidator's market with this much held (short: of NO)."""
    stage = started(**settings)
    side = Side.BID if net > 0 else Side.ASK
    fill = a_fill(abs(net), 50, side=side)
    stage.hear(fill, *([confirmed(fill)] if settled else []), retired(), assigned())
    return stage


# The gate.


def not_ready(gateway: Gateway) -> list[Message]:
    gateway.hear(UserStreamLost(reason="", attempt=1, at=RealNs(0)))
    return gateway.place("c1")


def late(gateway: Gateway) -> list[Message]:
    place = gateway.wanted("c1")
    gateway.wait(1.01)
    return gateway.hear(place)


def duplicate(gateway: Gateway) -> list[Message]:
    gateway.hear(cancel("c1"))
    return gateway.place("c1")


def killed(gateway: Gateway) -> list[Message]:
    gateway.hear(KillSwitchSeen(present=True))
    return gateway.place("c1")


def unpermitted(gateway: Gateway) -> list[Message]:
    gateway.wait(2)
    return gateway.place("c1")


def halted(gateway: Gateway) -> list[Message]:
    gateway.keep_alive(Level.HALT_QUOTES)
    return gateway.place("c1")


def journal_lags(gateway: Gateway) -> list[Message]:
    gateway.gateway.journal_lag_ns = SECOND + 1
    return gateway.place("c1")


def journal_is_full(gateway: Gateway) -> list[Message]:
    gateway.gateway.unacknowledged = 2_049
    return gateway.place("c1")


def closed(gateway: Gateway) -> list[Message]:
    gateway.hear(an_info(accepting=False))
    return gateway.place("c1")


def unheard_of(gateway: Gateway) -> list[Message]:
    gateway.hear(taken(OTHER))
    return gateway.place("c1", market=OTHER)


def too_many(gateway: Gateway) -> list[Message]:
    gateway.rest("c00", size=shares(5))
    gateway.place("c0", price=cents(47), size=shares(5))
    return gateway.place("c1", side=Side.ASK, price=cents(52))


def meets_own_resting(gateway: Gateway) -> list[Message]:
    gateway.hear(a_book(None, None))
    gateway.rest("c0", price=cents(50))
    return gateway.place("c1", side=Side.ASK, price=cents(50))


def meets_own_being_signed(gateway: Gateway) -> list[Message]:
    gateway.hear(a_book(None, None))
    gateway.place("c0", side=Side.ASK, price=cents(50))
    return gateway.place("c1", price=cents(51))


def too_dear(gateway: Gateway) -> list[Message]:
    gateway.read(collateral=Money(4 * MICRO))
    return gateway.place("c1")


def paid_for_by_another(gateway: Gateway) -> list[Message]:
    gateway.read(collateral=Money(9 * MICRO))
    gateway.place("c0")
    return gateway.place("c1", side=Side.ASK, price=cents(52))


DENIALS = [
    (DenyRule.NOT_READY, "stream is down", not_ready),
    (DenyRule.LATE, "1010 ms ago", late),
    (DenyRule.DUPLICATE, "heard before", duplicate),
    (DenyRule.KILL_SWITCH, "kill switch", killed),
    (DenyRule.NO_PERMIT, "permit expired", unpermitted),
    (DenyRule.NO_PERMIT, "HALT_QUOTES", halted),
    (DenyRule.JOURNAL, "does not answer", journal_lags),
    (DenyRule.JOURNAL, "2049 events", journal_is_full),
    (DenyRule.NOT_OWNER, "nobody does", lambda g: g.place("c1", market=OTHER)),
    (DenyRule.NOT_OWNER, "maker does", lambda g: g.place("c1", owner=LIQUIDATOR)),
    (DenyRule.UNKNOWN_MARKET, "not known", unheard_of),
    (DenyRule.MARKET_CLOSED, "takes no orders", closed),
    (DenyRule.OFF_GRID, "485000", lambda g: g.place("c1", price=Price(485_000))),
    (DenyRule.OFF_GRID, "grid", lambda g: g.place("c1", price=Price(0))),
    (DenyRule.OFF_GRID, "grid", lambda g: g.place("c1", price=Price(MICRO))),
    (DenyRule.TOO_SMALL, "minimum", lambda g: g.place("c1", size=shares(4.99))),
    (DenyRule.TOO_SMALL, "minimum", lambda g: g.place("c1", size=Size(0))),
    (DenyRule.TOO_SMALL, "decimals", lambda g: g.place("c1", size=Size(5_001_000))),
    (DenyRule.CROSSING, "meets the ask", lambda g: g.place("c1", price=cents(60))),
    (DenyRule.CROSSING, "meets the bid", lambda g: g.place("c1", side=Side.ASK, price=cents(40))),
    (DenyRule.SELF_TRADE, "own order", meets_own_resting),
    (DenyRule.SELF_TRADE, "own order", meets_own_being_signed),
    (DenyRule.EXPOSURE, "the cap is", lambda g: g.place("c1", size=shares(60.01))),
    (
        DenyRule.EXPOSURE,
        "-60010000",
        lambda g: g.place("c1", side=Side.ASK, price=cents(52), size=shares(60.01)),
    ),
    (DenyRule.COLLATERAL, "needs 4800000", too_dear),
    (DenyRule.COLLATERAL, "free are 4200000", paid_for_by_another),
]


@pytest.mark.parametrize(("rule", "words", "story"), DENIALS)
def test_each_rule_denies_with_its_reason(gateway, rule, words, story):
    *_, no = story(gateway)

    assert isinstance(no, OrderDenied)
    assert no.rule is rule
    assert words in no.reason


def test_no_more_orders_are_open_than_allowed():
    gateway = started(limits=GateLimits(max_orders=2))
    (no,) = of(OrderDenied, too_many(gateway))

    assert no.rule is DenyRule.MAX_ORDERS


@pytest.mark.parametrize(
    ("net", "place", "words"),
    [
        (10, {"side": Side.BID, "price": cents(48)}, "only closes"),
        (-10, {"side": Side.ASK, "price": cents(52)}, "only closes"),
        (10, {"side": Side.ASK, "price": cents(52), "size": shares(10.01)}, "settled"),
        (-10, {"side": Side.BID, "price": cents(48), "size": shares(10.01)}, "settled"),
    ],
)
def test_a_liquidator_only_closes_and_never_turns_the_position(net, place, words):
    gateway = liquidating(net)
    (no,) = of(OrderDenied, gateway.place("c1", owner=LIQUIDATOR, **place))

    assert no.rule is DenyRule.NOT_REDUCING
    assert words in no.reason


def test_a_liquidator_offers_no_more_than_is_settled_and_not_offered_already():
    gateway = liquidating(6)
    gateway.hear(a_fill(6, 50))
    sell = {"owner": LIQUIDATOR, "side": Side.ASK}
    gateway.rest("c1", price=cents(52), size=shares(6), **sell)
    (no,) = of(OrderDenied, gateway.place("c2", price=cents(53), size=shares(6), **sell))

    assert (no.rule, no.reason) == (DenyRule.NOT_REDUCING, "only 0 are settled and not offered yet")


@pytest.mark.parametrize("net", [500, -500])
def test_what_is_held_beyond_the_cap_may_be_worked_off_and_not_grow(net):
    gateway = liquidating(net)
    side, price = (Side.ASK, cents(52)) if net > 0 else (Side.BID, cents(48))
    assert of(PrepareOrder, gateway.place("c1", owner=LIQUIDATOR, side=side, price=price))
    gateway.hear(
        msgspec.structs.replace(taken(), market=OTHER), a_fill(net if net > 0 else 60, 50, market=OTHER)
    )
    gateway.hear(an_info(OTHER))

    assert of(OrderDenied, gateway.place("c2", market=OTHER))[0].rule is DenyRule.EXPOSURE


def test_a_liquidator_may_close_while_quotes_are_halted():
    gateway = liquidating(10)
    gateway.keep_alive(Level.HALT_QUOTES)

    assert of(PrepareOrder, gateway.place("c1", owner=LIQUIDATOR, side=Side.ASK, price=cents(52)))


def test_exposure_counts_what_is_held_resting_sent_unknown_and_being_signed(gateway):
    gateway.hear(a_fill(10, 48))
    gateway.rest("resting")
    gateway.send("sent", price=cents(47))
    gateway.place("signing", price=cents(46))
    gateway.rest("canceling", price=cents(45))
    gateway.hear(cancel("canceling"))
    assert gateway.worst == (shares(10), shares(40)), "the one being signed comes on top"
    assert of(PrepareOrder, gateway.place("last", price=cents(44)))

    assert of(OrderDenied, gateway.place("more", size=shares(5)))[0].rule is DenyRule.EXPOSURE


# What is bought or sold.


def test_a_bid_buys_yes_and_an_ask_buys_no(gateway):
    (bid,) = of(PrepareOrder, gateway.place("c1"))
    (ask,) = of(PrepareOrder, gateway.place("c2", side=Side.ASK, price=cents(52)))

    assert (bid.token, bid.action, bid.price, bid.size) == (YES, Action.BUY, cents(48), shares(10))
    assert (ask.token, ask.action, ask.price, ask.size) == (NO, Action.BUY, cents(48), shares(10))


def test_what_is_held_settled_and_not_offered_is_sold_instead(gateway):
    fill = a_fill(15, 48)
    gateway.hear(fill, confirmed(fill))
    ask = {"side": Side.ASK, "price": cents(52)}
    (first,) = of(PrepareOrder, gateway.place("c1", **ask))
    (second,) = of(PrepareOrder, gateway.place("c2", **{**ask, "price": cents(53)}))
    assert (first.token, first.action, first.price) == (YES, Action.SELL, cents(52))

    assert (second.token, second.action, second.price) == (NO, Action.BUY, cents(47))


def test_a_bid_sells_no_where_it_is_held(gateway):
    fill = a_fill(10, 52, side=Side.ASK)
    gateway.hear(fill, confirmed(fill))
    (bid,) = of(PrepareOrder, gateway.place("c1"))

    assert (bid.token, bid.action, bid.price) == (NO, Action.SELL, cents(52))


def test_what_is_not_settled_is_not_sold(gateway):
    gateway.hear(a_fill(15, 48))

    assert of(PrepareOrder, gateway.place("c1", side=Side.ASK, price=cents(52)))[0].action is Action.BUY
