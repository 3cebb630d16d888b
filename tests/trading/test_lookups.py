"""Orders that are asked for by their names: when, and what an answer says of being there."""

import pytest

from messages.orders import AnswerLost, OrderFound, OrderRead, ReadOrder
from messages.values import MS, SECOND, RealNs
from tests.factories import MARKET, accepted, an_order, intended, order_id, shares
from trading.lookups import MOST, PAUSES_NS, looks, note
from trading.orders import QUARANTINE_NS, Order, OrderTable
from trading.truth import LATE_NS

PLACE = an_order("c1")
NOW = 1_000 * SECOND


def lost(place=PLACE) -> AnswerLost:
    return AnswerLost(
        order=order_id(place), command=place.command, market=MARKET, owner=place.owner, reason=""
    )


@pytest.fixture
def table() -> OrderTable:
    """One order whose answer was lost just now."""
    table = OrderTable()
    table.note(intended(PLACE), RealNs(NOW - 1))
    table.note(lost(), RealNs(NOW))
    return table


def order(table: OrderTable) -> Order:
    found = table.get(order_id(PLACE))
    assert found is not None
    return found


def asked_ms(table: OrderTable, until_ms: int) -> list[int]:
    """Milliseconds at which it is asked for."""
    return [ms for ms in range(0, until_ms, 10) if list(looks(table, RealNs(NOW + ms * MS)))]


def answer(found: OrderFound, at: int, matched: float = 0) -> OrderRead:
    return OrderRead(order=order_id(PLACE), begun_at=RealNs(at), found=found, matched=shares(matched))


def test_an_unknown_order_is_asked_for_after_growing_pauses_and_right_after_its_quarantine(table):
    times = asked_ms(table, 31_000)

    assert times == [200, 700, 1_700, 3_700, 7_700, 12_700, 17_700, 22_700, 25_010, 30_010]
    assert PAUSES_NS[-1] == 5 * SECOND
    assert QUARANTINE_NS == 25 * SECOND


def test_an_order_a_list_does_not_show_is_asked_for_at_once_until_its_name_was_not_known_either(table):
    table.note(accepted(PLACE), RealNs(NOW))
    assert asked_ms(table, 1_000) == []
    order(table).missing_at = RealNs(NOW)
    assert asked_ms(table, 1_000)[0] == 0
    note(order(table), answer(OrderFound.NONE, NOW + 5))

    assert asked_ms(table, 9_000) == []


@pytest.mark.parametrize("found", [OrderFound.OPEN, OrderFound.HELD])
def test_an_order_that_is_with_the_venue_is_missing_no_more(table, found):
    order(table).missing_at, order(table).none_at = RealNs(NOW), RealNs(NOW)
    note(order(table), answer(found, NOW + 5))

    assert (order(table).is_missing, int(order(table).none_at), order(table).looks) == (False, 0, 0)


def test_an_end_that_does_not_say_how_far_it_was_filled_counts_nothing_and_takes_nothing_back(table):
    unsized = OrderRead(order=order_id(PLACE), begun_at=RealNs(NOW + 5), found=OrderFound.ENDED)
    note(order(table), unsized)
    assert (order(table).venue_matched, order(table).off_at) == (None, NOW + 5)
    note(order(table), answer(OrderFound.ENDED, NOW + 6, matched=4))
    note(order(table), unsized)

    assert (order(table).venue_matched, order(table).off_at) == (shares(4), NOW + 5)


def test_an_order_that_is_not_known_by_its_name_is_asked_for_again_while_it_is_young(table):
    table.note(accepted(PLACE), RealNs(NOW))
    order(table).missing_at = RealNs(NOW)
    for at in (1, LATE_NS, LATE_NS + 1, LATE_NS + 2):
        note(order(table), answer(OrderFound.NONE, NOW + at))

    assert order(table).none_at == NOW + LATE_NS + 1, "the first that proves something"


def test_an_order_that_ended_says_how_far_it_was_filled(table):
    note(order(table), answer(OrderFound.ENDED, NOW + 5, matched=4))

    assert (order(table).venue_matched, order(table).off_at) == (shares(4), NOW + 5)


def test_not_everything_is_asked_for_at_once():
    table = OrderTable()
    for number in range(2 * MOST):
        place = an_order(f"c{number}")
        table.note(intended(place), RealNs(NOW - 1))
        table.note(lost(place), RealNs(NOW))
    first = list(looks(table, RealNs(NOW + SECOND)))
    second = list(looks(table, RealNs(NOW + SECOND)))

    assert (len(first), len(second)) == (MOST, MOST)
    assert {look.order for look in first + second} == {o.id for o in table}
    assert all(isinstance(look, ReadOrder) for look in first)
