"""What became of an order: the ordering rules, answers that were lost, and lists that are late."""

import pytest

from messages.account import OrderSeenKind, ReadAccount
from messages.orders import (
    Answer,
    CancelAnswered,
    CancelFailed,
    OrderAnswered,
    OrderCanceled,
    OrderDenied,
    OrderExpired,
    OrderFilled,
    OrderFound,
    OrderIntended,
    OrderVoided,
    PrepareOrder,
    ReadOrder,
    TakeOrdersOff,
    VenueMode,
)
from messages.values import SECOND, MarketNs, RealNs
from tests.actors.gateway_stage import Gateway, a_leg, cancel, kinds, listed, named, off, started
from tests.factories import MARKET, OTHER, a_book, an_info, cents, of, shares, taken
from trading.orders import Status


@pytest.fixture
def gateway():
    return started()


def alive(gateway, seconds):
    """Time passes, permits and beats go on; what the watch said."""
    said = []
    for _ in range(round(seconds * 10)):
        gateway.wait(0.1)
        gateway.keep_alive()
        said += gateway.watch()
    return said


# The ordering rules.


def test_r1_a_cancels_answer_releases_nothing_and_a_read_of_trades_that_began_after_it_does(gateway):
    gateway.rest("c1")
    gateway.hear(cancel("c1"))
    gateway.wait(1)
    gateway.hear(off("c1"))
    assert gateway.worst == (0, shares(10))
    assert gateway.lists(begun_at=RealNs(gateway.real - SECOND)) == []
    assert gateway.worst == (0, shares(10))

    assert gateway.lists() == [], "trades may be listed late"
    said = gateway.read_late(legs=(a_leg("c1", 4),))
    assert kinds(said)[:2] == ["OrderFilled", "OrderCanceled"], "it was hit before it was taken off"
    assert gateway.worst == (shares(4), shares(4))


def test_r2_absence_from_a_list_counts_only_if_it_was_asked_for_after_the_acceptance(gateway):
    gateway.send("c1")
    gateway.wait(1)
    before = RealNs(gateway.real - SECOND // 2)
    gateway.answer("c1", Answer.RESTING)

    assert gateway.lists(begun_at=before) == []
    assert not of(ReadOrder, gateway.watch(0.1)), "it proves so little that nobody is asked"


def test_r2_a_late_list_proves_nothing_while_the_venue_knows_the_order_by_its_name(gateway):
    gateway.rest("c1")
    gateway.wait(1)
    assert gateway.lists() == []
    assert of(ReadOrder, gateway.watch(0.1)) == [ReadOrder(order=named("c1"))]
    assert gateway.look("c1", OrderFound.OPEN) == []
    assert gateway.lists() == []
    assert gateway.open_commands == ["c1"]

    gateway.look("c1", OrderFound.NONE)
    assert gateway.read_late() == [], "what does not have it may be late, and it is young"
    gateway.look("c1", OrderFound.NONE)
    assert gateway.lists() == [], "trades may be listed late"
    assert of(OrderCanceled, gateway.read_late())


def test_r3_a_fill_of_the_replay_is_not_applied_again_when_stream_and_read_tell_of_it(gateway):
    gateway.rest("c1")
    gateway.legs(a_leg("c1", 4))
    later = Gateway()
    later.recover(gateway.journal)
    later.open()
    later.stream()

    assert of(OrderFilled, later.legs(a_leg("c1", 4))) == []
    assert of(OrderFilled, later.lists(legs=(a_leg("c1", 4),))) == []
    assert later.gateway.account.inventories[MARKET].net == shares(4)


def test_r4_a_fill_between_the_list_and_the_trades_is_no_cancel(gateway):
    gateway.rest("c1")
    gateway.wait(1)

    assert kinds(gateway.lists(listed("c1"), legs=(a_leg("c1", 10),))) == ["OrderFilled", "OrderCompleted"]


# An answer that was lost.


def test_a_lost_order_that_the_venue_knows_rests_and_keeps_its_place_if_it_is_fresh(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)
    assert of(ReadOrder, gateway.watch(0.2)) == [ReadOrder(order=named("c1"))]

    assert kinds(gateway.look("c1", OrderFound.OPEN)) == ["OrderAccepted"]
    assert gateway.gateway.table.get(named("c1")).status is Status.RESTING


def test_a_lost_order_that_the_venue_knows_is_taken_off_if_it_was_decided_long_ago(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)
    gateway.wait(1)

    assert kinds(gateway.look("c1", OrderFound.OPEN)) == ["OrderAccepted", "TakeOrdersOff"]


def test_a_lost_order_nobody_knows_is_canceled_by_its_name_and_released_after_all_proofs(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)
    assert gateway.look("c1", OrderFound.NONE) == [TakeOrdersOff(orders=(named("c1"),))]
    alive(gateway, 24)
    gateway.look("c1", OrderFound.NONE)
    alive(gateway, 1.1)
    assert gateway.lists() == [], "its name was asked for within the quarantine"
    assert gateway.worst == (0, shares(10))
    gateway.look("c1", OrderFound.NONE)
    assert gateway.lists() == [], "trades may be listed late"

    assert kinds(gateway.read_late()) == ["OrderVoided"]
    assert gateway.worst == (0, 0)


def test_a_lost_order_that_comes_late_is_found_by_its_name_and_taken_off(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)
    gateway.look("c1", OrderFound.NONE)
    alive(gateway, 4)

    assert kinds(gateway.look("c1", OrderFound.OPEN)) == ["OrderAccepted", "TakeOrdersOff"]
    gateway.hear(off("c1"))
    assert of(OrderCanceled, gateway.read_late())


def test_only_the_market_of_a_lost_order_is_in_quarantine(gateway):
    gateway.hear(an_info(OTHER), a_book(40, 60, market=OTHER), taken(OTHER, owner="maker2"))
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)

    assert of(OrderDenied, gateway.place("c2"))[0].reason == "an order of this market is unresolved"
    assert of(PrepareOrder, gateway.place("c3", market=OTHER, owner="maker2"))


