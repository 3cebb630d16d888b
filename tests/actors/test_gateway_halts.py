"""What takes orders off and denies new ones: permits, halts, the kill switch, and traders that restart."""

import pytest

from messages.orders import (
    Answer,
    CancelAll,
    DenyRule,
    ForgetOrder,
    OrderDenied,
    PrepareOrder,
    SendOrder,
    TakeAllOff,
    TakeOrdersOff,
)
from messages.risk import KillSwitchSeen, Level
from messages.values import Side
from runtime.child import Phase
from tests.actors.gateway_stage import a_roster, kinds, named, started
from tests.factories import LIQUIDATOR, OTHER, a_fill, an_info, assigned, cents, confirmed, of, retired


@pytest.fixture
def gateway():
    return started()


def quotes_and_an_exit(gateway):
    """A quote of the maker and a closing order of a liquidator, both resting."""
    gateway.hear(retired(OTHER), assigned(OTHER), an_info(OTHER))
    fill = a_fill(10, 50, market=OTHER)
    gateway.hear(fill, confirmed(fill))
    gateway.rest("q1")
    gateway.rest("l1", market=OTHER, owner=LIQUIDATOR, side=Side.ASK, price=cents(55))


def test_halted_quotes_come_off_and_liquidators_go_on(gateway):
    quotes_and_an_exit(gateway)
    gateway.place("q0", side=Side.ASK, price=cents(52))
    said = gateway.keep_alive(Level.HALT_QUOTES)

    assert of(TakeOrdersOff, said) == [TakeOrdersOff(orders=(named("q1"),))]
    assert kinds(gateway.prepared("q0")) == ["ForgetOrder", "OrderDenied"]
    assert of(OrderDenied, gateway.place("q2"))[0].rule is DenyRule.NO_PERMIT


def test_a_freeze_takes_everything_off_once(gateway):
    quotes_and_an_exit(gateway)

    assert of(TakeAllOff, gateway.keep_alive(Level.FREEZE)) == [TakeAllOff()]
    assert of(TakeAllOff, gateway.keep_alive(Level.FREEZE)) == []


def test_a_permit_that_lapses_takes_everything_off_and_again_each_second(gateway):
    gateway.rest("c1")
    assert not of(TakeAllOff, gateway.watch(1.9))
    assert of(TakeAllOff, gateway.watch(0.1))
    assert not of(TakeAllOff, gateway.watch(0.5))
    assert of(TakeAllOff, gateway.watch(0.5))
    gateway.read()

    assert not of(TakeAllOff, gateway.watch(2)), "nothing is open any more"


def test_an_order_that_is_signed_when_its_permit_is_gone_may_not_leave(gateway):
    gateway.wait(1.5)
    gateway.hear(an_info())
    gateway.place("c1")
    (sent,) = of(SendOrder, gateway.prepared("c1"))

    assert sent.send_before <= gateway.gateway.intake.permit.expires_at


@pytest.mark.parametrize("what", ["kill switch", "cancel all", "freeze", "stop"])
def test_whatever_stops_everything_also_stops_what_is_being_signed_or_sent(gateway, what):
    gateway.place("signing")
    gateway.send("sent", side=Side.ASK, price=cents(52))
    said = {
        "kill switch": lambda: gateway.hear(KillSwitchSeen(present=True, reason="enough")),
        "cancel all": lambda: gateway.hear(CancelAll(reason="operator")),
        "freeze": lambda: gateway.keep_alive(Level.FREEZE),
        "stop": lambda: gateway.call("stop"),
    }[what]()
    assert of(ForgetOrder, said) == [ForgetOrder(order=named("sent"))]
    assert of(TakeAllOff, said)
    late = gateway.prepared("signing")
    assert kinds(late) == ["ForgetOrder", "OrderDenied"]
    assert late[1].rule is DenyRule.TAKEN_BACK

    assert of(TakeOrdersOff, gateway.answer("sent", Answer.RESTING)), "it had left already"


def test_the_kill_switch_denies_until_it_is_gone(gateway):
    gateway.hear(KillSwitchSeen(present=True, reason="enough"))
    (no,) = of(OrderDenied, gateway.place("c1"))
    assert (no.rule, no.reason) == (DenyRule.KILL_SWITCH, "enough")
    gateway.hear(KillSwitchSeen(present=False))

    assert of(PrepareOrder, gateway.place("c2"))


def test_a_restarted_traders_orders_are_taken_off_and_nobody_elses(gateway):
    quotes_and_an_exit(gateway)
    gateway.place("q2", side=Side.ASK, price=cents(52))
    assert gateway.hear(a_roster(7), a_roster(7)) == []
    assert gateway.hear(a_roster(8)) == [TakeOrdersOff(orders=(named("q1"),))]

    assert kinds(gateway.prepared("q2")) == ["ForgetOrder", "OrderDenied"]


@pytest.mark.parametrize("state", [Phase.BACKOFF, Phase.STOPPED, Phase.FAILED])
def test_orders_of_a_trader_that_is_not_there_are_taken_off_before_another_one_is(gateway, state):
    quotes_and_an_exit(gateway)
    assert gateway.hear(a_roster(7)) == []

    assert gateway.hear(a_roster(7, state), a_roster(7, state)) == [TakeOrdersOff(orders=(named("q1"),))]
