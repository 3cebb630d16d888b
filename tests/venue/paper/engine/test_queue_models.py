from __future__ import annotations

import math

import hypothesis.strategies as st
import pytest
from hypothesis import given

from messages.values import MICRO
from venue.paper.engine.queue_models import PESSIMISTIC, Power, Proportional, QueueModel, queue_model

MODELS = (PESSIMISTIC, Proportional(), Power(), Power(0.5))
SIZES = st.integers(0, 10**13)


def ahead(model: QueueModel, canceled: float, front: float, back: float) -> float:
    """In shares."""
    return model.ahead(round(canceled * MICRO), round(front * MICRO), round(back * MICRO)) / MICRO


def test_pessimism_puts_a_cancel_behind_us_as_far_as_there_is_room() -> None:
    assert ahead(PESSIMISTIC, 40, front=100, back=40) == 0
    assert ahead(PESSIMISTIC, 41, front=100, back=40) == 1
    assert ahead(PESSIMISTIC, 140, front=100, back=40) == 100


def test_the_proportional_rule_weighs_the_logarithms_of_both_sizes() -> None:
    behind = math.log(1 + 300) / (math.log(1 + 300) + math.log(1 + 50))

    assert ahead(Proportional(), 30, front=50, back=300) == pytest.approx(30 * (1 - behind), abs=1e-4)
    assert ahead(Proportional(), 30, front=100, back=100) == 15


def test_the_power_rule_raises_our_share_of_the_level() -> None:
    assert ahead(Power(), 40, front=100, back=100) == 5
    assert ahead(Power(1), 40, front=100, back=300) == 10
    assert ahead(Power(2), 40, front=150, back=50) == 22.5


@pytest.mark.parametrize("model", MODELS)
def test_without_anybody_behind_all_of_a_cancel_is_ahead_and_without_anybody_ahead_none(
    model: QueueModel,
) -> None:
    assert ahead(model, 30, front=80, back=0) == 30
    assert ahead(model, 30, front=0, back=80) == 0


@given(st.sampled_from(MODELS), SIZES, SIZES, st.floats(0, 1))
def test_no_model_moves_us_further_than_there_is_room_or_less_than_pessimism(
    model: QueueModel, front: int, back: int, share: float
) -> None:
    canceled = int((front + back) * share)
    moved = model.ahead(canceled, front, back)

    assert PESSIMISTIC.ahead(canceled, front, back) <= moved <= min(front, canceled)
    assert canceled - moved <= back


@given(st.sampled_from(MODELS), st.integers(1, 10**12), st.integers(1, 10**12), st.floats(0, 1))
def test_rounding_never_moves_us_forward(model: QueueModel, front: int, back: int, share: float) -> None:
    canceled = int((front + back) * share)
    exact = canceled * (1 - model.behind(front, back))

    assert model.ahead(canceled, front, back) <= max(exact, canceled - back) + 1e-9 * canceled


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("pessimistic", PESSIMISTIC),
        ("proportional", Proportional()),
        ("power", Power(3)),
        ("power:1.5", Power(1.5)),
    ],
)
def test_a_model_is_chosen_by_its_name(name: str, model: QueueModel) -> None:
    assert queue_model(name) == model


@pytest.mark.parametrize(
    "name", ["", "Power", "power:0", "power:-1", "power:x", "power:inf", "power:nan", "pessimistic:2"]
)
def test_anything_else_is_no_model(name: str) -> None:
    with pytest.raises(ValueError, match="is no queue model"):
        queue_model(name)
