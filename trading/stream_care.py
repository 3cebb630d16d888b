"""Care for what is heard: whether it may be believed, and what is done where it may not."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from messages.market import (
    MAX_WITNESSED,
    BooksRead,
    ConnectStream,
    FeedStatus,
    LeaveStream,
    MarketDataStatus,
    ReadBooks,
    ResyncMarkets,
)
from messages.system import AlertKind, Announce, Severity
from messages.values import SECOND, MarketId, RealNs
from trading.connections import Connections, ConnectionSettings
from trading.live_book import NOT_FOLLOWING, STREAM_LOST
from trading.watched_market import WatchedMarket
from trading.watching import Watching
from trading.witness import Inquiry

SILENT = "silent"
DEAF_NS = 2 * SECOND
"""Of a connection that brought nothing at all for so long, while a market moved by REST, no book is believed."""
Told = Announce | MarketDataStatus
Cared = ResyncMarkets | ConnectStream | LeaveStream | FeedStatus | Told


class CareSettings(msgspec.Struct, frozen=True, kw_only=True):
    """All in real seconds; where they are explained: `actors.feed.FeedSettings`."""

    silent_s: float
    unconfirmed_s: float
    witness_s: float
    doubt_s: float


class StreamCare:
    """Connections, the witness, and the word on each market that follows from both."""

    def __init__(self, watching: Watching, stream: ConnectionSettings, settings: CareSettings) -> None:
        self.watching = watching
        self.settings = settings
        self.connections = Connections(stream)
        self.inquiry = Inquiry(settings.witness_s, settings.doubt_s)
        self.unreadable = 0
        self._known_at: dict[MarketId, int] = {}
        """The venue's stamp of each book we asked REST about, when we asked."""

    # The word on a market.

    def status(self, watched: WatchedMarket, now: RealNs) -> FeedStatus:
        """Whether it may be acted on, and why not."""
        return watched.status(now, self._stream_trouble(watched, now))

    def statuses(self, now: RealNs) -> list[FeedStatus]:
        """On all of them."""
        return [self.status(watched, now) for watched in self.watching.markets.values()]

    def how_it_is(self, now: RealNs) -> MarketDataStatus:
        """For people and for risk."""
        counts, connections = self.watching.counts, self.connections
        statuses = self.statuses(now)
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
            unreadable=self.unreadable,
            witnessed_at=self.inquiry.answered_at,
            witness_failures=self.inquiry.failures,
            witness_trouble=self.inquiry.trouble,
            disagreements=counts.disagreements,
            rest_stale=counts.rest_stale,
        )

    def _stream_trouble(self, watched: WatchedMarket, now: RealNs) -> str:
        """Why what this market's connection said may be of the past; empty when it is not."""
        silent_ns = self.connections.silent_for(watched.live.epoch, now)
        if silent_ns is None:
            return STREAM_LOST
        if silent_ns >= self.settings.silent_s * SECOND:
            return SILENT
        unconfirmed_ns = now - watched.confirmed_at()
        if unconfirmed_ns >= self.settings.unconfirmed_s * SECOND and self._is_ours(watched):
            return f"borne out by nobody for {unconfirmed_ns // SECOND} s"
        return ""

    def _is_ours(self, watched: WatchedMarket) -> bool:
        return watched.info.market in self.watching.ours()

    # Connections.

    def brought_book(self, epoch: int, at: RealNs) -> Iterator[Told]:
        """A whole book came: that ends a pause, which everybody is told at once."""
        if self.connections.brought_book(epoch, at):
            yield announce(Severity.INFO, "market stream: books come again, the pause is over")
            yield self.how_it_is(at)

    def lost(self, epoch: int, reason: str, now: RealNs) -> Iterator[ConnectStream | FeedStatus | Told]:
        """A connection ended: no book of it is worth anything until it comes whole again."""
        was_paused = self.connections.is_paused
        yield from self.connections.lost(epoch, reason, now)
        yield from self._lose(epoch, STREAM_LOST, now)
        yield from self._tell_failure(was_paused, now)

    def tend(self, now: RealNs) -> Iterator[Cared]:
        """What time brings: renewals, failures, REST's word, books that are asked for anew."""
        yield from self._tend_connections(now)
        yield from self._judge(now)
        yield from self._resync(now)

    def _tend_connections(self, now: RealNs) -> Iterator[ConnectStream | LeaveStream | FeedStatus | Told]:
        was_paused, failed = self.connections.is_paused, self.connections.failed
        books = [w.live.epoch for w in self.watching.markets.values() if not w.live.void_because]
        for said in self.connections.tend(now, min(books, default=self.connections.epoch)):
            yield said
            if isinstance(said, LeaveStream):
                yield from self._lose(said.epoch, STREAM_LOST, now)
        if self.connections.failed > failed:
            yield from self._tell_failure(was_paused, now)

    def _lose(self, epoch: int, reason: str, now: RealNs) -> Iterator[FeedStatus]:
        for watched in self.watching.markets.values():
            if watched.lose(epoch, reason):
                yield self.status(watched, now)

    def _tell_failure(self, was_paused: bool, now: RealNs) -> Iterator[Told]:
        """The first failure of a row, and the one that ends in a pause; the rest is in the status."""
        connections = self.connections
        if connections.is_paused and not was_paused:
            yield announce(Severity.ERROR, f"market stream {connections.reason}")
            yield self.how_it_is(now)
        elif connections.failed == 1 and not connections.is_paused:
            yield announce(Severity.WARNING, f"market stream lost: {connections.why}")

    def _suspect(self, reason: str, now: RealNs) -> Iterator[ConnectStream | Announce]:
        for connect in self.connections.suspect(reason, now):
            yield connect
            yield announce(Severity.WARNING, f"market stream: {reason}, a new connection is made")

    # REST.

    def witnessed(self, read: BooksRead) -> bool:
        """REST's word, judged in a moment; True when it knew all that it was asked about."""
        self.inquiry.answered(read.seen_at)
        asked = dict(self._known_at)
        for book in read.books:
            known_at = asked.pop(book.market, None)
            watched = self.watching.markets.get(book.market)
            if watched is not None and known_at is not None:
                watched.testify(book, read.asked_at, read.seen_at, known_at)
        return not asked

    def ask_witness(self, now: RealNs) -> Iterator[ReadBooks]:
        """One request for all that we trade, or trade next, unless one is on its way or not judged yet."""
        asked = [w for w in self.watching.ours_watched() if not w.is_over and not w.live.void_because]
        doubt_ns = 2 * self.settings.witness_s * SECOND
        in_doubt = any(
            w.witness.strikes or w.witness.is_on_probation(now) or now - w.confirmed_at() >= doubt_ns
            for w in asked
        )
        is_waiting = any(w.witness.is_waiting for w in asked)
        if not asked or is_waiting or not self.inquiry.is_due(now, in_doubt):
            return
        self.inquiry.asks(now)
        self._known_at = {w.info.market: w.live.venue_at for w in asked[:MAX_WITNESSED]}
        yield ReadBooks(markets=tuple((w.info.market, w.info.yes) for w in asked[:MAX_WITNESSED]))

    def _judge(self, now: RealNs) -> Iterator[FeedStatus]:
        """REST's word on ours; where a connection brought nothing at all meanwhile, all of its books go."""
        deaf: dict[int, None] = {}
        for watched in self.watching.ours_watched():
            epoch = watched.live.epoch
            if watched.judge(now) and self.connections.deaf_for(epoch, now) >= DEAF_NS:
                deaf[epoch] = None
        for epoch in deaf:
            yield from self._lose(epoch, NOT_FOLLOWING, now)

    # Whole books.

    def _resync(self, now: RealNs) -> Iterator[ResyncMarkets | ConnectStream | Announce]:
        """Ask for whole books where they are needed; who gives none to what we trade is taken for dead."""
        wanted: dict[int, list[MarketId]] = {}
        for market, watched in self.watching.markets.items():
            epoch = self.connections.asked_of(watched.live.epoch)
            if watched.is_over or epoch is None:
                watched.resync.rest(now)
                continue
            if watched.resync.is_unanswered(now) and self._is_ours(watched):
                yield from self._suspect(f"no book of {watched.info.slug} came when it was asked for", now)
            if watched.resync.is_due(watched.live.trouble(now), now):
                wanted.setdefault(epoch, []).append(market)
        for epoch, markets in wanted.items():
            self.watching.counts.resyncs += len(markets)
            yield ResyncMarkets(epoch=epoch, markets=tuple(markets))


def announce(severity: Severity, text: str) -> Announce:
    """A line about the system."""
    return Announce(severity=severity, text=text, about=AlertKind.SYSTEM)
