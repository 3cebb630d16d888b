"""What the account's judge knows of the feed: whether the quoted market is seen, and whether anything is."""

from __future__ import annotations

from collections.abc import Iterator

from messages.market import BookState, FeedStatus, MarketDataStatus
from messages.values import SECOND, MarketId, RealNs
from trading.newest import Newest
from trading.ownership import Ownership

BLIND_NS = 2 * SECOND
"""The feed's word on a market counts so long after it last could vouch for the book (RELIABILITY 2.10)."""
MAX_MARKETS = 1_024
OVER = frozenset({BookState.CLOSED, BookState.RESOLVED})
"""Nothing is quoted there any more, and whoever has such a market leaves it by itself."""


class Eyes:
    """The newest word on each market, and on the feed as a whole. Volatile: the feed says all of it again."""

    def __init__(self) -> None:
        self._statuses = Newest[MarketId, FeedStatus](MAX_MARKETS)
        self._feed: MarketDataStatus | None = None

    def note(self, said: FeedStatus | MarketDataStatus) -> None:
        """Take the newest word."""
        if isinstance(said, FeedStatus):
            self._statuses[said.market] = said
        else:
            self._feed = said

    @property
    def is_paused(self) -> bool | None:
        """Whether the feed gave up trying; None before it said anything."""
        return None if self._feed is None else self._feed.paused

    @property
    def reason(self) -> str:
        """Why it hears nothing; empty when it does."""
        return "" if self._feed is None else self._feed.reason

    def blind(self, ownership: Ownership, now: RealNs) -> str:
        """Why quotes cannot be answered for; empty when they can. Who has just begun to look knows of none that can."""
        quoted = [market for market in ownership.owners if market not in ownership.exits]
        for market in quoted:
            status = self._statuses.get(market)
            if status is not None and status.state in OVER:
                continue
            if status is None or now - status.verified_at > BLIND_NS:
                why = "" if status is None else status.reason
                return f"market data: {why or 'the feed says nothing'}"
        return ""

    def knows(self, ownership: Ownership) -> bool:
        """Whether the feed spoke of every market that is quoted."""
        return all(market in self._statuses for market in ownership.owners if market not in ownership.exits)

    def details(self) -> Iterator[tuple[str, str]]:
        """For a person who asks."""
        feed = self._feed
        if feed is None:
            return
        state = "paused" if feed.paused else "connected" if feed.connected else "not connected"
        yield "market data", f"{state}, {feed.live} of {feed.watched} books live"
        if feed.reason:
            yield "market data trouble", feed.reason
