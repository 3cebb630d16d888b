"""The simulated supervisor's process: the world goes on while it waits, and it is stopped and killed as any other."""

from __future__ import annotations

import signal

from messages.values import MS, SECOND
from runtime.ground import ProcessOver
from simulation.world.net import Net
from simulation.world.process import Trap
from simulation.world.wire import SimWire
from simulation.world.world import World

WAKES_NS = 2 * MS
"""From the first message to the step that reads it; what comes meanwhile is read in the same one."""


class SimSupervisor(SimWire):
    """A wire whose `receive` lets the world go on. It is the only process that waits in its own loop."""

    busy_until = 0

    def __init__(self, world: World, net: Net, pid: int, identity: str) -> None:
        self.role = "supervisor"
        self.pid = pid
        self.trap: Trap | None = None
        self.is_stopped = False
        self.is_killed = False
        self._world = world
        self._is_poked = False
        super().__init__(net, self, identity)

    def poke(self) -> None:
        """Something is there to be read."""
        self._is_poked = True

    def reach(self, point: str) -> None:
        """It comes by a place at which it may be killed. Raises ProcessOver."""
        trap = self.trap
        if trap is not None and trap.point == point:
            trap.left -= 1
            if trap.left < 0:
                self.trap = None
                self.is_killed = True
                raise ProcessOver

    def signal(self, number: int) -> None:
        """SIGKILL, SIGSTOP, SIGCONT; how it hears the others is not the wire's business."""
        if number == signal.SIGKILL:
            self.is_killed = True
        elif number == signal.SIGSTOP:
            self.is_stopped = True
        elif number == signal.SIGCONT:
            self.is_stopped = False
        self._is_poked = True

    def receive(self, timeout_ns: int | None) -> None:
        """The world goes on until something is there for us, or for so long. Raises ProcessOver."""
        world = self._world
        self.reach("step")
        if not self._is_poked:
            world.advance(world.now() + (SECOND if timeout_ns is None else timeout_ns), self._is_called)
        if self._is_poked and not self.is_killed:
            world.advance(world.now() + WAKES_NS, self._is_dead)
        while self.is_stopped and not self.is_killed:
            world.advance(world.now() + SECOND, self._goes_on)
        if self.is_killed:
            raise ProcessOver
        self._is_poked = False
        super().receive(0)
        world.steps += 1

    def _is_called(self) -> bool:
        return self._is_poked

    def _is_dead(self) -> bool:
        return self.is_killed

    def _goes_on(self) -> bool:
        return self.is_killed or not self.is_stopped
