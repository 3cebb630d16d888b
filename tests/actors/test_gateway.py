"""The gateway's life: it takes the account over, stays in contact, and leaves nothing on the book."""

import pytest

from actors.gateway import GatewaySettings
from messages.account import (
    AccountBarred,
    AccountReadFailed,
    AccountRefused,
    AccountStatus,
    BeatDeadMan,
    BookEmptied,
    DeadManBeaten,
    DeadManMissed,
    GatewayStarted,
    OpenAccount,
    PositionMismatched,
    ReadAccount,
    UserStreamBeat,
    UserStreamLost,
)
from messages.market import FrameDropped
from messages.orders import (
    Answer,
    AnswerLost,
    CancelAll,
    CancelAnswered,
    CancelFailed,
    DenyRule,
    ForgetOrder,
    OrderAccepted,
    OrderCanceled,
    OrderDenied,
    OrderVoided,
    PrepareOrder,
    SendOrder,
    TakeAllOff,
    TakeOrdersOff,
)
from messages.risk import HaltCause, KillSwitchSeen, Level, TradingResumed
from messages.system import EngineState, Presence, Roster
from messages.values import SECOND, CommandId, Money, OrderId, RealNs, RoleName, Side
from runtime.child import Phase
from tests.actors.gateway_stage import YES, Gateway, kinds, listed, named, started
from tests.factories import (
    LIQUIDATOR,
    MAKER,
    MARKET,
    OTHER,
    a_book,
    a_fill,
    accepted,
    an_info,
    an_order,
    assigned,
    cents,
    confirmed,
    intended,
    of,
    retired,
    shares,
    taken,
)


@pytest.fixture
def gateway():
    return started()


def left_behind(*events, **settings):
    """A gateway after the replay of what an earlier one wrote down."""
    stage = Gateway(**settings)
    stage.said = stage.recover([(event, stage.market_time, stage.real) for event in events])
    return stage


# Taking over.


def test_it_opens_the_account_and_takes_everything_off_before_anything_else():
    gateway = Gateway()

    assert kinds(gateway.recover()) == ["OpenAccount"]
    assert kinds(gateway.open()) == ["BeatDeadMan", "TakeAllOff"]


def test_two_empty_reads_a_second_apart_prove_the_book_empty():
    gateway = Gateway()
    gateway.recover()
    gateway.open()
    gateway.stream()
    assert kinds(gateway.read()) == []
    gateway.wait(0.9)
    assert kinds(gateway.read()) == []
    gateway.wait(0.1)

    assert kinds(gateway.read()) == ["BookEmptied", "GatewayStarted"]
    assert gateway.gateway.is_ready


def test_an_order_read_between_them_begins_the_proof_anew():
    gateway = Gateway()
    gateway.recover()
    gateway.open()
    gateway.stream()
    gateway.read()
    gateway.wait(1)
    assert not of(GatewayStarted, gateway.read(listed("alien")))
    gateway.wait(0.5)
    assert not of(GatewayStarted, gateway.read())
    gateway.wait(1)

    assert of(GatewayStarted, gateway.read())


def test_it_places_nothing_before_the_user_stream_answers_and_what_it_missed_is_read():
    gateway = Gateway()
    gateway.recover()
    gateway.open()
    gateway.listed()
    gateway.read()
    gateway.wait(1)
    assert kinds(gateway.read()) == ["BookEmptied", "GatewayStarted"]
    gateway.hear(an_info(), a_book(40, 60), taken())
    gateway.keep_alive()
    assert of(OrderDenied, gateway.place("c1"))
    gateway.stream()
    assert kinds(gateway.read(begun_s_ago=0.5)) == []
    assert of(OrderDenied, gateway.place("c2"))
    gateway.read()

    assert of(PrepareOrder, gateway.place("c3"))


def test_it_says_whose_account_it_took_over_and_what_is_in_it():
    gateway = Gateway()
    (begun,) = of(GatewayStarted, gateway.start())

    assert (begun.incarnation, begun.address, begun.funder) == (3, "0xa", "0xf")
    assert begun.collateral == 1_000_000_000


@pytest.mark.parametrize("phase", ["emptying", "open", "stopping"])
def test_orders_it_does_not_know_are_taken_off_whenever_they_are_read(phase):
    gateway = Gateway()
    gateway.start() if phase != "emptying" else (gateway.recover(), gateway.open(), gateway.stream())
    if phase == "stopping":
        gateway.call("stop")

    assert of(TakeOrdersOff, gateway.read(listed("alien"))) == [TakeOrdersOff(orders=(named("alien"),))]


