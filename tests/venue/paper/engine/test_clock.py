from messages.system import ClockAnchor
from messages.values import SECOND, MarketNs, RealNs
from venue.paper.engine.clock import VenueClock


class Hand:
    """Real time, turned by hand."""

    def __init__(self) -> None:
        self.at = 0

    def __call__(self) -> RealNs:
        return RealNs(self.at)


def test_market_time_stands_still_until_it_is_started() -> None:
    real = Hand()
    clock = VenueClock(real)
    before = clock.now()

    real.at += 5 * SECOND

    assert clock.now() == before == clock.origin
    assert clock.real_until(before) is None


def test_market_time_runs_at_its_speed_from_its_anchor() -> None:
    real = Hand()
    clock = VenueClock(real)
    begins = clock.now() + 10 * SECOND

    clock.start(ClockAnchor(real_at=RealNs(2 * SECOND), market_at=begins, speed=60))
    real.at = 3 * SECOND

    assert clock.now() - begins == 60 * SECOND
    assert clock.origin == begins
    assert clock.real_until(begins + 120 * SECOND) == SECOND
    assert clock.real_until(begins) == 0


def test_an_anchor_in_the_past_does_not_turn_market_time_back() -> None:
    real = Hand()
    clock = VenueClock(real)
    clock.resume(MarketNs(100 * SECOND), MarketNs(500 * SECOND))

    clock.start(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(200 * SECOND), speed=1))
    assert clock.now() == MarketNs(500 * SECOND)
    assert clock.origin == MarketNs(100 * SECOND)

    real.at = 301 * SECOND
    assert clock.now() == MarketNs(501 * SECOND)


def test_a_change_of_speed_goes_on_from_where_the_clock_stands() -> None:
    real = Hand()
    clock = VenueClock(real)
    clock.start_here(2)
    began = clock.now()
    real.at = 10 * SECOND
    reached = clock.now()

    clock.start(ClockAnchor(real_at=RealNs(real.at), market_at=reached, speed=1))
    real.at += SECOND

    assert clock.now() - began == 21 * SECOND
    assert clock.origin == began


def test_a_held_clock_stands_still_and_goes_on_from_there_at_its_speed() -> None:
    real = [1_000]
    clock = VenueClock(lambda: RealNs(real[0]))
    clock.start(ClockAnchor(real_at=RealNs(1_000), market_at=MarketNs(5_000), speed=10))
    real[0] = 1_100
    clock.hold()
    real[0] = 2_000
    assert clock.is_held
    assert clock.now() == 6_000

    clock.go_on()
    assert clock.now() == 6_000
    real[0] = 2_100

    assert clock.now() == 7_000
    assert not clock.is_held


def test_a_new_anchor_ends_a_hold() -> None:
    real = [0]
    clock = VenueClock(lambda: RealNs(real[0]))
    clock.start(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(0), speed=1))
    clock.hold()
    real[0] = 500
    clock.start(ClockAnchor(real_at=RealNs(500), market_at=MarketNs(500), speed=1))

    assert clock.now() == 500
