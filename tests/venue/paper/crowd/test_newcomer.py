"""What a newcomer sees who starts the demo world and quotes where most is traded: fills, a full position, an exit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from messages.values import MICRO, SECOND, MarketNs, Money, Price, RealNs, Size, TokenId
from tests.venue.paper.engine_bench import ALICE, Heard, an_order, key_of
from venue.paper.crowd.demo_world import DEMO
from venue.paper.crowd.listings import World
from venue.paper.crowd.reference import Reference
from venue.paper.crowd.rolling import Windows, crowd_of
from venue.paper.crowd.rotation import Rotation
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, Refused, TokenSide
from venue.paper.ledger.ledger import Ledger

BEGAN = MarketNs(1_795_300_140 * SECOND)
"""A minute before windows of every length end and begin: they are never busier."""
MINUTE = 60


class Ear(Heard):
    """Counts prints by market."""

    def __init__(self) -> None:
        super().__init__()
        self.counts = Counter[str]()

    def printed(
        self,
        market: Market,
        token: TokenId,
        taker_side: TokenSide,
        price: Price,
        size: Size,
        transaction: str,
    ) -> None:
        self.counts[market.slug] += 1


class Newcomer:
    """Ten shares at two cents from the middle of one market, moved when it moves by two; looks every two seconds."""

    def __init__(self, world: World, seed: int) -> None:
        self.real = 0
        clock = VenueClock(lambda: RealNs(self.real))
        clock.resume(BEGAN, BEGAN)
        self.ear = Ear()
        self.exchange = Exchange(clock, Ledger(":memory:"), [self.ear])
        clock.start_here()
        Rotation(self.exchange, world, seed).begin()
        self.exchange.fund(ALICE, Money(1_000 * MICRO))
        self.market = self.exchange.markets[0]
        self.quoted: int | None = None

    def wait(self, seconds: int) -> None:
        self.real += seconds * SECOND
        self.exchange.advance()

    @property
    def fills(self) -> int:
        return len(self.exchange.trades(key_of(ALICE)))

    def net(self) -> int:
        held = [self.exchange.balance(ALICE, token) for token in (self.market.yes, self.market.no)]
        return held[0] - held[1]

    def mid(self) -> int | None:
        view = self.exchange.book(self.market.yes)
        if view is None or not view.bids or not view.asks:
            return None
        return (view.bids[-1][0] + view.asks[-1][0]) // 2

    def quote_until(self, done: Callable[[Newcomer], bool], minutes: int) -> bool:
        for _ in range(0, minutes * MINUTE, 2):
            if done(self):
                return True
            self.quote()
            self.wait(2)
        return done(self)

    def quote(self) -> None:
        mid = self.mid()
        if mid is None:
            return
        if self.quoted is None or abs(mid - self.quoted) >= 20_000:
            self.exchange.cancel_all(key_of(ALICE))
            self.quoted = mid
        resting = {order.new.token for order in self.exchange.open_orders(key_of(ALICE))}
        for token, price in ((self.market.yes, mid), (self.market.no, MICRO - mid)):
            if token not in resting:
                self.place(TokenSide.BUY, (price - 20_000) // 10_000, 10, token)

    def sell_until_flat(self, minutes: int) -> bool:
        """At its average cost or better, half a minute between two looks."""
        for _ in range(0, minutes * MINUTE, 30):
            self.exchange.cancel_all(key_of(ALICE))
            token = self.market.yes if self.net() > 0 else self.market.no
            mid, size = self.mid(), abs(self.net()) // 10_000
            if size * 10_000 < 5 * MICRO:
                return True
            if mid is not None:
                own = mid if token == self.market.yes else MICRO - mid
                floor = self.exchange.positions(ALICE)[token].average_cost
                self.place(TokenSide.SELL, -(-max(own, floor) // 10_000), size / 100, token)
            self.wait(30)
        return False

    def place(self, side: TokenSide, cents: float, shares: float, token: TokenId) -> None:
        try:
            self.exchange.place(an_order(ALICE, side, cents, shares, token=token, post_only=True))
        except Refused:
            self.quoted = None


@pytest.mark.parametrize("seed", [7, 1, 2, 3])
def test_in_its_first_minute_no_market_is_traded_more_than_the_first_of_the_list(seed: int) -> None:
    """Not even crypto windows, that would end under a maker's feet."""
    newcomer = Newcomer(DEMO, seed)
    Windows(newcomer.exchange, Reference(seed), crowd_of(seed)).begin()
    newcomer.wait(MINUTE)

    ((first, prints), (_, second)) = newcomer.ear.counts.most_common(2)
    assert first == newcomer.market.slug
    assert prints > second + 5


def test_a_newcomer_is_filled_reaches_the_limit_and_gets_out_within_five_minutes_at_twenty_to_one() -> None:
    """Fills in 20 market minutes, 50 shares and flat again in 100 after the start: on seed 7 and most others."""
    good = 0
    for seed in (7, 1, 2, 3):
        newcomer = Newcomer(World(name="first", listings=DEMO.listings[:1]), seed)
        newcomer.wait(MINUTE)
        filled = newcomer.quote_until(lambda n: n.fills > 0, 20)
        limit = newcomer.quote_until(lambda n: abs(n.net()) >= 50 * MICRO, 60)
        is_good = filled and limit and newcomer.sell_until_flat(20)
        good += is_good
        assert is_good or seed != 7
    assert good >= 3
