"""The public list of positions, as the Data API of the simulated venue has it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from messages.values import MICRO, SECOND, Outcome, Price, Size
from messages.wallet import HeldPosition, PositionsRead, PositionsReadFailed, ReadPositions
from runtime.ports import Port, handles
from simulation.exchange.requests import Kind, Wire, ok
from simulation.exchange.venue import WALLET, SimulatedVenue
from venue.polymarket.client import Reply

TIMEOUT_NS = 5 * SECOND
HALF = Price(MICRO // 2)


class SimulatedPositions(Port):
    """`Positions` without HTTP; one for each incarnation of whoever asks."""

    def __init__(self, venue: SimulatedVenue) -> None:
        self._venue = venue
        self._wire = Wire(venue)

    @handles
    async def read(self, wanted: ReadPositions) -> AsyncIterator[PositionsRead | PositionsReadFailed]:
        """Everything the wallet holds, or why that cannot be said."""
        begun_at = self._venue.timing.now()
        reply = await self._wire.ask(Kind.PUBLIC, self._positions, TIMEOUT_NS)
        if reply.status != 200 or not isinstance(reply.body, tuple):
            yield PositionsReadFailed(reason=reply.reason)
        else:
            yield PositionsRead(begun_at=begun_at, positions=reply.body)

    def _positions(self) -> Reply:
        return ok(tuple(self._held()))

    def _held(self) -> list[HeldPosition]:
        exchange, found = self._venue.exchange, list[HeldPosition]()
        for token, position in exchange.positions(WALLET).items():
            market = exchange.market_of(token)
            if market is not None and position.size > 0:
                found.append(
                    HeldPosition(
                        market=market.id,
                        slug=market.slug,
                        token=token,
                        outcome=Outcome.YES if token == market.yes else Outcome.NO,
                        size=Size(position.size),
                        price=Price(position.average_cost),
                        mark=HALF,
                        is_resolved=market.resolved,
                    )
                )
        return found
