"""What the venue remembers of prices and volumes: one number a minute, the last month of them.

The memory is the process's: a restarted venue begins anew.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import pairwise

from messages.values import MICRO, MarketId, MarketNs, Money, Price
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market
from venue.paper.programs.minutes import Minutes, minute_of

KEEP = 31 * 1_440
"""Minutes; the venue's own history goes back as far (VENUE §4.8)."""
SLACK = 1_440
DAY_MINUTES = 1_440
WIDE = MICRO // 10


class Series:
    """A number for every minute from the first one noted on; a minute in which nobody looked has the one before."""

    def __init__(self, code: str = "q") -> None:
        self._first = 0
        self._values = array(code)

    def note(self, minute: int, value: int) -> None:
        """The number of a minute; minutes come in order."""
        if not self._values:
            self._first = minute
        missed = min(minute - self._first - len(self._values), KEEP)
        if missed > 0:
            self._values.extend([self._values[-1]] * missed)
            self._first = minute - len(self._values)
        self._values.append(value)
        if len(self._values) > KEEP + SLACK:
            old = len(self._values) - KEEP
            del self._values[:old]
            self._first += old

    def at(self, minute: int) -> int | None:
        """The number of a minute; of the last one for any later; None before the first."""
        if not self._values or minute < self._first:
            return None
        return self._values[min(minute - self._first, len(self._values) - 1)]

    def between(self, first: int, last: int, step: int = 1) -> Iterator[tuple[int, int]]:
        """Minutes and numbers from `first` to `last`, those that are multiples of `step`."""
        begin = max(first, self._first)
        for minute in range(-(-begin // step) * step, min(last, self._end) + 1, step):
            yield minute, self._values[minute - self._first]

    @property
    def first(self) -> int | None:
        """The first minute known."""
        return self._first if self._values else None

    @property
    def _end(self) -> int:
        return self._first + len(self._values) - 1


class Recorder:
    """Prices of YES and volumes of all markets."""

    def __init__(self, exchange: Exchange, minutes: Minutes) -> None:
        self._exchange = exchange
        self._prices: dict[MarketId, Series] = {}
        self._volumes: dict[MarketId, Series] = {}
        minutes.each(self._note)

    def prices(self, market: MarketId) -> Series:
        """Of a market, in millionths; empty before its first full minute and when it closes before that."""
        return self._prices.get(market) or Series()

    def price_now(self, market: Market) -> Price:
        """The price by which the venue names a market at the moment."""
        if market.resolved:
            return market.payout(market.yes)
        return shown_price(*self._exchange.top(market.id), market.last_trade)

    def change(self, market: Market, minutes: int) -> int | None:
        """How far the price moved in so many minutes; None while nothing is known from before."""
        then = self.prices(market.id).at(minute_of(self._exchange.now) - minutes)
        return None if then is None else self.price_now(market) - then

    def volume_24h(self, market: Market) -> Money:
        """Dollars of the last 24 hours. What was before the listing is taken as spread evenly over its last day."""
        now, known = minute_of(self._exchange.now), self._volumes.get(market.id)
        if known is None or known.first is None:
            return Money(market.volume_24h + market.volume)
        then = known.at(now - DAY_MINUTES)
        before = max(0, DAY_MINUTES - (now - known.first))
        return Money(market.volume - (then or 0) + market.volume_24h * before // DAY_MINUTES)

    def candles(self, market: MarketId, first: int, last: int, width: int) -> Iterator[tuple[int, list[int]]]:
        """Begin and prices of each candle of `width` minutes that has any."""
        starts = range(first // width * width, last + width + 1, width)
        series = self.prices(market)
        for begin, end in pairwise(starts):
            values = [price for minute, price in series.between(begin, end - 1) if first <= minute <= last]
            if values:
                yield begin, values

    def _note(self, at: MarketNs) -> None:
        minute = minute_of(at)
        self._forget_retired()
        for market in self._exchange.markets:
            if not market.closed:
                self._prices.setdefault(market.id, Series("i")).note(minute, self.price_now(market))
            self._volumes.setdefault(market.id, Series()).note(minute, market.volume)

    def _forget_retired(self) -> None:
        markets = self._exchange.markets
        if len(self._volumes) > len(markets):
            listed = {market.id for market in markets}
            for kept in (self._prices, self._volumes):
                for market in [market for market in kept if market not in listed]:
                    del kept[market]


def shown_price(best_bid: Price | None, best_ask: Price | None, last: Price | None) -> Price:
    """The middle, or the last trade while the book is one-sided or wider than ten cents; without either a half.

    The ten cents are the venue's own rule for what its pages show; that its APIs follow it is assumed.
    """
    if best_bid is not None and best_ask is not None and (best_ask - best_bid <= WIDE or last is None):
        return Price((best_bid + best_ask) // 2)
    return last if last is not None else Price(MICRO // 2)
