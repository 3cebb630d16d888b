"""What happens in a market without us: levels, prints and closes, in time order, from a recording or a crowd."""

from __future__ import annotations

from collections.abc import Iterator
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
    is_told: bool = True
    """Whether anybody gave notice; a recorder may have missed it, and so do its listeners."""


class Cleared(TapeEvent, frozen=True, kw_only=True, gc=False):
    """The venue has taken back whatever rested, as it does when a game starts; others' levels are set before."""


class Closed(TapeEvent, frozen=True, kw_only=True, gc=False):
    """The market takes no more orders."""


class Tape(Protocol):
    """One market's background. Its events never depend on what our accounts do."""

    @property
    def market(self) -> Market:
        """The market it belongs to, as it is before the first event."""

    def events(self, since: int) -> Iterator[TapeEvent]:
        """All that follows `since` nanoseconds, never back in time, with whatever is needed to know the book then."""
