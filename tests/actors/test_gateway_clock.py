"""The gateway while the venue's clock and ours disagree."""

from messages.account import AccountStatus, VenueClockRead
from messages.orders import (
    CancelAnswered,
    DenyRule,
    OrderDenied,
    PrepareOrder,
    TakeAllOff,
)
from messages.system import Announce
from tests.actors.gateway_stage import named, started
from tests.factories import LIQUIDATOR, MAKER, cents, of


def clock(gateway, ahead_s):
    return gateway.hear(VenueClockRead(ahead_ms=round(ahead_s * 1_000)))


def status(gateway) -> AccountStatus:
    (found,) = of(AccountStatus, gateway.call("report"))
    return found


def test_three_seconds_are_said_and_shown_and_orders_go_on():
    gateway = started()
    (line,) = of(Announce, clock(gateway, -3))

    assert line.text == "the venue's clock is 3.0 s behind ours"
    assert (status(gateway).clock_ahead_ms, status(gateway).ready) == (-3_000, True)
    assert of(PrepareOrder, gateway.place("a"))


def test_six_seconds_take_everything_off_and_nothing_is_placed_until_it_is_right_again():
    gateway = started()
    gateway.rest("a")
    said = clock(gateway, 6)
    assert of(TakeAllOff, said)
    assert of(Announce, said)
    gateway.hear(CancelAnswered(canceled=(named("a"),), not_canceled=()))
    for command, owner in (("b", MAKER), ("c", LIQUIDATOR)):
        (no,) = of(OrderDenied, gateway.place(command, owner=owner))
        assert (no.rule, no.reason) == (DenyRule.NOT_READY, "the venue's clock is 6.0 s ahead of ours")
    assert status(gateway).reason == "the venue's clock is 6.0 s ahead of ours"
    (line,) = of(Announce, clock(gateway, 0.5))

    assert line.text == "the venue's clock agrees with ours again"
    assert of(PrepareOrder, gateway.place("d", price=cents(47)))
