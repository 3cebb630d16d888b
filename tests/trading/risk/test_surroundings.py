"""What a permit rests on besides the halts."""

from messages.risk import KillSwitchSeen
from messages.system import EngineState, Roster
from messages.values import RealNs
from trading.risk.surroundings import MAX_JOURNAL_LAG_NS, MAX_SUPERVISOR_SILENCE_NS, Surroundings

NOW = RealNs(10**12)


def a_roster(engine=EngineState.RUNNING, because=""):
    return Roster(engine=engine, present=(), paused_because=because)


def test_leave_needs_a_look_at_the_kill_switch_a_supervisor_and_a_journal_that_keeps_up():
    others = Surroundings()
    others.hear(a_roster(), NOW)
    assert not others.are_well(NOW, 0)
    others.see(KillSwitchSeen(present=False))
    silent = RealNs(NOW + MAX_SUPERVISOR_SILENCE_NS)

    assert others.are_well(silent, MAX_JOURNAL_LAG_NS)
    assert not others.are_well(RealNs(silent + 1), 0)
    assert not others.are_well(NOW, MAX_JOURNAL_LAG_NS + 1)


def test_a_failure_is_excused_until_there_is_another_or_it_was_over():
    others = Surroundings()
    assert others.failure() is None
    others.hear(a_roster(EngineState.ERROR, "feed stays down"), NOW)
    assert others.failure() == "feed stays down"
    others.excuse()
    assert others.failure() is None
    others.hear(a_roster(EngineState.ERROR, "maker stays down"), NOW)
    assert others.failure() == "maker stays down"
    others.excuse()
    others.hear(a_roster(), NOW)
    others.hear(a_roster(EngineState.ERROR, "maker stays down"), NOW)

    assert others.failure() == "maker stays down"
