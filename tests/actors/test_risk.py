import msgspec
import pytest

from actors.risk import RiskActor, RiskSettings
from messages.base import Message
from messages.liquidation import ExitCompleted
from messages.market import BookState, FeedStatus, MarketDataStatus
from messages.orders import CancelAll
from messages.risk import (
    ControlReply,
    GetStatus,
    HaltCause,
    HaltTrading,
    KillSwitchSeen,
    Level,
    LossDayBegan,
    LossStatus,
    ResumeTrading,
    TradingHalted,
    TradingPermit,
    TradingResumed,
)
from messages.system import DiskStatus, EngineState, Presence, Room, Roster
from messages.values import SECOND, Money, Outcome, Price, RealNs, RoleName, Shares, Side
from tests.factories import (
    LIQUIDATOR,
    MARKET,
    OTHER,
    Stage,
    a_book,
    a_fill,
    a_status,
    accepted,
    an_order,
    assigned,
    canceled,
    confirmed,
    durable,
    gateway_started,
    intended,
    of,
    plain,
    retired,
    reversed_,
    taken,
)
from trading.risk import DailyLoss, Reset, RiskLimits

DAY = 86_400 * SECOND
DURABLE = ("halts", "ownership", "intended")
GONE = KillSwitchSeen(present=False)
KILL = KillSwitchSeen(present=True, reason="maintenance")


class Judge(Stage):
    """A RiskActor, with the words its surroundings would say."""

    def __init__(self, reset: Reset = Reset.HUMAN, max_loss: int = 50_000_000) -> None:
        rule = DailyLoss(max_loss=Money(max_loss), reset=reset)
        self.risk = RiskActor(RiskSettings(limits=RiskLimits(daily_loss=rule)))
        self.is_supervised = True
        super().__init__(self.risk, RoleName("risk"))

    def _set_time(self) -> None:
        super()._set_time()
        if self.is_supervised:
            self.risk.handle(self.risk.others.roster or Roster(engine=EngineState.RUNNING, present=()))

    def permit(self) -> TradingPermit | None:
        """What the half-second timer says."""
        permits = of(TradingPermit, self.call("permit"))
        return permits[-1] if permits else None

    @property
    def level(self) -> Level | None:
        """What the account may do."""
        permit = self.permit()
        return None if permit is None else permit.level

    def lose(self, dollars: int) -> list[Message]:
        """Buy at 60, and see the market at 10: half a dollar a share."""
        return self.hear(a_fill(dollars * 2, 60), a_book(9, 11))

    def ask(self, question: HaltTrading | ResumeTrading | GetStatus) -> tuple[ControlReply, list[Message]]:
        """The one answer, and everything that was said with it."""
        said = self.hear(question)
        (reply,) = of(ControlReply, said)
        return reply, said


def judging(reset: Reset = Reset.HUMAN, **changes: int) -> Judge:
    """A RiskActor in the middle of a quiet day."""
    stage = Judge(reset, **changes)
    stage.recover()
    stage.hear(GONE)
    stage.call("permit")
    return stage


def halt(request: str = "1", reason: str = "lunch") -> HaltTrading:
    return HaltTrading(request=request, reason=reason, sender="00ff", by="ann")


def resume(request: str = "2", reason: str = "back") -> ResumeTrading:
    return ResumeTrading(request=request, reason=reason, sender="00ff", by="ann")


def kinds(said: list[Message]) -> list[str]:
    return [type(message).__name__ for message in said]


# Permits.


def test_a_permit_lasts_two_seconds() -> None:
    permit = judging().permit()

    assert permit is not None
    assert (permit.level, permit.reason) == (Level.RUN, "")


def test_nothing_is_permitted_before_the_kill_switch_was_looked_for_and_the_day_began() -> None:
    stage = Judge()
    stage.recover()
    stage.commits = False
    assert stage.permit() is None
    stage.hear(GONE)
    assert stage.permit() is None

    stage.commits = True
    assert stage.hear(LossDayBegan(day="2023-11-14", equity=Money(0))) != []
    assert stage.level is Level.RUN


def test_while_the_journal_lags_no_leave_is_given_but_a_freeze_is_still_said() -> None:
    stage = judging()
    stage.risk.journal_lag_ns = 2 * SECOND + 1
    assert stage.permit() is None

    stage.hear(KILL)
    assert stage.level is Level.FREEZE


def test_the_permit_expires_two_real_seconds_from_now() -> None:
    stage = judging()
    permit = stage.permit()

    assert permit is not None
    assert int(permit.expires_at) == stage.real + 2 * SECOND


# What the feed sees.


