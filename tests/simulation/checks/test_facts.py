"""What the journal and the house say of themselves: a history that is broken says which invariant."""

import pytest

from messages.liquidation import LiquidatorAssigned, MarketTaken
from messages.risk import HaltCause, TradingResumed
from messages.system import EngineChanged, EngineState
from messages.values import RoleName
from simulation.checks.facts import Bounded, Durable, FactChecks, NoStorms, digest
from tests.factories import retired
from tests.simulation.checks.stage import LIQUIDATOR, MARKET, History, filled


@pytest.fixture
def history():
    return History()


# I8, I9, I12: the report's own checks, at the moment of the commit.


def test_i8_a_fill_committed_twice_is_said_at_once(history):
    history.watched_by(FactChecks(history.ward))
    history.intend("a")
    history.commit(filled("a", "t", 4))
    assert history.found == []
    history.commit(filled("a", "t", 4))

    assert history.found == ["I8"]


def test_i9_two_owners_of_one_market_are_said_at_once(history):
    history.watched_by(FactChecks(history.ward))
    history.commit(MarketTaken(market=MARKET.id, slug="m", owner=RoleName("maker")))
    assert history.found == []
    history.commit(MarketTaken(market=MARKET.id, slug="m", owner=RoleName("another")))

    assert history.found == ["I9"]


def test_i9_an_exit_assigned_twice_is_said_at_once(history):
    history.watched_by(FactChecks(history.ward))
    history.commit(MarketTaken(market=MARKET.id, slug="m", owner=RoleName("maker")))
    gone = retired(MARKET.id)
    history.commit(gone)
    assigned = LiquidatorAssigned(exit=gone.exit, market=MARKET.id, slug="m", liquidator=LIQUIDATOR)
    history.commit(assigned)
    assert history.found == []
    history.commit(assigned)

    assert history.found == ["I9"]


def test_i12_a_hole_in_the_journal_is_said_at_once(history):
    history.watched_by(FactChecks(history.ward))
    history.started("maker")
    history.gseq += 1
    history.started("maker")

    assert history.found == ["I12"]


# I13, I17, I22, I23


def test_i13_what_is_acknowledged_is_committed_and_there_after_a_crash(history):
    durable = Durable(history.ward)
    durable.committed(1, b"one")
    durable.acknowledged(1, b"one")
    durable.published(1, b"one")
    durable.committed(2, b"two")
    durable.reopened(1)
    assert history.found == []
    durable.acknowledged(2, b"two")
    durable.published(3, b"three")
    durable.reopened(0)

    assert history.found == ["I13", "I13", "I13"]


def test_i17_a_lane_over_its_bound_is_said(history):
    bounded = Bounded(history.ward)
    bounded.depths("maker", 256, 4_096)
    assert history.found == []
    bounded.depths("maker", 257, 0)
    bounded.depths("maker", 0, 4_097)

    assert history.found == ["I17", "I17"]


def test_i22_more_starts_than_allowed_are_said_unless_the_house_began_anew(history):
    history.watched_by(NoStorms(history.ward, {"maker": (2, 60.0), "liquidator": (0, 60.0)}))
    for _ in range(3):
        history.started("maker")
    history.started("liquidator:1")
    history.started("liquidator:2")
    history.commit(EngineChanged(state=EngineState.STARTING), "supervisor@2")
    history.started("maker")
    history.wait(61)
    for _ in range(3):
        history.started("maker")
    assert history.found == []
    history.started("maker")

    assert history.found == ["I22"]


def test_i22_who_stayed_down_has_all_tries_again_once_a_person_says_so_and_nobody_else_has(history):
    history.watched_by(NoStorms(history.ward, {"maker": (2, 60.0), "feed": (2, 60.0)}))
    for role in ("maker", "feed"):
        for _ in range(3):
            history.started(role)
    history.ended("maker")
    history.commit(
        TradingResumed(cause=HaltCause.PROCESS_FAILED, reason="looked at", by="operator"), "risk@1"
    )
    for _ in range(3):
        history.started("maker")
    assert history.found == []
    history.started("feed")

    assert history.found == ["I22"]


def test_i23_two_journals_have_one_digest_only_if_they_are_the_same(story):
    one = story.say(MarketTaken, market="0x1", slug="m", owner="maker").records
    same = digest(one)
    assert digest(list(one)) == same
    story.say(MarketTaken, market="0x2", slug="n", owner="maker")

    assert digest(story.records) != same
