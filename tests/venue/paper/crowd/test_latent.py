"""What a market is worth is a martingale: by quadrature over one step and over jumps, and in the mean of its paths."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss

from venue.paper.crowd.activity import Activity
from venue.paper.crowd.draws import Draws
from venue.paper.crowd.grid import BLOCK_S, BLOCKS, DAY_S, STEPS
from venue.paper.crowd.latent import Alone, Candidate, Field, Score, Swing, drift, up_chance

LIVELY = Swing(sigma=1.8, jumps=140, jump=0.25)
"""In play."""
SLOW = Swing(sigma=0.33, jumps=1.7, jump=0.16)


def sigmoid(x: np.ndarray | float) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-np.asarray(x))))


def alone(seed: int, start: float, swing: Swing = LIVELY, ends_s: float = math.inf) -> Alone:
    draws = Draws(seed, "a-market")
    given = Swing(sigma=swing.sigma, jumps=swing.jumps, jump=swing.jump, ends_s=ends_s)
    return Alone(draws, Activity(draws, 3.0), given, start)


@pytest.mark.parametrize("p", [0.02, 0.2, 0.5, 0.8, 0.99])
@pytest.mark.parametrize("variance", [1e-4, 0.01, 0.5, 4.0])
def test_a_diffusive_step_changes_nothing_in_the_mean(p: float, variance: float) -> None:
    nodes, weights = hermegauss(60)
    x, noise = math.log(p / (1 - p)), math.sqrt(variance) * nodes
    expected = 0.0
    for is_true, chance in ((True, p), (False, 1 - p)):
        later = sigmoid(x + drift(np.array([variance]), is_true) + noise)
        expected += chance * float((weights * later).sum() / weights.sum())

    assert expected == pytest.approx(p, abs=1e-9)


@pytest.mark.parametrize("p", [0.02, 0.2, 0.5, 0.8])
def test_a_jump_changes_nothing_in_the_mean(p: float) -> None:
    """And to who does not know the outcome it goes up with (1 + p(e^s - 1))/(1 + e^s), as §7.1 writes it."""
    sizes = np.array([0.05, 0.3, 1.0])
    up = p * up_chance(sizes, True) + (1 - p) * up_chance(sizes, False)
    x = math.log(p / (1 - p))

    assert up == pytest.approx((1 + p * (np.exp(sizes) - 1)) / (1 + np.exp(sizes)))
    assert up * sigmoid(x + sizes) + (1 - up) * sigmoid(x - sizes) == pytest.approx(p, abs=1e-12)


def test_to_who_does_not_know_the_outcome_the_drift_is_the_one_of_the_law() -> None:
    """-(1 - 2p)/2 per variance."""
    p, variance = np.array([0.1, 0.5, 0.7]), np.array([0.3, 0.3, 0.3])

    known = p * drift(variance, True) + (1 - p) * drift(variance, False)

    assert known == pytest.approx(-(1 - 2 * p) / 2 * variance)


@pytest.mark.parametrize("is_true", [True, False])
def test_a_score_drifts_diffuses_and_jumps_as_its_outcome_says(is_true: bool) -> None:
    """Over 400 seeds: the mean and the variance of a day's change of log-odds, and the share of jumps upwards."""
    calm = Swing(sigma=1.0, jumps=100, jump=0.2)
    changes, busy, ups, sizes = list[float](), list[float](), list[float](), list[float]()
    for seed in range(400):
        draws = Draws(seed, "a-score")
        activity = Activity(draws, 3.0)
        score = Score(draws, activity, calm, 0.0, is_true)
        changes.append(score.at_block(BLOCKS))
        busy.append(float(activity.day(0).busy_at(np.array([float(DAY_S)]))[0]) / DAY_S)
        day = score._day(0)
        ups += (day.jump_sizes > 0).tolist()
        sizes += np.abs(day.jump_sizes).tolist()
    size, sign = np.array(sizes), 1 if is_true else -1
    per_jump = size * np.tanh(size / 2)
    gained = np.mean(busy) * (0.5 + 100 * per_jump.mean()) * sign
    assert np.mean(changes) == pytest.approx(gained, abs=3 * np.std(changes) / 20)
    assert np.var(changes) == pytest.approx(np.mean(busy) * (1 + 100 * (size**2).mean()), rel=0.3)
    assert np.mean(ups) == pytest.approx((1 / (1 + np.exp(-sign * size))).mean(), abs=0.01)
    assert len(sizes) / 400 == pytest.approx(100 * np.mean(busy), rel=0.05)
    assert size.mean() == pytest.approx(0.2 * (math.sqrt(2 / math.pi) + 0.3), rel=0.02)


