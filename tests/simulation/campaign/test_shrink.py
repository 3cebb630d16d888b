"""Failing runs are made small."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from simulation.campaign.shrink import smallest


@given(st.sets(st.integers(0, 40), max_size=4))
def test_what_is_needed_is_kept_and_nothing_else(needed: set[int]) -> None:
    tried: list[Sequence[int]] = []

    def fails(some: Sequence[int]) -> bool:
        tried.append(some)
        return needed <= set(some)

    assert set(smallest(range(41), fails)) == needed
    assert len(tried) < 41 * 10


def test_where_order_counts_it_is_kept() -> None:
    assert list(smallest([5, 3, 1, 4], lambda some: {5, 4} <= set(some))) == [5, 4]
