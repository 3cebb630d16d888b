"""Market time played in slices, and held when the background takes longer than market time allows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from loguru import logger

from messages.system import ClockAnchor
from messages.values import MICRO, MS, SECOND, MarketNs, Price, RealNs, Side
from tests.venue.paper.engine_bench import YES, a_market
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.pace import MOMENT_NS
from venue.paper.engine.participants import Lot, Pit
from venue.paper.ledger.ledger import Ledger


class Slow:
    """Participants that act each market second, and take real time for it."""

    def __init__(self, cost_ns: int) -> None:
        self.market = a_market()
        self.cost_ns = cost_ns
        self.real = 1_000 * SECOND
        self.acted_at: list[int] = []

    def next_at(self) -> int:
        return len(self.acted_at) * SECOND

    def open(self, pit: Pit, since: int) -> None:
        pit.place(Lot(0, Side.BID, Price(10_000), MICRO))

    def act(self, pit: Pit) -> None:
        self.real += self.cost_ns
        self.acted_at.append(pit.now - self.began)
        pit.place(Lot(0, Side.BID, Price(10_000), MICRO))

    def filled(self, lot: Lot, size: int, by_account: bool) -> None:
        raise AssertionError("nobody takes here")

    def world(self, speed: int) -> Exchange:
        """An exchange with this market, its clock running so many times as fast as `real`."""
        clock = VenueClock(lambda: RealNs(self.real))
        exchange = Exchange(clock, Ledger(":memory:"))
        clock.start(ClockAnchor(real_at=RealNs(self.real), market_at=MarketNs(SECOND), speed=speed))
        self.began = clock.origin
        exchange.add_participants(self)
        return exchange

    def shown(self, exchange: Exchange) -> int:
        """How often they acted, as the book shows it."""
        view = exchange.book(YES)
        assert view is not None
        return view.bids[0][1] // MICRO - 1


@pytest.fixture
def warnings() -> Iterator[list[str]]:
    """What is logged."""
    said: list[str] = []
    sink = logger.add(lambda message: said.append(str(message)), level="WARNING", format="{message}")
    yield said
    logger.remove(sink)


def test_a_slice_ends_when_its_real_time_is_over_and_the_next_goes_on_there() -> None:
    crowd = Slow(cost_ns=MS // 2)
    exchange = crowd.world(speed=100)
    crowd.real += SECOND

    assert not exchange.advance(5 * MS)
    first = len(crowd.acted_at)
    assert 10 <= first < 20
    slices = 1
    while not exchange.advance(5 * MS):
        slices += 1
    assert slices > 3
    assert crowd.acted_at == [second * SECOND for second in range(len(crowd.acted_at))]
    assert len(crowd.acted_at) > 100


def test_a_call_sees_everything_due_whatever_the_slices_left() -> None:
    crowd = Slow(cost_ns=MS // 2)
    exchange = crowd.world(speed=100)
    crowd.real += SECOND
    exchange.advance(5 * MS)

    assert crowd.shown(exchange) == 101


def test_a_slice_is_stamped_with_its_own_time_and_not_with_the_clocks() -> None:
    crowd = Slow(cost_ns=MS // 2)
    exchange = crowd.world(speed=100)
    crowd.real += SECOND

    exchange.advance(5 * MS)

    assert exchange.now - crowd.began == crowd.acted_at[-1]
    assert exchange.clock.now() - exchange.now > 80 * SECOND


def test_market_time_waits_for_a_background_that_cannot_follow(warnings: list[str]) -> None:
    crowd = Slow(cost_ns=SECOND // 300)
    exchange = crowd.world(speed=600)
    began, lags = crowd.real, list[int]()

    while crowd.real < began + 20 * SECOND:
        crowd.real += MS
        exchange.advance(5 * MS)
        lags.append((exchange.clock.now() - exchange.now) // 600)

    assert max(lags) < 6 * MOMENT_NS
    assert max(lags[len(lags) // 2 :]) < 2 * MOMENT_NS
    assert crowd.acted_at == [second * SECOND for second in range(len(crowd.acted_at))]
    assert len(crowd.acted_at) == pytest.approx(20 * 300, rel=0.25)
    assert len(warnings) == 1
    assert "600 times" in warnings[0]


def test_calls_do_not_pile_up_a_backlog_that_grows_by_each_of_them(warnings: list[str]) -> None:
    crowd = Slow(cost_ns=SECOND // 300)
    exchange = crowd.world(speed=600)
    waits = list[int]()

    for _ in range(50):
        crowd.real += MS
        asked_at = crowd.real
        exchange.book(YES)
        waits.append(crowd.real - asked_at)

    assert max(waits) < 40 * MOMENT_NS
    assert max(waits[20:]) < 4 * MOMENT_NS
    assert len(warnings) == 1


def test_a_backlog_that_shrinks_is_played_and_market_time_runs_on(warnings: list[str]) -> None:
    crowd = Slow(cost_ns=MS)
    exchange = crowd.world(speed=60)
    began = crowd.real
    crowd.real += 60 * SECOND

    while not exchange.advance(5 * MS):
        crowd.real += MS

    assert exchange.clock.now() - crowd.began == 60 * (crowd.real - began)
    assert warnings == []
