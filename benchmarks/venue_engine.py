"""Operations a second of the embedded venue's engine alone: an exchange with a ledger in memory, no HTTP, no crowd.

    python -m benchmarks.venue_engine [--calls 30000] [--runs 7] [--profile]

An operation is one call of `Exchange.place` or `Exchange.cancel`. Orders are made beforehand, as a door would hand
them over after checking their signatures. Each run has an exchange of its own; what is printed is the median run,
the slowest and the fastest, per second of CPU time, so that a busy host disturbs it less.

`place+cancel`: every order rests and is taken back by the next call. `match`: of every two calls the first rests and
the second takes all of it. `mix`: twelve accounts on both tokens of four markets keep some 200 orders on the book; of
the calls about half place an order that rests, two in five cancel one, and one in eight places an order of another
account that takes what rests at the best prices. Every match means a fee, trades, balances and rows in the ledger.
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

from messages.values import MICRO, MarketId, Money, OrderId, Price, Size, TokenId
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, NewOrder, OrderType, TokenSide
from venue.paper.ledger.ledger import Ledger

TICK = 10_000
MARKETS, MAKERS = 4, 12
_ids = count(1)

Script = list[tuple[str, NewOrder]]
"""What is called, and with which order."""


def an_exchange() -> Exchange:
    """Markets with fees and wealthy accounts that hold both tokens of each."""
    clock = VenueClock()
    exchange = Exchange(clock, Ledger(":memory:"), first_funds=Money(10_000_000 * MICRO))
    clock.start_here()
    for number in range(MARKETS):
        exchange.add_market(
            Market(
                id=MarketId(f"0x{number:064x}"),
                slug=f"market-{number}",
                question="Will it?",
                yes=TokenId(str(10 + number)),
                no=TokenId(str(20 + number)),
                tick=Price(TICK),
                min_size=Size(5 * MICRO),
                fee_rate=50_000,
            )
        )
    for maker in range(2 * MAKERS):
        exchange.fund(f"0x{maker:040x}")
    return exchange


def an_order(market: int, side: TokenSide, cents: int, shares: int, maker: int, no: bool = False) -> NewOrder:
    """Valid, and another one each time."""
    return NewOrder(
        id=OrderId(f"0x{next(_ids):064x}"),
        owner=f"key {maker}",
        maker=f"0x{maker:040x}",
        token=TokenId(str((20 if no else 10) + market)),
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
        if chance < 0.12:
            script.append(
                ("place", an_order(market, TokenSide.BUY, 55, draw.randint(5, 30), MAKERS + maker, no))
            )
        elif chance < 0.52 and len(resting) > 20 * MAKERS * 0.8:
            at = draw.randrange(len(resting))
            resting[at], resting[-1] = resting[-1], resting[at]
            script.append(("cancel", resting.pop()))
        else:
            cents, shares = draw.randint(35, 49), draw.randint(5, 60)
            order = an_order(market, TokenSide.BUY, cents, shares, maker, no)
            resting.append(order)
            script.append(("place", order))
    return script


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
    options.add_argument("--profile", choices=("place+cancel", "mix", "match"))
    asked = options.parse_args()
    scripts = {"place+cancel": place_and_cancel, "mix": a_mix, "match": rest_and_match}
    if asked.profile:
        script, profile = scripts[asked.profile](asked.calls), cProfile.Profile()
        profile.runcall(run, script)
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
        return 0
    for name, make in scripts.items():
        measure(name, make, asked.calls, asked.runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
