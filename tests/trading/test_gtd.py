"""Orders that end by themselves: when, and how they are taken back before."""

import msgspec
import pytest

from messages.values import SECOND, MarketNs, RealNs
from tests.factories import accepted, an_order, intended, order_id
from trading.gtd import AHEAD_NS, NEARLY_OVER, ends_at, fading
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


def test_an_order_ends_on_a_whole_second_or_never():
    assert ends_at(MarketNs(7 * SECOND + 999), 300) == MarketNs(307 * SECOND)
    assert ends_at(MarketNs(7 * SECOND + 999), 0) == MarketNs(0)


def test_an_order_is_taken_back_shortly_before_its_end(table):
    assert fading(table, before(AHEAD_NS + 1)) == []
    assert fading(table, before(AHEAD_NS)) == [order(table)]

    assert order(table).why == NEARLY_OVER


def test_an_order_whose_end_came_first_is_known_to_have_expired(table):
    assert fading(table, ENDS) == [order(table)]

    assert order(table).why == EXPIRED


def test_what_is_wanted_back_or_never_ends_is_left_alone(table):
    order(table).cancel_wanted = True
    assert fading(table, ENDS) == []
    endless = OrderTable()
    endless.note(intended(PLACE), RealNs(1))
    endless.note(accepted(PLACE), RealNs(2))

    assert fading(endless, MarketNs(10**18)) == []
