"""When the account is read, and what two reads without an order prove."""

from __future__ import annotations

from collections import deque

from messages.account import AccountRead
from messages.values import MS, SECOND, MarketNs, RealNs

PATIENCE_NS = 15 * SECOND
"""An unanswered read is given up after this much real time."""
SOON_NS = 250 * MS
"""Wishes that come within this time are one read."""
AGAIN_NS = 1 * SECOND
"""Between two reads while something waits for them, and after one that failed."""
BUSY_NS = 5 * SECOND
"""Between two reads while orders are open: the user stream may have lost a fill."""
UNREAD_NS = 30 * SECOND
"""Real time that a read may be late before nothing new is quoted."""
APART_NS = 1 * SECOND
FAR_NS = 600 * SECOND
"""Market time between two reads that go back to the oldest trade that is not settled, however long ago it was."""


class Reading:
    """One read at a time, as soon as one is wanted and not more often than makes sense. Volatile."""

    def __init__(self, idle_s: float) -> None:
        self.known_at: MarketNs | None = None
        """When the last read that told everything was asked for."""
        self._idle_ns = round(idle_s * SECOND)
        self._asked: deque[tuple[RealNs, MarketNs]] = deque(maxlen=8)
        self._begun_at = RealNs(0)
        self._is_wanted = False
        self._retry_ns = 0
        self._read_at: RealNs | None = None
        self._far_at: MarketNs | None = None

    def want(self) -> None:
        """Something was heard that only a read can explain."""
        self._is_wanted = True

    def is_due(self, now: RealNs, *, waiting: bool, busy: bool) -> bool:
        """Whether to ask now. `waiting`: something is decided by the next read; `busy`: orders are open."""
        if self._asked and now - self._asked[-1][0] < PATIENCE_NS:
            return False
        since = now - self._begun_at
        if self._retry_ns:
            return since >= self._retry_ns
        return since >= (SOON_NS if self._is_wanted else AGAIN_NS if waiting else self._pause_ns(busy))

    def trouble(self, now: RealNs, *, busy: bool) -> str:
        """Why what is believed of the account is too old to quote on; empty while it is not."""
        if self._read_at is None:
            return ""
        age = now - self._read_at
        most = self._pause_ns(busy) + UNREAD_NS
        return f"the account was not read for {age // SECOND} s" if age > most else ""

    def _pause_ns(self, busy: bool) -> int:
        return min(self._idle_ns, BUSY_NS) if busy else self._idle_ns

    def goes_far(self, now: MarketNs) -> bool:
        """Whether this one is to go back to what settles for long; where it fails the next one does not."""
        if self._far_at is not None and int(now) - int(self._far_at) < FAR_NS:
            return False
        self._far_at = now
        return True

    def asked(self, now: RealNs, market_now: MarketNs) -> None:
        """It is asked for."""
        self._asked.append((now, market_now))
        self._is_wanted = False

    def answered(self, read: AccountRead, *, is_whole: bool = True) -> None:
        """It is here; where it is not whole, what it did not tell is read again until it does."""
        if self._asked:
            asked_at = self._asked.popleft()[1]
            self.known_at = asked_at if is_whole else self.known_at
        self._read_at = read.begun_at
        self._retry_ns = 0
        self._begun_at = read.begun_at

    def failed(self, now: RealNs, wait_ms: int = 0) -> None:
        """Nothing came of it; the venue may want to be left alone for so long."""
        if self._asked:
            self._asked.popleft()
        self._retry_ns = max(AGAIN_NS, wait_ms * MS)
        self._begun_at = now


class Doubts:
    """Trades that cannot be read, for people: said when there are others than before. Volatile."""

    def __init__(self) -> None:
        self._said: tuple[str, ...] = ()

    def news(self, read: AccountRead) -> str:
        """What to say of this read; empty while there is nothing new."""
        said, self._said = self._said, read.skipped
        if not read.skipped or read.skipped == said:
            return ""
        return (
            f"account: {len(read.skipped)} trades cannot be read, their orders stay open: {read.skipped[0]}"
        )


class Emptiness:
    """The proof that nothing rests: two reads a second apart, and nothing of ours that may still arrive."""

    def __init__(self) -> None:
        self.listed = 0
        """Orders the last read named."""
        self._since: RealNs | None = None

    def restart(self) -> None:
        """What was read so far proves nothing any more."""
        self._since = None

    def is_proven_by(self, read: AccountRead) -> bool:
        """Whether this read and the one before it found no order."""
        self.listed = len(read.orders)
        if read.orders:
            self._since = None
            return False
        if self._since is None:
            self._since = read.begun_at
        return read.begun_at - self._since >= APART_NS
