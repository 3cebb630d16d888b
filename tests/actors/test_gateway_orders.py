"""An order's way through the gateway: gated, intended, sent, answered, filled, taken back, and never forgotten."""

from typing import Any

import msgspec
import pytest

from messages.account import OrderSeenKind, ReadAccount, Settlement, UserStreamLost
from messages.base import Message
from messages.orders import (
    Answer,
    AnswerLost,
    CancelAnswered,
    CancelFailed,
    CancelMarket,
    CancelOrder,
    DenyRule,
    FillConfirmed,
    FillReversed,
    ForgetOrder,
    OrderAccepted,
    OrderCanceled,
    OrderCompleted,
    OrderDenied,
    OrderExpired,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    OrderVoided,
    PrepareFailed,
    PrepareOrder,
    ReadOrder,
    SendOrder,
    TakeOrdersOff,
)
from messages.risk import KillSwitchSeen, Level
from messages.values import (
    MICRO,
    SECOND,
    Action,
    CommandId,
    MarketNs,
    Money,
    Outcome,
    Price,
    RealNs,
    Side,
    Size,
)
from tests.actors.gateway_stage import NO, YES, Gateway, a_leg, kinds, listed, named, started
from tests.factories import (
    LIQUIDATOR,
    MARKET,
    OTHER,
    a_book,
    a_fill,
    an_info,
    assigned,
    cents,
    confirmed,
    of,
    retired,
    shares,
    taken,
)
from trading.risk.gate import GateLimits


@pytest.fixture
def gateway() -> Gateway:
    return started()


def cancel(command: str) -> CancelOrder:
    """It is wanted back."""
    return CancelOrder(command=CommandId(command), market=MARKET)


def off(command: str) -> CancelAnswered:
    """The venue took it off."""
    return CancelAnswered(canceled=(named(command),), not_canceled=())


def liquidating(net: float, *, settled: bool = True, **settings: Any) -> Gateway:
    """A liquidator's market with this much held (short: of NO)."""
    stage = started(**settings)
    side = Side.BID if net > 0 else Side.ASK
    fill = a_fill(abs(net), 50, side=side)
    stage.hear(fill, *([confirmed(fill)] if settled else []), retired(), assigned())
    return stage


# The gate.


def not_ready(gateway: Gateway) -> list[Message]:
    gateway.hear(UserStreamLost(reason="", attempt=1, at=RealNs(0)))
    return gateway.place("c1")


def late(gateway: Gateway) -> list[Message]:
    place = gateway.wanted("c1")
    gateway.wait(1.01)
    return gateway.hear(place)


def duplicate(gateway: Gateway) -> list[Message]:
    gateway.hear(cancel("c1"))
    return gateway.place("c1")


def killed(gateway: Gateway) -> list[Message]:
    gateway.hear(KillSwitchSeen(present=True))
    return gateway.place("c1")


def unpermitted(gateway: Gateway) -> list[Message]:
    gateway.wait(2)
    return gateway.place("c1")


def halted(gateway: Gateway) -> list[Message]:
    gateway.keep_alive(Level.HALT_QUOTES)
    return gateway.place("c1")


def journal_lags(gateway: Gateway) -> list[Message]:
    gateway.gateway.journal_lag_ns = SECOND + 1
    return gateway.place("c1")


def journal_is_full(gateway: Gateway) -> list[Message]:
    gateway.gateway.unacknowledged = 2_049
    return gateway.place("c1")


def closed(gateway: Gateway) -> list[Message]:
    gateway.hear(an_info(accepting=False))
    return gateway.place("c1")


def unheard_of(gateway: Gateway) -> list[Message]:
    gateway.hear(taken(OTHER))
    return gateway.place("c1", market=OTHER)


def too_many(gateway: Gateway) -> list[Message]:
    gateway.rest("c00", size=shares(5))
    gateway.place("c0", price=cents(47), size=shares(5))
    return gateway.place("c1", side=Side.ASK, price=cents(52))


def meets_own_resting(gateway: Gateway) -> list[Message]:
    gateway.hear(a_book(None, None))
    gateway.rest("c0", price=cents(50))
    return gateway.place("c1", side=Side.ASK, price=cents(50))


