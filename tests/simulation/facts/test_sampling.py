from __future__ import annotations

import math

import numpy as np

from messages.values import SECOND
from simulation.facts.observed import observe
from simulation.facts.sampling import at_times, sample
from tests.venue.paper.engine_bench import ask, bid, closed, whole


def test_a_market_is_looked_at_each_second_after_its_beginning() -> None:
    grid = sample(observe([whole(10, {40: 5}, {42: 7}), bid(12, 41, 3), closed(14)]))

    assert grid.mids.tolist() == [0.41, 0.415, 0.415]
    assert grid.spreads.round(6).tolist() == [0.02, 0.01, 0.01]
    assert (grid.bid_sizes.tolist(), grid.ask_sizes.tolist()) == ([5, 3, 3], [7, 7, 7])


def test_a_moment_is_judged_by_what_happened_up_to_it() -> None:
    seen = observe([whole(0, {40: 5}, {42: 7}), bid(12, 41, 3), closed(14)])
    times = np.array([12 * SECOND - 1, 12 * SECOND], dtype=np.int64)

    assert at_times(seen, times).mids.tolist() == [0.41, 0.415]


def test_without_a_side_crossed_locked_or_nearly_decided_nothing_is_judged() -> None:
    moments = [
        whole(0, {40: 5}, {42: 7}),
        ask(1.5, 42, 0),
        whole(2.5, {40: 5}, {39: 7}),
        whole(3.5, {40: 5}, {40: 7}),
        whole(4.5, {5: 5}, {14: 7}),
        whole(5.5, {90: 5}, {91: 7}),
        whole(6.5, {9: 5}, {11: 7}),
        closed(8),
    ]
    mids = sample(observe(moments)).mids

    assert [not math.isnan(mid) for mid in mids.tolist()] == [True, False, False, False, False, False, True]


def test_a_silence_of_more_than_a_minute_is_not_judged_until_something_is_heard() -> None:
    judged = sample(observe([whole(0, {40: 5}, {42: 7}), bid(100.5, 30, 5), closed(105)])).judged

    assert np.flatnonzero(~judged).tolist() == list(range(60, 100))


def test_nothing_seen_is_nothing_judged() -> None:
    assert not sample(observe([closed(0), closed(30)])).judged.any()
