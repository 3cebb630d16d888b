"""What happens to our own processes, links, disk and clocks: the catalogue's rows on this side of the network."""

from __future__ import annotations

import errno
import signal
from collections.abc import Callable

from messages.values import SECOND
from simulation.exchange.lies import Lies
from simulation.world.box import Box
from simulation.world.net import Trouble
from simulation.world.process import SimProcess, Trap
from simulation.world.world import World

FAMILIES = ("persistence", "risk", "gateway", "feed", "alert", "maker", "liquidator", "supervisor")
KILLED = {
    "F01": "gateway",
    "F12": "persistence",
    "F15": "risk",
    "F17": "maker",
    "F21": "liquidator",
    "F22": "feed",
    "F23": "alert",
}
"""Which fault kills whom."""
POINTS = ("before", "after", "jrn", "cmd", "commit", "committed")
"""Where: around a step, as something leaves for the journal or the gateway, around a commit."""
MAX_STEPS = 40
"""A trap strikes within so many visits of its point, or never."""
HANG_NS = 12 * SECOND
GRAY_NS = 2_500_000_000
"""Just before a process that does not answer is killed."""
DISK_NS = 3 * SECOND
SHIFT_NS = 3_600 * SECOND
LOOK_NS = SECOND


class Troubles:
    """Made before the run begins."""

    def __init__(self, world: World, box: Box, lies: Lies) -> None:
        self._world = world
        self._box = box
        self._lies = lies
        for id_, role in KILLED.items():
            lies.strike(id_, self._killing(role))
        lies.strike("F24", self._kill_supervisor)
        lies.strike("F25", self._kill_everybody)
        lies.strike("F29", lambda: self._hang(HANG_NS))
        lies.strike("F33", lambda: self._hang(world.rng.randrange(GRAY_NS)))
        lies.strike("F94", lambda: self._refuse(errno.ENOSPC))
        lies.strike("F95", lambda: self._refuse(errno.EIO))
        lies.strike("F102", self._set_clock)
        lies.strike("F103", self._suspend)
        world.call_in(LOOK_NS, self._look)

    def heal(self) -> None:
        """Whatever lasts is over."""
        weather = self._box.disk.weather
        weather.refuses = weather.slow_ns = 0
        self._box.net.slowness = 1.0
        for pair in list(self._box.net.troubles):
            self._box.net.is_calm(pair)
        for process in list(self._box.machine.processes.values()):
            process.signal(signal.SIGCONT)

    # Processes.

    def _any(self, role: str) -> SimProcess | None:
        found = self._box.machine.family(role)
        return self._world.rng.choice(found) if found else None

    def _killing(self, role: str) -> Callable[[], None]:
        def kill() -> None:
            """At once, or at the next visit of some point within its work."""
            process = self._any(role)
            if process is None:
                return
            if self._world.rng.random() < 0.3:
                process.signal(signal.SIGKILL)
            else:
                point = self._world.rng.choice(POINTS)
                process.trap = Trap(point, self._world.rng.randrange(MAX_STEPS))

        return kill

    def _kill_supervisor(self) -> None:
        if self._box.machine.supervisor is not None:
            self._box.machine.supervisor.signal(signal.SIGKILL)

    def _kill_everybody(self) -> None:
        self._kill_supervisor()
        for process in list(self._box.machine.processes.values()):
            process.signal(signal.SIGKILL)

    def _hang(self, span_ns: int) -> None:
        process = self._any(self._world.rng.choice(FAMILIES[:-1]))
        if process is not None:
            process.signal(signal.SIGSTOP)
            self._world.call_in(span_ns, lambda: process.signal(signal.SIGCONT))

    # Disk and clocks.

    def _refuse(self, number: int) -> None:
        weather = self._box.disk.weather
        weather.refuses = number
        weather.keeps_refused = 0.5

        def relent() -> None:
            weather.refuses = 0

        self._world.call_in(self._world.rng.randrange(DISK_NS), relent)

    def _set_clock(self) -> None:
        self._world.wall_shift_ns += self._world.rng.choice((-SHIFT_NS, SHIFT_NS))

    def _suspend(self) -> None:
        """Nobody runs for a while, and every clock goes on."""
        span_ns = self._lies.lasting("F103")
        for process in list(self._box.machine.processes.values()):
            process.signal(signal.SIGSTOP)
            self._world.call_in(span_ns, lambda process=process: process.signal(signal.SIGCONT))  # type: ignore[misc]

    # Links.

    def _look(self) -> None:
        """Each second another pair of processes has its troubles, and those of before are over."""
        net, rng, lies = self._box.net, self._world.rng, self._lies
        for pair in list(net.troubles):
            net.is_calm(pair)
        trouble = Trouble()
        if lies.strikes("F43"):
            trouble.loss = rng.random() * 0.3
        if lies.strikes("F44"):
            trouble.twice = rng.random() * 0.3
        if lies.strikes("F45"):
            trouble.slow_ns = rng.randrange(3 * SECOND)
        if lies.on("F46"):
            trouble.clogged = True
        if trouble != Trouble():
            net.troubles[frozenset(rng.sample(FAMILIES, 2))] = trouble
        self._box.disk.weather.slow_ns = rng.randrange(3 * SECOND) if lies.strikes("F99") else 0
        self._world.call_in(LOOK_NS, self._look)
