"""An actor's timers, on either clock: what is due and how long until then."""

from __future__ import annotations

from messages.values import MarketNs, RealNs
from runtime.actor import Timer
from runtime.clock import Clock


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

    def restart(self, now: RealNs) -> None:
        """Count every period from now; the clock has jumped or life begins."""
        market = self._clock.market_at(now)
        for name, (timer, _) in self._real.items():
            self._real[name] = (timer, now + timer.period_ns)
        for name, (timer, _) in self._market.items():
            self._market[name] = (timer, market + timer.period_ns)

    def due_ns(self, now: RealNs) -> int | None:
        """Real nanoseconds until the next one; None while there is none that will come."""
        spans = [max(0, at - now) for _, at in self._real.values()]
        for _, at in self._market.values():
            span = self._clock.real_until(at, now)
            if span is not None:
                spans.append(span)
        return min(spans, default=None)

    def pop(self, now: RealNs) -> str | None:
        """One method that is due, to be called now; None without one."""
        for name, (timer, real_at) in self._real.items():
            if now >= real_at:
                self._real[name] = (timer, now + timer.period_ns)
                return name
        if self._market:
            market = self._clock.market_at(now)
            for name, (timer, market_at) in self._market.items():
                if self._clock.anchor.speed and market >= market_at:
                    self._market[name] = (timer, market + timer.period_ns)
                    return name
        return None
