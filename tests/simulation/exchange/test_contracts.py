"""A simulated port takes and says exactly what the production port takes and says."""

import pytest

from config.command import parse
from runtime.process import find
from runtime.statedir import StateDirectory
from simulation.casting import Casting
from simulation.exchange.kill_switch import KillFile
from simulation.exchange.lies import Lies
from simulation.exchange.venue import SimulatedVenue
from simulation.world.disk import Disk
from simulation.world.world import World
from supervisor import PROCESSES, Site


@pytest.fixture(scope="module")
def parts():
    world = World(1)
    venue = SimulatedVenue(world, Lies(world, {}))
    return Casting(venue, Disk(world.rng), KillFile(), lambda *_: None, lambda _: None).parts


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """Every port that the process table names."""
    state = tmp_path_factory.mktemp("state")
    site = Site(parse(["--state", str(state)]), StateDirectory(state), 0)
    return {name for row in PROCESSES.values() for name, _ in row.ports(site)}


def test_every_port_of_the_process_table_has_a_double_and_no_double_is_left_over(parts, named):
    assert set(parts) == named


def test_a_double_handles_and_says_what_the_port_does(parts):
    for name, make in parts.items():
        real, double = find(name).contract, type(make()).contract

        assert double.handlers.keys() == real.handlers.keys(), name
        assert double.emitted == real.emitted, name
