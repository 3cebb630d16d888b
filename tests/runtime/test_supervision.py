"""Children are started, heard, restarted, killed and stopped; on real processes, most of them tiny."""

import errno
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from messages.liquidation import MarketRetired
from messages.system import ActorExited, ActorStarted, EngineState
from messages.values import SECOND, RealNs, RoleName
from runtime.afterwards import describe_exit
from runtime.bus import Bus
from runtime.child import Child, Phase
from runtime.clock import Clock, real_now
from runtime.process import Part, Plan
from runtime.restarts import ChildSpec, ExitCode, Restart
from runtime.running import Spawned
from runtime.stamp import Stamp
from runtime.supervision import Tree
from runtime.zmq_wire import ZmqWire
from tests.factories import retired
from tests.patience import PATIENCE_S
from tests.runtime import troupe
from tests.runtime.ends import STILL, JournalEnd, a_wiring, until

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CHILD = f"import sys; sys.path[:0] = {[str(ROOT), str(HERE)]}; from runtime.process import main; main()"
WAITS = "import signal; signal.pause()"
DEAF = "import signal; signal.signal(15, signal.SIG_IGN); signal.pause()"


def a_spec(restart=Restart.PERMANENT, **changes):
    """Nobody is late but who is to be."""
    long = dict.fromkeys(("ready_s", "deadline_s", "grace_s"), PATIENCE_S)
    values = {**long, "beat_s": 0.05, "intensity": 5, "period_s": 60}
    return ChildSpec(restart=restart, **{**values, **changes})


