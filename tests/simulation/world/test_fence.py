"""I24 bites: what a replaced process said is told from what its successor says."""

from types import SimpleNamespace

import pytest

from messages.system import ClockAnchor, EngineState, Presence, Roster
from messages.values import MarketNs, RealNs, RoleName
from runtime.clock import Clock
from runtime.stamp import Stamp
from simulation.world.eyes import look_at_the_fence
from tests.factories import a_book

ANCHOR = ClockAnchor(real_at=RealNs(0), market_at=MarketNs(0), speed=1)


@pytest.fixture
def fence():
    passed, said = [], []
    reception = SimpleNamespace(_from_bus=lambda envelope, stream, sender: passed.append(envelope))
    host = SimpleNamespace(role="maker", reception=reception)
    watch = SimpleNamespace(ward=SimpleNamespace(violated=lambda name, words: said.append((name, words))))
    look_at_the_fence(host, watch)
    return SimpleNamespace(hears=reception._from_bus, passed=passed, said=said)


def by(source, message):
    role, _, incarnation = source.partition("@")
    return Stamp(RoleName(role), int(incarnation), 7, Clock(ANCHOR)).seal(message, "md", None)


def roster(*present):
    who = tuple(Presence(role=RoleName(r), incarnation=n, pid=1, state="ready") for r, n in present)
    return by("supervisor@1", Roster(engine=EngineState.RUNNING, present=who))


def test_who_was_replaced_is_not_to_be_heard_once_that_is_known(fence):
    fence.hears(by("feed@3", a_book(40, 60)), "md", "")
    fence.hears(roster(("feed", 4)), "sup", "")
    fence.hears(roster(("feed", 3)), "sup", "")
    assert fence.said == []
    fence.hears(by("feed@3", a_book(40, 60)), "md", "")

    assert [name for name, _ in fence.said] == ["I24"]
    assert len(fence.passed) == 4, "the check changes nothing"


def test_the_successor_and_others_are_heard(fence):
    fence.hears(roster(("feed", 4)), "sup", "")
    fence.hears(by("feed@4", a_book(40, 60)), "md", "")
    fence.hears(by("risk@2", a_book(40, 60)), "md", "")

    assert fence.said == []
