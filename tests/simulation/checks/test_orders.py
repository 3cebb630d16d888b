"""Orders leave, rest and end as they may: a history in order says nothing, a broken one says which invariant."""

import msgspec
import pytest

from messages.market import FeedStatus
from messages.risk import HaltCause, Level, TradingHalted, TradingPermit, TradingResumed
from messages.values import SECOND, Price, RoleName, Side
from messages.wallet import MarketPaused, MarketResumed, PauseCause
from simulation.checks.orders import (
    Budgets,
    DirtyIsLeft,
    FreshDecisions,
    HaltsHold,
    IntendedFirst,
    NeverForgotten,
    NewestGateway,
    OnlyWithLeave,
)
from tests.simulation.checks.stage import CENT, LIQUIDATOR, MARKET, History, forget


@pytest.fixture
def history():
    return History()


def a_permit(history, seconds, level=Level.RUN):
    return TradingPermit(level=level, expires_at=history.now() + round(seconds * SECOND))


# I3, I4


def test_i3_an_order_leaves_and_rests_after_its_intent_or_it_is_said(history):
    history.watched_by(IntendedFirst(history.ward))
    history.intend("a")
    history.checker.sent("a", history.now())
    history.accept("a")
    history.accept("somebody's", is_foreign=True)
    assert history.found == []
    history.checker.sent("b", history.now())
    history.accept("c")

    assert history.found == ["I3", "I3"]


def test_i4_an_order_that_rests_is_open_to_the_gateway_or_it_is_said(history):
    history.watched_by(NeverForgotten(history.ward))
    history.intend("a")
    history.accept("a")
    history.checker.stepped()
    assert history.found == []
    forget(history, "a")
    history.checker.stepped()

    assert history.found == ["I4"]


def test_i4_an_order_given_up_before_it_came_is_said_when_it_comes(history):
    history.watched_by(NeverForgotten(history.ward))
    history.intend("a")
    forget(history, "a")
    assert history.found == []
    history.accept("a")

    assert history.found == ["I4"]


# I5, I6


def test_i5_an_order_leaves_under_a_permit_or_it_is_said(history):
    checker = history.watched_by(OnlyWithLeave(history.ward))
    checker.permit(a_permit(history, 2))
    checker.sent("a", history.now())
    history.wait(1.9)
    checker.sent("b", history.now())
    assert history.found == []
    history.wait(0.2)
    checker.sent("c", history.now())

    assert history.found == ["I5"]


def test_i5_a_frozen_permit_is_none(history):
    checker = history.watched_by(OnlyWithLeave(history.ward))
    checker.permit(a_permit(history, 2, Level.FREEZE))
    checker.sent("a", history.now())

    assert history.found == ["I5"]


def test_i5_nothing_rests_for_long_after_the_last_permit(history):
    checker = history.watched_by(OnlyWithLeave(history.ward))
    checker.permit(a_permit(history, 2))
    history.intend("a")
    history.accept("a")
    history.wait(28)
    checker.second()
    assert history.found == []
    history.wait(2)
    checker.second()

    assert history.found == ["I5"]


def test_i6_an_order_of_an_earlier_gateway_never_joins_those_of_its_successor(history):
    checker = history.watched_by(NewestGateway(history.ward))
    history.intend("old", gateway=1)
    checker.sent("old", history.now())
    history.intend("older", gateway=1)
    history.accept("old")
    history.intend("new", gateway=2)
    checker.sent("new", history.now())
    history.accept("new")
    assert history.found == []
    history.accept("older")

    assert history.found == ["I6"]


# I7


@pytest.fixture
def fresh(history):
    checker = history.watched_by(FreshDecisions(history.ward))
    checker.word(FeedStatus(market=MARKET.id, live=True, verified_at=history.now()))
    return checker


def test_i7_a_fresh_vouched_quote_on_the_grid_is_fine(history, fresh):
    history.intend("a")
    history.wait(1.1)
    fresh.sent("a", history.now())

    assert history.found == []