def meets_own_being_signed(gateway: Gateway) -> list[Message]:
    gateway.hear(a_book(None, None))
    gateway.place("c0", side=Side.ASK, price=cents(50))
    return gateway.place("c1", price=cents(51))


def too_dear(gateway: Gateway) -> list[Message]:
    gateway.read(collateral=Money(4 * MICRO))
    return gateway.place("c1")


def paid_for_by_another(gateway: Gateway) -> list[Message]:
    gateway.read(collateral=Money(9 * MICRO))
    gateway.place("c0")
    return gateway.place("c1", side=Side.ASK, price=cents(52))


DENIALS = [
    (DenyRule.NOT_READY, "stream is down", not_ready),
    (DenyRule.LATE, "1010 ms ago", late),
    (DenyRule.DUPLICATE, "heard before", duplicate),
    (DenyRule.KILL_SWITCH, "kill switch", killed),
    (DenyRule.NO_PERMIT, "permit expired", unpermitted),
    (DenyRule.NO_PERMIT, "HALT_QUOTES", halted),
    (DenyRule.JOURNAL, "does not answer", journal_lags),
    (DenyRule.JOURNAL, "2049 events", journal_is_full),
    (DenyRule.NOT_OWNER, "nobody does", lambda g: g.place("c1", market=OTHER)),
    (DenyRule.NOT_OWNER, "maker does", lambda g: g.place("c1", owner=LIQUIDATOR)),
    (DenyRule.UNKNOWN_MARKET, "not known", unheard_of),
    (DenyRule.MARKET_CLOSED, "takes no orders", closed),
    (DenyRule.OFF_GRID, "485000", lambda g: g.place("c1", price=Price(485_000))),
    (DenyRule.OFF_GRID, "grid", lambda g: g.place("c1", price=Price(0))),
    (DenyRule.OFF_GRID, "grid", lambda g: g.place("c1", price=Price(MICRO))),
    (DenyRule.TOO_SMALL, "minimum", lambda g: g.place("c1", size=shares(4.99))),
    (DenyRule.TOO_SMALL, "minimum", lambda g: g.place("c1", size=Size(0))),
    (DenyRule.TOO_SMALL, "decimals", lambda g: g.place("c1", size=Size(5_001_000))),
    (DenyRule.CROSSING, "meets the ask", lambda g: g.place("c1", price=cents(60))),
    (DenyRule.CROSSING, "meets the bid", lambda g: g.place("c1", side=Side.ASK, price=cents(40))),
    (DenyRule.SELF_TRADE, "own order", meets_own_resting),
    (DenyRule.SELF_TRADE, "own order", meets_own_being_signed),
    (DenyRule.EXPOSURE, "the cap is", lambda g: g.place("c1", size=shares(60.01))),
    (
        DenyRule.EXPOSURE,
        "-60010000",
        lambda g: g.place("c1", side=Side.ASK, price=cents(52), size=shares(60.01)),
    ),
    (DenyRule.COLLATERAL, "needs 4800000", too_dear),
    (DenyRule.COLLATERAL, "free are 4200000", paid_for_by_another),
]


@pytest.mark.parametrize(("rule", "words", "story"), DENIALS)
def test_each_rule_denies_with_its_reason(gateway, rule, words, story):
    *_, no = story(gateway)

    assert isinstance(no, OrderDenied)
    assert no.rule is rule
    assert words in no.reason


def test_no_more_orders_are_open_than_allowed():
    gateway = started(limits=GateLimits(max_orders=2))
    (no,) = of(OrderDenied, too_many(gateway))

    assert no.rule is DenyRule.MAX_ORDERS


