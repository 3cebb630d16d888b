"""The feed: what the venue's market data says, kept as books, judged, and told as States."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired, MarketTaken
from messages.market import (
    BookReceived,
    BookSnapshot,
    CatalogFailed,
    CatalogRead,
    FeedStatus,
    FrameDropped,
    LevelsReceived,
    MarketInfo,
    MarketRanking,
    PrintReceived,
    RankedMarket,
    ReadCatalog,
    StreamBeat,
    StreamLost,
    StreamOpened,
    TickReceived,
    WatchMarkets,
)
from messages.orders import OrderRejected
from messages.system import AlertKind, Announce, Severity
from messages.values import SECOND, MarketId, MarketNs, Price, RealNs
from runtime.actor import Actor, every, handles, recovered
from trading.listing import Listing
from trading.live_book import STREAM_LOST, TICK_CHANGED
from trading.ownership import Ownership
from trading.ranking import RankingSettings, rank, runner_up
from trading.watched_market import WatchedMarket

SILENT = "silent"
NOT_WATCHED = "not watched"
LOUD_ATTEMPTS = (1, 10)
"""Failed connections in a row that are announced; the rest is in the FeedStatus."""


class FeedSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the feed watches and how often it speaks. Spans are real seconds unless they say market."""

    depth: int = 10
    """Levels of each side in a BookSnapshot."""
    max_watched: int = 40
    """Candidates on the stream, the busiest by volume; markets we trade come on top."""
    catalog_s: float = 5.0
    """Between two readings of the venue's list."""
    catalog_retry_s: float = 1.0
    """After a reading that failed."""
    silent_s: float = 10.0
    """A stream that was not heard for so long proves nothing any more."""
    ready_s: float = 15.0
    """Ready after this even without a book, so that the house stands; nothing is live then."""
    repeat_traded_s: float = 1.0
    """Between two tellings of an unchanged book we trade, or trade next."""
    repeat_other_s: float = 5.0
    """Between two tellings of any other unchanged book."""
    alarm_s: float = 30.0
    """Between two announcements of dropped frames."""
    ranking: RankingSettings = RankingSettings()

    def __post_init__(self) -> None:
        if not (1 <= self.depth <= 1_000 and 1 <= self.max_watched <= 200):
            raise ValueError("depth is 1 to 1000, max_watched 1 to 200")
        spans = [value for name, value in msgspec.structs.asdict(self).items() if name.endswith("_s")]
        if min(spans) <= 0:
            raise ValueError("spans are more than 0")


