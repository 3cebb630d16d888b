"""How orders come off the book."""

import pytest

from messages.orders import ForgetOrder, SendOrder, TakeAllOff, TakeOrdersOff, VenueMode
from messages.values import RealNs
from tests.factories import accepted, an_order, completed, intended, order_id
from trading.account import Account
from trading.budget import Budget, Tier
from trading.intake import Intake
from trading.orders import OrderTable, Status
from trading.ownership import Ownership
from trading.risk.gate import GateLimits
from trading.withdrawal import AGAIN_NS, FAILING_NS, REFUSED_NS, Withdrawal

RESTING, SENT, CLOSED = an_order("resting"), an_order("sent"), an_order("closed")
NOW = RealNs(10**12)


def later(ns: int) -> RealNs:
    """So long after."""
    return RealNs(int(NOW) + ns)


@pytest.fixture
def account() -> Account:
    account = Account()
    for place in (RESTING, SENT, CLOSED):
        account.note(intended(place), NOW)
    account.note(accepted(RESTING), NOW)
    account.table.step(account.table.get(order_id(SENT)), SendOrder)
    account.note(completed(CLOSED), NOW)
    return account


@pytest.fixture
def table(account) -> OrderTable:
    return account.table


@pytest.fixture
def withdrawal(account) -> Withdrawal:
    budget = Budget(Tier.STANDARD)
    withdrawal = Withdrawal(account.table, Intake(account, Ownership(), GateLimits(), budget, 300), budget)
    withdrawal.is_armed = True
    return withdrawal


def test_what_rests_is_taken_off_and_what_may_not_have_left_is_forgotten(withdrawal, table):
    orders = [table.get(order_id(place)) for place in (RESTING, SENT, CLOSED)]

    assert list(withdrawal.some(orders, NOW)) == [
        ForgetOrder(order=order_id(SENT)),
        TakeOrdersOff(orders=(order_id(RESTING),)),
    ]
    assert table.get(order_id(RESTING)).status is Status.CANCELING
    assert list(withdrawal.some(orders, NOW)) == []


def test_everything_goes_by_one_request(withdrawal, table):
    assert list(withdrawal.everything(NOW)) == [ForgetOrder(order=order_id(SENT)), TakeAllOff()]
    assert all(order.cancel_wanted for order in table)
    assert list(withdrawal.everything_again(later(AGAIN_NS - 1))) == []

    assert TakeAllOff() in list(withdrawal.everything_again(later(AGAIN_NS)))


def test_what_is_wanted_back_is_asked_for_again_until_it_is_off(withdrawal, table):
    list(withdrawal.some(table, NOW))
    both = TakeOrdersOff(orders=(order_id(RESTING), order_id(SENT)))
    assert list(withdrawal.again(later(AGAIN_NS - 1))) == []
    assert list(withdrawal.again(later(AGAIN_NS))) == [both]
    assert list(withdrawal.again(later(AGAIN_NS + 1))) == []
    table.get(order_id(RESTING)).off_at = later(AGAIN_NS + 2)

    assert list(withdrawal.again(later(3 * AGAIN_NS))) == [TakeOrdersOff(orders=(order_id(SENT),))]


def test_what_nobody_wants_back_is_left_alone(withdrawal):
    assert list(withdrawal.again(later(AGAIN_NS))) == []


def test_unarmed_it_notes_and_asks_nothing_of_the_venue(withdrawal, table):
    withdrawal.is_armed = False

    assert list(withdrawal.some(table, NOW)) == [ForgetOrder(order=order_id(SENT))]
    assert list(withdrawal.everything(NOW)) == [ForgetOrder(order=order_id(SENT))]
    assert all(order.cancel_wanted for order in table)


def test_a_venue_that_wants_no_cancels_for_a_while_is_asked_again_after_it(withdrawal, table):
    list(withdrawal.some(table, NOW))
    withdrawal.refused(VenueMode.BUSY, 3_000, NOW, everything=False)

    assert list(withdrawal.again(later(3 * AGAIN_NS - 1))) == []
    assert list(withdrawal.everything_again(later(3 * AGAIN_NS - 1))) == []
    assert list(withdrawal.again(later(3 * AGAIN_NS))) != []


def test_when_all_at_once_cannot_pass_orders_go_one_by_one_as_far_as_cancels_last(account):
    budget = Budget(Tier.STANDARD)
    withdrawal = Withdrawal(account.table, Intake(account, Ownership(), GateLimits(), budget, 300), budget)
    withdrawal.is_armed = True
    second = an_order("second")
    for fact in (intended(second), accepted(second)):
        account.note(fact, NOW)
    budget.cancels.take(119, NOW)

    said = [word for word in withdrawal.everything(NOW) if isinstance(word, TakeOrdersOff | TakeAllOff)]
    assert said == [TakeOrdersOff(orders=(order_id(RESTING),))]
    assert all(order.cancel_wanted for order in account.table)
    assert TakeOrdersOff(orders=(order_id(second),)) in list(withdrawal.again(later(AGAIN_NS // 10)))


def test_one_by_one_nothing_is_asked_for_again_that_is_off(account):
    budget = Budget(Tier.STANDARD)
    withdrawal = Withdrawal(account.table, Intake(account, Ownership(), GateLimits(), budget, 300), budget)
    withdrawal.is_armed = True
    withdrawal.refused(VenueMode.BUSY, 0, NOW, everything=True)
    list(withdrawal.everything(NOW))
    for order in account.table:
        order.is_off(NOW)

    said = list(withdrawal.everything(later(2 * AGAIN_NS)))
    assert not [word for word in said if isinstance(word, TakeOrdersOff | TakeAllOff)]


def test_no_wish_of_the_venue_to_be_left_alone_keeps_cancels_back_for_more_than_half_a_minute(
    withdrawal, table
):
    list(withdrawal.some(table, NOW))
    withdrawal.refused(VenueMode.BUSY, 600_000, NOW, everything=False)

    assert list(withdrawal.again(later(REFUSED_NS - 1))) == []
    assert list(withdrawal.again(later(REFUSED_NS))) != []


def test_cancels_are_stuck_when_for_long_not_one_came_through(withdrawal):
    assert not withdrawal.is_stuck(NOW)
    withdrawal.refused(VenueMode.OPEN, 0, NOW, everything=False)
    withdrawal.refused(VenueMode.OPEN, 0, later(FAILING_NS // 2), everything=True)
    assert not withdrawal.is_stuck(later(FAILING_NS - 1))
    assert withdrawal.is_stuck(later(FAILING_NS))

    withdrawal.done()
    assert not withdrawal.is_stuck(later(FAILING_NS))
