"""What a wallet must have before an order is taken, in the venue's words, and what leaves when it has less."""

from __future__ import annotations

import pytest

from messages.values import MICRO, Size, TokenId
from tests.venue.paper.engine_bench import ALICE, BOB, NO, YES, Bench, a_market, an_order, ask, bid, key_of
from venue.paper.engine.terms import OrderStatus, Refused, TokenSide
from venue.wire.contracts import EXCHANGE, UNLIMITED

BALANCE = "not enough balance / allowance: the balance is not enough -> "
ALLOWANCE = "not enough balance / allowance: the allowance is not enough -> "
OTHER_YES, OTHER_NO = TokenId("3333"), TokenId("4444")


def refusal(bench: Bench, side: TokenSide, cents: float, shares: float, token: TokenId = YES) -> str:
    with pytest.raises(Refused) as refused:
        bench.exchange.place(an_order(ALICE, side, cents, shares, token=token))
    return refused.value.text


def with_another_market(bench: Bench) -> Bench:
    bench.exchange.add_market(a_market(id="0xother", slug="other", yes=OTHER_YES, no=OTHER_NO))
    return bench


def test_with_nothing_tied_the_refusal_is_short() -> None:
    assert refusal(Bench(dollars=10), TokenSide.BUY, 50, 21) == (
        BALANCE + "balance: 10000000, order amount: 10500000"
    )


def test_resting_orders_and_unsettled_matches_are_named_apart() -> None:
    bench = Bench(ask(0, 50, 10), dollars=10)
    bench.buy(ALICE, 50, 10)
    assert refusal(bench, TokenSide.BUY, 60, 10) == (
        BALANCE + "balance: 10000000, sum of matched orders: 5000000, order amount (inc. fees): 6000000"
    )
    bench.buy(ALICE, 30, 10)
    assert refusal(bench, TokenSide.BUY, 60, 10) == (
        BALANCE + "balance: 10000000, sum of active orders: 3000000, sum of matched orders: 5000000,"
        " order amount (inc. fees): 6000000"
    )
    bench.at(2)
    assert refusal(bench, TokenSide.BUY, 60, 10) == (
        BALANCE + "balance: 5000000, sum of active orders: 3000000, sum of matched orders: 0,"
        " order amount (inc. fees): 6000000"
    )


def test_the_last_cent_can_be_ordered_and_not_one_more() -> None:
    bench = Bench(ask(0, 50, 10), dollars=10)
    bench.buy(ALICE, 50, 10)
    bench.buy(ALICE, 25, 10)
    refusal(bench, TokenSide.BUY, 26, 10)
    assert bench.buy(ALICE, 25, 10).status == "live"


def test_tokens_are_counted_like_dollars() -> None:
    bench = Bench(bid(0, 40, 10))
    bench.exchange.bank.split(ALICE, bench.market, Size(20 * MICRO))
    bench.sell(ALICE, 40, 8)
    bench.sell(ALICE, 60, 7)
    assert refusal(bench, TokenSide.SELL, 60, 6) == (
        BALANCE + "balance: 20000000, sum of active orders: 7000000, sum of matched orders: 8000000,"
        " order amount (inc. fees): 6000000"
    )
    assert bench.sell(ALICE, 60, 5).status == "live"


def test_a_wallets_orders_count_together_or_market_by_market() -> None:
    bench = with_another_market(Bench(dollars=10))
    bench.buy(ALICE, 50, 16)
    refusal(bench, TokenSide.BUY, 50, 10, OTHER_YES)

    bench.switch(reserve_by_market=True)
    assert bench.buy(ALICE, 50, 20, token=OTHER_YES).status == "live"
    refusal(bench, TokenSide.BUY, 50, 5)
    assert bench.buy(ALICE, 40, 5).status == "live"


