"""The settings' own ranges, and what is filled in from elsewhere."""

import msgspec
import pytest

from config.settings import HIDDEN, LogSettings, Mode, Settings, SimSettings, completed
from trading.risk import RiskLimits
from trading.risk.position_limit import PositionLimit


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"speed": 0}, "speed must be 1 to 1000"),
        ({"speed": 1_001}, "speed must be 1 to 1000"),
        ({"seed": -1}, "seed must not be below 0"),
        ({"fund": -1}, "fund must not be below 0"),
        ({"port": 65_536}, "port must be 0 to 65535"),
    ],
)
def test_the_embedded_exchange_has_its_ranges(wrong, reason):
    with pytest.raises(ValueError, match=reason):
        SimSettings(**wrong)


def test_a_level_of_the_log_is_one_that_exists():
    with pytest.raises(ValueError, match="LOUD"):
        LogSettings(level="LOUD")


def test_without_a_word_it_is_the_simulation():
    assert Settings().mode is Mode.SIM


def test_the_limits_are_written_once_and_held_by_everybody_who_needs_them():
    limits = RiskLimits(position_limit=PositionLimit(max_net=20_000_000))
    full = completed(Settings(limits=limits), dry_run=True)

    assert full.maker.limits == full.risk.limits == limits
    assert full.gateway.limits.position_limit == 20_000_000
    assert full.gateway.limits.order_size == full.maker.strategy.size
    assert full.gateway.dry_run


def test_every_hidden_key_exists():
    for key in HIDDEN:
        value = msgspec.to_builtins(Settings())
        for part in key.split("."):
            value = value[part]