class FeedActor(Actor):
    """Keeps the books of all watched markets, says what is visible of them, and which market is best."""

    def __init__(self, settings: FeedSettings) -> None:
        self.settings = settings
        self.ownership = Ownership()
        self.listing = Listing()
        self.watched: dict[MarketId, WatchedMarket] = {}
        self.ranked: tuple[RankedMarket, ...] = ()
        self.is_open = False
        self.heard_at = RealNs(0)
        self.recovered_at = RealNs(0)
        self.first_book_at: MarketNs | None = None
        self.is_reading = False
        self.read_at = RealNs(0)
        self.catalog_trouble = ""
        self.dropped = 0
        self.dropped_said_at: RealNs | None = None
        self.is_ready = False

    @handles
    def on_ownership(self, fact: MarketTaken | MarketRetired | LiquidatorAssigned | ExitCompleted) -> None:
        """What our house trades stays on the stream, whatever else is watched."""
        self.ownership.note(fact)

    @handles
    def on_rejected(self, rejected: OrderRejected) -> Iterator[ReadCatalog]:
        """The venue may know of a market what the list did not say yet: it is read again, once in a while."""
        if not self.is_reading and self.real_now - self.read_at >= self.settings.catalog_retry_s * SECOND:
            yield self._read_catalog()

    @recovered
    def begin(self) -> Iterator[ReadCatalog]:
        """Ask which markets there are."""
        self.recovered_at = self.real_now
        yield self._read_catalog()

    @handles
    def on_catalog(self, read: CatalogRead) -> Iterator[MarketInfo | WatchMarkets | FeedStatus | Announce]:
        """The list of markets: constants that changed are said, and what is worth watching is watched."""
        self.is_reading = False
        if self.catalog_trouble:
            self.catalog_trouble = ""
            yield _announce(Severity.INFO, "market catalog: read again")
        self.listing.learn(read.markets, self._is_kept)
        for market, watched in self.watched.items():
            info = self.listing.get(market)
            if info is not None and info != watched.info:
                watched.info = info
                yield info
        yield from self._watch()

    @handles
    def on_catalog_failed(self, failed: CatalogFailed) -> Iterator[Announce]:
        """The last list stands; a new trouble is announced once."""
        self.is_reading = False
        if failed.reason != self.catalog_trouble:
            self.catalog_trouble = failed.reason
            yield _announce(Severity.WARNING, f"market catalog: {failed.reason}")

    @handles
    def on_opened(self, opened: StreamOpened) -> Iterator[Announce]:
        """Books follow."""
        if any(w.live.void_because == STREAM_LOST for w in self.watched.values()):
            yield _announce(Severity.INFO, "market stream: connected again")
        self.is_open = True
        self.heard_at = opened.at

    @handles
    def on_lost(self, lost: StreamLost) -> Iterator[FeedStatus | Announce]:
        """No book is worth anything until it comes whole again; everybody is told at once."""
        self.is_open = False
        for watched in self.watched.values():
            if watched.live.void_because != STREAM_LOST:
                watched.live.void(STREAM_LOST)
                yield self._status(watched)
        if lost.attempt in LOUD_ATTEMPTS:
            yield _announce(Severity.WARNING, f"market stream lost: {lost.reason} (attempt {lost.attempt})")

    @handles
    def on_beat(self, beat: StreamBeat) -> None:
        """The stream works, however quiet the markets are."""
        self.heard_at = beat.at

    @handles
    def on_book(self, received: BookReceived) -> Iterator[BookSnapshot | MarketInfo]:
        """A whole book; it may name a new tick."""
        self.heard_at = received.seen_at
        watched = self.watched.get(received.market)
        if watched is None:
            return
        watched.replace(received, self.now)
        if self.first_book_at is None:
            self.first_book_at = self.now
        self.is_ready = True
        if received.tick is not None and received.tick != watched.info.tick:
            yield self._regrid(watched, received.tick)
        yield from self._news(watched)

    @handles
    def on_levels(self, received: LevelsReceived) -> Iterator[BookSnapshot]:
        """Some levels; said only if it shows."""
        self.heard_at = received.seen_at
        watched = self.watched.get(received.market)
        if watched is not None and watched.live.apply(received):
            watched.activity.add_update(self.now)
            yield from self._news(watched)

    @handles
    def on_print(self, received: PrintReceived) -> None:
        """Somebody traded: what a ranking lives on."""
        self.heard_at = received.seen_at
        watched = self.watched.get(received.market)
        if watched is not None:
            watched.activity.add_print(self.now)
            watched.live.last_trade = received.price

    @handles
    def on_tick(self, received: TickReceived) -> Iterator[MarketInfo | FeedStatus]:
        """Another price grid: the old book is void until a whole one comes. Told twice, it counts once."""
        self.heard_at = received.seen_at
        watched = self.watched.get(received.market)
        if watched is None or watched.info.tick == received.tick:
            return
        watched.live.void(TICK_CHANGED)
        yield self._regrid(watched, received.tick)
        yield self._status(watched)

    @handles
    def on_dropped(self, dropped: FrameDropped) -> Iterator[Announce]:
        """Nothing is believed of it; announced now and then, with how many there were."""
        self.dropped += 1
        said_at = self.dropped_said_at
        if said_at is None or self.real_now - said_at >= self.settings.alarm_s * SECOND:
            self.dropped_said_at = self.real_now
            text = f"{dropped.stream} stream: {self.dropped} unreadable frames so far, last: {dropped.reason}"
            yield _announce(Severity.WARNING, text)

    @every(real_s=0.5)
    def vouch(self) -> Iterator[FeedStatus | ReadCatalog | Announce]:
        """The word on every watched market, again and again; the catalog, when it is due."""
        for watched in self.watched.values():
            yield self._status(watched)
        if self._is_catalog_due():
            yield self._read_catalog()
        if not self.is_ready and self.real_now - self.recovered_at >= self.settings.ready_s * SECOND:
            self.is_ready = True
            yield _announce(Severity.WARNING, f"no market data yet: {self.catalog_trouble or 'no book came'}")

    @every(real_s=1)
    def repeat(self) -> Iterator[BookSnapshot | MarketInfo | MarketRanking]:
        """Make whoever came late whole: unchanged books now and then, and the ranking as it is now."""
        self._rank()
        ours = self._ours()
        for market, watched in self.watched.items():
            if market in ours:
                yield watched.info
            span_s = self.settings.repeat_traded_s if market in ours else self.settings.repeat_other_s
            if self.real_now - watched.said_at >= span_s * SECOND:
                snapshot = watched.say(self.real_now)
                if snapshot is not None:
                    yield snapshot
        observed_s = self._observed_s()
        if observed_s >= self.settings.ranking.first_s:
            yield MarketRanking(
                ranked=self.ranked, observed_s=min(observed_s, self.settings.ranking.window_s)
            )

    @every(real_s=5)
    def constants(self) -> Iterator[MarketInfo]:
        """What hardly ever changes is said again, too."""
        for watched in self.watched.values():
            yield watched.info

    def _news(self, watched: WatchedMarket) -> Iterator[BookSnapshot]:
        snapshot = watched.news(self.real_now)
        if snapshot is not None:
            yield snapshot

    def _status(self, watched: WatchedMarket) -> FeedStatus:
        return watched.status(self.real_now, self._stream_trouble())

    def _stream_trouble(self) -> str:
        if not self.is_open:
            return STREAM_LOST
        is_silent = self.real_now - self.heard_at >= self.settings.silent_s * SECOND
        return SILENT if is_silent else ""

    def _regrid(self, watched: WatchedMarket, tick: Price) -> MarketInfo:
        self.listing.set_tick(watched.info.market, tick)
        return watched.regrid(tick)

    def _observed_s(self) -> int:
        return 0 if self.first_book_at is None else (self.now - self.first_book_at) // SECOND

    def _rank(self) -> None:
        candidates = [watched.candidate(self.now) for watched in self.watched.values()]
        is_due = self._observed_s() >= self.settings.ranking.first_s
        self.ranked = rank(candidates, self.settings.ranking, self.now) if is_due else ()

    def _ours(self) -> dict[MarketId, None]:
        """Markets we trade, and the one we would trade next."""
        ours = dict.fromkeys([*self.ownership.owners, *self.ownership.exits])
        following = runner_up(self.ranked, self.ownership)
        return ours if following is None else ours | {following: None}

    def _is_catalog_due(self) -> bool:
        span_s = self.settings.catalog_retry_s if self.catalog_trouble else self.settings.catalog_s
        return not self.is_reading and self.real_now - self.read_at >= span_s * SECOND

    def _read_catalog(self) -> ReadCatalog:
        self.is_reading = True
        self.read_at = self.real_now
        slugs = self.ownership.slugs
        return ReadCatalog(slugs=tuple(slugs[market] for market in self._ours() if market in slugs))

    def _watch(self) -> Iterator[MarketInfo | WatchMarkets | FeedStatus]:
        chosen = self._choice()
        if chosen.keys() == self.watched.keys():
            return
        for market, watched in list(self.watched.items()):
            if market not in chosen:
                del self.watched[market]
                yield FeedStatus(
                    market=market, live=False, verified_at=watched.verified_at, reason=NOT_WATCHED
                )
        for market, info in chosen.items():
            if market not in self.watched:
                self.watched[market] = WatchedMarket(
                    info, self.settings.depth, self.settings.ranking.window_s
                )
                yield info
        yield WatchMarkets(markets=tuple((i.market, i.yes, i.no) for i in chosen.values()))

    def _choice(self) -> dict[MarketId, MarketInfo]:
        """Ours first, then whatever accepts orders, the busiest first."""
        ours = [info for info in map(self.listing.get, self._ours()) if info is not None]
        return {info.market: info for info in (*ours, *self.listing.busiest(self.settings.max_watched))}

    def _is_kept(self, market: MarketId) -> bool:
        return market in self.watched or not self.ownership.is_free(market)


def _announce(severity: Severity, text: str) -> Announce:
    return Announce(severity=severity, text=text, about=AlertKind.SYSTEM)
