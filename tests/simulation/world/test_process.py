"""A simulated process obeys signals as a real one does."""

import signal

import pytest

from messages.values import SECOND, RealNs
from runtime.ground import ProcessOver
from runtime.restarts import ExitCode
from simulation.world.process import Ground, SimProcess, Trap
from simulation.world.world import World


class Machine:
    """Where it runs."""

    def __init__(self):
        self.ended = []

    def died(self, process):
        self.ended.append(process.code)

    def stepped(self, process):
        pass

    def lives(self, pid):
        return pid == 7


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture
def process(machine):
    return SimProcess(World(1), "maker", 5, machine)


def passes(process, seconds):
    process.world.advance(RealNs(process.world.ns + round(seconds * SECOND)))


def test_what_is_due_while_it_is_stopped_happens_when_it_goes_on(process):
    done = []
    process.later(SECOND, lambda: done.append(process.world.elapsed_ns // SECOND))
    process.signal(signal.SIGSTOP)
    passes(process, 10)
    assert done == []

    process.signal(signal.SIGCONT)

    assert done == [10]


def test_what_is_due_after_its_death_never_happens(process, machine):
    done = []
    process.later(SECOND, lambda: done.append(1))
    process.signal(signal.SIGKILL)
    passes(process, 10)

    assert (done, machine.ended, process.reap()) == ([], [-9], -9)
    process.signal(signal.SIGCONT)
    assert not process.alive


def test_a_stopped_process_can_be_killed(process, machine):
    process.signal(signal.SIGSTOP)
    process.signal(signal.SIGKILL)

    assert machine.ended == [-9]


def test_it_is_killed_the_so_manieth_time_at_its_point_and_nowhere_else(process, machine):
    process.trap = Trap("commit", 2)
    for _ in range(2):
        process.reach("commit")
        process.reach("jrn")
    assert machine.ended == []

    with pytest.raises(ProcessOver):
        process.reach("commit")

    assert machine.ended == [-9]


def test_a_stop_that_takes_too_long_ends_it(process, machine):
    Ground(process).end_within(3)
    passes(process, 2.9)
    assert machine.ended == []

    passes(process, 0.2)

    assert machine.ended == [ExitCode.SOFTWARE]


def test_the_first_end_counts_and_a_mistake_leaves_its_traceback(process, machine):
    try:
        raise ValueError("oh")
    except ValueError:
        with pytest.raises(ProcessOver):
            Ground(process).end(ExitCode.SOFTWARE)
    with pytest.raises(ProcessOver):
        Ground(process).end(ExitCode.OK)

    assert machine.ended == [ExitCode.SOFTWARE]
    assert "ValueError: oh" in process.failure


def test_it_knows_who_lives_and_that_its_parent_is_dead(process):
    process.parent = 3
    ground = Ground(process)
    assert (ground.parent(), ground.lives(7), ground.lives(8)) == (3, True, False)

    process.orphaned = True

    assert ground.parent() == 1


def test_an_exchange_that_is_told_to_end_while_it_is_loaded_ends_when_it_is_there(process, machine):
    process.signal(signal.SIGTERM)
    passes(process, 60)
    assert machine.ended == []
    process.begins_to_serve()
    passes(process, 60)

    assert machine.ended == [0]
