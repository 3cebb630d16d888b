"""A simulated process: it starts slowly, steps when something is to be done, hangs, and dies at any point."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn, Protocol

from messages.base import Message
from messages.values import SECOND
from runtime.ground import ProcessOver
from runtime.host import Host
from runtime.journal_errors import JournalError
from runtime.mailbox import Overflow
from runtime.outbox import WindowFull
from runtime.ports import Port, PortFailed
from runtime.restarts import ExitCode
from simulation.world.ports import PortTasks
from simulation.world.world import World

HANDLING_NS = 20_000
"""One message takes its process so long."""
MEANT = (JournalError, Overflow, OverflowError, WindowFull)
"""What ends a process because it was made to end by it: a disk that refuses, and queues that are full."""
WAKES_NS = (5_000, 400_000)
"""From something to do to the step that does it; each process has its own, as a scheduler would have it."""
SOON_NS = 1_000
"""What is due is done after this at the soonest."""
RUNAWAY = 100_000
"""Messages handled at one instant are our mistake."""
VENUE_ENDS_NS, VENUE_OUTLIVES_NS = SECOND // 5, 15 * SECOND
KILLED = -int(signal.SIGKILL)


class Trap:
    """Where a process is to be killed: the so-manieth time that it comes by a point."""

    def __init__(self, point: str, after: int) -> None:
        self.point = point
        self.left = after


class Computer(Protocol):
    """The machine it runs on."""

    def died(self, process: SimProcess) -> None:
        """It has ended."""

    def stepped(self, process: SimProcess) -> None:
        """It made a step."""

    def lives(self, pid: int) -> bool:
        """Whether that process still runs."""


class SimProcess:
    """One incarnation. Satisfies `Running` for its supervisor and `Ground` for its host."""

    def __init__(self, world: World, role: str, pid: int, machine: Computer) -> None:
        self.world = world
        self.role = role
        self.pid = self.fd = pid
        self.host: Host | None = None
        self.ports: list[Port] = []
        self.code: int | None = None
        """What it ended with, None while it lives."""
        self.busy_until = 0
        self.is_stopped = False
        self.die_hard = True
        self.failure = ""
        """The traceback of the mistake it ended by."""
        self.trap: Trap | None = None
        self.orphaned = False
        self.serves = False
        """It is the exchange, and answers."""
        self.parent = 0
        self.machine = machine
        self._wakes_ns = world.rng.randrange(*WAKES_NS)
        self._wanted_at: int | None = None
        self._backlog: list[Callable[[], None]] = []
        self._is_terminated = False
        self._is_ending = False

    @property
    def alive(self) -> bool:
        """It has not ended."""
        return self.code is None

    # Running.

    def lives_in(self, host: Host, parent: int) -> None:
        """It has started: this is what it runs."""
        self.host, self.parent = host, parent
        host.on_start()
        if self._is_terminated:
            self._terminate()
        self.poke()

    def begins_to_serve(self) -> None:
        """It is the exchange; a SIGTERM that came while it was being loaded is delivered now."""
        self.serves = True
        if self._is_terminated:
            self._terminate()

    def poke(self) -> None:
        """There is something to do as soon as it wakes and has time; what comes meanwhile is done with it."""
        at = self.world.ns + self._wakes_ns
        self._want(at if at > self.busy_until else self.busy_until)

    def _want(self, at: int) -> None:
        if self._wanted_at is None or at < self._wanted_at:
            self._wanted_at = at
            self.world.call_at(at, self._is_due)  # type: ignore[arg-type]

    def _is_due(self) -> None:
        if self.world.ns != self._wanted_at:
            return
        self._wanted_at = None
        if self.code is None and not self.is_stopped and self.host is not None and not self._is_ending:
            if self.world.ns < self.busy_until:
                self._want(self.busy_until)
            else:
                self._run(self._step)

    def _step(self) -> None:
        host = self.host
        assert host is not None
        count = 0
        while True:
            if self.trap is not None:
                self.reach("before")
            if not host.step():
                break
            count += 1
            assert count < RUNAWAY, f"{self.role} is never done"
            if self.trap is not None:
                self.reach("after")
            if self._is_ending:
                return
        now, due_ns = self.world.ns, host.due_ns()
        through_at = now + count * HANDLING_NS
        if through_at > self.busy_until:
            self.busy_until = through_at
        at = now + (due_ns if due_ns > SOON_NS else SOON_NS)
        self._want(at if at > self.busy_until else self.busy_until)

    def _run(self, do: Callable[[], object]) -> None:
        """Let it do something; it may end by it."""
        try:
            do()
        except ProcessOver:
            pass
        self.world.steps += 1
        self.machine.stepped(self)

    def later(self, span_ns: int, do: Callable[[], None]) -> None:
        """Its own time: what is due while it is stopped happens when it goes on, and never when it is dead."""
        self.world.call_in(span_ns, lambda: self._later(do))

    def _later(self, do: Callable[[], None]) -> None:
        if self.code is not None:
            return
        if self.is_stopped:
            self._backlog.append(do)
        else:
            self._run(do if self.trap is None else lambda: self._past("port", do))

    def _past(self, point: str, do: Callable[[], None]) -> None:
        self.reach(point)
        do()

    def stall(self, span_ns: int) -> None:
        """It is held up by something that blocks it, a disk above all; what it says now leaves after that."""
        self.busy_until = max(self.world.ns, self.busy_until) + span_ns

    def reach(self, point: str) -> None:
        """It comes by a place at which it may be killed. Raises ProcessOver."""
        trap = self.trap
        if trap is None or trap.point != point:
            return
        trap.left -= 1
        if trap.left < 0:
            self.trap = None
            self._over(KILLED, f"at {point}")
            raise ProcessOver

    # What its supervisor does to it.

    def reap(self) -> int:
        """Its exit code, collected."""
        assert self.code is not None
        return self.code

    def signal(self, number: int) -> None:
        """A stopped process hears of any signal but SIGKILL when it goes on."""
        if self.code is not None:
            return
        if number == signal.SIGKILL:
            self._over(KILLED, "killed")
        elif number == signal.SIGSTOP:
            self.is_stopped = True
        elif number == signal.SIGCONT:
            self._go_on()
        elif number == signal.SIGTERM:
            self._is_terminated = True
            if not self.is_stopped:
                self._terminate()

    def _go_on(self) -> None:
        if not self.is_stopped:
            return
        self.is_stopped = False
        if self._is_terminated:
            self._terminate()
        backlog, self._backlog = self._backlog, []
        for do in backlog:
            self._later(do)
        self.poke()

    def _terminate(self) -> None:
        if self.host is not None:
            self.host.orphan.signal()
            self.host.bus.wake()
        elif self.serves:
            span = VENUE_OUTLIVES_NS if self.orphaned else VENUE_ENDS_NS
            self.later(span, lambda: self.end_now(0, "asked to"))

    def _over(self, code: int, why: str) -> None:
        if self.code is None:
            self.code = code
            self.world.note("ended", self.role, f"{code} {why}".strip())
            self.machine.died(self)

    # What its host asks of it.

    def drive(self, ports: list[Port], deliver: Callable[[Message], None], fail: PortFailed) -> PortTasks:
        """Runs its ports."""
        return PortTasks(self, ports, deliver, fail)

    def comes_to_its_end(self) -> None:
        """Its actor has said its last words; only its ports still work."""
        self._is_ending = True

    def end_now(self, code: int, why: str = "") -> NoReturn:
        """It ends here."""
        self._over(code, why)
        raise ProcessOver


class Ground:
    """What a simulated host stands on. Satisfies `runtime.ground.Ground`."""

    def __init__(self, process: SimProcess) -> None:
        self._process = process

    def parent(self) -> int:
        """Whoever started it, 1 when that one is dead."""
        return 1 if self._process.orphaned else self._process.parent

    def lives(self, pid: int) -> bool:
        """Whether that process still runs."""
        return self._process.machine.lives(pid)

    def resident_kib(self) -> int:
        """As good as any other number."""
        return 0

    def settle(self) -> None:
        """Nothing is to be done for that."""

    def end_within(self, span_s: float) -> None:
        """By then it is over."""
        process = self._process
        process.later(round(span_s * SECOND), lambda: process.end_now(ExitCode.SOFTWARE, "its grace is over"))

    def end(self, code: int) -> NoReturn:
        """It ends now; a mistake leaves its traceback."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, (ProcessOver, *MEANT)):
            self._process.failure = "".join(traceback.format_exception(error))
        self._process.end_now(int(code), str(error or "").partition("\n")[0])
