"""The user stream: our orders and matches as the venue tells them, with what a stream does to them on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

from messages.account import LegsSeen, OrderSeen, UserStreamBeat, UserStreamLost, UserStreamOpened
from messages.market import FrameDropped
from messages.values import MS, SECOND, RealNs
from simulation.exchange.line import Line
from simulation.exchange.venue import OWNER, WALLET, SimulatedVenue
from venue.paper.doors.listening import Listening
from venue.paper.doors.user_events import order_event, trade_event
from venue.paper.engine.terms import Order, Trade
from venue.polymarket.account import Us, user_frame
from venue.polymarket.client import one_line
from venue.wire.numbers import WireError, ms_text
from venue.wire.user_channel import OrderEvent, TradeEvent, encode_user_frame

PING_NS = 5 * SECOND
LOOK_NS = SECOND
"""Between two looks whether the connection still stands."""
AGAIN_NS = SECOND
GARBAGE = "[{"
Said = UserStreamOpened | UserStreamLost | UserStreamBeat | OrderSeen | LegsSeen | FrameDropped


class UserLine(Listening):
    """One connection after the other, for one incarnation of the gateway. A `Listener` of the engine."""

    def __init__(self, venue: SimulatedVenue) -> None:
        self._venue = venue
        self._line = Line[Callable[[], Iterator[Said]]](venue.timing)
        self._is_open = False
        venue.ears.connect("user", self)

    async def listen(self) -> AsyncIterator[Said]:
        """What it says, for ever."""
        attempt = 0
        while True:
            await self._venue.timing.sleep(self._venue.timing.rng.randrange(5, 100) * MS)
            if not self._is_cut():
                attempt = 0
                async for said in self._connection():
                    yield said
            attempt += 1
            yield UserStreamLost(reason="closed", attempt=attempt, at=self._now)
            await self._venue.timing.sleep(min(5, attempt) * AGAIN_NS // 2)

    async def _connection(self) -> AsyncIterator[Said]:
        """From the first answer to a ping until it is cut."""
        self._line.clear()
        self._is_open = True
        yield UserStreamOpened(at=self._now)
        ping_at = self._now
        try:
            while not self._is_cut():
                if self._now >= ping_at:
                    ping_at = self._now + PING_NS
                    yield UserStreamBeat(at=self._now)
                async for read in self._line.words(self._now + LOOK_NS):
                    for said in read():
                        yield said
                    if self._is_cut():
                        return
        finally:
            self._is_open = False

    def _is_cut(self) -> bool:
        return not self._venue.is_up or self._venue.lies.on("F91c")

    @property
    def _now(self) -> RealNs:
        return self._venue.timing.now()

    # What the engine says.

    def order_changed(self, order: Order, kind: str) -> None:
        """To the order's owner."""
        if self._is_open and order.new.owner == OWNER:
            venue = self._venue
            market, stamp = venue.exchange.market(order.market), ms_text(venue.exchange.now)
            event = order_event(order, kind, market, stamp)
            if event.type == "CANCELLATION" and venue.lies.strikes("F91g"):
                event.size_matched = ""
            self._tell(event)

    def trade_changed(self, trade: Trade) -> None:
        """To whoever has a part in it."""
        if self._is_open and trade.id in self._venue.records.trades:
            market, stamp = self._venue.exchange.market(trade.market), ms_text(trade.updated_at)
            self._tell(trade_event(trade, OWNER, market, stamp))

    def _tell(self, event: OrderEvent | TradeEvent) -> None:
        """Put it on its way, once, twice, late, spoilt or not at all."""
        lies, rng = self._venue.lies, self._venue.timing.rng
        if self._venue.is_hushed or lies.on("F91b") or lies.strikes("F91"):
            return
        frame = GARBAGE if lies.strikes("F91f") else encode_user_frame(event)
        at = self._now + rng.randrange(5, 40) * MS
        if lies.strikes("F91e"):
            at = at + lies.lasting("F91e")
        for _ in range(2 if lies.strikes("F91d") else 1):
            self._line.put(lambda: _read(frame), at)


def _read(frame: str) -> Iterator[Said]:
    try:
        yield from user_frame(frame, Us(OWNER, WALLET))
    except WireError as error:
        yield FrameDropped(stream="user", reason=one_line(str(error)))
