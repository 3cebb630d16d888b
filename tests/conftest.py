"""What all tests share: how they are ordered and drawn, and houses that are cleaned up whatever happens."""

import os
import random
import signal
import sys
from itertools import groupby

import pytest
from hypothesis import HealthCheck, settings

from tests.system.houses import RECORDINGS, House

PROPERTY = {"deadline": None, "print_blob": True, "suppress_health_check": [HealthCheck.too_slow]}
"""Of every property test: how long one example takes says something about the machine, nothing about us."""
settings.register_profile("steady", **PROPERTY, derandomize=True)
settings.register_profile("explore", **PROPERTY)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # in a shell's background, and every child would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


SYSTEM_GROUPS = ("system, the one half", "system, the other half")
"""Each on a worker of its own, as far as there are workers."""


def pytest_addoption(parser):
    """`--shuffle SEED` finds out whether a test needs another one to have run before it."""
    parser.addoption(
        "--shuffle", type=int, metavar="SEED", help="run modules, and tests in each, in another order"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """System tests have real deadlines: they are two groups, so that never more than two run beside each other."""
    waiting = [item for item in items if item.path.parent.name == "system"]
    modules = [list(tests) for _, tests in groupby(waiting, key=lambda item: item.path)]
    sizes = dict.fromkeys(SYSTEM_GROUPS, 0)
    for tests in sorted(modules, key=len, reverse=True):
        group = min(sizes, key=sizes.__getitem__)
        sizes[group] += len(tests)
        for item in tests:
            item.add_marker(pytest.mark.xdist_group(group))
    seed = config.getoption("shuffle")
    if seed is not None:
        items[:] = shuffled(items, random.Random(seed))


def shuffled(items, dice):
    """The same tests in another order, those of a module together, so that what they share is made once."""
    modules = [list(tests) for _, tests in groupby(items, key=lambda item: item.path)]
    dice.shuffle(modules)
    for tests in modules:
        dice.shuffle(tests)
    return [item for tests in modules for item in tests]


@pytest.fixture(autouse=True)
def as_deep_as_python_goes():
    """A package of the official client's raises the limit so far that nested brackets crash the interpreter."""
    sys.setrecursionlimit(1_000)


@pytest.fixture
def house(tmp_path):
    """Starts systems, each in a state directory of its own; ends every process that is left of them."""
    started = []

    def start(*arguments: str, name: str = "state", **environment: str) -> House:
        built = House(tmp_path / name, *arguments, **environment)
        started.append(built)
        return built

    yield start
    for built in started:
        built.clean_up()


@pytest.fixture(scope="session")
def recordings():
    """The recorded games beside the checkout."""
    if not RECORDINGS.is_dir():
        pytest.skip(
            f"NO RECORDINGS at {RECORDINGS}: what needs real market data is not tested",
            allow_module_level=True,
        )
    return RECORDINGS
