"""Keeps market time from running away from an engine that cannot play its background as fast as it was asked to.

While it lags behind for more than a moment and does not gain, market time stands still until everything due is
played; then it goes on. So a call never has to play more than a moment's backlog, no event is skipped, and market
time runs as fast as the host can and no faster. A backlog that shrinks (after a pause) is left alone.
"""

from __future__ import annotations

from loguru import logger

from messages.values import SECOND, MarketNs, RealNs
from venue.paper.engine.clock import VenueClock

MOMENT_NS = SECOND // 4
"""Real nanoseconds between two looks, and how far behind is far."""
PATIENCE = 2
"""Looks in a row at which the engine is far behind and has not gained, before time is held for the first time."""


class Pace:
    """Looks at the lag after each piece of work."""

    def __init__(self, clock: VenueClock) -> None:
        self._clock = clock
        self._looked_at = RealNs(0)
        self._lag = 0
        self._losing = 0
        self._is_told = False

    def note(self, reached: MarketNs) -> None:
        """The engine has played everything up to here."""
        clock = self._clock
        if clock.is_held:
            if reached >= clock.now():
                clock.go_on()
            return
        real = clock.real_now()
        if real - self._looked_at < MOMENT_NS or clock.anchor is None:
            return
        lag = clock.now() - reached
        is_losing = lag > MOMENT_NS * clock.anchor.speed and lag >= self._lag
        self._losing = self._losing + 1 if is_losing else 0
        self._looked_at, self._lag = real, lag
        if self._losing > (0 if self._is_told else PATIENCE):
            self._hold(lag, clock.anchor.speed)

    def _hold(self, lag: int, speed: int) -> None:
        self._clock.hold()
        self._lag = self._losing = 0
        if not self._is_told:
            self._is_told = True
            logger.warning(
                "the background cannot be played {} times as fast as real time: it is {:.1f} market seconds behind,"
                " and from now on market time waits for it",
                speed,
                lag / SECOND,
            )
