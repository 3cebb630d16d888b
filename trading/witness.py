"""REST as a witness: what it says of a book held against what the stream said, and which of them to believe."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from messages.market import Level, WitnessedBook
from messages.values import SECOND, Price, RealNs
from trading.live_book import CEILING, CONTRADICTED, FLOOR, NOT_FOLLOWING, LiveBook

TOPS = 512
"""Best prices that are remembered of one market."""
SLACK_NS = 1 * SECOND
"""REST may be behind the stream, or ahead of it, by so much without either being wrong."""
JUDGED_NS = SECOND * 2 // 5
"""An answer is judged so long after it came: the stream has then shown what REST saw first."""
BEHIND_NS = 2 * SECOND
"""A stream that has not brought by then what REST had is behind."""
PROBATION_NS = 60 * SECOND
"""After REST voided a book the next one waits for REST to bear it out, but not longer than this."""
STRIKES = 2
"""Disagreements in a row that void a book."""
DISTRUST_NS = 60 * SECOND
"""How long a witness is not heard that spoke against a book which was right."""

Bests = tuple[Price, Price]


class Verdict(StrEnum):
    """What one answer of REST means."""

    AGREES = "agrees"
    REST_STALE = "rest is stale"
    APART = "apart"
    VOID = "void"


class Tops:
    """The best prices a stream showed, and when."""

    def __init__(self) -> None:
        self._shown: deque[tuple[RealNs, Price, Price]] = deque(maxlen=TOPS)
        self._bid: Price | None = None
        self._ask: Price | None = None

    def note(self, bid: Price | None, ask: Price | None, at: RealNs) -> None:
        """What is best now."""
        if bid == self._bid and ask == self._ask:
            return
        self._bid, self._ask = bid, ask
        if bid is not None and ask is not None and bid < ask:
            self._shown.append((at, bid, ask))

    def since(self, at: RealNs) -> Iterable[Bests]:
        """What was best at that moment, and everything since; the newest first."""
        for seen_at, bid, ask in reversed(self._shown):
            yield bid, ask
            if seen_at <= at:
                return

    def clear(self) -> None:
        """What was shown is worth nothing any more."""
        self._shown.clear()
        self._bid = self._ask = None


class Evidence(msgspec.Struct, frozen=True):
    """What REST said of one market, not judged yet."""

    book: WitnessedBook
    asked_at: RealNs
    seen_at: RealNs
    known_at: int
    """The venue's stamp of the newest frame the stream had brought when REST was asked."""


