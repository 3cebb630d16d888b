"""The part of the simulation that every test run plays: a few seeds, a minute with every fault each."""

from __future__ import annotations

import pytest

from simulation.campaign.crew import play
from simulation.world.telling import as_text

SECONDS = 60
SEEDS = range(10_001, 10_005)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_goes_wrong_nothing_is_lost_and_everything_comes_back(seed: int) -> None:
    outcome = play(seed, SECONDS)

    assert not outcome.is_wrong, as_text(outcome, 40, SECONDS / 60)
    assert outcome.strokes
    assert outcome.struck