@pytest.mark.parametrize(
    ("net", "place", "words"),
    [
        (10, {"side": Side.BID, "price": cents(48)}, "only closes"),
        (-10, {"side": Side.ASK, "price": cents(52)}, "only closes"),
        (10, {"side": Side.ASK, "price": cents(52), "size": shares(10.01)}, "settled"),
        (-10, {"side": Side.BID, "price": cents(48), "size": shares(10.01)}, "settled"),
    ],
)
def test_a_liquidator_only_closes_and_never_turns_the_position(net, place, words):
    gateway = liquidating(net)
    (no,) = of(OrderDenied, gateway.place("c1", owner=LIQUIDATOR, **place))

    assert no.rule is DenyRule.NOT_REDUCING
    assert words in no.reason


def test_a_liquidator_offers_no_more_than_is_settled_and_not_offered_already():
    gateway = liquidating(6)
    gateway.hear(a_fill(6, 50))
    sell = {"owner": LIQUIDATOR, "side": Side.ASK}
    gateway.rest("c1", price=cents(52), size=shares(6), **sell)
    (no,) = of(OrderDenied, gateway.place("c2", price=cents(53), size=shares(6), **sell))

    assert (no.rule, no.reason) == (DenyRule.NOT_REDUCING, "only 0 are settled and not offered yet")


@pytest.mark.parametrize("net", [500, -500])
def test_what_is_held_beyond_the_cap_may_be_worked_off_and_not_grow(net):
    gateway = liquidating(net)
    side, price = (Side.ASK, cents(52)) if net > 0 else (Side.BID, cents(48))
    assert of(PrepareOrder, gateway.place("c1", owner=LIQUIDATOR, side=side, price=price))
    gateway.hear(
        msgspec.structs.replace(taken(), market=OTHER), a_fill(net if net > 0 else 60, 50, market=OTHER)
    )
    gateway.hear(an_info(OTHER))

    assert of(OrderDenied, gateway.place("c2", market=OTHER))[0].rule is DenyRule.EXPOSURE


def test_a_liquidator_may_close_while_quotes_are_halted():
    gateway = liquidating(10)
    gateway.keep_alive(Level.HALT_QUOTES)

    assert of(PrepareOrder, gateway.place("c1", owner=LIQUIDATOR, side=Side.ASK, price=cents(52)))


def test_exposure_counts_what_is_held_resting_sent_unknown_and_being_signed(gateway):
    gateway.hear(a_fill(10, 48))
    gateway.rest("resting")
    gateway.send("sent", price=cents(47))
    gateway.place("signing", price=cents(46))
    gateway.rest("canceling", price=cents(45))
    gateway.hear(cancel("canceling"))
    assert gateway.worst == (shares(10), shares(40)), "the one being signed comes on top"
    assert of(PrepareOrder, gateway.place("last", price=cents(44)))

    assert of(OrderDenied, gateway.place("more", size=shares(5)))[0].rule is DenyRule.EXPOSURE


# What is bought or sold.


def test_a_bid_buys_yes_and_an_ask_buys_no(gateway):
    (bid,) = of(PrepareOrder, gateway.place("c1"))
    (ask,) = of(PrepareOrder, gateway.place("c2", side=Side.ASK, price=cents(52)))

    assert (bid.token, bid.action, bid.price, bid.size) == (YES, Action.BUY, cents(48), shares(10))
    assert (ask.token, ask.action, ask.price, ask.size) == (NO, Action.BUY, cents(48), shares(10))


def test_what_is_held_settled_and_not_offered_is_sold_instead(gateway):
    fill = a_fill(15, 48)
    gateway.hear(fill, confirmed(fill))
    ask = {"side": Side.ASK, "price": cents(52)}
    (first,) = of(PrepareOrder, gateway.place("c1", **ask))
    (second,) = of(PrepareOrder, gateway.place("c2", **{**ask, "price": cents(53)}))
    assert (first.token, first.action, first.price) == (YES, Action.SELL, cents(52))

    assert (second.token, second.action, second.price) == (NO, Action.BUY, cents(47))


def test_a_bid_sells_no_where_it_is_held(gateway):
    fill = a_fill(10, 52, side=Side.ASK)
    gateway.hear(fill, confirmed(fill))
    (bid,) = of(PrepareOrder, gateway.place("c1"))

    assert (bid.token, bid.action, bid.price) == (NO, Action.SELL, cents(52))