def test_everything_is_taken_off_again_each_second_until_that_is_proven():
    gateway = Gateway()
    gateway.recover()
    gateway.open()
    assert not of(TakeAllOff, gateway.watch(0.9))
    assert of(TakeAllOff, gateway.watch(0.1))
    assert not of(TakeAllOff, gateway.watch(0.5))

    assert of(TakeAllOff, gateway.watch(0.5))


def test_the_account_is_read_as_soon_as_it_is_open_and_each_second_until_it_is_taken_over():
    gateway = Gateway()
    gateway.recover()
    gateway.open()
    assert of(ReadAccount, gateway.watch())
    assert not of(ReadAccount, gateway.watch(1)), "one read at a time"
    gateway.read()
    assert of(ReadAccount, gateway.watch(1))


def test_a_refusal_for_good_ends_the_process_as_one_of_credentials():
    gateway = Gateway()
    gateway.recover()
    gateway.hear(AccountRefused(reason="wrong key", final=True))

    assert gateway.gateway.is_finished
    assert gateway.gateway.exit_code == 77


def test_an_account_that_another_process_trades_ends_this_one_as_what_is_in_use():
    gateway = Gateway()
    gateway.recover()
    gateway.hear(AccountRefused(reason="in use by process 7", final=True, in_use=True))

    assert (gateway.gateway.is_finished, gateway.gateway.exit_code) == (True, 75)
    assert gateway.gateway.last_words == "in use by process 7"


def test_a_journal_about_another_wallet_ends_the_process_before_anything_is_touched():
    gateway = Gateway()
    gateway.recover(
        [(GatewayStarted(incarnation=1, address="0xb", funder="0xother", collateral=Money(0)), 1, 1)]
    )

    assert gateway.open() == []
    assert (gateway.actor.is_finished, gateway.actor.exit_code) == (True, 77)
    assert gateway.actor.last_words == "this journal is about the money of 0xother, not of 0xf"


def test_the_same_wallet_takes_over_again():
    gateway = Gateway()
    gateway.recover([(GatewayStarted(incarnation=1, address="0xb", funder="0xf", collateral=Money(0)), 1, 1)])

    assert kinds(gateway.open())[:2] == ["BeatDeadMan", "TakeAllOff"]


def test_a_refusal_for_now_is_tried_again_after_a_second():
    gateway = Gateway()
    gateway.recover()
    assert not of(OpenAccount, gateway.watch(2)), "the first try is still under way"
    gateway.hear(AccountRefused(reason="busy", final=False))
    assert not of(OpenAccount, gateway.watch(0.5))
    assert of(OpenAccount, gateway.watch(0.5))
    assert not of(OpenAccount, gateway.watch(2))

    assert of(OpenAccount, gateway.watch(13)), "an answer that never comes is not waited for"
    assert not gateway.gateway.is_finished


def test_a_refusal_that_comes_after_the_account_is_open_changes_nothing(gateway):
    gateway.hear(AccountRefused(reason="of an earlier try", final=True))

    assert not gateway.gateway.is_finished


def test_what_an_earlier_gateway_had_on_its_way_is_unknown_before_the_account_is_touched():
    gateway = left_behind(intended(an_order("c1")), intended(an_order("c2")), accepted(an_order("c2")))

    assert kinds(gateway.said) == ["AnswerLost", "OpenAccount"]
    assert gateway.said[0].command == "c1"
    assert gateway.worst == (0, shares(20)), "both are still reserved"


def test_an_order_of_an_earlier_life_is_taken_off_when_it_appears_however_late():
    gateway = left_behind(intended(an_order("c1")))
    gateway.open()
    gateway.stream()
    gateway.read()
    gateway.wait(1)
    assert of(GatewayStarted, gateway.read())

    said = gateway.read(listed("c1"))
    assert of(OrderAccepted, said)
    assert of(TakeOrdersOff, said) == [TakeOrdersOff(orders=(named("c1"),))]


def test_its_market_takes_no_order_until_it_is_resolved_and_others_do():
    gateway = left_behind(intended(an_order("c1", market=OTHER)))
    gateway.start()
    gateway.hear(retired(OTHER), assigned(OTHER), an_info(OTHER))
    (no,) = of(OrderDenied, gateway.place("c2", market=OTHER, owner=LIQUIDATOR))
    assert no.rule is DenyRule.NOT_READY
    assert of(PrepareOrder, gateway.place("c3"))
    gateway.wait(25)

    (voided,) = of(OrderVoided, gateway.read())
    assert voided.command == "c1"


