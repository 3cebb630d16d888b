"""Every checker bites: a history in order says nothing, the same history broken says which invariant."""

import msgspec
import pytest

from messages.liquidation import LiquidatorAssigned, MarketTaken
from messages.market import FeedStatus
from messages.orders import OrderCanceled, OrderFilled
from messages.risk import HaltCause, Level, TradingHalted, TradingPermit, TradingResumed
from messages.system import EngineChanged, EngineState
from messages.values import (
    SECOND,
    Action,
    CommandId,
    MarketNs,
    Money,
    Outcome,
    Price,
    RoleName,
    Side,
    Size,
    TradeId,
)
from messages.wallet import MarketPaused, MarketResumed, PauseCause
from simulation.checks.facts import Bounded, Durable, FactChecks, NoStorms, digest
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
from simulation.checks.positions import BeliefEnvelope, ExitsOnlyReduce, MoneyConserved, WorstCase
from simulation.checks.progress import Progress
from tests.factories import retired
from tests.simulation.checks.stage import CENT, MARKET, SHARE, History

LIQUIDATOR = RoleName("liquidator:1")


@pytest.fixture
def history():
    return History()


def filled(order, trade, size, side=Side.BID):
    return OrderFilled(
        trade=TradeId(trade),
        order=order,
        command=CommandId(f"c-{order}"),
        market=MARKET.id,
        owner=RoleName("maker"),
        side=side,
        price=Price(40 * CENT),
        size=Size(round(size * SHARE)),
        outcome=Outcome.YES,
        action=Action.BUY,
        fee=Money(0),
        matched_at=MarketNs(0),
    )


def forget(history, order):
    """The gateway holds it for gone."""
    history.account.note(
        OrderCanceled(
            order=order, command=CommandId(f"c-{order}"), market=MARKET.id, owner=RoleName("maker"),
            filled=Size(0), reason="",
        ),
        history.now(),
    )  # fmt: skip


def a_permit(history, seconds, level=Level.RUN):
    return TradingPermit(level=level, expires_at=history.now() + round(seconds * SECOND))


# I1


def test_i1_a_fill_within_what_is_reserved_is_fine_heard_or_not(history):
    history.watched_by(BeliefEnvelope(history.ward))
    history.intend("a")
    history.accept("a")
    history.match("t", "a", 4)
    history.believe(filled("a", "t", 4))
    history.checker.second()

    assert history.found == []


def test_i1_a_fill_of_an_order_given_up_is_more_than_believed(history):
    history.watched_by(BeliefEnvelope(history.ward))
    history.intend("a")
    history.accept("a")
    forget(history, "a")
    history.match("t", "a", 4)

    assert history.found == ["I1"]
    assert "believed 0" in str(history.ward.breaches[0])
    assert "true 4000000" in str(history.ward.breaches[0])
    assert "seed 7" in str(history.ward.breaches[0])


def test_i1_a_fill_believed_twice_is_more_than_true(history):
    history.watched_by(BeliefEnvelope(history.ward))
    history.intend("a")
    history.accept("a")
    history.match("t", "a", 4)
    history.believe(filled("a", "t", 4))
    history.believe(filled("a", "other", 4))
    history.checker.second()

    assert history.found == ["I1"]


def test_i1_a_match_that_failed_may_be_believed_for_a_while_and_not_for_ever(history):
    history.watched_by(BeliefEnvelope(history.ward))
    history.intend("a")
    history.accept("a")
    leg = history.match("t", "a", 4)
    history.believe(filled("a", "t", 4))
    history.fail(leg)
    history.wait(60)
    history.checker.second()
    assert history.found == []
    history.wait(60)
    history.checker.second()

    assert history.found == ["I1"]


def test_i1_nothing_is_asked_of_a_gateway_that_is_not_ready(history):
    history.watched_by(BeliefEnvelope(history.ward))
    history.intend("a")
    history.accept("a")
    history.account = None
    history.match("t", "a", 4)

    assert history.found == []


# I2


def test_i2_orders_up_to_the_cap_are_fine_and_one_more_is_not(history):
    history.watched_by(WorstCase(history.ward))
    for n in range(6):
        history.intend(f"b{n}")
        history.accept(f"b{n}")
    history.intend("ask", Side.ASK, price=60)
    history.accept("ask")
    assert history.found == []
    history.intend("one more")
    history.accept("one more")

    assert history.found == ["I2"]


def test_i2_what_is_held_counts_and_what_was_canceled_does_not(history):
    history.watched_by(WorstCase(history.ward))
    for n in range(5):
        history.intend(f"b{n}")
        history.accept(f"b{n}")
        history.match(f"t{n}", f"b{n}", 10)
        history.end(f"b{n}")
    history.intend("b5")
    history.accept("b5")
    history.end("b5")
    history.intend("b6")
    history.accept("b6")
    assert history.found == []
    history.intend("b7")
    history.accept("b7")

    assert history.found == ["I2"]


