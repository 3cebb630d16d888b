"""Good till date: the last bound on an order that nobody can cancel any more. The venue's clock is market time.

Every order is made to end by itself at the venue. It is taken back a little before, so that whoever wants it asks for
it anew: re-quoting in the normal way.
"""

from __future__ import annotations

from messages.values import SECOND, MarketNs, RealNs
from trading.orders import Order, OrderTable, Status
from trading.truth import EXPIRED

SHORTEST_S = 180
"""The venue refuses what ends within two minutes (VENUE §3.4), and at a high speed a minute passes on the way."""
LONGEST_S = 86_400
LEAST_REAL_S = 15
"""Real seconds an order lives at least, however fast market time runs: shorter ones would only be replaced."""
FASTEST = 1_000
"""Market seconds in a real one, at most; a clock that was just set is no fast one."""
AHEAD_NS = 10 * SECOND
"""So long before its end an order is taken back, or half a real second before, if that is more."""
NEARLY_OVER = "its time was nearly over"


class Lifetime:
    """How long orders are made to live. Watches how fast market time runs. Volatile."""

    def __init__(self, life_s: int) -> None:
        """`life_s` in seconds of market time; 0: for ever."""
        self._life_s = life_s
        self._speed = 1
        self._seen: tuple[RealNs, MarketNs] | None = None

    def look(self, now: RealNs, market_now: MarketNs) -> None:
        """Both clocks at one moment."""
        if self._seen is None:
            self._seen = now, market_now
        elif now - self._seen[0] >= SECOND:
            self._speed = min(FASTEST, max(1, (market_now - self._seen[1]) // (now - self._seen[0])))
            self._seen = now, market_now

    def ends_at(self, market_now: MarketNs) -> MarketNs:
        """When an order that is made now ends at the venue, in whole seconds; 0 for never."""
        if not self._life_s:
            return MarketNs(0)
        life_s = max(self._life_s, LEAST_REAL_S * self._speed)
        return MarketNs((int(market_now) // SECOND + life_s) * SECOND)

    def fading(self, table: OrderTable, market_now: MarketNs) -> list[Order]:
        """Orders to be taken back because they are about to end; what has ended already is marked as that."""
        ahead = max(AHEAD_NS, self._speed * SECOND // 2)
        found = []
        for order in table:
            ends = int(order.intended.expires_at)
            if not ends or order.cancel_wanted or order.status is not Status.RESTING:
                continue
            left = ends - int(market_now)
            if left <= ahead:
                order.why = order.why or (NEARLY_OVER if left > 0 else EXPIRED)
                found.append(order)
        return found
