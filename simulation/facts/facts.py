"""The stylised facts of some markets of one kind, measured together (TRADING §7.3)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from messages.values import MICRO, SECOND
from simulation.facts import measures
from simulation.facts.observed import DEPTH_LEVELS, Ints, Observed
from simulation.facts.sampling import Floats, Grid, at_times, sample

HOUR_S = 3_600
JUMP = 0.05 - 1e-9
"""Dollars within ten seconds."""
SOON_S = 5
"""Seconds over which the imbalance of the touch is asked to foretell."""
DEPTH_AHEAD_NS = 30 * SECOND


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """One column of the table. NaN where there is too little to say."""

    hours: float
    """Judged ones: see `sampling`."""
    unchanged_1s: float
    """Share of seconds over which the mid stays."""
    kurtosis_1s: float
    kurtosis_10s: float
    autocorrelation_1s: float
    """Of the mid's changes over one second with the next ones."""
    absolute_autocorrelation_10s: float
    volatility: float
    """Of the log-odds per square root of a day, from ten-second changes."""
    jumps_per_hour: float
    """Changes of five cents and more within ten seconds."""
    imbalance: float
    """Correlation of (bid size − ask size) / (bid size + ask size) at the touch with the next five seconds."""
    spread: float
    """Median, cents."""
    spread_90: float
    touch: float
    """Median size of a best level, shares."""
    updates_per_s: float
    trades: int
    trades_per_hour: float
    size_median: float
    """Shares a taker got, or asked for where that is known."""
    size_ratio: float
    """Their mean by their median."""
    size_log_sd: float
    sign_autocorrelation: float
    """Of the takers' sides, one trade with the next."""
    waiting_variation: float
    """Coefficient of variation of the time between trades."""
    markout_30s: float
    """What makers gain per share against the mid that much later, by volume, fees apart; cents."""
    markout_1h: float
    depth_r2: float
    """Share of the mid's next 30 s that the sizes of eighteen levels explain in markets they were not fitted to."""


def measure(markets: Sequence[Observed], asked: Floats | None = None) -> Facts:
    """Facts of markets of one kind; `asked` are the sizes that takers wanted, where anybody knows."""
    grids = [sample(seen) for seen in markets]
    tens = [sample(seen, 10 * SECOND) for seen in markets]
    seconds, steps = apart([grid.mids for grid in grids]), apart([grid.mids for grid in tens])
    moves, ten_moves = measures.changes(seconds), measures.changes(steps)
    judged_s = float(sum(grid.judged.sum() for grid in grids))
    told = [_judged_trades(seen) for seen in markets]
    sizes = together([trades[:, 2] / MICRO for trades, _ in told])
    return Facts(
        hours=judged_s / HOUR_S,
        unchanged_1s=measures.unchanged(moves),
        kurtosis_1s=measures.kurtosis(moves),
        kurtosis_10s=measures.kurtosis(ten_moves),
        autocorrelation_1s=measures.autocorrelation(moves),
        absolute_autocorrelation_10s=measures.autocorrelation(np.abs(ten_moves)),
        volatility=measures.volatility(steps, 10),
        jumps_per_hour=measures.rate(_jumps(ten_moves), _known_s(ten_moves, 10), HOUR_S),
        imbalance=_imbalance(grids),
        spread=_cents(grids, 0.5),
        spread_90=_cents(grids, 0.9),
        touch=measures.quantile(together([_touches(grid) for grid in grids]), 0.5),
        updates_per_s=measures.rate(sum(_updates(seen) for seen in markets), judged_s, 1),
        trades=len(sizes),
        trades_per_hour=measures.rate(len(sizes), judged_s, HOUR_S),
        **_sizes(sizes if asked is None else asked),
        sign_autocorrelation=_signs(told),
        waiting_variation=measures.variation(together([_waits(trades, broken) for trades, broken in told])),
        markout_30s=_markout(markets, told, 30),
        markout_1h=_markout(markets, told, HOUR_S),
        depth_r2=measures.explained_out_of_sample([_depth(seen) for seen in markets]),
    )


