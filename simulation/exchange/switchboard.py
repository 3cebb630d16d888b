"""Who listens to the exchange: of each kind the newest, since a process that is dead holds no connection."""

from __future__ import annotations

from messages.values import MarketId, Price, Size, TokenId
from venue.paper.doors.listening import Listening
from venue.paper.engine.terms import Market, Order, TokenSide, Trade


class Switchboard(Listening):
    """Hands everything on."""

    def __init__(self) -> None:
        self._ears: dict[str, Listening] = {}

    def connect(self, kind: str, ear: Listening) -> None:
        """From now on this one hears, and whoever was there before does not."""
        self._ears[kind] = ear

    def wants(self, market: MarketId) -> bool:
        """Whether anybody does."""
        return any(ear.wants(market) for ear in self._ears.values())

    def level_changed(self, market: Market, yes_side: TokenSide, yes_price: Price, size: Size) -> None:
        """To whoever wants the market."""
        for ear in self._ears.values():
            if ear.wants(market.id):
                ear.level_changed(market, yes_side, yes_price, size)

    def book_replaced(self, market: Market) -> None:
        """To whoever wants the market."""
        for ear in self._ears.values():
            if ear.wants(market.id):
                ear.book_replaced(market)

    def printed(
        self,
        market: Market,
        token: TokenId,
        taker_side: TokenSide,
        price: Price,
        size: Size,
        transaction: str,
    ) -> None:
        """To whoever wants the market."""
        for ear in self._ears.values():
            if ear.wants(market.id):
                ear.printed(market, token, taker_side, price, size, transaction)

    def tick_changed(self, market: Market, old: Price, new: Price) -> None:
        """To whoever wants the market."""
        for ear in self._ears.values():
            if ear.wants(market.id):
                ear.tick_changed(market, old, new)

    def order_changed(self, order: Order, kind: str) -> None:
        """To all."""
        for ear in self._ears.values():
            ear.order_changed(order, kind)

    def trade_changed(self, trade: Trade) -> None:
        """To all."""
        for ear in self._ears.values():
            ear.trade_changed(trade)
