"""A subscribed market's visible book as both tokens' subscribers see it, kept level by level.

A level is put into JSON once for each token when it changes, so that a book and its hash are little more than a
join: the hash covers the whole book and is part of every change (VENUE §5.3).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable

import msgspec

from messages.values import MICRO, MarketNs, Price, Size, TokenId
from venue.paper.doors.spelling import book_last_trade
from venue.paper.engine.terms import BookView, Market, TokenSide
from venue.wire.market_channel import EMPTY_ASK, EMPTY_BID
from venue.wire.numbers import spell


class _Side:
    """One side in YES prices, worst first, and each level's JSON for YES [0] and NO [1]."""

    def __init__(self, worst_to_best: int) -> None:
        self._sign = worst_to_best
        self._keys: list[int] = []
        self._levels: tuple[list[str], list[str]] = ([], [])
        self._joined: list[str | None] = [None, None]

    def reset(self, levels: Iterable[tuple[Price, Size]]) -> None:
        self._keys.clear()
        for half in self._levels:
            half.clear()
        self._joined = [None, None]
        for price, size in levels:
            self.put(price, size)

    def put(self, price: Price, size: Size) -> None:
        key, keys = price * self._sign, self._keys
        at = bisect_left(keys, key)
        is_there = at < len(keys) and keys[at] == key
        self._joined = [None, None]
        if size:
            text = spell(size)
            shown = slice(at, at + 1) if is_there else slice(at, at)
            keys[shown] = [key]
            for half, own in zip(self._levels, (price, MICRO - price), strict=True):
                half[shown] = [f'{{"price":"{spell(own)}","size":"{text}"}}']
        elif is_there:
            del keys[at]
            for half in self._levels:
                del half[at]

    def json(self, is_no: bool) -> str:
        """The levels, worst first, separated by commas."""
        joined = self._joined[is_no]
        if joined is None:
            joined = self._joined[is_no] = ",".join(self._levels[is_no])
        return joined

    def best(self, is_no: bool, empty: str) -> str:
        if not self._keys:
            return empty
        price = self._keys[-1] * self._sign
        return spell(MICRO - price if is_no else price)


class BookMirror:
    """NO's bids are YES's asks, at the complement of their price, and the other way round."""

    def __init__(self, market: Market, yes: BookView) -> None:
        self.market = market
        self.is_stale = False
        """The whole book changed at once and was not read again yet."""
        self.is_told = True
        """Nothing changed since the whole book was last sent."""
        self.changed_at = yes.at
        self._market = _quoted(market.id)
        self._tokens = {token: _quoted(token) for token in (market.yes, market.no)}
        self._bids = _Side(1)
        self._asks = _Side(-1)
        self.reset(yes)

    def reset(self, yes: BookView) -> None:
        """Take a whole book, YES's view."""
        self.is_stale = False
        self.changed_at = yes.at
        self._bids.reset(yes.bids)
        self._asks.reset(yes.asks)

    def put(self, yes_side: TokenSide, yes_price: Price, size: Size, at: MarketNs) -> None:
        """The size at one YES price is now this; 0 removes the level."""
        self.changed_at = at
        self.is_told = False
        (self._bids if yes_side is TokenSide.BUY else self._asks).put(yes_price, size)

    def top(self, token: TokenId) -> tuple[str, str]:
        """Best bid and ask of a token, as the channel says them."""
        is_no = token != self.market.yes
        bids, asks = (self._asks, self._bids) if is_no else (self._bids, self._asks)
        return bids.best(is_no, EMPTY_BID), asks.best(is_no, EMPTY_ASK)

    def hash(self, token: TokenId, stamp: str) -> str:
        """The hash of a token's book, as REST has it, at a time in milliseconds."""
        market = self.market
        content = (
            f'{{"market":{self._market},"asset_id":{self._tokens[token]},"timestamp":"{stamp}",'
            f'"hash":"",{self._halves(token)},'
            f'"min_order_size":"{spell(market.min_size)}","tick_size":"{spell(market.tick)}",'
            f'"neg_risk":{"true" if market.neg_risk else "false"},"last_trade_price":"{book_last_trade(market)}"}}'
        )
        return hashlib.sha1(content.encode(), usedforsecurity=False).hexdigest()

    def frame(self, token: TokenId, stamp: str, is_dump: bool = False) -> str:
        """A `book` event; the one after a subscription has the tick and the last price, later ones not."""
        extras = (
            f'"tick_size":"{spell(self.market.tick)}","last_trade_price":"{book_last_trade(self.market)}",'
            if is_dump
            else ""
        )
        return (
            f'{{"market":{self._market},"asset_id":{self._tokens[token]},"timestamp":"{stamp}",'
            f'"hash":"{self.hash(token, stamp)}",{self._halves(token)},{extras}"event_type":"book"}}'
        )

    def _halves(self, token: TokenId) -> str:
        is_no = token != self.market.yes
        bids, asks = (self._asks, self._bids) if is_no else (self._bids, self._asks)
        return f'"bids":[{bids.json(is_no)}],"asks":[{asks.json(is_no)}]'


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()
