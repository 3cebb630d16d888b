"""What stops trading until a person, or the reason's end, lifts it; and how everything stands."""

from messages.orders import CancelAll
from messages.risk import GetStatus, HaltCause, Level, TradingHalted, TradingPermit, TradingResumed
from messages.system import DiskStatus, EngineState, Presence, Room, Roster
from messages.values import RoleName
from tests.actors.risk_stage import GONE, KILL, Judge, halt, judging, kinds, resume
from tests.factories import (
    LIQUIDATOR,
    MARKET,
    OTHER,
    a_fill,
    accepted,
    an_order,
    assigned,
    canceled,
    gateway_started,
    intended,
    of,
    retired,
    taken,
)


def test_a_halt_acts_first_and_is_answered_after_it_is_written_down() -> None:
    stage = judging()
    stage.commits = False
    reply, said = stage.ask(halt())

    assert kinds(said) == ["TradingPermit", "CancelAll", "TradingHalted", "ControlReply"]
    assert (reply.ok, reply.level, reply.to, reply.request) == (True, Level.FREEZE, "00ff", "1")


def test_the_same_request_gets_the_same_answer_and_nothing_else() -> None:
    stage = judging()
    first, _ = stage.ask(halt())
    stage.hear(resume())
    again, said = stage.ask(halt())

    assert again == first
    assert kinds(said) == ["ControlReply"]
    assert stage.level is Level.RUN


def test_a_second_halt_cancels_again_and_is_not_written_down_again() -> None:
    stage = judging()
    stage.hear(halt())
    reply, said = stage.ask(halt("3"))

    assert len(of(CancelAll, said)) == 1
    assert of(TradingHalted, said) == []
    assert reply.text == "already halted"


def test_a_resume_is_written_down_then_counts() -> None:
    stage = judging()
    stage.hear(halt())
    reply, said = stage.ask(resume())

    assert (reply.ok, reply.level) == (True, Level.RUN)
    assert of(TradingResumed, said)[0].by == "ann"
    assert [p.level for p in of(TradingPermit, said)] == [Level.RUN]


def test_with_nothing_halted_a_resume_says_so() -> None:
    reply, said = judging().ask(resume())

    assert reply.ok
    assert reply.text == "nothing was halted"
    assert of(TradingResumed, said) == []


def test_while_the_kill_switch_is_there_nothing_resumes() -> None:
    stage = judging()
    stage.hear(KILL)
    stage.hear(halt())
    reply, _ = stage.ask(resume())

    assert not reply.ok
    assert "maintenance" in reply.text
    assert stage.level is Level.FREEZE


def test_a_halt_survives_a_restart() -> None:
    before = judging()
    before.hear(halt())
    stage = Judge()
    stage.recover(before.journal)
    stage.hear(GONE)

    assert stage.level is Level.FREEZE


def failing(why: str = "maker ended too often and stays down") -> Roster:
    return Roster(engine=EngineState.ERROR, present=(), paused_because=why)


def test_while_somebody_who_is_needed_stays_down_nothing_is_quoted_and_liquidators_go_on() -> None:
    stage = judging()
    said = stage.hear(failing(), failing())

    assert [halt.reason for halt in of(TradingHalted, said)] == ["maker ended too often and stays down"]
    assert of(TradingHalted, said)[0].cause is HaltCause.PROCESS_FAILED
    assert of(CancelAll, said) == []
    assert stage.level is Level.HALT_QUOTES


def test_a_person_lifts_that_and_it_is_not_said_again_while_the_one_that_failed_is_started() -> None:
    stage = judging()
    stage.hear(failing())
    reply, said = stage.ask(resume())
    said += stage.hear(failing(), failing())

    assert reply.text == "resumed: process_failed lifted"
    assert of(TradingHalted, said) == []
    assert stage.level is Level.RUN


def test_who_fails_again_stops_the_quotes_again() -> None:
    stage = judging()
    stage.hear(failing())
    stage.ask(resume())
    stage.hear(Roster(engine=EngineState.RUNNING, present=()))
    said = stage.hear(failing())

    assert len(of(TradingHalted, said)) == 1
    assert stage.level is Level.HALT_QUOTES


