"""A listener of the engine that hears nothing; others hear what they override."""

from __future__ import annotations

from messages.values import MarketId, Price, Size, TokenId
from venue.paper.engine.terms import Market, Order, TokenSide, Trade


class Deaf:
    """A `Listener`."""

    def wants(self, market: MarketId) -> bool:
        """Levels, prints and ticks."""
        return False

    def level_changed(self, market: Market, yes_side: TokenSide, yes_price: Price, size: Size) -> None:
        """The size at a YES price."""

    def book_replaced(self, market: Market) -> None:
        """The whole book."""

    def printed(
        self,
        market: Market,
        token: TokenId,
        taker_side: TokenSide,
        price: Price,
        size: Size,
        transaction: str,
    ) -> None:
        """A trade, in terms of the taker's token."""

    def tick_changed(self, market: Market, old: Price, new: Price) -> None:
        """The price grid."""

    def market_changed(self, market: Market) -> None:
        """Listed, closed, resolved."""

    def market_retired(self, market: Market) -> None:
        """Gone."""

    def order_changed(self, order: Order, kind: str) -> None:
        """An order of an account."""

    def trade_changed(self, trade: Trade) -> None:
        """A match, or a step of its settlement."""
