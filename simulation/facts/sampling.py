"""Markets looked at on a grid of seconds, with the moments marked at which there is nothing to judge."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from messages.values import MICRO, SECOND
from simulation.facts.observed import Ints, Observed

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SILENCE_NS = 60 * SECOND
"""Nothing heard for longer: the recorder was out, or the market is dead; in neither case is it judged."""
LOWEST_MID, HIGHEST_MID = 100_000, 900_000
"""Mids beyond are the end of a market and not judged."""


class Grid(msgspec.Struct, frozen=True):
    """One market each second. `mids` in dollars are NaN where the market is not judged: a side empty, crossed or
    locked, silent, or nearly decided; the other columns hold anything there."""

    mids: Floats
    spreads: Floats
    """Dollars."""
    bid_sizes: Floats
    """Shares at the touch, and so are the ask's."""
    ask_sizes: Floats

    @property
    def judged(self) -> Flags:
        """Where there is a mid."""
        return ~np.isnan(self.mids)


def sample(seen: Observed, step_ns: int = SECOND) -> Grid:
    """The market at each whole step after its beginning."""
    return at_times(seen, np.arange(seen.begins_at + step_ns, seen.ends_at, step_ns, dtype=np.int64))


def at_times(seen: Observed, times: Ints) -> Grid:
    """The market as it stood just after each of these moments."""
    if not len(seen.tops) or not len(seen.updates):
        nothing = np.full(len(times), np.nan)
        return Grid(nothing, nothing, nothing, nothing)
    row = np.searchsorted(seen.tops[:, 0], times, side="right") - 1
    last = np.searchsorted(seen.updates, times, side="right") - 1
    _, bids, bid_sizes, asks, ask_sizes = seen.tops[np.maximum(row, 0)].T
    doubled = bids + asks
    judged = (
        (row >= 0)
        & (times <= seen.ends_at)
        & (times - seen.updates[np.maximum(last, 0)] <= SILENCE_NS)
        & (bid_sizes > 0)
        & (ask_sizes > 0)
        & (bids < asks)
        & (doubled >= 2 * LOWEST_MID)
        & (doubled <= 2 * HIGHEST_MID)
    )
    return Grid(
        np.where(judged, doubled / (2 * MICRO), np.nan),
        (asks - bids) / MICRO,
        bid_sizes / MICRO,
        ask_sizes / MICRO,
    )
