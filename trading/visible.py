"""The book as others made it: our own orders taken out, so that our quotes never follow themselves."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from messages.market import BookSnapshot, Level
from messages.values import Price, Side, Size


class VisibleBook(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides, YES terms, best first."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    tick: Price

    @property
    def best_bid(self) -> Price | None:
        """The highest bid of any size."""
        return self.bids[0][0] if self.bids else None

    @property
    def best_ask(self) -> Price | None:
        """The lowest ask of any size."""
        return self.asks[0][0] if self.asks else None

    def top(self, min_size: Size) -> tuple[Price, Price] | None:
        """The best prices with at least this size behind them; None where a side has none."""
        bid, ask = _best(self.bids, min_size), _best(self.asks, min_size)
        return None if bid is None or ask is None else (bid, ask)

    def mid(self, min_size: Size) -> Price | None:
        """Half way between the best prices of at least this size, rounded down to a millionth."""
        top = self.top(min_size)
        return None if top is None else Price((top[0] + top[1]) // 2)

    def trouble(self, min_size: Size) -> str:
        """Why no price can be taken from this book; empty when one can."""
        if not self.bids and not self.asks:
            return "empty book"
        top = self.top(min_size)
        if top is None:
            return "one-sided book"
        best_bid, best_ask = self.bids[0][0], self.asks[0][0]
        return "crossed book" if best_bid >= best_ask else ""


def _best(levels: tuple[Level, ...], min_size: Size) -> Price | None:
    for price, size in levels:
        if size >= min_size:
            return price
    return None


def visible(book: BookSnapshot, own: Iterable[tuple[Side, Price, Size]] = ()) -> VisibleBook:
    """The book without our own resting orders (side, price, leaves), at once and for one frame."""
    ours: dict[tuple[Side, Price], int] = {}
    for side, price, size in own:
        ours[side, price] = ours.get((side, price), 0) + size
    if not ours:
        return VisibleBook(bids=book.bids, asks=book.asks, tick=book.tick)
    return VisibleBook(
        bids=_others(book.bids, Side.BID, ours), asks=_others(book.asks, Side.ASK, ours), tick=book.tick
    )


def _others(levels: tuple[Level, ...], side: Side, ours: dict[tuple[Side, Price], int]) -> tuple[Level, ...]:
    return tuple(
        (price, Size(left)) for price, size in levels if (left := size - ours.get((side, price), 0)) > 0
    )
