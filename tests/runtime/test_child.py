"""What the supervisor knows of one child."""

import subprocess
import sys

import pytest

from messages.values import SECOND, RealNs, RoleName
from runtime.child import Child, Phase
from runtime.restarts import ChildSpec, Restart
from runtime.running import Spawned

START = RealNs(1_000 * SECOND)


def at(seconds):
    return RealNs(int(START) + round(seconds * SECOND))


def a_child():
    spec = ChildSpec(
        restart=Restart.PERMANENT, ready_s=5, beat_s=0.5, deadline_s=3, grace_s=2, intensity=5, period_s=60
    )
    return Child(RoleName("maker"), spec, 3)


@pytest.fixture
def child():
    """One with a process, started at START."""
    child = a_child()
    process = subprocess.Popen([sys.executable, "-S", "-c", "import signal; signal.pause()"])
    child.started(Spawned(process), 7, START)
    yield child
    child.signal(9)
    if child.alive:
        child.reap()


def test_before_it_is_started_there_is_no_process():
    child = a_child()
    child.signal(15)

    assert (child.alive, child.pid, child.phase, child.overdue(START)) == (False, 0, Phase.STOPPED, "")


def test_started_it_has_a_name_and_a_process(child):
    assert (child.identity, child.alive, child.phase) == ("maker@7", True, Phase.STARTING)
    assert child.pid > 0


def test_while_it_comes_further_in_the_journal_it_has_time_to_become_ready(child):
    for second in range(1, 20):
        child.reads(second * 1_000, at(second))
        child.heard_at = at(second)
        assert child.overdue(at(second)) == ""
    child.reads(19_000, at(24))
    child.heard_at = at(24)

    assert child.overdue(at(24.1)) == "not ready within 5 s"


def test_its_end_is_collected_as_code_or_signal(child):
    child.signal(9)

    assert child.reap() == -9
    assert (child.exit_code, child.alive, child.pid) == (-9, False, 0)
    child.signal(9)


@pytest.mark.parametrize(
    ("phase", "seconds", "why"),
    [
        (Phase.STARTING, 5, ""),
        (Phase.STARTING, 5.1, "not ready within 5 s"),
        (Phase.READY, 3, ""),
        (Phase.READY, 3.1, "silent for 3.1 s"),
        (Phase.STOPPING, 60, ""),
    ],
)
def test_when_it_must_be_killed(child, phase, seconds, why):
    child.phase = phase

    assert child.overdue(at(seconds)) == why


@pytest.mark.parametrize(("answers", "why"), [(True, "silent for 6.1 s"), (False, "")])
def test_who_answered_and_falls_silent_in_the_stop_hangs_and_who_still_starts_does_not(child, answers, why):
    child.phase, child.stop_by, child.answers = Phase.STOPPING, at(60), answers

    assert child.overdue(at(6)) == ""
    assert child.overdue(at(6.1)) == why


def test_a_stop_has_its_grace_and_nothing_else_counts_then(child):
    child.phase, child.stop_by = Phase.STOPPING, at(2)

    assert child.overdue(at(1.9)) == ""
    assert child.overdue(at(2)) == "did not stop within 2 s"


def test_it_is_killed_once(child):
    child.killed_for = "silent"

    assert child.overdue(at(100)) == ""


def test_time_in_which_nobody_looked_does_not_count(child):
    child.excuse(10 * SECOND)
    assert child.overdue(at(14)) == ""
    child.stop_by = at(1)
    child.excuse(10 * SECOND)

    assert child.overdue(at(10)) == ""
    assert child.overdue(at(11)) != ""


def test_the_last_words_of_a_program_are_the_last_line_it_printed_since_it_started(tmp_path):
    child, log = a_child(), tmp_path / "venue.log"
    assert child.last_words() == ""
    log.write_text("an earlier life\n")
    child.writes_to(log)
    assert child.last_words() == ""
    with log.open("a") as file:
        file.write("first\nmaker: no such\x07 port  \n\n")

    assert child.last_words() == "no such port"
    log.unlink()
    assert child.last_words() == ""