def test_instants_of_an_earlier_boot_of_the_host_do_not_keep_orders_open_for_ever():
    gateway = Gateway()
    later = gateway.real + 10**6 * SECOND
    resting, unsent, unknown = an_order("c1"), an_order("c2"), an_order("c3")
    lost = AnswerLost(order=named("c3"), command=CommandId("c3"), market=MARKET, owner=MAKER, reason="")
    events = [intended(resting), accepted(resting), intended(unsent), intended(unknown), lost]
    gateway.recover([(event, gateway.market_time, later) for event in events])
    gateway.open()
    gateway.wait(26)
    gateway.read()

    assert gateway.open_commands == []


def test_an_intent_of_an_earlier_gateway_that_is_committed_late_is_unknown_too(gateway):
    (lost,) = of(AnswerLost, gateway.hear(intended(an_order("c9"))))
    assert (lost.command, gateway.worst) == ("c9", (0, shares(10)))
    gateway.wait(26)

    assert of(OrderVoided, gateway.read())[0].command == "c9"


def test_balances_that_are_not_what_the_fills_say_are_told_when_it_takes_over():
    place = an_order("c1")
    fill = a_fill(10, 48, place=place)
    gateway = left_behind(intended(place), accepted(place), fill, confirmed(fill))
    gateway.open()
    (asked,) = of(ReadAccount, gateway.watch())
    assert asked.tokens == (YES,)
    gateway.stream()
    gateway.read(balances=((YES, shares(10)),))
    gateway.wait(1)

    (wrong,) = of(PositionMismatched, gateway.read(balances=((YES, shares(9)),)))
    assert (wrong.believed, wrong.balance) == (shares(10), shares(9))


def test_nothing_is_placed_before_it_has_taken_over():
    gateway = Gateway()
    gateway.recover()
    gateway.hear(an_info())
    (no,) = of(OrderDenied, gateway.place("c1"))

    assert (no.rule, no.reason) == (DenyRule.NOT_READY, "opening the account")


# Contact.


def test_the_stream_lost_takes_quotes_off_and_none_is_placed_until_it_is_back_and_read(gateway):
    gateway.rest("c1")
    assert gateway.hear(UserStreamLost(reason="closed", attempt=1, at=RealNs(0))) == [
        TakeOrdersOff(orders=(named("c1"),))
    ]
    assert gateway.hear(UserStreamLost(reason="closed", attempt=2, at=RealNs(0))) == []
    (no,) = of(OrderDenied, gateway.place("c2"))
    assert (no.rule, no.reason) == (DenyRule.NOT_READY, "the user stream is down")
    gateway.stream()
    gateway.read(begun_s_ago=0.01)
    assert of(OrderDenied, gateway.place("c3"))
    gateway.read()

    assert of(PrepareOrder, gateway.place("c4"))


def test_a_frame_that_cannot_be_read_has_the_account_read(gateway):
    gateway.watch(0.25)
    gateway.read()
    gateway.hear(FrameDropped(stream="user", reason="?"))

    assert of(ReadAccount, gateway.watch(0.25))


def test_a_silent_stream_is_not_trusted(gateway):
    for _ in range(7):
        gateway.wait(3)
        gateway.keep_alive()
    assert of(PrepareOrder, gateway.place("c1"))
    for _ in range(7):
        gateway.wait(3)
        gateway.hear(DeadManBeaten(at=RealNs(gateway.real)))
    (no,) = of(OrderDenied, gateway.place("c2"))

    assert no.reason == "the user stream is silent"


def test_nothing_is_placed_while_the_venue_does_not_hear_our_beats(gateway):
    gateway.wait(8.1)
    beat = UserStreamBeat(at=RealNs(gateway.real))
    assert of(OrderDenied, gateway.hear(beat) + gateway.place("c1"))[0].reason.startswith(
        "the venue does not"
    )
    gateway.keep_alive()

    assert of(PrepareOrder, gateway.place("c2"))


def test_a_missed_beat_has_the_account_read(gateway):
    gateway.watch(0.25)
    gateway.read()
    gateway.hear(DeadManMissed(reason="500"))

    assert of(ReadAccount, gateway.watch(0.25))


