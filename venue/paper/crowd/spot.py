"""A spot exchange on the reference price: its trades, its best prices, its candles. Two trades in every second.

The bid is the reference price rounded down to the tick, the ask one tick above; sellers trade at the one, buyers at
the other, within the first quarter of a second. Everything follows from (seed, coin, second).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import msgspec
import numpy as np

from messages.values import MICRO
from venue.paper.crowd.draws import Draws
from venue.paper.crowd.grid import HOUR_S, Floats, Ints
from venue.paper.crowd.reference import COINS, Coin, Reference

A_SECOND = 2
"""Trades."""
LATEST_MS = 250
"""Milliseconds into a second before which its trades happen."""
SIZE_SPREAD = 1.2
"""Standard deviation of the logarithm of trades' sizes."""
SIZE_STEP = 10
"""Millionths of a coin."""
RESTING = 40.0
"""Median size of the best bid and ask, in median trades."""
KEPT_HOURS = 24


class Trade(NamedTuple):
    """One trade, as `Trades` has them."""

    number: int
    at_ms: int
    price: int
    size: int
    is_sale: bool


class Trades(msgspec.Struct, frozen=True):
    """Trades in the order in which they happened, column by column."""

    number: Ints
    at_ms: Ints
    """Epoch milliseconds."""
    price: Ints
    """Millionths of a dollar."""
    size: Ints
    """Millionths of a coin."""
    sold: Ints
    """1 where the taker sold, else 0."""

    def rows(self) -> list[Trade]:
        """Each by itself."""
        columns = (self.number, self.at_ms, self.price, self.size, self.sold == 1)
        return [Trade(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]

    def part(self, first: int, end: int) -> Trades:
        """Some of them, by place."""
        return Trades(*(getattr(self, name)[first:end] for name in self.__struct_fields__))


class Quote(msgspec.Struct, frozen=True):
    """Best prices and what rests there, in millionths."""

    number: int
    bid: int
    bid_size: int
    ask: int
    ask_size: int


class Candle(msgspec.Struct, frozen=True):
    """The trades of a stretch of time; money and sizes in millionths."""

    begins_s: int
    first: int
    """Number of its first trade."""
    last: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    dollars: int
    bought: int
    """Of the volume, what takers bought."""
    bought_dollars: int


class _Hour(msgspec.Struct, frozen=True):
    """Chance of an hour; seconds × trades of a second."""

    delay_ms: Ints
    size: Ints
    sold: Ints
    resting: Ints
    """Seconds × bid and ask."""


class Spot:
    """The exchange of one seed."""

    def __init__(self, reference: Reference, seed: int) -> None:
        self._reference = reference
        self._draws = {symbol: Draws(seed, f"{symbol}usdt") for symbol in COINS}
        self._hour = lru_cache(KEPT_HOURS)(self._draw_hour)

    def quote(self, coin: Coin, second: int) -> Quote:
        """What stands during a second."""
        hour, place = divmod(second, HOUR_S)
        bid = int(self._bids(coin, second, second)[0])
        bid_size, ask_size = self._hour(coin, hour).resting[place].tolist()
        return Quote(number=second, bid=bid, bid_size=bid_size, ask=bid + coin.tick, ask_size=ask_size)

    def trades(self, coin: Coin, first_s: int, last_s: int) -> Trades:
        """Those of the seconds from `first_s` to `last_s`, both included."""
        hours = range(first_s // HOUR_S, last_s // HOUR_S + 1)
        drawn = [self._hour(coin, hour) for hour in hours]
        cut = slice(first_s - hours[0] * HOUR_S, last_s - hours[0] * HOUR_S + 1)
        delay, size, sold = (
            np.concatenate([getattr(hour, name) for hour in drawn])[cut].ravel()
            for name in ("delay_ms", "size", "sold")
        )
        second = np.repeat(np.arange(first_s, last_s + 1), A_SECOND)
        bid = np.repeat(self._bids(coin, first_s, last_s), A_SECOND)
        return Trades(
            number=np.arange(first_s * A_SECOND, (last_s + 1) * A_SECOND),
            at_ms=second * 1_000 + delay,
            price=np.where(sold == 1, bid, bid + coin.tick),
            size=size,
            sold=sold,
        )

    def trades_until(self, coin: Coin, first_s: int, at_ms: int) -> Trades:
        """Those of the seconds from `first_s` on that have happened by an instant."""
        trades = self.trades(coin, first_s, max(first_s, at_ms // 1_000))
        return trades.part(0, int(np.searchsorted(trades.at_ms, at_ms, side="right")))

    def candles(self, coin: Coin, begins_s: int, width_s: int, at_ms: int) -> list[Candle]:
        """Of `width_s` seconds each from `begins_s` on, as far as there were trades by an instant."""
        trades = self.trades_until(coin, begins_s, at_ms)
        count = len(trades.number)
        if not count:
            return []
        starts = np.arange(0, count, width_s * A_SECOND)
        ends = np.minimum(starts + width_s * A_SECOND, count) - 1
        dollars = np.rint(trades.price.astype(np.float64) * trades.size / MICRO).astype(np.int64)
        bought = 1 - trades.sold
        sums = (trades.size, dollars, trades.size * bought, dollars * bought)
        columns = (
            begins_s + starts // A_SECOND,
            trades.number[starts],
            trades.number[ends],
            trades.price[starts],
            np.maximum.reduceat(trades.price, starts),
            np.minimum.reduceat(trades.price, starts),
            trades.price[ends],
            *(np.add.reduceat(column, starts) for column in sums),
        )
        return [Candle(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]

    def _bids(self, coin: Coin, first_s: int, last_s: int) -> Ints:
        return self._reference.values(coin, first_s, last_s) // coin.tick * coin.tick

    def _draw_hour(self, coin: Coin, hour: int) -> _Hour:
        chance, shape = self._draws[coin.symbol].stream("trades", hour), (HOUR_S, A_SECOND)
        size = coin.lot * np.exp(SIZE_SPREAD * chance.standard_normal(shape))
        resting = RESTING * coin.lot * np.exp(SIZE_SPREAD * chance.standard_normal((HOUR_S, 2)))
        return _Hour(
            delay_ms=np.sort(chance.integers(0, LATEST_MS, shape), axis=1),
            size=_whole_steps(size),
            sold=chance.integers(0, 2, shape),
            resting=_whole_steps(resting),
        )


def _whole_steps(coins: Floats) -> Ints:
    steps: Ints = np.maximum(1, np.rint(coins * (MICRO // SIZE_STEP))).astype(np.int64)
    return steps * SIZE_STEP
