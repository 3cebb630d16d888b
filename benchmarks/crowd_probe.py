"""What a maker earns who knows nothing, against the crowd's four degrees of toxicity (TRADING §7.3, the probe).

    python -m benchmarks.crowd_probe [--characters A B C B2 D] [--seeds 30] [--first-seed 0]

The probe joins both best prices with 150 shares, holds at most 450 either way, and looks every five seconds. What it
makes is its cash and, for what it holds in the end, the latent value; no rewards, no rebates. Informed takers,
snipers and noise takers who know are multiplied by 0.5, 1, 2 and 4. A window of 24 hours, in play and crypto of 3;
printed is the mean in dollars with its 95 % interval, and under it shares filled. Makers worth their name earn less
the more toxic it gets.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from collections.abc import Sequence

from messages.values import MICRO, SECOND, MarketId, MarketNs, OrderId, Price, Side, Size, TokenId
from venue.paper.crowd.characters import CHARACTERS, Character, toxic
from venue.paper.crowd.grid import BLOCK_S, HOUR_S
from venue.paper.crowd.play import Stage, a_market
from venue.paper.engine.book import Fill, Resting
from venue.paper.engine.terms import NewOrder, Order, OrderStatus, OrderType, TokenSide

TIMES = (0.5, 1.0, 2.0, 4.0)
HOURS = {"A": 24, "B": 24, "C": 24, "B2": 3, "D": 3}
SIZE = 150 * MICRO
LIMIT = 450 * MICRO
LEAST = 5 * MICRO
LOOK_NS = 5 * SECOND


class Probe(Stage):
    """One market with a maker of ours in it."""

    def __init__(self, character: Character, seed: int) -> None:
        self.crowd = a_market(character, seed)
        super().__init__(self.crowd)
        self.held = 0
        self.filled = 0
        self.cash = 0.0
        self._resting: dict[Side, Resting] = {}

    def run(self, hours: int) -> float:
        """Dollars after so many hours."""
        self.open(0)
        ends, look_at = hours * HOUR_S * SECOND, LOOK_NS
        while (at := self.crowd.next_at()) is not None and at < ends:
            while look_at <= at:
                self.at = look_at
                self._look()
                look_at += LOOK_NS
            self.act(at)
            self.events.clear()
        value = self.crowd.latent.values(hours * HOUR_S // BLOCK_S)[0]
        return self.cash + self.held / MICRO * float(value)

    def met(self, fill: Fill) -> None:
        """Our order was hit."""
        if fill.resting is None:
            return
        self.held += fill.resting.side.sign * fill.size
        self.filled += fill.size
        self.cash -= fill.resting.side.sign * fill.size / MICRO * fill.price / MICRO

    def _look(self) -> None:
        for side in Side:
            resting = self._resting.get(side)
            best = self._best_of_others(side, resting)
            size = min(SIZE, LIMIT - side.sign * self.held)
            if resting is not None and (resting.price != best or size < LEAST):
                self.book.remove(resting)
                resting.leaves = 0
            if best is not None and size >= LEAST and (resting is None or not resting.leaves):
                self._resting[side] = placed = Resting(_order(side, best, size), side, best, size)
                self.book.rest(placed, self.at)

    def _best_of_others(self, side: Side, resting: Resting | None) -> Price | None:
        best = self.best(side)
        if resting is None or not resting.leaves or best != resting.price:
            return best
        others = (p for p, s in reversed(self.book.levels(side)) if p != best or s > resting.leaves)
        return next(others, None)


def net(character: Character, times: float, seed: int, hours: int) -> tuple[float, float]:
    """Dollars and shares filled of one run."""
    probe = Probe(toxic(character, times), seed)
    return probe.run(hours), probe.filled / MICRO


def _order(side: Side, price: Price, size: int) -> Order:
    action = TokenSide.BUY if side is Side.BID else TokenSide.SELL
    new = NewOrder(
        id=OrderId(""),
        owner="",
        maker="",
        token=TokenId("1"),
        side=action,
        price=price,
        size=Size(size),
        type=OrderType.GTC,
    )
    return Order(
        new=new,
        market=MarketId(""),
        status=OrderStatus.LIVE,
        matched=Size(0),
        created_at=MarketNs(0),
        trades=[],
    )


def _interval(nets: Sequence[float]) -> str:
    half = 1.96 * statistics.stdev(nets) / math.sqrt(len(nets))
    return f"{statistics.fmean(nets):8.1f} ±{half:6.1f}"


def main(arguments: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd_probe")
    parser.add_argument("--characters", nargs="+", choices=list(CHARACTERS), default=list(CHARACTERS))
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--first-seed", type=int, default=0)
    given = parser.parse_args(arguments)
    _say("", "$, sh", [f"× {times}" for times in TIMES])
    for letter in given.characters:
        seeds = range(given.first_seed, given.first_seed + given.seeds)
        runs = [[net(CHARACTERS[letter], times, seed, HOURS[letter]) for seed in seeds] for times in TIMES]
        _say(letter, "$", [_interval([dollars for dollars, _ in run]) for run in runs])
        _say("", "sh", [f"{statistics.fmean(shares for _, shares in run):.0f}" for run in runs])


def _say(letter: str, unit: str, cells: Sequence[str]) -> None:
    sys.stdout.write(f"{letter:3}{unit:6}" + "".join(f"{cell:>18}" for cell in cells) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
