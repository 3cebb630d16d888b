from __future__ import annotations

from pathlib import Path

import pytest

from messages.system import ClockAnchor
from messages.values import MICRO, SECOND, MarketNs, Money, Price, RealNs, Side
from tests.venue.paper.engine_bench import ALICE, Heard, an_order, key_of
from venue.paper.crowd.odds import WindowOdds
from venue.paper.crowd.reference import COINS, Reference
from venue.paper.crowd.rolling import KEPT_S, Windows, crowd_of
from venue.paper.crowd.windows import Series, Window
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.participants import Lot, Pit
from venue.paper.engine.terms import Market, OrderStatus, Refused, TokenSide
from venue.paper.ledger.ledger import Ledger

SERIES = (
    Series(symbol="btc", label="5m", length_s=300, place=0),
    Series(symbol="eth", label="15m", length_s=900, place=1),
)
START_S = 1_795_300_200
BEGINS_S = START_S + 100


class OneSeller:
    """Offers a hundred Up at 40 cents, and does nothing more."""

    def __init__(self, window: Window, odds: WindowOdds) -> None:
        self.market = window.market()

    def next_at(self) -> int | None:
        return None

    def open(self, pit: Pit, since: int) -> None:
        assert pit.place(Lot(1, Side.ASK, Price(400_000), 100 * MICRO))

    def act(self, pit: Pit) -> None:
        raise AssertionError("nothing is ever due")

    def filled(self, lot: Lot, size: int, by_account: bool) -> None:
        pass


class World:
    """An exchange with windows, and time that moves when told to, in seconds since `BEGINS_S`."""

    def __init__(
        self, ledger: Ledger | None = None, crowd: object = OneSeller, is_held: bool = False
    ) -> None:
        self.real = 0
        self.clock = VenueClock(lambda: RealNs(self.real))
        ledger = ledger or Ledger(":memory:")
        if ledger.reached is not None:
            self.clock.resume(ledger.origin, ledger.reached)
        self.heard = Heard()
        self.exchange = Exchange(self.clock, ledger, [self.heard])
        self.windows = Windows(self.exchange, Reference(3), crowd, SERIES)  # type: ignore[arg-type]
        if is_held:
            self.windows.begin()
        self.clock.start(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(BEGINS_S * SECOND), speed=1))
        if not is_held:
            self.windows.begin()
        self.exchange.fund(ALICE, Money(1_000 * MICRO))

    def at(self, seconds: float, steps: int = 1) -> None:
        """Go on to so many seconds after the beginning."""
        begins, ends = self.real, round(seconds * SECOND)
        for n in range(1, steps + 1):
            self.real = begins + (ends - begins) * n // steps
            self.exchange.advance()

    def slugs(self, *, resolved: bool = False) -> list[str]:
        return [market.slug for market in self.exchange.markets if market.resolved == resolved]

    def market(self, slug: str) -> Market:
        return next(market for market in self.exchange.markets if market.slug == slug)

    def buys(self, slug: str, cents: float = 40) -> None:
        market = self.market(slug)
        self.exchange.place(an_order(ALICE, TokenSide.BUY, cents, 10, token=market.yes))


def btc(n: int) -> str:
    return f"btc-updown-5m-{START_S + 300 * n}"


def eth(n: int) -> str:
    return f"eth-updown-15m-{START_S // 900 * 900 + 900 * n}"


@pytest.mark.parametrize("is_held", [False, True])
def test_from_the_first_second_of_the_clock_a_window_runs_and_the_next_is_listed(is_held: bool) -> None:
    world = World(is_held=is_held)
    world.at(0.001)

    assert world.slugs() == [eth(0), btc(0), btc(1), eth(1)], "in the order of their listing"
    world.at(199)
    assert len(world.slugs()) == 4
    world.at(200)
    assert world.slugs()[4:] == [btc(2)]


def test_a_window_takes_orders_until_its_end() -> None:
    world = World()
    world.at(1)
    world.buys(btc(0), cents=20)
    (resting,) = world.exchange.open_orders(key_of(ALICE))
    world.at(199.5)
    world.buys(btc(0))

    world.at(200)

    assert world.exchange.balance(ALICE, world.market(btc(0)).yes) == 10 * MICRO

    assert not world.market(btc(0)).accepting_orders
    assert world.exchange.open_orders(key_of(ALICE)) == []
    assert world.heard.orders[-1][1].new.id == resting.new.id
    assert world.heard.orders[-1][1].status is OrderStatus.CANCELED
    view = world.exchange.book(world.market(btc(0)).yes)
    assert view is not None
    assert (view.bids, view.asks) == ((), ())
    with pytest.raises(Refused, match="not yet ready"):
        world.buys(btc(0))


