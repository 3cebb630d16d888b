"""One market on the stream: its constants, its book, what happens in it, and the feed's word on it."""

from __future__ import annotations

import msgspec

from messages.market import BookReceived, BookSnapshot, FeedStatus, MarketInfo
from messages.values import MarketNs, Price, RealNs
from trading.live_book import LiveBook
from trading.ranking import Activity, Candidate


class WatchedMarket:
    """Kept by the feed for as long as the market is on the stream."""

    __slots__ = ("activity", "info", "live", "said_at", "verified_at")

    def __init__(self, info: MarketInfo, depth: int, window_s: int) -> None:
        self.info = info
        self.live = LiveBook(depth)
        self.activity = Activity(window_s)
        self.said_at = RealNs(0)
        """When the visible book was last said."""
        self.verified_at = RealNs(0)
        """When it was last known to be true."""

    def regrid(self, tick: Price) -> MarketInfo:
        """Another price grid, by the stream's word; the next book is news even if it looks the same."""
        self.live.shown = None
        self.info = msgspec.structs.replace(self.info, tick=tick)
        return self.info

    def replace(self, received: BookReceived, now: MarketNs) -> None:
        """A whole book."""
        self.live.replace(received)
        self.activity.add_update(now)

    def news(self, now: RealNs) -> BookSnapshot | None:
        """The visible book, if it is not what was said last."""
        if self.live.news() is None:
            return None
        return self.say(now)

    def say(self, now: RealNs) -> BookSnapshot | None:
        """The visible book as it was last said; None while it may not be acted on."""
        if self.live.shown is None or self.live.trouble:
            return None
        self.said_at = now
        bids, asks = self.live.shown
        return BookSnapshot(
            market=self.info.market,
            bids=bids,
            asks=asks,
            tick=self.info.tick,
            seen_at=self.live.seen_at,
            last_trade=self.live.last_trade,
        )

    def status(self, now: RealNs, stream_trouble: str) -> FeedStatus:
        """The feed's word: live, verified this moment, if neither book nor stream are in trouble."""
        reason = self.live.trouble or stream_trouble
        if not reason:
            self.verified_at = now
        return FeedStatus(
            market=self.info.market, live=not reason, verified_at=self.verified_at, reason=reason
        )

    def candidate(self, now: MarketNs) -> Candidate:
        """How it stands for the ranking; what the window has left behind is forgotten."""
        self.activity.forget_before_window(now)
        return Candidate(self.info, self.live.book, self.activity)
