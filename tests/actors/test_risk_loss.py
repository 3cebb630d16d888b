"""The day's loss: it halts the quotes, survives a restart, and begins anew with the day."""

from messages.liquidation import ExitCompleted
from messages.orders import CancelAll
from messages.risk import HaltCause, Level, LossDayBegan, LossStatus, TradingHalted, TradingResumed
from messages.values import Outcome, Price, Shares, Side
from tests.actors.risk_stage import DAY, GONE, Judge, judging, kinds, resume
from tests.factories import MARKET, a_book, a_fill, assigned, confirmed, of, retired, reversed_
from trading.risk import Reset


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