def test_what_is_not_settled_is_not_sold(gateway):
    gateway.hear(a_fill(15, 48))

    assert of(PrepareOrder, gateway.place("c1", side=Side.ASK, price=cents(52)))[0].action is Action.BUY


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

    assert kinds(gateway.read()) == ["OrderVoided"]
    assert gateway.worst == (0, 0)


def test_a_lost_order_that_the_venue_took_off_is_closed_by_a_read_after_that(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)
    gateway.wait(1)
    gateway.hear(off("c1"))
    assert gateway.read(begun_s_ago=0.5) == []

    assert kinds(gateway.read()) == ["OrderCanceled"]


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
    (said,) = of(OrderCanceled, gateway.read())

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


# Taken back at every point of its way.


def test_a_place_that_comes_after_its_cancel_is_denied(gateway):
    assert gateway.hear(cancel("c1")) == []

    assert of(OrderDenied, gateway.place("c1"))


def test_taken_back_while_it_is_signed(gateway):
    gateway.place("c1")
    assert gateway.hear(cancel("c1")) == []
    said = gateway.prepared("c1")

    assert kinds(said) == ["ForgetOrder", "OrderDenied"]
    assert of(PrepareOrder, gateway.place("c2", size=shares(60))), "nothing is held for it"


def test_handed_over_while_it_is_signed(gateway):
    gateway.place("c1")
    gateway.hear(retired())
    said = gateway.prepared("c1")

    assert kinds(said) == ["ForgetOrder", "OrderDenied"]
    assert said[1].rule is DenyRule.NOT_OWNER


def test_taken_back_before_it_left(gateway):
    gateway.send("c1")
    assert gateway.hear(cancel("c1")) == [ForgetOrder(order=named("c1"))]
    assert gateway.hear(cancel("c1")) == []
    (said,) = gateway.answer("c1", Answer.NOT_SENT, "forgotten")

    assert isinstance(said, OrderVoided)


def test_taken_back_while_its_intent_is_not_committed_yet(gateway):
    gateway.place("c1")
    gateway.commits = False
    gateway.prepared("c1")

    assert gateway.hear(cancel("c1")) == [ForgetOrder(order=named("c1"))]


def test_taken_back_when_it_had_left_already(gateway):
    gateway.send("c1")
    gateway.hear(cancel("c1"))

    assert kinds(gateway.answer("c1", Answer.RESTING)) == ["OrderAccepted", "TakeOrdersOff"]


def test_taken_back_while_it_rests(gateway):
    gateway.rest("c1")
    assert gateway.hear(cancel("c1")) == [TakeOrdersOff(orders=(named("c1"),))]
    assert gateway.hear(cancel("c1")) == [], "the gateway repeats it by itself"


def test_taken_back_while_it_is_unknown(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST)
    assert gateway.hear(cancel("c1")) == [TakeOrdersOff(orders=(named("c1"),))]

    assert of(TakeOrdersOff, gateway.watch(1)) == [TakeOrdersOff(orders=(named("c1"),))]


def test_taken_back_when_it_is_closed_already(gateway):
    gateway.rest("c1")
    gateway.legs(a_leg("c1", 10))

    assert gateway.hear(cancel("c1")) == []


def test_a_cancel_is_repeated_each_second_until_it_is_answered(gateway):
    gateway.rest("c1")
    gateway.hear(cancel("c1"))
    gateway.hear(CancelFailed(orders=(named("c1"),), reason="502"))
    assert not of(TakeOrdersOff, gateway.watch(0.9))
    assert of(TakeOrdersOff, gateway.watch(0.1))
    assert not of(TakeOrdersOff, gateway.watch(0.5))
    gateway.keep_alive()
    gateway.hear(off("c1"))

    assert not of(TakeOrdersOff, gateway.watch(1))


