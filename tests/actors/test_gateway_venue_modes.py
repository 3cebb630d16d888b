"""The gateway and a venue that is busy, restarts, holds orders back, or says what cannot be read."""

import msgspec
import pytest

from messages.account import (
    AccountBarred,
    AccountRead,
    AccountReadFailed,
    AccountStatus,
    BeatDeadMan,
    OpenAccount,
    OrderSeenKind,
    ReadAccount,
)
from messages.orders import (
    Answer,
    CancelAll,
    CancelAnswered,
    CancelFailed,
    CancelMarket,
    CancelOrder,
    DenyRule,
    OrderAccepted,
    OrderAnswered,
    OrderCanceled,
    OrderDenied,
    OrderFilled,
    OrderFound,
    OrderReadFailed,
    OrderRejected,
    OrderVoided,
    PrepareOrder,
    ReadOrder,
    TakeAllOff,
    TakeOrdersOff,
    VenueMode,
    VenueState,
)
from messages.risk import HaltCause, Level, TradingResumed
from messages.system import Announce
from messages.values import CommandId, RealNs, Side
from tests.actors.gateway_stage import FUNDS, Gateway, a_leg, listed, named, started
from tests.factories import (
    LIQUIDATOR,
    MAKER,
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
from trading.orders import Status


@pytest.fixture
def gateway():
    return started()


@pytest.mark.parametrize(
    ("mode", "answer"),
    [
        (VenueMode.BUSY, Answer.REJECTED),
        (VenueMode.POST_ONLY, Answer.REJECTED),
        (VenueMode.CANCEL_ONLY, Answer.REJECTED),
    ],
)
def test_a_venue_that_wants_no_orders_gets_none_until_it_may_and_then_all_is_well(gateway, mode, answer):
    gateway.send("c1")
    gateway.hear(OrderAnswered(order=named("c1"), answer=answer, mode=mode, wait_ms=3_000))
    gateway.legs()
    (no,) = of(OrderDenied, gateway.place("c2", market=OTHER))
    assert (no.rule, no.reason) == (DenyRule.NOT_READY, f"the venue is {mode.value}")
    gateway.hear(an_info(OTHER), a_book(40, 60, market=OTHER), taken(OTHER))

    gateway.wait(3)
    gateway.keep_alive()
    assert of(OrderAccepted, gateway.rest("c3", market=OTHER))
    assert of(PrepareOrder, gateway.place("c4", market=OTHER, price=cents(47)))


def status(gateway) -> AccountStatus:
    """What is shown to people."""
    (said,) = gateway.call("report")
    return said


def answered(gateway, command, answer, mode, **others):
    """The venue answers an order with a word to all."""
    return gateway.hear(OrderAnswered(order=named(command), answer=answer, mode=mode, **others))


def test_a_restarting_venue_gets_cancels_only_until_it_takes_one_and_then_the_order_it_lost_is_resolved(
    gateway,
):
    gateway.send("c1")
    answered(gateway, "c1", Answer.LOST, VenueMode.RESTARTING)
    gateway.wait(60)
    gateway.keep_alive()
    assert gateway.read() == [], "the quarantine does not count while nobody knows"
    assert status(gateway).venue is VenueState.DOWN
    gateway.hear(an_info(OTHER), a_book(40, 60, market=OTHER), taken(OTHER))
    (no,) = of(OrderDenied, gateway.place("c2", market=OTHER))
    assert no.reason == "the venue is restarting"
    assert TakeOrdersOff(orders=(named("c1"),)) in gateway.watch()

    gateway.hear(CancelAnswered(canceled=(), not_canceled=((named("c1"), "can't be found"),)))
    assert status(gateway).venue is VenueState.POST_ONLY
    assert of(PrepareOrder, gateway.place("c3", market=OTHER)), "other markets go on"
    assert of(ReadOrder, gateway.watch(0.1)) == [ReadOrder(order=named("c1"))]
    gateway.look("c1", OrderFound.NONE)
    (void,) = of(OrderVoided, gateway.read_late())
    assert void.reason == "not at the venue"
    gateway.wait(151)
    gateway.watch()
    assert status(gateway).venue is VenueState.NORMAL


def test_a_venue_that_is_closed_hears_no_beats_and_is_probed_by_a_cancel_of_what_it_refused(gateway):
    gateway.send("c1")
    assert of(OrderRejected, answered(gateway, "c1", Answer.REJECTED, VenueMode.DISABLED))
    assert gateway.call("beat") == []
    assert of(TakeOrdersOff, gateway.watch(1)) == [TakeOrdersOff(orders=(named("c1"),))]
    gateway.hear(CancelFailed(orders=(named("c1"),), reason="503", mode=VenueMode.DISABLED))
    assert not of(TakeOrdersOff, gateway.watch(1.9)), "each pause is twice the one before"
    gateway.keep_alive()
    assert of(TakeOrdersOff, gateway.watch(0.2))
    gateway.hear(CancelAnswered(canceled=(), not_canceled=((named("c1"), "not found"),)))
    gateway.keep_alive()

    assert of(BeatDeadMan, gateway.call("beat"))
    assert of(PrepareOrder, gateway.place("c2"))


@pytest.mark.parametrize(
    "word",
    [
        OrderAnswered(
            order=named("c2"), answer=Answer.REJECTED, reason="unauthorized", mode=VenueMode.REFUSING
        ),
        CancelFailed(orders=(named("c1"),), reason="unauthorized", mode=VenueMode.REFUSING),
        AccountReadFailed(reason="unauthorized", mode=VenueMode.REFUSING),
        OrderReadFailed(order=named("c1"), reason="unauthorized", mode=VenueMode.REFUSING),
    ],
)
def test_credentials_that_are_refused_bar_the_account_once_and_are_not_tried_in_a_storm(gateway, word):
    gateway.rest("c1")
    barred = [AccountBarred(cause=HaltCause.VENUE_REFUSES, reason="unauthorized")]
    assert of(AccountBarred, gateway.hear(word)) == barred
    assert of(AccountBarred, gateway.hear(word)) == []
    gateway.keep_alive(Level.FREEZE)
    tries = 0
    for _ in range(600):
        gateway.wait(0.1)
        gateway.keep_alive(Level.FREEZE)
        for asked in gateway.watch():
            tries += 1
            if isinstance(asked, ReadAccount):
                gateway.hear(AccountReadFailed(reason="unauthorized", mode=VenueMode.REFUSING))
            elif isinstance(asked, TakeOrdersOff):
                gateway.hear(
                    CancelFailed(orders=asked.orders, reason="unauthorized", mode=VenueMode.REFUSING)
                )
    assert 2 <= tries <= 20, "a minute"
    assert of(OrderDenied, gateway.place("c3"))[0].rule is DenyRule.NOT_READY
    resumed = TradingResumed(cause=HaltCause.VENUE_REFUSES, reason="new keys")
    assert gateway.hear(resumed) == [OpenAccount()], "with credentials that are asked for anew"
    gateway.open()

    gateway.wait(31)
    gateway.keep_alive()
    gateway.read(listed("c1"))
    assert of(PrepareOrder, gateway.place("c4", side=Side.ASK, price=cents(52)))


def test_a_stop_while_the_venue_is_down_ends_with_three_and_says_what_may_rest(gateway):
    gateway.rest("c1")
    gateway.send("c2", side=Side.ASK, price=cents(52))
    answered(gateway, "c2", Answer.LOST, VenueMode.RESTARTING)
    gateway.call("stop")
    for _ in range(11):
        gateway.hear(CancelFailed(orders=(), reason="425", everything=True, mode=VenueMode.RESTARTING))
        gateway.watch(1)

    assert (gateway.gateway.is_stopped, gateway.gateway.exit_code) == (True, 3)
    assert gateway.gateway.last_words.startswith("2 orders may still rest, the venue is restarting: beats ")
    assert gateway.call("beat") == []


def test_an_order_that_was_one_too_many_halves_what_we_ask_of_the_venue_for_a_minute(gateway):
    before = status(gateway).places_left
    gateway.send("c1")
    answered(gateway, "c1", Answer.REJECTED, VenueMode.BUSY, wait_ms=2_000)
    assert (before, status(gateway).places_left) == (60, 0)
    gateway.wait(2)
    gateway.keep_alive()

    assert status(gateway).places_left == 30
    assert of(PrepareOrder, gateway.place("c2"))


def test_the_venues_own_count_of_what_it_takes_is_believed(gateway):
    gateway.rest("c1")
    answer = OrderAnswered(order=named("c1"), answer=Answer.RESTING, tokens_left=11)
    gateway.hear(answer, CancelAnswered(canceled=(), not_canceled=(), tokens_left=36))

    assert (status(gateway).places_left, status(gateway).cancels_left) == (11, 36)
    assert of(OrderDenied, gateway.place("c2"))[0].rule is DenyRule.BUDGET


def test_quotes_are_denied_by_name_when_the_budget_runs_low_and_exits_are_not(gateway):
    gateway.gateway.intake._budget.places.take(48, RealNs(gateway.real))
    (no,) = of(OrderDenied, gateway.place("c1"))
    assert (no.rule, no.reason) == (DenyRule.BUDGET, "12 orders left, 12 are spared for exits")
    fill = a_fill(20, 48)
    gateway.hear(fill, confirmed(fill), retired(net=20), assigned())

    assert of(PrepareOrder, gateway.place("c2", owner=LIQUIDATOR, side=Side.ASK, price=cents(55)))


def test_a_maker_that_wants_another_price_leaves_the_reserve_of_cancels_alone(gateway):
    gateway.rest("c1")
    gateway.rest("c2", side=Side.ASK, price=cents(52))
    gateway.gateway.intake._budget.cancels.take(110, RealNs(gateway.real))
    for command in ("c1", "c2"):
        assert gateway.hear(CancelOrder(command=CommandId(command), market=MARKET)) == []
    gateway.keep_alive()
    assert of(TakeOrdersOff, gateway.watch(0.3)) == [], "34 of 120 are left, and 36 are kept"
    assert of(TakeOrdersOff, gateway.watch(0.05)) == [TakeOrdersOff(orders=(named("c1"), named("c2")))]


@pytest.mark.parametrize("because", ["it leaves the market", "everything goes"])
def test_what_must_come_off_may_use_the_reserve_of_cancels_although_it_was_a_wish_before(gateway, because):
    gateway.rest("c1")
    gateway.gateway.intake._budget.cancels.take(110, RealNs(gateway.real))
    assert gateway.hear(CancelOrder(command=CommandId("c1"), market=MARKET)) == []
    if because == "everything goes":
        assert gateway.hear(CancelAll(reason="")) == [TakeAllOff()]
        return
    gateway.hear(CancelMarket(market=MARKET, owner=MAKER))

    assert of(TakeOrdersOff, gateway.watch()) == [TakeOrdersOff(orders=(named("c1"),))]


def test_a_venue_that_takes_too_much_of_everything_at_once_gets_its_cancels_one_by_one(gateway):
    gateway.rest("c1")
    gateway.rest("c2", side=Side.ASK, price=cents(52))
    assert of(TakeAllOff, gateway.hear(CancelAll(reason="")))
    gateway.hear(CancelFailed(orders=(), reason="429", everything=True, mode=VenueMode.BUSY))
    gateway.keep_alive()

    assert of(TakeOrdersOff, gateway.watch(1.1)) == [TakeOrdersOff(orders=(named("c1"), named("c2")))]
    assert of(TakeAllOff, gateway.hear(CancelAll(reason=""))) == []


def test_more_strange_orders_than_can_be_canceled_at_once_are_taken_off_in_portions():
    gateway = Gateway()
    gateway.recover()
    gateway.open()
    assert of(TakeAllOff, gateway.stream())
    strange = tuple(f"s{number}" for number in range(150))
    gateway.hear(CancelFailed(orders=(), reason="429", everything=True, mode=VenueMode.BUSY, wait_ms=1_000))
    left, most = set(strange), 0
    for _ in range(12):
        gateway.wait(0.5)
        gateway.watch()
        asked = of(TakeOrdersOff, gateway.lists(listed(*sorted(left))))
        named_now = {order.removeprefix("0x") for word in asked for order in word.orders}
        most = max(most, len(named_now))
        left -= named_now

    assert left == set()
    assert most <= 60, "half of the bucket"


def test_a_cancel_the_venue_was_too_busy_for_is_repeated_when_it_may_be(gateway):
    gateway.rest("c1")
    gateway.hear(CancelOrder(command=CommandId("c1"), market=MARKET))
    gateway.hear(CancelFailed(orders=(named("c1"),), reason="HTTP 429", wait_ms=3_000))

    for _ in range(2):
        gateway.keep_alive()
        assert of(TakeOrdersOff, gateway.watch(1.1)) == []
    gateway.keep_alive()
    assert of(TakeOrdersOff, gateway.watch(1.1)) == [TakeOrdersOff(orders=(named("c1"),))]


def test_an_order_that_is_delayed_is_not_taken_for_one_that_rests(gateway):
    gateway.send("c1")
    gateway.answer("c1", Answer.LOST, "delayed: with the venue")
    assert gateway.seen("c1", OrderSeenKind.DELAYED) == []
    assert gateway.gateway.table.get(named("c1")).status is Status.UNKNOWN
    assert gateway.worst == (0, shares(10))

    assert of(OrderFilled, gateway.legs(a_leg("c1", 10)))
    assert gateway.open_commands == []


def test_a_trade_that_cannot_be_read_keeps_its_order_reserved_and_is_said(gateway):
    gateway.rest("c1")
    gateway.wait(1)
    read = AccountRead(
        begun_at=RealNs(gateway.real),
        orders=(),
        legs=(),
        collateral=FUNDS,
        doubtful=(named("c1"),),
        skipped=("a trade of status 'DREAMT'",),
    )
    said = gateway.hear(read, read)

    assert ["DREAMT" in line.text for line in of(Announce, said)] == [True]
    assert gateway.open_commands == ["c1"]
    assert of(OrderCanceled, gateway.read())


@pytest.mark.parametrize(
    "of_whom", [{"doubtful": (named("c1"),)}, {"unnamed": True}], ids=["named", "unnamed"]
)
def test_trades_are_read_again_from_before_one_that_cannot_be_read_as_long_as_its_order_is_open(
    gateway, of_whom
):
    gateway.rest("c1")
    gateway.wait(1)
    doubtful = AccountRead(
        begun_at=RealNs(gateway.real),
        orders=(),
        legs=(),
        collateral=FUNDS,
        skipped=("a trade of status 'DREAMT'",),
        **of_whom,
    )
    matched_at = gateway.market_time
    asked = []
    for _ in range(900):
        gateway.wait(1)
        gateway.keep_alive()
        for word in of(ReadAccount, gateway.watch()):
            asked.append(word)
            gateway.hear(msgspec.structs.replace(doubtful, begun_at=RealNs(gateway.real)))

    assert len(asked) > 100
    assert all(int(word.since) <= matched_at for word in asked)
    assert gateway.open_commands == ["c1"]


def test_when_no_cancel_comes_through_the_venue_hears_no_beats_and_takes_everything_off_by_itself(gateway):
    gateway.rest("c1")
    gateway.keep_alive(Level.FREEZE)
    for second in range(14):
        gateway.hear(CancelFailed(orders=(), reason="HTTP 500", everything=True))
        gateway.keep_alive(Level.FREEZE)
        assert bool(gateway.call("beat")) is (second < 12)
        gateway.wait(1)

    gateway.hear(CancelAnswered(canceled=(named("c1"),), not_canceled=(), everything=True))
    assert gateway.call("beat") == [BeatDeadMan()]


def test_failed_cancels_of_what_is_gone_by_now_keep_no_beat_back(gateway):
    gateway.rest("c1")
    gateway.hear(CancelOrder(command=CommandId("c1"), market=MARKET))
    gateway.hear(CancelFailed(orders=(named("c1"),), reason="HTTP 500"))
    gateway.seen("c1", OrderSeenKind.CANCELED)
    assert gateway.open_commands == []
    gateway.wait(60)
    gateway.keep_alive()

    assert gateway.call("beat") == [BeatDeadMan()]


def test_nothing_new_is_quoted_on_an_account_that_could_not_be_read_for_long_and_exits_go_on(gateway):
    fill = a_fill(20, 48)
    gateway.hear(fill, confirmed(fill))
    gateway.wait(61)
    gateway.keep_alive()
    (no,) = of(OrderDenied, gateway.place("c1"))
    assert (no.rule, no.reason) == (DenyRule.NOT_READY, "the account was not read for 61 s")
    gateway.hear(retired(net=20), assigned())
    assert of(PrepareOrder, gateway.place("c2", owner=LIQUIDATOR, side=Side.ASK, price=cents(55)))


def test_an_absurd_count_of_what_the_venue_grants_keeps_no_cancel_back_for_long(gateway):
    gateway.rest("c1")
    gateway.hear(CancelAnswered(canceled=(), not_canceled=(), tokens_left=-100_000_000))
    said = gateway.hear(CancelOrder(command=CommandId("c1"), market=MARKET))
    for _ in range(100):
        gateway.wait(0.1)
        gateway.keep_alive()
        said += gateway.watch()

    assert of(TakeOrdersOff, said)