def test_orders_that_counted_apart_leave_when_they_count_together() -> None:
    bench = with_another_market(Bench(dollars=10))
    bench.switch(reserve_by_market=True)
    first = bench.buy(ALICE, 50, 16)
    bench.at(1)
    second = bench.buy(ALICE, 50, 16, token=OTHER_YES)
    bench.switch(reserve_by_market=False)

    assert (bench.leaves(first, ALICE), bench.leaves(second, ALICE)) == (16, None)
    assert bench.heard.orders[-1][1].status is OrderStatus.CANCELED_BALANCE


def test_what_was_spent_in_one_market_takes_orders_off_the_other() -> None:
    bench = with_another_market(Bench(ask(0, 50, 20), dollars=10))
    bench.switch(reserve_by_market=True)
    other = bench.buy(ALICE, 50, 20, token=OTHER_YES)
    bench.buy(ALICE, 50, 10)
    bench.at(1)
    assert bench.leaves(other, ALICE) == 20
    bench.at(2)
    assert bench.leaves(other, ALICE) is None


def test_the_matched_term_may_stick_as_it_was_seen_to() -> None:
    bench = Bench(ask(0, 50, 10), dollars=10)
    bench.switch(matched_sticks=True)
    bench.buy(ALICE, 50, 10)
    bench.at(60)
    assert refusal(bench, TokenSide.BUY, 50, 10) == (
        BALANCE + "balance: 5000000, sum of matched orders: 5000000, order amount (inc. fees): 5000000"
    )
    assert bench.buy(BOB, 50, 10).status == "live"
    bench.switch(matched_sticks=False)
    assert bench.buy(ALICE, 49, 10).status == "live"


def test_an_allowance_limits_what_can_be_ordered_and_is_used_up_when_trades_are_mined() -> None:
    bench = Bench(ask(0, 50, 100))
    bench.exchange.bank.allow(ALICE, EXCHANGE, False, 12 * MICRO)
    assert refusal(bench, TokenSide.BUY, 50, 30) == (
        ALLOWANCE + f"spender: {EXCHANGE}, allowance: 12000000, sum of matched orders: 0,"
        " order amount (inc. fees): 15000000"
    )
    bench.buy(ALICE, 50, 20)
    assert refusal(bench, TokenSide.BUY, 50, 5).startswith(
        ALLOWANCE + f"spender: {EXCHANGE}, allowance: 12000000, sum of matched orders: 10000000,"
    )
    bench.at(2)
    assert bench.exchange.bank.allowances(ALICE, None)[EXCHANGE] == 2 * MICRO
    assert f"allowance: {2 * MICRO}," in refusal(bench, TokenSide.BUY, 50, 5)
    bench.exchange.bank.allow(ALICE, EXCHANGE, False, UNLIMITED)
    assert bench.buy(ALICE, 50, 5).status == "matched"


def test_tokens_are_allowed_all_or_none() -> None:
    bench = Bench()
    bench.exchange.bank.split(ALICE, bench.market, Size(20 * MICRO))
    bench.exchange.bank.allow(ALICE, EXCHANGE, True, 0)
    assert refusal(bench, TokenSide.SELL, 60, 10, NO) == (
        ALLOWANCE + f"spender: {EXCHANGE}, allowance: 0, sum of matched orders: 0,"
        " order amount (inc. fees): 10000000"
    )
    assert bench.buy(ALICE, 20, 10).status == "live"


def test_orders_leave_newest_first_when_their_money_is_made_into_tokens() -> None:
    bench = Bench(dollars=10)
    first, second, third = (bench.buy(ALICE, cents, 10) for cents in (30, 20, 40))
    assert bench.exchange.bank.split(ALICE, bench.market, Size(4 * MICRO)).kind == "SPLIT"

    assert [bench.leaves(order, ALICE) for order in (first, second, third)] == [10, 10, None]
    statuses = [order.status for kind, order in bench.heard.orders if kind == "CANCELLATION"]
    assert statuses == [OrderStatus.CANCELED_BALANCE]
    assert bench.exchange.open_orders(key_of(ALICE)) != []