def test_a_market_is_taken_back_with_what_is_signed_and_nobody_elses(gateway):
    gateway.rest("c1")
    gateway.place("c2", side=Side.ASK, price=cents(52))
    said = gateway.hear(CancelMarket(market=MARKET, owner=LIQUIDATOR))
    said += gateway.hear(CancelMarket(market=OTHER, owner=gateway.wanted("x").owner))
    assert said == []
    said = gateway.hear(CancelMarket(market=MARKET, owner=gateway.wanted("x").owner))

    assert said == [TakeOrdersOff(orders=(named("c1"),))]
    assert kinds(gateway.prepared("c2")) == ["ForgetOrder", "OrderDenied"]


# Off the book is not the same as closed (R1, R2).


def test_a_cancel_that_is_answered_does_not_release_the_order_a_read_after_it_does(gateway):
    gateway.rest("c1")
    gateway.hear(cancel("c1"))
    assert gateway.hear(off("c1")) == []
    assert gateway.worst == (0, shares(10))
    assert of(ReadAccount, gateway.watch(1))
    said = gateway.read(legs=(a_leg("c1", 3),))

    assert kinds(said) == ["OrderFilled", "OrderCanceled"]
    assert (said[1].filled, said[1].reason) == (shares(3), "canceled")


def test_a_cancel_the_venue_refuses_leaves_the_order_as_it_is_and_has_the_account_read(gateway):
    gateway.rest("c1")
    gateway.watch(0.5)
    gateway.read(listed("c1"))
    gateway.hear(cancel("c1"))
    gateway.hear(CancelAnswered(canceled=(), not_canceled=((named("c1"), "matched"),)))
    assert gateway.open_commands == ["c1"]
    assert of(ReadAccount, gateway.watch(0.25))

    assert kinds(gateway.read(legs=(a_leg("c1", 10),))) == ["OrderFilled", "OrderCompleted"]


def test_the_streams_word_on_a_cancel_closes_when_all_its_fills_are_known(gateway):
    gateway.rest("c1")
    gateway.hear(cancel("c1"))
    assert gateway.seen("c1", OrderSeenKind.CANCELED, matched=4) == []
    assert gateway.worst == (0, shares(10))
    assert kinds(gateway.legs(a_leg("c1", 3))) == ["OrderFilled"]
    said = gateway.legs(a_leg("c1", 1, trade="t2"))

    assert kinds(said) == ["OrderFilled", "OrderCanceled"]


def test_without_fills_the_streams_word_closes_at_once(gateway):
    gateway.rest("c1")
    gateway.hear(cancel("c1"))

    assert kinds(gateway.seen("c1", OrderSeenKind.CANCELED)) == ["OrderCanceled"]
    assert gateway.seen("c1", OrderSeenKind.CANCELED) == []


def test_an_order_whose_time_ran_out_is_expired(gateway):
    gateway.rest("c1")

    assert kinds(gateway.seen("c1", OrderSeenKind.EXPIRED)) == ["OrderExpired"]
    gateway.rest("c2")
    gateway.seen("c2", OrderSeenKind.EXPIRED, matched=8)
    assert not of(OrderExpired, gateway.read(legs=(a_leg("c2", 4),))), "the venue spoke of eight"
    (said,) = of(OrderExpired, gateway.legs(a_leg("c2", 4, trade="t2")))
    assert said.filled == shares(8)


def test_missing_from_a_list_that_was_asked_for_before_its_acceptance_proves_nothing(gateway):
    gateway.wait(1)
    gateway.rest("c1")

    assert gateway.read(begun_s_ago=0.5) == []
    assert kinds(gateway.read()) == ["OrderCanceled"]


def test_an_unanswered_order_is_not_closed_by_a_list_without_it(gateway):
    gateway.send("c1")
    gateway.wait(20)

    assert gateway.read() == []
    assert gateway.worst == (0, shares(10))


def test_an_order_that_is_listed_after_it_was_closed_is_taken_off(gateway):
    gateway.rest("c1")
    gateway.read()

    assert of(TakeOrdersOff, gateway.read(listed("c1"))) == [TakeOrdersOff(orders=(named("c1"),))]


def test_an_order_that_is_listed_after_its_cancel_is_taken_off_again(gateway):
    gateway.rest("c1")
    gateway.hear(cancel("c1"), off("c1"))

    assert of(TakeOrdersOff, gateway.read(listed("c1")))


