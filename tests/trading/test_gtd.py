"""Orders that end by themselves: when, and how they are taken back before."""

import msgspec
import pytest

from messages.values import SECOND, MarketNs, RealNs
from tests.factories import accepted, an_order, intended, order_id
from trading.gtd import AHEAD_NS, LEAST_REAL_S, NEARLY_OVER, Lifetime
from trading.orders import Order, OrderTable
from trading.truth import EXPIRED

PLACE = an_order("c1")
ENDS = MarketNs(1_000 * SECOND)


@pytest.fixture
def table() -> OrderTable:
    """One order that rests until `ENDS`."""
    table = OrderTable()
    table.note(msgspec.structs.replace(intended(PLACE), expires_at=ENDS), RealNs(1))
    table.note(accepted(PLACE), RealNs(2))
    return table


def order(table: OrderTable) -> Order:
    found = table.get(order_id(PLACE))
    assert found is not None
    return found


def before(ns: int) -> MarketNs:
    """So long before the end."""
    return MarketNs(int(ENDS) - ns)


def running(speed: int, life_s: int = 300) -> Lifetime:
    """Market time runs this fast, as far as was seen."""
    lifetime = Lifetime(life_s)
    for second in range(3):
        lifetime.look(RealNs(second * SECOND), MarketNs(second * speed * SECOND))
    return lifetime


@pytest.mark.parametrize("speed", [1, 20])
def test_an_order_ends_on_a_whole_second_or_never(speed):
    assert running(speed).ends_at(MarketNs(7 * SECOND + 999)) == MarketNs(307 * SECOND)
    assert running(speed, life_s=0).ends_at(MarketNs(7 * SECOND + 999)) == MarketNs(0)


def test_in_very_fast_market_time_an_order_still_lives_for_some_real_seconds(table):
    fast = running(1_000)
    assert fast.ends_at(MarketNs(0)) == MarketNs(LEAST_REAL_S * 1_000 * SECOND)
    assert fast.fading(table, before(501 * SECOND)) == []

    assert fast.fading(table, before(500 * SECOND)) == [order(table)]


def test_a_market_clock_that_was_just_set_is_no_fast_one():
    lifetime = Lifetime(300)
    lifetime.look(RealNs(0), MarketNs(0))
    lifetime.look(RealNs(SECOND), MarketNs(1_700_000_000 * SECOND))

    assert lifetime.ends_at(MarketNs(0)) <= MarketNs(LEAST_REAL_S * 1_000 * SECOND)
    lifetime.look(RealNs(2 * SECOND), MarketNs(1_700_000_001 * SECOND))
    assert lifetime.ends_at(MarketNs(0)) == MarketNs(300 * SECOND)


def test_an_order_is_taken_back_shortly_before_its_end(table):
    assert running(20).fading(table, before(AHEAD_NS + 1)) == []
    assert running(20).fading(table, before(AHEAD_NS)) == [order(table)]

    assert order(table).why == NEARLY_OVER


def test_an_order_whose_end_came_first_is_known_to_have_expired(table):
    assert running(1).fading(table, ENDS) == [order(table)]

    assert order(table).why == EXPIRED


def test_what_is_wanted_back_or_never_ends_is_left_alone(table):
    order(table).cancel_wanted = True
    assert running(1).fading(table, ENDS) == []
    endless = OrderTable()
    endless.note(intended(PLACE), RealNs(1))
    endless.note(accepted(PLACE), RealNs(2))

    assert running(1).fading(endless, MarketNs(10**18)) == []
