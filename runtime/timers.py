"""An actor's timers, on either clock: what is due and how long until then."""

from __future__ import annotations

from messages.values import MarketNs, RealNs
from runtime.actor import Timer
from runtime.clock import Clock

NEVER = RealNs(1 << 62)


class Timers:
    """Each timer is due one period after it last ran; what was missed is not made up for."""

    def __init__(self, timers: tuple[Timer, ...], clock: Clock) -> None:
        self._clock = clock
        self._real: dict[str, tuple[Timer, RealNs]] = {
            t.method: (t, RealNs(0)) for t in timers if not t.market
        }
        self._market: dict[str, tuple[Timer, MarketNs]] = {
            t.method: (t, MarketNs(0)) for t in timers if t.market
        }
        self.next_at = RealNs(0)
        """No timer is due before this; `NEVER`: none will be until `restart`."""

    def restart(self, now: RealNs) -> None:
        """Count every period from now; the clock has jumped or life begins."""
        market = self._clock.market_at(now)
        for name, (timer, _) in self._real.items():
            self._real[name] = (timer, now + timer.period_ns)
        for name, (timer, _) in self._market.items():
            self._market[name] = (timer, market + timer.period_ns)
        self._plan(now)

    def pop(self, now: RealNs) -> str | None:
        """One method that is due, to be called now; None without one."""
        if now < self.next_at:
            return None
        name = self._due(now)
        self._plan(now)
        return name

    def _due(self, now: RealNs) -> str | None:
        for name, (timer, real_at) in self._real.items():
            if now >= real_at:
                self._real[name] = (timer, now + timer.period_ns)
                return name
        market = self._clock.market_at(now)
        for name, (timer, market_at) in self._market.items():
            if self._clock.anchor.speed and market >= market_at:
                self._market[name] = (timer, market + timer.period_ns)
                return name
        return None

    def _plan(self, now: RealNs) -> None:
        """When the next one is due: market time does not change its pace but by `restart`."""
        spans = [at - now for _, at in self._real.values()]
        for _, at in self._market.values():
            span = self._clock.real_until(at, now)
            if span is not None:
                spans.append(span)
        self.next_at = now + min(spans) if spans else NEVER
