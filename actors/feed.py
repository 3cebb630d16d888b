"""The feed: what the venue's market data says, kept as books, judged, and told as States."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired, MarketTaken
from messages.market import (
    MAX_WITNESSED,
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
from messages.system import AlertKind, Announce, Severity
from messages.values import SECOND, MarketId, RealNs
from runtime.actor import Actor, every, handles, recovered, stopping
from trading.connections import Connections, ConnectionSettings
from trading.live_book import STREAM_LOST
from trading.ranking import RankingSettings
from trading.watched_market import WatchedMarket
from trading.watching import Watching
from trading.witness import Inquiry

SILENT = "silent"
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
        self.connections = Connections(settings.stream)
        self.inquiry = Inquiry(settings.witness_s, settings.doubt_s)
        self.known_at: dict[MarketId, int] = {}
        """The venue's stamp of each book we asked REST about, when we asked."""
        self.recovered_at = RealNs(0)
        self.is_reading = False
        self.read_at = RealNs(0)
        self.catalog_trouble = ""
        self.dropped = 0
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
            yield _announce(Severity.INFO, "market catalog: read again")
        yield from self.watching.learn(read.markets)
        yield from self._watch()

    @handles
    def on_catalog_failed(self, failed: CatalogFailed) -> Iterator[Announce]:
        """The last list stands; a new trouble is announced once."""
        self.is_reading = False
        if failed.reason != self.catalog_trouble:
            self.catalog_trouble = failed.reason
            yield _announce(Severity.WARNING, f"market catalog: {failed.reason}")

    # The stream.

    @handles
    def on_opened(self, opened: StreamOpened) -> None:
        """Books follow."""
        self.connections.opened(opened.epoch, opened.at)

    @handles
    def on_lost(self, lost: StreamLost) -> Iterator[ConnectStream | FeedStatus | Announce]:
        """No book of it is worth anything until it comes whole again; everybody is told at once."""
        was_paused = self.connections.is_paused
        yield from self.connections.lost(lost.epoch, lost.reason, self.real_now)
        yield from self._lose(lost.epoch)
        yield from self._tell_failure(was_paused)

    @handles
    def on_beat(self, beat: StreamBeat) -> None:
        """The connection works, however quiet the markets are; of any book it says nothing."""
        self.connections.heard(beat.epoch, beat.at)

    @handles
    def on_book(self, received: BookReceived) -> Iterator[BookSnapshot | MarketInfo | Announce]:
        """A whole book; it may name a new tick."""
        self.connections.heard(received.epoch, received.seen_at)
        if self.connections.brought_book(received.epoch, received.seen_at):
            yield _announce(Severity.INFO, "market stream: books come again, the pause is over")
        watched = self.watching.markets.get(received.market)
        if watched is None or not watched.replace(received, self.now):
            return
        self.watching.note_book(self.now)
        self.is_ready = True
        if received.tick is not None and received.tick != watched.info.tick:
            yield self.watching.set_tick(watched, received.tick)
        yield from self._news(watched)

    @handles
    def on_levels(self, received: LevelsReceived) -> Iterator[BookSnapshot]:
        """Some levels; said only if it shows."""
        self.connections.heard(received.epoch, received.seen_at)
        watched = self.watching.markets.get(received.market)
        if watched is not None and watched.apply(received, self.now):
            yield from self._news(watched)

    @handles
    def on_print(self, received: PrintReceived) -> None:
        """Somebody traded: what a ranking lives on."""
        self.connections.heard(received.epoch, received.seen_at)
        watched = self.watching.markets.get(received.market)
        if watched is not None:
            watched.note_print(received, self.now)

    @handles
    def on_tick(self, received: TickReceived) -> Iterator[MarketInfo | FeedStatus]:
        """Another price grid: the old book is void until a whole one comes. Told twice, it counts once."""
        self.connections.heard(received.epoch, received.seen_at)
        watched = self.watching.markets.get(received.market)
        if watched is None or not watched.regrid(received):
            return
        yield self.watching.set_tick(watched, received.tick)
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

    # The witness.

    @handles
    def on_books(self, read: BooksRead) -> Iterator[ReadCatalog]:
        """REST's word on what we trade, judged in a moment; a market it does not know may have been closed."""
        self.inquiry.answered(read.seen_at)
        asked = dict(self.known_at)
        for book in read.books:
            known_at = asked.pop(book.market, None)
            watched = self.watching.markets.get(book.market)
            if watched is not None and known_at is not None:
                watched.testify(book, read.asked_at, read.seen_at, known_at)
        if asked:
            yield from self._read_catalog_soon()

    @handles
    def on_books_failed(self, failed: BooksFailed) -> None:
        """Nobody bears the stream out; it is asked again later."""
        self.inquiry.failed(failed.reason)

    # Time.

    @every(real_s=0.5)
    def vouch(
        self,
    ) -> Iterator[
        FeedStatus | ReadCatalog | ReadBooks | ResyncMarkets | ConnectStream | LeaveStream | Announce
    ]:
        """The word on every watched market, again and again; and whatever time brings."""
        yield from self._tend()
        for watched in self.watching.ours_watched():
            watched.judge(self.real_now)
        yield from self._resync()
        for watched in self.watching.markets.values():
            yield self._status(watched)
        yield from self._ask_witness()
        if self._is_catalog_due():
            yield self._read_catalog()
        if not self.is_ready and self.real_now - self.recovered_at >= self.settings.ready_s * SECOND:
            self.is_ready = True
            trouble = self.catalog_trouble or self.connections.reason or "no book came"
            yield _announce(Severity.WARNING, f"no market data yet: {trouble}")

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
        yield self._how_it_is()

    @every(real_s=5)
    def constants(self) -> Iterator[MarketInfo]:
        """What hardly ever changes is said again, too."""
        for watched in self.watching.markets.values():
            yield watched.info

    @stopping
    def on_stopping(self) -> Iterator[LeaveStream]:
        """The venue is told goodbye."""
        yield from self.connections.leave_all()

    # The word on a market.

    def _news(self, watched: WatchedMarket) -> Iterator[BookSnapshot]:
        snapshot = watched.news(self.real_now)
        if snapshot is not None:
            yield snapshot

    def _status(self, watched: WatchedMarket) -> FeedStatus:
        return watched.status(self.real_now, self._stream_trouble(watched))

    def _stream_trouble(self, watched: WatchedMarket) -> str:
        """Why what this market's connection said may be of the past; empty when it is not."""
        silent_ns = self.connections.silent_for(watched.live.epoch, self.real_now)
        if silent_ns is None:
            return STREAM_LOST
        if silent_ns >= self.settings.silent_s * SECOND:
            return SILENT
        unconfirmed_ns = self.real_now - watched.confirmed_at()
        if unconfirmed_ns >= self.settings.unconfirmed_s * SECOND and self._is_ours(watched):
            return f"borne out by nobody for {unconfirmed_ns // SECOND} s"
        return ""

    def _is_ours(self, watched: WatchedMarket) -> bool:
        return watched.info.market in self.watching.ours()

    # Connections.

    def _tend(self) -> Iterator[ConnectStream | LeaveStream | FeedStatus | Announce]:
        was_paused, failed = self.connections.is_paused, self.connections.failed
        books = [w.live.epoch for w in self.watching.markets.values() if not w.live.void_because]
        for said in self.connections.tend(self.real_now, min(books, default=self.connections.epoch)):
            yield said
            if isinstance(said, LeaveStream):
                yield from self._lose(said.epoch)
        if self.connections.failed != failed:
            yield from self._tell_failure(was_paused)

    def _lose(self, epoch: int) -> Iterator[FeedStatus]:
        for watched in self.watching.markets.values():
            if watched.lose(epoch, STREAM_LOST):
                yield self._status(watched)

    def _tell_failure(self, was_paused: bool) -> Iterator[Announce]:
        """The first failure of a row, and the one that ends in a pause; the rest is in the status."""
        connections = self.connections
        if connections.is_paused and not was_paused:
            yield _announce(Severity.ERROR, f"market stream {connections.reason}")
        elif connections.failed == 1 and not connections.is_paused:
            yield _announce(Severity.WARNING, f"market stream lost: {connections.why}")

    def _resync(self) -> Iterator[ResyncMarkets | ConnectStream | Announce]:
        """Ask for whole books where they are needed; who gives none to what we trade is taken for dead."""
        wanted: dict[int, list[MarketId]] = {}
        dead: list[str] = []
        for market, watched in self.watching.markets.items():
            if watched.is_over:
                continue
            if watched.resync.is_unanswered(self.real_now) and self._is_ours(watched):
                dead.append(watched.info.slug)
            trouble = watched.live.trouble(self.real_now)
            epoch = self.connections.asked_of(watched.live.epoch)
            if epoch is not None and watched.resync.is_due(trouble, self.real_now):
                wanted.setdefault(epoch, []).append(market)
        for epoch, markets in wanted.items():
            self.watching.counts.resyncs += len(markets)
            yield ResyncMarkets(epoch=epoch, markets=tuple(markets))
        if dead:
            reason = f"no book of {dead[0]} came when it was asked for"
            for connect in self.connections.suspect(reason, self.real_now):
                yield connect
                yield _announce(Severity.WARNING, f"market stream: {reason}, a new connection is made")

    # REST.

    def _ask_witness(self) -> Iterator[ReadBooks]:
        """One request for all that we trade, or trade next."""
        markets = [w for w in self.watching.ours_watched() if not w.is_over and not w.live.void_because]
        doubt_ns = 2 * self.settings.witness_s * SECOND
        in_doubt = any(w.witness.strikes > 0 or self.real_now - w.confirmed_at() >= doubt_ns for w in markets)
        if not markets or not self.inquiry.is_due(self.real_now, in_doubt):
            return
        self.inquiry.asks(self.real_now)
        self.known_at = {w.info.market: w.live.venue_at for w in markets[:MAX_WITNESSED]}
        yield ReadBooks(markets=tuple((w.info.market, w.info.yes) for w in markets[:MAX_WITNESSED]))

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

    def _how_it_is(self) -> MarketDataStatus:
        """For people and for risk."""
        now, counts, connections = self.real_now, self.watching.counts, self.connections
        statuses = [self._status(watched) for watched in self.watching.markets.values()]
        quiet_ns = [now - w.live.seen_at for w in self.watching.ours_watched() if not w.live.void_because]
        return MarketDataStatus(
            connected=connections.is_connected,
            paused=connections.is_paused,
            reason=connections.reason,
            epoch=connections.epoch,
            failed=connections.failed,
            watched=len(statuses),
            live=sum(status.live for status in statuses),
            oldest_s=max(quiet_ns, default=0) // SECOND,
            connects=connections.epoch,
            renewals=connections.renewals,
            resyncs=counts.resyncs,
            outdated=counts.outdated,
            duplicates=counts.duplicates,
            unreadable=self.dropped,
            witnessed_at=self.inquiry.answered_at,
            witness_failures=self.inquiry.failures,
            disagreements=counts.disagreements,
            rest_stale=counts.rest_stale,
        )


def _announce(severity: Severity, text: str) -> Announce:
    return Announce(severity=severity, text=text, about=AlertKind.SYSTEM)
