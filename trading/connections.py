"""Which connections to the market channel stand, when another one is made, and when trying gives way to probing."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from messages.market import ConnectStream, LeaveStream
from messages.values import SECOND, RealNs

OPEN_PATIENCE_S = 10.0
"""A connection that was neither made nor refused so long after its wait is taken for failed."""


class ConnectionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How connections are made and renewed; all in real seconds."""

    first_wait_s: float = 0.25
    """Before the first new attempt; doubled each time …"""
    max_wait_s: float = 10.0
    """… up to this."""
    max_failed: int = 10
    """Connections in a row without a book after which it only probes (spec 002)."""
    probe_s: float = 60.0
    """Between two probes."""
    book_s: float = 10.0
    """A connection that brought no book so long after it opened has failed."""
    stand_s: float = 10.0
    """One that brought books and stood so long was none of a row of failures."""
    renew_s: float = 600.0
    """A connection this old is replaced by a new one, which takes over before the old one is closed."""
    suspect_s: float = 15.0
    """Between two replacements of connections that are taken for dead, doubled each time up to `renew_s`."""

    def __post_init__(self) -> None:
        spans = [value for name, value in msgspec.structs.asdict(self).items() if name.endswith("_s")]
        if min(spans) <= 0:
            raise ValueError("spans are more than 0")
        if self.max_failed < 1:
            raise ValueError("max_failed is at least 1")


class Connection(msgspec.Struct, kw_only=True):
    """One connection, from the moment it is asked for."""

    epoch: int
    due_at: RealNs
    """When the wait before it is over, at the latest."""
    opened_at: RealNs | None = None
    heard_at: RealNs = RealNs(0)
    """When anything came, a PONG included."""
    brought_at: RealNs = RealNs(0)
    """When market data came, of whichever market."""
    book_at: RealNs | None = None
    """When it brought its first book."""
    is_suspect: bool = False

    @property
    def is_healthy(self) -> bool:
        """It brings books, as far as anybody knows."""
        return self.book_at is not None and not self.is_suspect


