"""Settings that make no sense together are refused or said, with the arithmetic."""

import pytest

from config.checks import check
from config.sources import Sources
from config.units import ConfigError


def checked(**environment):
    sources = Sources()
    sources.environment(environment)
    return check(sources.settings, sources.blamed)


def test_the_defaults_fit_together():
    assert checked() == []


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        (
            {"MM_POSITION_LIMIT": "5"},
            (
                "environment MM_POSITION_LIMIT: limits.position_limit.max_net: a position limit of 5 shares is less "
                "than one order of 10: the first fill would pass it"
            ),
        ),
        (
            {"MM_SIZE": "60.5"},
            (
                "environment MM_SIZE: maker.strategy.size: a position limit of 50 shares is less than one order of "
                "60.5: the first fill would pass it"
            ),
        ),
        (
            {"MM_SPREAD": "0.00005"},
            "environment MM_SPREAD: maker.strategy.spread: 0.00005 is less than the finest tick of any market, 0.0001",
        ),
        (
            {"EVERMAKER__LIQUIDATOR__NEUTRAL_THRESHOLD": "50"},
            (
                "environment EVERMAKER__LIQUIDATOR__NEUTRAL_THRESHOLD: liquidator.neutral_threshold: 50 shares count "
                "as flat and a market is left at 50: nothing would ever be worked off"
            ),
        ),
    ],
)
def test_what_cannot_work_is_refused_with_the_arithmetic(environment, said):
    with pytest.raises(ConfigError) as refused:
        checked(**environment)

    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"MM_SIZE": "4"}, "maker.strategy.size: 4 shares are under the minimum of 5"),
        (
            {"MM_SPREAD": "0.005", "MM_REQUOTE_THRESHOLD": "0.002"},
            "spread: 0.005 is less than the usual tick of 0.01",
        ),
        (
            {"MM_SPREAD": "0.03"},
            "maker.strategy.spread: a threshold of 0.02 is more than half the spread, 0.03 / 2",
        ),
        (
            {"MM_REQUOTE_THRESHOLD": "0.03"},
            "requote_threshold: a threshold of 0.03 is more than half the spread",
        ),
        (
            {"MM_MAX_SPREAD": "0.05"},
            "max_spread: markets are ranked up to a spread of 0.08 and quoted up to 0.05",
        ),
        (
            {"MM_GLOBAL_DAILY_LOSS_LIMIT": "1"},
            "a daily loss of $1.00 is less than 3 ticks on a full position, 3 x 0.01 x 50 shares = $1.50",
        ),
        (
            {"EVERMAKER__SIM__FUND": "59.99"},
            "sim.fund: $59.99 cannot pay a position at the limit and one order more",
        ),
    ],
)
def test_what_is_probably_not_meant_is_said_in_one_line(environment, said):
    (warning,) = checked(**environment)

    assert warning.startswith(f"environment {next(iter(environment))}: ")
    assert said in warning
