"""Small orders in the crowd: what is known of them, and what replay books make of the tape without them."""

from __future__ import annotations

from functools import cache

import pytest

from messages.values import SECOND, Price, Side
from simulation.facts.late_cancels import LateCancels
from simulation.facts.probes import DEPTHS, Probe, ProbedStage, predicted
from tests.venue.paper.engine_bench import ask, bid, bought, sold, whole
from venue.paper.crowd.characters import CHARACTERS
from venue.paper.crowd.play import play
from venue.paper.engine.queue_models import PESSIMISTIC, Power, Proportional
from venue.paper.engine.tape import BookSet, TapeEvent

HOURS = 0.5
pytestmark = pytest.mark.xdist_group("probes")


@cache
def stage(letter: str, seed: int, is_late: bool = False) -> ProbedStage:
    """Half an hour of a character with probes."""
    played = ProbedStage(CHARACTERS[letter], seed, LateCancels(seed) if is_late else None)
    played.run(HOURS)
    return played


def a_probe(side: Side, cents: int, joined_s: int, until_s: int, number: int = 0) -> Probe:
    return Probe(number, side, Price(cents * 10_000), joined_s * SECOND, until_s * SECOND)


def test_probes_change_nothing_of_what_the_crowd_does() -> None:
    def rounded(events: list[TapeEvent]) -> list[tuple[object, ...]]:
        """Sizes to a hundredth of a share."""
        return [
            (type(event), event.at, getattr(event, "price", 0), round(getattr(event, "size", 0) / 10_000))
            for event in events
            if not isinstance(event, BookSet)
        ]

    assert rounded(stage("D", 3).events) == rounded(list(play(CHARACTERS["D"], 3, HOURS)))


def test_probes_join_the_best_levels_on_both_sides_and_are_many() -> None:
    probes = stage("D", 3).probes

    assert len(probes) == pytest.approx(2 * DEPTHS * HOURS * 3_600 / (CHARACTERS["D"].life_s / 2), rel=0.05)
    assert 0.02 < sum(probe.is_filled for probe in probes) / len(probes) < 0.5


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("letter", ["B2", "D"])
def test_what_pessimism_fills_was_truly_filled(letter: str, is_late: bool) -> None:
    played = stage(letter, 5, is_late)
    guessed = predicted(played.events, played.probes, PESSIMISTIC)
    true = [probe.is_filled for probe in played.probes]

    assert sum(guessed) > 5
    assert not [n for n, fills in enumerate(guessed) if fills and not true[n]]


@pytest.mark.parametrize("letter", ["B2", "D"])
def test_the_models_lie_as_they_were_found_to(letter: str) -> None:
    """Bias of each with uniform cancels: docs/recordings.md has six seeds of it."""
    runs = [stage(letter, seed) for seed in (3, 4, 5)]
    true = sum(probe.is_filled for run in runs for probe in run.probes)
    pessimistic, power, linear, proportional = (
        sum(sum(predicted(run.events, run.probes, model)) for run in runs) / true
        for model in (PESSIMISTIC, Power(), Power(1), Proportional())
    )

    assert 0.4 < pessimistic <= power < linear < proportional
    assert proportional == pytest.approx(1, abs=0.12)
    assert linear == pytest.approx(0.9, abs=0.12)


def test_a_book_that_sees_the_tape_alone_fills_by_prints_beyond_the_queue() -> None:
    tape = [
        whole(0, {40: 100}, {45: 50}),
        bid(20, 40, 150),
        sold(30, 40, 100),
        bid(30, 40, 50),
        sold(40, 40, 1),
    ]
    probe = a_probe(Side.BID, 40, joined_s=10, until_s=100)

    assert predicted(tape, [probe], PESSIMISTIC) == [True]
    assert predicted(tape[:-1], [probe], PESSIMISTIC) == [False]


def test_a_probe_whose_time_is_up_or_whose_level_is_gone_is_filled_no_more() -> None:
    tape = [whole(0, {40: 5}, {45: 5}), bid(20, 40, 0), ask(20, 45, 9), bought(30, 45, 20), sold(30, 40, 20)]
    late = a_probe(Side.ASK, 45, joined_s=10, until_s=29)
    gone = a_probe(Side.BID, 40, joined_s=10, until_s=90, number=1)
    in_time = a_probe(Side.ASK, 45, joined_s=10, until_s=31, number=2)

    assert predicted(tape, [late, gone, in_time], Proportional()) == [False, False, True]
