from __future__ import annotations

import random
import statistics

import pytest

from messages.values import MS
from venue.paper.engine.latency import Latency, Way, latency


@pytest.mark.parametrize("text", ["40±15,20±10", "40+-15,20+/-10", " 40±15ms , 20±10ms ", "40.0±15.0,20±10"])
def test_a_latency_is_written_as_two_spans_with_their_deviations(text: str) -> None:
    assert latency(text) == Latency(Way(40, 15), Way(20, 10)) == Latency()


def test_without_a_deviation_nothing_varies() -> None:
    assert latency("7,0") == Latency(Way(7), Way(0))
    assert {Way(7).draw(random.Random(n)) for n in range(20)} == {7 * MS}


@pytest.mark.parametrize("text", ["", "40±15", "40±15,20±10,5", "fast,slow", "-1,2", "40±,20", "1e3,2"])
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not OUT±SD,BACK±SD"):
        latency(text)


def test_draws_have_their_mean_and_deviation_and_follow_from_their_seed() -> None:
    first, again = (
        [Way(40, 15).draw(chance) for _ in range(4_000)] for chance in (random.Random(3), random.Random(3))
    )

    assert first == again
    assert statistics.fmean(first) == pytest.approx(40 * MS, rel=0.02)
    assert statistics.stdev(first) == pytest.approx(15 * MS, rel=0.03)


def test_nothing_arrives_before_it_was_sent() -> None:
    draws = [Way(1, 30).draw(random.Random(n)) for n in range(200)]

    assert min(draws) == 0
    assert max(draws) > 30 * MS
