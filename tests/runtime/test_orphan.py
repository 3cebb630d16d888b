"""What a process does when its supervisor is gone, or a signal comes."""

import os
import signal
import subprocess

import pytest

from messages.system import EngineState, Presence, Roster
from messages.values import SECOND, RealNs, RoleName
from runtime.ground import OwnProcess, alive
from runtime.orphan import Orphan

NOW = RealNs(1_000 * SECOND)
GATEWAY = RoleName("gateway")


def roster(pid):
    present = (Presence(role=GATEWAY, incarnation=1, pid=pid, state="ready"),)
    return Roster(engine=EngineState.RUNNING, present=present)


@pytest.fixture
def stranger():
    """A process that lives until it is ended."""
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def test_with_its_supervisor_alive_it_goes_on():
    assert Orphan(os.getppid(), None, 0, OwnProcess()).must_stop(NOW) == ""


def test_a_signal_asks_it_to_end():
    orphan = Orphan(os.getppid(), None, 0, OwnProcess())
    orphan.signal()
    orphan.signal()

    assert orphan.must_stop(NOW) == "asked by signal"


def test_without_its_supervisor_it_ends():
    assert Orphan(1 << 22, None, 0, OwnProcess()).must_stop(NOW) == "the supervisor is gone"


def test_a_forsaken_one_is_as_good_as_orphaned():
    orphan = Orphan(os.getppid(), None, 0, OwnProcess())
    orphan.forsaken = True

    assert orphan.must_stop(NOW) == "the supervisor is gone"


@pytest.mark.parametrize("parent", [1 << 22, os.getppid()], ids=["orphaned", "signaled"])
def test_who_writes_down_what_another_does_ends_after_it(stranger, parent):
    orphan = Orphan(parent, GATEWAY, 15, OwnProcess())
    orphan.learn(roster(stranger.pid))
    orphan.signal()
    begun = orphan._signaled_at
    assert orphan.must_stop(begun) == ""
    stranger.kill()
    stranger.wait()

    assert orphan.must_stop(begun)


def test_but_not_longer_than_its_patience(stranger):
    orphan = Orphan(1 << 22, GATEWAY, 15, OwnProcess())
    orphan.learn(roster(stranger.pid))

    assert orphan.must_stop(NOW) == ""
    assert orphan.must_stop(RealNs(int(NOW) + 15 * SECOND - 1)) == ""
    assert orphan.must_stop(RealNs(int(NOW) + 15 * SECOND)) == "the supervisor is gone"


def test_with_nobody_to_wait_for_it_does_not():
    assert Orphan(1 << 22, GATEWAY, 15, OwnProcess()).must_stop(NOW)


def test_who_is_alive(stranger):
    assert alive(stranger.pid)
    stranger.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, stranger.pid, os.WEXITED | os.WNOWAIT)
    assert not alive(stranger.pid), "a zombie is not"
    stranger.wait()

    assert not alive(1 << 22)
