"""The makers as they react: fair values that lean with trades and inventories, ladders they keep and pull."""

from __future__ import annotations

import math

from messages.values import MICRO, SECOND, Price, Side
from venue.paper.crowd.characters import Character
from venue.paper.crowd.draws import Draws
from venue.paper.crowd.edge import EDGE, fee
from venue.paper.crowd.grid import STEP_S
from venue.paper.crowd.ladders import Ends, Ladders, Rung
from venue.paper.crowd.makers import MAKERS, Makers, Orders
from venue.paper.crowd.script import Entry, look_steps, nanoseconds
from venue.paper.engine.participants import Lot, Pit

LEAN = 0.25
LEAN_S = 600.0
"""Executions of the peak depth move every maker's fair value by so many ticks, fading with this time constant."""
PULLS = 256
"""Delays drawn for a block; more are hardly ever needed, and begin again."""


class Desk:
    """Four makers of one market. Fair values are in millionths of a dollar, inventories of shares."""

    def __init__(self, character: Character, makers: Makers, draws: Draws) -> None:
        self._is = character
        self._makers = makers
        self._draws = draws
        self._peak = character.peak * MICRO
        self._keep = math.exp(-look_steps(character) * STEP_S / LEAN_S)
        self.tick = Price(10_000)
        self.ends = Ends()
        self._ladders = Ladders()
        self._pulling = set[Rung]()
        self._inventories = [0] * MAKERS
        self._lean = 0.0
        self._shifts = [0.0] * MAKERS
        """Ticks by which each maker leans."""
        self._known = list[float]()
        self._errors = list[list[float]]()
        self._delays = list[float]()
        self._pulled = 0

    def load(self, block: int) -> None:
        """Know the value as makers do, for a block."""
        self._known = [MICRO * value for value in self._makers.follow(block)]
        self._errors = self._makers.errors(block)
        delays = self._draws.stream("pulls", block).exponential(self._is.pull_s * SECOND, PULLS)
        self._delays, self._pulled = delays.tolist(), 0

    def open(self, pit: Pit, orders: Orders, step: int) -> None:
        """Fill the book as it is in the mean."""
        rows = (orders.who, orders.size, orders.half, orders.offset, nanoseconds(orders.ends))
        for row in zip(*(column.tolist() for column in rows), strict=True):
            self.place(pit, (0, 0, step, *row))

    def leave(self) -> None:
        """Nothing rests any more."""
        self._ladders = Ladders()
        self.ends = Ends()
        self._pulling.clear()

    def fair(self, step: int) -> float:
        """The mean of the makers' fair values."""
        off = sum(row[step] for row in self._errors) + sum(self._shifts)
        return self._known[step] + self.tick * off / MAKERS

    def place(self, pit: Pit, entry: Entry) -> None:
        """A maker adds an order, if its price is one. If it would cross, a best one may take an account's."""
        _, _, step, who, size, half, offset, ends = entry
        maker, tick = who >> 1, self.tick
        fair = self._known[step] / tick + self._errors[maker][step] + self._shifts[maker]
        if who & 1:
            side, price = Side.ASK, (math.ceil(fair + half) + offset) * tick
        else:
            side, price = Side.BID, (math.floor(fair - half) - offset) * tick
        if not 0 < price < MICRO:
            return
        lot = Lot(who, side, Price(price), size)
        if pit.place(lot):
            self._ladders.add(lot)
            self.ends.add(ends, lot)
        elif not offset:
            self._take_account(pit, lot, fair * tick)

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

    def look(self, pit: Pit, at: int, step: int) -> None:
        """Every maker looks which of its levels the value has passed."""
        known, tick, fronts = self._known[step], self.tick, self._ladders.fronts
        for maker, (errors, shift) in enumerate(zip(self._errors, self._shifts, strict=True)):
            fair = known + tick * (errors[step] + shift)
            if fronts[2 * maker] > fair:
                self._pull_soon(2 * maker, fair, at)
            if fronts[2 * maker + 1] > -fair:
                self._pull_soon(2 * maker + 1, fair, at)
        if self._lean:
            self._lean *= self._keep
            self._shift()

    def hit(self, lot: Lot, size: int) -> None:
        """A maker's order traded."""
        self._inventories[lot.who >> 1] += size * lot.side.sign
        if not lot.leaves:
            self._ladders.drop(lot)
        self._shift()

    def traded(self, taker: Side, size: int) -> None:
        """Somebody bought (BID) or sold so much at once, from whomever."""
        self._lean += LEAN * taker.sign * size / self._peak
        self._shift()

    def _fair_of(self, maker: int, step: int) -> float:
        return self._known[step] + self.tick * (self._errors[maker][step] + self._shifts[maker])

    def _shift(self) -> None:
        share = self._peak / MAKERS
        self._shifts = [self._lean - min(1.0, max(-1.0, held / share)) for held in self._inventories]

    def _pull_soon(self, who: int, fair: float, at: int) -> None:
        for price in self._ladders.beyond(who, fair):
            rung = (who, price)
            if rung not in self._pulling:
                self._pulling.add(rung)
                self.ends.add(at + round(self._delays[self._pulled % PULLS]), rung)
                self._pulled += 1

    def _take_account(self, pit: Pit, lot: Lot, fair: float) -> None:
        """What was not placed takes an account's order in its way, if the maker's fair value pays the fee, too."""
        side = lot.side
        price = pit.accounts_best(side.other)
        if price is None or (lot.price - price) * side.sign < 0:
            return
        if (fair - price) * side.sign > fee(self._is.fee_rate, price) + EDGE:
            taken = pit.accounts_take(side, price, lot.leaves)
            if taken:
                self._inventories[lot.who >> 1] += side.sign * taken
                self.traded(side, taken)


def _pull(pit: Pit, lot: Lot) -> None:
    pit.pull(lot)
    lot.leaves = 0
