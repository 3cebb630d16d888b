"""One market on the stream: its constants, its book, what happens in it, and the feed's word on it."""

from __future__ import annotations

from collections import deque

import msgspec

from messages.market import (
    BookReceived,
    BookSnapshot,
    BookState,
    FeedStatus,
    LevelsReceived,
    MarketInfo,
    PrintReceived,
    TickReceived,
    WitnessedBook,
)
from messages.values import SECOND, MarketNs, Price, RealNs
from trading.grid_words import GridWords
from trading.live_book import TICK_CHANGED, Counts, LiveBook
from trading.ranking import Activity, Candidate
from trading.resync import Resync
from trading.witness import Evidence, Tops, Verdict, Witness

CLOSED = "market closed"
RESOLVED = "market resolved"
ON_PROBATION = "not borne out again yet"
TAKEOVER_NS = 2 * SECOND
"""A younger connection's book is waited for so long to be as new as the older one's."""
PRINTS = 64
"""Prints that are recognised when they come again, on the same connection or on another one."""


class WatchedMarket:
    """Kept by the feed for as long as the market is on the stream.

    Its book comes from one connection at a time. What a younger connection says is kept beside it, and takes
    its place at once where there is no book, else as soon as it is as new: nothing is missed and nothing counts
    twice while two connections stand.
    """

    __slots__ = (
        "_counts",
        "_grid_from",
        "_grid_words",
        "_prints",
        "_young_at",
        "activity",
        "info",
        "live",
        "resync",
        "said_at",
        "tops",
        "verified_at",
        "witness",
        "young",
    )

    def __init__(self, info: MarketInfo, depth: int, window_s: int, counts: Counts) -> None:
        self._counts = counts
        self.info = info
        self.live = LiveBook(depth, counts=counts)
        self.young: LiveBook | None = None
        """The book by a younger connection, until it takes over."""
        self.activity = Activity(window_s)
        self.tops = Tops()
        self.witness = Witness()
        self.resync = Resync()
        self.said_at = RealNs(0)
        """When the visible book was last said."""
        self.verified_at = RealNs(0)
        """When it was last known to be true."""
        self._young_at = RealNs(0)
        self._grid_from = 0
        """The venue's stamp of the last change of grid: older books are of the old one."""
        self._grid_words = GridWords(info.tick)
        self._prints: deque[tuple[int, str, Price, int, str]] = deque(maxlen=PRINTS)

    # What the stream says.

    def replace(self, received: BookReceived, now: MarketNs) -> bool:
        """A whole book; False when nothing of it is believed, or not yet."""
        book = self._book_of(received.epoch, received.seen_at)
        if book is None or 0 < received.venue_at < self._grid_from:
            return False
        if self._grid_words.is_late_book(received.tick, received.venue_at) or not book.replace(received):
            return False
        self._grid_words.stream_says(received.tick, received.venue_at)
        self.resync.answered()
        is_believed = self._moved(book, received.seen_at, now)
        if self.witness.is_cleared_by(self.live, self.info.tick, received.seen_at):
            self._counts.rest_stale += 1
        return is_believed

    def apply(self, received: LevelsReceived, now: MarketNs) -> bool:
        """Some levels; False when nothing of it is believed, or not yet."""
        book = self._book_of(received.epoch, received.seen_at)
        if book is None or not book.apply(received):
            return False
        return self._moved(book, received.seen_at, now)

    def note_print(self, received: PrintReceived, now: MarketNs) -> bool:
        """Somebody traded; False when that was known."""
        if received.transaction:
            key = (
                *(received.venue_at, received.transaction, received.price),
                *(int(received.size), received.taker.value),
            )
            if key in self._prints:
                self._counts.duplicates += 1
                return False
            self._prints.append(key)
        elif received.epoch < self.live.epoch:
            return False
        self.activity.add_print(now)
        self.live.last_trade = received.price
        return True

    def regrid(self, received: TickReceived) -> bool:
        """Another price grid: a new epoch, the old books are void. False when that was known, or is known better."""
        is_late = self._grid_words.is_late_change(received.tick, received.venue_at)
        self._grid_words.stream_says(received.tick, received.venue_at)
        if self.info.tick == received.tick or is_late:
            return False
        self._grid_from = received.venue_at
        self.young = None
        self.void(TICK_CHANGED)
        return True

    def learn(self, info: MarketInfo) -> None:
        """The list's constants; where it is ahead of the stream with another price grid, the books are void too."""
        if info.tick != self.info.tick:
            self.young = None
            self.void(TICK_CHANGED)
        self.info = info

    def new_tick(self) -> Price | None:
        """The grid that the book names and that is not known yet; a book may have been named it before it counted."""
        tick = self.live.tick
        return None if tick in (None, self.info.tick) or self.live.void_because else tick

    def set_tick(self, tick: Price) -> MarketInfo:
        """The grid's step; the next book is news even if it looks the same."""
        self.live.shown = None
        self.info = msgspec.structs.replace(self.info, tick=tick)
        return self.info

    def lose(self, epoch: int, reason: str) -> bool:
        """A connection is gone; False when the book did not come from it."""
        if self.young is not None and self.young.epoch == epoch:
            self.young = None
        if self.live.epoch != epoch or self.live.void_because == reason:
            return False
        if self.young is not None and self._is_sound(self.young):
            self._take_over(self.young)
        else:
            self.void(reason)
        return True

    def void(self, reason: str) -> None:
        """What was known is worth nothing any more."""
        self.live.void(reason)
        self.tops.clear()

    # What REST says.

    def testify(self, book: WitnessedBook, asked_at: RealNs, seen_at: RealNs, known_at: int) -> None:
        """REST's word, to be judged in a moment."""
        self._grid_words.rest_says(book.tick, book.venue_at)
        self.witness.hear(Evidence(book, asked_at, seen_at, known_at))

    def judge(self, now: RealNs) -> bool:
        """Weigh REST's word; True when it speaks against the book for the second time, which is void then."""
        verdict = self.witness.judge(self.live, self.tops, self.info.tick, now)
        self._counts.rest_stale += verdict is Verdict.REST_STALE
        self._counts.disagreements += verdict in (Verdict.APART, Verdict.VOID)
        if verdict is Verdict.VOID:
            self.void(self.witness.charge(self.live, now))
        return verdict is Verdict.VOID

    # What is said of it.

    def news(self, now: RealNs) -> BookSnapshot | None:
        """The visible book, if it is not what was said last."""
        if self.live.news() is None:
            return None
        return self.say(now)

    def say(self, now: RealNs) -> BookSnapshot | None:
        """The visible book as it was last said; None while there is none."""
        live = self.live
        if live.shown is None or live.void_because or live.book.is_crossed:
            return None
        self.said_at = now
        bids, asks = live.shown
        return BookSnapshot(
            market=self.info.market,
            bids=bids,
            asks=asks,
            tick=self.info.tick,
            seen_at=live.seen_at,
            last_trade=live.last_trade,
        )

    def status(self, now: RealNs, stream_trouble: str) -> FeedStatus:
        """The feed's word: live, verified this moment, if neither market, book nor stream are in trouble."""
        state, reason = self._state(now, stream_trouble)
        if state is BookState.LIVE:
            self.verified_at = now
        return FeedStatus(
            market=self.info.market,
            live=state is BookState.LIVE,
            verified_at=self.verified_at,
            reason=reason,
            state=state,
            epoch=self.live.epoch,
            sequence=self.live.sequence,
            venue_at=self.live.venue_at,
            seen_at=self.live.seen_at,
            tick=self.info.tick,
        )

    @property
    def is_over(self) -> bool:
        """The venue takes no orders here any more."""
        return self.info.payout is not None or not self.info.accepting_orders

    def confirmed_at(self) -> RealNs:
        """When stream or REST last bore the book out."""
        return max(self.live.seen_at, self.witness.agreed_at, key=int)

    def candidate(self, now: MarketNs) -> Candidate:
        """How it stands for the ranking; what the window has left behind is forgotten."""
        self.activity.forget_before_window(now)
        return Candidate(self.info, self.live.book, self.activity)

    def _state(self, now: RealNs, stream_trouble: str) -> tuple[BookState, str]:
        if self.info.payout is not None:
            return BookState.RESOLVED, RESOLVED
        if not self.info.accepting_orders:
            return BookState.CLOSED, CLOSED
        trouble = self.live.trouble(now)
        if not trouble and self.new_tick() is not None:
            return BookState.RESYNC, TICK_CHANGED
        if trouble:
            return self.live.state(now), trouble
        if not stream_trouble and self.witness.is_on_probation(now):
            stream_trouble = ON_PROBATION
        return (BookState.STALE, stream_trouble) if stream_trouble else (BookState.LIVE, "")

    def _book_of(self, epoch: int, now: RealNs) -> LiveBook | None:
        """Where a frame of this connection belongs; None for one that was replaced."""
        if epoch == self.live.epoch:
            return self.live
        if epoch < self.live.epoch or (self.young is not None and epoch < self.young.epoch):
            return None
        if self.young is None or self.young.epoch < epoch:
            self.young, self._young_at = LiveBook(self.live.depth, epoch, self._counts), now
        return self.young

    def _moved(self, book: LiveBook, seen_at: RealNs, now: MarketNs) -> bool:
        if book is self.young:
            is_late = seen_at - self._young_at >= TAKEOVER_NS
            if not self._is_sound(book) or not (
                self.live.void_because or is_late or book.venue_at >= self.live.venue_at
            ):
                return False
            self._take_over(book)
        self.activity.add_update(now)
        self.tops.note(self.live.book.best_bid, self.live.book.best_ask, seen_at)
        return True

    def _is_sound(self, young: LiveBook) -> bool:
        """Whether it is whole, and of a grid that no newer word ended."""
        return not young.void_because and not self._grid_words.is_late_book(young.tick, young.based_at)

    def _take_over(self, young: LiveBook) -> None:
        old, self.live, self.young = self.live, young, None
        young.last_trade = old.last_trade
        young.shown = None if old.void_because else old.shown