class Witness:
    """Judges one market's answers of REST. They are never priced from."""

    def __init__(self) -> None:
        self.strikes = 0
        self.agreed_at = RealNs(0)
        """When REST last confirmed the book."""
        self._evidence: Evidence | None = None
        self._before: WitnessedBook | None = None
        """What it said the time before."""
        self._distrusted_until = RealNs(0)
        self._accused: Bests | None = None
        """The best prices of the book that it had voided."""
        self._said: WitnessedBook | None = None
        """What it said against that book."""
        self._probation_until = RealNs(0)

    @property
    def is_waiting(self) -> bool:
        """An answer is not judged yet."""
        return self._evidence is not None

    def hear(self, evidence: Evidence) -> None:
        """Keep it until it can be judged."""
        self._evidence = evidence

    def judge(self, live: LiveBook, tops: Tops, tick: Price, now: RealNs) -> Verdict | None:
        """What the answer that waits means; None when there is none, or it is too early, or the book is void."""
        told = self._evidence
        if told is None or now - told.seen_at < JUDGED_NS:
            return None
        if self._may_catch_up(told, live) and now - told.seen_at < BEHIND_NS:
            return None
        self._evidence = None
        if live.void_because or now < self._distrusted_until:
            return None
        verdict = self._judge(told, live, tops, tick)
        self._before = told.book
        if verdict is not Verdict.APART:
            self.strikes = 0
        else:
            self.strikes += 1
        if verdict is Verdict.AGREES:
            self.agreed_at = told.seen_at
            self._probation_until = RealNs(0)
        if verdict is Verdict.VOID or self.strikes >= STRIKES:
            return self._void(told, live, now)
        return verdict

    def is_on_probation(self, now: RealNs) -> bool:
        """A book that REST voided has come again, and nobody bore it out yet."""
        return now < self._probation_until

    def _void(self, told: Evidence, live: LiveBook, now: RealNs) -> Verdict:
        self.strikes = 0
        self._accused, self._said = _bests(live), told.book
        self._probation_until = now + PROBATION_NS
        return Verdict.VOID

    @staticmethod
    def _may_catch_up(told: Evidence, live: LiveBook) -> bool:
        """REST has something newer than the stream, which may be on its way."""
        is_older = live.venue_at < told.book.venue_at
        return is_older and not live.void_because and not _is_same(told.book, live)

    def charge(self, live: LiveBook, now: RealNs) -> str:
        """What a book that was judged void is charged with."""
        return NOT_FOLLOWING if now - live.seen_at >= 2 * SECOND else CONTRADICTED

    def is_cleared_by(self, live: LiveBook, tick: Price, now: RealNs) -> bool:
        """The whole book that came is the one it had voided: REST was wrong, and is not heard for a while.

        One that is what REST had said is borne out by that; any other one has to be. A book older than what REST
        said clears nothing: it is the stream that is behind.
        """
        (accused, self._accused), (said, self._said) = (self._accused, None), (self._said, None)
        bests = _bests(live)
        if accused is None or said is None or bests is None or live.venue_at < said.venue_at:
            return False
        if said.bids and said.asks and _near((said.bids[0][0], said.asks[0][0]), bests, tick):
            self._probation_until, self.agreed_at = RealNs(0), now
            return False
        if not _near(accused, bests, tick):
            return False
        self._probation_until = RealNs(0)
        self._distrusted_until = now + DISTRUST_NS
        return True

    def _moved(self, said: WitnessedBook) -> bool:
        """REST says something else than the time before."""
        before = self._before
        return before is None or (before.bids, before.asks) != (said.bids, said.asks)

    def _judge(self, told: Evidence, live: LiveBook, tops: Tops, tick: Price) -> Verdict:
        said = told.book
        if said.tick not in (None, tick) and not 0 < said.venue_at < told.known_at:
            return Verdict.VOID  # the word of another grid was lost, or is late
        if _is_same(said, live):
            return Verdict.AGREES
        if _is_hollow(said.bids, said.asks) and not _is_hollow(*live.book.top(1)):
            return Verdict.REST_STALE
        if 0 < said.venue_at < told.known_at:
            return Verdict.REST_STALE
        bests = (said.bids[0][0], said.asks[0][0]) if said.bids and said.asks else None
        if not self._moved(said) and _near_now(bests, live, tick):
            return Verdict.AGREES  # they differ in sizes alone, and for longer than since just now
        if live.venue_at < said.venue_at:
            return Verdict.VOID  # it had its time to catch up
        since = told.asked_at + -SLACK_NS
        if live.seen_at < since:
            return Verdict.APART  # the stream says nothing, and something changed
        if bests is None:
            return Verdict.AGREES if _bests(live) is None else Verdict.APART
        return Verdict.AGREES if any(_near(bests, top, tick) for top in tops.since(since)) else Verdict.APART


class Inquiry:
    """When REST is asked: one request at a time, a bounded number of them, fewer when it does not answer."""

    def __init__(self, period_s: float, hurry_s: float) -> None:
        self.period_s = period_s
        self.hurry_s = hurry_s
        self.is_asking = False
        self.failures_in_a_row = 0
        self.failures = 0
        self.trouble = ""
        """Why the last one was not answered."""
        self.answered_at = RealNs(0)
        self._asked_at = RealNs(0)

    def is_due(self, now: RealNs, in_doubt: bool) -> bool:
        """Whether to ask now; sooner while something is in doubt, later while nothing is answered."""
        if self.is_asking:
            return False
        span_s = self.hurry_s if in_doubt else self.period_s
        if self.failures_in_a_row:
            span_s = min(60.0, self.period_s * 2.0 ** min(self.failures_in_a_row - 1, 10))
        return now - self._asked_at >= span_s * SECOND

    def asks(self, now: RealNs) -> None:
        """A request leaves."""
        self.is_asking = True
        self._asked_at = now

    def answered(self, at: RealNs) -> None:
        """Books came."""
        self.is_asking = False
        self.trouble = ""
        self.failures_in_a_row = 0
        self.answered_at = at

    def failed(self, reason: str) -> None:
        """None came."""
        self.is_asking = False
        self.trouble = reason
        self.failures_in_a_row += 1
        self.failures += 1


def _bests(live: LiveBook) -> Bests | None:
    bid, ask = live.book.best_bid, live.book.best_ask
    return None if bid is None or ask is None else (bid, ask)


def _near_now(bests: Bests | None, live: LiveBook, tick: Price) -> bool:
    ours = _bests(live)
    return bests is not None and ours is not None and _near(bests, ours, tick)


def _is_same(said: WitnessedBook, live: LiveBook) -> bool:
    depth = live.depth
    return (said.bids[:depth], said.asks[:depth]) == live.book.top(depth)


def _near(one: Bests, other: Bests, tick: Price) -> bool:
    return abs(one[0] - other[0]) <= tick and abs(one[1] - other[1]) <= tick


def _is_hollow(bids: tuple[Level, ...], asks: tuple[Level, ...]) -> bool:
    """Nothing between the far ends."""
    return (not bids or bids[0][0] <= FLOOR) and (not asks or asks[0][0] >= CEILING)
