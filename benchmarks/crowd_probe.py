"""What a maker earns who knows nothing, against the crowd's four degrees of toxicity (TRADING §7.3, the probe).

    python -m benchmarks.crowd_probe [--characters A B C B2 D] [--seeds 30] [--first-seed 0]

The probe joins both best prices with 150 shares, holds at most 450 either way, and looks every five seconds. What it
makes is its cash and, for what it holds in the end, the latent value; no rewards, no rebates. Informed takers,
snipers and noise takers who know are multiplied by 0.5, 1, 2 and 4. A window of 24 hours, in play and crypto of 3.
Printed are means with 95 % intervals over the seeds: `net` dollars; `edge`, the dollars by which its fills were better
than the latent value of that moment, which is the part that is not chance of what it held; and shares filled.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from collections.abc import Sequence
from typing import NamedTuple

from messages.values import MICRO, SECOND, MarketId, MarketNs, OrderId, Price, Side, Size, TokenId
from venue.paper.crowd.characters import CHARACTERS, Character, toxic
from venue.paper.crowd.grid import BLOCK_NS, HOUR_S, STEP_NS
from venue.paper.crowd.play import Stage, a_market
from venue.paper.engine.book import Fill, Resting
from venue.paper.engine.terms import NewOrder, Order, OrderStatus, OrderType, TokenSide

TIMES = (0.5, 1.0, 2.0, 4.0)
HOURS = {"A": 24, "B": 24, "C": 24, "B2": 3, "D": 3}
SIZE = 150 * MICRO
LIMIT = 450 * MICRO
LEAST = 5 * MICRO
LOOK_NS = 5 * SECOND


class Result(NamedTuple):
    """Of one run: dollars, dollars, shares."""

    net: float
    edge: float
    filled: float


class Probe(Stage):
    """One market with a maker of ours in it."""

    def __init__(self, character: Character, seed: int) -> None:
        self.crowd = a_market(character, seed)
        super().__init__(self.crowd)
        self._held = 0
        self._filled = 0
        self._cash = self._edge = 0.0
        self._resting: dict[Side, Resting] = {}

    def run(self, hours: float) -> Result:
        """Its first hours."""
        self.open(0)
        ends, look_at = round(hours * HOUR_S * SECOND), LOOK_NS
        while (at := self.crowd.next_at()) is not None and at < ends:
            while look_at <= at:
                self.at = look_at
                self._look()
                look_at += LOOK_NS
            self.act(at)
            self.events.clear()
        net = self._cash + self._held / MICRO * self._value(ends)
        return Result(net, self._edge, self._filled / MICRO)

    def met(self, fill: Fill) -> None:
        """Our order was hit."""
        assert fill.resting is not None, "everybody else is a participant"
        sign, shares, price = fill.resting.side.sign, fill.size / MICRO, fill.price / MICRO
        self._held += sign * fill.size
        self._filled += fill.size
        self._cash -= sign * shares * price
        self._edge += sign * shares * (self._value(self.at) - price)

    def _value(self, at: int) -> float:
        block, rest = divmod(at, BLOCK_NS)
        return float(self.crowd.latent.values(block)[rest // STEP_NS])

    def _look(self) -> None:
        for side in Side:
            resting = self._resting.get(side)
            best = self._best_of_others(side, resting)
            size = min(SIZE, LIMIT - side.sign * self._held)
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


def probe(character: Character, times: float, seed: int, hours: float) -> Result:
    """One run."""
    return Probe(toxic(character, times), seed).run(hours)


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


def _interval(values: Sequence[float]) -> str:
    half = 1.96 * statistics.stdev(values) / math.sqrt(len(values))
    return f"{statistics.fmean(values):.1f} ± {half:.1f}"


def main(arguments: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd_probe")
    parser.add_argument("--characters", nargs="+", choices=list(CHARACTERS), default=list(CHARACTERS))
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--first-seed", type=int, default=0)
    given = parser.parse_args(arguments)
    _say("", "", [f"× {times}" for times in TIMES])
    for letter in given.characters:
        seeds = range(given.first_seed, given.first_seed + given.seeds)
        runs = [[probe(CHARACTERS[letter], times, seed, HOURS[letter]) for seed in seeds] for times in TIMES]
        _say(letter, "net", [_interval([result.net for result in run]) for run in runs])
        _say("", "edge", [_interval([result.edge for result in run]) for run in runs])
        _say("", "shares", [f"{statistics.fmean(result.filled for result in run):.0f}" for run in runs])


def _say(letter: str, unit: str, cells: Sequence[str]) -> None:
    sys.stdout.write(f"{letter:3}{unit:7}" + "".join(f"{cell:>16}" for cell in cells) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