def test_a_minute_later_it_is_resolved_by_the_averages_of_the_reference_price() -> None:
    world, path = World(), Reference(3)
    world.at(259)
    assert world.slugs(resolved=True) == []
    world.at(260)
    assert world.slugs(resolved=True) == [btc(0)]

    world.at(3_000)

    assert {btc(n) for n in range(9)} < {*world.slugs(resolved=True)}
    winners = list[str]()
    for n in range(9):
        market = world.market(btc(n))
        strike, close = (
            path.twap_at(COINS["btc"], MarketNs((START_S + 300 * m) * SECOND)) for m in (n, n + 1)
        )
        assert (market.closed, market.winner) == (True, market.yes if close >= strike else market.no)
        winners.append(market.outcomes[market.winner == market.no])
    assert {*winners} == {"Up", "Down"}


def test_an_hour_after_its_resolution_a_window_is_redeemed_and_leaves() -> None:
    world = World()
    world.at(1)
    market = world.market(btc(0))
    world.buys(btc(0))
    world.at(270)
    paid = world.exchange.balance(ALICE, None)
    won = market.winner == market.yes
    assert world.exchange.balance(ALICE, market.yes) == 10 * MICRO

    world.at(200 + KEPT_S + 299)
    assert btc(0) in world.slugs(resolved=True)
    world.at(200 + KEPT_S + 300)

    assert btc(0) not in world.slugs(resolved=True)
    assert world.exchange.market(market.id) is market
    assert world.exchange.balance(ALICE, market.yes) == 0
    assert world.exchange.balance(ALICE, None) == paid + (10 * MICRO if won else 0)


def test_however_long_it_goes_on_there_are_no_more_markets() -> None:
    world, sizes = World(), list[int]()
    for hours in (3, 6, 9):
        world.at(hours * 3_600, steps=hours * 12)
        sizes.append(len(world.exchange.markets))

    assert max(sizes) - min(sizes) <= 1
    assert max(sizes) < 30


def test_a_kept_state_goes_on_with_the_same_windows_and_outcomes(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "venue.db")
    world = World(ledger)
    world.at(1)
    world.buys(btc(0))
    world.at(KEPT_S, steps=50)
    before = {market.slug: market for market in world.exchange.markets}
    world.exchange.save_clock()
    ledger.close()

    again = World(Ledger(tmp_path / "venue.db"))

    after = {market.slug: market for market in again.exchange.markets}
    assert [*after] == [*before]
    for slug, market in after.items():
        then = before[slug]
        assert (market.resolved, market.winner, market.yes) == (then.resolved, then.winner, then.yes)
    assert again.exchange.balance(ALICE, before[btc(0)].yes) == 10 * MICRO
    again.at(2 * KEPT_S, steps=20)
    assert len(again.slugs()) >= 4
    assert again.exchange.balance(ALICE, before[btc(0)].yes) == 0


def test_a_window_that_was_closed_but_not_resolved_is_resolved_after_the_restart(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "venue.db")
    world = World(ledger)
    world.at(230)
    world.exchange.save_clock()
    ledger.close()

    again = World(Ledger(tmp_path / "venue.db"))

    assert not again.market(btc(0)).accepting_orders
    assert not again.market(btc(0)).resolved
    again.at(259)
    assert not again.market(btc(0)).resolved
    again.at(260)
    assert again.market(btc(0)).resolved


def test_the_crowd_trades_in_every_window_from_its_listing_on() -> None:
    world = World(crowd=crowd_of(3))
    world.at(150)

    for slug in (btc(0), btc(1), eth(0), eth(1)):
        market = world.market(slug)
        view = world.exchange.book(market.yes)
        assert view is not None
        assert view.bids
        assert view.asks
    bid = world.exchange.top(world.market(btc(1)).id)[0]
    assert bid is not None
    assert 450_000 < bid < 530_000, "nobody knows yet where the next one goes"
    world.at(199)
    odds = Window(SERIES[0], START_S).odds(Reference(3)).probability_at(BEGINS_S + 199)
    top = world.exchange.top(world.market(btc(0)).id)
    shown = [price for price in top if price is not None]
    assert shown
    assert all(abs(price - odds * MICRO) < 60_000 for price in shown)


def test_the_same_seed_and_clock_give_the_same_windows_however_time_is_cut() -> None:
    worlds = [World(crowd=crowd_of(3)), World(crowd=crowd_of(3))]
    for world, steps in zip(worlds, (1, 97), strict=True):
        world.at(700, steps=steps)

    one, other = (world.heard for world in worlds)
    assert one.prints == other.prints
    assert len(one.prints) > 10
    assert [market.slug for market in one.markets] == [market.slug for market in other.markets]
    assert worlds[0].slugs() == worlds[1].slugs()
