"""An order's way through the gateway: intended before it is sent, and closed by what is proven of it."""

import pytest

from messages.account import OrderSeenKind, ReadAccount
from messages.orders import (
    Answer,
    AnswerLost,
    DenyRule,
    ForgetOrder,
    OrderAccepted,
    OrderCanceled,
    OrderDenied,
    OrderIntended,
    OrderRejected,
    OrderVoided,
    PrepareFailed,
    PrepareOrder,
    ReadOrder,
    SendOrder,
    TakeOrdersOff,
)
from messages.values import SECOND, Action, CommandId, Outcome, Side
from tests.actors.gateway_stage import YES, Gateway, a_leg, cancel, kinds, listed, named, off, started
from tests.factories import cents, of, shares


@pytest.fixture
def gateway() -> Gateway:
    return started()


# Intent before sending.


def test_the_intent_is_said_before_the_order_is_sent(gateway):
    gateway.place("c1")
    said = gateway.prepared("c1")
    assert kinds(said) == ["OrderIntended", "SendOrder"]
    intent, send = said
    assert isinstance(intent, OrderIntended)
    assert isinstance(send, SendOrder)
    assert (intent.order, intent.token, intent.outcome, intent.action) == (
        named("c1"),
        YES,
        Outcome.YES,
        Action.BUY,
    )
    assert intent.intended_at == gateway.market_time

    assert send.send_before == intent.send_before == gateway.real + SECOND


def test_a_place_that_is_told_twice_counts_once_and_is_not_denied(gateway):
    place = gateway.wanted("c1")
    gateway.hear(place)
    assert gateway.hear(place) == []
    gateway.prepared("c1")
    assert gateway.hear(place) == []
    gateway.answer("c1", Answer.RESTING)
    assert gateway.hear(place) == []
    gateway.legs(a_leg("c1", 10))

    assert gateway.hear(place) == []


def test_what_was_asked_for_before_a_restart_is_recognised_after_it():
    gateway = Gateway()
    before = started()
    before.rest("c1")
    gateway.recover(before.journal)
    gateway.open()
    gateway.stream()
    gateway.read()
    gateway.wait(1)
    gateway.read()

    assert gateway.place("c1") == []


def test_what_cannot_be_signed_is_denied_and_frees_what_it_held(gateway):
    gateway.place("c1", size=shares(60))
    (no,) = of(OrderDenied, gateway.hear(PrepareFailed(command=CommandId("c1"), reason="price")))
    assert (no.command, no.rule, no.reason) == ("c1", DenyRule.NOT_READY, "price")

    assert of(PrepareOrder, gateway.place("c2", size=shares(60)))


def test_what_nobody_waits_for_is_forgotten_by_the_port(gateway):
    assert gateway.prepared("c9") == [ForgetOrder(order=named("c9"))]
    assert gateway.hear(PrepareFailed(command=CommandId("c9"), reason="")) == []


# Answers.


def test_resting(gateway):
    gateway.send("c1")
    (said,) = of(OrderAccepted, gateway.answer("c1", Answer.RESTING))

    assert (said.order, said.command, said.side, said.price, said.size) == (
        named("c1"),
        "c1",
        Side.BID,
        cents(48),
        shares(10),
    )


@pytest.mark.parametrize(
    ("answer", "closing"), [(Answer.REJECTED, OrderRejected), (Answer.NOT_SENT, OrderVoided)]
)
def test_an_order_that_never_came_to_the_book_is_closed_and_released(gateway, answer, closing):
    gateway.send("c1")
    (said,) = of(closing, gateway.answer("c1", answer, "why"))

    assert (said.command, said.reason) == ("c1", "why")
    assert gateway.worst == (0, 0)


def test_a_lost_answer_keeps_its_exposure_reserved_and_is_looked_for_by_name_and_in_the_lists(gateway):
    gateway.send("c1")
    said = gateway.answer("c1", Answer.LOST, "timeout")
    assert kinds(said) == ["AnswerLost"]
    assert gateway.worst == (0, shares(10))
    asked = gateway.watch(0.25)
    assert of(ReadAccount, asked)
    assert of(ReadOrder, asked) == [ReadOrder(order=named("c1"))]
    assert of(OrderDenied, gateway.place("c2"))[0].reason == "an order of this market is unresolved"


