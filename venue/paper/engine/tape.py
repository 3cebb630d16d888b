"""What happens in a market without us: levels, prints and closes, in time order, from a recording or a crowd."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from messages.values import Price, Side, Size
from venue.paper.engine.terms import Market, TokenSide

Levels = tuple[tuple[Price, Size], ...]


class TapeEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something that happened `at` nanoseconds after market second 0; prices and sides are those of YES."""

    at: int


class LevelSet(TapeEvent, frozen=True, kw_only=True, gc=False):
    """Others' size at one price is now `size`; 0 removes the level."""

    side: Side
    price: Price
    size: Size


class BookSet(TapeEvent, frozen=True, kw_only=True):
    """Others' whole book, at any order of levels."""

    bids: Levels
    asks: Levels


class Printed(TapeEvent, frozen=True, kw_only=True, gc=False):
    """Others traded. Said before the levels it took are set, wherever the source allows."""

    taker: TokenSide
    price: Price
    size: Size


class TickSet(TapeEvent, frozen=True, kw_only=True, gc=False):
    """The price grid changed."""

    tick: Price


class Closed(TapeEvent, frozen=True, kw_only=True, gc=False):
    """The market takes no more orders."""


class Tape(Protocol):
    """One market's background. Its events never depend on what our accounts do."""

    @property
    def market(self) -> Market:
        """The market it belongs to, as it is before the first event."""

    def events(self, since: int) -> Iterator[TapeEvent]:
        """All that follows `since` nanoseconds, never back in time, with whatever is needed to know the book then."""


class TapeDeck:
    """Several tapes played as one, in time order; equal times in the order the tapes were put in."""

    def __init__(self) -> None:
        self._heads: list[tuple[int, int, TapeEvent]] = []
        self._rest: list[Iterator[TapeEvent]] = []
        self._markets: list[Market] = []

    @property
    def markets(self) -> Sequence[Market]:
        """The markets on the deck."""
        return self._markets

    def put(self, tape: Tape, market: Market, since: int) -> None:
        """Play a tape for a market from `since` nanoseconds on."""
        self._markets.append(market)
        self._rest.append(tape.events(since))
        self._queue(len(self._rest) - 1)

    def next_at(self) -> int | None:
        """When the next event is due, nanoseconds after market second 0; None when all tapes have ended."""
        return self._heads[0][0] if self._heads else None

    def play(self) -> tuple[Market, TapeEvent]:
        """Take the next event; there must be one."""
        _, index, event = heapq.heappop(self._heads)
        self._queue(index)
        return self._markets[index], event

    def _queue(self, index: int) -> None:
        event = next(self._rest[index], None)
        if event is not None:
            heapq.heappush(self._heads, (event.at, index, event))
