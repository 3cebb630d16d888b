from messages.orders import CancelMarket
from messages.values import SECOND, RealNs
from tests.factories import (
    LIQUIDATOR,
    MAKER,
    MARKET,
    OTHER,
    accepted,
    an_order,
    canceled,
    cents,
    gateway_started,
    intended,
)
from trading.desk import OrderDesk

PLACE = an_order("c1")
TAKE_BACK = CancelMarket(market=MARKET, owner=MAKER)
NOW = RealNs(SECOND)


def withdrawn(desk: OrderDesk, now: int) -> list[CancelMarket]:
    return list(desk.withdraw(MARKET, MAKER, RealNs(now)))


def test_everything_is_taken_back_once_and_again_each_second_until_it_is_gone() -> None:
    desk = OrderDesk()
    assert withdrawn(desk, 0) == []

    desk.place(PLACE, cents(50))
    assert withdrawn(desk, SECOND) == [TAKE_BACK]
    assert withdrawn(desk, 2 * SECOND - 1) == []
    assert withdrawn(desk, 2 * SECOND) == [TAKE_BACK]

    desk.hear(canceled(PLACE), NOW, NOW)
    assert withdrawn(desk, 9 * SECOND) == []


def test_a_new_order_is_taken_back_at_once() -> None:
    desk = OrderDesk()
    desk.place(PLACE, cents(50))
    withdrawn(desk, SECOND)
    desk.place(an_order("c2"), cents(50))

    assert withdrawn(desk, SECOND + 1) == [TAKE_BACK]


def test_an_order_it_never_asked_for_keeps_the_market_busy() -> None:
    desk = OrderDesk()
    desk.hear(intended(PLACE), NOW, NOW)

    assert desk.has_leftovers(MARKET, MAKER)
    assert desk.is_busy(MARKET, MAKER)
    assert not desk.is_busy(MARKET, LIQUIDATOR)
    assert withdrawn(desk, SECOND) == [TAKE_BACK]


def test_after_a_restart_every_market_with_something_open_is_cleared_and_the_active_one_anyway() -> None:
    desk = OrderDesk()
    desk.hear(intended(an_order("old", market=OTHER)), NOW, NOW)
    desk.hear(accepted(an_order("old", market=OTHER)), NOW, NOW)

    assert [c.market for c in desk.withdraw_all(MAKER, MARKET)] == [OTHER, MARKET]
    assert [c.market for c in OrderDesk().withdraw_all(MAKER, None)] == []


def test_a_cancel_is_repeated_while_nothing_is_heard() -> None:
    desk = OrderDesk()
    desk.place(PLACE, cents(50))
    assert desk.cancel(PLACE.command, NOW).command == PLACE.command

    assert list(desk.cancel_again(RealNs(2 * SECOND - 1))) == []
    assert [c.command for c in desk.cancel_again(RealNs(2 * SECOND))] == [PLACE.command]


def test_a_new_gateway_leaves_nothing_open() -> None:
    desk = OrderDesk()
    desk.place(PLACE, cents(50))
    desk.hear(accepted(PLACE), NOW, NOW)
    desk.restart(gateway_started(), NOW)

    assert not desk.is_busy(MARKET, MAKER)