def test_i7_an_old_decision_leaves(history, fresh):
    history.intend("a")
    history.wait(1.3)
    fresh.sent("a", history.now())

    assert history.found == ["I7"]


def test_i7_a_quote_leaves_that_the_feed_does_not_vouch_for(history, fresh):
    history.wait(4)
    fresh.word(FeedStatus(market=MARKET.id, live=False, verified_at=history.now()))
    history.intend("a")
    history.intend("exit", owner=LIQUIDATOR)
    fresh.sent("exit", history.now())
    assert history.found == []
    fresh.sent("a", history.now())

    assert history.found == ["I7"]


def test_i7_an_order_off_the_grid_leaves_unless_the_grid_was_another_just_now(history, fresh):
    history.ward.terms = lambda market: msgspec.structs.replace(MARKET, tick=Price(7 * CENT))
    history.intend("a", price=42)
    fresh.sent("a", history.now())
    assert history.found == []
    history.intend("b", price=41)
    fresh.sent("b", history.now())
    assert history.found == ["I7"]
    fresh.grid(MARKET.id, Price(CENT))
    history.intend("c", price=41)
    fresh.sent("c", history.now())

    assert history.found == ["I7"]


def test_i7_an_order_leaves_that_would_meet_our_own(history, fresh):
    history.intend("bid", price=40)
    history.accept("bid")
    history.intend("ask", Side.ASK, price=41)
    fresh.sent("ask", history.now())
    assert history.found == []
    history.intend("ask at the bid", Side.ASK, price=40)
    fresh.sent("ask at the bid", history.now())

    assert history.found == ["I7"]


# I11


@pytest.mark.parametrize(("level", "owner", "is_said"), [
    (Level.FREEZE, RoleName("maker"), True),
    (Level.FREEZE, LIQUIDATOR, True),
    (Level.HALT_QUOTES, RoleName("maker"), True),
    (Level.HALT_QUOTES, LIQUIDATOR, False),
])  # fmt: skip
def test_i11_what_a_halt_forbids_does_not_leave_after_a_second(history, level, owner, is_said):
    checker = history.watched_by(HaltsHold(history.ward))
    history.commit(TradingHalted(cause=HaltCause.OPERATOR, level=level, reason=""), "risk@1")
    history.intend("a", owner=owner)
    history.wait(0.9)
    checker.sent("a", history.now())
    assert history.found == []
    history.wait(0.2)
    checker.sent("a", history.now())

    assert history.found == (["I11"] if is_said else [])


def test_i11_a_resume_lifts_it(history):
    checker = history.watched_by(HaltsHold(history.ward))
    history.commit(TradingHalted(cause=HaltCause.OPERATOR, level=Level.FREEZE, reason=""), "risk@1")
    history.commit(TradingResumed(cause=HaltCause.OPERATOR, reason=""), "risk@1")
    history.wait(5)
    checker.sent("a", history.now())

    assert history.found == []


# I16


def test_i16_more_requests_than_the_venue_grants_are_said(history):
    budgets = Budgets(history.ward)
    for _ in range(60):
        budgets.asked("order", 1)
    budgets.asked("cancel", 120)
    history.wait(1)
    budgets.asked("order", 40)
    budgets.asked("cancel", 80)
    budgets.asked("read", 1_000)
    assert history.found == []
    budgets.asked("order", 1)
    budgets.asked("cancel", 1)

    assert history.found == ["I16", "I16"]


# I20


def test_i20_a_paused_market_is_left_alone_until_somebody_accepts_it(history):
    checker = history.watched_by(DirtyIsLeft(history.ward))
    history.intend("a")
    history.commit(MarketPaused(market=MARKET.id, slug="m", cause=PauseCause.DRIFT, reason=""), "gateway@1")
    history.wait(0.9)
    checker.sent("a", history.now())
    assert history.found == []
    history.wait(0.2)
    checker.sent("a", history.now())
    assert history.found == ["I20"]
    history.commit(MarketResumed(market=MARKET.id, slug="m", reason=""), "gateway@1")
    history.intend("b")
    checker.sent("b", history.now())

    assert history.found == ["I20"]
