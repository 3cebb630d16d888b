"""What a market is really worth: log-odds that move, jump and end, a martingale by construction (TRADING §7.1).

The outcome is drawn first, and the path is what a perfect observer would make of evidence for it. Given the
outcome Y, log-odds x have independent increments: over variance v they are normal with mean v/2 if Y, else -v/2; a
jump of size s goes up with probability e^s/(1 + e^s) if Y, else 1/(1 + e^s). Y is true with probability p =
1/(1 + e^-x), so that to anybody who knows no more than the path, dx = -(1 - 2p)/2 dv + sqrt(dv) dW, jumps go up with
probability (1 + p(e^s - 1))/(1 + e^s), and the outcome is a coin with probability p: the law of §7.1, exact at every
step length. And sums of independent increments need no history: any block can be had without those before it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec
import numpy as np

from venue.paper.crowd.activity import Activity
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

REVEAL = 4.0
REVEAL_S = 1_800.0
LAST_S = 5.0
"""A market with an end learns its outcome in the last half hour: from then on its log-odds gain a variance of
REVEAL/(seconds left + LAST_S) a second besides."""


def drift(variance: Floats, is_true: bool) -> Floats:
    """What log-odds gain in the mean over so much variance, given the outcome."""
    return variance / 2 if is_true else -variance / 2


def up_chance(size: Floats, is_true: bool) -> Floats:
    """That a jump of such a size in log-odds goes up, given the outcome."""
    chance: Floats = 1 / (1 + np.exp(-size if is_true else size))
    return chance


class Latent(Protocol):
    """The value of YES behind one market. Times are seconds after market second 0."""

    @property
    def yes_wins(self) -> bool:
        """How it ends."""

    def values(self, block: int) -> Floats:
        """Probabilities at every step of a block, both ends included; those before 0 are the first one."""

    def jumps(self, day: int) -> Floats:
        """When news breaks in a day, in order."""


class Swing(msgspec.Struct, frozen=True, kw_only=True):
    """How log-odds move: in calm times, as §7.2 has it."""

    sigma: float
    """Standard deviation per square root of a day."""
    jumps: float
    """A day."""
    jump: float
    """Jumps are (|N(0,1)| + 0.3) times this."""
    ends_s: float = math.inf
    """Seconds after market second 0 at which nothing moves any more."""

    def variance(self, at: Floats, busy: Floats) -> Floats:
        """Up to seconds `at`, when so many busy seconds have passed; a constant may be missing."""
        diffused = self.sigma**2 / DAY_S * busy
        if math.isinf(self.ends_s):
            return diffused
        left = np.clip(self.ends_s - at, 0.0, REVEAL_S)
        return diffused + REVEAL * np.log((REVEAL_S + LAST_S) / (left + LAST_S))


class _Day(NamedTuple):
    opens: Floats
    """Log-odds at the blocks' edges, relative to the day's start."""
    gains: Floats
    """Of them, what diffusion brings in each block, its drift left out."""
    jump_steps: Ints
    """Steps of the day, counted from 1, from which on the jump is in."""
    jump_sizes: Floats


class Score:
    """Log-odds of one question whose outcome is given."""

    def __init__(self, draws: Draws, activity: Activity, swing: Swing, start: float, is_true: bool) -> None:
        self._draws = draws
        self._activity = activity
        self._swing = swing
        self._is_true = is_true
        self._starts = [start]
        """Log-odds at the beginnings of days, as far as they were asked for."""
        self._day = Kept(self._make_day, 4)
        self.path = Kept(self._path, 16)
        """Log-odds at every step of a block, both ends included."""

    def at_block(self, block: int) -> float:
        """Log-odds at the start of a block."""
        day, n = divmod(max(0, block), BLOCKS)
        while len(self._starts) <= day:
            self._starts.append(self._starts[-1] + float(self._day(len(self._starts) - 1).opens[-1]))
        return self._starts[day] + float(self._day(day).opens[n])

    def jumps(self, day: int) -> Floats:
        """When it jumps in a day, in seconds after market second 0."""
        if day < 0:
            return np.empty(0)
        return day * DAY_S + STEP_S * self._day(day).jump_steps.astype(np.float64)

    def _variance(self, day: int, at: Floats) -> Floats:
        """Up to seconds of a day; a constant is missing."""
        ended = np.minimum(at, self._swing.ends_s - day * DAY_S)
        return self._swing.variance(at + day * DAY_S, self._activity.day(day).busy_at(ended))

    def _make_day(self, day: int) -> _Day:
        chance = self._draws.stream("increments", day)
        variance = np.diff(self._variance(day, np.arange(BLOCKS + 1.0) * BLOCK_S))
        gains = chance.standard_normal(BLOCKS) * np.sqrt(variance)
        steps, sizes = self._jumps(day, chance)
        increments = gains + drift(variance, self._is_true)
        np.add.at(increments, (steps - 1) // STEPS, sizes)
        return _Day(np.concatenate(([0.0], np.cumsum(increments))), gains, steps, sizes)

    def _jumps(self, day: int, chance: np.random.Generator) -> tuple[Ints, Floats]:
        bend = self._activity.day(day)
        busy = float(bend.busy_at(np.array([float(DAY_S)]))[0])
        count = chance.poisson(self._swing.jumps * busy / DAY_S)
        at = bend.at_busy(np.sort(chance.random(count)) * busy)
        sizes = (np.abs(chance.standard_normal(count)) + 0.3) * self._swing.jump
        is_up = chance.random(count) < up_chance(sizes, self._is_true)
        before_end = at + day * DAY_S < self._swing.ends_s
        steps = np.ceil(at / STEP_S).astype(np.int64).clip(1)
        return steps[before_end], np.where(is_up, sizes, -sizes)[before_end]

    def _path(self, block: int) -> Floats:
        if block < 0:
            return np.full(STEPS + 1, self._starts[0])
        number, n = divmod(block, BLOCKS)
        day = self._day(number)
        variance = self._variance(number, n * BLOCK_S + STEP_TIMES)
        variance -= variance[0]
        path = drift(variance, self._is_true) + self.at_block(block)
        if variance[-1] > 0:
            noise = self._draws.stream("path", block).standard_normal(STEPS)
            walk = np.concatenate(([0.0], np.cumsum(noise * np.sqrt(np.diff(variance)))))
            path += walk + variance / variance[-1] * (day.gains[n] - walk[-1])
        first = n * STEPS
        for step, size in zip(day.jump_steps, day.jump_sizes, strict=True):
            if first < step <= first + STEPS:
                path[step - first :] += size
        return path


class Alone:
    """A question by itself: its probability is that of its log-odds."""

    def __init__(self, draws: Draws, activity: Activity, swing: Swing, start: float) -> None:
        self.yes_wins = bool(draws.stream("outcome").random() < start)
        log_odds = math.log(start / (1 - start))
        self._score = Score(draws, activity, swing, log_odds, self.yes_wins)
        self.jumps = self._score.jumps
        self.values = Kept(self._values, 16)

    def _values(self, block: int) -> Floats:
        return 1 / (1 + np.exp(-self._score.path(block)))


class Field:
    """Questions of which exactly one comes true: a score for each, prices that always add up to one.

    With prior π and, for each candidate, evidence as in `Score` for its being the one, the posterior is
    π e^x / Σ π e^x: again a martingale by construction.
    """

    def __init__(
        self,
        draws: Draws,
        members: Sequence[Draws],
        activity: Activity,
        swing: Swing,
        starts: Sequence[float],
    ) -> None:
        shares = np.cumsum(starts) / sum(starts)
        self.winner = min(int(np.searchsorted(shares, draws.stream("outcome").random())), len(starts) - 1)
        self._scores = [
            Score(own, activity, swing, math.log(start), n == self.winner)
            for n, (own, start) in enumerate(zip(members, starts, strict=True))
        ]
        self.shares = Kept(self._shares, 16)
        """Probabilities in a block, one row for each candidate."""

    def jumps(self, day: int) -> Floats:
        """News of one is news of all."""
        return np.sort(np.concatenate([score.jumps(day) for score in self._scores]))

    def _shares(self, block: int) -> Floats:
        logs = np.stack([score.path(block) for score in self._scores])
        weights = np.exp(logs - logs.max(axis=0))
        shares: Floats = weights / weights.sum(axis=0)
        return shares


class Candidate:
    """One question of a field."""

    def __init__(self, field: Field, number: int) -> None:
        self._field = field
        self._number = number
        self.yes_wins = field.winner == number
        self.jumps = field.jumps

    def values(self, block: int) -> Floats:
        """Its row of the field's probabilities."""
        row: Floats = self._field.shares(block)[self._number]
        return row
