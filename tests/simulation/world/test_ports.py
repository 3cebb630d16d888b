"""Ports run on virtual time: they sleep, are knocked for, answer, fail, and are waited for at the end."""

from collections.abc import AsyncIterator

import pytest

from messages.account import AccountOpened, BeatDeadMan, DeadManBeaten, OpenAccount
from messages.values import SECOND, RealNs
from runtime.ports import Port, handles, runs
from simulation.world.ports import PortTasks
from simulation.world.world import World

BEAT = DeadManBeaten(at=RealNs(1))
OPENED = AccountOpened(address="0x1", funder="0x2")


class Desk(Port):
    """Opens after a while, answers late, and says something when somebody knocks."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.gate = world.gate()

    @handles
    async def open_account(self, command: OpenAccount) -> AsyncIterator[AccountOpened]:
        """After two seconds."""
        await self.world.sleep(2 * SECOND)
        yield OPENED

    @runs
    async def listen(self) -> AsyncIterator[DeadManBeaten]:
        """At each knock."""
        while True:
            await self.gate
            yield BEAT

    @handles
    async def fail(self, command: BeatDeadMan) -> None:
        """A mistake."""
        await self.world.sleep(SECOND)
        raise ValueError("oh")


class Process:
    """Where they run; nothing but a world's time."""

    def __init__(self, world):
        self.world, self.is_ending = world, False

    def later(self, span_ns, do):
        self.world.call_in(span_ns, do)

    def comes_to_its_end(self):
        self.is_ending = True


@pytest.fixture
def world():
    return World(1)


@pytest.fixture
def desk(world):
    return Desk(world)


@pytest.fixture
def said():
    return []


@pytest.fixture
def failed():
    return []


@pytest.fixture
def tasks(world, desk, said, failed):
    built = PortTasks(
        Process(world),
        [desk],
        lambda message: said.append((world.elapsed_ns // SECOND, message)),
        lambda error, name: failed.append((str(error), name)),
    )
    built.start()
    return built


def pass_time(world, seconds):
    world.advance(RealNs(int(world.now()) + round(seconds * SECOND)))


def test_an_answer_comes_when_its_time_has_come(world, tasks, said):
    tasks.post(OpenAccount())
    pass_time(world, 1.9)
    assert said == []

    pass_time(world, 0.2)

    assert said == [(2, OPENED)]


def test_who_waits_for_a_knock_says_something_at_each(world, tasks, desk, said):
    pass_time(world, 5)
    desk.gate.open()
    pass_time(world, 5)
    desk.gate.open()
    pass_time(world, 5)

    assert said == [(5, BEAT), (10, BEAT)]


def test_a_mistake_is_told_with_the_name_of_who_made_it(world, tasks, failed):
    tasks.post(BeatDeadMan())

    with pytest.raises(ValueError, match="oh"):
        pass_time(world, 2)

    assert failed == [("oh", "Desk.fail")]


@pytest.mark.parametrize(("patience_s", "after_s"), [(10, 2), (1, 1)])
def test_what_was_asked_for_is_waited_for_but_not_for_ever(world, tasks, patience_s, after_s):
    done = []
    tasks.post(OpenAccount())
    tasks.drain(patience_s, lambda: done.append(world.elapsed_ns // SECOND))

    pass_time(world, 20)

    assert done == [after_s]


def test_who_is_stopped_says_nothing_more(world, tasks, said):
    tasks.post(OpenAccount())
    pass_time(world, 1)
    tasks.stop()
    pass_time(world, 5)

    assert said == []