@pytest.mark.parametrize("start", [0.2, 0.8])
@pytest.mark.parametrize("swing", [LIVELY, SLOW], ids=["lively", "slow"])
def test_the_mean_of_a_thousand_paths_goes_nowhere(start: float, swing: Swing) -> None:
    ends = np.array([alone(seed, start, swing).values(BLOCKS - 1)[-1] for seed in range(1_000)])

    assert abs(np.mean(ends) - start) < 3 * np.std(ends) / math.sqrt(1_000)
    assert np.std(ends) > 0.05


def test_the_outcome_is_a_coin_with_the_probability_of_the_moment() -> None:
    """Of markets that stand between 0.6 and 0.8 after two hours, that share comes true."""
    markets = [alone(seed, 0.6) for seed in range(1_000)]
    stand = [(market.values(12)[0], market.yes_wins) for market in markets]
    chosen = [(p, wins) for p, wins in stand if 0.6 < p < 0.8]
    expected = np.mean([p for p, _ in chosen])

    assert len(chosen) > 200
    assert abs(np.mean([wins for _, wins in chosen]) - expected) < 3 * 0.46 / math.sqrt(len(chosen))


def test_blocks_join_and_any_of_them_can_be_had_alone() -> None:
    in_order = alone(3, 0.4)
    blocks = [in_order.values(n) for n in range(BLOCKS + 3)]

    for before, after in pairwise(blocks):
        assert before[-1] == pytest.approx(after[0], abs=1e-12)
    for n in (BLOCKS + 2, 7, 0):
        assert alone(3, 0.4).values(n).tolist() == blocks[n].tolist()
    assert alone(3, 0.4).values(-1).tolist() == [0.4] * (STEPS + 1)


def test_a_jump_is_in_the_path_at_its_moment() -> None:
    market = alone(3, 0.4)
    first = market.jumps(0)[0]
    block, step = divmod(round(first * 2), STEPS)
    log_odds = np.log(market.values(block) / (1 - market.values(block)))
    moves = np.abs(np.diff(log_odds))

    assert moves[step - 1] > 0.07
    assert moves[step - 1] > 5 * np.median(moves)


def test_a_market_with_an_end_knows_its_outcome_then_and_not_an_hour_before() -> None:
    ends_s = 5 * 3_600.0
    knew = list[float]()
    for seed in range(40):
        market = alone(seed, 0.5, SLOW, ends_s)
        last = market.values(int(ends_s // BLOCK_S) - 1)[-1]
        assert (last > 0.9) if market.yes_wins else (last < 0.1)
        assert market.values(40)[-1] == pytest.approx(last), "nothing moves any more"
        knew.append(market.values(int(ends_s // BLOCK_S) - 6)[0])
    assert np.median(np.abs(np.array(knew) - 0.5)) < 0.2


def field(seed: int, swing: Swing = SLOW) -> Field:
    names = ("one", "two", "three")
    draws = [Draws(seed, name) for name in names]
    return Field(Draws(seed, "race"), draws, Activity(Draws(seed, "race"), 3.0), swing, (0.5, 0.3, 0.2))


def test_the_prices_of_a_race_always_add_up_to_one_and_begin_where_they_are_told() -> None:
    race = field(4, LIVELY)

    assert race.shares(0)[:, 0] == pytest.approx([0.5, 0.3, 0.2])
    for block in (0, 1, 50, 200):
        assert race.shares(block).sum(axis=0) == pytest.approx(1.0)


def test_each_price_of_a_race_is_a_martingale_and_its_chance_to_win() -> None:
    races = [field(seed, LIVELY) for seed in range(600)]
    for number, start in enumerate((0.5, 0.3, 0.2)):
        ends = np.array([Candidate(race, number).values(100)[-1] for race in races])
        wins = np.array([Candidate(race, number).yes_wins for race in races])
        assert abs(ends.mean() - start) < 3 * ends.std() / math.sqrt(600)
        assert abs(wins.mean() - start) < 3 * math.sqrt(start * (1 - start) / 600)
        assert abs((wins - ends).mean()) < 3 * (wins - ends).std() / math.sqrt(600)


def test_news_of_one_candidate_is_news_of_all() -> None:
    race = field(4, LIVELY)

    jumps = [Candidate(race, number).jumps(1).tolist() for number in range(3)]

    assert jumps[0] == jumps[1] == jumps[2] == sorted(jumps[0])
    assert len(jumps[0]) > 300
