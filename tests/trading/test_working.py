from messages.orders import DenyRule, PlaceOrder
from messages.values import SECOND, MarketId, RealNs, Side
from tests.factories import (
    LIQUIDATOR,
    MAKER,
    MARKET,
    OTHER,
    a_fill,
    accepted,
    an_order,
    canceled,
    cents,
    completed,
    denied,
    gateway_started,
    intended,
    rejected,
    shares,
)
from trading.working import IntendedOrders, Progress, WorkingOrders

PLACE = an_order("c1")


def working(*places: PlaceOrder) -> WorkingOrders:
    orders = WorkingOrders()
    for place in places:
        orders.note(place, cents(50))
    return orders


def test_an_order_gets_further_by_what_is_heard() -> None:
    orders = working(PLACE)
    order = orders.of(MARKET)[0]
    assert not order.is_resting

    orders.hear(intended(PLACE))
    orders.hear(accepted(PLACE))

    assert order.progress is Progress.RESTING
    assert order.is_resting
    assert orders.resting(MARKET) == [(Side.BID, cents(48), shares(10))]


def test_every_end_ends_it() -> None:
    for end in (canceled(PLACE), completed(PLACE), rejected(PLACE), denied(PLACE, DenyRule.LATE)):
        orders = working(PLACE)
        assert orders.hear(end) is not None
        assert len(orders) == 0
        assert orders.hear(end) is None


def test_a_fill_takes_from_its_leaves() -> None:
    orders = working(PLACE)
    orders.fill(a_fill(4, 48, place=PLACE))

    assert orders.of(MARKET)[0].leaves == shares(6)


def test_an_order_nobody_speaks_of_is_forgotten_after_two_seconds() -> None:
    orders = working(PLACE, an_order("c2"))
    orders.hear(intended(PLACE))

    assert orders.forget_silent(RealNs(2 * SECOND)) == []
    assert [order.command for order in orders.forget_silent(RealNs(2 * SECOND + 1))] == ["c2"]
    assert len(orders) == 1


def test_a_cancel_without_an_answer_is_asked_again_each_second() -> None:
    orders = working(PLACE)
    orders.canceling(PLACE.command, RealNs(5))

    assert orders.to_cancel_again(RealNs(SECOND)) == []
    assert len(orders.to_cancel_again(RealNs(SECOND + 5))) == 1
    assert orders.to_cancel_again(RealNs(SECOND + 6)) == []


def test_facts_leave_open_what_has_no_end() -> None:
    orders = IntendedOrders()
    other = an_order("c2", market=OTHER, owner=LIQUIDATOR)
    for fact in (intended(PLACE), accepted(PLACE), intended(other)):
        orders.hear(fact)

    assert orders.resting == 1
    assert orders.markets_of(MAKER) == [MARKET]
    assert orders.leftovers(MAKER, MARKET, WorkingOrders()) == 1
    assert orders.leftovers(MAKER, MARKET, working(PLACE)) == 0

    orders.hear(canceled(PLACE))
    assert orders.markets_of(MAKER) == []
    assert orders.leftovers(LIQUIDATOR, MarketId(OTHER), WorkingOrders()) == 1


def test_an_acceptance_that_is_committed_after_the_end_opens_nothing() -> None:
    orders = IntendedOrders()

    for fact in (intended(PLACE), canceled(PLACE), accepted(PLACE)):
        orders.hear(fact)

    assert orders.resting == 0
    assert orders.markets_of(MAKER) == []


def test_a_new_gateway_leaves_nothing_open() -> None:
    orders = IntendedOrders()
    orders.hear(intended(PLACE))
    orders.hear(accepted(PLACE))
    orders.hear(gateway_started())

    assert orders.resting == 0


def test_a_new_gateway_voids_all_but_what_crossed_its_start() -> None:
    resting, old, fresh = an_order("r"), an_order("o"), an_order("f", decided_at=RealNs(SECOND))
    orders = working(resting, old, fresh)
    orders.hear(accepted(resting))
    orders.void(RealNs(SECOND + 1))

    assert [order.command for order in orders.of(MARKET)] == ["f"]