def test_a_beat_of_somebody_else_stops_everything_until_a_person_resumes(gateway):
    gateway.rest("c1")
    foreign = DeadManMissed(reason="somebody else beats", foreign=True)
    assert gateway.hear(foreign) == [
        TakeAllOff(),
        AccountBarred(cause=HaltCause.SECOND_ENGINE, reason="somebody else beats"),
    ]
    assert gateway.hear(foreign) == []
    gateway.hear(UserStreamLost(reason="closed", attempt=1, at=RealNs(0)))
    gateway.stream()
    gateway.read()
    gateway.keep_alive()
    (no,) = of(OrderDenied, gateway.place("c2"))
    assert no.reason == "another engine trades this account: somebody else beats"

    gateway.hear(TradingResumed(cause=HaltCause.SECOND_ENGINE, reason="the other one is off"))
    assert of(PrepareOrder, gateway.place("c3"))


def test_a_beat_whose_answer_was_lost_proves_no_second_engine(gateway):
    for _ in range(3):
        gateway.hear(DeadManMissed(reason="timeout"), DeadManBeaten(at=RealNs(gateway.real)))

    assert of(PrepareOrder, gateway.place("c1"))


def test_the_dead_man_is_beaten_from_the_opening_to_the_end():
    gateway = Gateway()
    gateway.recover()
    assert gateway.call("beat") == []
    gateway.open()
    assert gateway.call("beat") == [BeatDeadMan()]
    gateway = started()
    assert gateway.call("beat") == [BeatDeadMan()]
    gateway.rest("c1")
    gateway.call("stop")
    gateway.wait(30)

    assert gateway.call("beat") == [BeatDeadMan()], "while cancels are under way, permit or not"


def test_the_dead_man_is_not_beaten_without_a_permit_for_ten_seconds(gateway):
    gateway.wait(2 + 10)
    assert gateway.call("beat") == [BeatDeadMan()]
    gateway.wait(0.1)
    assert gateway.call("beat") == []
    gateway.keep_alive()

    assert gateway.call("beat") == [BeatDeadMan()]


def test_the_dead_man_is_not_beaten_while_the_journal_lags(gateway):
    gateway.gateway.journal_lag_ns = 5 * SECOND + 1

    assert gateway.call("beat") == []


def test_the_account_is_read_more_often_while_orders_are_open(gateway):
    gateway.watch(1)
    gateway.read()
    gateway.wait(29)
    gateway.keep_alive()
    assert not of(ReadAccount, gateway.watch(0.9))
    assert of(ReadAccount, gateway.watch(0.1))
    gateway.read()
    gateway.keep_alive()
    gateway.rest("c1")
    gateway.keep_alive()

    assert of(ReadAccount, gateway.watch(5))


def test_a_read_that_fails_is_repeated_after_a_second_and_believed_in_nothing(gateway):
    gateway.rest("c1")
    gateway.wait(4)
    gateway.keep_alive()
    gateway.watch(1)
    assert gateway.hear(AccountReadFailed(reason="503")) == []
    assert gateway.open_commands == ["c1"]
    assert not of(ReadAccount, gateway.watch(0.9))

    assert of(ReadAccount, gateway.watch(0.1))


def test_a_read_that_is_never_answered_is_given_up(gateway):
    gateway.watch(30)
    assert not of(ReadAccount, gateway.watch(14))

    assert of(ReadAccount, gateway.watch(1))


def test_how_it_stands_is_told_for_people(gateway):
    gateway.rest("c1")
    gateway.send("c2", side=Side.ASK, price=cents(52))
    gateway.answer("c2", Answer.LOST)
    (status,) = of(AccountStatus, gateway.call("report"))

    assert (status.ready, status.reason, status.resting, status.unknown) == (True, "", 1, 1)


# Permits, halts, restarts.


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


def a_roster(maker, state="ready"):
    present = (Presence(role=RoleName("maker"), incarnation=maker, pid=1, state=state),)
    return Roster(engine=EngineState.RUNNING, present=present)


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


# Stopping.


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
    assert of(OrderCanceled, gateway.read())
    gateway.wait(1)
    gateway.read()

    assert gateway.gateway.exit_code == 0


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


# A dry run.


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


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="read_s"):
        GatewaySettings(read_s=0)


def test_a_cancel_answer_about_strangers_changes_nothing(gateway):
    strange = OrderId("0xstrange")

    assert gateway.hear(CancelAnswered(canceled=(strange,), not_canceled=((strange, "?"),))) == []
