from __future__ import annotations

import msgspec
import numpy as np
import pytest

from simulation.facts.crowd import flow, play_all, played
from simulation.facts.facts import measure

HALF_AN_HOUR = 0.5


def test_a_seed_looks_the_same_each_time_and_another_one_does_not() -> None:
    first, again, other = (played("D", seed, HALF_AN_HOUR) for seed in (7, 7, 8))

    assert msgspec.structs.asdict(measure([first.seen])) == pytest.approx(
        msgspec.structs.asdict(measure([again.seen])), nan_ok=True
    )
    assert not np.array_equal(first.seen.tops, other.seen.tops)


def test_a_crowd_is_seen_for_as_long_as_it_is_played_from_its_first_book_on() -> None:
    seen = played("B", 3, HALF_AN_HOUR).seen

    assert seen.begins_at == 0
    assert seen.ends_at / 1e9 == pytest.approx(1_800, abs=5)
    assert measure([seen]).hours == pytest.approx(0.5, abs=0.01)


def test_noise_asks_for_more_than_it_gets() -> None:
    wanted = flow("B2", 5, HALF_AN_HOUR).sizes

    assert len(wanted) > 20
    assert np.median(wanted) == pytest.approx(27, rel=0.6)
    assert wanted.min() >= 1


def test_all_characters_are_played_on_all_seeds() -> None:
    hours = {"D": 0.2, "C": 0.4}
    runs = {(run.character, run.seed): run.seen.ends_at for run in play_all(hours, (1, 2))}

    assert sorted(runs) == [("C", 1), ("C", 2), ("D", 1), ("D", 2)]
    assert runs["D", 1] < 720e9 < runs["C", 1] < 1_440e9