class Connections:
    """Decides alone about the connections; the port does as it is told."""

    def __init__(self, settings: ConnectionSettings) -> None:
        self.settings = settings
        self.lines: dict[int, Connection] = {}
        """By epoch, the oldest first."""
        self.epoch = 0
        """The newest connection ever asked for."""
        self.failed = 0
        """Connections in a row without a book, or that did not stand."""
        self.is_paused = False
        self.why = ""
        """What ended the last one."""
        self.renewals = 0
        self._renewed_at = RealNs(0)
        self._suspect_wait_s = settings.suspect_s

    # How it is.

    @property
    def is_connected(self) -> bool:
        """At least one connection is open."""
        return any(line.opened_at is not None for line in self.lines.values())

    @property
    def reason(self) -> str:
        """Why nothing can be heard, or why it is not tried any harder."""
        if self.is_paused:
            pace = f"a probe every {self.settings.probe_s:g} s"
            return f"paused after {self.failed} connections without a book, {pace}; last: {self.why}"
        return "" if self.is_connected else self.why or "not connected yet"

    def silent_for(self, epoch: int, now: RealNs) -> int | None:
        """Real nanoseconds since anything came on this connection; None when it does not stand."""
        line = self.lines.get(epoch)
        return None if line is None or line.opened_at is None else now - line.heard_at

    def asked_of(self, epoch: int) -> int | None:
        """Where a book that was last heard on `epoch` is asked for: there, or else on the newest that is open."""
        is_open = [line.epoch for line in self.lines.values() if line.opened_at is not None]
        return epoch if epoch in is_open else is_open[-1] if is_open else None

    def deaf_for(self, epoch: int, now: RealNs) -> int:
        """Real nanoseconds since market data came on this connection, of whichever market; 0 for one that is gone."""
        line = self.lines.get(epoch)
        return 0 if line is None else now - line.brought_at

    # What is heard.

    def opened(self, epoch: int, at: RealNs) -> None:
        """It stands and is subscribed."""
        line = self.lines.get(epoch)
        if line is not None:
            line.opened_at = line.heard_at = line.brought_at = at

    def heard(self, epoch: int, at: RealNs) -> None:
        """It answered; of any book that says nothing."""
        line = self.lines.get(epoch)
        if line is not None:
            line.heard_at = at

    def brought(self, epoch: int, at: RealNs) -> None:
        """Market data came on it."""
        line = self.lines.get(epoch)
        if line is not None:
            line.heard_at = line.brought_at = at

    def brought_book(self, epoch: int, at: RealNs) -> bool:
        """A whole book came on it; True when that ends a pause."""
        line = self.lines.get(epoch)
        if line is None:
            return False
        line.is_suspect = False
        if line.book_at is None:
            line.book_at = at
        was_paused, self.is_paused = self.is_paused, False
        return was_paused

    def lost(self, epoch: int, reason: str, now: RealNs) -> Iterator[ConnectStream]:
        """It ended, or was never made: another one, unless one that works still stands."""
        line = self.lines.pop(epoch, None)
        if line is None:
            return
        if any(other.is_healthy for other in self.lines.values()):
            return  # a replacement that failed; the next one comes in its time
        stood = line.book_at is not None and now - line.book_at >= self.settings.stand_s * SECOND
        self.failed = 1 if stood else self.failed + 1
        self.why = reason
        self.is_paused = self.failed >= self.settings.max_failed
        if not any(other.opened_at is None for other in self.lines.values()):
            yield self._connect(self._wait_s(), now)

    # What is done.

    def begin(self, now: RealNs) -> Iterator[ConnectStream]:
        """The first one, once there is something to hear."""
        if not self.lines:
            yield self._connect(0.0, now)

    def suspect(self, reason: str, now: RealNs) -> Iterator[ConnectStream]:
        """Whatever stands seems dead: a new one beside it, but not too often."""
        if any(line.book_at is None for line in self.lines.values()):
            return  # it is on its way
        if now - self._renewed_at < self._suspect_wait_s * SECOND:
            return
        is_rare = now - self._renewed_at >= 2 * self._suspect_wait_s * SECOND
        wait_s = self.settings.suspect_s if is_rare else 2 * self._suspect_wait_s
        self._suspect_wait_s = min(wait_s, max(self.settings.suspect_s, self.settings.renew_s))
        for line in self.lines.values():
            line.is_suspect = True
        self.why = reason
        yield self._renew(now)

    def tend(self, now: RealNs, leading: int) -> Iterator[ConnectStream | LeaveStream]:
        """What time brings; `leading` is the oldest connection that a book is still taken from."""
        for line in list(self.lines.values()):
            trouble = self._failure(line, now)
            if trouble:
                yield LeaveStream(epoch=line.epoch)
                yield from self.lost(line.epoch, trouble, now)
        yield from self._retire(leading, now)
        newest = list(self.lines.values())[-1] if self.lines else None
        if newest is None or newest.book_at is None:
            return  # one is on its way
        if now - newest.book_at >= self.settings.stand_s * SECOND and newest.is_healthy:
            self.failed = 0
        last = max(newest.book_at, self._renewed_at)
        if now - last >= self.settings.renew_s * SECOND:
            yield self._renew(now)

    def leave_all(self) -> Iterator[LeaveStream]:
        """At the end."""
        for epoch in self.lines:
            yield LeaveStream(epoch=epoch)

    def _failure(self, line: Connection, now: RealNs) -> str:
        """Why a connection is given up; empty for one that has time or brings books."""
        if line.opened_at is None:
            return "no answer" if now - line.due_at >= OPEN_PATIENCE_S * SECOND else ""
        if line.book_at is None and now - line.opened_at >= self.settings.book_s * SECOND:
            return f"connected, but no book came in {self.settings.book_s:g} s"
        return ""

    def _retire(self, leading: int, now: RealNs) -> Iterator[LeaveStream]:
        """Those that a younger one has taken over from; what it has not taken over soon it never will."""
        young = [line for line in self.lines.values() if line.book_at is not None]
        if not young:
            return
        newest = young[-1]
        assert newest.book_at is not None
        is_over = leading >= newest.epoch or now - newest.book_at >= self.settings.book_s * SECOND
        for epoch in [epoch for epoch in self.lines if is_over and epoch < newest.epoch]:
            del self.lines[epoch]
            yield LeaveStream(epoch=epoch)

    def _renew(self, now: RealNs) -> ConnectStream:
        self._renewed_at = now
        self.renewals += 1
        return self._connect(0.0, now)

    def _connect(self, after_s: float, now: RealNs) -> ConnectStream:
        self.epoch += 1
        self.lines[self.epoch] = Connection(epoch=self.epoch, due_at=now + round(after_s * SECOND))
        return ConnectStream(epoch=self.epoch, after_ms=round(after_s * 1_000))

    def _wait_s(self) -> float:
        if self.is_paused:
            return self.settings.probe_s
        return min(self.settings.max_wait_s, self.settings.first_wait_s * 2.0 ** min(self.failed - 1, 30))
