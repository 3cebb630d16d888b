"""The simulated computer: starts simulated processes for the production supervisor."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Protocol

import msgspec

from messages.system import ClockAnchor
from messages.values import MS, SECOND, MarketNs, RealNs
from runtime.actor import Actor
from runtime.child import Child
from runtime.clock import real_now
from runtime.host import Host
from runtime.journal import Journal
from runtime.journal_errors import JournalError
from runtime.ports import Port
from runtime.probe import MAX_ASKED, Probed
from runtime.process import Plan, actor_of, host_of
from runtime.running import Running
from runtime.statedir import StateDirectory
from simulation.world.disk import Disk, SimJournal
from simulation.world.net import Net
from simulation.world.process import Ground, SimProcess
from simulation.world.supervisor import SimSupervisor
from simulation.world.wire import SimWire
from simulation.world.world import World

SNAPSHOT_EVERY = 60
"""Events after which a process has a snapshot: within minutes many start from one."""
LOADING_NS = (120 * MS, 700 * MS)
"""From the start of a process to its first step, most of the time."""
SLOW_LOADING_NS = 6 * SECOND
SLOW_LOADINGS = 0.03
ANSWER_NS = (1 * MS, 15 * MS)
TIMEOUT_NS = 1 * SECOND


class Exchange(Protocol):
    """The venue's side door, as the supervisor sees it."""

    def opened(self) -> None:
        """Its process runs."""

    def closed(self) -> None:
        """Its process ended, however."""

    def market_at(self) -> MarketNs:
        """Where its market clock stands."""

    def start_clock(self, anchor: ClockAnchor) -> None:
        """Its market clock runs from here."""


Cast = Callable[[Plan, SimProcess], list[Port]]
"""The ports of a process, new ones for each."""


class Machine:
    """Satisfies `runtime.machine.Machine`, once for each supervisor; what is under it lives on."""

    port = 0

    def __init__(self, world: World, net: Net, disk: Disk, cast: Cast, exchange: Exchange) -> None:
        self.world = world
        self.net = net
        self.disk = disk
        self.exchange = exchange
        self.rng = Random(world.rng.getrandbits(64))
        self.pid = 1
        self.supervisor: SimSupervisor | None = None
        self.processes: dict[int, SimProcess] = {}
        """Everybody who lives, by process id."""
        self.newest: dict[str, SimProcess] = {}
        """The last one started of each role, dead or alive."""
        self.ended: list[SimProcess] = []
        """Everybody who ended by a mistake of ours."""
        self.on_step: list[Callable[[SimProcess], None]] = []
        """Told of every step of a process: what must always hold is looked at there."""
        self.on_host: list[Callable[[Host], None]] = []
        """Told of every host before it begins."""
        self._cast = cast
        self._wires: dict[int, SimWire] = {}
        self._journals: dict[int, SimJournal] = {}
        self._next_pid = 1

    # What a supervisor asks of it.

    def wire(self, identity: str) -> SimSupervisor:
        """The supervisor's own process begins with this."""
        self.pid = self._new_pid()
        self.supervisor = SimSupervisor(self.world, self.net, self.pid, identity)
        return self.supervisor

    def asker(self, wake: Callable[[], None]) -> SimAsker:
        """Asks the venue's process."""
        return SimAsker(self, wake)

    def start(self, plan: Plan) -> Running:
        """A process of ours."""
        process = self._new(str(plan.role))
        process.die_hard = plan.die_hard
        process.later(self._loading(), lambda: self._boot(process, plan))
        return process

    def start_venue(self, child: Child) -> Running:
        """The exchange."""
        process = self._new(str(child.role))
        process.die_hard = False
        process.later(self._loading(), lambda: self._serve(process))
        return process

    def _new_pid(self) -> int:
        self._next_pid += 1
        return self._next_pid

    def _loading(self) -> int:
        rng = self.world.rng
        return rng.randrange(SLOW_LOADING_NS) if rng.random() < SLOW_LOADINGS else rng.randrange(*LOADING_NS)

    def _new(self, role: str) -> SimProcess:
        process = SimProcess(self.world, role, self._new_pid(), self)
        self.processes[process.pid] = self.newest[role] = process
        self.world.note("started", role)
        return process

    def lives(self, pid: int) -> bool:
        """Whether that process runs."""
        return pid in self.processes

    # Lives of processes.

    def _boot(self, process: SimProcess, plan: Plan) -> None:
        """Its program is loaded."""
        plan = msgspec.structs.replace(plan, snapshot_every=SNAPSHOT_EVERY)
        ground = Ground(process)
        try:
            actor = self._actor(process, plan)
        except JournalError as error:
            process.end_now(error.exit_code, str(error))
        wire = SimWire(self.net, process, f"{plan.role}@{plan.incarnation}")
        self._wires[process.pid] = wire
        host = host_of(plan, actor, self._cast(plan, process), wire, ground, process.drive)
        for hear in self.on_host:
            hear(host)
        process.lives_in(host, plan.parent)

    def _actor(self, process: SimProcess, plan: Plan) -> Actor:
        opener = self.disk.opener(process)

        def opened(path: object) -> SimJournal:
            journal = opener(path)  # type: ignore[arg-type]
            self._journals[process.pid] = journal
            return journal

        return actor_of(plan, {Journal: opened})

    def _serve(self, process: SimProcess) -> None:
        """The exchange's program is loaded: from now on it answers."""
        self.exchange.opened()
        process.begins_to_serve()

    def stepped(self, process: SimProcess) -> None:
        """It made a step."""
        for look in self.on_step:
            look(process)

    def died(self, process: SimProcess) -> None:
        """It has ended: its connections break, its parent hears of it."""
        del self.processes[process.pid]
        if process.failure:
            self.ended.append(process)
        wire = self._wires.pop(process.pid, None)
        if wire is not None:
            self.net.gone(wire)
        journal = self._journals.pop(process.pid, None)
        if journal is not None:
            journal.abandon()
        if process.serves:
            self.exchange.closed()
        if self.supervisor is not None and not process.orphaned:
            self.supervisor.ended(process.fd)

    def supervisor_died(self) -> None:
        """Everybody's parent is dead: the kernel tells them as they asked for."""
        supervisor, self.supervisor = self.supervisor, None
        if supervisor is not None:
            self.net.gone(supervisor)
        for process in list(self.processes.values()):
            process.orphaned = True
            process.signal(signal.SIGKILL if process.die_hard else signal.SIGTERM)

    def family(self, role: str) -> list[SimProcess]:
        """Living processes of a role, or of all whose role begins like this."""
        return [p for p in self.processes.values() if p.role == role or p.role.startswith(f"{role}:")]


