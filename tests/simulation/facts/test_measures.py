from __future__ import annotations

import math

import numpy as np
import pytest

from simulation.facts import measures
from simulation.facts.sampling import Floats

DICE = np.random.default_rng(5)
NORMAL = DICE.standard_normal(40_000)
NOTHING = np.array([1.0, 2.0])


def autoregressive(weight: float) -> Floats:
    """Each value is the last one by a weight, and something new."""
    values = NORMAL.copy()
    for n in range(1, len(values)):
        values[n] += weight * values[n - 1]
    return values


def test_changes_skip_what_is_marked() -> None:
    values = np.array([1, 3, math.nan, 4, 9.0])

    assert np.array_equal(measures.changes(values), [2, math.nan, math.nan, 5], equal_nan=True)
    assert np.array_equal(measures.changes(values, 3), [3, 6], equal_nan=True)


def test_the_share_of_steps_that_lead_nowhere() -> None:
    assert measures.unchanged(np.array([0, 0, 0, 1, -1, math.nan] * 4)) == 0.6


def test_a_normal_distribution_has_a_kurtosis_of_three_and_rare_jumps_have_a_large_one() -> None:
    assert measures.kurtosis(NORMAL) == pytest.approx(3, abs=0.15)
    assert measures.kurtosis(np.array([-1, 0, 1] * 100)) == pytest.approx(1.5)
    share = 0.01
    jumps = np.concatenate((np.zeros(9_900), np.ones(50), -np.ones(50)))
    assert measures.kurtosis(jumps) == pytest.approx(1 / share)


@pytest.mark.parametrize("weight", [-0.4, 0.0, 0.3])
def test_the_autocorrelation_of_an_autoregression_is_its_weight(weight: float) -> None:
    values = autoregressive(weight)

    assert measures.autocorrelation(values) == pytest.approx(weight, abs=0.02)
    assert measures.autocorrelation(values, 2) == pytest.approx(weight**2, abs=0.02)
    holed = values.copy()
    holed[::10] = math.nan
    assert measures.autocorrelation(holed) == pytest.approx(weight, abs=0.02)


def test_a_correlation_is_between_what_goes_together_and_what_goes_against() -> None:
    other = DICE.standard_normal(len(NORMAL))

    assert measures.correlation(NORMAL, NORMAL + other) == pytest.approx(math.sqrt(0.5), abs=0.02)
    assert measures.correlation(NORMAL, -2 * NORMAL) == pytest.approx(-1)
    assert math.isnan(measures.correlation(NORMAL, np.ones_like(NORMAL)))


def test_the_volatility_of_a_random_walk_of_log_odds_is_that_of_its_steps() -> None:
    daily, step_s = 2.5, 10
    odds = np.cumsum(NORMAL[:8_640] * daily / math.sqrt(8_640)) * 0.999
    mids = 1 / (1 + np.exp(-odds))

    assert measures.volatility(mids, step_s) == pytest.approx(daily, rel=0.03)


def test_rates_quantiles_and_means() -> None:
    values = np.array([*range(101), math.nan])

    assert measures.rate(30, 7_200, 3_600) == 15
    assert measures.quantile(values, 0.9) == 90
    assert measures.mean(values) == 50


def test_log_normal_sizes_have_the_deviation_of_their_logarithms() -> None:
    assert measures.log_deviation(27 * np.exp(2.2 * NORMAL)) == pytest.approx(2.2, rel=0.02)


def test_waiting_times_of_a_poisson_process_vary_by_one_and_those_of_bursts_by_more() -> None:
    waits = DICE.exponential(30, 40_000)

    assert measures.variation(waits) == pytest.approx(1, abs=0.02)
    assert measures.variation(np.full(100, 3.0)) == 0
    assert measures.variation(np.concatenate((waits, waits / 100))) > 1.5


def test_a_weighted_mean_counts_the_big_ones_more_and_the_marked_ones_not() -> None:
    assert measures.weighted_mean(np.array([1, 5, math.nan]), np.array([3.0, 1, 100])) == 2


def test_what_features_explain_is_measured_where_they_were_not_fitted() -> None:
    known = DICE.standard_normal((4, 2_000, 3))
    noise = DICE.standard_normal((4, 2_000))
    linear = [(x, x @ [1.0, -1.0, 0.0] + e) for x, e in zip(known, noise, strict=True)]
    chance = [(x, e) for x, e in zip(known, noise, strict=True)]
    turned = [(x, (-1) ** n * x[:, 0]) for n, x in enumerate(known)]

    assert measures.explained_out_of_sample(linear) == pytest.approx(2 / 3, abs=0.03)
    assert measures.explained_out_of_sample(chance) == pytest.approx(0, abs=0.01)
    assert measures.explained_out_of_sample(turned) < 0.01
    assert math.isnan(measures.explained_out_of_sample(linear[:1]))


def test_too_little_says_nothing() -> None:
    for measure in (
        measures.unchanged,
        measures.kurtosis,
        measures.mean,
        measures.log_deviation,
        measures.variation,
    ):
        assert math.isnan(measure(NOTHING)), measure
    assert math.isnan(measures.rate(3, 0, 1))
    assert math.isnan(measures.volatility(NOTHING / 10, 1))
    assert math.isnan(measures.weighted_mean(NOTHING * math.nan, NOTHING))
