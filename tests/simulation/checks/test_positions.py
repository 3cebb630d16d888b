"""What is held and what it cost: a history in order says nothing, the same history broken says which invariant."""

import pytest

from messages.values import Action, Outcome, Side
from simulation.checks.positions import BeliefEnvelope, ExitsOnlyReduce, MoneyConserved, WorstCase
from tests.simulation.checks.stage import LIQUIDATOR, SHARE, History, filled, forget


@pytest.fixture
def history():
    return History()


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


# I10


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


# I14


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
