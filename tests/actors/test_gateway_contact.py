"""The gateway stays in contact: the stream, the dead man's beats, and how often the account is read."""

import pytest

from messages.account import (
    AccountBarred,
    AccountReadFailed,
    AccountStatus,
    BeatDeadMan,
    DeadManBeaten,
    DeadManMissed,
    ReadAccount,
    UserStreamBeat,
    UserStreamLost,
)
from messages.market import FrameDropped
from messages.orders import (
    Answer,
    CancelAnswered,
    DenyRule,
    OrderDenied,
    PrepareOrder,
    TakeAllOff,
    TakeOrdersOff,
)
from messages.risk import HaltCause, TradingResumed
from messages.values import SECOND, OrderId, RealNs, Side
from tests.actors.gateway_stage import Gateway, named, started
from tests.factories import cents, of


@pytest.fixture
def gateway():
    return started()


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


def test_a_cancel_answer_about_strangers_changes_nothing(gateway):
    strange = OrderId("0xstrange")

    assert gateway.hear(CancelAnswered(canceled=(strange,), not_canceled=((strange, "?"),))) == []
