"""What the tokens of a crypto window are really worth: the probability that it ends no lower than it began.

Strike and close are both averages over 60 seconds of the reference price, the one up to the start, the other up to
the end. Given the path of volatility, their difference is normal in all that is still to come, and each later step
weighs in it what share of the two averages comes after it. So the probability is exact, and a martingale, but for
the jumps, which count with their mean variance.
"""

from __future__ import annotations

import math

import numpy as np

from venue.paper.crowd.grid import BLOCK_S, DAY_S, STEP_TIMES, Floats
from venue.paper.crowd.reference import TWAP_S, Coin, Reference


class WindowOdds:
    """A window's `Latent`, in seconds after its listing. One half until the first second of the strike is known."""

    def __init__(self, reference: Reference, coin: Coin, listed_s: int, start_s: int, end_s: int) -> None:
        self._reference = reference
        self._coin = coin
        self._listed_s = listed_s
        self._opens_s = start_s - TWAP_S
        self._start_s = start_s
        self._end_s = end_s
        self._path: Floats | None = None

    @property
    def yes_wins(self) -> bool:
        """Up: the average at the end is not below that at the start."""
        end, start = (self._closing(second) for second in (self._end_s, self._start_s))
        return end >= start

    def probability_at(self, second: int) -> float:
        """Of Up, at a second since the Unix epoch; it changes with whole seconds only."""
        index = min(second, self._end_s) - self._opens_s
        return 0.5 if index < 0 else float(self._probabilities()[index])

    def values(self, block: int) -> Floats:
        """Probabilities at every step of a block, both ends included."""
        second = np.floor(block * BLOCK_S + STEP_TIMES).astype(np.int64) + self._listed_s
        index = np.minimum(second, self._end_s) - self._opens_s
        if index[-1] < 0:
            return np.full(len(index), 0.5)
        found: Floats = np.where(index < 0, 0.5, self._probabilities()[np.maximum(index, 0)])
        return found

    def jumps(self, day: int) -> Floats:
        """When the price jumps in a day, while that matters."""
        first, last = (self._listed_s + n * DAY_S for n in (day, day + 1))
        found = self._reference.jumps(max(first, self._opens_s), min(last - 1, self._end_s - 1))
        return np.array(found, dtype=np.float64) - self._listed_s

    def _closing(self, second: int) -> int:
        return int(self._reference.values(self._coin, second - TWAP_S + 1, second).sum())

    def _probabilities(self) -> Floats:
        """Second by second, from the last before the strike is averaged to the end."""
        if self._path is None:
            self._path = self._make_path()
        return self._path

    def _make_path(self) -> Floats:
        first, last, start = self._opens_s, self._end_s, self._start_s
        prices = self._reference.values(self._coin, first, last).astype(np.float64)
        after = np.arange(first + 1, last + 1)
        weight = np.clip((last - after + 1) / TWAP_S, 0, 1) - np.clip((start - after + 1) / TWAP_S, 0, 1)
        step = weight**2 * self._reference.variances(self._coin, first, last - 1)
        to_come = np.concatenate((np.cumsum(step[::-1])[::-1], [0.0]))
        excess = _expected(prices, last - first) - _expected(prices, start - first)
        spread = np.sqrt(np.maximum(to_come, 1e-30)) * prices
        path = np.array([0.5 * math.erfc(-z / math.sqrt(2)) for z in (excess / spread).tolist()])
        path[-1] = float(self.yes_wins)
        return path


def _expected(prices: Floats, last: int) -> Floats:
    """At every second, the expected mean of the prices of the 60 seconds up to the `last`-th."""
    first = last - TWAP_S + 1
    known = np.zeros(len(prices))
    known[first : last + 1] = 1.0
    seen = np.cumsum(known)
    return (np.cumsum(known * prices) + (TWAP_S - seen) * prices) / TWAP_S
