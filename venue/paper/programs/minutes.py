"""Who has something to do at every full minute of market time, in UTC."""

from __future__ import annotations

from collections.abc import Callable

from messages.values import SECOND, MarketNs
from venue.paper.engine.exchange import Exchange

MINUTE = 60 * SECOND
DAY = 1_440 * MINUTE


class Minutes:
    """Calls those who asked, one after the other, once the market clock runs."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._calls: list[Callable[[MarketNs], None]] = []
        since = exchange.now - exchange.clock.origin
        exchange.schedule(since, lambda: self._turn(since))

    def each(self, do: Callable[[MarketNs], None]) -> None:
        """Call this too, with the minute that begins."""
        self._calls.append(do)

    def _turn(self, offset: int) -> None:
        """Until the clock is started nobody knows where its minutes begin: the next turn is the first there can be."""
        origin = int(self._exchange.clock.origin)
        at = origin + offset
        is_started = self._exchange.clock.is_started
        if is_started and at % MINUTE == 0:
            for call in self._calls:
                call(MarketNs(at))
        following = (at // MINUTE + 1) * MINUTE - origin if is_started else offset + 1
        self._exchange.schedule(following, lambda: self._turn(following))


def day_of(at: MarketNs) -> int:
    """UTC days since the epoch."""
    return int(at) // DAY


def minute_of(at: MarketNs) -> int:
    """Minutes since the epoch."""
    return int(at) // MINUTE
