"""Which simulated port takes the place of which production port; every other port of the process table has none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from messages.system import Announce, ViewFailed, WriteView
from messages.values import OrderId, RealNs
from runtime.ports import Port, handles
from runtime.process import Plan
from simulation.exchange.kill_switch import KillFile, SimulatedKillSwitch
from simulation.exchange.listings import SimulatedCatalog
from simulation.exchange.market_data import SimulatedMarketStream
from simulation.exchange.orders import SimulatedOrders
from simulation.exchange.venue import SimulatedVenue
from simulation.exchange.witness import SimulatedWitness
from simulation.world.disk import Disk
from simulation.world.process import SimProcess


class SimulatedViews(Port):
    """`FileViews` on a simulated disk."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    @handles
    async def write(self, view: WriteView) -> AsyncIterator[ViewFailed]:
        """Replace the file, while the disk takes anything."""
        if self._disk.weather.refuses:
            yield ViewFailed(name=view.name, reason="the disk refuses")
        else:
            self._disk.views[view.name] = view.text


class SimulatedConsole(Port):
    """`Console` that keeps what it is told."""

    def __init__(self, tell: Callable[[Announce], None]) -> None:
        self._tell = tell

    @handles
    async def announce(self, line: Announce) -> None:
        """One line."""
        self._tell(line)


class Casting:
    """Makes the ports of every process of one world."""

    def __init__(
        self,
        venue: SimulatedVenue,
        disk: Disk,
        file: KillFile,
        sent: Callable[[OrderId, RealNs], None],
        tell: Callable[[Announce], None],
    ) -> None:
        """`sent` is told of every order whose bytes leave, `tell` of every line for people."""
        self.parts: dict[str, Callable[[], Port]] = {
            "venue.polymarket.orders:OrderGateway": lambda: SimulatedOrders(venue, sent),
            "venue.polymarket.market_stream:MarketStream": lambda: SimulatedMarketStream(venue),
            "venue.polymarket.catalog:Catalog": lambda: SimulatedCatalog(venue),
            "venue.polymarket.witness:Witness": lambda: SimulatedWitness(venue),
            "runtime.kill_switch:KillSwitch": lambda: SimulatedKillSwitch(venue.timing, file),
            "telemetry.views:FileViews": lambda: SimulatedViews(disk),
            "telemetry.console:Console": lambda: SimulatedConsole(tell),
        }

    def ports(self, plan: Plan, process: SimProcess) -> list[Port]:
        """New ones for each incarnation. Raises KeyError for a port that has no double here."""
        return [self.parts[part.name]() for part in plan.ports]
