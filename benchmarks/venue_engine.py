"""Operations a second of the embedded venue's engine alone: an exchange with a ledger in memory, no HTTP, no crowd.

    python -m benchmarks.venue_engine [--calls 30000] [--runs 7] [--profile]

An operation is one call of `Exchange.place` or `Exchange.cancel`. Orders are made beforehand, as a door would hand
them over after checking their signatures. Each run has an exchange of its own; what is printed is the median run,
the slowest and the fastest, per second of CPU time, so that a busy host disturbs it less.

`place+cancel`: every order rests and is taken back by the next call. `match`: of every two calls the first rests and
the second takes all of it. `mix`: twelve accounts on both tokens of four markets keep some 200 orders on the book; the
calls place orders that rest and cancel them, and one in 33 places an order of another account that takes what rests at
the best prices (in recorded games there is a trade for every 20 to 40 changes of the book). Every match means a fee,
trades, balances and rows in the ledger, and its settlement a moment later.

`crowd` is another measure: participants of twenty markets whom nobody watches place, pull and take, one lot at each
turn, and what is counted is what the engine needs for it; they themselves decide nothing.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import pstats
import random
import statistics
import sys
import time
from collections.abc import Callable
from itertools import count

from loguru import logger

from messages.values import MICRO, MS, MarketId, Money, OrderId, Price, RealNs, Side, Size, TokenId
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.participants import Lot, Pit
from venue.paper.engine.terms import Market, NewOrder, OrderType, TokenSide
from venue.paper.ledger.ledger import Ledger

TICK = 10_000
MARKETS, MAKERS = 4, 12
CROWDS = 20
TAKERS = 0.03
_ids = count(1)

Script = list[tuple[str, NewOrder]]
"""What is called, and with which order."""


def an_exchange() -> Exchange:
    """Markets with fees and wealthy accounts that hold both tokens of each."""
    clock = VenueClock()
    exchange = Exchange(clock, Ledger(":memory:"), first_funds=Money(10_000_000 * MICRO))
    clock.start_here()
    for number in range(MARKETS):
        exchange.add_market(a_market(number))
    for maker in range(2 * MAKERS):
        exchange.fund(f"0x{maker:040x}")
    return exchange


def a_market(number: int) -> Market:
    """With a fee; its tokens are named after it."""
    return Market(
        id=MarketId(f"0x{number:064x}"),
        slug=f"market-{number}",
        question="Will it?",
        yes=TokenId(f"{number}1"),
        no=TokenId(f"{number}2"),
        tick=Price(TICK),
        min_size=Size(5 * MICRO),
        fee_rate=50_000,
    )


def an_order(market: int, side: TokenSide, cents: int, shares: int, maker: int, no: bool = False) -> NewOrder:
    """Valid, and another one each time."""
    return NewOrder(
        id=OrderId(f"0x{next(_ids):064x}"),
        owner=f"key {maker}",
        maker=f"0x{maker:040x}",
        token=TokenId(f"{market}{2 if no else 1}"),
        side=side,
        price=Price(cents * TICK),
        size=Size(shares * MICRO),
        type=OrderType.GTC,
    )


def place_and_cancel(calls: int) -> Script:
    """Rest, take back, rest, take back."""
    script: Script = []
    for n in range(calls // 2):
        order = an_order(n % MARKETS, TokenSide.BUY, 10 + n % 60, 5 + n % 20, n % MAKERS, no=n % 3 == 0)
        script += [("place", order), ("cancel", order)]
    return script


def rest_and_match(calls: int) -> Script:
    """A bid for NO rests, a bid for YES meets it: a pair is minted."""
    script: Script = []
    for n in range(calls // 2):
        market, cents, shares = n % MARKETS, 20 + n % 60, 5 + n % 20
        script.append(("place", an_order(market, TokenSide.BUY, 100 - cents, shares, n % MAKERS, no=True)))
        script.append(("place", an_order(market, TokenSide.BUY, cents, shares, (n + 1) % MAKERS)))
    return script


def a_mix(calls: int) -> Script:
    """See above; bids for YES up to 49 cents and for NO up to 49 cents leave a gap that takers cross."""
    draw = random.Random(7)
    script, resting = Script(), list[NewOrder]()
    while len(script) < calls:
        chance, market, maker = draw.random(), draw.randrange(MARKETS), draw.randrange(MAKERS)
        no = draw.random() < 0.5
        if chance < TAKERS:
            script.append(
                ("place", an_order(market, TokenSide.BUY, 55, draw.randint(5, 30), MAKERS + maker, no))
            )
        elif chance < 0.5 and len(resting) > 20 * MAKERS * 0.8:
            at = draw.randrange(len(resting))
            resting[at], resting[-1] = resting[-1], resting[at]
            script.append(("cancel", resting.pop()))
        else:
            cents, shares = draw.randint(35, 49), draw.randint(5, 60)
            order = an_order(market, TokenSide.BUY, cents, shares, maker, no)
            resting.append(order)
            script.append(("place", order))
    return script


class Machine:
    """Participants that play a list of moves, one every millisecond: a lot to place or to pull, or a size to take."""

    def __init__(self, number: int, moves: int) -> None:
        self._number = number
        self._draw = random.Random(number)
        self._left = moves
        self._at = number
        self._bids, self._asks = ([self._lot(side) for _ in range(moves // 3)] for side in Side)

    @property
    def market(self) -> Market:
        return a_market(100 + self._number)

    def next_at(self) -> int | None:
        return self._at if self._left else None

    def open(self, pit: Pit, since: int) -> None:
        """Nothing rests yet."""

    def act(self, pit: Pit) -> None:
        self._at += MS
        self._left -= 1
        lots = (self._bids, self._asks)[self._left % 2]
        turn = self._left % 20
        if turn == 0:
            pit.take(Side.BID, Price(600_000), 300 * MICRO)
        elif turn == 1:
            pit.take(Side.ASK, Price(400_000), 300 * MICRO)
        elif turn < 12:
            lot = lots[self._left % len(lots)]
            if lot.leaves:
                pit.place(lot)
        else:
            pit.pull(lots[(self._left * 7) % len(lots)])

    def filled(self, lot: Lot, size: int, by_account: bool) -> None:
        """Gone; nobody mourns it."""

    def _lot(self, side: Side) -> Lot:
        away = self._draw.randint(1, 15) * TICK
        return Lot(1, side, Price(500_000 - away * side.sign), self._draw.randint(5, 200) * MICRO)


def run_crowd(moves: int) -> float:
    """CPU seconds for all moves of the machines."""
    real = [0]
    clock = VenueClock(lambda: RealNs(real[0]))
    exchange = Exchange(clock, Ledger(":memory:"))
    clock.start_here()
    for number in range(CROWDS):
        exchange.add_participants(Machine(number, moves // CROWDS))
    real[0] = moves * MS
    gc.collect()
    begun_at = time.process_time()
    exchange.advance()
    return time.process_time() - begun_at


def run(script: Script) -> tuple[float, int]:
    """CPU seconds for all calls, and how many trades they made."""
    exchange = an_exchange()
    place, cancel = exchange.place, exchange.cancel
    gc.collect()
    trades = 0
    begun_at = time.process_time()
    for what, order in script:
        if what == "place":
            trades += len(place(order).trades)
        else:
            cancel(order.owner, [order.id])
    spent = time.process_time() - begun_at
    exchange.ledger.close()
    return spent, trades


def measure(name: str, make: Callable[[int], Script], calls: int, runs: int) -> float:
    """Median operations a second; says so."""
    script = make(calls)
    took = [run(script) for _ in range(runs)]
    rates = sorted(len(script) / spent for spent, _ in took)
    median = statistics.median(rates)
    sys.stdout.write(
        f"{name:<13} {median:9,.0f} operations/s (median of {runs} runs, {rates[0]:,.0f} to {rates[-1]:,.0f}),"
        f" {1e6 / median:5.2f} µs each; {len(script)} calls, {took[0][1]} trades\n"
    )
    return median


def main() -> int:
    """All three, or a profile of the mix."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--calls", type=int, default=30_000)
    options.add_argument("--runs", type=int, default=7)
    options.add_argument("--profile", choices=("place+cancel", "match", "mix", "crowd"))
    asked = options.parse_args()
    logger.remove()
    scripts = {"place+cancel": place_and_cancel, "match": rest_and_match, "mix": a_mix}
    if asked.profile:
        profile = cProfile.Profile()
        if asked.profile == "crowd":
            profile.runcall(run_crowd, asked.calls)
        else:
            profile.runcall(run, scripts[asked.profile](asked.calls))
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
        return 0
    for name, make in scripts.items():
        measure(name, make, asked.calls, asked.runs)
    moves = 5 * asked.calls
    took = statistics.median(run_crowd(moves) for _ in range(asked.runs))
    sys.stdout.write(f"crowd         {1e6 * took / moves:9.2f} µs for each of {moves} moves (median)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
