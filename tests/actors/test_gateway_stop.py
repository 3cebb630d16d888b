"""A gateway that is asked to stop leaves nothing on the book, or says what it could not prove."""

import pytest

from messages.account import AccountReadFailed, BookEmptied, ReadAccount
from messages.orders import Answer, CancelAnswered, CancelFailed, OrderCanceled, OrderFound, TakeOrdersOff
from tests.actors.gateway_stage import kinds, left_behind, listed, named, off, started
from tests.factories import an_order, intended, of


@pytest.fixture
def gateway():
    return started()


def test_a_stop_takes_everything_off_sees_that_it_is_gone_and_ends_well(gateway):
    gateway.rest("c1")
    assert kinds(gateway.call("stop")) == ["TakeAllOff"]
    assert not gateway.gateway.is_stopped
    gateway.read(listed("c1"))
    gateway.wait(0.3)
    assert of(OrderCanceled, gateway.read())
    gateway.wait(1)
    said = gateway.read()

    assert said == [BookEmptied(when="stop")]
    assert (gateway.gateway.is_stopped, gateway.gateway.exit_code) == (True, 0)


def test_a_stop_reads_at_once_and_often(gateway):
    gateway.call("stop")
    assert of(ReadAccount, gateway.watch(0.25))
    gateway.read(listed("c1"))

    assert of(ReadAccount, gateway.watch(0.25))


def test_a_stop_waits_for_an_order_that_may_still_arrive(gateway):
    gateway.send("c1")
    gateway.call("stop")
    gateway.read()
    gateway.wait(2)
    assert gateway.read() == []
    assert not gateway.gateway.is_stopped, "its answer is still to come"
    assert of(TakeOrdersOff, gateway.answer("c1", Answer.RESTING))
    gateway.wait(1)
    gateway.read()

    assert (gateway.gateway.is_stopped, gateway.gateway.exit_code) == (True, 0)


def test_a_book_that_is_never_read_as_empty_is_said_so_and_ends_with_three(gateway):
    gateway.rest("c1")
    gateway.call("stop")
    for _ in range(9):
        gateway.watch(1)
        gateway.read(listed("c1", "alien"))
    assert not gateway.gateway.is_stopped
    said = gateway.watch(1)

    assert of(BookEmptied, said) == [BookEmptied(when="stop", left=2)]
    assert (gateway.gateway.is_stopped, gateway.gateway.exit_code) == (True, 3)


def test_an_account_that_cannot_be_read_is_not_called_empty(gateway):
    gateway.call("stop")
    gateway.hear(AccountReadFailed(reason="503"), CancelFailed(orders=(), reason="503", everything=True))
    said = gateway.watch(10)

    assert of(BookEmptied, said) == []
    assert (gateway.gateway.is_stopped, gateway.gateway.exit_code) == (True, 3)


def test_a_lost_order_that_may_yet_appear_makes_an_end_unproven(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)
    gateway.call("stop")
    for _ in range(9):
        gateway.wait(1)
        gateway.read()

    assert of(BookEmptied, gateway.watch(1)) == [BookEmptied(when="stop", left=1)]
    assert gateway.gateway.exit_code == 3


def test_a_cancel_that_the_venue_confirms_resolves_a_lost_order(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)
    gateway.call("stop")
    gateway.hear(CancelAnswered(canceled=(named("c1"),), not_canceled=()))
    gateway.wait(0.5)
    assert not of(OrderCanceled, gateway.read()), "trades may be listed late"
    assert of(OrderCanceled, gateway.read_late())

    assert (gateway.gateway.is_stopped, gateway.gateway.exit_code) == (True, 0)


def test_fills_that_may_be_listed_late_do_not_hold_up_a_stop_for_longer_than_two_seconds(gateway):
    gateway.rest("c1")
    gateway.call("stop")
    gateway.hear(off("c1"))
    gateway.lists()
    gateway.wait(1.5)
    gateway.lists()
    assert not gateway.gateway.is_stopped
    gateway.wait(0.6)
    gateway.lists()

    assert (gateway.gateway.is_stopped, gateway.gateway.exit_code) == (True, 0)
    assert gateway.open_commands == ["c1"], "the next start hears what became of it"


@pytest.mark.parametrize("by_name", [OrderFound.NONE, None])
def test_a_stop_is_in_order_only_when_what_is_gone_from_the_list_is_gone_by_its_name_as_well(
    gateway, by_name
):
    gateway.rest("c1")
    gateway.wait(5)
    gateway.call("stop")
    gateway.lists()
    if by_name is not None:
        gateway.look("c1", by_name)
    for _ in range(8):
        gateway.wait(1.1)
        gateway.lists()
    gateway.watch(1.5)

    assert gateway.gateway.is_stopped
    assert gateway.gateway.exit_code == (0 if by_name is OrderFound.NONE else 3)


def test_nothing_more_is_asked_once_it_has_stopped(gateway):
    gateway.call("stop")
    gateway.read()
    gateway.wait(1)
    gateway.read()

    assert gateway.watch(60) + gateway.call("beat") == []


@pytest.mark.parametrize(("events", "code"), [((), 0), ((intended(an_order("c1")),), 3)])
def test_a_stop_before_the_account_is_open_can_only_say_what_is_known(events, code):
    gateway = left_behind(*events)
    assert gateway.call("stop") == []
    assert gateway.open() == []

    assert (gateway.gateway.is_stopped, gateway.gateway.exit_code) == (True, code)
