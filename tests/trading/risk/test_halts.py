from messages.risk import HaltCause, Level, TradingHalted, TradingResumed
from trading.risk.halts import Halts

LOSS = TradingHalted(cause=HaltCause.DAILY_LOSS, level=Level.HALT_QUOTES, reason="too much")
KILL = TradingHalted(cause=HaltCause.KILL_SWITCH, level=Level.FREEZE, reason="")
NO_KILL = TradingResumed(cause=HaltCause.KILL_SWITCH, reason="gone")


def test_the_tightest_cause_counts() -> None:
    halts = Halts()
    assert halts.level is Level.RUN

    halts.hear(LOSS)
    assert halts.level is Level.HALT_QUOTES
    halts.hear(KILL)
    assert halts.level is Level.FREEZE
    assert halts.reason == "kill_switch; daily_loss: too much"
    halts.hear(NO_KILL)
    assert halts.level is Level.HALT_QUOTES


def test_tightening_counts_when_it_is_said_and_loosening_when_it_is_heard() -> None:
    halts = Halts()
    halts.say(KILL)
    assert halts.level is Level.FREEZE

    halts.hear(KILL)
    halts.say(NO_KILL)
    assert halts.level is Level.FREEZE
    assert halts.coming is Level.RUN
    assert not halts.will_hold(HaltCause.KILL_SWITCH)

    halts.hear(NO_KILL)
    assert halts.level is Level.RUN


def test_a_halt_said_after_a_resume_wins() -> None:
    halts = Halts()
    halts.hear(KILL)
    halts.say(NO_KILL)
    again = TradingHalted(cause=HaltCause.KILL_SWITCH, level=Level.FREEZE, reason="again")
    halts.say(again)

    halts.hear(NO_KILL)
    assert halts.level is Level.FREEZE
    halts.hear(again)
    assert halts.reason == "kill_switch: again"


def test_what_was_not_committed_was_never_said() -> None:
    halts = Halts()
    halts.say(KILL)
    halts.forget_said()

    assert halts.level is Level.RUN
