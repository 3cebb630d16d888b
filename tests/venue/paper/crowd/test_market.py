"""One market of the crowd on an exchange: what accounts change and what they do not, how it ends, how it goes on."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from messages.values import MICRO, SECOND, MarketNs, Money, Price, RealNs, Side
from tests.venue.paper.engine_bench import ALICE, BOB, Heard, an_order
from venue.paper.crowd.characters import INPLAY, Character
from venue.paper.crowd.grid import BLOCK_S
from venue.paper.crowd.listings import Listing, Rounds, ask
from venue.paper.crowd.market import CrowdMarket
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.participants import Lot, Pit
from venue.paper.engine.terms import OrderType, Refused, TokenSide
from venue.paper.ledger.ledger import Ledger

QUICK = msgspec.structs.replace(INPLAY, noise=600, informed=200)


def a_listing(character: Character = QUICK, start: float = 0.5, rounds: Rounds | None = None) -> Listing:
    return Listing(
        slug="game-{}",
        question="Game {}?",
        category="sports",
        character=character,
        start=start,
        rounds=rounds,
    )


class Spied:
    """Participants, and everything that they set out to do: when, who, on which side, how much."""

    def __init__(self, crowd: CrowdMarket) -> None:
        self.crowd = crowd
        self.market = crowd.market
        self.next_at, self.filled = crowd.next_at, crowd.filled
        self.orders: list[tuple[int, int, int]] = []
        self.noise: list[tuple[int, Side, int]] = []
        self.executed: list[int] = []

    def open(self, pit: Pit, since: int) -> None:
        self.crowd.open(self._spied(pit), since)

    def act(self, pit: Pit) -> None:
        self.crowd.act(self._spied(pit))

    def _spied(self, pit: Pit) -> Any:
        spied, sizes = self, self.sizes()

        class Spy:
            def __getattr__(self, name: str) -> Any:
                return getattr(pit, name)

            def place(self, lot: Lot) -> bool:
                spied.orders.append((int(pit.now), lot.who, lot.leaves))
                return pit.place(lot)

            def take(self, side: Side, limit: Price, size: int) -> int:
                done = pit.take(side, limit, size)
                if size in sizes:
                    spied.noise.append((int(pit.now), side, size))
                spied.executed.append(done)
                return done

        return Spy()

    def sizes(self) -> set[int]:
        """Those that noise takers of the hour ask for."""
        if not hasattr(self, "_sizes"):
            blocks = [self.crowd.takers.noise(n)[0].size.tolist() for n in range(6)]
            self._sizes = {size for block in blocks for size in block}
        return self._sizes


class Stand:
    """An exchange with one market of the crowd, and time that is turned by hand."""

    def __init__(self, listing: Listing, seed: int = 7, began_s: int = 0) -> None:
        self.real = 0
        self.heard = Heard()
        clock = VenueClock(lambda: RealNs(self.real))
        clock.resume(MarketNs(0), MarketNs(began_s * SECOND))
        self.exchange = Exchange(clock, Ledger(":memory:"), [self.heard])
        clock.start_here()
        self.crowd = ask(listing, 0, seed, 1, MarketNs(0))
        self.spied = Spied(self.crowd)
        self.exchange.add_participants(self.spied)
        self.market = self.exchange.markets[0]
        for maker in (ALICE, BOB):
            self.exchange.fund(maker, Money(10_000_000 * MICRO))

    def run(self, seconds: float) -> None:
        self.real += round(seconds * SECOND)
        self.exchange.advance()

    def mid(self) -> float:
        bid, ask = self.best(Side.BID), self.best(Side.ASK)
        assert bid is not None
        assert ask is not None
        return (bid + ask) / 2

    def best(self, side: Side) -> float | None:
        view = self.exchange.book(self.market.yes)
        assert view is not None
        levels = view.bids if side is Side.BID else view.asks
        return levels[-1][0] / MICRO if levels else None

    def quarrel(self, n: int) -> None:
        """Accounts take whole levels, and stand in everybody's way."""
        token = self.market.yes if n % 2 else self.market.no
        for maker, cents, shares, terms in (
            (ALICE, 99, 900, {"type": OrderType.FAK}),
            (BOB, 20 + n % 60, 700, {}),
        ):
            try:
                self.exchange.place(an_order(maker, TokenSide.BUY, cents, shares, token=token, **terms))
            except Refused:
                continue


