"""The rows of the table of facts, and what they have to be for the crowd's characters (TRADING §7.3, last column)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import msgspec

from simulation.facts.facts import Facts

CHARACTERS = ("A", "B", "C", "B2", "D")


class Bound(msgspec.Struct, frozen=True):
    """Both ends belong to it."""

    least: float = -math.inf
    most: float = math.inf

    def holds(self, value: float) -> bool:
        """False for what is not known, too."""
        return self.least <= value <= self.most


class Row(msgspec.Struct, frozen=True):
    """A fact with its words; a character without a bound only shows it."""

    fact: str
    words: str
    bounds: Mapping[str, Bound]
    digits: int = 2
    scale: float = 1
    is_joint: bool = False
    """Only several markets together have it."""

    def shown(self, facts: Facts) -> float:
        """In the row's unit, in which its bounds are."""
        return self.scale * float(getattr(facts, self.fact))

    def holds(self, character: str, facts: Facts) -> bool:
        """Whether it is as it has to be."""
        bound = self.bounds.get(character)
        return bound is None or bound.holds(self.shown(facts))


def everywhere(least: float = -math.inf, most: float = math.inf) -> dict[str, Bound]:
    """The same for all characters."""
    return dict.fromkeys(CHARACTERS, Bound(least, most))


def each(bound: Callable[[float], Bound], *middles: float) -> dict[str, Bound]:
    """By character, each around its own middle."""
    return {name: bound(middle) for name, middle in zip(CHARACTERS, middles, strict=True)}


def factor_two(middle: float) -> Bound:
    """Half of it to twice as much."""
    return Bound(middle / 2, middle * 2)


def a_third(middle: float) -> Bound:
    """A third more or less."""
    return Bound(middle * 2 / 3, middle * 4 / 3)


def a_tick(middle: float) -> Bound:
    """A cent and a half more or less: medians of a grid are whole and half cents."""
    return Bound(middle - 1.5, middle + 1.5)


JUMPS = {
    "A": Bound(0, 0.1),
    "B": Bound(0, 0.1),
    "C": Bound(0, 0.2),
    "B2": Bound(1.1, 4.4),
    "D": Bound(0.1, 2),
}

BOOK = (
    Row("unchanged_1s", "mid unchanged over 1 s, %", everywhere(80, 99.9), 1, 100),
    Row("kurtosis_1s", "kurtosis of changes, 1 s", everywhere(15), 0),
    Row("kurtosis_10s", "kurtosis of changes, 10 s", everywhere(5), 0),
    Row("autocorrelation_1s", "autocorrelation of changes, 1 s", everywhere(-0.25, 0.25)),
    Row("absolute_autocorrelation_10s", "autocorrelation of absolute changes, 10 s", everywhere(0.02)),
    Row("volatility", "volatility of log-odds per √day", each(a_third, 0.4, 1.0, 1.0, 4.4, 3.9), 1),
    Row("jumps_per_hour", "changes of 5 cents in 10 s, per hour", JUMPS),
    Row("imbalance", "imbalance against the next 5 s", everywhere(0, 0.3)),
    Row("spread", "spread, median, cents", each(a_tick, 2, 2, 4, 2, 3), 1),
    Row("spread_90", "spread, 90 %, cents", each(a_tick, 3, 3, 5, 3.5, 4), 1),
    Row("touch", "touch size, median, shares", each(factor_two, 147, 381, 49, 399, 133), 0),
    Row("updates_per_s", "level updates per second", everywhere(0.05, 10)),
    Row("depth_r2", "depth of 18 levels against the next 30 s, R²", everywhere(most=0.037), 3, is_joint=True),
)
"""Facts of a book. R²: twice what the recorded games in play have."""

TRADES = (
    Row("trades_per_hour", "trades per hour", each(factor_two, 0.5, 12, 0.7, 56, 79), 1),
    Row("size_median", "size (crowd: that noise asks for), median, shares", {}, 0),
    Row("size_ratio", "its mean by its median", everywhere(4), 1),
    Row("size_log_sd", "deviation of its logarithm", everywhere(1.5, 2.7)),
    Row("sign_autocorrelation", "autocorrelation of takers' sides", everywhere(0.1, 0.4)),
    Row("waiting_variation", "time between trades, variation", everywhere(1.2)),
    Row("markout_30s", "makers' profit a share after 30 s, cents", everywhere(-0.3, 1.2)),
    Row("markout_1h", "makers' profit a share after 1 h, cents", everywhere(-0.3, 0.7)),
)
"""Facts of trades, of which some characters have few."""

BOOK_SEEDS, TRADE_SEEDS = 6, 60
"""Fewer say nothing reliable."""


def judged(seeds: int) -> tuple[Row, ...]:
    """The rows that so many seeds can be held to."""
    return (*(BOOK if seeds >= BOOK_SEEDS else ()), *(TRADES if seeds >= TRADE_SEEDS else ()))
