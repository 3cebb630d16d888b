"""What the makers do whatever happens: their errors, the orders they mean to place, and how long these live."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

import numpy as np

from venue.paper.crowd.activity import Activity
from venue.paper.crowd.characters import Character
from venue.paper.crowd.draws import Draws, Kept
from venue.paper.crowd.grid import (
    BLOCK_S,
    BLOCKS,
    DAY_S,
    STEP_S,
    STEP_TIMES,
    STEPS,
    Floats,
    Ints,
)
from venue.paper.crowd.latent import Latent

MAKERS = 4
WHO = 2 * MAKERS
"""A maker's bids and asks have a number of their own: twice the maker's, and one more for asks."""
PROFILE = (0.12, 0.25, 0.9, 1.0, 0.75, 0.12, *(0.03,) * 8)
"""Depth of a maker's levels, the first one inside, as shares of the deepest."""
ERROR_TICKS = 0.5
ERROR_S = 300.0
"""Makers misjudge the value: an Ornstein-Uhlenbeck error of this standard deviation and time constant."""
ERROR_KEPT: Floats = np.exp(-STEP_TIMES / ERROR_S)
MEMORY = 4
SIZE_SPREAD = 1.0
LEAST = 5.0
"""No order of fewer shares."""
WIDER = 2.0
WIDER_S = 30.0
"""After news makers keep further away: by (1 + WIDER) times at first, and e times less of it each WIDER_S."""
SHARE_CENTS = 10_000


class Orders(NamedTuple):
    """Orders that makers mean to place. Times in seconds after market second 0."""

    at: Floats
    who: Ints
    offset: Ints
    """Levels from the maker's first one outwards."""
    size: Ints
    """Millionths of shares."""
    half: Floats
    """Ticks from the maker's fair value to its first level."""
    ends: Floats


class Makers:
    """The part of the makers that nothing can disturb, block by block."""

    def __init__(self, draws: Draws, activity: Activity, latent: Latent, character: Character) -> None:
        self._draws = draws
        self._activity = activity
        self._latent = latent
        self._is = character
        self._shares = np.cumsum(PROFILE) / sum(PROFILE)
        self._noise = Kept(self._noise_of, MEMORY + 2)

    def follow(self, block: int) -> Floats:
        """The value as makers know it, with their lag, at every step of a block; dollars."""
        weight = 1 - float(np.exp(-STEP_S / self._is.lag_s))
        seen = np.concatenate((self._latent.values(block - 1), self._latent.values(block)[1:])).tolist()
        known = list(accumulate(seen, lambda follows, value: follows + weight * (value - follows)))
        return np.array(known[STEPS:])

    def errors(self, block: int) -> Floats:
        """Each maker's own error in ticks at every step of a block, one row for each.

        It knows the noise of MEMORY blocks before; of what came earlier next to nothing would be left.
        """
        start = np.zeros((MAKERS, 1))
        for n in range(block - MEMORY, block):
            start = start * ERROR_KEPT[-1] + self._noise(n)[:, -1:]
        return start * ERROR_KEPT + self._noise(block)

    def orders(self, block: int) -> Orders:
        """All that are placed in a block: Poisson for each level in busy time, taken together."""
        day, n = divmod(block, BLOCKS)
        bend, chance = self._activity.day(day), self._draws.stream("orders", block)
        begins, ends = bend.busy_at(np.array([n * BLOCK_S, (n + 1.0) * BLOCK_S])).tolist()
        rate = 2 * self._is.peak * sum(PROFILE) / (self._is.lot * self._is.life_s)
        count = chance.poisson(rate * (ends - begins))
        busy = begins + np.sort(chance.random(count)) * (ends - begins)
        at = day * DAY_S + bend.at_busy(busy)
        lives = chance.exponential(self._is.life_s, count)
        return Orders(
            at=at,
            who=chance.integers(0, WHO, count),
            offset=np.searchsorted(self._shares, chance.random(count), side="right"),
            size=self._sizes(chance, count),
            half=self._is.half * self._widening(day, at),
            ends=day * DAY_S + bend.at_busy(busy + lives),
        )

    def opening(self, at: float) -> Orders:
        """What rests when the market opens at such a second: as many orders on each level as there are in the mean."""
        day = int(at // DAY_S)
        bend, chance = self._activity.day(day), self._draws.stream("opening", int(at / STEP_S))
        mean = np.array(PROFILE) * self._is.peak / MAKERS / self._is.lot
        counts = chance.poisson(np.tile(mean, WHO))
        count = int(counts.sum())
        level = np.repeat(np.arange(len(counts)), counts)
        busy = bend.busy_at(np.array([at - day * DAY_S])) + chance.exponential(self._is.life_s, count)
        return Orders(
            at=np.full(count, at),
            who=level // len(PROFILE),
            offset=level % len(PROFILE),
            size=self._sizes(chance, count),
            half=np.full(count, self._is.half),
            ends=day * DAY_S + bend.at_busy(busy),
        )

    def _sizes(self, chance: np.random.Generator, count: int) -> Ints:
        shares = self._is.lot * np.exp(SIZE_SPREAD * chance.standard_normal(count) - SIZE_SPREAD**2 / 2)
        hundredths: Ints = np.rint(np.maximum(shares, LEAST) * 100).astype(np.int64)
        return hundredths * SHARE_CENTS

    def _widening(self, day: int, at: Floats) -> Floats:
        news = np.concatenate(([-np.inf], self._latent.jumps(day - 1), self._latent.jumps(day)))
        since = at - news[np.searchsorted(news, at, side="right") - 1]
        return 1 + WIDER * np.exp(-since / WIDER_S)

    def _noise_of(self, block: int) -> Floats:
        """What a block adds to errors that were 0 at its beginning."""
        noise = self._draws.stream("errors", block).standard_normal((MAKERS, STEPS))
        grown = np.cumsum(noise / ERROR_KEPT[1:], axis=1) * ERROR_KEPT[1:]
        scale = ERROR_TICKS * np.sqrt(1 - ERROR_KEPT[1] ** 2)
        return np.concatenate((np.zeros((MAKERS, 1)), scale * grown), axis=1)
