from __future__ import annotations

import pytest

from messages.values import MICRO, SECOND
from simulation.facts.observed import DEPTH_LEVELS, Observed, observe
from tests.venue.paper.engine_bench import ask, bid, bought, closed, sold, tick, whole


def tops(seen: Observed) -> list[tuple[float, ...]]:
    """Seconds, cents, shares, cents, shares."""
    return [
        (at / SECOND, bid_at / 10_000, bids / MICRO, ask_at / 10_000, asks / MICRO)
        for at, bid_at, bids, ask_at, asks in seen.tops.tolist()
    ]


def test_the_top_is_told_once_for_each_instant_that_changed_it() -> None:
    seen = observe(
        [
            whole(0, {40: 5, 39: 9}, {45: 7}),
            bid(1, 30, 4),
            bid(2, 40, 0),
            bid(2, 41, 3),
            ask(3, 45, 0),
        ]
    )

    assert tops(seen) == [(0, 40, 5, 45, 7), (2, 41, 3, 45, 7), (3, 41, 3, 100, 0)]


def test_what_returns_to_the_same_within_an_instant_is_no_change_of_the_top() -> None:
    seen = observe([whole(0, {40: 5}, {45: 7}), bid(1, 40, 0), bid(1, 40, 5)])

    assert tops(seen) == [(0, 40, 5, 45, 7)]
    assert len(seen.updates) == 4


def test_a_book_counts_each_level_that_differs() -> None:
    seen = observe([whole(0, {40: 5}, {45: 7}), whole(1, {40: 5, 38: 1}, {46: 7}), bid(2, 40, 5)])

    assert seen.updates.tolist() == [0, 0, SECOND, SECOND, SECOND]


def test_prints_of_one_instant_and_side_are_one_trade_at_their_mean_price() -> None:
    seen = observe([bought(1, 40, 10), ask(1, 40, 0), bought(1, 42, 30), sold(1, 39, 5), bought(2, 42, 1)])

    assert seen.trades.tolist() == [
        [SECOND, 1, 40 * MICRO, 415_000],
        [SECOND, -1, 5 * MICRO, 390_000],
        [2 * SECOND, 1, MICRO, 420_000],
    ]


def test_the_depth_is_looked_at_every_five_seconds_before_what_happens_then() -> None:
    seen = observe([whole(0, {40: 5, 38: 2}, {45: 7}), bid(5, 40, 6), bid(10.5, 41, 1), closed(11)])
    rows = {row[0] / SECOND: [size / MICRO for size in row[1:]] for row in seen.depth.tolist()}
    rest = [0.0] * (DEPTH_LEVELS - 1)

    assert rows == {
        5.0: [6, 0, 2, *rest[2:], 7, *rest],
        10.0: [6, 0, 2, *rest[2:], 7, *rest],
    }


def test_the_grid_and_the_close_are_no_updates() -> None:
    seen = observe([whole(0, {40: 5}, {45: 7}), tick(1, 0.1), closed(9)])

    assert (seen.begins_at, seen.ends_at, len(seen.updates)) == (0, 9 * SECOND, 2)


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="time went back"):
        observe([bid(2, 40, 1), bid(1, 40, 2)])
