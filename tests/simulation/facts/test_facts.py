from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from simulation.facts.facts import Facts, measure
from simulation.facts.observed import Observed, observe
from tests.venue.paper.engine_bench import ask, bid, bought, closed, sold, whole
from venue.paper.engine.tape import TapeEvent

SECONDS = 3_000


def quotes(mids: np.ndarray, half: float = 1.0) -> Iterator[TapeEvent]:
    """A book of one level a side around each second's mid, in cents, and something to hear far away."""
    for second, mid in enumerate(mids.tolist()):
        yield whole(second, {mid - half: 100, 1: second % 2 + 1}, {mid + half: 300})
    yield closed(len(mids))


def a_walk(seed: int, step: float = 0.1) -> np.ndarray:
    """Cents, near fifty."""
    return 50 + np.cumsum(np.random.default_rng(seed).choice((-step, 0, step), SECONDS)).round(2)


def still(*events: TapeEvent, seconds: int = 60) -> Observed:
    """A market that stays at 50 cents, two wide, while these things happen."""
    there = {49: 100.0}, {51: 300.0}
    alive = [bid(second, 20, second % 2 + 1) for second in range(1, seconds)]
    return observe(sorted([whole(0, *there), *alive, *events, closed(seconds)], key=lambda event: event.at))


def test_a_walk_is_described_as_one() -> None:
    facts = measure([observe(quotes(a_walk(1))), observe(quotes(a_walk(2)))])

    assert facts.hours == pytest.approx(2 * SECONDS / 3_600, rel=0.01)
    assert facts.unchanged_1s == pytest.approx(1 / 3, abs=0.03)
    assert facts.kurtosis_1s == pytest.approx(1.5, abs=0.05)
    assert facts.kurtosis_10s == pytest.approx(3, abs=0.4)
    assert facts.autocorrelation_1s == pytest.approx(0, abs=0.04)
    assert facts.volatility == pytest.approx(4 * 0.001 * math.sqrt(2 / 3 * 86_400), rel=0.1)
    assert (facts.spread, facts.spread_90) == pytest.approx((2, 2))
    assert facts.touch == pytest.approx(200)


def test_markets_do_not_run_into_each_other() -> None:
    low, high = (observe(quotes(np.full(SECONDS, mid))) for mid in (30.0, 60.0))
    facts = measure([low, high])

    assert facts.unchanged_1s == 1
    assert facts.jumps_per_hour == 0


def test_jumps_are_moves_of_five_cents_in_ten_seconds() -> None:
    mids = np.full(SECONDS, 50.0)
    mids[1_001:] = 55
    mids[2_001:] = 50.5
    facts = measure([observe(quotes(mids))])

    assert facts.jumps_per_hour == pytest.approx(3_600 / SECONDS, rel=0.01)


def test_the_imbalance_foretells_what_follows_it() -> None:
    events = list[TapeEvent]()
    for n, up in enumerate(np.random.default_rng(3).random(400) < 0.5):
        events.append(whole(10 * n, {49: 300 if up else 100}, {51: 100 if up else 300}))
        events.append(whole(10 * n + 5, {50 if up else 48: 200}, {52 if up else 50: 200}))
    facts = measure([observe(events)])

    assert facts.imbalance > 0.6


def test_the_depth_explains_in_one_market_what_it_explained_in_the_others() -> None:
    def market(seed: int, is_telling: bool) -> Observed:
        events, mid = list[TapeEvent](), 50.0
        for n, rises in enumerate(np.random.default_rng(seed).random(100) < 0.5):
            leans_up = rises if is_telling else n % 2
            bids, asks = (500, 50) if leans_up else (50, 500)
            events += [whole(60 * n + s, {mid - 1: bids + s}, {mid + 1: asks}) for s in range(0, 30, 5)]
            mid = min(60, max(40, mid + (1 if rises else -1)))
            events += [whole(60 * n + s, {mid - 1: 100}, {mid + 1: 100 + s}) for s in range(30, 60, 5)]
        return observe(events)

    assert measure([market(seed, True) for seed in range(3)]).depth_r2 > 0.3
    assert abs(measure([market(seed, False) for seed in range(3)]).depth_r2) < 0.05


def test_trades_are_counted_by_the_hour_and_by_their_size() -> None:
    sweeps = [event for n in range(20) for event in (bought(3 * n + 1, 51, 10 + n), bought(3 * n + 1, 52, 5))]
    facts = measure([still(*sweeps, seconds=61)])

    assert facts.trades == 20
    assert facts.trades_per_hour == pytest.approx(20 * 60)
    assert (facts.size_median, facts.size_ratio) == (24.5, 1)
    assert facts.waiting_variation == 0


def test_what_takers_asked_for_counts_instead_of_what_they_got_where_it_is_known() -> None:
    facts = measure([still(bought(5, 51, 10))], asked=np.array([10.0] * 9 + [910.0]))

    assert (facts.size_median, facts.size_ratio, facts.trades) == (10, 10, 1)


def test_sides_that_come_in_runs_are_correlated() -> None:
    sides = [bought(n + 1, 51, 5) if n // 5 % 2 else sold(n + 1, 49, 5) for n in range(50)]
    facts = measure([still(*sides)])

    assert facts.sign_autocorrelation == pytest.approx(1 - 2 * 9 / 49, abs=0.03)


def test_makers_gain_the_half_spread_less_what_the_mid_moves_against_them() -> None:
    sells = sold(5, 49, 30)
    rises = [bought(20, 51, 10), whole(21, {52: 100.0}, {54: 300.0})]
    facts = measure([still(sells, *rises, seconds=120)])

    assert facts.markout_30s == pytest.approx((30 * (1 + 3) + 10 * (1 - 3)) / 40)
    assert math.isnan(facts.markout_1h)


def test_trades_across_a_silence_are_no_neighbours() -> None:
    first = [bought(n + 1, 51, 5) for n in range(12)]
    second = [sold(500 + n + 1, 49, 5) for n in range(12)]
    events = [whole(0, {49: 100}, {51: 300}), *first, bid(13, 30, 1), bid(500.5, 30, 2), *second, closed(520)]
    facts = measure([observe(events)])

    assert facts.trades == 24
    assert facts.waiting_variation == 0


def test_of_nothing_nothing_is_said() -> None:
    said = msgspec.structs.asdict(measure([observe([whole(0, {40: 5}, {42: 7}), closed(3)])]))

    assert {name for name, value in said.items() if not math.isnan(value)} == {
        "hours",
        "trades",
        "updates_per_s",
        "trades_per_hour",
    }
    assert isinstance(measure([]), Facts)


def test_an_ask_that_leaves_and_returns_is_two_updates() -> None:
    facts = measure([still(ask(10, 51, 0), ask(10, 51, 300), seconds=61)])

    assert facts.updates_per_s == pytest.approx((2 + 60 + 2) / 60)
