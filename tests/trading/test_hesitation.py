import pytest

from messages.orders import DenyRule
from messages.values import MS, SECOND, RealNs, Side
from tests.factories import MARKET, an_order, cents, denied, shares
from trading.hesitation import Hesitation, would_trade
from trading.quoting import Quote
from trading.working import WorkingOrder, WorkingOrders

PLACE = an_order("c1")
MID = cents(50)
QUOTE = Quote(mid=MID, bid=cents(48), ask=cents(52), size=shares(10))
TICK = cents(1)


def order() -> WorkingOrder:
    orders = WorkingOrders()
    orders.note(PLACE, MID)
    return orders.of(MARKET)[0]


def asks(hesitation: Hesitation, now: int, *, mid: float = 50, seen: int = 1, like: bool = True) -> bool:
    return not hesitation.forbids(Side.BID, cents(mid), RealNs(seen), RealNs(now), lambda _: like)


def after_denial(rule: DenyRule) -> Hesitation:
    hesitation = Hesitation()
    hesitation.denied(denied(PLACE, rule), order(), RealNs(0))
    return hesitation


def test_what_was_denied_is_not_asked_again_for_a_second() -> None:
    hesitation = after_denial(DenyRule.EXPOSURE)

    assert not asks(hesitation, SECOND - 1)
    assert not hesitation.is_due(RealNs(SECOND - 1))
    assert hesitation.is_due(RealNs(SECOND))
    assert asks(hesitation, SECOND)


def test_something_else_may_be_asked_at_once() -> None:
    assert asks(after_denial(DenyRule.EXPOSURE), 1, like=False)


def test_ownership_is_asked_for_again_soon() -> None:
    hesitation = after_denial(DenyRule.NOT_OWNER)

    assert not asks(hesitation, 50 * MS - 1)
    assert asks(hesitation, 50 * MS)


def test_a_dry_run_asks_the_same_thing_once() -> None:
    hesitation = after_denial(DenyRule.DRY_RUN)

    assert not asks(hesitation, 10**15)
    assert not hesitation.is_due(RealNs(10**15))
    assert asks(hesitation, 1, like=False)


def test_the_other_side_is_not_concerned() -> None:
    hesitation = after_denial(DenyRule.EXPOSURE)

    assert not hesitation.forbids(Side.ASK, MID, RealNs(1), RealNs(1), lambda _: True)


def rejected_times(times: int) -> Hesitation:
    hesitation = Hesitation()
    for n in range(times):
        hesitation.rejected(order(), "crossing: order crosses the book", RealNs(n), RealNs(0))
    return hesitation


def test_after_a_rejection_the_next_book_is_waited_for_and_one_tick_is_given() -> None:
    hesitation = rejected_times(1)

    assert not asks(hesitation, 1, seen=0)
    assert asks(hesitation, 1, seen=1)
    assert hesitation.step_back(QUOTE, TICK).bid == cents(47)
    assert hesitation.step_back(QUOTE, TICK).ask == cents(52)


def test_after_more_than_three_rejections_the_price_must_move() -> None:
    hesitation = rejected_times(4)

    assert not asks(hesitation, 2 * SECOND, seen=9)
    assert not asks(hesitation, SECOND - 1, seen=9, mid=51)
    assert asks(hesitation, SECOND, seen=9, mid=51)
    assert hesitation.step_back(QUOTE, TICK) == QUOTE


def test_another_mid_is_not_stepped_back_from() -> None:
    quote = Quote(mid=cents(51), bid=cents(49), ask=cents(53), size=shares(10))

    assert rejected_times(2).step_back(quote, TICK) == quote


def test_stepping_back_ends_with_the_grid() -> None:
    low = Quote(mid=MID, bid=cents(1), ask=cents(52), size=shares(10))

    assert rejected_times(1).step_back(low, TICK).bid is None


def test_an_order_that_rests_makes_all_good() -> None:
    hesitation = rejected_times(3)
    hesitation.accepted(Side.BID)

    assert asks(hesitation, 1, seen=0)
    assert hesitation.step_back(QUOTE, TICK) == QUOTE


def refused_times(times: int, now: int = 0) -> Hesitation:
    hesitation = Hesitation()
    for _ in range(times):
        hesitation.rejected(order(), "not enough balance / allowance", RealNs(0), RealNs(now))
    return hesitation


@pytest.mark.parametrize(("times", "seconds"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (60, 30)])
def test_what_no_other_price_changes_is_tried_again_after_a_while_that_grows(times, seconds) -> None:
    hesitation = refused_times(times)

    assert not asks(hesitation, seconds * SECOND - 1, seen=9, mid=51, like=False)
    assert not hesitation.is_due(RealNs(seconds * SECOND - 1))
    assert hesitation.is_due(RealNs(seconds * SECOND))
    assert asks(hesitation, seconds * SECOND, seen=9)
    assert not hesitation.is_due(RealNs(seconds * SECOND))
    assert hesitation.step_back(QUOTE, TICK) == QUOTE


def test_an_order_that_rests_ends_that_as_well() -> None:
    hesitation = refused_times(5)
    hesitation.accepted(Side.BID)
    assert asks(hesitation, 0)

    hesitation.rejected(order(), "invalid signature", RealNs(0), RealNs(0))
    assert asks(hesitation, SECOND)


@pytest.mark.parametrize(
    ("reason", "would"),
    [
        ("crossing: invalid post-only order: order crosses book", True),
        ("order 0x1 crosses the book", True),
        ("post_only_mode: post-only mode: only post-only orders and cancels are allowed", False),
        ("rate limited: Too Many Requests", False),
    ],
)
def test_a_price_that_would_trade_is_told_from_a_venue_that_does_not_want_us(reason, would) -> None:
    assert would_trade(reason) is would
