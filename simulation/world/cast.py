"""Who touches the world in a simulated house: the ports of each role, against the simulated exchange and disk."""

from __future__ import annotations

from collections.abc import Callable

from messages.system import Announce, WriteView
from messages.values import OrderId, RealNs
from runtime.ports import Port, handles
from runtime.process import Plan
from simulation.exchange.kill_switch import KillFile, SimulatedKillSwitch
from simulation.exchange.listings import SimulatedCatalog
from simulation.exchange.market_data import SimulatedMarketStream
from simulation.exchange.orders import SimulatedOrders
from simulation.exchange.positions import SimulatedPositions
from simulation.exchange.venue import SimulatedVenue
from simulation.exchange.witness import SimulatedWitness
from simulation.world.process import SimProcess
from simulation.world.world import World


class MemoryViews(Port):
    """Readable files, in memory."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    @handles
    async def write(self, view: WriteView) -> None:
        """It always can."""
        self._files[view.name] = view.text


class Lines(Port):
    """What people would read on the terminal."""

    def __init__(self, world: World) -> None:
        self._world = world

    @handles
    async def announce(self, line: Announce) -> None:
        """A line of the world's account."""
        self._world.note("says", "alert", line.text)


def casting(
    world: World, venue: SimulatedVenue, files: dict[str, str], sent: Callable[[OrderId, RealNs], None]
) -> Callable[[Plan, SimProcess], list[Port]]:
    """Makes the simulated twins of the ports in the process table.

    `sent` is told of every order whose bytes leave.
    """
    kill_file = KillFile()
    twins: dict[str, Callable[[], Port]] = {
        "runtime.kill_switch:KillSwitch": lambda: SimulatedKillSwitch(world, kill_file),
        "telemetry.console:Console": lambda: Lines(world),
        "telemetry.views:FileViews": lambda: MemoryViews(files),
        "venue.polymarket.catalog:Catalog": lambda: SimulatedCatalog(venue),
        "venue.polymarket.market_stream:MarketStream": lambda: SimulatedMarketStream(venue),
        "venue.polymarket.orders:OrderGateway": lambda: SimulatedOrders(venue, sent),
        "venue.polymarket.positions:Positions": lambda: SimulatedPositions(venue),
        "venue.polymarket.witness:Witness": lambda: SimulatedWitness(venue),
    }

    def cast(plan: Plan, process: SimProcess) -> list[Port]:
        return [twins[part.name]() for part in plan.ports]

    return cast