def test_orders_that_vanished_in_a_restart_of_the_venue_are_closed_by_reads(gateway):
    gateway.rest("c1")
    gateway.rest("c2", side=Side.ASK, price=cents(52))
    gateway.hear(UserStreamLost(reason="", attempt=1, at=RealNs(0)))
    gateway.hear(CancelFailed(orders=(), reason="refused", everything=True))
    gateway.stream()
    said = gateway.read(legs=(a_leg("c1", 2),))

    assert kinds(said) == ["OrderFilled", "OrderCanceled", "OrderCanceled"]
    assert gateway.open_commands == []
    assert of(PrepareOrder, gateway.place("c3"))


# Fills.


def test_a_fill_counts_once_however_often_and_wherever_it_is_told(gateway):
    gateway.rest("c1")
    (fill,) = of(OrderFilled, gateway.legs(a_leg("c1", 4)))
    assert (fill.side, fill.price, fill.size, fill.outcome, fill.action) == (
        Side.BID,
        cents(48),
        shares(4),
        Outcome.YES,
        Action.BUY,
    )
    assert gateway.legs(a_leg("c1", 4)) == []
    assert gateway.read(listed("c1"), (a_leg("c1", 4),)) == []

    assert gateway.worst == (shares(4), shares(10))


def test_one_trade_may_fill_two_orders(gateway):
    gateway.rest("c1")
    gateway.rest("c2", price=cents(47))
    said = gateway.legs(a_leg("c1", 4), a_leg("c2", 4, 47))

    assert [fill.command for fill in of(OrderFilled, said)] == ["c1", "c2"]


def test_a_fill_in_terms_of_no_is_told_in_terms_of_yes(gateway):
    gateway.rest("c1", side=Side.ASK, price=cents(52))
    (fill,) = of(OrderFilled, gateway.legs(a_leg("c1", 4, 48, token=NO)))

    assert (fill.side, fill.price, fill.outcome) == (Side.ASK, cents(52), Outcome.NO)


def test_a_fill_before_the_answer_counts_and_the_answer_still_comes(gateway):
    gateway.send("c1")
    assert kinds(gateway.legs(a_leg("c1", 4))) == ["OrderFilled"]
    assert kinds(gateway.answer("c1", Answer.RESTING)) == ["OrderAccepted"]

    assert kinds(gateway.legs(a_leg("c1", 6, trade="t2"))) == ["OrderFilled", "OrderCompleted"]


def test_an_order_filled_up_before_its_answer_is_complete(gateway):
    gateway.send("c1")

    assert kinds(gateway.legs(a_leg("c1", 10))) == ["OrderFilled", "OrderCompleted"]
    assert gateway.answer("c1", Answer.RESTING) == []


@pytest.mark.parametrize(("size", "complete"), [(9.99, False), (9.991, True), (10.001, True)])
def test_the_last_hundredth_of_a_share_is_dust(gateway, size, complete):
    gateway.rest("c1")

    assert bool(of(OrderCompleted, gateway.legs(a_leg("c1", size)))) is complete


def test_a_fill_that_is_told_after_its_order_was_closed_counts(gateway):
    gateway.rest("c1")
    gateway.seen("c1", OrderSeenKind.CANCELED)
    assert kinds(gateway.legs(a_leg("c1", 4))) == ["OrderFilled"]

    assert gateway.worst == (shares(4), shares(4))


def test_a_fill_is_confirmed_once(gateway):
    gateway.rest("c1")
    done = a_leg("c1", 4, status=Settlement.CONFIRMED)
    assert kinds(gateway.legs(a_leg("c1", 4, status=Settlement.MINED))) == ["OrderFilled", "FillMined"]
    assert kinds(gateway.legs(done)) == ["FillConfirmed"]

    assert gateway.legs(done) + gateway.legs(a_leg("c1", 4, status=Settlement.RETRYING)) == []


def test_a_fill_heard_of_when_it_is_settled_is_filled_and_confirmed(gateway):
    gateway.rest("c1")

    assert kinds(gateway.legs(a_leg("c1", 4, status=Settlement.CONFIRMED))) == [
        "OrderFilled",
        "FillConfirmed",
    ]


