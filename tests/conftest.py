"""Fixtures of the system tests: houses that are cleaned up whatever happens."""

import pytest

from tests.system.houses import RECORDINGS, House


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