def test_another_failure_than_the_one_a_person_saw_stops_the_quotes() -> None:
    stage = judging()
    stage.hear(failing())
    stage.ask(resume())

    assert of(TradingHalted, stage.hear(failing("feed ended too often and stays down")))


def test_a_restored_journal_freezes_until_a_person_accepts_it_with_a_reason() -> None:
    stage = judging()
    said = stage.hear(TradingHalted(cause=HaltCause.JOURNAL, level=Level.FREEZE, reason="damaged"))
    assert {p.level for p in of(TradingPermit, said)} == {Level.FREEZE}
    reply, _ = stage.ask(resume(reason=""))
    assert (reply.ok, reply.text) == (False, "a restored journal is accepted only with a reason")
    reply, said = stage.ask(resume("3", "positions compared"))

    assert (reply.ok, [r.cause for r in of(TradingResumed, said)]) == (True, [HaltCause.JOURNAL])
    assert of(TradingPermit, said)[-1].level is Level.RUN


def disk(room: Room, free: int = 100 << 20) -> DiskStatus:
    return DiskStatus(room=room, free=free)


def test_a_short_disk_stops_the_quotes_a_full_one_everything_and_room_lifts_both() -> None:
    stage = judging()
    assert stage.hear(disk(Room.LOW)) == []
    said = stage.hear(disk(Room.SHORT), disk(Room.SHORT))
    assert [(h.cause, h.level) for h in of(TradingHalted, said)] == [(HaltCause.DISK, Level.HALT_QUOTES)]
    assert "100 MiB" in of(TradingHalted, said)[0].reason
    said = stage.hear(disk(Room.NONE), disk(Room.NONE), disk(Room.SHORT))
    assert [h.level for h in of(TradingHalted, said)] == [Level.FREEZE]
    assert len(of(CancelAll, said)) == 1
    assert of(TradingPermit, said)[-1].level is Level.FREEZE, "a little more than nothing loosens nothing"
    said = stage.hear(disk(Room.AMPLE), disk(Room.AMPLE))

    assert [r.cause for r in of(TradingResumed, said)] == [HaltCause.DISK]
    assert of(TradingPermit, said)[-1].level is Level.RUN


def test_a_person_does_not_lift_what_the_disk_stops() -> None:
    stage = judging()
    stage.hear(disk(Room.SHORT))
    reply, said = stage.ask(resume())

    assert (reply.text, of(TradingResumed, said)) == ("nothing was halted", [])


def test_answers_are_kept_within_bounds() -> None:
    stage = judging()
    for number in range(300):
        stage.hear(halt(str(number)))

    assert len(stage.risk.replies) == 256


def test_the_status_says_how_everything_stands() -> None:
    stage = judging()
    order = an_order("c")
    stage.hear(
        taken(),
        retired(),
        assigned(),
        taken(OTHER),
        intended(order),
        accepted(order),
        a_fill(10, 50, market=OTHER),
        Roster(
            engine=EngineState.RUNNING,
            present=(Presence(role=RoleName("maker"), incarnation=1, pid=7, state="ready"),),
        ),
    )
    reply, _ = stage.ask(GetStatus(request="9", sender="bob"))
    details = dict(reply.details)

    assert (reply.ok, reply.level, reply.orders_resting) == (True, Level.RUN, 1)
    assert (reply.actors, reply.market) == ((("maker", "ready"),), OTHER)
    assert details[f"exposure slug-{OTHER}"] == "+10.00"
    assert details[f"exit slug-{MARKET}"] == LIQUIDATOR
    assert details["max daily loss"] == "$50.00"

    stage.hear(canceled(order))
    assert stage.ask(GetStatus(request="9", sender="bob"))[0].orders_resting == 0
    stage.hear(intended(order), accepted(order), gateway_started())
    assert stage.ask(GetStatus(request="9", sender="bob"))[0].orders_resting == 0
