"""The venue's idea of a balance may lag behind the chain."""

from __future__ import annotations

import pytest

from messages.values import MICRO, Size
from tests.venue.paper.engine_bench import ALICE, YES, Bench, ask
from venue.paper.engine.terms import Refused


def shown(bench: Bench) -> tuple[float, float]:
    """Dollars and YES as the venue has them."""
    bank = bench.exchange.bank
    return bank.shown(ALICE, None) / MICRO, bank.shown(ALICE, YES) / MICRO


def split(bench: Bench, pairs: int) -> None:
    bench.exchange.bank.split(ALICE, bench.market, Size(pairs * MICRO))


def test_without_a_lag_the_venue_sees_what_the_chain_does() -> None:
    bench = Bench(ask(0, 40, 10))
    bench.buy(ALICE, 40, 10)
    bench.at(2)
    split(bench, 5)
    assert shown(bench) == (991, 15)


def test_a_lag_is_counted_in_market_time_for_every_change_by_itself() -> None:
    bench = Bench()
    bench.switch(balance_lag_ms=3_000)
    split(bench, 5)
    bench.at(2)
    split(bench, 5)

    assert shown(bench) == (1_000, 0)
    bench.at(3)
    assert shown(bench) == (995, 5)
    bench.at(5)
    assert shown(bench) == (990, 10)
    assert bench.exchange.bank.on_chain(ALICE, YES) == 10 * MICRO


def test_an_update_reads_one_balance_at_once() -> None:
    bench = Bench()
    bench.switch(balance_lag_ms=None)
    split(bench, 5)
    bench.at(100_000)
    assert shown(bench) == (1_000, 0)
    bench.exchange.bank.refresh(ALICE, YES)
    assert shown(bench) == (1_000, 5)
    split(bench, 5)
    assert shown(bench) == (1_000, 5)
    bench.exchange.bank.refresh(ALICE, YES)
    bench.exchange.bank.refresh(ALICE, None)
    assert shown(bench) == (990, 10)


def test_what_the_venue_has_not_seen_cannot_be_sold_though_it_is_there() -> None:
    bench = Bench()
    bench.switch(balance_lag_ms=None)
    split(bench, 5)
    with pytest.raises(Refused, match="balance: 0, order amount: 5000000"):
        bench.sell(ALICE, 50, 5)
    bench.exchange.bank.refresh(ALICE, YES)
    assert bench.sell(ALICE, 50, 5).status == "live"


def test_orders_without_money_stay_until_the_venue_sees_it() -> None:
    bench = Bench(dollars=10)
    bench.switch(balance_lag_ms=3_000)
    order = bench.buy(ALICE, 50, 20)
    split(bench, 5)
    bench.at(2.9)
    assert bench.leaves(order, ALICE) == 20
    bench.at(3)
    assert bench.leaves(order, ALICE) is None


def test_an_order_whose_money_is_gone_unseen_matches_and_fails() -> None:
    bench = Bench(ask(5, 40, 20), dollars=10)
    bench.switch(balance_lag_ms=None)
    split(bench, 10)
    bench.buy(ALICE, 50, 20)
    bench.at(30)

    assert [trade.status.value for trade in bench.exchange.trades("key of 0xA11ce")] == ["FAILED"]
    assert bench.exchange.bank.on_chain(ALICE, None) == 0
    assert bench.dollars(ALICE) == 0


def test_when_the_lag_is_over_everything_is_seen() -> None:
    bench = Bench(dollars=10)
    bench.switch(balance_lag_ms=None)
    order = bench.buy(ALICE, 50, 20)
    split(bench, 5)
    bench.switch(balance_lag_ms=0)
    assert shown(bench) == (5, 5)
    assert bench.leaves(order, ALICE) is None
