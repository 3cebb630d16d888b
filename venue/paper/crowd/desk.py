"""The makers as they react: fair values that lean with trades and inventories, ladders they keep and pull."""

from __future__ import annotations

import math

import numpy as np

from messages.values import MICRO, SECOND, Price, Side
from venue.paper.crowd.characters import Character
from venue.paper.crowd.draws import Draws
from venue.paper.crowd.edge import EDGE, fee
from venue.paper.crowd.grid import STEP_TIMES, STEPS, Floats
from venue.paper.crowd.ladders import Ends, Ladders, Rung
from venue.paper.crowd.makers import MAKERS, Makers, Orders
from venue.paper.crowd.script import Entry, nanoseconds
from venue.paper.engine.participants import Lot, Pit

LEAN = 0.25
LEAN_S = 600.0
"""Executions of the peak depth move every maker's fair value by so many ticks, fading with this time constant."""
FADING: Floats = np.exp(-STEP_TIMES / LEAN_S)
PULLS = 256
"""Delays drawn for a block; more are hardly ever needed, and begin again."""


class Desk:
    """Four makers of one market. Fair values are in ticks, steps are those of the block in hand."""

    def __init__(self, character: Character, makers: Makers, draws: Draws) -> None:
        self._is = character
        self._makers = makers
        self._draws = draws
        self._peak = character.peak * MICRO
        self.tick = Price(10_000)
        self.ends = Ends()
        self.looks = list[int]()
        """Steps at which some level is passed, or may be left again, unless somebody trades before; the next one
        last."""
        self._ladders = Ladders()
        self._pulling = set[Rung]()
        self._held = [0.0] * MAKERS
        """Inventories as shares of a maker's part of the peak depth."""
        self._skews = [0.0] * MAKERS
        """Ticks by which each maker leans against its inventory."""
        self._known: Floats = np.zeros(STEPS + 1)
        self._errors: Floats = np.zeros((MAKERS, STEPS + 1))
        self._lean: Floats = np.zeros(STEPS + 1)
        """Of all makers in ticks, as it will be if nobody trades any more."""
        self._fair = list[list[float]]()
        """Each maker's fair value but for its skew, likewise."""
        self._delays = list[float]()
        self._pulled = 0
        self._is_stale = False

    def load(self, block: int, step: int) -> None:
        """Know the value as makers do, for a block, from some step on."""
        self._known, self._errors = self._makers.follow(block), self._makers.errors(block)
        self._lean = self._lean[-1] * FADING
        delays = self._draws.stream("pulls", block).exponential(self._is.pull_s * SECOND, PULLS)
        self._delays, self._pulled = delays.tolist(), 0
        self.look_ahead(step)

    def look_ahead(self, step: int) -> None:
        """Work out the fair values of the rest of the block, and when they will next pass a price."""
        fair = self._known * (MICRO / self.tick) + self._errors + self._lean
        self._fair = fair.tolist()
        skewed = np.floor(fair[:, step:] - np.array(self._skews)[:, None])
        passes = (skewed[:, 1:] != skewed[:, :-1]).any(axis=0)
        passes[:1] = True
        self.looks = (np.flatnonzero(passes)[::-1] + step + 1).tolist()
        self._is_stale = False

    def settle(self, step: int) -> None:
        """After trades everybody leans differently from now on."""
        if self._is_stale:
            self.look_ahead(step)

    def regrid(self, tick: Price, step: int) -> None:
        """Prices are on another grid from now on."""
        self.tick = tick
        self.look_ahead(step)

    def open(self, pit: Pit, orders: Orders, step: int) -> None:
        """Fill the book as it is in the mean."""
        rows = (orders.who, orders.size, orders.half, orders.offset, nanoseconds(orders.ends))
        for row in zip(*(column.tolist() for column in rows), strict=True):
            self.place(pit, (0, 0, step, *row))

    def leave(self) -> None:
        """Nothing rests any more."""
        self._ladders = Ladders()
        self.ends = Ends()
        self.looks = []
        self._pulling.clear()

    def fair(self, step: int) -> float:
        """The mean of the makers' fair values, in millionths of a dollar."""
        return self.tick * (sum(row[step] for row in self._fair) - sum(self._skews)) / MAKERS

    def place(self, pit: Pit, entry: Entry) -> None:
        """A maker adds an order, if its price is one. If it would cross, a best one may take an account's."""
        _, _, step, who, size, half, offset, ends = entry
        maker = who >> 1
        fair = self._fair[maker][step] - self._skews[maker]
        if who & 1:
            side, price = Side.ASK, (math.ceil(fair + half) + offset) * self.tick
        else:
            side, price = Side.BID, (math.floor(fair - half) - offset) * self.tick
        if not 0 < price < MICRO:
            return
        lot = Lot(who, side, Price(price), size)
        if pit.place(lot):
            self._ladders.add(lot)
            self.ends.add(ends, lot)
        elif not offset:
            self._take_account(pit, lot, fair * self.tick, step)

    def end(self, pit: Pit, step: int) -> None:
        """The next thing ends: a lot's life, or the delay before a rung that was passed is pulled."""
        what = self.ends.pop()
        if isinstance(what, Lot):
            if what.leaves:
                self._ladders.drop(what)
                _pull(pit, what)
            return
        self._pulling.discard(what)
        who, price = what
        if price in self._ladders.beyond(who, self._fair_of(who >> 1, step)):
            for lot in self._ladders.clear(what):
                _pull(pit, lot)

    def look(self, at: int) -> None:
        """Every maker looks which of its levels the value has passed; `at` in nanoseconds."""
        step, fronts = self.looks.pop(), self._ladders.fronts
        for maker in range(MAKERS):
            fair = self._fair_of(maker, step)
            if fronts[2 * maker] > fair:
                self._pull_soon(2 * maker, fair, at)
            if fronts[2 * maker + 1] > -fair:
                self._pull_soon(2 * maker + 1, fair, at)

    def hit(self, lot: Lot, size: int) -> None:
        """A maker's order traded; call `settle` when all is done."""
        self._hold(lot.who >> 1, lot.side.sign * size)
        if not lot.leaves:
            self._ladders.drop(lot)

    def traded(self, taker: Side, size: int, step: int) -> None:
        """Somebody bought (BID) or sold so much at once, from whomever; call `settle` when all is done."""
        lean = self._lean[step] + LEAN * taker.sign * size / self._peak
        self._lean = self._lean.copy()
        self._lean[step:] = lean * FADING[: STEPS + 1 - step]
        self._is_stale = True

    def _fair_of(self, maker: int, step: int) -> float:
        """In millionths of a dollar."""
        return self.tick * (self._fair[maker][step] - self._skews[maker])

    def _hold(self, maker: int, change: int) -> None:
        self._held[maker] += change * MAKERS / self._peak
        self._skews[maker] = min(1.0, max(-1.0, self._held[maker]))
        self._is_stale = True

    def _pull_soon(self, who: int, fair: float, at: int) -> None:
        for price in self._ladders.beyond(who, fair):
            rung = (who, price)
            if rung not in self._pulling:
                self._pulling.add(rung)
                self.ends.add(at + round(self._delays[self._pulled % PULLS]), rung)
                self._pulled += 1

    def _take_account(self, pit: Pit, lot: Lot, fair: float, step: int) -> None:
        """What was not placed takes an account's order in its way, if the maker's fair value pays the fee, too."""
        side = lot.side
        price = pit.accounts_best(side.other)
        if price is None or (lot.price - price) * side.sign < 0:
            return
        if (fair - price) * side.sign > fee(self._is.fee_rate, price) + EDGE:
            taken = pit.accounts_take(side, price, lot.leaves)
            if taken:
                self._hold(lot.who >> 1, side.sign * taken)
                self.traded(side, taken, step)


def _pull(pit: Pit, lot: Lot) -> None:
    pit.pull(lot)
    lot.leaves = 0
