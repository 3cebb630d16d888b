"""A book with the reasons not to believe it: nothing came yet, the stream was lost, the grid changed."""

from __future__ import annotations

from messages.market import BookReceived, Level, LevelsReceived
from messages.values import Price, RealNs
from trading.book import Book

NO_DATA = "no data yet"
STREAM_LOST = "stream lost"
TICK_CHANGED = "tick changed"
CROSSED = "crossed"

Top = tuple[tuple[Level, ...], tuple[Level, ...]]


class LiveBook:
    """One watched market's book, kept from the stream.

    It is void until a whole book comes and after whatever ends an epoch; while it is void, single levels say
    nothing. A crossed book is kept but not shown, since the next frame as a rule uncrosses it.
    """

    __slots__ = ("book", "depth", "last_trade", "seen_at", "shown", "void_because")

    def __init__(self, depth: int) -> None:
        self.book = Book()
        self.depth = depth
        self.void_because = NO_DATA
        """Empty: complete."""
        self.seen_at = RealNs(0)
        """When the last frame that was believed came off the socket."""
        self.last_trade: Price | None = None
        self.shown: Top | None = None
        """The visible book as last said; None: whatever comes next is news."""

    @property
    def trouble(self) -> str:
        """Why the book must not be acted on; empty when it may."""
        return self.void_because or (CROSSED if self.book.is_crossed else "")

    def void(self, reason: str) -> None:
        """What was known is worth nothing any more; a whole book must come."""
        self.void_because = reason
        self.shown = None
        self.book.clear()

    def replace(self, received: BookReceived) -> None:
        """A whole book: a new epoch begins."""
        self.void_because = ""
        self.seen_at = received.seen_at
        self.book.replace(received.bids, received.asks)

    def apply(self, received: LevelsReceived) -> bool:
        """New sizes at some prices; False (and nothing believed) while the book is void."""
        if self.void_because:
            return False
        self.seen_at = received.seen_at
        book = self.book
        for side, price, size in received.levels:
            book.set(side, price, size)
        return True

    def news(self) -> Top | None:
        """The visible book if it may be acted on and differs from what was shown last; it is shown now."""
        if self.void_because or self.book.is_crossed:
            return None
        top = self.book.top(self.depth)
        if top == self.shown:
            return None
        self.shown = top
        return top
