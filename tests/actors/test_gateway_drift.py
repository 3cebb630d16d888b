"""Balances that are not what our fills say: told once, and their market paused when they say it again."""

import pytest

from messages.account import PositionMismatched, ReadAccount, Settlement
from messages.orders import OrderDenied, PrepareOrder, TakeOrdersOff
from messages.values import MICRO, Action, Outcome, Price, Side
from messages.wallet import MarketPaused, MarketResumed, PauseCause, PositionsReadFailed
from tests.actors.gateway_stage import YES, Gateway, a_leg, kinds, listed, named, started
from tests.actors.wallet_stage import LATER, accept, bought, looked
from tests.factories import MARKET, of, shares


@pytest.fixture
def gateway() -> Gateway:
    return started()


def test_balances_are_looked_at_each_minute_and_after_a_settlement(gateway):
    bought(gateway)
    gateway.rest("c2", size=shares(6))
    here = listed("c2")
    reads = []
    for second in range(0, 120, 5):
        if second == 80:
            gateway.legs(a_leg("c2", 2, trade="t2", at=LATER, status=Settlement.CONFIRMED))
        gateway.keep_alive()
        (asked,) = of(ReadAccount, gateway.watch(5))
        reads.append((second, bool(asked.tokens)))
        held = gateway.gateway.account.inventories[MARKET].held(Outcome.YES)
        gateway.read(here, balances=tuple((t, held if t == YES else shares(0)) for t in asked.tokens))

    assert [second for second, is_asked in reads if is_asked] == [0, 60, 80]


def test_what_differs_once_is_told_and_what_differs_twice_makes_the_market_dirty(gateway):
    bought(gateway)
    first = looked(gateway, 61, t1=8)
    (wrong,) = of(PositionMismatched, first)
    assert (wrong.believed, wrong.balance) == (shares(10), shares(8))
    assert not of(MarketPaused, first)

    second = looked(gateway, 6, t1=8)
    (paused,) = of(MarketPaused, second)
    assert (paused.cause, paused.amount) == (PauseCause.DRIFT, 2 * MICRO)
    assert not of(MarketPaused, looked(gateway, 6, t1=8)), "once"
    assert not of(PrepareOrder, gateway.place("c9"))


def test_before_it_is_told_twice_the_venue_is_made_to_look_at_the_chain(gateway):
    bought(gateway)
    looked(gateway, 61, t1=8)
    gateway.keep_alive()

    (asked,) = of(ReadAccount, gateway.watch(6))
    assert (asked.refresh, YES in asked.tokens) == (True, True)


def test_a_difference_that_goes_away_was_a_delay(gateway):
    bought(gateway)
    looked(gateway, 61, t1=8)
    looked(gateway, 6)

    assert not of(MarketPaused, looked(gateway, 61, t1=8))


@pytest.mark.parametrize("size", [9.99, 10, 10.01])
def test_a_hundredth_of_a_share_is_no_difference(gateway, size):
    bought(gateway)

    assert not of(PositionMismatched, looked(gateway, 61, t1=size))


@pytest.mark.parametrize("balance", [6, 10, 12, 16])
def test_what_is_bought_or_sold_and_not_settled_may_be_there_or_not(gateway, balance):
    bought(gateway)
    gateway.rest("c2", size=shares(6))
    gateway.legs(a_leg("c2", 6, trade="t2", at=LATER))
    gateway.rest("c3", side=Side.ASK, price=Price(550_000), size=shares(5))
    sold = a_leg("c3", 4, 55, trade="t3", action=Action.SELL, at=LATER)
    gateway.legs(sold)

    assert not of(PositionMismatched, looked(gateway, 61, t1=balance))


def test_a_venue_that_shows_nothing_at_all_proves_nothing(gateway):
    bought(gateway)
    for after_s in (61, 6, 6):
        gateway.keep_alive()
        gateway.watch(after_s)
        said = gateway.read(collateral=0, balances=((YES, shares(0)),))
        assert not of(PositionMismatched, said)
        assert not of(MarketPaused, said)


def test_risk_may_pause_a_market_and_what_rests_there_comes_off(gateway):
    gateway.rest("c1")
    said = gateway.hear(
        MarketPaused(market=MARKET, slug="s", cause=PauseCause.DRIFT, reason="the public list differs")
    )

    assert of(TakeOrdersOff, said)[0].orders == (named("c1"),)
    assert of(OrderDenied, gateway.place("c2"))[0].reason == "the public list differs"


def test_two_of_the_last_twenty_settlements_that_fail_pause_their_market(gateway):
    gateway.rest("c1", size=shares(20))
    said = []
    for n in range(12):
        gateway.legs(a_leg("c1", 1, trade=f"t{n}", at=LATER))
        end = Settlement.FAILED if n in (3, 9) else Settlement.CONFIRMED
        said.append(of(MarketPaused, gateway.legs(a_leg("c1", 1, trade=f"t{n}", at=LATER, status=end))))

    assert [n for n, paused in enumerate(said) if paused] == [9]
    assert said[9][0].cause is PauseCause.FAILED_SETTLEMENTS


def test_settlements_that_failed_before_a_person_accepted_the_market_count_no_more_after_a_restart_either(
    gateway,
):
    gateway.rest("c1", size=shares(20))
    for n in range(2):
        gateway.legs(a_leg("c1", 1, trade=f"t{n}", at=LATER))
        gateway.legs(a_leg("c1", 1, trade=f"t{n}", at=LATER, status=Settlement.FAILED))
    accept(gateway)
    gateway.hear(PositionsReadFailed(reason="no answer"))
    assert of(MarketResumed, looked(gateway, 1))
    after = Gateway()
    after.recover(gateway.journal)

    after.legs(a_leg("c1", 1, trade="t7", at=LATER))
    said = after.legs(a_leg("c1", 1, trade="t7", at=LATER, status=Settlement.FAILED))
    assert kinds(said) == ["FillReversed"]
