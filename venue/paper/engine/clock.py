"""The exchange's market time: an anchor on the boot clock, standing still until somebody starts it."""

from __future__ import annotations

import time
from collections.abc import Callable

from messages.system import ClockAnchor
from messages.values import MarketNs, RealNs


def boottime() -> RealNs:
    """Real time in nanoseconds, the same clock in every process of this host."""
    return RealNs(time.clock_gettime_ns(time.CLOCK_BOOTTIME))


class VenueClock:
    """Market time in nanoseconds since the epoch; it never goes back, whatever anchor it is given.

    `origin` is market second 0 of every recording and of the crowd: the market time of the first start.
    """

    def __init__(self, real: Callable[[], RealNs] = boottime) -> None:
        self.real_now = real
        self.anchor: ClockAnchor | None = None
        self._stands_at = MarketNs(time.time_ns())
        self._origin: MarketNs | None = None
        self._is_held = False
        self._is_new = True
        """Nothing remembers any market time yet, so the first anchor says what time it is."""

    @property
    def is_started(self) -> bool:
        """Whether an anchor was given."""
        return self.anchor is not None

    @property
    def is_held(self) -> bool:
        """Whether it stands still until `go_on`, whatever its anchor says."""
        return self._is_held

    @property
    def origin(self) -> MarketNs:
        """Market second 0; before the first start wherever the clock stands."""
        return self._stands_at if self._origin is None else self._origin

    def resume(self, origin: MarketNs | None, reached: MarketNs) -> None:
        """Stand at `reached`, as a ledger remembers it; before the start only."""
        if self.is_started:
            raise ValueError("the market clock runs already")
        self._origin = origin
        self._stands_at = reached
        self._is_new = False

    def start(self, anchor: ClockAnchor) -> None:
        """Run from here on. A later anchor replaces the first (a change of speed) and cannot turn time back."""
        begins = anchor.market_at if self._is_new else max(anchor.market_at, self._stands_at)
        self._stands_at = begins if self._is_new else self.now()
        self._is_new = self._is_held = False
        self.anchor = anchor
        if self._origin is None:
            self._origin = begins

    def start_here(self, speed: int = 1) -> None:
        """Run from where the clock stands, `speed` market seconds per real second."""
        self.start(ClockAnchor(real_at=self.real_now(), market_at=self._stands_at, speed=speed))

    def hold(self) -> None:
        """Stand still here."""
        self._stands_at = self.now()
        self._is_held = True

    def go_on(self) -> None:
        """Run again from where it was held, at the same speed."""
        if self.anchor is not None:
            self.start_here(self.anchor.speed)
        self._is_held = False

    def now(self) -> MarketNs:
        """Market time of this moment."""
        return self.at(self.real_now())

    def at(self, real: RealNs) -> MarketNs:
        """Market time of a moment of the boot clock, which is now or was just now."""
        anchor = self.anchor
        if anchor is None or self._is_held:
            return self._stands_at
        ran = real - anchor.real_at
        reached = anchor.market_at + anchor.speed * ran if ran > 0 else anchor.market_at
        return reached if reached > self._stands_at else self._stands_at

    def real_until(self, market: MarketNs) -> int | None:
        """Real nanoseconds until that market time, 0 if it is past; None while the clock stands still."""
        anchor = self.anchor
        if anchor is None or anchor.speed == 0:
            return None
        return max(0, -(-(market - self.now()) // anchor.speed))
