"""Market-channel frames turned into what the feed hears: integers, YES terms, best level first.

Shapes and quirks are those of the exchange's market channel: level lists come worst first, every change is
told for both tokens, a tick change is told twice, list frames occur, unknown events are new and harmless.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from messages.market import BookReceived, Level, LevelsReceived, PrintReceived, TickReceived
from messages.values import MICRO, MarketId, Price, RealNs, Side, Size, TokenId
from trading.ticks import is_tick, mirror
from venue.wire import market_channel as wire
from venue.wire.numbers import WireError, micro

MAX_SIZE = 10**12 * MICRO
"""A larger size is a lie: no outcome token exists in so many shares."""
MarketFinding = BookReceived | LevelsReceived | PrintReceived | TickReceived


@lru_cache(maxsize=16_384)
def read_price(text: str) -> Price:
    """A price strictly between 0 and 1 dollar. Raises WireError."""
    price = micro(text)
    if not 0 < price < MICRO:
        raise WireError(f"{text[:40]!r} is no price between 0 and 1")
    return Price(price)


def read_size(text: str) -> Size:
    """A size of at most `MAX_SIZE`. Raises WireError."""
    size = micro(text)
    if not text or size > MAX_SIZE:
        raise WireError(f"{text[:40]!r} is no size")
    return Size(size)


def read_tick(text: str) -> Price:
    """A price grid. Raises WireError."""
    tick = micro(text)
    if not is_tick(tick):
        raise WireError(f"{text[:40]!r} is no price grid")
    return Price(tick)


def read_stamp(text: str) -> int:
    """The venue's milliseconds, thirteen digits until 2286; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 13 else 0


class _Token(msgspec.Struct, frozen=True):
    market: MarketId
    is_yes: bool


class MarketFrames:
    """Reads one connection's frames. Knows which token is which market's, and what was told already."""

    def __init__(self, epoch: int = 1) -> None:
        """`epoch` is the connection's name in all that is found on it."""
        self._epoch = epoch
        self._tokens: dict[str, _Token] = {}
        self._ticks: dict[MarketId, Price] = {}
        self._has_yes_book: set[MarketId] = set()

    def know(self, markets: Iterable[tuple[MarketId, TokenId, TokenId]]) -> None:
        """Exactly these markets (each with its YES and NO token) are of interest from now on."""
        self._tokens = {}
        for market, yes, no in markets:
            self._tokens[yes] = _Token(market, True)
            self._tokens[no] = _Token(market, False)
        known = {token.market for token in self._tokens.values()}
        self._ticks = {market: tick for market, tick in self._ticks.items() if market in known}
        self._has_yes_book &= known

    def read(self, frame: bytes | str, seen_at: RealNs) -> list[MarketFinding]:
        """All that one frame says of known markets. Raises WireError, and then none of it is to be believed."""
        events = wire.decode_events(frame)
        self._note_yes_books(events)
        return [found for event in events for found in self._read(event, seen_at)]

    def _read(self, event: wire.Event, seen_at: RealNs) -> Iterable[MarketFinding]:
        match event:
            case wire.PriceChange():
                return self._levels(event, seen_at)
            case wire.Book():
                return self._book(event, seen_at)
            case wire.LastTradePrice():
                return self._print(event, seen_at)
            case wire.TickSizeChange():
                return self._tick(event, seen_at)
            case _:
                return ()

    def _note_yes_books(self, events: Iterable[wire.Event]) -> None:
        for event in events:
            token = self._tokens.get(event.asset_id) if isinstance(event, wire.Book) else None
            if token is not None and token.is_yes:
                self._has_yes_book.add(token.market)

    def _book(self, event: wire.Book, seen_at: RealNs) -> Iterable[MarketFinding]:
        """A book's last trade is left aside: it is the price of whichever token its taker named, unnamed here."""
        token = self._tokens.get(event.asset_id)
        if token is None or (not token.is_yes and token.market in self._has_yes_book):
            return
        bids, asks = read_levels(event.bids), read_levels(event.asks)
        if not token.is_yes:
            bids, asks = _mirror_levels(asks), _mirror_levels(bids)
        tick = read_tick(event.tick_size) if isinstance(event.tick_size, str) and event.tick_size else None
        if tick is not None:
            self._ticks[token.market] = tick
        yield BookReceived(
            market=token.market,
            bids=tuple(sorted(bids, reverse=True)),
            asks=tuple(sorted(asks)),
            seen_at=seen_at,
            tick=tick,
            epoch=self._epoch,
            venue_at=read_stamp(event.timestamp),
        )

    def _levels(self, event: wire.PriceChange, seen_at: RealNs) -> Iterable[MarketFinding]:
        yes: dict[MarketId, list[tuple[Side, Price, Size]]] = {}
        no: dict[MarketId, list[tuple[Side, Price, Size]]] = {}
        hashes: dict[MarketId, str] = {}
        for change in event.price_changes:
            token = self._tokens.get(change.asset_id)
            if token is None:
                continue
            side, price, size = _read_side(change.side), read_price(change.price), read_size(change.size)
            hashes[token.market] = change.hash
            if token.is_yes:
                yes.setdefault(token.market, []).append((side, price, size))
            else:
                no.setdefault(token.market, []).append((side.other, mirror(price), size))
        for market, levels in (no | yes).items():
            yield LevelsReceived(
                market=market,
                levels=tuple(levels),
                seen_at=seen_at,
                epoch=self._epoch,
                venue_at=read_stamp(event.timestamp),
                hash=hashes[market],
            )

    def _print(self, event: wire.LastTradePrice, seen_at: RealNs) -> Iterable[MarketFinding]:
        token = self._tokens.get(event.asset_id)
        if token is None:
            return
        taker, price = _read_side(event.side), read_price(event.price)
        yield PrintReceived(
            market=token.market,
            taker=taker if token.is_yes else taker.other,
            price=price if token.is_yes else mirror(price),
            size=read_size(event.size),
            seen_at=seen_at,
            epoch=self._epoch,
            venue_at=read_stamp(event.timestamp),
            transaction=event.transaction_hash,
        )

    def _tick(self, event: wire.TickSizeChange, seen_at: RealNs) -> Iterable[MarketFinding]:
        token = self._tokens.get(event.asset_id)
        if token is None:
            return
        tick = read_tick(event.new_tick_size)
        if self._ticks.get(token.market) != tick:
            self._ticks[token.market] = tick
            yield TickReceived(
                market=token.market,
                tick=tick,
                seen_at=seen_at,
                epoch=self._epoch,
                venue_at=read_stamp(event.timestamp),
            )


def _read_side(text: str) -> Side:
    if text == "BUY":
        return Side.BID
    if text == "SELL":
        return Side.ASK
    raise WireError(f"{text[:40]!r} is neither BUY nor SELL")


def read_levels(levels: Iterable[wire.Level]) -> list[Level]:
    """Prices and sizes of one side, in the order in which they came. Raises WireError."""
    return [(read_price(level.price), read_size(level.size)) for level in levels]


def _mirror_levels(levels: Iterable[Level]) -> list[Level]:
    return [(mirror(price), size) for price, size in levels]
