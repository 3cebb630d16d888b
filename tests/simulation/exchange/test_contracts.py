"""A simulated port takes and says exactly what the production port takes and says."""

from types import SimpleNamespace

import pytest

from config.command import parse
from runtime.process import Part, find
from runtime.statedir import StateDirectory
from simulation.exchange.lies import Lies
from simulation.exchange.venue import SimulatedVenue
from simulation.world.cast import casting
from simulation.world.world import World
from supervisor import PROCESSES, Site


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """Every port that the process table names."""
    state = tmp_path_factory.mktemp("state")
    site = Site(parse(["--state", str(state)]), StateDirectory(state), 0)
    return sorted({name for row in PROCESSES.values() for name, _ in row.ports(site)})


@pytest.fixture(scope="module")
def twins(named):
    world = World(1)
    cast = casting(world, SimulatedVenue(world, Lies(world, {})), {}, lambda *_: None)
    ports = cast(SimpleNamespace(ports=[Part(name=name) for name in named]), None)
    return dict(zip(named, map(type, ports), strict=True))


def test_a_twin_handles_exactly_what_the_port_handles(twins):
    for name, twin in twins.items():
        assert twin.contract.handlers.keys() == find(name).contract.handlers.keys(), name


def test_a_twin_at_the_exchange_says_exactly_what_the_port_says_and_others_nothing_else(twins):
    for name, twin in twins.items():
        real = find(name).contract.emitted

        assert twin.contract.emitted <= real, name
        if name.startswith("venue."):
            assert twin.contract.emitted == real, name
