"""What the doors are told, kept back until it is in the ledger, then told in the order in which it happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from messages.values import MarketId, MarketNs, Price, Side, Size, TokenId
from venue.paper.engine.book import Change
from venue.paper.engine.room import Room
from venue.paper.engine.terms import Listener, Market, Order, TokenSide, Trade

_WIRE_SIDE = {True: TokenSide.BUY, False: TokenSide.SELL}


class News:
    """A queue of calls to the listeners. Orders are told as they were at that moment, by copy."""

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._listeners = list(listeners)
        self._queue: list[Callable[[Listener], None]] = []

    def listen(self, listener: Listener) -> None:
        """Tell this one too, from now on."""
        self._listeners.append(listener)

    def wanted(self, market: MarketId) -> bool:
        """Whether anybody wants to hear of a market's levels, prints and tick."""
        for listener in self._listeners:  # noqa: SIM110 -- asked for every move of a crowd
            if listener.wants(market):
                return True
        return False

    def order(self, order: Order, kind: str) -> None:
        """An order was placed, filled, or left the book."""
        if self._listeners:
            now = msgspec.structs.replace(order, trades=list(order.trades))
            self._queue.append(lambda listener: listener.order_changed(now, kind))

    def trade(self, trade: Trade) -> None:
        """A trade happened, or its settlement went on."""
        self._queue.append(lambda listener: listener.trade_changed(trade))

    def printed(
        self, market: Market, token: TokenId, side: TokenSide, price: Price, size: Size, transaction: str
    ) -> None:
        """Somebody traded, in terms of the taker's token."""
        self._tell_whoever_wants(
            market, lambda listener: listener.printed(market, token, side, price, size, transaction)
        )

    def tick(self, market: Market, old: Price, new: Price) -> None:
        """The price grid changed."""
        self._tell_whoever_wants(market, lambda listener: listener.tick_changed(market, old, new))

    def market(self, market: Market) -> None:
        """Listed, or closed to orders."""
        self._queue.append(lambda listener: listener.market_changed(market))

    def retired(self, market: Market) -> None:
        """Off the floor."""
        self._queue.append(lambda listener: listener.market_retired(market))

    def publish(self, room: Room | None, at: MarketNs) -> None:
        """Tell the book's changes of a room, then everything queued."""
        if room is not None:
            if self.wanted(room.market.id):
                self._publish_book(room, at)
            else:
                room.replaced = False
                if room.book.forget_changes():
                    room.changed_at = at
        if self._queue:
            queue, self._queue = self._queue, []
            for tell in queue:
                for listener in self._listeners:
                    tell(listener)

    def _tell_whoever_wants(self, market: Market, tell: Callable[[Listener], None]) -> None:
        if self.wanted(market.id):
            self._queue.append(lambda listener: tell(listener) if listener.wants(market.id) else None)

    def _publish_book(self, room: Room, at: MarketNs) -> None:
        market, book = room.market, room.book
        replaced, room.replaced = room.replaced, False
        changes = book.changes()
        if not changes:
            return
        room.changed_at = at
        for listener in self._listeners:
            if not listener.wants(market.id):
                continue
            if replaced:
                listener.book_replaced(market)
                continue
            for side, price, size in changes if len(changes) == 1 else sorted(changes, key=_is_there):
                listener.level_changed(market, _WIRE_SIDE[side is Side.BID], price, size)


def _is_there(change: Change) -> bool:
    """What was taken goes before what rests behind it, so that nobody sees a locked book in between."""
    return change.size > 0
