from messages.system import ClockAnchor
from messages.values import SECOND, MarketNs, RealNs
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.ledger.ledger import Ledger
from venue.paper.programs.minutes import MINUTE, Minutes


def test_the_full_minutes_of_market_time_are_told_each_once_in_order() -> None:
    real = [0]
    clock = VenueClock(lambda: RealNs(real[0]))
    exchange = Exchange(clock, Ledger(":memory:"))
    heard: list[int] = []
    Minutes(exchange).each(heard.append)
    exchange.advance()
    assert heard == []

    clock.start(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(90 * SECOND), speed=10))
    for tenth in range(200):
        real[0] = tenth * SECOND // 10
        exchange.advance()

    assert heard == [2 * MINUTE, 3 * MINUTE, 4 * MINUTE]


def test_a_clock_that_stands_still_tells_no_minute() -> None:
    clock = VenueClock(lambda: RealNs(0))
    exchange = Exchange(clock, Ledger(":memory:"))
    heard: list[int] = []
    Minutes(exchange).each(heard.append)
    clock.start(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(90 * SECOND), speed=0))
    exchange.advance()

    assert heard == []
