"""The facts that the crowd must show (TRADING §7.3), on six seeds of each character.

What takes sixty seeds of a book is left to `python -m simulation.facts`. Those who come to trade do so whatever the
book is, so that sixty seeds of them are quickly had.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from simulation.facts import measures
from simulation.facts.bounds import BOOK, CHARACTERS, TRADES, Row
from simulation.facts.crowd import flow, played
from simulation.facts.facts import Facts, apart, measure, together

HOURS = {"A": 12.0, "B": 6.0, "C": 12.0, "B2": 1.5, "D": 1.5}
BOOK_SEEDS, FLOW_SEEDS = range(1, 7), range(1, 61)


@cache
def facts(character: str) -> Facts:
    """Six seeds together."""
    runs = [played(character, seed, HOURS[character]) for seed in BOOK_SEEDS]
    return measure([run.seen for run in runs], together([run.asked for run in runs]))


def of_trades(fact: str) -> Row:
    """The row of a fact."""
    (row,) = [row for row in TRADES if row.fact == fact]
    return row


EACH = pytest.mark.parametrize(
    "character", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in CHARACTERS]
)


@EACH
def test_a_book_is_as_it_has_to_be(character: str) -> None:
    measured = facts(character)

    assert {row.fact: row.shown(measured) for row in BOOK if not row.holds(character, measured)} == {}


@EACH
def test_takers_trade_as_often_as_they_should(character: str) -> None:
    row = of_trades("trades_per_hour")

    assert row.holds(character, facts(character)), row.shown(facts(character))


@pytest.mark.parametrize("character", CHARACTERS)
def test_takers_come_in_bursts_and_runs_and_ask_for_sizes_with_a_heavy_tail(character: str) -> None:
    flows = [flow(character, seed, HOURS[character]) for seed in FLOW_SEEDS]
    sizes = together([each.sizes for each in flows])
    measured = {
        "sign_autocorrelation": measures.autocorrelation(apart([each.sides for each in flows])),
        "waiting_variation": measures.variation(together([np.diff(each.at) for each in flows])),
        "size_log_sd": measures.log_deviation(sizes),
        "size_ratio": measures.mean(sizes) / measures.quantile(sizes, 0.5),
    }

    for fact, value in measured.items():
        assert of_trades(fact).bounds[character].holds(value), (fact, value)
