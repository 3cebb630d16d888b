from __future__ import annotations

import msgspec
import pytest

from messages.system import ClockAnchor
from messages.values import MICRO, SECOND, MarketNs, Money, OrderId, Price, RealNs, Size, TokenId
from tests.venue.paper.engine_bench import (
    ALICE,
    BOB,
    CAROL,
    NO,
    YES,
    Bench,
    Heard,
    ScriptedTape,
    a_market,
    an_order,
    ask,
    bid,
    bought,
    closed,
    key_of,
    sold,
    tick,
    whole,
)
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import OrderStatus, OrderType, Refused, TokenSide, TradeStatus
from venue.paper.ledger.ledger import Ledger


def test_yes_and_no_are_one_book_seen_from_two_sides() -> None:
    bench = Bench(bid(0, 40, 100), ask(0, 45, 50))
    bench.buy(ALICE, 56, 10, token=NO)

    assert bench.shown(YES) == ({40: 100}, {44: 10, 45: 50})
    assert bench.shown(NO) == ({55: 50, 56: 10}, {60: 100})


def test_a_book_lists_its_worst_level_first() -> None:
    bench = Bench(bid(0, 40, 1), bid(0, 38, 1), ask(0, 45, 1), ask(0, 47, 1))
    view = bench.exchange.book(YES)
    assert view is not None
    assert [price // 10_000 for price, _ in view.bids] == [38, 40]
    assert [price // 10_000 for price, _ in view.asks] == [47, 45]


def test_a_taker_gets_the_resting_price_and_is_told_what_it_moved() -> None:
    bench = Bench(ask(0, 45, 6), ask(0, 47, 50))
    placed = bench.buy(ALICE, 50, 10)

    assert (placed.status, placed.making, placed.taking) == ("matched", 4_580_000, 10 * MICRO)
    trades = bench.exchange.trades(key_of(ALICE))
    assert [(t.price // 10_000, t.size // MICRO) for t in trades] == [(45, 6), (47, 4)]
    assert tuple(t.id for t in trades) == placed.trades
    assert bench.dollars(ALICE) == 1_000 - 4.58
    assert bench.shares(ALICE) == 10


def test_two_buyers_of_opposite_tokens_mint_a_pair() -> None:
    bench = Bench()
    bench.buy(ALICE, 40, 10)
    placed = bench.buy(BOB, 65, 10, token=NO)

    assert (placed.making, placed.taking) == (6 * MICRO, 10 * MICRO)
    assert (bench.dollars(ALICE), bench.shares(ALICE, YES)) == (996, 10)
    assert (bench.dollars(BOB), bench.shares(BOB, NO)) == (994, 10)
    (trade,) = bench.exchange.trades(key_of(ALICE))
    assert (trade.token, trade.side, trade.price) == (NO, TokenSide.BUY, Price(600_000))
    (leg,) = trade.legs
    assert (leg.token, leg.side, leg.price) == (YES, TokenSide.BUY, Price(400_000))


def test_two_sellers_of_opposite_tokens_merge_a_pair() -> None:
    bench = Bench()
    bench.buy(ALICE, 40, 10)
    bench.buy(BOB, 60, 10, token=NO)
    bench.at(2)
    bench.sell(ALICE, 55, 10)
    bench.sell(BOB, 45, 10, token=NO)

    assert (bench.dollars(ALICE), bench.dollars(BOB)) == (1_001.5, 998.5)
    assert (bench.shares(ALICE, YES), bench.shares(BOB, NO)) == (0, 0)


def test_a_seller_and_a_buyer_of_one_token_pass_it_on() -> None:
    bench = Bench(ask(0, 40, 10))
    bench.buy(ALICE, 40, 10)
    bench.at(2)
    bench.sell(ALICE, 50, 10)
    bench.buy(BOB, 50, 10)

    assert (bench.dollars(ALICE), bench.shares(ALICE)) == (1_001, 0)
    assert (bench.dollars(BOB), bench.shares(BOB)) == (995, 10)


def test_only_the_taker_pays_the_fee() -> None:
    bench = Bench(market=a_market(fee_rate=50_000))
    bench.buy(ALICE, 40, 10)
    bench.buy(BOB, 60, 10, token=NO)

    (trade,) = bench.exchange.trades(key_of(BOB))
    assert trade.fee == 120_000
    assert bench.dollars(ALICE) == 996
    assert bench.dollars(BOB) == 993.88
    assert bench.exchange.positions(BOB)[NO].average_cost == 612_000


def test_accounts_queue_in_time_order_among_themselves() -> None:
    bench = Bench(bid(0, 40, 20), sold(10, 40, 35))
    first, second = bench.buy(ALICE, 40, 10), bench.buy(BOB, 40, 10)

    bench.at(10)

    assert bench.leaves(first, ALICE) is None
    assert bench.leaves(second, BOB) == 5


def test_a_match_settles_on_the_market_clock() -> None:
    bench = Bench(ask(0, 40, 10))
    bench.buy(ALICE, 40, 10)
    (trade,) = bench.exchange.trades(key_of(ALICE))
    assert (trade.status, trade.transaction_hash) == (TradeStatus.MATCHED, "")
    assert bench.exchange.next_due() == trade.matched_at + 2 * SECOND

    bench.at(2)
    (trade,) = bench.exchange.trades(key_of(ALICE))
    assert trade.status is TradeStatus.MINED
    assert len(trade.transaction_hash) == 66
    assert trade.updated_at - trade.matched_at == 2 * SECOND

    bench.at(60)
    (trade,) = bench.exchange.trades(key_of(ALICE))
    assert trade.status is TradeStatus.CONFIRMED
    assert trade.updated_at - trade.matched_at == 5 * SECOND
    assert [name for name in bench.heard.all if name.startswith("trade")] == [
        "trade MATCHED",
        "trade MINED",
        "trade CONFIRMED",
    ]


def test_a_good_till_date_order_leaves_a_minute_before_its_date() -> None:
    bench = Bench()
    placed = bench.buy(ALICE, 40, 10, type=OrderType.GTD, expires_at=bench.later(200))

    bench.at(139.9)
    assert bench.leaves(placed, ALICE) == 10
    bench.at(140)
    assert bench.leaves(placed, ALICE) is None
    kind, order = bench.heard.orders[-1]
    assert (kind, order.status) == ("CANCELLATION", OrderStatus.CANCELED_EXPIRED)
    assert bench.shown() == ({}, {})


def test_a_cancel_says_which_orders_it_found() -> None:
    bench = Bench()
    mine, theirs = bench.buy(ALICE, 40, 10), bench.buy(BOB, 41, 10)
    unknown = OrderId("0x" + "0" * 64)

    canceled, not_canceled = bench.exchange.cancel(
        key_of(ALICE), [mine.order, theirs.order, unknown, mine.order]
    )

    assert canceled == [mine.order]
    assert set(not_canceled) == {theirs.order, unknown}
    assert set(not_canceled.values()) == {"order can't be found - already canceled or matched"}
    assert bench.leaves(theirs, BOB) == 10


def test_cancels_by_market_and_token_leave_the_rest() -> None:
    bench = Bench()
    yes, no = bench.buy(ALICE, 40, 10), bench.buy(ALICE, 40, 10, token=NO)

    assert bench.exchange.cancel_market(key_of(ALICE), bench.market.id, YES) == [yes.order]
    assert [order.new.id for order in bench.exchange.open_orders(key_of(ALICE))] == [no.order]
    assert bench.exchange.cancel_all(key_of(ALICE)) == [no.order]


def test_a_canceled_order_frees_what_it_reserved() -> None:
    bench = Bench(dollars=4)
    for _ in range(3):
        bench.buy(ALICE, 40, 10)
        bench.exchange.cancel_all(key_of(ALICE))


def test_an_order_is_told_at_every_turn_as_it_was_then() -> None:
    bench = Bench(sold(10, 39, 4), sold(20, 39, 6))
    bench.buy(ALICE, 40, 10)
    bench.at(20)

    said = [(kind, order.status.value, order.matched // MICRO) for kind, order in bench.heard.orders]
    assert said == [("PLACEMENT", "LIVE", 0), ("UPDATE", "LIVE", 4), ("UPDATE", "MATCHED", 10)]
    assert bench.exchange.order(key_of(ALICE), bench.heard.orders[0][1].new.id) is None


def test_a_match_is_heard_as_levels_then_print_then_trade_then_orders() -> None:
    bench = Bench()
    bench.buy(ALICE, 40, 10)
    bench.heard.all.clear()
    bench.buy(BOB, 60, 10, token=NO)

    assert bench.heard.all == ["level", "PLACEMENT", "print", "trade MATCHED", "UPDATE", "UPDATE"]
    assert bench.heard.prints == [(NO, TokenSide.BUY, Price(600_000), Size(10 * MICRO))]


def test_a_print_of_the_background_is_told_once_though_it_fills_us() -> None:
    bench = Bench(sold(10, 39, 4))
    bench.buy(ALICE, 40, 10)
    bench.at(10)

    assert bench.heard.prints == [(YES, TokenSide.SELL, Price(390_000), Size(4 * MICRO))]
    (trade,) = bench.exchange.trades(key_of(ALICE))
    assert (trade.taker_owner, trade.side, trade.price) == ("", TokenSide.SELL, Price(400_000))


def test_a_whole_book_is_told_as_a_book_and_a_new_grid_as_a_tick() -> None:
    bench = Bench(whole(10, {40: 5}, {50: 5}), whole(20, {40: 5}, {50: 5}), tick(30, 0.1), bid(30, 40.1, 7))
    bench.at(30)

    assert bench.heard.replaced == 1
    assert bench.heard.ticks == [(Price(10_000), Price(1_000))]
    bench.buy(ALICE, 40.2, 10)


def test_the_end_of_a_market_cancels_what_rests_and_refuses_more() -> None:
    bench = Bench(bid(0, 30, 5), closed(10))
    bench.buy(ALICE, 40, 10)
    bench.at(10)

    assert bench.exchange.open_orders(key_of(ALICE)) == []
    assert bench.heard.orders[-1][0] == "CANCELLATION"
    assert not bench.heard.markets[-1].accepting_orders
    assert bench.shown() == ({30: 5}, {})
    with pytest.raises(Refused):
        bench.buy(ALICE, 40, 10)


def test_an_address_is_funded_once() -> None:
    bench = Bench()
    assert bench.exchange.fund("0xNew", Money(5 * MICRO))
    assert not bench.exchange.fund("0xNew", Money(5 * MICRO))
    assert bench.dollars("0xNew") == 5
    assert bench.exchange.fund("0xOther")
    assert bench.dollars("0xOther") == 1_000


def test_trades_are_found_by_owner_time_market_and_token() -> None:
    bench = Bench(ask(0, 40, 100))
    bench.at(10)
    bench.buy(ALICE, 40, 10)
    bench.at(20)
    bench.buy(ALICE, 40, 10)
    second = bench.clock.now() // SECOND  # type: ignore[operator]
    find = bench.exchange.trades

    assert len(find(key_of(ALICE))) == 2
    assert find(key_of(BOB)) == []
    assert len(find(key_of(ALICE), after_s=second - 5)) == 1
    assert len(find(key_of(ALICE), before_s=second - 5)) == 1
    assert len(find(key_of(ALICE), market=bench.market.id, token=YES)) == 2
    assert find(key_of(ALICE), token=NO) == []
    assert find(key_of(ALICE), id=find(key_of(ALICE))[0].id)[0].matched_at < bench.clock.now()


def test_a_leg_of_the_other_token_finds_the_trade() -> None:
    bench = Bench()
    bench.buy(ALICE, 40, 10)
    bench.buy(BOB, 60, 10, token=NO)

    assert len(bench.exchange.trades(key_of(ALICE), token=YES)) == 1


def test_a_token_nobody_listed_has_no_book_and_takes_no_order() -> None:
    bench = Bench()
    assert bench.exchange.book(TokenId("3")) is None
    assert bench.exchange.market_of(TokenId("3")) is None
    with pytest.raises(Refused, match="Invalid token id"):
        bench.buy(ALICE, 40, 10, token=TokenId("3"))
    with pytest.raises(ValueError, match="listed already"):
        bench.exchange.add_market(bench.market)


def test_everything_due_is_played_in_time_order_however_late_it_is_asked_for() -> None:
    bench = Bench(ask(0, 40, 10), bid(1.5, 20, 5), bought(2.5, 50, 5), closed(9))
    bench.buy(ALICE, 40, 10)
    placed = bench.buy(CAROL, 30, 10, type=OrderType.GTD, expires_at=bench.later(3 * 60 + 1))
    bench.heard.all.clear()
    bench.at(1_000)

    assert bench.heard.all == [
        "level",
        "trade MINED",
        "print",
        "trade CONFIRMED",
        "level",
        "CANCELLATION",
        "market",
    ]
    assert bench.exchange.next_due() is None
    assert bench.leaves(placed, CAROL) is None


def test_a_second_door_hears_from_the_moment_it_listens() -> None:
    bench, late = Bench(), Heard()
    bench.buy(ALICE, 40, 10)
    bench.exchange.listen(late)
    bench.buy(ALICE, 41, 10)

    assert len(late.orders) == 1
    assert late.levels == [(TokenSide.BUY, Price(410_000), Size(10 * MICRO))]


def test_orders_told_are_copies() -> None:
    bench = Bench(sold(10, 39, 4))
    bench.buy(ALICE, 40, 10)
    told = msgspec.structs.replace(bench.heard.orders[0][1])
    bench.at(10)
    assert bench.heard.orders[0][1] == told
    assert an_order(ALICE, TokenSide.BUY, 40, 10).id != told.new.id


def test_a_world_listed_before_the_first_start_is_as_old_as_market_second_0() -> None:
    clock = VenueClock(lambda: RealNs(0))
    exchange = Exchange(clock, Ledger(":memory:"))
    exchange.add_tape(ScriptedTape(a_market(), [bid(0, 40, 5)]))
    exchange.advance()
    clock.start(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(7 * SECOND), speed=1))

    view = exchange.book(YES)

    assert view is not None
    assert view.at == exchange.now == 7 * SECOND