def test_a_lost_order_is_found_by_the_stream(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)

    assert kinds(gateway.seen("c1", OrderSeenKind.PLACED)) == ["OrderAccepted"]
    gateway.send("c2", side=Side.ASK, price=cents(52))
    gateway.answer("c2", Answer.LOST)
    gateway.wait(1.1)
    said = gateway.seen("c2", OrderSeenKind.PLACED)
    assert kinds(said) == ["OrderAccepted", "TakeOrdersOff"], "decided too long ago to rest"


def test_a_lost_order_is_found_by_a_read(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)

    assert kinds(gateway.read(listed("c1"))) == ["OrderAccepted"]
    assert kinds(gateway.read()) == ["OrderCanceled"]
    gateway.send("c2")
    gateway.answer("c2", Answer.LOST)
    gateway.wait(1)
    assert kinds(gateway.read(listed("c2"))) == ["OrderAccepted", "TakeOrdersOff"]


def test_a_lost_order_is_found_by_its_fill(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)

    assert kinds(gateway.read(legs=(a_leg("c1", 10),))) == ["OrderFilled", "OrderCompleted"]


def test_a_lost_order_is_void_only_after_its_quarantine(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)
    gateway.wait(24.9)
    assert gateway.read() == []
    assert gateway.worst == (0, shares(10))
    gateway.wait(0.2)
    assert gateway.read(begun_s_ago=0.2) == [], "the read began too early"

    assert gateway.read() == [], "trades may be listed late"
    assert kinds(gateway.read_late()) == ["OrderVoided"]
    assert gateway.worst == (0, 0)


def test_a_lost_order_that_the_venue_took_off_is_closed_by_a_read_after_that(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)
    gateway.wait(1)
    gateway.hear(off("c1"))
    assert gateway.read(begun_s_ago=0.5) == []
    assert gateway.read() == [], "trades may be listed late"

    assert kinds(gateway.read_late()) == ["OrderCanceled"]


def test_an_order_whose_answer_does_not_come_is_taken_off_by_its_name(gateway):
    gateway.send("c1")
    gateway.hear(cancel("c1"))
    assert not of(TakeOrdersOff, gateway.watch(0.9))

    assert of(TakeOrdersOff, gateway.watch(0.1)) == [TakeOrdersOff(orders=(named("c1"),))]
    gateway.hear(off("c1"))
    assert kinds(gateway.answer("c1", Answer.RESTING)) == ["OrderAccepted", "TakeOrdersOff"]
    assert kinds(gateway.read()) == ["OrderCanceled"]


def test_a_lost_order_that_was_filled_in_part_is_canceled_and_not_void(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)
    gateway.legs(a_leg("c1", 4))
    gateway.wait(25.1)
    gateway.read()
    (said,) = of(OrderCanceled, gateway.read_late())

    assert said.filled == shares(4)


def test_an_answer_that_comes_after_all_is_believed(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)
    assert kinds(gateway.answer("c1", Answer.LOST)) == []

    assert kinds(gateway.answer("c1", Answer.RESTING)) == ["OrderAccepted"]


def test_an_answer_for_an_order_that_is_closed_or_strange_changes_nothing(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.REJECTED)
    for answer in Answer:
        assert gateway.answer("c1", answer) + gateway.answer("c9", answer) == []


def test_our_own_words_told_back_late_do_not_turn_an_order_back(gateway):
    gateway.send("c1")
    gateway.commits = False
    lost = gateway.answer("c1", Answer.LOST)
    gateway.seen("c1", OrderSeenKind.PLACED)
    gateway.commits = True
    gateway.hear(*of(AnswerLost, lost))

    assert of(PrepareOrder, gateway.place("c2", price=cents(47))), (
        "it is resolved, whatever the journal has got to"
    )
