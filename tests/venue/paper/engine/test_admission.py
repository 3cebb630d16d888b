import pytest

from messages.values import MICRO, Price
from tests.venue.paper.engine_bench import ALICE, BOB, Bench, an_order, ask, bid, closed
from venue.paper.engine.admission import decimal, taker_fee
from venue.paper.engine.terms import NewOrder, OrderType, Refused, TokenSide


def refusal(bench: Bench, order: NewOrder) -> str:
    with pytest.raises(Refused) as refused:
        bench.exchange.place(order)
    assert refused.value.status == 400
    assert bench.exchange.open_orders(order.owner) == []
    return refused.value.text


def test_a_price_off_the_grid_is_refused_in_the_venues_words() -> None:
    order = an_order(ALICE, TokenSide.BUY, 40.5, 10)
    assert refusal(Bench(), order) == (
        f"order {order.id} is invalid. Price (0.405) breaks minimum tick size rule: 0.01"
    )


@pytest.mark.parametrize("cents", [0, 100])
def test_the_price_stays_a_tick_away_from_both_ends(cents: float) -> None:
    order = an_order(ALICE, TokenSide.BUY, cents, 10)
    assert "breaks minimum tick size rule: 0.01" in refusal(Bench(), order)


def test_a_size_below_the_minimum_is_refused() -> None:
    order = an_order(ALICE, TokenSide.BUY, 40, 4.99)
    assert refusal(Bench(), order) == f"order {order.id} is invalid. Size (4.99) lower than the minimum: 5"


def test_a_size_of_three_decimals_is_refused() -> None:
    order = an_order(ALICE, TokenSide.BUY, 40, 10.125)
    assert refusal(Bench(), order) == (
        f"order {order.id} is invalid. Size (10.125) has 3 decimal places. Maximum lot size is 2"
    )


def test_a_market_buy_states_dollars_and_may_have_more_decimals() -> None:
    bench = Bench(ask(0, 33, 100))
    bench.buy(ALICE, 33, 30.303, type=OrderType.FOK)
    assert bench.shares(ALICE) == 30.303


def test_the_same_order_is_taken_once_even_after_its_end() -> None:
    bench = Bench()
    order = an_order(ALICE, TokenSide.BUY, 40, 10)
    bench.exchange.place(order)
    bench.exchange.cancel_all(order.owner)
    assert refusal(bench, order) == f"order {order.id} is invalid. Duplicated."


def test_post_only_is_refused_when_it_would_trade_on_either_token() -> None:
    bench = Bench(ask(0, 60, 10), bid(0, 40, 10))
    assert refusal(bench, an_order(ALICE, TokenSide.BUY, 60, 10, post_only=True)) == (
        "invalid post-only order: order crosses book"
    )
    mirrored = an_order(ALICE, TokenSide.BUY, 60, 10, token=bench.market.no, post_only=True)
    assert refusal(bench, mirrored) == "invalid post-only order: order crosses book"
    bench.buy(ALICE, 59, 10, post_only=True)


def test_what_rests_is_reserved_and_no_more_can_be_placed() -> None:
    bench = Bench(dollars=10)
    bench.buy(ALICE, 40, 20)
    order = an_order(ALICE, TokenSide.BUY, 41, 5)
    bench.buy(ALICE, 40, 5)
    with pytest.raises(Refused) as refused:
        bench.exchange.place(order)
    assert refused.value.text == (
        "not enough balance / allowance: the balance is not enough ->"
        " balance: 10000000, sum of active orders: 10000000, sum of matched orders: 0,"
        " order amount (inc. fees): 2050000"
    )


def test_a_buy_that_trades_at_once_needs_its_fee_as_well() -> None:
    bench = Bench(ask(0, 50, 100), dollars=10)
    bench.market.fee_rate = 50_000
    text = refusal(bench, an_order(ALICE, TokenSide.BUY, 50, 20))
    assert text.endswith("balance: 10000000, order amount: 10250000")
    bench.buy(ALICE, 49, 20)


def test_only_tokens_held_can_be_sold() -> None:
    text = refusal(Bench(), an_order(ALICE, TokenSide.SELL, 40, 10))
    assert text.endswith("balance: 0, order amount: 10000000")


def test_fill_or_kill_needs_all_of_it_at_once() -> None:
    bench = Bench(ask(0, 50, 9), ask(0, 52, 9))
    assert refusal(bench, an_order(ALICE, TokenSide.BUY, 51, 10, type=OrderType.FOK)) == (
        "order couldn't be fully filled. FOK orders are fully filled or killed."
    )
    assert bench.buy(ALICE, 52, 10, type=OrderType.FOK).status == "matched"


def test_fill_and_kill_needs_something_to_match() -> None:
    bench = Bench(ask(0, 50, 9))
    assert refusal(bench, an_order(ALICE, TokenSide.BUY, 49, 10, type=OrderType.FAK)) == (
        "no orders found to match with FAK order."
        " FAK orders are partially filled or killed if no match is found."
    )
    placed = bench.buy(ALICE, 50, 10, type=OrderType.FAK)
    assert (placed.status, placed.taking, placed.making) == ("matched", 9 * MICRO, 4_500_000)
    assert bench.leaves(placed, ALICE) is None


def test_a_marketable_buy_below_a_dollar_is_refused() -> None:
    bench = Bench(ask(0, 15, 9))
    assert refusal(bench, an_order(ALICE, TokenSide.BUY, 15, 6)) == (
        "invalid amount for a marketable BUY order ($0.9), min size: $1"
    )
    bench.buy(ALICE, 14, 6)


def test_expirations_are_checked_for_the_order_type() -> None:
    bench = Bench()
    near, far = bench.later(179), bench.later(180)
    buy = TokenSide.BUY
    assert refusal(bench, an_order(ALICE, buy, 40, 10, expires_at=far)) == "invalid expiration"
    assert refusal(bench, an_order(ALICE, buy, 40, 10, type=OrderType.GTD)) == "invalid expiration"
    assert refusal(bench, an_order(ALICE, buy, 40, 10, type=OrderType.GTD, expires_at=near)) == (
        "invalid expiration"
    )
    assert bench.buy(BOB, 40, 10, type=OrderType.GTD, expires_at=far).status == "live"


def test_a_market_that_closed_takes_no_orders() -> None:
    assert refusal(Bench(closed(0)), an_order(ALICE, TokenSide.BUY, 40, 10)) == (
        "the market is not yet ready to process new orders"
    )


@pytest.mark.parametrize(
    ("rate", "cents", "shares", "fee"),
    [(70_000, 50, 100, 1_750_000), (50_000, 10, 10, 45_000), (40_000, 50, 0.0001, 10), (0, 50, 100, 0)],
)
def test_the_fee_is_rate_times_p_times_one_minus_p_to_five_decimals(
    rate: int, cents: int, shares: float, fee: int
) -> None:
    assert taker_fee(rate, Price(cents * 10_000), round(shares * MICRO)) == fee


def test_numbers_read_as_on_the_wire() -> None:
    assert [decimal(n) for n in (0, 500_000, 12_000_000, 1_000, 10_120_000)] == [
        "0",
        "0.5",
        "12",
        "0.001",
        "10.12",
    ]
