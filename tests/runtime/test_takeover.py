"""What a dead supervisor left is ended when it is proven to be that; whatever else holds the lock is left alone."""

import os
import signal
import subprocess
import sys

import msgspec
import pytest

from runtime.ground import alive
from runtime.statedir import StateDirectory, StateError
from runtime.takeover import BIRTHS, RUN_VARIABLE, Birth, Births, born, end_orphans

RUN = "00000000000000aa"
LEAVES = f"""
import subprocess, sys
from pathlib import Path
from runtime.ground import alive
from runtime.statedir import StateDirectory
from runtime.takeover import Register
state = StateDirectory(Path(sys.argv[1]))
state.open(False)
register = Register(state.run, "{RUN}")
heir = subprocess.Popen(
    ["sleep", "600"], pass_fds=[state.lock_fd], stdout=subprocess.DEVNULL, env={{"{RUN_VARIABLE}": sys.argv[2]}}
)
register.started("gateway", "gateway@7", heir.pid)
print(heir.pid, flush=True)
sys.argv[3] == "lives" and sys.stdin.read()
"""


class Left:
    """A supervisor of the test with one child; it dies at once, or at the end."""

    def __init__(self, path, *, run=RUN, then="dies"):
        self.supervisor = subprocess.Popen(
            [sys.executable, "-c", LEAVES, str(path), run, then],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = int(self.supervisor.stdout.readline())
        if then == "dies":
            self.supervisor.wait()

    @property
    def runs(self):
        """Whether its child does."""
        return alive(self.pid)

    def end(self):
        if self.runs:
            os.kill(self.pid, signal.SIGKILL)
        self.supervisor.stdin.close()
        self.supervisor.stdout.close()
        self.supervisor.wait()


@pytest.fixture
def leave(tmp_path):
    left = []

    def start(**how):
        left.append(Left(tmp_path, **how))
        return left[-1]

    yield start
    for each in left:
        each.end()


def change(path, **what):
    births = msgspec.json.decode((path / "run" / BIRTHS).read_bytes(), type=Births)
    child = msgspec.structs.replace(births.children["gateway"], **what)
    births.children["gateway"] = child
    (path / "run" / BIRTHS).write_bytes(msgspec.json.encode(births))


def test_without_being_asked_to_nobody_is_ended(tmp_path, leave):
    left = leave()
    with pytest.raises(StateError, match=f"in use by process {left.pid}:"):
        StateDirectory(tmp_path).open(False)

    assert left.runs


def test_a_dead_supervisors_child_is_ended_and_the_lock_is_ours(tmp_path, leave):
    left = leave()
    state = StateDirectory(tmp_path)
    state.open(False, takeover=True)
    os.close(state.lock_fd)

    assert state.taken_over == ["gateway@7"]
    assert not left.runs


def test_while_the_supervisor_lives_nothing_is_ended(tmp_path, leave):
    left = leave(then="lives")
    with pytest.raises(StateError, match=rf"its supervisor, process {left.supervisor.pid}, lives") as refused:
        StateDirectory(tmp_path).open(False, takeover=True)

    assert refused.value.exit_code == 75
    assert left.runs


def test_another_process_under_an_old_number_is_left_alone(tmp_path, leave):
    left = leave()
    change(tmp_path, born=born(left.pid) - 1)
    with pytest.raises(StateError):
        StateDirectory(tmp_path).open(False, takeover=True)

    assert left.runs


def test_a_process_that_does_not_name_the_run_is_left_alone(tmp_path, leave):
    left = leave(run="00000000000000bb")
    with pytest.raises(StateError, match=str(left.pid)):
        StateDirectory(tmp_path).open(False, takeover=True)

    assert left.runs


def test_a_holder_of_whom_nothing_is_written_down_is_left_alone(tmp_path, leave):
    left = leave()
    (tmp_path / "run" / BIRTHS).unlink()
    with pytest.raises(StateError, match="nothing is written down"):
        StateDirectory(tmp_path).open(False, takeover=True)

    assert left.runs


def test_broken_evidence_is_no_evidence(tmp_path):
    (tmp_path / BIRTHS).write_bytes(b"{")

    ended, why = end_orphans(tmp_path)
    assert ended == []
    assert "cannot be read" in why


def test_a_process_that_ended_long_ago_is_nobody(tmp_path):
    gone = Births(RUN, Birth(1, 0, "supervisor"), {"gateway": Birth((1 << 22) + 1, 5, "gateway@1")})
    (tmp_path / BIRTHS).write_bytes(msgspec.json.encode(gone))

    assert end_orphans(tmp_path) == ([], "")
