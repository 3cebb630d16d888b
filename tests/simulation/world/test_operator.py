"""The person beside the system: what it was promised has to be so."""

import json
from types import SimpleNamespace

import pytest

from messages.risk import HaltCause, Level, TradingHalted
from messages.values import SECOND, RealNs
from simulation.world import operator
from simulation.world.net import Net
from simulation.world.operator import Operator
from simulation.world.world import World


@pytest.fixture
def person(monkeypatch):
    monkeypatch.setattr(operator, "HALTS_ONE_IN", 1)
    world, said = World(1), []
    with world.telling_time():
        one = Operator(world, Net(world), lambda: True, lambda name, words: said.append((name, words)))
        while one.asked == 0:
            world.advance(RealNs(world.ns + SECOND))
        yield SimpleNamespace(one=one, said=said, request=f"look-{one.asked}")


def told(person, **others):
    person.one._answered([json.dumps({"request": person.request, "ok": True, **others}).encode()])


def test_a_promised_halt_that_is_not_written_down_is_a_violation(person):
    told(person)

    assert [name for name, _ in person.said] == ["I11"]


def test_a_promised_halt_that_is_written_down_is_none(person):
    person.one.hear(TradingHalted(cause=HaltCause.OPERATOR, level=Level.FREEZE, reason="looked at"))
    told(person)

    assert person.said == []


@pytest.mark.parametrize("others", [{"ok": False}, {"request": "look-0"}])
def test_nobody_was_promised_anything_by_a_refusal_or_an_answer_to_something_else(person, others):
    told(person, **others)

    assert person.said == []
