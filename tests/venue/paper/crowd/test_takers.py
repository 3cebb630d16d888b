from __future__ import annotations

from functools import cache

import msgspec
import numpy as np
import pytest

from venue.paper.crowd.activity import Activity
from venue.paper.crowd.characters import INPLAY, Character, toxic
from venue.paper.crowd.draws import Draws
from venue.paper.crowd.grid import BLOCK_S, BLOCKS, DAY_S
from venue.paper.crowd.latent import Alone, Swing
from venue.paper.crowd.takers import (
    AHEAD_BLOCKS,
    BRANCHING,
    NOISE_SIZE,
    NOISE_SPREAD,
    SNIPED_S,
    Noise,
    Takers,
)

BUSY = msgspec.structs.replace(INPLAY, noise=600, informed=200, informative=0.0)


def a_crowd(character: Character, seed: int = 7) -> tuple[Takers, Alone, Activity]:
    draws = Draws(seed, "a-market")
    activity = Activity(draws, character.hot)
    swing = Swing(sigma=character.sigma, jumps=character.jumps, jump=character.jump)
    latent = Alone(draws, activity, swing, 0.5)
    return Takers(draws, activity, latent, character), latent, activity


@cache
def day(informative: float = 0.0) -> tuple[Noise, np.ndarray]:
    """All noise takers of a day, and who buys."""
    takers, _, _ = a_crowd(msgspec.structs.replace(BUSY, informative=informative))
    blocks = [takers.noise(n) for n in range(BLOCKS)]
    columns = zip(*(noise for noise, _ in blocks), strict=True)
    return Noise(*(np.concatenate(column) for column in columns)), np.concatenate(
        [buys for _, buys in blocks]
    )


def busy_s(activity: Activity) -> float:
    return float(activity.day(0).busy_at(np.array([float(DAY_S)]))[0])


def test_noise_takers_draw_each_other_in() -> None:
    """As many as a branching of 0.3 makes of those who come by themselves, and in bursts."""
    noise, _ = day()
    _, _, activity = a_crowd(BUSY)
    expected = 600 / 3_600 * busy_s(activity) / (1 - BRANCHING)

    assert len(noise.at) == pytest.approx(expected, rel=0.04)
    assert (np.diff(noise.at) >= 0).all()
    counts = np.histogram(noise.at, bins=np.arange(0, DAY_S + 1, 60))[0]
    calm = counts[counts < np.median(counts) * 2]
    assert calm.var() > 1.3 * calm.mean(), "a Poisson process has as much variance as mean"


def test_they_keep_to_the_side_of_the_one_before() -> None:
    noise, buys = day()

    assert (buys[1:] == buys[:-1]).mean() == pytest.approx(0.675, abs=0.01)
    assert buys.mean() == pytest.approx(0.5, abs=0.02)
    assert (buys == noise.buys).all()


def test_what_they_ask_for_has_a_heavy_tail() -> None:
    shares = day()[0].size / 1e6
    large = np.log(shares[shares > NOISE_SIZE])

    assert np.median(shares) == pytest.approx(NOISE_SIZE, rel=0.06)
    assert np.sqrt(np.mean((large - np.log(NOISE_SIZE)) ** 2)) == pytest.approx(NOISE_SPREAD, rel=0.04)
    assert shares.mean() > 8 * np.median(shares)
    assert shares.min() >= 1
    assert (day()[0].size % 10_000 == 0).all()


def test_their_limits_lie_exponentially_beyond() -> None:
    patience = day()[0].patience

    assert patience.mean() == pytest.approx(1 / BUSY.keen, rel=0.05)
    assert patience.std() == pytest.approx(1 / BUSY.keen, rel=0.05)


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_some_of_them_go_where_the_value_will_have_gone_in_an_hour(share: float) -> None:
    noise, buys = day(share)
    _, latent, _ = a_crowd(BUSY)
    block = (noise.at // BLOCK_S).astype(int)
    step = ((noise.at - block * BLOCK_S) / 0.5).astype(int)
    places = list(zip(block.tolist(), step.tolist(), strict=True))
    moves = np.array([latent.values(b + AHEAD_BLOCKS)[s] - latent.values(b)[s] for b, s in places])
    knows = noise.mark < share

    assert knows.mean() == pytest.approx(share, abs=0.02)
    assert (buys[knows] == (moves[knows] > 0)).all()
    assert (buys[~knows] == noise.buys[~knows]).all()
    assert (noise.at == day()[0].at).all(), "they come when they would have come"


def informed(character: Character) -> tuple[np.ndarray, Alone, Activity]:
    """When informed takers and snipers come in a day."""
    takers, latent, activity = a_crowd(character)
    return np.concatenate([takers.informed(n).at for n in range(BLOCKS)]), latent, activity


def test_snipers_come_in_the_twenty_seconds_after_news() -> None:
    at, latent, _ = informed(msgspec.structs.replace(BUSY, informed=0))
    jumps = latent.jumps(0)
    news = np.searchsorted(jumps, at, side="right")

    assert (at - jumps[news - 1] < SNIPED_S).all()
    assert len(at) == pytest.approx(BUSY.snipe * SNIPED_S * len(jumps), rel=0.1)


def test_informed_takers_come_all_the_time_three_times_as_often_while_it_is_hot() -> None:
    at, _, activity = informed(msgspec.structs.replace(BUSY, snipe=0))
    busy = activity.day(0).busy_at(at)

    assert len(at) == pytest.approx(200 / 3_600 * busy_s(activity), rel=0.05)
    assert np.histogram(busy, 4, (0, busy_s(activity)))[0] / len(at) == pytest.approx(
        np.full(4, 0.25), abs=0.02
    )


def test_toxicity_multiplies_those_who_know() -> None:
    usual, poisoned = (len(a_crowd(toxic(BUSY, times))[0].informed(5).at) for times in (1, 4))

    assert poisoned == pytest.approx(4 * usual, rel=0.4)
    assert toxic(INPLAY, 4).informative == pytest.approx(4 * INPLAY.informative)
    assert toxic(INPLAY, 1_000).informative == 1


def test_any_block_can_be_had_alone_and_none_is_told_twice() -> None:
    in_order = [a.at.tolist() for a, _ in map(a_crowd(BUSY)[0].noise, range(BLOCKS + 2))]

    assert a_crowd(BUSY)[0].noise(BLOCKS)[0].at.tolist() == in_order[BLOCKS]
    for n, block in enumerate(in_order):
        assert all(n * BLOCK_S <= at < (n + 1) * BLOCK_S for at in block)
