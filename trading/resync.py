"""When a market's whole book is asked for anew: not at once, never often, and whether anybody answers."""

from __future__ import annotations

from messages.values import SECOND, RealNs
from trading.live_book import CROSSED, NO_DATA, STREAM_LOST, TICK_CHANGED

PASSING_NS = SECOND // 2
"""A book may be crossed for so long between the frames of one match."""
EXPECTED_NS = 3 * SECOND
"""A whole book that comes by itself, or was asked for, is waited for so long."""
LONGEST_NS = 60 * SECOND
"""Between two requests, at most; the wait is doubled each time. It may be the quoted market that waits."""
COMING = frozenset({NO_DATA, TICK_CHANGED, STREAM_LOST})
"""Troubles after which a whole book comes unasked, a new connection above all; it may be lost or unreadable."""


class Resync:
    """One market's. Asking costs the venue a whole book, and an honest one-sided book stays as it is."""

    __slots__ = ("_asked_at", "_is_answered", "_reason", "_since", "_wait_ns")

    def __init__(self) -> None:
        self._reason = ""
        self._since = RealNs(0)
        self._asked_at: RealNs | None = None
        self._is_answered = True
        self._wait_ns = EXPECTED_NS

    def answered(self) -> None:
        """A whole book came."""
        self._is_answered = True

    def is_unanswered(self, now: RealNs) -> bool:
        """A whole book was asked for and none came."""
        asked_at = self._asked_at
        return asked_at is not None and not self._is_answered and now - asked_at >= EXPECTED_NS

    def is_due(self, trouble: str, now: RealNs) -> bool:
        """Whether to ask now, given what is wrong with the book; empty: nothing is."""
        if not trouble:
            self.rest(now)
            return False
        if trouble != self._reason:
            self._reason, self._since = trouble, now
        if self._asked_at is not None:
            is_due = now - self._asked_at >= self._wait_ns
        else:
            is_due = now - self._since >= self._patience_ns(trouble)
        if is_due:
            self._wait_ns = EXPECTED_NS if self._asked_at is None else min(2 * self._wait_ns, LONGEST_NS)
            self._asked_at, self._is_answered = now, False
        return is_due

    def _patience_ns(self, trouble: str) -> int:
        if trouble in COMING:
            return EXPECTED_NS
        return PASSING_NS if trouble == CROSSED else 0

    def rest(self, now: RealNs) -> None:
        """There is nothing to ask for, or nobody to ask."""
        self._reason = ""
        self._is_answered = True
        if self._asked_at is not None and now - self._asked_at >= 2 * self._wait_ns:
            self._asked_at = None