def test_the_permit_follows_the_feeds_word_on_the_quoted_market_within_two_seconds() -> None:
    stage = judging()
    stage.hear(taken(), a_status(stage))
    stage.wait(2)
    assert stage.level is Level.RUN

    stage.hear(a_status(stage))
    stage.wait(1)
    seen = a_status(stage, live=False)
    stage.hear(msgspec.structs.replace(seen, verified_at=seen.verified_at + -SECOND))
    stage.wait(1)
    assert stage.level is Level.RUN, "two seconds are not over"
    stage.wait(0.1)
    permit = stage.permit()
    assert permit is not None
    assert (permit.level, permit.reason) == (Level.HALT_QUOTES, "market data: stream lost")

    stage.hear(a_status(stage))
    assert stage.level is Level.RUN


def test_a_feed_that_says_nothing_of_the_quoted_market_is_no_reason_to_quote() -> None:
    stage = judging()
    stage.hear(taken(), a_status(stage, OTHER))
    stage.wait(3)

    permit = stage.permit()
    assert permit is not None
    assert (permit.level, permit.reason) == (Level.HALT_QUOTES, "market data: the feed says nothing")


def test_markets_that_are_worked_off_or_over_leave_the_permit_alone() -> None:
    stage = judging()
    stage.hear(retired(), assigned(), taken(OTHER))
    over = FeedStatus(market=OTHER, live=False, verified_at=RealNs(0), state=BookState.CLOSED)
    stage.wait(60)
    stage.hear(over)

    assert stage.level is Level.RUN


def test_a_feed_that_gave_up_stops_the_quotes_and_gives_them_free_when_it_hears_again() -> None:
    stage = judging()
    paused = MarketDataStatus(connected=False, paused=True, reason="paused after 10 connections")

    said = stage.hear(paused)
    (halt,) = of(TradingHalted, said)
    assert (halt.cause, halt.level) == (HaltCause.FEED_PAUSED, Level.HALT_QUOTES)
    assert halt.reason == "paused after 10 connections"
    assert of(TradingHalted, stage.hear(paused)) == [], "said once"
    reply, _ = stage.ask(GetStatus(request="1", sender="00ff"))
    assert ("market data", "paused, 0 of 0 books live") in reply.details
    assert ("market data trouble", "paused after 10 connections") in reply.details

    (resumed,) = of(TradingResumed, stage.hear(MarketDataStatus(connected=True)))
    assert resumed.cause is HaltCause.FEED_PAUSED
    assert stage.level is Level.RUN


def test_a_person_cannot_lift_the_feeds_pause() -> None:
    stage = judging()
    stage.hear(MarketDataStatus(connected=False, paused=True, reason="gone"))
    stage.ask(resume())

    assert stage.level is Level.HALT_QUOTES


def test_after_a_restart_the_feeds_pause_holds_until_the_feed_says_otherwise() -> None:
    stage = judging()
    stage.hear(MarketDataStatus(connected=False, paused=True, reason="gone"))
    again = Judge()
    again.recover(stage.journal)
    again.hear(GONE)
    assert again.level is Level.HALT_QUOTES

    again.hear(MarketDataStatus(connected=True))
    assert again.level is Level.RUN


# The kill switch.


def test_the_kill_switch_acts_first_and_is_written_down_after() -> None:
    said = judging().hear(KILL)

    assert kinds(said)[:3] == ["TradingPermit", "CancelAll", "TradingHalted"]
    assert of(TradingPermit, said)[0].level is Level.FREEZE
    assert of(TradingHalted, said)[0].cause is HaltCause.KILL_SWITCH
    assert "maintenance" in of(CancelAll, said)[0].reason


def test_when_the_file_goes_away_that_is_written_down_before_it_counts() -> None:
    stage = judging()
    stage.hear(KILL)
    stage.commits = False
    said = stage.hear(GONE)
    assert kinds(said) == ["TradingResumed"]
    assert stage.level is Level.FREEZE

    stage.commits = True
    said = stage.hear(of(TradingResumed, said)[0])
    assert [p.level for p in of(TradingPermit, said)] == [Level.RUN]


def test_a_file_that_comes_back_before_its_end_is_committed_still_freezes() -> None:
    stage = judging()
    stage.hear(KILL)
    stage.commits = False
    end = of(TradingResumed, stage.hear(GONE))[0]
    again = of(TradingHalted, stage.hear(KILL))
    assert len(again) == 1

    stage.hear(end)
    assert stage.level is Level.FREEZE
    stage.hear(again[0])
    assert stage.level is Level.FREEZE


