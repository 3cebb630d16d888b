"""How busy a market is: calm and hot by turns, and the busy time in which everything else arrives evenly."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from venue.paper.crowd.draws import Draws, Kept
from venue.paper.crowd.grid import DAY_S, Flags, Floats

CALM_S = 3_600
HOT_S = 1_200
"""Mean lengths (TRADING §7.1)."""


class Bend(NamedTuple):
    """A day and the one after it: seconds since its start, and busy seconds until then, straight in between."""

    at: Floats
    busy: Floats

    def busy_at(self, at: Floats) -> Floats:
        """Busy seconds after the day's start."""
        return np.interp(at, self.at, self.busy)

    def at_busy(self, busy: Floats) -> Floats:
        """Seconds after the day's start at which so much busy time has passed."""
        return np.interp(busy, self.busy, self.at)


class _Switches(NamedTuple):
    at: Floats
    is_hot: Flags
    """From then on."""


class Activity:
    """A two-state chain that needs no history: things that make it hot and things that make it calm arrive
    independently, and whichever came last decides. While hot, busy time runs `hot` times as fast."""

    def __init__(self, draws: Draws, hot: float) -> None:
        self._draws = draws
        self._hot = hot
        self._switches = Kept(self._switch, 8)
        self.day = Kept(self._bend, 4)
        """The `Bend` of a day."""

    def _switch(self, day: int) -> _Switches:
        chance = self._draws.stream("activity", day)
        to_hot = chance.random(chance.poisson(DAY_S / CALM_S)) * DAY_S
        to_calm = chance.random(chance.poisson(DAY_S / HOT_S)) * DAY_S
        at = np.concatenate((to_hot, to_calm))
        order = np.argsort(at, kind="stable")
        return _Switches(at[order], order < len(to_hot))

    def _is_hot_before(self, day: int) -> bool:
        while day > 0:
            day -= 1
            last = self._switches(day).is_hot
            if len(last):
                return bool(last[-1])
        return bool(self._draws.stream("activity", -1).random() < HOT_S / (CALM_S + HOT_S))

    def _bend(self, day: int) -> Bend:
        first, second = self._switches(day), self._switches(day + 1)
        at = np.concatenate(([0.0], first.at, DAY_S + second.at, [2.0 * DAY_S]))
        is_hot = np.concatenate(([self._is_hot_before(day)], first.is_hot, second.is_hot))
        busy = np.cumsum(np.diff(at) * np.where(is_hot, self._hot, 1.0))
        return Bend(at, np.concatenate(([0.0], busy)))
