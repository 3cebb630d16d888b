from messages.values import MICRO
from tests.venue.paper.engine_bench import ALICE, NO, YES
from venue.paper.engine.accounts import Accounts


def test_average_cost_grows_with_buys_and_stays_with_sells() -> None:
    accounts = Accounts()
    accounts.pay(ALICE, 100 * MICRO)
    accounts.buy(ALICE, YES, 10 * MICRO, 4 * MICRO)
    accounts.buy(ALICE, YES, 10 * MICRO, 6 * MICRO)
    accounts.sell(ALICE, YES, 5 * MICRO, 4 * MICRO)

    position = accounts.of(ALICE).positions()[YES]
    assert (position.size, position.average_cost) == (15 * MICRO, 500_000)
    assert accounts.of(ALICE).collateral == 94 * MICRO


def test_a_position_that_was_closed_begins_with_a_new_cost() -> None:
    accounts = Accounts()
    accounts.buy(ALICE, YES, 10 * MICRO, 4 * MICRO)
    accounts.sell(ALICE, YES, 10 * MICRO, 1 * MICRO)
    assert accounts.of(ALICE).positions() == {}

    accounts.buy(ALICE, YES, 1 * MICRO, 700_000)
    assert accounts.of(ALICE).positions()[YES].average_cost == 700_000


def test_balances_that_moved_are_told_once() -> None:
    accounts = Accounts()
    accounts.buy(ALICE, NO, MICRO, 400_000)
    accounts.buy(ALICE, NO, MICRO, 400_000)

    assert sorted(accounts.moved(), key=str) == sorted([(ALICE, None), (ALICE, NO)], key=str)
    assert accounts.moved() == []
    assert accounts.find("0xStranger") is None
