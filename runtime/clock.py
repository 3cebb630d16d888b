"""The two clocks: real time is the host's boot clock, market time an anchor that may run faster."""

from __future__ import annotations

import time

from messages.system import ClockAnchor
from messages.values import MarketNs, RealNs


def real_now() -> RealNs:
    """Real time: the same in every process of this host, and it goes on in suspend."""
    return RealNs(time.clock_gettime_ns(time.CLOCK_BOOTTIME))


def wall_now() -> int:
    """Wall clock, nanoseconds since the epoch: for people and headers."""
    return time.time_ns()


class Clock:
    """Market time as this process knows it; it stands still until its anchor runs."""

    def __init__(self, anchor: ClockAnchor) -> None:
        self.anchor = anchor

    def market_at(self, real: RealNs) -> MarketNs:
        """Market time at a moment of real time."""
        anchor = self.anchor
        return MarketNs(int(anchor.market_at) + anchor.speed * max(0, real - anchor.real_at))

    def real_until(self, market: MarketNs, real: RealNs) -> int | None:
        """Real nanoseconds from `real` until that market time; None while the clock stands still."""
        if self.anchor.speed == 0:
            return None
        return max(0, -(-(market - self.market_at(real)) // self.anchor.speed))