def test_the_file_that_is_there_at_the_start_freezes_and_is_written_down_once() -> None:
    before = judging()
    before.hear(KILL)
    stage = Judge()
    stage.recover(before.journal)
    said = stage.hear(KILL)

    assert kinds(said) == ["TradingPermit", "CancelAll"]


def test_a_file_that_went_away_while_nobody_looked_is_lifted_at_the_start() -> None:
    before = judging()
    before.hear(KILL)
    stage = Judge()
    stage.recover(before.journal)
    assert stage.level is Level.FREEZE

    assert of(TradingResumed, stage.hear(GONE))[0].cause is HaltCause.KILL_SWITCH
    assert stage.level is Level.RUN


def test_the_file_lifts_nothing_but_itself() -> None:
    stage = judging()
    stage.hear(halt())
    stage.hear(KILL)
    stage.hear(GONE)

    assert stage.level is Level.FREEZE
    permit = stage.permit()
    assert permit is not None
    assert permit.reason == "operator: lunch"


# A person.


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


# The day's loss.


def test_the_first_day_begins_with_the_first_look() -> None:
    stage = Judge()
    stage.recover()
    (began,) = of(LossDayBegan, stage.call("permit"))

    assert (began.day, began.equity) == ("2023-11-14", 0)
    assert of(LossDayBegan, stage.call("permit")) == []


def test_reaching_the_daily_loss_halts_quotes_and_acts_before_it_is_written_down() -> None:
    stage = judging()
    stage.hear(a_fill(100, 60))
    said = stage.hear(a_book(9, 11))

    assert kinds(said)[:2] == ["TradingPermit", "TradingHalted"]
    assert of(TradingHalted, said)[0].level is Level.HALT_QUOTES
    assert of(CancelAll, said) == []
    assert stage.level is Level.HALT_QUOTES
    assert stage.lose(1) == []


def test_a_millionth_less_does_not_trip() -> None:
    stage = judging(max_loss=50_000_001)

    assert of(TradingHalted, stage.lose(50)) == []
    assert of(LossStatus, stage.call("report"))[0].day_net == -50_000_000


def test_what_is_left_of_a_resolved_market_is_worth_its_payout_for_good() -> None:
    stage = judging(max_loss=500_000_000)
    stage.hear(a_fill(20, 60), retired(), assigned())
    done = ExitCompleted(
        exit=retired().exit, market=MARKET, slug="s", left=Shares(20_000_000), payout=Price(1_000_000)
    )
    stage.hear(done, a_book(9, 11))
    assert of(LossStatus, stage.call("report"))[0].unrealized == 8_000_000

    again = Judge()
    again.recover(stage.journal)
    assert of(LossStatus, again.call("report"))[0].unrealized == 8_000_000


def test_what_a_resolution_costs_counts_against_the_day() -> None:
    stage = judging()
    stage.hear(a_fill(100, 60), a_book(59, 61), retired(), assigned())
    done = ExitCompleted(exit=retired().exit, market=MARKET, slug="s", left=Shares(10**8), payout=Price(0))

    assert of(TradingHalted, stage.hear(done))[0].cause is HaltCause.DAILY_LOSS


def test_the_report_says_what_was_earned() -> None:
    stage = judging()
    fills = (a_fill(10, 50, fee=1_000), a_fill(4, 60, side=Side.ASK))
    stage.hear(*fills, a_book(54, 56))
    status = of(LossStatus, stage.call("report"))[0]

    assert (status.realized, status.fees, status.day_net) == (0, 1_000, 0), "none of it is settled"
    assert status.unrealized == 10 * 50_000 + 4 * 50_000 - 1_000
    stage.hear(*map(confirmed, fills))
    assert of(LossStatus, stage.call("report"))[0].day_net == status.unrealized


def test_what_is_realized_is_pending_until_it_is_settled_and_gone_when_that_fails() -> None:
    stage = judging()
    bought, sold = a_fill(10, 50), a_fill(10, 60, side=Side.ASK, outcome=Outcome.YES)
    stage.hear(bought, sold, confirmed(bought))
    status = of(LossStatus, stage.call("report"))[0]
    assert (status.realized, status.pending) == (0, 1_000_000)

    stage.hear(reversed_(sold))
    status = of(LossStatus, stage.call("report"))[0]
    assert (status.realized, status.pending) == (0, 0)


def test_a_loss_of_either_ledger_trips_the_limit() -> None:
    stage = judging()
    bought, sold = a_fill(200, 60), a_fill(200, 61, side=Side.ASK, outcome=Outcome.YES)
    stage.hear(bought, confirmed(bought), sold)

    (halted,) = of(TradingHalted, stage.hear(a_book(29, 31)))
    assert halted.cause is HaltCause.DAILY_LOSS, "the sale may still fail"


