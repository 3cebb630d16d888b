"""The feed's port to the simulated list of markets."""

from __future__ import annotations

from collections.abc import AsyncIterator

from messages.market import CatalogFailed, CatalogRead, MarketInfo, ReadCatalog
from messages.values import MS, MarketId, Money, RealNs
from runtime.ports import Port, handles
from simulation.exchange.venue import SimulatedVenue
from venue.paper.engine.terms import Market


class SimulatedCatalog(Port):
    """`Catalog` without HTTP; one for each incarnation of the feed."""

    def __init__(self, venue: SimulatedVenue) -> None:
        self._venue = venue
        self._ended: dict[MarketId, RealNs] = {}
        """Markets that have ended, and when the list says so."""

    @handles
    async def read(self, wanted: ReadCatalog) -> AsyncIterator[CatalogRead | CatalogFailed]:
        """All that take orders, and those asked for by name."""
        timing, lies = self._venue.timing, self._venue.lies
        await timing.sleep(timing.rng.randrange(20, 200) * MS)
        if not self._venue.is_up or lies.strikes("F81c"):
            yield CatalogFailed(reason="the list sent a web page instead of a list of markets")
            return
        self._venue.exchange.advance()
        markets = [m for m in self._venue.exchange.markets if not self._is_over(m) or m.slug in wanted.slugs]
        yield CatalogRead(markets=tuple(self._info(market) for market in markets))

    def _is_over(self, market: Market) -> bool:
        """By the list, which may learn of an end later than the exchange."""
        if not market.closed:
            return False
        now, lies = self._venue.timing.now(), self._venue.lies
        if market.id not in self._ended:
            self._ended[market.id] = now + (lies.lasting("F90") if lies.strikes("F90") else 0)
        return now >= self._ended[market.id]

    def _info(self, market: Market) -> MarketInfo:
        is_over = self._is_over(market)
        return MarketInfo(
            market=market.id,
            slug=market.slug,
            question=market.question,
            yes=market.yes,
            no=market.no,
            tick=market.tick,
            min_size=market.min_size,
            neg_risk=market.neg_risk,
            accepting_orders=market.accepting_orders if not market.closed or is_over else True,
            payout=market.payout(market.yes) if market.resolved and is_over else None,
            fee_rate=market.fee_rate,
            volume_24h=Money(market.volume),
        )
