"""One market's book on the YES axis: whole or level by level, its bests at hand, its health as questions."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable

from messages.market import Level
from messages.values import Price, Side, Size


class BookSide:
    """The levels of one side: sizes by price, and the prices in order with the best one last.

    Prices are kept as ranks (the price itself for bids, minus the price for asks), so that both sides share
    one order. Sizes change in a dict; only a level that comes or goes touches the order.
    """

    __slots__ = ("_ranks", "_sign", "_sizes")

    def __init__(self, side: Side) -> None:
        self._sign = side.sign
        self._ranks: list[int] = []
        self._sizes: dict[int, Size] = {}

    def __len__(self) -> int:
        return len(self._ranks)

    def clear(self) -> None:
        """No level is left."""
        self._ranks.clear()
        self._sizes.clear()

    def replace(self, levels: Iterable[Level]) -> None:
        """Exactly these levels, in any order; of two at one price the later counts, size 0 is none."""
        sign = self._sign
        self._sizes = {sign * price: size for price, size in dict(levels).items() if size > 0}
        self._ranks = sorted(self._sizes)

    def set(self, price: Price, size: Size) -> None:
        """The total size resting at one price is now this; 0 takes the level away."""
        rank = self._sign * price
        if size <= 0:
            if self._sizes.pop(rank, None) is not None:
                del self._ranks[bisect_left(self._ranks, rank)]
            return
        if rank not in self._sizes:
            insort(self._ranks, rank)
        self._sizes[rank] = size

    def size_at(self, price: Price) -> Size:
        """What rests at one price; 0 where nothing does."""
        return self._sizes.get(self._sign * price, Size(0))

    @property
    def best(self) -> Price | None:
        """The best price; None while the side is empty."""
        return Price(self._sign * self._ranks[-1]) if self._ranks else None

    def top(self, depth: int) -> tuple[Level, ...]:
        """At most so many levels, best first."""
        sign, sizes = self._sign, self._sizes
        return tuple([(Price(sign * rank), sizes[rank]) for rank in self._ranks[: -depth - 1 : -1]])


class Book:
    """Bids and asks of one market, in YES terms, millionths."""

    __slots__ = ("asks", "bids")

    def __init__(self) -> None:
        self.bids = BookSide(Side.BID)
        self.asks = BookSide(Side.ASK)

    def clear(self) -> None:
        """Nothing is known to rest."""
        self.bids.clear()
        self.asks.clear()

    def replace(self, bids: Iterable[Level], asks: Iterable[Level]) -> None:
        """The whole book at once; what was known before is gone."""
        self.bids.replace(bids)
        self.asks.replace(asks)

    def set(self, side: Side, price: Price, size: Size) -> None:
        """The total size resting at one price is now this; 0 takes the level away."""
        (self.bids if side is Side.BID else self.asks).set(price, size)

    def size_at(self, side: Side, price: Price) -> Size:
        """What rests at one price; 0 where nothing does."""
        return (self.bids if side is Side.BID else self.asks).size_at(price)

    def top(self, depth: int) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
        """At most so many bids and asks, best first."""
        return self.bids.top(depth), self.asks.top(depth)

    @property
    def best_bid(self) -> Price | None:
        """The highest bid."""
        return self.bids.best

    @property
    def best_ask(self) -> Price | None:
        """The lowest ask."""
        return self.asks.best

    @property
    def spread(self) -> int | None:
        """Best ask minus best bid, millionths; negative in a crossed book, None without both sides."""
        bid, ask = self.bids.best, self.asks.best
        return None if bid is None or ask is None else ask - bid

    @property
    def mid(self) -> Price | None:
        """Half way between the bests, rounded down to a millionth; None without both sides."""
        bid, ask = self.bids.best, self.asks.best
        return None if bid is None or ask is None else Price((bid + ask) // 2)

    @property
    def is_empty(self) -> bool:
        """Nothing rests at all."""
        return not self.bids and not self.asks

    @property
    def is_one_sided(self) -> bool:
        """Exactly one side is empty."""
        return bool(self.bids) != bool(self.asks)

    @property
    def is_crossed(self) -> bool:
        """A bid at or above an ask (a locked book included): something was missed or is still under way."""
        spread = self.spread
        return spread is not None and spread <= 0

    def is_gapped(self, max_spread: Price) -> bool:
        """Wider than an honest market keeps it, or without both sides."""
        spread = self.spread
        return spread is None or spread > max_spread