def test_a_loss_halt_survives_a_restart_without_any_book() -> None:
    before = judging()
    before.lose(100)
    stage = Judge()
    stage.recover(before.journal)
    stage.hear(GONE)

    assert stage.level is Level.HALT_QUOTES


def test_a_loss_that_was_not_committed_trips_again_after_a_restart() -> None:
    before = judging()
    before.hear(a_fill(100, 60))
    before.commits = False
    before.hear(a_book(9, 11))
    stage = Judge()
    stage.recover(before.journal)
    stage.hear(GONE)

    assert len(of(TradingHalted, stage.hear(a_book(9, 11)))) == 1


def test_a_person_lifts_it_with_a_reason_and_the_count_begins_anew() -> None:
    stage = judging()
    stage.lose(100)
    assert not stage.ask(resume("2", reason=""))[0].ok

    reply, said = stage.ask(resume("3"))
    assert (reply.ok, reply.level) == (True, Level.RUN)
    assert kinds(said)[:3] == ["LossDayBegan", "TradingResumed", "ControlReply"]
    assert stage.level is Level.RUN
    assert of(TradingHalted, stage.hear(a_book(9, 11))) == []
    assert len(of(TradingHalted, stage.lose(130))) == 1


def test_where_a_person_must_lift_it_a_new_day_does_not() -> None:
    stage = judging()
    stage.lose(100)
    stage.market_time += DAY
    stage.call("permit")

    assert stage.level is Level.HALT_QUOTES


def test_where_the_next_day_lifts_it_a_person_cannot_and_the_day_does() -> None:
    stage = judging(Reset.NEXT_DAY)
    stage.lose(100)
    reply, _ = stage.ask(resume())
    assert not reply.ok
    assert "next UTC day" in reply.text

    stage.market_time += DAY
    said = stage.call("permit")
    assert of(LossDayBegan, said)[0].day == "2023-11-15"
    assert of(TradingResumed, said)[0].cause is HaltCause.DAILY_LOSS
    assert stage.level is Level.RUN


def test_a_crash_between_the_new_day_and_its_lift_is_repaired() -> None:
    before = judging(Reset.NEXT_DAY)
    before.lose(100)
    before.commits = False
    before.market_time += DAY
    (began,) = of(LossDayBegan, before.call("permit"))
    before.journal.append((began, before.market_time, before.real))

    stage = Judge(Reset.NEXT_DAY)
    stage.market_time = before.market_time
    assert of(TradingResumed, stage.recover(before.journal))[0].cause is HaltCause.DAILY_LOSS


def test_a_day_never_goes_back() -> None:
    stage = judging()
    stage.market_time -= DAY

    assert of(LossDayBegan, stage.call("permit")) == []


def test_a_new_day_waits_for_marks_of_what_is_held_but_not_for_ever() -> None:
    before = judging()
    before.hear(a_fill(10, 50))
    stage = Judge()
    stage.market_time += DAY
    stage.recover(before.journal)
    assert of(LossDayBegan, stage.call("permit")) == []

    stage.hear(a_book(39, 41))
    assert of(LossDayBegan, stage.call("permit"))[0].equity == -1_000_000

    late = Judge()
    late.market_time += DAY
    late.recover(before.journal)
    late.wait(10)
    assert of(LossDayBegan, late.call("permit"))[0].equity == 0


@pytest.mark.parametrize("reset", list(Reset))
def test_restarted_it_knows_what_the_running_one_knows(reset: Reset) -> None:
    stage = judging(reset)
    order = an_order("c")
    stage.hear(taken(), intended(order), accepted(order), a_fill(100, 60), a_book(9, 11), halt())
    stage.market_time += DAY
    stage.call("permit")
    stage.hear(KILL, resume(), GONE, retired(), assigned(), resume("7"))

    again = Judge(reset)
    again.recover(stage.journal)
    assert durable(again.risk, *DURABLE) == durable(stage.risk, *DURABLE)
    assert plain(again.risk.pnl.inventories) == plain(stage.risk.pnl.inventories)
    assert plain(again.risk.loss.day) == plain(stage.risk.loss.day)
    assert again.risk.loss.is_of_before == stage.risk.loss.is_of_before


def test_without_the_supervisor_for_five_seconds_nothing_is_permitted():
    stage = judging()
    stage.is_supervised = False
    stage.wait(4.9)
    assert stage.level is Level.RUN
    stage.wait(0.2)
    assert stage.permit() is None

    stage.is_supervised = True
    assert stage.level is Level.RUN
