"""Which markets are worth quoting, best first: by what traded and by what moved, where a maker can quote."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

import msgspec

from messages.market import MarketInfo, RankedMarket
from messages.values import SECOND, MarketId, MarketNs, Price
from trading.book import Book
from trading.ownership import Ownership

BUCKETS = 60
"""The window moves in steps of one sixtieth of its length."""


class RankingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of the ranking."""

    first_s: int = 60
    """Market seconds of observation before the first ranking."""
    window_s: int = 600
    """Market seconds whose prints and updates count."""
    max_spread: Price = Price(80_000)
    """A wider book is gapped and left out."""
    min_price: Price = Price(100_000)
    """Mids below are left out …"""
    max_price: Price = Price(900_000)
    """… and above too: little is left to earn there, and rewards want both sides."""
    min_life_s: int = 1_800
    """Market seconds a market must have left; one whose end is not known has enough."""

    def __post_init__(self) -> None:
        if not 0 < self.first_s <= self.window_s:
            raise ValueError("first_s is more than 0 and at most window_s")
        if self.min_life_s < 0:
            raise ValueError("min_life_s is 0 or more")
        if not 0 < self.min_price < self.max_price < 1_000_000:
            raise ValueError("min_price and max_price are 0 < min_price < max_price < 1")


class Activity:
    """One market's prints and book updates over a sliding window of market time."""

    __slots__ = ("_buckets", "_step_ns", "prints", "updates")

    def __init__(self, window_s: int) -> None:
        self._step_ns = max(1, window_s * SECOND // BUCKETS)
        self._buckets: deque[list[int]] = deque()
        """[which step, prints, updates], oldest first; at most `BUCKETS` of them."""
        self.prints = 0
        """Inside the window, as of the last call."""
        self.updates = 0

    def add_print(self, now: MarketNs) -> None:
        """Somebody traded."""
        self._bucket(now)[1] += 1
        self.prints += 1

    def add_update(self, now: MarketNs) -> None:
        """The book changed."""
        self._bucket(now)[2] += 1
        self.updates += 1

    def forget_before_window(self, now: MarketNs) -> None:
        """Drop what the window has left behind."""
        oldest = int(now) // self._step_ns - BUCKETS + 1
        while self._buckets and self._buckets[0][0] < oldest:
            _, prints, updates = self._buckets.popleft()
            self.prints -= prints
            self.updates -= updates

    def _bucket(self, now: MarketNs) -> list[int]:
        step = int(now) // self._step_ns
        if not self._buckets or self._buckets[-1][0] < step:
            self.forget_before_window(now)
            self._buckets.append([step, 0, 0])
        return self._buckets[-1]


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A market under observation."""

    info: MarketInfo
    book: Book
    activity: Activity


def rank(candidates: Iterable[Candidate], limits: RankingSettings, now: MarketNs) -> tuple[RankedMarket, ...]:
    """Best first: most prints, then most book updates, then by volume, then by slug so that ties do not flip.

    Only markets that accept orders, live long enough and have a two-sided, uncrossed book; of these the ones a
    maker can quote on both sides (not gapped, mid inside the price limits) unless there is none.
    """
    open_ = [
        c
        for c in candidates
        if c.info.accepting_orders
        and (c.book.spread or 0) > 0
        and life_left_s(c.info, now) >= limits.min_life_s
    ]
    quotable = [c for c in open_ if is_quotable(c.book, limits)]
    ordered = sorted(
        quotable or open_,
        key=lambda c: (
            *(-c.activity.prints, -c.activity.updates, -c.info.volume_24h),
            *(c.info.slug, c.info.market),
        ),
    )
    return tuple(
        RankedMarket(
            market=c.info.market, slug=c.info.slug, prints=c.activity.prints, updates=c.activity.updates
        )
        for c in ordered
    )


def life_left_s(info: MarketInfo, now: MarketNs) -> float:
    """Market seconds until a market's end, negative after it; infinite where the end is not known."""
    return math.inf if info.ends_at is None else (info.ends_at - now) / SECOND


def is_quotable(book: Book, limits: RankingSettings) -> bool:
    """A maker can rest on both sides here."""
    mid = book.mid
    return (
        mid is not None
        and not book.is_crossed
        and not book.is_gapped(limits.max_spread)
        and limits.min_price <= mid <= limits.max_price
    )


def runner_up(ranked: Iterable[RankedMarket], ownership: Ownership) -> MarketId | None:
    """The best ranked market that nobody of ours trades: the maker's next one."""
    return next((r.market for r in ranked if ownership.is_free(r.market)), None)
