"""A subscribed market's visible book as both tokens' subscribers see it, kept level by level."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable

from messages.values import MICRO, MarketNs, Price, Size, TokenId
from venue.paper.doors.spelling import last_trade
from venue.paper.engine.terms import BookView, Market, TokenSide
from venue.wire.market_channel import EMPTY_ASK, EMPTY_BID, BookSummary, Level, book_hash
from venue.wire.numbers import ms_text, spell


class _Side:
    """One side in YES prices, worst first; levels are spelled once for each token."""

    def __init__(self, worst_to_best: int) -> None:
        self._sign = worst_to_best
        self._keys: list[int] = []
        self._levels: dict[int, tuple[Level, Level]] = {}

    def reset(self, levels: Iterable[tuple[Price, Size]]) -> None:
        self._keys.clear()
        self._levels.clear()
        for price, size in levels:
            self.put(price, size)

    def put(self, price: Price, size: Size) -> None:
        key = price * self._sign
        if size:
            if key not in self._levels:
                insort(self._keys, key)
            text = spell(size)
            self._levels[key] = Level(spell(price), text), Level(spell(MICRO - price), text)
        elif key in self._levels:
            del self._levels[key]
            del self._keys[bisect_left(self._keys, key)]

    def levels(self, is_no: bool) -> list[Level]:
        return [self._levels[key][is_no] for key in self._keys]

    def best(self, is_no: bool, empty: str) -> str:
        return self._levels[self._keys[-1]][is_no].price if self._keys else empty


class BookMirror:
    """NO's bids are YES's asks, at the complement of their price, and the other way round."""

    def __init__(self, market: Market, yes: BookView) -> None:
        self.market = market
        self.is_stale = False
        """The whole book changed at once and was not read again yet."""
        self._bids = _Side(1)
        self._asks = _Side(-1)
        self.reset(yes)

    def reset(self, yes: BookView) -> None:
        """Take a whole book, YES's view."""
        self.is_stale = False
        self._bids.reset(yes.bids)
        self._asks.reset(yes.asks)

    def put(self, yes_side: TokenSide, yes_price: Price, size: Size) -> None:
        """The size at one YES price is now this; 0 removes the level."""
        (self._bids if yes_side is TokenSide.BUY else self._asks).put(yes_price, size)

    def top(self, token: TokenId) -> tuple[str, str]:
        """Best bid and ask of a token, as the channel says them."""
        is_no = token != self.market.yes
        bids, asks = (self._asks, self._bids) if is_no else (self._bids, self._asks)
        return bids.best(is_no, EMPTY_BID), asks.best(is_no, EMPTY_ASK)

    def summary(self, token: TokenId, at: MarketNs) -> BookSummary:
        """A token's whole book, with its hash."""
        market, is_no = self.market, token != self.market.yes
        bids, asks = (self._asks, self._bids) if is_no else (self._bids, self._asks)
        summary = BookSummary(
            market=market.id,
            asset_id=token,
            timestamp=ms_text(at),
            bids=bids.levels(is_no),
            asks=asks.levels(is_no),
            min_order_size=spell(market.min_size),
            tick_size=spell(market.tick),
            neg_risk=market.neg_risk,
            last_trade_price=last_trade(market, token),
        )
        summary.hash = book_hash(summary)
        return summary
