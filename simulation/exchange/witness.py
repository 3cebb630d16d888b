"""The feed's port to the simulated venue's REST books: what bears the stream out, or contradicts it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from messages.market import BooksFailed, BooksRead, ReadBooks, WitnessedBook
from messages.values import SECOND
from runtime.ports import Port, handles
from simulation.exchange.requests import Kind, Wire, ok
from simulation.exchange.venue import SimulatedVenue
from venue.polymarket.client import Reply

TIMEOUT_NS = 5 * SECOND


class SimulatedWitness(Port):
    """`Witness` without HTTP; one for each incarnation of the feed."""

    def __init__(self, venue: SimulatedVenue) -> None:
        self._venue = venue
        self._wire = Wire(venue)

    @handles
    async def read(self, wanted: ReadBooks) -> AsyncIterator[BooksRead | BooksFailed]:
        """All books that REST has of these, or why there are none."""
        timing = self._venue.timing
        asked_at = timing.now()
        reply = await self._wire.ask(Kind.PUBLIC, lambda: self._books(wanted), TIMEOUT_NS)
        if reply.status != 200 or not isinstance(reply.body, tuple):
            yield BooksFailed(reason=reply.reason)
        else:
            yield BooksRead(books=reply.body, asked_at=asked_at, seen_at=timing.now())

    def _books(self, wanted: ReadBooks) -> Reply:
        found = [(market, self._venue.book(market)) for market, _ in wanted.markets]
        return ok(
            tuple(
                WitnessedBook(
                    market=market, bids=book[1], asks=book[2], venue_at=self._venue.stamp, tick=book[0].tick
                )
                for market, book in found
                if book is not None
            )
        )
