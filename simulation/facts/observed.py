"""What anybody can see of a market, folded from its tape into columns: best prices, level updates, trades, depth.

The stream is that of `venue.paper.engine.tape`, in time order: a BookSet to begin with, a LevelSet for each price
at which the total resting is another one now, a Printed for each price at which somebody traded, said before the
levels it took. Recordings speak it; a crowd that is run by itself yields the same.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np
from numpy.typing import NDArray

from messages.values import SECOND, Price, Side
from venue.paper.engine.tape import BookSet, Cleared, Closed, LevelSet, Printed, TapeEvent, TickSet
from venue.paper.engine.terms import TokenSide

Ints = NDArray[np.int64]

DEPTH_STEP_NS = 5 * SECOND
"""How often the depth is looked at."""
DEPTH_LEVELS = 9
"""On each side, a cent apart, the best first: eighteen in all."""
DEPTH_TICK = 10_000


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """One market over some span. Times are nanoseconds of market time, prices and sizes millionths, YES terms."""

    tops: Ints
    """Rows of time, best bid, its size, best ask, its size: after each instant that changed one of them. A side
    that is empty has size 0 and price 0 (bid) or 1,000,000 (ask)."""
    updates: Ints
    """When a level changed; a book told whole counts each level that differs."""
    trades: Ints
    """Rows of time, the taker's side (+1 bought), size, volume-weighted price: the prints of one instant and side
    together are one trade."""
    depth: Ints
    """Rows of time and the sizes of eighteen levels: nine cents from the best bid down, nine from the best ask up."""
    begins_at: int
    ends_at: int


class Observer:
    """Folds a stream; feed it with `see`, then ask for what was `observed`."""

    def __init__(self) -> None:
        self._bids: dict[Price, int] = {}
        self._asks: dict[Price, int] = {}
        self._tops: list[tuple[int, int, int, int, int]] = []
        self._updates: list[int] = []
        self._trades: list[list[int]] = []
        self._depth: list[list[int]] = []
        self._begins_at: int | None = None
        self._now = 0
        self._look_at = 0

    def see(self, event: TapeEvent) -> None:
        """The next event. Raises ValueError for one that lies before the last."""
        if self._begins_at is None:
            self._begins_at = self._now = event.at
            self._look_at = event.at + DEPTH_STEP_NS
        if event.at < self._now:
            raise ValueError(f"time went back from {self._now} to {event.at}")
        while event.at > self._look_at:
            self._look()
        self._now = event.at
        match event:
            case LevelSet():
                self._set(event.side, event.price, event.size)
            case Printed():
                self._print(event)
            case BookSet():
                self._replace(event)
            case TickSet() | Cleared() | Closed():
                pass
            case _:
                raise TypeError(f"{event!r} is no event of a tape")

    def observed(self) -> Observed:
        """All that was seen."""
        return Observed(
            tops=_rows(self._tops, 5),
            updates=np.array(self._updates, dtype=np.int64),
            trades=_rows([(at, side, size, paid // size) for at, side, size, paid in self._trades], 4),
            depth=_rows(self._depth, 1 + 2 * DEPTH_LEVELS),
            begins_at=self._begins_at or 0,
            ends_at=self._now,
        )

    def _set(self, side: Side, price: Price, size: int) -> None:
        levels = self._bids if side is Side.BID else self._asks
        if levels.get(price, 0) == size:
            return
        if size:
            levels[price] = size
        else:
            del levels[price]
        self._updates.append(self._now)
        self._top()

    def _replace(self, event: BookSet) -> None:
        for old, told in ((self._bids, event.bids), (self._asks, event.asks)):
            new = dict[Price, int](told)
            changed = sum(old.get(price) != new.get(price) for price in old.keys() | new.keys())
            self._updates += [self._now] * changed
            old.clear()
            old.update({price: size for price, size in new.items() if size})
        self._top()

    def _top(self) -> None:
        bid, ask = max(self._bids, default=Price(0)), min(self._asks, default=Price(1_000_000))
        row = (self._now, bid, self._bids.get(bid, 0), ask, self._asks.get(ask, 0))
        if self._tops and self._tops[-1][0] == self._now:
            self._tops.pop()
        if not self._tops or self._tops[-1][1:] != row[1:]:
            self._tops.append(row)

    def _print(self, event: Printed) -> None:
        side = 1 if event.taker is TokenSide.BUY else -1
        if not event.size:
            return
        if not self._trades or self._trades[-1][:2] != [self._now, side]:
            self._trades.append([self._now, side, 0, 0])
        self._trades[-1][2] += event.size
        self._trades[-1][3] += event.size * event.price

    def _look(self) -> None:
        """Note the depth as it stands at the look-out that the event in hand has passed."""
        bid, ask = max(self._bids, default=0), min(self._asks, default=0)
        steps = range(0, DEPTH_LEVELS * DEPTH_TICK, DEPTH_TICK)
        below = [self._bids.get(Price(bid - step), 0) for step in steps]
        above = [self._asks.get(Price(ask + step), 0) for step in steps]
        self._depth.append([self._look_at, *below, *above])
        self._look_at += DEPTH_STEP_NS


def observe(events: Iterable[TapeEvent]) -> Observed:
    """Fold a whole tape; one that never ends has to be cut by the caller."""
    observer = Observer()
    for event in events:
        observer.see(event)
    return observer.observed()


def _rows(rows: Iterable[Iterable[int]], width: int) -> Ints:
    return np.array([tuple(row) for row in rows], dtype=np.int64).reshape(-1, width)
