"""Ports: their commands run beside each other, their mistakes are told, what was asked for last is done."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from messages.account import BeatDeadMan, DeadManBeaten, OpenAccount
from messages.values import RealNs
from runtime.ports import Port, PortThread, handles, runs
from tests.patience import PATIENCE_S


class Desk(Port):
    """Answers when it is let to."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.log: list[str] = []

    async def open(self) -> None:
        self.log.append("open")

    async def close(self) -> None:
        self.log.append("close")

    @handles
    async def beat(self, command: BeatDeadMan) -> AsyncIterator[DeadManBeaten]:
        """Waits for the gate."""
        await self.gate.wait()
        yield DeadManBeaten(at=RealNs(1))

    @handles
    async def account(self, command: OpenAccount) -> None:
        """Opens the gate."""
        self.gate.set()

    @runs
    async def listen(self) -> AsyncIterator[DeadManBeaten]:
        """Says one thing and then waits for ever."""
        yield DeadManBeaten(at=RealNs(0))
        await asyncio.Event().wait()


class Broken(Port):
    """Makes a mistake."""

    @handles
    async def beat(self, command: BeatDeadMan) -> None:
        """A mistake."""
        raise ValueError("oh")


class Bench:
    """A port thread and what it said."""

    def __init__(self, *ports):
        self.said, self.failed, self.told = [], [], threading.Semaphore(0)
        self.thread = PortThread(list(ports), self.deliver, self.fail)

    def deliver(self, message):
        self.said.append(message)
        self.told.release()

    def fail(self, error, name):
        self.failed.append((str(error), name))
        self.told.release()

    def hears(self):
        """Waits for the next word; its absence fails the test."""
        assert self.told.acquire(timeout=PATIENCE_S)


@pytest.fixture
def bench():
    built = []

    def build(*ports):
        built.append(Bench(*ports))
        return built[-1]

    yield build
    for each in built:
        each.thread.stop()


def test_ports_are_open_before_their_streams_and_commands(bench):
    desk = Desk()
    bench = bench(desk)
    bench.thread.start()
    assert desk.log == ["open"]
    bench.hears()

    assert bench.said == [DeadManBeaten(at=RealNs(0))]
    assert bench.thread.handled == {BeatDeadMan, OpenAccount}


def test_a_command_that_waits_holds_up_no_other(bench):
    bench = bench(Desk())
    bench.thread.start()
    bench.hears()
    bench.thread.post(BeatDeadMan())
    bench.thread.post(OpenAccount())
    bench.hears()

    assert bench.said[-1] == DeadManBeaten(at=RealNs(1))


def test_what_was_asked_for_last_is_done_before_the_end(bench):
    desk = Desk()
    bench = bench(desk)
    bench.thread.start()
    bench.thread.post(OpenAccount())
    bench.thread.post(BeatDeadMan())
    bench.thread.drain(PATIENCE_S, lambda: None)
    bench.thread.stop()

    assert DeadManBeaten(at=RealNs(1)) in bench.said
    assert desk.log == ["open", "close"]


def test_what_takes_too_long_is_not_waited_for(bench):
    bench = bench(Desk())
    bench.thread.start()
    bench.thread.post(BeatDeadMan())
    bench.thread.drain(0.05, lambda: None)
    bench.thread.stop()

    assert DeadManBeaten(at=RealNs(1)) not in bench.said


def test_a_mistake_is_told_with_the_name_of_who_made_it(bench):
    bench = bench(Broken())
    bench.thread.start()
    bench.thread.post(BeatDeadMan())
    bench.hears()

    assert bench.failed == [("oh", "Broken.beat")]


def test_two_ports_cannot_take_the_same_command(bench):
    with pytest.raises(TypeError, match="BeatDeadMan"):
        PortThread([Desk(), Broken()], lambda message: None, lambda error, name: None)


def test_a_thread_that_never_began_can_be_stopped(bench):
    never = bench(Desk()).thread
    never.drain(1, lambda: None)
    never.stop()
