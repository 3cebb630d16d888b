from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from venue.paper.crowd.activity import Activity
from venue.paper.crowd.characters import INPLAY, PREGAME, Character
from venue.paper.crowd.draws import Draws
from venue.paper.crowd.grid import BLOCK_S, DAY_S, STEPS, Floats
from venue.paper.crowd.latent import Alone, Swing
from venue.paper.crowd.makers import ERROR_S, ERROR_TICKS, MAKERS, PROFILE, WHO, Makers


class Still:
    """A value that steps once, and whose news breaks then."""

    yes_wins = True

    def values(self, block: int) -> Floats:
        return np.where(np.arange(STEPS + 1) < 200, 0.4, 0.6) if block == 5 else np.full(STEPS + 1, 0.4)

    def jumps(self, day: int) -> Floats:
        return np.array([5 * BLOCK_S + 100.0] if day == 0 else [])


def four(character: Character = PREGAME, seed: int = 7) -> Makers:
    draws = Draws(seed, "a-market")
    activity = Activity(draws, character.hot)
    swing = Swing(sigma=character.sigma, jumps=character.jumps, jump=character.jump)
    return Makers(draws, activity, Alone(draws, activity, swing, 0.5), character)


def test_makers_follow_the_value_with_their_lag() -> None:
    draws = Draws(7, "a-market")
    known = Makers(draws, Activity(draws, 3.0), Still(), PREGAME).follow(5)

    assert known[:200] == pytest.approx(np.full(200, 0.4))
    after_one_lag = 200 + round(PREGAME.lag_s * 2)
    assert (known[after_one_lag] - 0.4) / 0.2 == pytest.approx(1 - np.exp(-1), abs=0.04)
    assert known[-1] == pytest.approx(0.6)


def test_each_maker_errs_in_its_own_way_and_without_a_break() -> None:
    makers = four()
    blocks = [makers.errors(n) for n in range(400)]
    errors = np.concatenate([block[:, 1:] for block in blocks], axis=1)
    lag = round(ERROR_S / 0.5)

    assert errors.std() == pytest.approx(ERROR_TICKS, rel=0.1)
    for row in errors:
        assert np.corrcoef(row[:-lag], row[lag:])[0, 1] == pytest.approx(np.exp(-1), abs=0.12)
    assert np.abs(np.corrcoef(errors) - np.eye(MAKERS)).max() < 0.25
    assert max(np.abs(a[:, -1] - b[:, 0]).max() for a, b in pairwise(blocks)) < 0.01
    assert (four().errors(123) == blocks[123]).all()


def test_orders_come_and_live_so_that_the_depth_stays_what_it_was_at_the_opening() -> None:
    """What rests at a moment: all whose lives lie around it. By offset, it is the profile times the peak."""
    makers, at = four(INPLAY), 40 * BLOCK_S
    depths = list[Floats]()
    opened = list[Floats]()
    for n in range(400):
        moment = at + n * BLOCK_S - 1.0
        orders = makers.orders(40 + n - 1)
        rests = (orders.at <= moment) & (orders.ends > moment)
        depths.append(np.bincount(orders.offset[rests], orders.size[rests], len(PROFILE)) / 1e6)
        opening = makers.opening(moment)
        opened.append(np.bincount(opening.offset, opening.size, len(PROFILE)) / 1e6)
    expected = 2 * INPLAY.peak * np.array(PROFILE)

    assert np.mean(depths, axis=0)[:6] == pytest.approx(expected[:6], rel=0.15)
    assert np.mean(opened, axis=0)[:6] == pytest.approx(expected[:6], rel=0.15)
    assert np.std(depths, axis=0)[3] == pytest.approx(np.std(opened, axis=0)[3], rel=0.2)


def test_orders_are_shared_out_among_makers_and_sides_and_have_their_size() -> None:
    orders = four(INPLAY).orders(3)

    assert np.bincount(orders.who, minlength=WHO) / len(orders.who) == pytest.approx(
        np.full(WHO, 1 / WHO), abs=0.04
    )
    assert orders.size.mean() / 1e6 == pytest.approx(INPLAY.lot, rel=0.15)
    assert orders.size.min() >= 5_000_000
    assert (orders.size % 10_000 == 0).all()
    assert ((orders.at >= 3 * BLOCK_S) & (orders.at < 4 * BLOCK_S)).all()


def test_orders_live_shorter_and_come_oftener_while_it_is_hot() -> None:
    makers = four(INPLAY)
    draws = Draws(7, "a-market")
    bend = Activity(draws, INPLAY.hot).day(0)
    paces, counts, lives = list[float](), list[int](), list[float]()
    for n in range(140):
        edges = bend.busy_at(np.array([n * BLOCK_S, (n + 1.0) * BLOCK_S]))
        orders = makers.orders(n)
        paces.append(float(edges[1] - edges[0]) / BLOCK_S)
        counts.append(len(orders.at))
        lives.append(float((orders.ends - orders.at).mean()))
    pace, count, life = np.array(paces), np.array(counts), np.array(lives)

    assert count[pace > 2.9].mean() / count[pace < 1.1].mean() == pytest.approx(3, rel=0.1)
    assert life[pace < 1.1].mean() / life[pace > 2.9].mean() == pytest.approx(3, rel=0.2)


def test_after_news_makers_keep_further_away_for_a_while() -> None:
    draws = Draws(7, "a-market")
    orders = Makers(draws, Activity(draws, 3.0), Still(), INPLAY).orders(5)
    since = orders.at - (5 * BLOCK_S + 100.0)

    assert orders.half[since < 0] == pytest.approx(INPLAY.half)
    assert orders.half[since >= 0] == pytest.approx(INPLAY.half * (1 + 2 * np.exp(-since[since >= 0] / 30)))


def test_orders_of_a_days_last_block_may_end_in_the_next() -> None:
    orders = four(PREGAME).orders(143)

    assert (orders.ends > DAY_S).mean() > 0.3