def test_i2_what_others_buy_for_us_counts_when_there_was_time_to_hear_of_it(history):
    history.watched_by(WorstCase(history.ward))
    history.accept("somebody's", is_foreign=True)
    history.match("t", "somebody's", 10)
    for n in range(6):
        history.intend(f"b{n}")
        history.accept(f"b{n}")
    assert history.found == []
    history.wait(100)
    history.intend("ask", Side.ASK, price=60)
    history.accept("ask")
    assert history.found == ["I2"]


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


# I8, I9, I10, I12: the report's own checks, at the moment of the commit.


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


def test_i10_an_exit_that_turns_the_position_at_the_venue_is_said(history):
    history.watched_by(ExitsOnlyReduce(history.ward))
    history.intend("a")
    history.accept("a")
    history.match("t", "a", 10)
    sells = {"owner": LIQUIDATOR, "outcome": Outcome.YES, "action": Action.SELL}
    history.intend("exit", Side.ASK, price=60, **sells)
    history.accept("exit")
    history.match("u", "exit", 9)
    assert history.found == []
    history.match("v", "exit", 2)

    assert history.found == ["I10"]


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


# I13, I14, I16, I17, I22, I23


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


def test_i14_money_that_no_match_moved_is_said(history):
    balance = [1_000 * SHARE]
    checker = history.watched_by(MoneyConserved(history.ward, lambda: balance[0]))
    checker.second()
    history.intend("a")
    history.accept("a")
    leg = history.match("t", "a", 10)
    balance[0] -= 4 * SHARE
    checker.second()
    history.fail(leg)
    balance[0] += 4 * SHARE
    checker.second()
    assert history.found == []
    balance[0] -= 2
    checker.second()

    assert history.found == ["I14"]


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
    for _ in range(3):
        history.started("maker")
    for _ in range(2):
        history.started("feed")
    history.commit(
        TradingResumed(cause=HaltCause.PROCESS_FAILED, reason="looked at", by="operator"), "risk@1"
    )
    for _ in range(3):
        history.started("maker")
    history.started("feed")
    assert history.found == []
    history.started("feed")

    assert history.found == ["I22"]


def test_i23_two_journals_have_one_digest_only_if_they_are_the_same(story):
    one = story.say(MarketTaken, market="0x1", slug="m", owner="maker").records
    same = digest(one)
    assert digest(list(one)) == same
    story.say(MarketTaken, market="0x2", slug="n", owner="maker")

    assert digest(story.records) != same


# Liveness


class House:
    """How the house is, set by hand."""

    def __init__(self) -> None:
        self.lacks = {"waiting": ["maker"], "orphaned": ["m"], "behind": ["risk"]}

    def waiting(self):
        return self.lacks["waiting"]

    def orphaned(self):
        return self.lacks["orphaned"]

    def behind(self):
        return self.lacks["behind"]


def everything(history):
    return history.watched_by(Progress(history.ward, House(), lambda: [MARKET]))


def test_what_is_missing_after_healing_is_said_when_its_time_is_over(history):
    progress = everything(history)
    history.account = None
    progress.second()
    assert history.found == []
    progress.heal()
    history.wait(59)
    progress.second()
    assert history.found == []
    history.wait(80)
    progress.second()

    assert sorted(history.found) == ["L1", "L2", "L3", "L4", "L5"]


def test_what_comes_back_in_time_is_never_said(history):
    house = House()
    progress = history.watched_by(Progress(history.ward, house, lambda: [MARKET]))
    progress.heal()
    house.lacks = {"waiting": [], "orphaned": [], "behind": []}
    for name, side, price in (("bid", Side.BID, 40), ("ask", Side.ASK, 60)):
        assert not progress.is_restored
        history.intend(name, side, price=price)
        history.accept(name)
        progress.second()
    history.wait(140)
    progress.second()

    assert progress.is_restored
    assert history.found == []


def test_l2_asks_for_no_quote_where_the_only_market_is_being_worked_off(history):
    progress = everything(history)
    history.commit(retired(MARKET.id))
    progress.heal()
    history.wait(140)
    progress.second()

    assert "L2" not in history.found


def test_l6_an_order_that_rests_after_the_stop_is_said(history):
    progress = history.watched_by(Progress(history.ward, House()))
    history.intend("a")
    history.accept("a")
    progress.stop()
    history.wait(19)
    progress.second()
    assert history.found == []
    history.wait(2)
    progress.second()

    assert history.found == ["L6"]
