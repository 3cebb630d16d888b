"""When a clock that is off is said, when it stops the orders, and when it is right again."""

import pytest

from messages.system import Severity
from trading.venue_clock import VenueClock


@pytest.mark.parametrize("way", [1, -1])
def test_more_than_five_seconds_stop_the_orders_until_less_than_two_are_left(way):
    clock = VenueClock()
    assert not clock.read(5_000 * way)
    assert not clock.trouble()
    assert clock.read(5_001 * way)
    assert not clock.read(9_000 * way), "it was wrong before"
    clock.read(2_001 * way)
    assert clock.trouble()
    clock.read(2_000 * way)

    assert not clock.trouble()


def test_more_than_two_seconds_are_said_once_and_so_is_their_end():
    clock = VenueClock()
    said = []
    for ahead_ms in (0, 2_000, 2_001, 2_500, 1_500, 1_001, 1_000, 0):
        clock.read(ahead_ms)
        said.append(clock.news())

    assert [line.severity for line in said if line] == [Severity.WARNING, Severity.INFO]
    assert said[2].text == "the venue's clock is 2.0 s ahead of ours"
    assert said[6].text == "the venue's clock agrees with ours again"


def test_a_clock_that_is_behind_is_said_to_be():
    clock = VenueClock()
    clock.read(-10_000)

    assert clock.trouble() == "the venue's clock is 10.0 s behind ours"
