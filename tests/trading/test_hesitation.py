from messages.orders import DenyRule
from messages.values import MS, SECOND, RealNs, Side
from tests.factories import MARKET, an_order, cents, denied, shares
from trading.hesitation import Hesitation
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
        hesitation.rejected(order(), RealNs(n), RealNs(0))
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
