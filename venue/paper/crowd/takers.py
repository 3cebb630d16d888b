"""Who comes to trade at once, when and for how much: nothing here depends on the book (TRADING §7.1).

Noise takers draw each other in (a Hawkes process, made as its clusters), keep to the side of the one before, and some
of them know where the value goes. Informed takers come evenly in busy time, snipers after news.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from venue.paper.crowd.activity import Activity
from venue.paper.crowd.characters import Character
from venue.paper.crowd.draws import Draws, Kept
from venue.paper.crowd.grid import BLOCK_S, BLOCKS, DAY_S, HOUR_S, STEP_S, Flags, Floats, Ints
from venue.paper.crowd.latent import Latent

BRANCHING = 0.3
"""Noise takers that each one draws in …"""
DRAWN_IN_S = 20.0
"""… after an exponential time of this mean."""
SAME_SIDE = 0.675
FRESH = 2 * (1 - SAME_SIDE)
"""To repeat a side with SAME_SIDE is to toss a coin afresh with this probability, and to repeat it otherwise."""
NOISE_SIZE = 27.0
NOISE_SPREAD = 2.2
"""Median shares, and the standard deviation of their logarithm."""
INFORMED_SPREAD = 1.0
SNIPED_S = 20.0
"""How long after news snipers come."""
AHEAD_BLOCKS = HOUR_S // BLOCK_S
"""How far those who know can see."""
LEAST = 1.0
"""Nobody asks for less than a share."""
SHARE_CENTS = 10_000
"""Sizes have two decimals."""


class Noise(NamedTuple):
    """Noise takers of a day (some come after midnight); `at` in seconds after market second 0."""

    at: Floats
    buys: Flags
    is_fresh: Flags
    size: Ints
    """Millionths of shares, and so everywhere here."""
    patience: Floats
    """Dollars beyond the makers' fair value."""
    mark: Floats
    """Uniform: who lies below the informative share knows."""


class Informed(NamedTuple):
    """Informed takers and snipers of a day."""

    at: Floats
    size: Ints


Columns = TypeVar("Columns", Noise, Informed)


class Takers:
    """All takers of one market, day by day."""

    def __init__(self, draws: Draws, activity: Activity, latent: Latent, character: Character) -> None:
        self._draws = draws
        self._activity = activity
        self._latent = latent
        self._is = character
        self._noise = Kept(self._noise_of, 4)
        self._informed = Kept(self._informed_of, 4)

    def noise(self, block: int) -> tuple[Noise, Flags]:
        """The noise takers of a block, and whether each of them buys in the end."""
        noise = _joined(Noise, [self._noise(day) for day in _days(block)], block)
        now, later = self._latent.values(block), self._latent.values(block + AHEAD_BLOCKS)
        step = ((noise.at - block * BLOCK_S) / STEP_S).astype(np.int64)
        move = later[step] - now[step]
        knows = (noise.mark < self._is.informative) & (move != 0)
        return noise, np.where(knows, move > 0, noise.buys)

    def informed(self, block: int) -> Informed:
        """The informed takers and snipers of a block."""
        return _joined(Informed, [self._informed(day) for day in _days(block)], block)

    def _noise_of(self, day: int) -> Noise:
        chance = self._draws.stream("noise", day)
        generation = self._evenly(chance, self._is.noise / HOUR_S, day)
        family = [generation]
        while len(generation):
            drawn_in = chance.poisson(BRANCHING, len(generation))
            generation = np.repeat(generation, drawn_in)
            generation = generation + chance.exponential(DRAWN_IN_S, len(generation))
            family.append(generation)
        at = np.sort(np.concatenate(family))
        count = len(at)
        is_fresh, coin = chance.random(count) < FRESH, chance.random(count) < 0.5
        size = NOISE_SIZE * np.exp(NOISE_SPREAD * chance.standard_normal(count))
        patience = chance.exponential(1 / self._is.keen, count)
        buys = self._persistent(day, is_fresh, coin)
        return Noise(at, buys, is_fresh, _micro(size), patience, chance.random(count))

    def _persistent(self, day: int, is_fresh: Flags, coin: Flags) -> Flags:
        """Each side is that of the last fresh toss; before the first one, the last of the days before."""
        last = np.maximum.accumulate(np.where(is_fresh, np.arange(len(coin)), -1))
        if not len(last) or last[0] >= 0:
            return coin[last]
        return np.where(last >= 0, coin[last], self._buys_before(day))

    def _buys_before(self, day: int) -> bool:
        while day > 0:
            day -= 1
            before = self._noise(day)
            if len(before.at):
                return bool(before.buys[-1])
        return bool(self._draws.stream("noise", -1).random() < 0.5)

    def _informed_of(self, day: int) -> Informed:
        chance = self._draws.stream("informed", day)
        evenly = self._evenly(chance, self._is.informed / HOUR_S, day)
        jumps = self._latent.jumps(day)
        snipers = np.repeat(jumps, chance.poisson(self._is.snipe * SNIPED_S, len(jumps)))
        snipers = snipers + chance.random(len(snipers)) * SNIPED_S
        at = np.sort(np.concatenate((evenly, snipers)))
        size = self._is.size * np.exp(INFORMED_SPREAD * chance.standard_normal(len(at)))
        return Informed(at, _micro(size))

    def _evenly(self, chance: np.random.Generator, per_s: float, day: int) -> Floats:
        """Poisson arrivals of a day in busy time."""
        bend = self._activity.day(day)
        busy = float(bend.busy_at(np.array([float(DAY_S)]))[0])
        arrivals = chance.random(chance.poisson(per_s * busy)) * busy
        return day * DAY_S + bend.at_busy(np.sort(arrivals))


def _days(block: int) -> list[int]:
    """The days whose takers may come in a block."""
    day, n = divmod(block, BLOCKS)
    return [day - 1, day] if n == 0 and day else [day]


def _joined(kind: Callable[..., Columns], days: Sequence[Columns], block: int) -> Columns:
    """The part of every column that falls into a block."""
    edges = [block * BLOCK_S, (block + 1) * BLOCK_S]
    parts = list[list[Floats | Ints | Flags]]()
    for day in days:
        first, last = np.searchsorted(day[0], edges)
        parts.append([column[first:last] for column in day])
    return kind(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _micro(shares: Floats) -> Ints:
    hundredths: Ints = np.rint(np.maximum(shares, LEAST) * 100).astype(np.int64)
    return hundredths * SHARE_CENTS
