"""The two clocks: real time is the host's boot clock, market time an anchor that may run faster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from messages.system import ClockAnchor
from messages.values import MarketNs, RealNs


def _boot_ns() -> RealNs:
    return RealNs(time.clock_gettime_ns(time.CLOCK_BOOTTIME))


_real: Callable[[], RealNs] = _boot_ns
_wall: Callable[[], int] = time.time_ns


def real_now() -> RealNs:
    """Real time: the same in every process of this host, and it goes on in suspend."""
    return _real()


def wall_now() -> int:
    """Wall clock, nanoseconds since the epoch: for people and headers."""
    return _wall()


@contextmanager
def told_by(real: Callable[[], RealNs], wall: Callable[[], int]) -> Iterator[None]:
    """Have these tell the time meanwhile, in nanoseconds, to everybody in this process: for the simulation."""
    global _real, _wall
    before = _real, _wall
    _real, _wall = real, wall
    try:
        yield
    finally:
        _real, _wall = before


class Clock:
    """Market time as this process knows it; it stands still until its anchor runs."""

    def __init__(self, anchor: ClockAnchor) -> None:
        self.anchor = anchor

    def market_at(self, real: RealNs) -> MarketNs:
        """Market time at a moment of real time."""
        anchor = self.anchor
        since = real - anchor.real_at
        return anchor.market_at + anchor.speed * since if since > 0 else anchor.market_at

    def real_until(self, market: MarketNs, real: RealNs) -> int | None:
        """Real nanoseconds from `real` until that market time; None while the clock stands still."""
        if self.anchor.speed == 0:
            return None
        return max(0, -(-(market - self.market_at(real)) // self.anchor.speed))
