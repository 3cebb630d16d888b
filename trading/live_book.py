"""A book with the reasons not to believe it: nothing came yet, the stream was lost, it cannot be right."""

from __future__ import annotations

import msgspec

from messages.market import BookReceived, BookState, Level, LevelsReceived
from messages.values import MICRO, SECOND, Price, RealNs, Side, Size
from trading.book import Book

NO_DATA = "no data yet"
STREAM_LOST = "stream lost"
TICK_CHANGED = "tick changed"
CONTRADICTED = "REST says otherwise"
NOT_FOLLOWING = "REST moves and the stream does not"
CROSSED = "crossed"
EMPTY = "empty book"
ONE_SIDED = "one-sided book"
HOLLOW = "gapped book, only its far ends are left"
BACKWARDS = "the venue's stamps went back"
FLOOR, CEILING = Price(MICRO // 100), Price(MICRO - MICRO // 100)
"""A book with nothing better than these on both sides says nothing of the price."""
BACKWARDS_NS = 1 * SECOND
"""Frames that are all older than what is known, for so long, are no stragglers."""
STALE = frozenset({STREAM_LOST, NOT_FOLLOWING})
"""Reasons that say the book is of the past; all others say that a whole one is needed."""

Top = tuple[tuple[Level, ...], tuple[Level, ...]]


class Counts(msgspec.Struct):
    """What happened to all books of one feed since it started."""

    outdated: int = 0
    """Frames older than what was known."""
    duplicates: int = 0
    resyncs: int = 0
    """Whole books asked for anew."""
    disagreements: int = 0
    """REST and stream more than a tick apart."""
    rest_stale: int = 0
    """Times REST was the one that was behind."""


class LiveBook:
    """One watched market's book, kept from one connection.

    It is void until a whole book comes and after whatever ends an epoch; while it is void, single levels say
    nothing. Frames may come twice or overtake each other: each level keeps the newest word by the venue's own
    stamps, whatever order they come in, and a whole book takes the place of everything that is not newer.
    A frame without a stamp is as new as can be. A crossed book is kept but not shown, since the next frame as a
    rule uncrosses it.
    """

    __slots__ = (
        "_backwards_since",
        "_base",
        "_counts",
        "_hashes",
        "_stamps",
        "book",
        "depth",
        "epoch",
        "last_trade",
        "seen_at",
        "sequence",
        "shown",
        "tick",
        "venue_at",
        "void_because",
    )

    def __init__(self, depth: int, epoch: int = 0, counts: Counts | None = None) -> None:
        self._counts = counts or Counts()
        self.book = Book()
        self.depth = depth
        self.epoch = epoch
        self.void_because = NO_DATA
        """Empty: complete."""
        self.seen_at = RealNs(0)
        """When the last frame that was believed came off the socket."""
        self.venue_at = 0
        """The venue's stamp of the newest frame, milliseconds."""
        self.sequence = 0
        """Frames believed since it was void."""
        self.last_trade: Price | None = None
        self.tick: Price | None = None
        """The grid that its newest whole book names, if it does."""
        self.shown: Top | None = None
        """The visible book as last said; None: whatever comes next is news."""
        self._base = 0
        """The stamp of the whole book below it all."""
        self._stamps: dict[int, int] = {}
        """Of each level that changed since, by price, minus the price for asks; at most the grid's prices."""
        self._hashes: set[str] = set()
        """The venue's names for the changes of its newest millisecond."""
        self._backwards_since: RealNs | None = None

    @property
    def based_at(self) -> int:
        """The stamp of its newest whole book, milliseconds."""
        return self._base

    def trouble(self, now: RealNs) -> str:
        """Why the book must not be acted on; empty when it may."""
        return self.void_because or self.doubt(now)

    def doubt(self, now: RealNs) -> str:
        """What makes a complete book no book to act on; empty when nothing does."""
        book = self.book
        bid, ask = book.best_bid, book.best_ask
        if bid is None or ask is None:
            return EMPTY if book.is_empty else ONE_SIDED
        if bid >= ask:
            return CROSSED
        if bid <= FLOOR and ask >= CEILING:
            return HOLLOW
        since = self._backwards_since
        return BACKWARDS if since is not None and now - since >= BACKWARDS_NS else ""

    def state(self, now: RealNs) -> BookState:
        """How the book is by itself, whatever the stream."""
        trouble = self.trouble(now)
        if not trouble:
            return BookState.LIVE
        return BookState.STALE if trouble in STALE else BookState.RESYNC

    def void(self, reason: str) -> None:
        """What was known is worth nothing any more; a whole book must come."""
        self.void_because = reason
        self.shown = self.tick = None
        self.book.clear()
        self.sequence = self.venue_at = self._base = 0
        self._stamps.clear()
        self._hashes.clear()
        self._backwards_since = None

    def replace(self, received: BookReceived) -> bool:
        """A whole book; False when it is older than the one before it, and nothing of it is believed."""
        at = received.venue_at or self.venue_at
        if not self.void_because and at < self._base:
            self._note_outdated(received.seen_at)
            return False
        newer = self._newer_than(at)
        self.book.replace(received.bids, received.asks)
        for side, price, size in newer:
            self.book.set(side, price, size)
        self._stamps = {_rank(side, price): self._stamps[_rank(side, price)] for side, price, _ in newer}
        self._base = at
        self.tick = received.tick or self.tick
        self.void_because = ""
        self._believe(at, received.seen_at)
        return True

    def apply(self, received: LevelsReceived) -> bool:
        """New sizes at some prices; False (and nothing believed) while the book is void, or when all is known."""
        if self.void_because:
            return False
        at = received.venue_at or self.venue_at
        if at == self.venue_at and received.hash and received.hash in self._hashes:
            self._counts.duplicates += 1
            return False
        book, stamps, base = self.book, self._stamps, self._base
        is_news = False
        for side, price, size in received.levels:
            rank = _rank(side, price)
            if stamps.get(rank, base) <= at:
                stamps[rank] = at
                book.set(side, price, size)
                is_news = True
        if not is_news:
            self._note_outdated(received.seen_at)
            return False
        self._believe(at, received.seen_at)
        if received.hash and at == self.venue_at:
            self._hashes.add(received.hash)
        return True

    def news(self) -> Top | None:
        """The visible book if it is complete, uncrossed, and differs from what was shown last; it is shown now."""
        if self.void_because or self.book.is_crossed:
            return None
        top = self.book.top(self.depth)
        if top == self.shown:
            return None
        self.shown = top
        return top

    def _newer_than(self, at: int) -> list[tuple[Side, Price, Size]]:
        """The levels that changed after this stamp, as they are now."""
        if self.venue_at <= at:
            return []
        changed = [rank for rank, stamp in self._stamps.items() if stamp > at]
        levels = [(Side.BID if rank > 0 else Side.ASK, Price(abs(rank))) for rank in changed]
        return [(side, price, self.book.size_at(side, price)) for side, price in levels]

    def _believe(self, at: int, seen_at: RealNs) -> None:
        self.seen_at = seen_at
        self.sequence += 1
        if at > self.venue_at:
            self.venue_at = at
            self._hashes.clear()
        if at >= self.venue_at:
            self._backwards_since = None

    def _note_outdated(self, seen_at: RealNs) -> None:
        self._counts.outdated += 1
        if self._backwards_since is None:
            self._backwards_since = seen_at


def _rank(side: Side, price: Price) -> int:
    return price if side is Side.BID else -price