class SimState(StateDirectory):
    """The state directory without a directory."""

    def __init__(self) -> None:
        super().__init__(Path("/simulated"))
        self.files: dict[str, object] = {}
        self._last = 0

    def next_incarnation(self) -> int:
        """A number no process ever had."""
        self._last += 1
        return self._last

    def write(self, path: object, content: object) -> None:
        """Kept in memory."""
        self.files[str(path)] = content

    def leave(self) -> None:
        """Nothing is to be taken away."""

    def drop_ballast(self) -> None:
        """Nothing was kept."""


class _Told(msgspec.Struct):
    boot_ns: int
    market_ns: int
    speed: int


class SimAsker:
    """Satisfies `Asker`: the venue answers after a while, or nobody does."""

    def __init__(self, machine: Machine, wake: Callable[[], None]) -> None:
        self.results: deque[Probed] = deque(maxlen=256)
        self._machine = machine
        self._wake = wake
        self._asked = 0

    def ask(self, path: str, body: bytes | None = None) -> bool:
        """GET, or POST of a body; False: too much is asked already."""
        if self._asked >= MAX_ASKED:
            return False
        self._asked += 1
        world, asked_at = self._machine.world, real_now()
        venues = [p for p in self._machine.family("venue") if p.serves]
        if not venues or venues[0].is_stopped:
            wait = TIMEOUT_NS if venues else ANSWER_NS[0]
            world.call_in(wait, lambda: self._answer(Probed(False, asked_at, path, 0, b"", body is not None)))
        else:
            world.call_in(
                world.rng.randrange(*ANSWER_NS), lambda: self._answer(self._said(path, body, asked_at))
            )
        return True

    def _said(self, path: str, body: bytes | None, asked_at: RealNs) -> Probed:
        exchange = self._machine.exchange
        if body is not None:
            told = msgspec.json.decode(body, type=_Told)
            exchange.start_clock(
                ClockAnchor(
                    real_at=RealNs(told.boot_ns), market_at=MarketNs(told.market_ns), speed=told.speed
                )
            )
        text = msgspec.json.encode({"market_ns": int(exchange.market_at()), "speed": 0, "running": False})
        return Probed(True, asked_at, path, 200, text, body is not None)

    def _answer(self, answer: Probed) -> None:
        self._asked -= 1
        self.results.append(answer)
        self._wake()

    def close(self) -> None:
        """Nobody is woken any more."""
        self._wake = lambda: None
