"""The feed's port to the simulated market channel: books, changes, prints and grids, and what a stream does to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from messages.market import (
    BookReceived,
    ConnectStream,
    FrameDropped,
    LeaveStream,
    LevelsReceived,
    PrintReceived,
    ResyncMarkets,
    StreamBeat,
    StreamLost,
    StreamOpened,
    TickReceived,
    WatchMarkets,
)
from messages.values import MS, SECOND, MarketId, Price, RealNs, Side, Size, TokenId
from runtime.ports import Port, handles
from simulation.exchange.line import Line
from simulation.exchange.venue import SimulatedVenue
from venue.paper.doors.listening import Listening
from venue.paper.engine.settlement import token_price
from venue.paper.engine.terms import Market, TokenSide
from venue.polymarket.translate import MarketFinding

PING_NS = 5 * SECOND
LOOK_NS = SECOND
"""Between two looks whether the connection still stands."""
SLOW_NS = 5 * SECOND
SWAPPED_NS = 60 * MS
CROSSED = 50_000
"""Dollars in millionths by which a crossed book is crossed."""
Heard = StreamOpened | StreamLost | StreamBeat | MarketFinding | FrameDropped


class SimulatedMarketStream(Port, Listening):
    """`MarketStream` without a socket; one for each incarnation of the feed. Hears the engine for its connections."""

    def __init__(self, venue: SimulatedVenue) -> None:
        self._venue = venue
        self._timing = venue.timing
        self._watched: dict[MarketId, None] = {}
        self._lines: dict[int, Connection] = {}
        venue.ears.connect("market", self)

    @handles
    async def watch(self, watched: WatchMarkets) -> None:
        """Have exactly these markets on every connection."""
        markets = dict.fromkeys(market for market, _, _ in watched.markets)
        new = [market for market in markets if market not in self._watched]
        self._watched = markets
        for connection in self._lines.values():
            connection.tell_books(new)

    @handles
    async def connect(self, wanted: ConnectStream) -> AsyncIterator[Heard]:
        """One connection from its beginning to its end, whoever ends it."""
        if wanted.epoch in self._lines:
            return
        connection = self._lines[wanted.epoch] = Connection(self._venue, wanted.epoch)
        wait_ns = round(wanted.after_ms * self._timing.rng.uniform(0.5, 1.0) * MS)
        try:
            await self._timing.sleep(wait_ns + self._timing.rng.randrange(5, 100) * MS)
            async for heard in connection.listen(self._watched):
                yield heard
        finally:
            del self._lines[wanted.epoch]

    @handles
    async def leave(self, left: LeaveStream) -> None:
        """Close one connection."""
        if left.epoch in self._lines:
            self._lines[left.epoch].is_left = True

    @handles
    async def resync(self, asked: ResyncMarkets) -> None:
        """Whole books of these, once more."""
        if asked.epoch in self._lines:
            self._lines[asked.epoch].tell_books(m for m in asked.markets if m in self._watched)

    # What the engine says.

    def wants(self, market: MarketId) -> bool:
        """What is watched, while there is a connection."""
        return market in self._watched and any(line.is_open for line in self._lines.values())

    def level_changed(self, market: Market, yes_side: TokenSide, yes_price: Price, size: Size) -> None:
        """One level."""
        side = Side.BID if yes_side is TokenSide.BUY else Side.ASK
        for line in self._lines.values():
            line.tell_level(market.id, side, yes_price, size)

    def book_replaced(self, market: Market) -> None:
        """The whole book."""
        for line in self._lines.values():
            line.tell_books((market.id,))

    def printed(
        self,
        market: Market,
        token: TokenId,
        taker_side: TokenSide,
        price: Price,
        size: Size,
        transaction: str,
    ) -> None:
        """A trade, in YES terms."""
        buys_yes = (taker_side is TokenSide.BUY) == (token == market.yes)
        side = Side.BID if buys_yes else Side.ASK
        for line in self._lines.values():
            line.tell_print(market.id, side, token_price(market, token, price), size, transaction)

    def tick_changed(self, market: Market, old: Price, new: Price) -> None:
        """Told, and then the book anew, as the port asks for it."""
        for line in self._lines.values():
            line.tell_tick(market.id, new)
            line.tell_books((market.id,))


class Connection:
    """One connection; what is told on it may be lost, late, swapped, told again or spoilt."""

    def __init__(self, venue: SimulatedVenue, epoch: int) -> None:
        self.is_open = False
        self.is_left = False
        """Nothing is wanted of it any more."""
        self._epoch = epoch
        self._venue = venue
        self._timing = venue.timing
        self._lies = venue.lies
        self._line = Line[Heard](venue.timing)

    async def listen(self, watched: Iterable[MarketId]) -> AsyncIterator[Heard]:
        """Everything up to its end, that included."""
        if not self._is_over():
            self.is_open = True
            yield StreamOpened(at=self._timing.now(), epoch=self._epoch)
            self.tell_books(watched)
            async for heard in self._session():
                yield heard
        self.is_open = False
        if not self.is_left:
            yield StreamLost(reason="closed", at=self._timing.now(), epoch=self._epoch)

    async def _session(self) -> AsyncIterator[Heard]:
        ping_at = self._timing.now()
        while not self._is_over():
            if self._timing.now() >= ping_at:
                ping_at = self._timing.now() + PING_NS
                yield StreamBeat(at=self._timing.now(), epoch=self._epoch)
            async for heard in self._line.words(self._timing.now() + LOOK_NS):
                if self._is_over():
                    return
                yield heard

    def _is_over(self) -> bool:
        return self.is_left or not self._venue.is_up or self._lies.on("F82b")

    def tell_level(self, market: MarketId, side: Side, price: Price, size: Size) -> None:
        """The size at a price; lost, once or twice."""
        if self._lies.strikes("F84c"):
            return
        for _ in range(2 if self._lies.strikes("F84b") else 1):
            at = self._at()
            self._put(
                LevelsReceived(
                    market=market,
                    levels=((side, price, size),),
                    seen_at=at,
                    epoch=self._epoch,
                    venue_at=self._venue.stamp,
                    hash=f"{market}:{side}:{price}:{size}:{self._venue.stamp}",
                ),
                at,
            )

    def tell_print(self, market: MarketId, taker: Side, price: Price, size: Size, transaction: str) -> None:
        """Somebody traded."""
        at = self._at()
        self._put(
            PrintReceived(
                market=market,
                taker=taker,
                price=price,
                size=size,
                seen_at=at,
                epoch=self._epoch,
                venue_at=self._venue.stamp,
                transaction=transaction,
            ),
            at,
        )

    def tell_tick(self, market: MarketId, tick: Price) -> None:
        """Another price grid."""
        at = self._at()
        self._put(TickReceived(market=market, tick=tick, seen_at=at, epoch=self._epoch), at)

    def tell_books(self, markets: Iterable[MarketId]) -> None:
        """Whole books."""
        for market in markets:
            self._tell_book(market)

    def _tell_book(self, market: MarketId) -> None:
        found = self._venue.book(market) if self.is_open else None
        if found is None:
            return
        known, bids, asks = found
        if bids and asks and self._lies.strikes("F85a"):
            bids = ((Price(asks[0][0] + CROSSED), Size(asks[0][1])), *bids)
        at = self._at()
        self._put(
            BookReceived(
                market=market,
                bids=bids,
                asks=asks,
                seen_at=at,
                tick=known.tick,
                epoch=self._epoch,
                venue_at=self._venue.stamp,
            ),
            at,
        )

    def _at(self) -> RealNs:
        """When it comes off the socket; now and then behind what was said after it."""
        late = SLOW_NS if self._lies.on("F83") else 0
        swapped = SWAPPED_NS if self._lies.strikes("F84a") else 0
        return self._timing.now() + 10 * MS + late + swapped

    def _put(self, heard: MarketFinding, at: RealNs) -> None:
        if not self.is_open or self._lies.on("F82"):
            return
        is_spoilt = self._lies.strikes("F81b")
        self._line.put(FrameDropped(stream="market", reason="no JSON") if is_spoilt else heard, at)
