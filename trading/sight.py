"""What a trader sees of markets, and whether it may act on it."""

from __future__ import annotations

from messages.market import BookSnapshot, FeedStatus, MarketInfo
from messages.values import SECOND, MarketId, RealNs
from trading.newest import Newest

STALE_NS = 2 * SECOND
"""The feed's word counts so long after it verified the book; it does so every half second."""
MAX_MARKETS = 1_024
"""Markets seen at once; beyond it the one that was not spoken of for longest is forgotten."""


class Sight:
    """The newest book, feed status and constants of each market. Volatile: the feed says all of it again."""

    def __init__(self) -> None:
        self.books = Newest[MarketId, BookSnapshot](MAX_MARKETS)
        self.infos = Newest[MarketId, MarketInfo](MAX_MARKETS)
        self._statuses = Newest[MarketId, FeedStatus](MAX_MARKETS)

    def note(self, state: BookSnapshot | FeedStatus | MarketInfo) -> None:
        """Take the newest word on one market."""
        match state:
            case BookSnapshot():
                self.books[state.market] = state
            case MarketInfo():
                self.infos[state.market] = state
            case FeedStatus():
                self._statuses[state.market] = state

    def trouble(self, market: MarketId, now: RealNs, *, since: RealNs, patience_ns: int) -> str:
        """Why the market's book may not be acted on; empty when it may.

        `since` is when the trader began to look; a feed that has said nothing `patience_ns` later is silent.
        """
        waiting = "feed silent" if now - since > patience_ns else "waiting for the feed"
        status = self._statuses.get(market)
        if status is None:
            return waiting
        if not status.live:
            return f"feed: {status.reason or 'not live'}"
        if now - status.verified_at > STALE_NS:
            return "feed stale"
        if market not in self.books:
            return waiting
        return "" if market in self.infos else "constants of the market not known"