def apart(series: Sequence[Floats]) -> Floats:
    """One series after the other, with a NaN between, so that no step leads from one to the next."""
    gap = np.array([math.nan])
    return np.concatenate([part for values in series for part in (values, gap)] or [gap])


def together(parts: Sequence[Floats]) -> Floats:
    """One after the other."""
    return np.concatenate(parts) if parts else np.array([])


def _known_s(steps: Floats, step_s: int) -> float:
    return float(np.isfinite(steps).sum() * step_s)


def _jumps(steps: Floats) -> float:
    return float((np.abs(measures.finite(steps)) >= JUMP).sum())


def _imbalance(grids: Sequence[Grid]) -> float:
    leaning, next_moves = list[Floats](), list[Floats]()
    for grid in grids:
        total = np.maximum(grid.bid_sizes + grid.ask_sizes, 1e-6)
        leaning.append(((grid.bid_sizes - grid.ask_sizes) / total)[:-SOON_S])
        next_moves.append(measures.changes(grid.mids, SOON_S))
    return measures.correlation(together(leaning), together(next_moves))


def _cents(grids: Sequence[Grid], share: float) -> float:
    return 100 * measures.quantile(together([grid.spreads[grid.judged] for grid in grids]), share)


def _touches(grid: Grid) -> Floats:
    return np.concatenate((grid.bid_sizes[grid.judged], grid.ask_sizes[grid.judged]))


def _updates(seen: Observed) -> int:
    """Those after which the market is judged."""
    return int(at_times(seen, seen.updates).judged.sum())


def _sizes(sizes: Floats) -> dict[str, float]:
    return {
        "size_median": measures.quantile(sizes, 0.5),
        "size_ratio": measures.mean(sizes) / measures.quantile(sizes, 0.5),
        "size_log_sd": measures.log_deviation(sizes),
    }


def _judged_trades(seen: Observed) -> tuple[Ints, Ints]:
    """Rows of trades in judged moments, and how many seconds were not judged before each since the beginning."""
    just_before = at_times(seen, seen.trades[:, 0] - 1).judged
    trades = seen.trades[just_before]
    grid = sample(seen)
    lost = np.concatenate(([0], np.cumsum(~grid.judged)))
    second = np.clip((trades[:, 0] - seen.begins_at) // SECOND, 0, len(lost) - 1)
    return trades, lost[second]


def _unbroken(broken: Ints) -> Ints:
    """Where a trade follows the one before with nothing unjudged between."""
    return np.flatnonzero(np.diff(broken) == 0)


def _waits(trades: Ints, broken: Ints) -> Floats:
    return np.diff(trades[:, 0])[_unbroken(broken)] / SECOND


def _signs(told: Sequence[tuple[Ints, Ints]]) -> float:
    first, second = list[Floats](), list[Floats]()
    for trades, broken in told:
        at = _unbroken(broken)
        first.append(trades[at, 1].astype(float))
        second.append(trades[at + 1, 1].astype(float))
    return measures.correlation(together(first), together(second))


def _markout(markets: Sequence[Observed], told: Sequence[tuple[Ints, Ints]], after_s: int) -> float:
    gains, sizes = list[Floats](), list[Floats]()
    for seen, (trades, _) in zip(markets, told, strict=True):
        later = at_times(seen, trades[:, 0] + after_s * SECOND).mids
        gains.append(100 * trades[:, 1] * (trades[:, 3] / MICRO - later))
        sizes.append(trades[:, 2].astype(float))
    return measures.weighted_mean(together(gains), together(sizes))


def _depth(seen: Observed) -> tuple[Floats, Floats]:
    """How much deeper each of nine bid levels is than its mirror image (log), and the mid's change 30 s later."""
    times, sizes = seen.depth[:, 0], np.log1p(seen.depth[:, 1:] / MICRO)
    change = at_times(seen, times + DEPTH_AHEAD_NS).mids - at_times(seen, times).mids
    return sizes[:, :DEPTH_LEVELS] - sizes[:, DEPTH_LEVELS:], change
