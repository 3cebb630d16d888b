"""A house in a box: the production supervisor and its table on a simulated machine, started again when it dies."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

from config.command import Options
from config.settings import Mode, Settings, completed
from messages.values import MS, SECOND, RealNs
from runtime.ground import ProcessOver
from runtime.house import House
from runtime.restarts import NO_RESTART
from simulation.world.disk import Disk
from simulation.world.machine import Cast, Exchange, Machine, SimState
from simulation.world.net import Net
from simulation.world.process import SimProcess
from simulation.world.world import World
from supervisor import Site, furnish

OUTLIVED_NS = 600 * SECOND
"""Whoever lives so long after its supervisor died lives for ever."""
RESTART_NS = 5 * SECOND
"""A service manager starts a supervisor that died again after this, and never while a child of it lives."""
LOOK_NS = 100 * MS
STEP_NS = 250 * MS
"""A supervisor to whom nothing happens looks at its deadlines so often: every 50 ms costs a tenth of the whole run."""


class Box:
    """One machine and whoever supervises on it. `file`: where a real journal lies; else it is in memory."""

    def __init__(
        self, world: World, settings: Settings, cast: Cast, exchange: Exchange, file: Path | None = None
    ) -> None:
        self.world = world
        self.net = Net(world)
        self.disk = Disk(world.rng, file)
        self.machine = Machine(world, self.net, self.disk, cast, exchange)
        self.house: House | None = None
        """The one that lives."""
        self.codes: list[int] = []
        """What supervisors ended with, killed ones as minus nine."""
        self.on_house: Callable[[int], None] = lambda run: None
        """Told the number of each new run."""
        self._is_stopping = False
        self._state = SimState()
        self._site = Site(
            Options(
                mode=Mode.SIM,
                recordings=(),
                duration_ns=None,
                dry_run=False,
                fresh=False,
                report=None,
                state=Path("/simulated"),
                settings=completed(settings, False),
            ),
            self._state,
            0,
        )

    def live(self) -> int:
        """From the first start to the ordered stop that `stop` asks for; the last exit code."""
        with self.world.telling_time():
            while True:
                code = self._supervise()
                self.codes.append(code)
                self.world.note("ended", "supervisor", str(code))
                if self._is_stopping or code in NO_RESTART or code == 0:
                    return code
                gone_by = self.world.ns + OUTLIVED_NS
                while self.machine.processes:
                    roles = [process.role for process in self.machine.processes.values()]
                    assert self.world.ns < gone_by, f"{roles} outlive their supervisor"
                    self._pass(LOOK_NS)
                self._pass(RESTART_NS)

    def stop(self) -> None:
        """Ask it to come to an end, now or as soon as it stands."""
        self._is_stopping = True
        if self.house is not None:
            self.house.lifecycle.signaled(signal.SIGTERM)

    def process(self, role: str) -> SimProcess | None:
        """The living process of a role."""
        found = self.machine.family(role)
        return found[0] if found else None

    def _supervise(self) -> int:
        self.world.note("started", "supervisor")
        run = self.world.rng.getrandbits(63)
        self.on_house(run)
        self.house = house = furnish(self._site, run, self.machine)
        house.lifecycle.step_ns = STEP_NS
        if self._is_stopping:
            house.lifecycle.signaled(signal.SIGTERM)
        try:
            return house.work()
        except ProcessOver:
            return -int(signal.SIGKILL)
        finally:
            self.house = None
            self.machine.supervisor_died()

    def _pass(self, span_ns: int) -> None:
        self.world.advance(RealNs(self.world.ns + span_ns))
