from __future__ import annotations

import math

import msgspec
import pytest

from simulation.facts.bounds import BOOK, CHARACTERS, TRADES, Bound, Row, judged
from simulation.facts.facts import Facts, measure

NOTHING = measure([])


def test_every_fact_has_a_row_and_every_row_a_fact() -> None:
    fields = set(msgspec.structs.asdict(NOTHING))

    assert {row.fact for row in (*BOOK, *TRADES)} == fields - {"hours", "trades"}


def test_bounds_are_those_of_known_characters() -> None:
    assert all(bound.least <= bound.most for row in BOOK for bound in row.bounds.values())
    assert {name for row in (*BOOK, *TRADES) for name in row.bounds} == set(CHARACTERS)


@pytest.mark.parametrize(
    ("share", "holds"), [(0.8, True), (0.999, True), (0.7999, False), (1.0, False), (math.nan, False)]
)
def test_a_fact_is_held_to_its_bound_in_the_unit_in_which_it_is_shown(share: float, holds: bool) -> None:
    (row,) = [row for row in BOOK if row.fact == "unchanged_1s"]
    facts: Facts = msgspec.structs.replace(NOTHING, unchanged_1s=share)

    assert row.holds("B", facts) is holds


def test_a_character_is_held_to_its_own_bound_and_without_one_to_none() -> None:
    row = Row("touch", "touch", {"A": Bound(1, 2)})
    facts: Facts = msgspec.structs.replace(NOTHING, touch=3.0)

    assert not row.holds("A", facts)
    assert row.holds("D", facts)


def test_few_seeds_are_held_to_nothing_and_sixty_to_everything() -> None:
    assert judged(5) == ()
    assert judged(6) == BOOK
    assert judged(60) == (*BOOK, *TRADES)
