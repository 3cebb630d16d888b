"""How much of a core the crowd's markets need, on an exchange without clients.

    python -m benchmarks.crowd_speed [--world wide] [--markets 50] [--speed 60] [--minutes 60]

Market time is moved on in steps of 50 real milliseconds at that speed, as the venue's pump would, and processor
time is taken: `quiet` while nobody listens, `heard` with somebody who is told every level and print and does
nothing with them. Numbers of a shared machine move by a fifth from run to run.
"""

from __future__ import annotations

import argparse
import sys
import time

import msgspec

from messages.values import SECOND, MarketId, Price, RealNs, Size, TokenId
from venue.paper.crowd.listings import World
from venue.paper.crowd.rotation import Rotation
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, Order, TokenSide, Trade
from venue.paper.ledger.ledger import Ledger
from venue.paper.worlds import WORLDS

STEP_NS = SECOND // 20
FIRST_S = 60
"""Market seconds that are not measured: everything is made for the first time."""


class Ear:
    """Hears everything."""

    def __init__(self) -> None:
        self.levels = self.prints = 0

    def wants(self, market: MarketId) -> bool:
        """All of it."""
        return True

    def level_changed(self, market: Market, yes_side: TokenSide, yes_price: Price, size: Size) -> None:
        """Count."""
        self.levels += 1

    def book_replaced(self, market: Market) -> None:
        """Nothing."""

    def printed(
        self,
        market: Market,
        token: TokenId,
        taker_side: TokenSide,
        price: Price,
        size: Size,
        transaction: str,
    ) -> None:
        """Count."""
        self.prints += 1

    def tick_changed(self, market: Market, old: Price, new: Price) -> None:
        """Nothing."""

    def market_changed(self, market: Market) -> None:
        """Nothing."""

    def market_retired(self, market: Market) -> None:
        """Nothing."""

    def order_changed(self, order: Order, kind: str) -> None:
        """Nothing."""

    def trade_changed(self, trade: Trade) -> None:
        """Nothing."""


def run(world: World, speed: int, minutes: float, ear: Ear | None) -> tuple[float, int]:
    """Processor seconds for each real one, and how many markets there were."""
    real = 0
    clock = VenueClock(lambda: RealNs(real))
    exchange = Exchange(clock, Ledger(":memory:"), [ear] if ear else [])
    clock.start_here(speed)
    Rotation(exchange, world, 7).begin()
    real += FIRST_S * SECOND // speed
    exchange.advance()
    begins, spent = real, time.process_time()
    while real - begins < minutes * 60 * SECOND / speed:
        real += STEP_NS
        exchange.advance()
    return (time.process_time() - spent) * SECOND / (real - begins), len(exchange.markets)


def main(arguments: list[str]) -> None:
    """Print both."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd_speed")
    parser.add_argument("--world", choices=list(WORLDS), default="wide")
    parser.add_argument("--markets", type=int, default=50)
    parser.add_argument("--speed", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=60)
    given = parser.parse_args(arguments)
    whole = WORLDS[given.world]
    world = msgspec.structs.replace(whole, races=(), listings=whole.listings[: given.markets])
    for name, ear in (("quiet", None), ("heard", Ear())):
        share, markets = run(world, given.speed, given.minutes, ear)
        told = f", {ear.levels} levels and {ear.prints} prints told" if ear else ""
        sys.stdout.write(f"{name}: {markets} markets at speed {given.speed}: {share:.1%} of a core{told}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
