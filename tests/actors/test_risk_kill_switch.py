"""The kill switch is a file: it acts before it is written down, and is gone only after."""

from messages.orders import CancelAll
from messages.risk import HaltCause, Level, TradingHalted, TradingPermit, TradingResumed
from tests.actors.risk_stage import GONE, KILL, Judge, halt, judging, kinds
from tests.factories import of


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
