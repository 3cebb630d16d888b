"""What a strategy is given, and what it answers."""

from __future__ import annotations

import msgspec

from messages.values import MICRO, Price, Shares, Side, Size
from trading.visible import VisibleBook


class MarketView(msgspec.Struct, frozen=True, kw_only=True):
    """One market as a strategy sees it."""

    book: VisibleBook
    """Without our own orders."""
    min_size: Size
    net: Shares


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """The pair we want resting, YES prices. A side is None where nothing is wanted."""

    mid: Price | None = None
    bid: Price | None = None
    ask: Price | None = None
    size: Size = Size(0)
    reason: str = ""
    """Why a side is not wanted."""

    @property
    def is_empty(self) -> bool:
        """Nothing is wanted."""
        return self.bid is None and self.ask is None

    def price(self, side: Side) -> Price | None:
        """The price wanted on one side."""
        return self.bid if side is Side.BID else self.ask

    def having(self, side: Side, price: Price) -> Quote:
        """The same with this price wanted on this side."""
        if side is Side.BID:
            return msgspec.structs.replace(self, bid=price)
        return msgspec.structs.replace(self, ask=price)

    def without(self, side: Side, reason: str) -> Quote:
        """The same with this side not wanted, and why."""
        if side is Side.BID:
            return msgspec.structs.replace(self, bid=None, reason=reason)
        return msgspec.structs.replace(self, ask=None, reason=reason)

    def further(self, side: Side, distance: int, tick: Price) -> Quote:
        """The same with this side so much further from the mid, or not wanted where the grid ends."""
        price = self.price(side)
        if price is None or distance == 0:
            return self
        moved = price - side.sign * distance
        if not tick <= moved <= MICRO - tick:
            return self.without(side, "no price left further back")
        return self.having(side, Price(moved))


def post_only(quote: Quote, book: VisibleBook) -> Quote:
    """The same quote, at least one tick away from trading with the visible book."""
    bid, ask = quote.bid, quote.ask
    if bid is not None and book.best_ask is not None:
        bid = Price(min(bid, book.best_ask - book.tick))
    if ask is not None and book.best_bid is not None:
        ask = Price(max(ask, book.best_bid + book.tick))
    reason = quote.reason
    if bid is not None and bid < book.tick:
        bid, reason = None, "no room for a bid below the best ask"
    if ask is not None and ask > MICRO - book.tick:
        ask, reason = None, "no room for an ask above the best bid"
    return msgspec.structs.replace(quote, bid=bid, ask=ask, reason=reason)
