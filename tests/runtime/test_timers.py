"""Timers on two clocks."""

from messages.system import ClockAnchor
from messages.values import SECOND, MarketNs, RealNs
from runtime.actor import Timer
from runtime.clock import Clock
from runtime.timers import NEVER, Timers


def clock(speed):
    return Clock(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(1_000 * SECOND), speed=speed))


def test_a_real_timer_is_due_after_its_period_and_again_one_period_later():
    timers = Timers((Timer("beat", SECOND, False),), clock(60))
    timers.restart(RealNs(0))

    assert timers.next_at == SECOND
    assert timers.pop(RealNs(SECOND - 1)) is None
    assert timers.pop(RealNs(SECOND)) == "beat"
    assert timers.pop(RealNs(SECOND + 1)) is None
    assert timers.next_at == 2 * SECOND


def test_a_market_timer_comes_as_much_sooner_as_the_market_clock_is_faster():
    timers = Timers((Timer("look", 60 * SECOND, True),), clock(60))
    timers.restart(RealNs(0))

    assert timers.next_at == SECOND
    assert timers.pop(RealNs(SECOND)) == "look"


def test_a_market_timer_never_comes_while_the_market_clock_stands_still():
    timers = Timers((Timer("look", 60 * SECOND, True),), clock(0))
    timers.restart(RealNs(0))

    assert timers.next_at == NEVER
    assert timers.pop(RealNs(10_000 * SECOND)) is None


def test_what_was_missed_is_not_made_up_for():
    timers = Timers((Timer("beat", SECOND, False),), clock(1))
    timers.restart(RealNs(0))

    assert timers.pop(RealNs(100 * SECOND)) == "beat"
    assert timers.pop(RealNs(100 * SECOND)) is None
