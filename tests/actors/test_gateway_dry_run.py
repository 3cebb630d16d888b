"""A dry run judges everything and sends nothing."""

from messages.account import BeatDeadMan, BookEmptied, UserStreamLost
from messages.orders import (
    CancelAll,
    DenyRule,
    OrderDenied,
    PrepareOrder,
    SendOrder,
    TakeAllOff,
    TakeOrdersOff,
)
from messages.risk import KillSwitchSeen
from messages.values import RealNs
from tests.actors.gateway_stage import Gateway, a_roster, left_behind, listed, started
from tests.factories import accepted, an_info, an_order, intended, of


def test_a_dry_run_judges_everything_and_sends_nothing_whatever_happens():
    place = an_order("c0")
    gateway = left_behind(intended(place), accepted(place), intended(an_order("c00")), dry_run=True)
    said = gateway.open() + gateway.stream() + gateway.read(listed("c0", "alien"))
    assert gateway.gateway.is_ready
    gateway.hear(an_info(), a_roster(1))
    gateway.keep_alive()
    gateway.place("c1")
    said += gateway.hear(a_roster(2), CancelAll(reason=""), KillSwitchSeen(present=True))
    said += gateway.hear(UserStreamLost(reason="", attempt=1, at=RealNs(0)))
    said += gateway.read(listed("c00", "alien"))
    for _ in range(20):
        said += gateway.watch(1) + gateway.call("beat")
    said += gateway.call("stop")

    sent = (TakeAllOff, TakeOrdersOff, SendOrder, BeatDeadMan, PrepareOrder)
    assert [message for message in said if isinstance(message, sent)] == []
    assert (gateway.gateway.is_stopped, gateway.gateway.exit_code) == (True, 0)


def test_a_dry_run_says_what_it_would_do():
    gateway = started(dry_run=True)
    (no,) = of(OrderDenied, gateway.place("c1"))

    assert (no.rule, no.reason) == (DenyRule.DRY_RUN, "would buy yes, nothing is sent")


def test_a_dry_run_does_not_call_a_book_empty_that_is_not():
    gateway = Gateway(dry_run=True)
    gateway.recover()
    gateway.open()
    gateway.stream()

    assert of(BookEmptied, gateway.read(listed("a", "b"))) == [BookEmptied(when="start", left=2)]
