"""Which markets are on the stream: ours, and the busiest others; and which of them is best."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from messages.market import MarketInfo, RankedMarket
from messages.values import SECOND, MarketId, MarketNs, Price
from trading.listing import Listing
from trading.live_book import Counts
from trading.ownership import Ownership
from trading.ranking import RankingSettings, rank, runner_up
from trading.watched_market import WatchedMarket


class Watching:
    """The venue's list, what our house trades, and the markets watched because of both."""

    def __init__(self, depth: int, max_watched: int, ranking: RankingSettings) -> None:
        self.ownership = Ownership()
        self.listing = Listing()
        self.markets: dict[MarketId, WatchedMarket] = {}
        self.ranked: tuple[RankedMarket, ...] = ()
        self.counts = Counts()
        self._depth = depth
        self._max_watched = max_watched
        self._ranking = ranking
        self._began_at: MarketNs | None = None

    def ours(self) -> dict[MarketId, None]:
        """Markets we trade, and the one we would trade next."""
        ours = dict.fromkeys([*self.ownership.owners, *self.ownership.exits])
        following = runner_up(self.ranked, self.ownership)
        return ours if following is None else ours | {following: None}

    def ours_watched(self) -> Iterator[WatchedMarket]:
        """Those of them that are on the stream."""
        return (self.markets[market] for market in self.ours() if market in self.markets)

    def slugs(self) -> tuple[str, ...]:
        """Of ours, as far as they are known: they are read by name, whatever the list says."""
        known = self.ownership.slugs
        return tuple(known[market] for market in self.ours() if market in known)

    def learn(self, read: Iterable[MarketInfo]) -> Iterator[MarketInfo]:
        """Take a reading of the list over; the constants that changed."""
        self.listing.learn(read, self._is_kept)
        for market, watched in self.markets.items():
            info = self.listing.get(market)
            if info is not None and info != watched.info:
                watched.learn(info)
                yield info

    def choose(self) -> tuple[list[WatchedMarket], list[WatchedMarket]]:
        """Ours first, then whatever accepts orders, the busiest first. Who left, and who came."""
        ours = [info for info in map(self.listing.get, self.ours()) if info is not None]
        chosen = {info.market: info for info in (*ours, *self.listing.busiest(self._max_watched))}
        left = [self.markets.pop(market) for market in list(self.markets) if market not in chosen]
        came = [self._begin(info) for market, info in chosen.items() if market not in self.markets]
        self.markets |= {watched.info.market: watched for watched in came}
        self.markets = {market: self.markets[market] for market in chosen}
        return left, came

    def set_tick(self, watched: WatchedMarket, tick: Price) -> MarketInfo:
        """The stream named another price grid."""
        self.listing.set_tick(watched.info.market, tick)
        return watched.set_tick(tick)

    def note_book(self, now: MarketNs) -> None:
        """A whole book came: observation has begun."""
        if self._began_at is None:
            self._began_at = now

    def observed_s(self, now: MarketNs) -> int:
        """Market seconds since the first book."""
        return 0 if self._began_at is None else (now - self._began_at) // SECOND

    def rank(self, now: MarketNs) -> bool:
        """Order the candidates; False while it is too early.

        A feed that took over from an earlier one ranks at once, by the list's volume until it has seen more:
        the house trades, and may need its next market any moment.
        """
        has_traded = bool(self.ownership.slugs) and self._began_at is not None
        is_due = has_traded or self.observed_s(now) >= self._ranking.first_s
        candidates = [watched.candidate(now) for watched in self.markets.values()]
        self.ranked = rank(candidates, self._ranking, now) if is_due else ()
        return is_due

    def _begin(self, info: MarketInfo) -> WatchedMarket:
        return WatchedMarket(info, self._depth, self._ranking.window_s, self.counts)

    def _is_kept(self, market: MarketId) -> bool:
        return market in self.markets or not self.ownership.is_free(market)