def test_a_lost_order_that_ended_at_the_venue_is_closed_when_its_fills_are_known(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)
    assert gateway.look("c1", OrderFound.ENDED, matched=10) == []
    assert of(ReadAccount, gateway.watch(0.3))

    assert kinds(gateway.lists(legs=(a_leg("c1", 10),))) == ["OrderFilled", "OrderCompleted"]


def test_an_order_is_never_sent_a_second_time(gateway):
    (first,) = of(OrderIntended, gateway.send("c1"))
    gateway.answer("c1", Answer.LOST)
    gateway.look("c1", OrderFound.NONE)
    said = alive(gateway, 26) + gateway.look("c1", OrderFound.NONE) + gateway.read_late() + alive(gateway, 5)

    assert of(OrderVoided, said)
    assert not [word for word in kinds(said) if word in ("SendOrder", "PrepareOrder", "OrderIntended")]
    assert first.order == named("c1")


def test_an_order_that_comes_after_all_proofs_is_taken_off_at_once(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)
    gateway.wait(25.1)
    gateway.keep_alive()
    gateway.look("c1", OrderFound.NONE)
    assert of(OrderVoided, gateway.read_late())

    assert gateway.seen("c1", OrderSeenKind.PLACED) == [TakeOrdersOff(orders=(named("c1"),))]


# Orders that end by themselves.


def test_an_order_says_when_it_ends_and_is_taken_back_shortly_before(gateway):
    (wanted,) = of(PrepareOrder, gateway.place("c1"))
    (intended,) = of(OrderIntended, gateway.prepared("c1"))
    gateway.answer("c1", Answer.RESTING)
    assert wanted.expires_at == intended.expires_at
    assert int(intended.expires_at) == gateway.market_time // SECOND * SECOND + 300 * SECOND
    gateway.wait(0.5, 289)
    gateway.keep_alive()
    assert not of(TakeOrdersOff, gateway.watch())
    gateway.wait(0.1, 2)

    assert of(TakeOrdersOff, gateway.watch()) == [TakeOrdersOff(orders=(named("c1"),))]
    gateway.hear(off("c1"))
    (end,) = of(OrderCanceled, gateway.read_late())
    assert end.reason == "its time was nearly over"


def test_an_order_whose_end_passed_unheard_is_expired(gateway):
    gateway.rest("c1")
    gateway.wait(5.1)
    gateway.keep_alive()
    gateway.wait(0.5, 301)
    gateway.watch()
    gateway.look("c1", OrderFound.NONE)

    assert of(OrderExpired, gateway.read_late())


def test_orders_may_be_made_to_rest_for_ever():
    gateway = started(order_life_s=0)
    (wanted,) = of(PrepareOrder, gateway.place("c1"))

    assert wanted.expires_at == MarketNs(0)


# Orders that were answered while the engine was down, and orders that count as never taken.


@pytest.mark.parametrize("between", ["other_rests", "other_no", "disabled", "cancel_only"])
def test_an_order_of_a_restart_is_resolved_by_whatever_door_the_engine_comes_back(gateway, between):
    gateway.send("c1")
    if between.startswith("other"):
        gateway.send("c2", price=cents(47))
    gateway.hear(OrderAnswered(order=named("c1"), answer=Answer.LOST, mode=VenueMode.RESTARTING))
    if between == "other_rests":
        gateway.answer("c2", Answer.RESTING)
    elif between == "other_no":
        gateway.answer("c2", Answer.REJECTED, "crossing")
    else:
        mode = {"disabled": VenueMode.DISABLED, "cancel_only": VenueMode.CANCEL_ONLY}[between]
        gateway.hear(CancelFailed(orders=(named("c1"),), reason="503", mode=mode))
    gateway.wait(30)
    gateway.keep_alive()
    gateway.hear(CancelAnswered(canceled=(), not_canceled=()))
    gateway.wait(30)
    gateway.keep_alive()
    gateway.look("c1", OrderFound.NONE)

    assert of(OrderVoided, gateway.read_late(listed("c2") if between == "other_rests" else ()))


@pytest.mark.parametrize("how", ["stream", "read"])
def test_a_trade_of_an_order_that_was_refused_counts_and_what_is_left_of_it_comes_off(gateway, how):
    gateway.send("c1")
    gateway.answer("c1", Answer.REJECTED, "order timed out")
    gateway.wait(1)
    leg = a_leg("c1", 4)
    said = gateway.legs(leg) if how == "stream" else gateway.lists(legs=(leg,))

    assert of(OrderFilled, said)
    assert of(TakeOrdersOff, said) == [TakeOrdersOff(orders=(named("c1"),))]


def test_a_word_that_an_order_was_matched_which_was_refused_takes_it_off(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.REJECTED, "order timed out")

    assert gateway.seen("c1", OrderSeenKind.MATCHED, 4) == [TakeOrdersOff(orders=(named("c1"),))]
