from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.values import MICRO
from venue.paper.crowd.edge import EDGE, buying_limit, fee, selling_limit


def test_the_fee_is_highest_in_the_middle() -> None:
    assert fee(50_000, 500_000) == pytest.approx(12_500)
    assert fee(40_000, 200_000) == pytest.approx(6_400)
    assert fee(70_000, 990_000) == pytest.approx(693)


@given(
    value=st.floats(0, MICRO),
    rate=st.sampled_from([0, 40_000, 50_000, 70_000]),
    tick=st.sampled_from([10_000, 1_000]),
)
def test_the_limit_leaves_fee_and_edge_and_the_next_price_does_not(
    value: float, rate: int, tick: int
) -> None:
    limit = buying_limit(value, rate, tick)
    following = limit + tick

    assert limit % tick == 0
    assert limit == 0 or limit + fee(rate, limit) + EDGE <= value
    assert following + fee(rate, following) + EDGE > value


@given(value=st.integers(0, MICRO), rate=st.sampled_from([0, 50_000]), tick=st.sampled_from([10_000, 1_000]))
def test_selling_yes_is_buying_no(value: int, rate: int, tick: int) -> None:
    assert selling_limit(value, rate, tick) == MICRO - buying_limit(MICRO - value, rate, tick)
