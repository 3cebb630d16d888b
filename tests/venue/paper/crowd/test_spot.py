import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from messages.values import MICRO, SECOND, MarketNs
from venue.paper.crowd.reference import COINS, Reference
from venue.paper.crowd.spot import A_SECOND, LATEST_MS, Spot

BTC, XRP = COINS["btc"], COINS["xrp"]
START_S = 1_795_300_200
PATH = Reference(4)
SPOT = Spot(PATH, 4)


def test_trades_are_at_the_reference_price_to_within_a_tick() -> None:
    for coin in (BTC, XRP):
        for trade in SPOT.trades(coin, START_S, START_S + 99).rows():
            price = PATH.value_at(coin, MarketNs(trade.at_ms // 1_000 * SECOND))
            bid = price // coin.tick * coin.tick
            assert trade.price == (bid if trade.is_sale else bid + coin.tick)
            assert trade.size > 0


def test_trades_have_numbers_and_times_in_order_and_both_sides_take() -> None:
    trades = SPOT.trades(BTC, START_S, START_S + 999)

    assert np.diff(trades.number).tolist() == [1] * (1_000 * A_SECOND - 1)
    assert (np.diff(trades.at_ms) >= 0).all()
    assert (trades.at_ms % 1_000 < LATEST_MS).all()
    assert 0.4 < trades.sold.mean() < 0.6
    assert 0.5 < np.median(trades.size) / (BTC.lot * MICRO) < 2


def test_a_quote_stands_around_the_price() -> None:
    quote = SPOT.quote(BTC, START_S)

    assert quote.ask - quote.bid == BTC.tick
    assert quote.bid <= PATH.value_at(BTC, MarketNs(START_S * SECOND)) < quote.ask
    assert min(quote.bid_size, quote.ask_size) > 0


@settings(max_examples=20, deadline=None)
@given(st.integers(START_S - 5_000, START_S + 5_000), st.integers(0, 4_000))
def test_a_trade_is_the_same_whatever_was_asked_before(first_s: int, further_s: int) -> None:
    fresh = Spot(Reference(4), 4).trades(BTC, first_s + further_s, first_s + further_s)

    assert SPOT.trades(BTC, first_s, first_s + further_s).rows()[-A_SECOND:] == fresh.rows()


def test_only_what_has_happened_is_told() -> None:
    last = SPOT.trades(BTC, START_S, START_S + 5).rows()[-1]

    assert SPOT.trades_until(BTC, START_S, last.at_ms).rows()[-1] == last
    assert SPOT.trades_until(BTC, START_S, last.at_ms - 1).rows()[-1] != last
    assert SPOT.trades_until(BTC, START_S, START_S * 1_000 - 5).rows() == []


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([1, 60, 300]), st.integers(1, 5), st.integers(0, 999))
def test_candles_are_what_their_trades_make_them(width_s: int, count: int, ms: int) -> None:
    until_ms = 1_000 * (START_S + width_s * count) - 1 - ms
    candles = SPOT.candles(BTC, START_S, width_s, until_ms)

    for candle in candles:
        ends_ms = min(until_ms, 1_000 * (candle.begins_s + width_s) - 1)
        rows = SPOT.trades_until(BTC, candle.begins_s, ends_ms).rows()
        prices, bought = [row.price for row in rows], [row for row in rows if not row.is_sale]
        assert (candle.open, candle.close) == (prices[0], prices[-1])
        assert (candle.high, candle.low) == (max(prices), min(prices))
        assert (candle.first, candle.last) == (rows[0].number, rows[-1].number)
        assert candle.volume == sum(row.size for row in rows)
        assert candle.bought == sum(row.size for row in bought)
        assert abs(candle.dollars - sum(row.size * row.price // MICRO for row in rows)) <= len(rows)
        assert abs(candle.bought_dollars - sum(row.size * row.price // MICRO for row in bought)) <= len(rows)
    begun = [candle.begins_s for candle in candles]
    assert begun == [START_S + n * width_s for n in range(len(begun))]
    assert count - 1 <= len(begun) <= count