def test_what_the_crowd_sets_out_to_do_is_the_same_whatever_accounts_do() -> None:
    """Every order meant, every noise taker's moment, side and size; executions and prices are others."""
    alone, disturbed = Stand(a_listing()), Stand(a_listing())
    for n in range(200):
        alone.run(5)
        disturbed.run(5)
        disturbed.quarrel(n)

    assert len(disturbed.exchange.trades(f"key of {ALICE}")) > 50
    assert alone.spied.executed != disturbed.spied.executed
    assert alone.spied.noise == disturbed.spied.noise
    assert len(alone.spied.noise) > 150
    meant = [set(stand.spied.orders) for stand in (alone, disturbed)]
    assert len(meant[0] ^ meant[1]) < 0.01 * len(meant[0]), (
        "a price beyond the grid is the one reason not to try"
    )
    assert len(meant[0]) > 2_000
    assert (alone.crowd.latent.values(3) == disturbed.crowd.latent.values(3)).all()


def test_the_book_opens_full_and_around_the_value() -> None:
    stand = Stand(a_listing(start=0.62))

    assert stand.mid() == pytest.approx(0.62, abs=0.016)
    view = stand.exchange.book(stand.market.yes)
    assert view is not None
    assert len(view.bids) >= 5
    assert len(view.asks) >= 5
    assert sum(size for _, size in view.bids) / MICRO == pytest.approx(QUICK.peak * 3.38, rel=0.35)


def test_the_price_follows_the_value_and_bids_never_meet_asks() -> None:
    stand, far = Stand(a_listing()), list[float]()
    for n in range(300):
        stand.run(4)
        bid, ask = stand.best(Side.BID), stand.best(Side.ASK)
        assert bid is None or ask is None or bid < ask
        if n % 10 == 0:
            block, step = divmod((n + 1) * 8, BLOCK_S * 2)
            far.append(stand.mid() - float(stand.crowd.latent.values(block)[step]))

    assert np.mean(np.abs(far)) < 0.02
    assert abs(np.mean(far)) < 0.01


def test_a_market_taken_up_later_stands_where_it_would_have_stood() -> None:
    """Whenever it is opened, its odds are those of that moment; no time before has to be played."""
    through = Stand(a_listing())
    through.run(4_000)
    later = Stand(a_listing(), began_s=4_000)

    assert later.mid() == pytest.approx(through.mid(), abs=0.021)
    value = later.crowd.latent.values(6)[800]
    assert later.mid() == pytest.approx(value, abs=0.021)
    assert abs(value - 0.5) > 0.03
    later.run(60)
    assert len(later.heard.levels) > 50


def test_it_ends_and_is_resolved_ten_minutes_later() -> None:
    stand = Stand(a_listing(rounds=Rounds(3_000, 86_400)))
    stand.run(2_995)
    winner = stand.market.yes if stand.crowd.latent.yes_wins else stand.market.no
    stand.exchange.place(an_order(ALICE, TokenSide.BUY, 1, 50, token=winner))
    assert stand.market.accepting_orders
    stand.run(6)
    assert not stand.market.accepting_orders
    assert not stand.market.resolved
    assert stand.best(Side.BID) is None
    assert stand.exchange.open_orders(f"key of {ALICE}") == []
    stand.run(600)

    assert stand.market.resolved
    assert stand.market.winner == winner
    assert stand.exchange.next_due() is None


@pytest.mark.parametrize(("began_s", "is_resolved"), [(3_100, False), (4_000, True)])
def test_taken_up_after_its_end_it_is_over(began_s: int, is_resolved: bool) -> None:
    stand = Stand(a_listing(rounds=Rounds(3_000, 86_400)), began_s=began_s)
    stand.run(1)

    assert not stand.market.accepting_orders
    assert stand.market.resolved == is_resolved


def test_near_an_end_the_grid_becomes_finer_and_makers_use_it() -> None:
    stand = Stand(a_listing(start=0.955, rounds=Rounds(2_400, 86_400)), seed=3)
    assert stand.market.tick == 10_000
    stand.run(2_390)

    assert stand.market.tick == 1_000
    prices = {price for _, price, size in stand.heard.levels if size}
    assert any(price % 10_000 for price in prices)
    assert stand.heard.ticks == [(10_000, 1_000)]


def test_an_accounts_fill_moves_the_makers() -> None:
    """Who buys all that is offered near the price makes everybody think more of it, for a while."""
    calm = msgspec.structs.replace(QUICK, noise=0, informed=0, snipe=0, jumps=0, sigma=1e-6)
    moved, still = Stand(a_listing(calm)), Stand(a_listing(calm))
    for stand in (moved, still):
        stand.run(10)
    for _ in range(8):
        moved.exchange.place(
            an_order(ALICE, TokenSide.BUY, 53, 6_000, token=moved.market.yes, type=OrderType.FAK)
        )
        moved.run(30)
        still.run(30)

    assert moved.mid() > still.mid() + 0.008
    moved.run(3_000)
    assert moved.mid() < still.mid() + 0.02
