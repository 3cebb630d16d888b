"""The feed: what the venue's market data says, kept as books, judged, and told as States."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired, MarketTaken
from messages.market import (
    BookReceived,
    BooksFailed,
    BookSnapshot,
    BooksRead,
    CatalogFailed,
    CatalogRead,
    ConnectStream,
    FeedStatus,
    FrameDropped,
    LeaveStream,
    LevelsReceived,
    MarketDataStatus,
    MarketInfo,
    MarketRanking,
    PrintReceived,
    ReadBooks,
    ReadCatalog,
    ResyncMarkets,
    StreamBeat,
    StreamLost,
    StreamOpened,
    TickReceived,
    WatchMarkets,
)
from messages.orders import OrderRejected
from messages.system import Announce, Severity
from messages.values import SECOND, RealNs
from runtime.actor import Actor, every, handles, recovered, stopping
from trading.connections import ConnectionSettings
from trading.ranking import RankingSettings
from trading.stream_care import CareSettings, StreamCare, announce
from trading.watched_market import WatchedMarket
from trading.watching import Watching

NOT_WATCHED = "not watched"


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
    witness_s: float = 5.0
    """Between two readings of the books we trade, or trade next, by REST."""
    doubt_s: float = 1.0
    """The same while REST and the stream disagree."""
    unconfirmed_s: float = 60.0
    """A book we trade is stale when neither stream nor REST bore it out for so long."""
    stream: ConnectionSettings = ConnectionSettings()
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
        self.watching = Watching(settings.depth, settings.max_watched, settings.ranking)
        self.care = StreamCare(
            self.watching,
            settings.stream,
            CareSettings(
                silent_s=settings.silent_s,
                unconfirmed_s=settings.unconfirmed_s,
                witness_s=settings.witness_s,
                doubt_s=settings.doubt_s,
            ),
        )
        self.connections = self.care.connections
        self.recovered_at = RealNs(0)
        self.is_reading = False
        self.read_at = RealNs(0)
        self.catalog_trouble = ""
        self.dropped_said_at: RealNs | None = None
        self.is_ready = False

    # Which markets there are.

    @handles
    def on_ownership(self, fact: MarketTaken | MarketRetired | LiquidatorAssigned | ExitCompleted) -> None:
        """What our house trades stays on the stream, whatever else is watched."""
        self.watching.ownership.note(fact)

    @handles
    def on_rejected(self, rejected: OrderRejected) -> Iterator[ReadCatalog]:
        """The venue may know of a market what the list did not say yet: it is read again, once in a while."""
        yield from self._read_catalog_soon()

    @recovered
    def begin(self) -> Iterator[ReadCatalog]:
        """Ask which markets there are."""
        self.recovered_at = self.real_now
        yield self._read_catalog()

    @handles
    def on_catalog(
        self, read: CatalogRead
    ) -> Iterator[MarketInfo | WatchMarkets | ConnectStream | FeedStatus | Announce]:
        """The list of markets: constants that changed are said, and what is worth watching is watched."""
        self.is_reading = False
        if self.catalog_trouble:
            self.catalog_trouble = ""
            yield announce(Severity.INFO, "market catalog: read again")
        yield from self.watching.learn(read.markets)
        yield from self._watch()

    @handles
    def on_catalog_failed(self, failed: CatalogFailed) -> Iterator[Announce]:
        """The last list stands; a new trouble is announced once."""
        self.is_reading = False
        if failed.reason != self.catalog_trouble:
            self.catalog_trouble = failed.reason
            yield announce(Severity.WARNING, f"market catalog: {failed.reason}")

    # The stream.

    @handles
    def on_opened(self, opened: StreamOpened) -> None:
        """Books follow."""
        self.connections.opened(opened.epoch, opened.at)

    @handles
    def on_lost(self, lost: StreamLost) -> Iterator[ConnectStream | FeedStatus | MarketDataStatus | Announce]:
        """No book of it is worth anything until it comes whole again; everybody is told at once."""
        yield from self.care.lost(lost.epoch, lost.reason, self.real_now)

    @handles
    def on_beat(self, beat: StreamBeat) -> None:
        """The connection works, however quiet the markets are; of any book it says nothing."""
        self.connections.heard(beat.epoch, beat.at)

    @handles
    def on_book(
        self, received: BookReceived
    ) -> Iterator[BookSnapshot | MarketInfo | MarketDataStatus | Announce]:
        """A whole book; it may name a new tick."""
        self.connections.brought(received.epoch, received.seen_at)
        yield from self.care.brought_book(received.epoch, received.seen_at)
        watched = self.watching.markets.get(received.market)
        if watched is None or not watched.replace(received, self.now):
            return
        self.watching.note_book(self.now)
        self.is_ready = True
        yield from self._regrid(watched)
        yield from self._news(watched)

    @handles
    def on_levels(self, received: LevelsReceived) -> Iterator[BookSnapshot | MarketInfo]:
        """Some levels; said only if it shows."""
        self.connections.brought(received.epoch, received.seen_at)
        watched = self.watching.markets.get(received.market)
        if watched is not None and watched.apply(received, self.now):
            yield from self._regrid(watched)
            yield from self._news(watched)

    @handles
    def on_print(self, received: PrintReceived) -> None:
        """Somebody traded: what a ranking lives on."""
        self.connections.brought(received.epoch, received.seen_at)
        watched = self.watching.markets.get(received.market)
        if watched is not None:
            watched.note_print(received, self.now)

    @handles
    def on_tick(self, received: TickReceived) -> Iterator[MarketInfo | FeedStatus]:
        """Another price grid: the old book is void until a whole one comes. Told twice, it counts once."""
        self.connections.brought(received.epoch, received.seen_at)
        watched = self.watching.markets.get(received.market)
        if watched is None or not watched.regrid(received):
            return
        yield self.watching.set_tick(watched, received.tick)
        yield self.care.status(watched, self.real_now)

    @handles
    def on_dropped(self, dropped: FrameDropped) -> Iterator[Announce]:
        """Nothing is believed of it; announced now and then, with how many there were."""
        self.care.unreadable += 1
        said_at = self.dropped_said_at
        if said_at is None or self.real_now - said_at >= self.settings.alarm_s * SECOND:
            self.dropped_said_at = self.real_now
            told = self.care.unreadable
            text = f"{dropped.stream} stream: {told} unreadable frames so far, last: {dropped.reason}"
            yield announce(Severity.WARNING, text)

    # The witness.

    @handles
    def on_books(self, read: BooksRead) -> Iterator[ReadCatalog]:
        """REST's word on what we trade; a market it does not know may have been closed."""
        if not self.care.witnessed(read):
            yield from self._read_catalog_soon()

    @handles
    def on_books_failed(self, failed: BooksFailed) -> None:
        """Nobody bears the stream out; it is asked again later."""
        self.care.inquiry.failed(failed.reason)

    # Time.

    @every(real_s=0.5)
    def vouch(
        self,
    ) -> Iterator[
        FeedStatus
        | MarketInfo
        | MarketDataStatus
        | ReadCatalog
        | ReadBooks
        | ResyncMarkets
        | ConnectStream
        | LeaveStream
        | Announce
    ]:
        """The word on every watched market, again and again; and whatever time brings."""
        yield from self.care.tend(self.real_now)
        for watched in self.watching.markets.values():
            yield from self._regrid(watched)
        yield from self.care.statuses(self.real_now)
        yield from self.care.ask_witness(self.real_now)
        if self._is_catalog_due():
            yield self._read_catalog()
        if not self.is_ready and self.real_now - self.recovered_at >= self.settings.ready_s * SECOND:
            self.is_ready = True
            trouble = self.catalog_trouble or self.connections.reason or "no book came"
            yield announce(Severity.WARNING, f"no market data yet: {trouble}")

    @every(real_s=1)
    def repeat(self) -> Iterator[BookSnapshot | MarketInfo | MarketRanking | MarketDataStatus]:
        """Make whoever came late whole: unchanged books now and then, and the ranking as it is now."""
        is_ranked = self.watching.rank(self.now)
        ours = self.watching.ours()
        for market, watched in self.watching.markets.items():
            if market in ours:
                yield watched.info
            span_s = self.settings.repeat_traded_s if market in ours else self.settings.repeat_other_s
            if self.real_now - watched.said_at >= span_s * SECOND:
                snapshot = watched.say(self.real_now)
                if snapshot is not None:
                    yield snapshot
        if is_ranked:
            observed_s = min(self.watching.observed_s(self.now), self.settings.ranking.window_s)
            yield MarketRanking(ranked=self.watching.ranked, observed_s=observed_s)
        yield self.care.how_it_is(self.real_now)

    @every(real_s=5)
    def constants(self) -> Iterator[MarketInfo]:
        """What hardly ever changes is said again, too."""
        for watched in self.watching.markets.values():
            yield watched.info

    @stopping
    def on_stopping(self) -> Iterator[LeaveStream]:
        """The venue is told goodbye."""
        yield from self.connections.leave_all()

    def _regrid(self, watched: WatchedMarket) -> Iterator[MarketInfo]:
        tick = watched.new_tick()
        if tick is not None:
            yield self.watching.set_tick(watched, tick)

    def _news(self, watched: WatchedMarket) -> Iterator[BookSnapshot]:
        snapshot = watched.news(self.real_now)
        if snapshot is not None:
            yield snapshot

    def _is_catalog_due(self) -> bool:
        span_s = self.settings.catalog_retry_s if self.catalog_trouble else self.settings.catalog_s
        return not self.is_reading and self.real_now - self.read_at >= span_s * SECOND

    def _read_catalog_soon(self) -> Iterator[ReadCatalog]:
        if not self.is_reading and self.real_now - self.read_at >= self.settings.catalog_retry_s * SECOND:
            yield self._read_catalog()

    def _read_catalog(self) -> ReadCatalog:
        self.is_reading = True
        self.read_at = self.real_now
        return ReadCatalog(slugs=self.watching.slugs())

    def _watch(self) -> Iterator[MarketInfo | WatchMarkets | ConnectStream | FeedStatus]:
        left, came = self.watching.choose()
        for watched in left:
            yield FeedStatus(
                market=watched.info.market,
                live=False,
                verified_at=watched.verified_at,
                reason=NOT_WATCHED,
            )
        yield from (watched.info for watched in came)
        if left or came:
            infos = [watched.info for watched in self.watching.markets.values()]
            yield WatchMarkets(markets=tuple((i.market, i.yes, i.no) for i in infos))
        if self.watching.markets:
            yield from self.connections.begin(self.real_now)
