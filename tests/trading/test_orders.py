"""The book of our own orders: one table of steps, fills once, and what may still come of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.orders import (
    NEVER,
    AnswerLost,
    OrderAccepted,
    OrderCanceled,
    OrderCompleted,
    OrderExpired,
    OrderRejected,
    OrderVoided,
    SendOrder,
    TakeOrdersOff,
)
from messages.values import (
    Action,
    CommandId,
    MarketNs,
    OrderId,
    Outcome,
    RealNs,
    Shares,
    Side,
    TokenId,
    TradeId,
)
from tests.factories import (
    MARKET,
    OTHER,
    a_fill,
    accepted,
    an_order,
    canceled,
    cents,
    completed,
    intended,
    order_id,
    rejected,
    shares,
)
from trading.orders import CLOSED, MAX_CLOSED, TRANSITIONS, OrderTable, Status

PLACE = an_order("c1")
NOW = RealNs(5)


def names(place: Any = PLACE) -> dict[str, Any]:
    """What every fact about an order carries."""
    return {"order": order_id(place), "command": place.command, "market": place.market, "owner": place.owner}


FACTS = {
    OrderAccepted: accepted(PLACE),
    OrderRejected: rejected(PLACE),
    AnswerLost: AnswerLost(**names(), reason=""),
    OrderVoided: OrderVoided(**names(), reason=""),
    OrderCompleted: completed(PLACE),
    OrderCanceled: canceled(PLACE),
    OrderExpired: OrderExpired(**names(), filled=shares(0)),
}


def a_table(*places: Any) -> OrderTable:
    """A table with these orders intended."""
    table = OrderTable()
    for place in places or (PLACE,):
        assert table.note(intended(place), NOW)
    return table


def buying(place: Any, outcome: Outcome = Outcome.YES, action: Action = Action.BUY, **changes: Any) -> Any:
    """The intent of an order of one token."""
    values = {f: getattr(intended(place), f) for f in intended(place).__struct_fields__}
    return type(intended(place))(**{**values, "outcome": outcome, "action": action, **changes})


def test_an_order_is_taken_up_once():
    table = a_table()

    assert not table.note(intended(PLACE), NOW)
    assert len(table) == 1


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("fact", [*FACTS, SendOrder, TakeOrdersOff])
def test_only_the_steps_of_the_table_are_taken(status, fact):
    table = a_table()
    order = table.get(order_id(PLACE))
    order.status = status
    follows = TRANSITIONS.get(status, {}).get(fact)

    assert table.step(order, fact) is (follows is not None)
    assert order.status is (follows or status)


def test_nothing_leads_out_of_a_closed_order():
    assert CLOSED.isdisjoint(TRANSITIONS)
    assert {end for steps in TRANSITIONS.values() for end in steps.values()} >= CLOSED


@given(st.lists(st.sampled_from([*FACTS]), max_size=12), st.lists(st.integers(1, 15), max_size=6))
def test_whatever_is_told_a_closed_order_stays_closed_and_leaves_are_never_negative(kinds, fills):
    table = a_table()
    order = table.get(order_id(PLACE))
    closed = None
    for number, size in enumerate(fills):
        table.fill(a_fill(size, 48, place=PLACE, trade=str(number)))
    for kind in kinds:
        table.note(FACTS[kind], NOW)
        closed = closed or (order.status if order.status in CLOSED else None)
        assert closed in (None, order.status)
        assert 0 <= order.leaves <= order.intended.size
        assert order.is_open is (order in list(table))


def test_facts_of_a_strange_order_change_nothing():
    table = a_table(an_order("c2"))

    assert not any(table.note(fact, NOW) for fact in FACTS.values())
    assert not table.fill(a_fill(1, 48, place=PLACE))


def test_acceptance_and_loss_are_dated():
    table = a_table()
    order = table.get(order_id(PLACE))
    table.note(FACTS[AnswerLost], RealNs(7))
    table.note(FACTS[OrderAccepted], RealNs(9))

    assert (order.unknown_at, order.accepted_at) == (7, 9)


def test_a_closed_order_is_remembered_for_what_is_told_late():
    table = a_table()
    table.note(completed(PLACE), NOW)

    assert len(table) == 0
    assert table.by_command(PLACE.command) is table.get(order_id(PLACE)) is not None
    assert table.fill(a_fill(1, 48, place=PLACE, trade="late"))


def test_closed_orders_are_forgotten_in_the_end_with_all_that_belongs_to_them():
    table = OrderTable()
    for number in range(MAX_CLOSED + 1):
        place = an_order(f"c{number}")
        table.note(intended(place), NOW)
        table.fill(a_fill(10, 48, place=place, trade="t"))
        table.note(completed(place), NOW)

    assert table.by_command(CommandId("c0")) is None
    assert table.get(OrderId("0xc0")) is None
    assert table.by_command(CommandId("c1")) is not None
    assert len(table._commands) == len(table._legs) == len(table._closed) == MAX_CLOSED


def test_a_fill_counts_once_per_trade():
    table = a_table()
    fill = a_fill(4, 48, place=PLACE, trade="t1")

    assert (table.fill(fill), table.fill(fill)) == (True, False)
    assert table.get(order_id(PLACE)).leaves == shares(6)


def test_a_trade_that_was_ruled_out_is_no_fill():
    table = a_table()
    table.rule_out(order_id(PLACE), TradeId("t1"), shares(1))
    table.rule_out(OrderId("0xstrange"), TradeId("t1"), shares(1))

    assert not table.fill(a_fill(4, 48, place=PLACE, trade="t1"))
    assert table.fill(a_fill(4, 48, place=PLACE, trade="t2"))


def test_a_new_life_knows_that_everything_before_it_is_past():
    table = a_table()
    order = table.get(order_id(PLACE))
    table.note(FACTS[AnswerLost], RealNs(10**6))
    table.note(FACTS[OrderAccepted], RealNs(10**6))
    table.begin(RealNs(50), "restarted")

    assert (order.accepted_at, order.unknown_at, order.why) == (50, 50, "restarted")
    table.begin(RealNs(90), "again")
    assert (order.accepted_at, order.why) == (50, "restarted")


def test_orders_are_found_by_market_and_owner():
    table = a_table(PLACE, an_order("c2", market=OTHER), an_order("c3", owner="liquidator:aa"))

    assert [order.intended.command for order in table.of(MARKET)] == ["c1", "c3"]
    assert [order.intended.command for order in table.of(MARKET, PLACE.owner)] == ["c1"]


def test_the_worst_that_may_become_of_a_market():
    table = a_table(PLACE, an_order("c2", side=Side.ASK, size=shares(7)), an_order("c3", market=OTHER))
    table.fill(a_fill(4, 48, place=PLACE))

    assert table.worst(MARKET, Shares(shares(4))) == (-shares(3), shares(10))


def test_what_is_offered_and_what_is_tied():
    table = OrderTable()
    table.note(buying(PLACE), NOW)
    table.note(buying(an_order("c2", side=Side.ASK, price=cents(60)), Outcome.NO, token=TokenId("2")), NOW)
    table.note(buying(an_order("c3", side=Side.ASK), Outcome.YES, Action.SELL), NOW)

    assert table.offered(TokenId("1")) == shares(10)
    assert table.offered(TokenId("2")) == 0
    assert table.tied() == 4_800_000 + 4_000_000


def test_what_an_order_ties_is_given_back_when_its_end_is_durable_and_not_when_it_is_said():
    table = OrderTable()
    table.note(buying(PLACE), NOW)
    table.fill(a_fill(4, 48, place=PLACE))

    table.note(canceled(PLACE), NOW, is_said=True)
    said = table.worst(MARKET, Shares(0)), table.tied(), len(table)
    table.note(canceled(PLACE), NOW)

    assert said == ((0, shares(6)), 6 * 480_000, 0)
    assert (table.worst(MARKET, Shares(0)), table.tied()) == ((0, 0), 0)


def test_an_end_that_was_told_ties_nothing():
    table = a_table(PLACE)

    table.note(canceled(PLACE), NOW)

    assert table.worst(MARKET, Shares(0)) == (0, 0)


def test_what_an_order_ties_is_rounded_up():
    table = OrderTable()
    table.note(buying(an_order("c1", price=333_333, size=1)), NOW)

    assert table.tied() == 1


def test_the_oldest_open_intent():
    table = OrderTable()
    assert table.intended_since() is None
    table.note(buying(PLACE, intended_at=MarketNs(7)), NOW)
    table.note(buying(an_order("c2"), intended_at=MarketNs(5)), NOW)
    assert table.intended_since() == 5
    table.note(completed(an_order("c2")), NOW)

    assert table.intended_since() == 7


def test_orders_are_counted_by_status():
    table = a_table(PLACE, an_order("c2"))
    table.note(FACTS[OrderAccepted], NOW)

    assert (table.count(Status.RESTING), table.count(Status.INTENDED), table.count(Status.FILLED)) == (
        1,
        1,
        0,
    )


def test_a_table_may_be_changed_while_it_is_walked():
    table = a_table(PLACE, an_order("c2"))
    for order in table:
        table.note(OrderCompleted(order=order.id, **{k: v for k, v in names().items() if k != "order"}), NOW)

    assert len(table) == 0
    assert table.get(order_id(PLACE)).accepted_at == NEVER
