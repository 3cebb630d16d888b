"""The kill switch of a simulated world: a file that is there or not."""

from __future__ import annotations

from collections.abc import AsyncIterator

from messages.risk import KillSwitchSeen
from messages.values import MS
from runtime.ports import Port, runs
from simulation.exchange.timing import Timing

PERIOD_NS = 250 * MS


class KillFile:
    """Shared by everybody who looks."""

    def __init__(self) -> None:
        self.reason = ""
        """What it says; empty: it is not there."""


class SimulatedKillSwitch(Port):
    """Says how the kill switch is: once at the start, then whenever that changes."""

    def __init__(self, timing: Timing, file: KillFile) -> None:
        self._timing = timing
        self._file = file

    @runs
    async def watch(self) -> AsyncIterator[KillSwitchSeen]:
        """Look again each period."""
        said: str | None = None
        while True:
            if self._file.reason != said:
                said = self._file.reason
                yield KillSwitchSeen(present=bool(said), reason=said)
            await self._timing.sleep(PERIOD_NS)
