"""The measures of the stylised facts (TRADING §7.3): pure functions of numbers, blind to where they come from.

NaN marks what is not to be judged; a pair with a NaN in it is left out. Too little to judge gives NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from simulation.facts.sampling import Flags, Floats

DAY_S = 86_400
FEWEST = 10
"""Observations below which nothing is said."""
RIDGE = 0.1
"""Shrinks a fit's weights, in units of the features' variance: what rarely changes may not say much."""


def finite(values: Floats) -> Floats:
    """Without the marked ones."""
    return values[np.isfinite(values)]


def changes(values: Floats, lag: int = 1) -> Floats:
    """From each value to the one `lag` later; NaN where either is."""
    return values[lag:] - values[:-lag]


def unchanged(steps: Floats) -> float:
    """The share of steps that lead nowhere."""
    known = finite(steps)
    return float(np.mean(known == 0)) if len(known) >= FEWEST else math.nan


def kurtosis(steps: Floats) -> float:
    """The fourth central moment over the second squared: 3 for a normal distribution."""
    known = finite(steps)
    if np.count_nonzero(known) < FEWEST:
        return math.nan
    apart = known - known.mean()
    return float(np.mean(apart**4) / np.mean(apart**2) ** 2)


def correlation(first: Floats, second: Floats) -> float:
    """Pearson's, over the pairs in which both are known."""
    known = np.isfinite(first) & np.isfinite(second)
    if known.sum() < FEWEST or first[known].std() == 0 or second[known].std() == 0:
        return math.nan
    return float(np.corrcoef(first[known], second[known])[0, 1])


def autocorrelation(values: Floats, lag: int = 1) -> float:
    """Of a series with itself `lag` later."""
    return correlation(values[:-lag], values[lag:])


def volatility(mids: Floats, step_s: float) -> float:
    """Standard deviation of the log-odds' steps per square root of a day; `mids` in dollars, `step_s` apart."""
    steps = finite(changes(np.log(mids / (1 - mids))))
    return float(steps.std() * math.sqrt(DAY_S / step_s)) if len(steps) >= FEWEST else math.nan


def rate(count: float, seconds: float, per_s: float) -> float:
    """So many in a span, per another span."""
    return count / seconds * per_s if seconds else math.nan


def quantile(values: Floats, share: float) -> float:
    """The value below which this share lies."""
    known = finite(values)
    return float(np.quantile(known, share)) if len(known) >= FEWEST else math.nan


def mean(values: Floats) -> float:
    """Of the known ones."""
    known = finite(values)
    return float(known.mean()) if len(known) >= FEWEST else math.nan


def log_deviation(sizes: Floats) -> float:
    """Standard deviation of the sizes' logarithms."""
    known = finite(sizes)
    return float(np.log(known[known > 0]).std()) if len(known) >= FEWEST else math.nan


def variation(spans: Floats) -> float:
    """Standard deviation over mean: 1 for a Poisson process, more where things come in bursts."""
    known = finite(spans)
    return float(known.std() / known.mean()) if len(known) >= FEWEST else math.nan


def weighted_mean(values: Floats, weights: Floats) -> float:
    """Each value counted by its weight."""
    known = np.isfinite(values)
    total = float(weights[known].sum())
    return float((values[known] * weights[known]).sum() / total) if total else math.nan


def fit(features: Floats, targets: Floats) -> Callable[[Floats], Floats]:
    """Ridge regression on standardised features with a constant; gives back what predicts from further rows."""
    center, scale = features.mean(axis=0), features.std(axis=0)
    scale = np.where(scale > 0, scale, 1)
    rows, level = (features - center) / scale, targets.mean()
    normal = rows.T @ rows + RIDGE * len(rows) * np.eye(rows.shape[1])
    weights = np.linalg.solve(normal, rows.T @ (targets - level))
    return lambda others: np.asarray(level + (others - center) / scale @ weights)


def explained_out_of_sample(parts: Sequence[tuple[Floats, Floats]]) -> float:
    """R² of targets by features where each part, one market's rows, is predicted from the other parts alone.

    0 is what the others' mean would do, so that it may be negative. NaN with fewer than two parts with rows.
    """
    known = [(f[ok], t[ok]) for f, t, ok in map(_with_known, parts) if ok.sum() >= FEWEST]
    if len(known) < 2:
        return math.nan
    left, total = 0.0, 0.0
    for n, (features, targets) in enumerate(known):
        others = known[:n] + known[n + 1 :]
        learned = np.concatenate([part[1] for part in others])
        predicted = fit(np.concatenate([part[0] for part in others]), learned)(features)
        left += float(((targets - predicted) ** 2).sum())
        total += float(((targets - learned.mean()) ** 2).sum())
    return 1 - left / total if total else math.nan


def _with_known(part: tuple[Floats, Floats]) -> tuple[Floats, Floats, Flags]:
    features, targets = part
    return features, targets, np.isfinite(targets) & np.isfinite(features).all(axis=1)
