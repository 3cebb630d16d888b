"""A listener that cares for nothing; whoever cares for something overrides what it is told with."""

from __future__ import annotations

from messages.values import MarketId, Price, Size, TokenId
from venue.paper.engine.terms import Market, Order, TokenSide, Trade


class Listening:
    """All of `Listener`, passed over."""

    def wants(self, market: MarketId) -> bool:
        """Nothing public."""
        return False

    def level_changed(self, market: Market, yes_side: TokenSide, yes_price: Price, size: Size) -> None:
        """Passed over, as are the others below."""

    def book_replaced(self, market: Market) -> None:
        """Passed over."""

    def printed(
        self,
        market: Market,
        token: TokenId,
        taker_side: TokenSide,
        price: Price,
        size: Size,
        transaction: str,
    ) -> None:
        """Passed over."""

    def tick_changed(self, market: Market, old: Price, new: Price) -> None:
        """Passed over."""

    def market_changed(self, market: Market) -> None:
        """Passed over."""

    def market_retired(self, market: Market) -> None:
        """Passed over."""

    def order_changed(self, order: Order, kind: str) -> None:
        """Passed over."""

    def trade_changed(self, trade: Trade) -> None:
        """Passed over."""
