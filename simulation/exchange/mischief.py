"""What the world does to the account and to its markets: the catalogue's strokes on the venue's side."""

from __future__ import annotations

from messages.values import MICRO, SECOND, Price, Side
from simulation.exchange.street import CENT
from simulation.exchange.venue import SimulatedVenue
from venue.paper.doors.heartbeat import WrongHeartbeat
from venue.paper.engine.mishaps import Mishap
from venue.paper.engine.modes import Mode
from venue.paper.engine.switches import Switches
from venue.paper.engine.terms import Market, Trade

FINE = Price(CENT // 10)
LOOK_NS = SECOND // 2
MINED_MS, RETRY_MS = 2_000, 40_000
"""Market milliseconds from a match to the chain, and from one attempt there to the next."""


class Mischief:
    """Made before the run begins; afterwards it works by itself."""

    def __init__(self, venue: SimulatedVenue) -> None:
        self._venue = venue
        lies = venue.lies
        venue.exchange.bank.switch(Switches(mined_ms=MINED_MS, retry_ms=RETRY_MS))
        venue.exchange.bank.ask_of_settlements(self._settlement)
        lies.strike("F73", lambda: venue.order_of_ours(deep=False))
        lies.strike("F73b", lambda: venue.order_of_ours(deep=True))
        lies.strike("F77a", self._beat_with_our_key)
        lies.strike("F85b", self._empty_a_side)
        lies.strike("F86", self._change_a_tick)
        lies.strike("F88", self._close)
        lies.strike("F89", self._resolve)
        lies.strike("F92", self._jump)
        lies.strike("F93", self._one_sided)
        venue.timing.call_at(venue.timing.now() + LOOK_NS, self._look)

    def _settlement(self, trade: Trade) -> Mishap | None:
        lies = self._venue.lies
        if lies.strikes("F71a"):
            return Mishap(retries=0, fails=True)
        if lies.strikes("F71b"):
            return Mishap(retries=1, fails=True)
        if lies.strikes("F72"):
            return Mishap(retries=1, fails=False)
        return None

    def _look(self) -> None:
        """Spells of the whole venue begin and end."""
        lies, modes = self._venue.lies, self._venue.exchange.modes
        if lies.on("F59"):
            if modes.mode is Mode.NORMAL:
                modes.restart(down_s=20, post_only_s=20)
        elif lies.on("F63b"):
            modes.set(Mode.DISABLED, 1)
        elif lies.on("F63a"):
            modes.set(Mode.CANCEL_ONLY, 1)
        if lies.is_healed and modes.mode is not Mode.NORMAL:
            modes.set(Mode.NORMAL)
        self._venue.timing.call_at(self._venue.timing.now() + LOOK_NS, self._look)

    def _beat_with_our_key(self) -> None:
        """Another engine takes part in our chain of heartbeats."""
        try:
            self._venue.beat("")
        except WrongHeartbeat as wrong:
            self._venue.beat(wrong.expected)

    def _any(self) -> Market | None:
        """A market that takes orders; those that we quote first."""
        exchange = self._venue.exchange
        found = [m for m in exchange.markets if m.accepting_orders]
        quoted = [m for m in found if exchange.is_quoted(m.id)]
        return self._venue.timing.rng.choice(quoted or found) if found else None

    def _empty_a_side(self) -> None:
        market = self._any()
        if market is not None:
            side = self._venue.timing.rng.choice((Side.BID, Side.ASK))
            span = self._venue.lies.lasting("F85b") * self._venue.speed
            self._venue.streets[market.id].empty(side, span)

    def _change_a_tick(self) -> None:
        market = self._any()
        if market is not None:
            self._venue.set_tick(market, FINE if market.tick > FINE else Price(CENT))

    def _close(self) -> None:
        market = self._any()
        if market is not None:
            self._venue.streets[market.id].close()
            self._venue.list_market()

    def _resolve(self) -> None:
        market = self._any()
        if market is not None:
            self._venue.exchange.resolve(market.id, self._venue.timing.rng.random() * MICRO < MICRO // 2)
            self._venue.list_market()

    def _jump(self) -> None:
        market = self._any()
        if market is not None:
            self._venue.streets[market.id].jump()

    def _one_sided(self) -> None:
        """For a while everybody buys, so that limits are reached in every market we come to."""
        venue = self._venue
        venue.mood.one_sided = True
        ends_at = venue.timing.now() + venue.lies.lasting("F93")

        def end() -> None:
            venue.mood.one_sided = False

        venue.timing.call_at(ends_at, end)
