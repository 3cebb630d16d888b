from collections.abc import Iterator

import numpy as np
import pytest

from messages.values import SECOND, MarketNs
from venue.paper.crowd.grid import BLOCK_S, STEPS
from venue.paper.crowd.odds import WindowOdds
from venue.paper.crowd.reference import COINS, Reference

BTC = COINS["btc"]
PATHS = [Reference(seed) for seed in range(1, 5)]
START_S = 1_795_300_200
LISTED_S = START_S - 700


def some_windows(length_s: int = 900, count: int = 400) -> Iterator[tuple[WindowOdds, Reference, int]]:
    """Odds with their path and their window's start, from several seeds."""
    for n in range(count):
        path, start_s = PATHS[n % 4], START_S + n // 4 * 5 * length_s
        yield WindowOdds(path, BTC, start_s - 700, start_s, start_s + length_s), path, start_s


def the_odds() -> WindowOdds:
    return next(some_windows())[0]


def test_up_wins_when_the_average_at_the_end_is_not_below_the_one_at_the_start() -> None:
    outcomes = list[bool]()
    for odds, path, start_s in some_windows(300, 40):
        start, end = (path.twap_at(BTC, MarketNs(second * SECOND)) for second in (start_s, start_s + 300))
        assert odds.yes_wins == (end >= start)
        outcomes.append(odds.yes_wins)

    assert {*outcomes} == {True, False}


def test_nothing_is_known_until_the_strike_begins_to_be_averaged_and_all_at_the_end() -> None:
    for odds, _, start_s in some_windows(300, 20):
        assert odds.probability_at(start_s - 600) == odds.probability_at(start_s - 60) == 0.5
        assert odds.probability_at(start_s - 20) != 0.5
        assert odds.probability_at(start_s + 300) == odds.yes_wins == odds.probability_at(start_s + 10_000)


def test_a_price_above_the_strike_speaks_for_up() -> None:
    for odds, path, start_s in some_windows(count=60):
        strike = path.twap_at(BTC, MarketNs(start_s * SECOND), 60) / 1e12
        for second in range(start_s + 60, start_s + 840, 60):
            price = path.value_at(BTC, MarketNs(second * SECOND))
            assert (odds.probability_at(second) > 0.5) == (price > strike)


@pytest.mark.parametrize("elapsed_s", [90, 450, 810])
def test_the_odds_come_true_as_often_as_they_say(elapsed_s: int) -> None:
    said = np.array(
        [(odds.probability_at(start_s + elapsed_s), odds.yes_wins) for odds, _, start_s in some_windows()]
    )
    for least, most in ((0.0, 0.35), (0.35, 0.65), (0.65, 1.0), (0.0, 1.0)):
        p, won = said[(said[:, 0] >= least) & (said[:, 0] <= most)].T
        assert abs((won - p).sum()) < 3 * np.sqrt((p * (1 - p)).sum())


def test_the_odds_have_no_direction() -> None:
    """From where they stand after a third of a window to where they stand after two, whatever they stood at."""
    stood = np.array(
        [
            [odds.probability_at(start_s + elapsed) for elapsed in (300, 600)]
            for odds, _, start_s in some_windows()
        ]
    )
    for low in (True, False):
        moved = np.diff(stood[(stood[:, 0] < 0.5) == low]).ravel()
        assert abs(moved.mean()) < 3 * moved.std() / len(moved) ** 0.5


def test_blocks_say_the_same_second_by_second() -> None:
    odds = the_odds()
    for block in (0, 1, 2, 5):
        values = odds.values(block)
        seconds = [LISTED_S + block * BLOCK_S + step // 2 for step in range(STEPS + 1)]
        assert values.tolist() == [odds.probability_at(second) for second in seconds]


def test_jumps_are_told_while_they_matter() -> None:
    told = 0
    for odds, own, start_s in some_windows(count=100):
        jumps = (odds.jumps(0) + start_s - 700).tolist()
        assert jumps == own.jumps(start_s - 60, start_s + 899)
        told += len(jumps)
        assert not len(odds.jumps(1))

    assert told > 20
