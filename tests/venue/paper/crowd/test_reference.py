import csv
import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages.values import MICRO, SECOND, MarketNs
from tests.venue.paper.engine_bench import RECORDINGS
from venue.paper.crowd.grid import HOUR_S, Floats
from venue.paper.crowd.reference import CHUNK, COINS, E18, EPOCH_S, Coin, Reference

BTC, ETH = COINS["btc"], COINS["eth"]
NOON_S = EPOCH_S + 120 * 86_400 + 43_200
DAY_S = 86_400
SERIES = RECORDINGS.parent / "series" / "btcusd_chainlink_2026-07-24.csv.gz"


def at(second: int) -> MarketNs:
    return MarketNs(second * SECOND)


def logs(seed: int, coin: Coin = BTC, first_s: int = NOON_S, seconds: int = DAY_S) -> Floats:
    made: Floats = np.log(Reference(seed).values(coin, first_s, first_s + seconds).astype(np.float64))
    return made


def volatility(path: Floats, span_s: int) -> float:
    """Per square root of a second, from changes over a span, in basis points."""
    return float(np.diff(path[::span_s]).std() / span_s**0.5 * 1e4)


def kurtosis(path: Floats, span_s: int) -> float:
    changes = np.diff(path[::span_s])
    return float(((changes / changes.std()) ** 4).mean())


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(EPOCH_S - 10**8, EPOCH_S + 10**8), min_size=1, max_size=3), st.sampled_from([*COINS])
)
def test_a_price_is_the_same_whatever_was_asked_before(seconds: list[int], symbol: str) -> None:
    coin, asked_before = COINS[symbol], Reference(5)
    for second in seconds:
        asked_before.twap_at(coin, at(second))

    assert asked_before.value_at(coin, at(seconds[0])) == Reference(5).value_at(coin, at(seconds[0]))


def test_a_price_stands_for_a_whole_second() -> None:
    path = Reference(5)
    begins = at(NOON_S)

    assert path.value_at(BTC, MarketNs(int(begins) + SECOND - 1)) == path.value_at(BTC, begins)
    assert path.value_at(BTC, MarketNs(int(begins) + SECOND)) != path.value_at(BTC, begins)


def test_single_prices_and_stretches_of_them_agree_across_hours() -> None:
    path, first = Reference(5), EPOCH_S + 3 * HOUR_S - 2

    stretch = path.values(BTC, first, first + HOUR_S + 3)

    assert len(stretch) == HOUR_S + 4
    assert [path.value_at(BTC, at(first + n)) for n in range(len(stretch))] == stretch.tolist()


@pytest.mark.parametrize(
    "joint_s", [EPOCH_S, EPOCH_S + HOUR_S, EPOCH_S + CHUNK * HOUR_S, EPOCH_S - CHUNK * HOUR_S]
)
def test_hours_and_their_chunks_join_without_a_seam(joint_s: int) -> None:
    steps = np.array(
        [np.diff(logs(seed, first_s=joint_s - 30, seconds=60)) for seed in range(1, 21)],
    )
    at_the_joint, elsewhere = steps[:, 29:31], np.delete(steps, [29, 30], axis=1)

    assert at_the_joint.std() < 3 * elsewhere.std()
    assert np.abs(at_the_joint).max() < 20 * BTC.volatility


def test_seeds_have_paths_of_their_own_and_coins_move_together() -> None:
    one, other = np.diff(logs(1)), np.diff(logs(2))
    ether = np.diff(logs(1, ETH))

    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03
    assert 0.7 < np.corrcoef(one, ether)[0, 1] < 0.9
    assert ether.std() / one.std() == pytest.approx(ETH.volatility / BTC.volatility, rel=0.02)


def test_the_walk_has_no_drift_and_the_variance_it_says() -> None:
    scores = list[float]()
    for seed in range(1, 4):
        path = Reference(seed)
        for first in range(NOON_S, NOON_S + 20 * DAY_S, HOUR_S + 1_234):
            begins, ends = (path.value_at(BTC, at(second)) for second in (first, first + 1_000))
            scores.append(np.log(ends / begins) / path.variances(BTC, first, first + 999).sum() ** 0.5)

    count = len(scores)
    assert abs(np.mean(scores)) < 3 / count**0.5
    assert np.std(scores) == pytest.approx(1, abs=3 / (2 * count) ** 0.5 + 0.02)


def test_prices_jump_some_48_times_a_day_and_every_coin_at_once() -> None:
    path = Reference(9)
    jumps = path.jumps(NOON_S, NOON_S + 20 * DAY_S - 1)
    sizes = [
        [abs(np.log(path.value_at(coin, at(s)) / path.value_at(coin, at(s - 1)))) for s in jumps]
        for coin in (BTC, ETH)
    ]

    assert 800 < len(jumps) < 1_120
    assert np.median(sizes[0]) > 4 * BTC.volatility
    assert np.corrcoef(*sizes)[0, 1] > 0.9
    assert path.jumps(jumps[3], jumps[5]) == jumps[3:6]


def test_the_average_is_that_of_the_last_sixty_seconds() -> None:
    path, second = Reference(5), EPOCH_S + 7 * HOUR_S + 12
    exact = sum(path.value_at(BTC, at(second - n)) for n in range(60)) * (E18 // MICRO) // 60

    assert path.twap_at(BTC, at(second)) == exact
    assert path.twap_at(BTC, MarketNs(second * SECOND + SECOND // 2)) == exact
    assert path.twap_at(BTC, at(second), 1) == path.value_at(BTC, at(second)) * (E18 // MICRO)


@pytest.mark.recordings
def test_days_look_like_the_recorded_one() -> None:
    if not SERIES.exists():
        pytest.skip(f"no recorded series at {SERIES}")
    with gzip.open(SERIES, "rt") as file:
        ticks = [(int(row["feed_ts_ms"]) // 1_000, float(row["value"])) for row in csv.DictReader(file)]
    seconds, values = (np.array(column) for column in zip(*ticks, strict=True))
    grid = np.arange(seconds[0], seconds[-1])
    recorded = np.log(values[np.searchsorted(seconds, grid, side="right") - 1])
    days = [logs(seed) for seed in range(1, 9)]

    for span_s in (60, 300):
        ours = np.median([volatility(day, span_s) for day in days])
        assert ours == pytest.approx(volatility(recorded, span_s), rel=0.25)
    for span_s in (1, 10, 60):
        ours = np.median([kurtosis(day, span_s) for day in days])
        assert 0.5 < ours / kurtosis(recorded, span_s) < 1.5