def test_a_failed_settlement_takes_the_fill_back_once_and_frees_its_money(gateway):
    gateway.rest("c1", size=shares(60))
    gateway.legs(a_leg("c1", 60))
    assert gateway.worst == (shares(60), shares(60))
    before = gateway.gateway.account.collateral
    failed = a_leg("c1", 60, status=Settlement.FAILED)
    assert kinds(gateway.legs(failed)) == ["FillReversed"]
    assert gateway.legs(failed) + gateway.legs(a_leg("c1", 60)) == []

    assert gateway.worst == (0, 0)
    assert gateway.gateway.account.collateral - before == 60 * 480_000
    assert of(PrepareOrder, gateway.place("c2"))


def test_a_settlement_that_is_heard_to_fail_before_the_match_was_heard_is_no_fill(gateway):
    gateway.rest("c1")

    assert gateway.legs(a_leg("c1", 4, status=Settlement.FAILED), a_leg("c1", 4)) == []


def test_a_confirmed_fill_cannot_fail_any_more(gateway):
    gateway.rest("c1")
    gateway.legs(a_leg("c1", 2, trade="t0"), a_leg("c1", 4, status=Settlement.CONFIRMED))

    assert gateway.legs(a_leg("c1", 4, status=Settlement.FAILED)) == []
    assert of(FillConfirmed, gateway.legs(a_leg("c1", 2, trade="t0", status=Settlement.CONFIRMED)))
    assert gateway.worst[0] == shares(6)


# How far back trades are read.


def test_trades_are_read_back_to_the_last_read_that_was_answered(gateway):
    gateway.rest("c1")
    gateway.legs(
        a_leg("c1", 1, trade="late", status=Settlement.CONFIRMED, at=gateway.market_time + 9_000 * SECOND)
    )
    asked_at = gateway.market_time
    gateway.wait(5, 5_000)
    (first,) = of(ReadAccount, gateway.watch())
    assert first.since <= MarketNs(asked_at)
    asked_at = gateway.market_time
    gateway.read(listed("c1"))
    gateway.wait(5, 5_000)

    (second,) = of(ReadAccount, gateway.watch())
    assert asked_at - 700 * SECOND < int(second.since) <= asked_at


def test_a_fill_that_is_not_settled_is_read_again_until_it_is(gateway):
    gateway.rest("c1")
    matched_at = gateway.market_time
    gateway.legs(a_leg("c1", 1, at=matched_at))
    for _ in range(3):
        gateway.wait(5, 50_000)
        (asked,) = of(ReadAccount, gateway.watch())
        assert int(asked.since) <= matched_at
        gateway.read(listed("c1"))
    gateway.read(listed("c1"), (a_leg("c1", 1, at=matched_at, status=Settlement.CONFIRMED),))
    gateway.wait(5, 50_000)

    (asked,) = of(ReadAccount, gateway.watch())
    assert int(asked.since) > matched_at


def test_after_a_restart_trades_are_read_back_to_the_oldest_open_orders_intent(gateway):
    gateway.rest("c1")
    intended_at = gateway.market_time
    gateway.wait(5, 50_000)
    gateway.keep_alive()
    gateway.rest("c2", price=cents(47))
    gateway.legs(a_leg("c2", 1, 47, at=gateway.market_time, status=Settlement.CONFIRMED))
    later = Gateway()
    later.recover(gateway.journal)
    later.open()

    (asked,) = of(ReadAccount, later.watch(0.25))
    assert int(asked.since) <= intended_at


def test_reversals_are_said_for_fills_that_were_said(gateway):
    gateway.rest("c1")
    gateway.read(
        listed("c1"), (a_leg("c1", 1, trade="a"), a_leg("c1", 1, trade="b", status=Settlement.FAILED))
    )
    said = gateway.read(listed("c1"), (a_leg("c1", 1, trade="a", status=Settlement.FAILED),))

    assert [message.trade for message in of(FillReversed, said)] == ["a"]
