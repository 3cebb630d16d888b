"""The crowd's other way to cancel: those who came late leave twice as often (TRADING §7.1, variant `back`)."""

from __future__ import annotations

import random

from messages.values import Price, Side
from venue.paper.engine.book import Resting
from venue.paper.engine.order_book import Entry, OrderBook
from venue.paper.engine.participants import Lot

FRONT = 0.4
"""The part of a level's size that counts as its front …"""
LATE = 2
"""… and how much oftener than there a cancel hits behind it."""


class LateCancels(OrderBook):
    """A book in which whoever takes a lot off has another one of its level taken off, by the place in the queue.

    Lots have no faces: the one that was meant stays and is from then on the other one, with its place and size, so
    that everybody's lots are as many as they know.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._chance = random.Random(seed)
        self._lines: dict[tuple[Side, Price], list[Entry]] = {}

    def place(self, lot: Lot) -> bool:
        """A lot joins its queue. False, and nothing happened, if it would cross."""
        is_placed = super().place(lot)
        if is_placed:
            self._line(lot).append(lot)
        return is_placed

    def rest(self, resting: Resting, at: int) -> None:
        """An order joins its queue."""
        super().rest(resting, at)
        self._line(resting).append(resting)

    def remove(self, resting: Resting) -> None:
        """An order leaves itself, not another one."""
        super().remove(resting)
        self._line(resting).remove(resting)

    def pull(self, lot: Lot) -> None:
        """Some lot of the level leaves; one that is gone already is passed over."""
        line = self._line(lot)
        line[:] = [entry for entry in line if entry.leaves]
        if lot not in line:
            return
        hit = self._hit(line)
        if hit is not lot:
            self._exchange(line, lot, hit)
        super().pull(lot)
        line.remove(lot)

    def _line(self, entry: Entry) -> list[Entry]:
        return self._lines.setdefault((entry.side, entry.price), [])

    def _hit(self, line: list[Entry]) -> Lot:
        """One of the lots, by their places."""
        front = FRONT * sum(entry.leaves for entry in line)
        lots, weights, ahead = list[Lot](), list[int](), 0
        for entry in line:
            if isinstance(entry, Lot):
                lots.append(entry)
                weights.append(LATE if ahead >= front else 1)
            ahead += entry.leaves
        return self._chance.choices(lots, weights)[0]

    def _exchange(self, line: list[Entry], one: Lot, other: Lot) -> None:
        """Each takes the other's place and size: the level is taken apart and queues up again in its new order."""
        for entry in line:
            self._leave(entry)
        first, second = line.index(one), line.index(other)
        line[first], line[second] = other, one
        one.leaves, other.leaves = other.leaves, one.leaves
        for entry in line:
            self._join(entry)

    def _leave(self, entry: Entry) -> None:
        if isinstance(entry, Lot):
            super().pull(entry)
        else:
            super().remove(entry)

    def _join(self, entry: Entry) -> None:
        if isinstance(entry, Lot):
            super().place(entry)
        else:
            super().rest(entry, 0)