class Nursery:
    """A tree whose children are processes of the test."""

    def __init__(self, directory, journal=False):
        self.directory = directory
        stamp = Stamp(RoleName("supervisor"), 0, 1, Clock(STILL))
        wiring = a_wiring("supervisor", binds=("sup",), dealers=("jrn",) if journal else (), facts=())
        if journal:
            wiring = msgspec.structs.replace(wiring, subscribes=("facts",), facts=("MarketRetired",))
        wire = ZmqWire(directory, "supervisor@1")
        self.bus = Bus(RoleName("supervisor"), 1, wiring, stamp, wire)
        stamp.source = self.bus.identity
        self.facts, self.ready, self.said, self.spawned = [], [], [], 0
        self.refuse: OSError | None = None
        self.tree = Tree(
            self.bus,
            self.start,
            self.next,
            lambda fact, live: self.facts.append((fact, live)),
            lambda child: self.ready.append(child.role),
            random.Random(1),
        )
        self.tree.say = lambda *events: self.said.extend(events)
        self.programs = {}
        self.bus.open()

    def next(self):
        self.spawned += 1
        return self.spawned

    def start(self, child):
        if self.refuse is not None:
            raise self.refuse
        program = self.programs[child.role]
        if isinstance(program, str):
            process = subprocess.Popen([sys.executable, "-S", "-E", "-c", program], stdout=subprocess.DEVNULL)
        else:
            process = subprocess.Popen(
                [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stderr=subprocess.PIPE
            )
            process.stdin.write(msgspec.json.encode(self.plan(child, program.__name__)))
            process.stdin.close()
            process.stderr.close()
        child.started(Spawned(process), child.incarnation, real_now())

    def plan(self, child, name):
        return Plan(
            role=child.role,
            incarnation=child.incarnation,
            run=1,
            parent=os.getpid(),
            actor=Part(name=f"troupe:{name}"),
            ports=(),
            wiring=a_wiring("clerk", dealers=("sup",)),
            sockets=str(self.directory),
            clock=STILL,
            logs=str(self.directory),
            grace_s=child.spec.grace_s,
        )

    def launch(self, program, role="clerk", **spec):
        """A child that runs this: a line of Python, or an actor."""
        child = Child(RoleName(role), a_spec(**spec), 0)
        self.programs[child.role] = program
        self.tree.add(child)
        self.tree.launch(child)
        return child

    def until(self, done):
        return until(done, lambda: self.tree.step(SECOND // 200))

    def of(self, kind):
        return [event for event in self.said if isinstance(event, kind)]

    def close(self):
        for child in self.tree.children.values():
            child.signal(signal.SIGKILL)
            if child.alive:
                child.reap()
        self.bus.close()


@pytest.fixture
def nursery(tmp_path):
    built = Nursery(tmp_path)
    yield built
    built.close()


# Ends, and what follows.


def test_a_permanent_child_that_ends_well_is_started_again_under_a_new_number(nursery):
    child = nursery.launch("pass")
    nursery.until(lambda: child.incarnation > 1 and child.alive)

    assert [started.incarnation for started in nursery.of(ActorStarted)] == [1, 2]
    (ended,) = nursery.of(ActorExited)[:1]
    assert (ended.role, ended.incarnation, ended.code, ended.reason, ended.restarts) == (
        "clerk",
        1,
        0,
        "exit 0, ok",
        1,
    )


def test_a_killed_child_is_started_again(nursery):
    child = nursery.launch(WAITS)
    child.signal(signal.SIGKILL)
    nursery.until(lambda: child.incarnation == 2)

    assert nursery.of(ActorExited)[0].reason == "killed by SIGKILL"


def test_a_reasoned_end_of_a_transient_child_is_its_end(nursery):
    child = nursery.launch("pass", restart=Restart.TRANSIENT)
    nursery.until(lambda: child.phase is Phase.STOPPED)

    assert (child.alive, child.start_at, nursery.tree.ends.escalated) == (False, None, None)


def test_a_crash_loop_ends_everything_and_is_no_storm(nursery):
    child = nursery.launch("raise SystemExit(70)", intensity=3)
    nursery.until(lambda: nursery.tree.ends.escalated)

    assert nursery.tree.ends.escalated[0] == 70
    assert child.phase is Phase.FAILED
    assert nursery.spawned == 1 + 3
    for _ in range(20):
        nursery.tree.step(SECOND // 500)
    assert nursery.spawned == 4


@pytest.mark.parametrize(("code", "named"), [(2, 2), (77, 77), (78, 78)])
def test_what_another_start_would_only_repeat_is_not_started_again(nursery, code, named):
    child = nursery.launch(f"raise SystemExit({code})")
    nursery.until(lambda: nursery.tree.ends.escalated)

    assert (nursery.spawned, child.phase, nursery.tree.ends.escalated[0]) == (1, Phase.FAILED, named)


def test_a_signal_too_often_ends_everything_as_a_software_fault(nursery):
    nursery.launch("import os; os.kill(os.getpid(), 9)", intensity=1)
    nursery.until(lambda: nursery.tree.ends.escalated)

    assert nursery.tree.ends.escalated == (
        ExitCode.SOFTWARE,
        "clerk ended and is not restarted: killed by SIGKILL",
    )


def test_a_child_that_is_not_vital_stays_down_alone(nursery):
    child = nursery.launch("raise SystemExit(70)", intensity=1, vital=False)
    nursery.until(lambda: child.phase is Phase.FAILED)

    assert nursery.tree.ends.escalated is None
    assert nursery.tree.roster().present[0].state == "failed"


def test_the_first_reason_to_end_everything_is_the_one_that_counts(nursery):
    nursery.launch("raise SystemExit(78)", role="first")
    nursery.until(lambda: nursery.tree.ends.escalated)
    nursery.launch("raise SystemExit(2)", role="second")
    nursery.until(lambda: nursery.tree.children[RoleName("second")].phase is Phase.FAILED)

    assert nursery.tree.ends.escalated[0] == 78


def test_what_the_system_refuses_to_start_is_tried_again_and_not_for_ever(nursery):
    nursery.refuse = OSError(11, "Resource temporarily unavailable")
    child = nursery.launch(WAITS, intensity=2)
    assert child.phase is Phase.BACKOFF
    nursery.until(lambda: nursery.spawned == 2)
    nursery.refuse = None
    nursery.until(lambda: child.alive)
    child.signal(signal.SIGKILL)
    nursery.until(lambda: nursery.tree.ends.escalated)

    assert "killed by SIGKILL" in nursery.tree.ends.escalated[1]


def test_once_the_end_has_begun_nobody_is_started_again(nursery):
    child = nursery.launch(WAITS)
    nursery.tree.ends.hold_restarts()
    child.signal(signal.SIGKILL)
    nursery.until(lambda: not child.alive)

    assert (child.phase, nursery.spawned) == (Phase.STOPPED, 1)


def test_a_disk_that_is_full_is_said_to_be_the_reason(nursery):
    nursery.refuse = OSError(errno.ENOSPC, "No space left on device")
    nursery.launch(WAITS)
    nursery.until(lambda: nursery.tree.ends.escalated)

    assert nursery.tree.ends.escalated[0] == ExitCode.IO
    assert "No space left on device" in nursery.tree.ends.escalated[1]


def test_what_is_said_before_market_time_is_known_is_said_when_it_is(nursery):
    said = []
    nursery.tree.outbox.say = lambda events, cause, now: said.extend(events)
    started = [ActorStarted(role=RoleName("clerk"), incarnation=n, pid=1) for n in range(3)]
    Tree.say(nursery.tree, *started[:2])
    assert said == []
    nursery.tree.say = lambda *events: Tree.say(nursery.tree, *events)
    nursery.tree.date()
    nursery.tree.say(started[2])

    assert said == started


# Hung, late, deaf.


def test_a_child_that_is_not_ready_in_time_is_killed_and_started_again(nursery):
    child = nursery.launch(WAITS, ready_s=0.2)
    nursery.until(lambda: child.incarnation == 2)

    assert nursery.of(ActorExited)[0].reason == "not ready within 0.2 s"


def test_a_ready_child_that_is_silent_is_killed_even_if_it_is_stopped(nursery):
    child = nursery.launch(WAITS, deadline_s=0.2)
    nursery.tree.ready(child)
    child.signal(signal.SIGSTOP)
    nursery.until(lambda: child.incarnation == 2)

    assert nursery.ready == ["clerk"]
    assert nursery.of(ActorExited)[0].reason.startswith("silent for ")


def test_a_stop_is_a_signal_to_who_is_not_connected(nursery):
    child = nursery.launch(WAITS)
    nursery.tree.stop(child, "enough")
    assert child.phase is Phase.STOPPING
    nursery.until(lambda: not child.alive)

    assert (child.phase, child.exit_code, nursery.spawned) == (Phase.STOPPED, -signal.SIGTERM, 1)
    assert nursery.tree.stopped([child])


def test_who_does_not_stop_in_its_grace_is_killed(nursery):
    child = nursery.launch(DEAF, grace_s=0.3)
    until(lambda: _ignores_term(child.pid))
    nursery.tree.stop(child, "enough")
    nursery.until(lambda: not child.alive)

    assert nursery.of(ActorExited)[0].reason == "did not stop within 0.3 s"


def _ignores_term(pid):
    """Whether the kernel has SIGTERM on the ignored list of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    ignored = int(next(line for line in status.splitlines() if line.startswith("SigIgn")).split()[1], 16)
    return bool(ignored >> (signal.SIGTERM - 1) & 1)


def test_a_child_that_waits_to_be_started_again_is_stopped_by_not_starting_it(nursery):
    child = nursery.launch("pass")
    nursery.until(lambda: not child.alive)
    nursery.tree.stop(child, "enough")
    nursery.tree.step(0)

    assert (child.phase, child.start_at, child.alive) == (Phase.STOPPED, None, False)


def test_a_supervisor_that_did_not_run_itself_blames_nobody(nursery):
    child = nursery.launch(WAITS, deadline_s=3)
    nursery.tree.ready(child)
    asleep = 30 * SECOND
    nursery.tree._stepped_at = RealNs(int(nursery.tree._stepped_at) - asleep)
    child.heard_at = RealNs(int(child.heard_at) - asleep)
    nursery.tree.step(0)

    assert child.killed_for == ""


# The roster and the journal.


def test_the_roster_says_who_runs_and_how(nursery):
    child = nursery.launch(WAITS)
    nursery.tree.engine = EngineState.RUNNING
    (present,) = nursery.tree.roster().present

    assert (present.role, present.incarnation, present.pid, present.state) == (
        "clerk",
        1,
        child.pid,
        "starting",
    )
    assert nursery.tree.roster().engine is EngineState.RUNNING


def test_committed_events_come_first_as_old_and_then_as_news(tmp_path):
    nursery, journal = Nursery(tmp_path, journal=True), JournalEnd(tmp_path)
    journal.have(retired())
    nursery.tree.facts.ask_journal()

    def work():
        journal.bus.receive(0)
        journal.answer()
        nursery.tree.step(SECOND // 200)

    until(lambda: journal.subscribers and not nursery.tree.facts.recovering, work)
    journal.publish(retired(number=2))
    until(lambda: len(nursery.facts) == 2, work)

    assert [(type(fact), live) for fact, live in nursery.facts] == [
        (MarketRetired, False),
        (MarketRetired, True),
    ]
    nursery.close()
    journal.bus.close()


def test_an_exit_in_words():
    assert describe_exit(-9) == "killed by SIGKILL"
    assert describe_exit(-200) == "killed by signal 200"
    assert describe_exit(77) == "exit 77, credentials"
    assert describe_exit(5) == "exit 5"


# Real children on real sockets.


@pytest.mark.slow
def test_a_real_child_becomes_ready_answers_and_stops_in_order(nursery):
    child = nursery.launch(troupe.Good)
    nursery.until(lambda: child.phase is Phase.READY)
    begun = child.heard_at
    nursery.until(lambda: child.heard_at > begun)
    nursery.tree.stop(child, "enough")
    nursery.until(lambda: not child.alive)

    assert (child.exit_code, child.phase) == (0, Phase.STOPPED)


@pytest.mark.slow
def test_a_handler_that_raises_ends_its_process_with_70_and_a_loop_of_that_ends_everything(nursery):
    child = nursery.launch(troupe.Raising, intensity=2)
    nursery.until(lambda: nursery.tree.ends.escalated)

    assert nursery.tree.ends.escalated[0] == 70
    assert [ended.code for ended in nursery.of(ActorExited)] == [70, 70, 70]
    assert child.phase is Phase.FAILED


@pytest.mark.slow
def test_a_handler_that_hangs_is_killed_and_its_process_replaced(nursery):
    child = nursery.launch(troupe.Hanging, deadline_s=0.5)
    nursery.until(lambda: child.incarnation == 2)
    (ended,) = nursery.of(ActorExited)

    assert ended.reason.startswith("silent for")
    assert ended.code == -signal.SIGKILL


@pytest.mark.slow
def test_an_actor_that_is_never_ready_is_killed_although_it_answers(nursery):
    child = nursery.launch(troupe.Late, ready_s=1, intensity=1)
    nursery.until(lambda: child.incarnation == 2)

    assert nursery.of(ActorExited)[0].reason == "not ready within 1 s"


@pytest.mark.slow
def test_a_signal_to_a_child_lets_it_end_in_order(nursery):
    child = nursery.launch(troupe.Careful, restart=Restart.TRANSIENT, intensity=1)
    nursery.until(lambda: child.phase is Phase.READY)
    child.signal(signal.SIGTERM)
    nursery.until(lambda: child.incarnation == 2)

    assert nursery.of(ActorExited)[0].code == 3


@pytest.mark.slow
def test_a_stop_that_is_asked_for_while_it_starts_is_in_order_too(nursery):
    child = nursery.launch(troupe.Good)
    nursery.tree.stop(child, "enough")
    nursery.until(lambda: not child.alive)

    assert child.phase is Phase.STOPPED


@pytest.mark.slow
def test_an_actor_that_does_not_come_to_its_end_ends_itself_after_its_grace(nursery):
    child = nursery.launch(troupe.Stubborn, grace_s=1)
    nursery.until(lambda: child.phase is Phase.READY)
    nursery.tree.stop(child, "enough", grace_s=20)
    nursery.until(lambda: not child.alive)

    assert child.exit_code == ExitCode.SOFTWARE


@pytest.mark.slow
def test_a_process_whose_work_is_done_ends_by_itself_and_stays_down(nursery):
    child = nursery.launch(troupe.Done, restart=Restart.TRANSIENT)
    nursery.until(lambda: child.phase is Phase.STOPPED)

    assert (child.exit_code, nursery.spawned) == (0, 1)
