"""A light crowd: thin ladders around a wandering price, takers who come every few seconds, and days when all want
the same side. Cheap, seeded, and busy enough that limits are reached and markets handed over all the time."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import msgspec

from messages.values import MICRO, SECOND, MarketId, Price, Side, Size, TokenId
from venue.paper.engine.participants import Lot, Pit
from venue.paper.engine.settlement import digest
from venue.paper.engine.terms import Market

CENT = 10_000
HALF_WIDTH = 3 * CENT
"""From the fair price to the first lot of a ladder: a quote of ordinary width rests in front of it."""
LEVELS = 2
LOT = 40 * MICRO
LOWEST, HIGHEST = 20 * CENT, 80 * CENT
JUMP = 31 * CENT
TAKERS_S = 2.0
"""Market seconds between two takers of one market."""
DRIFT_S = 4.0
MOOD_S = 60.0
"""Between two changes of what takers of a market want."""
ONE_SIDED = 0.95
"""How many takers want the same side while everybody does."""


class Mood(msgspec.Struct):
    """What all markets have in common."""

    one_sided: bool = False
    """Everybody wants the same, in every market."""


def a_market(number: int, tick: int = CENT) -> Market:
    """The numbered market of a simulated world."""
    name = f"street-{number}"
    return Market(
        id=MarketId(digest("market", number)),
        slug=name,
        question=f"{name}?",
        yes=TokenId(str(10**20 + 2 * number)),
        no=TokenId(str(10**20 + 2 * number + 1)),
        tick=Price(tick),
        min_size=Size(5 * MICRO),
        fee_rate=0,
    )


class Street:
    """All who trade in one market by themselves (see `Participants`)."""

    def __init__(self, market: Market, rng: Random, mood: Mood) -> None:
        self._market = market
        self._rng = rng
        self._mood = mood
        self._fair = rng.randrange(35, 66) * CENT
        self._buys = 0.5
        """How likely the next taker buys YES."""
        self._lots: list[Lot] = []
        self._taker_at = self._drift_at = self._mood_at = 0
        self._empty_until = 0
        self._empty_side: Side | None = None
        self._next: list[Callable[[Pit], None]] = []
        """What is done before anybody else acts."""

    @property
    def market(self) -> Market:
        """The market as it is when it is listed, newly made each time."""
        return msgspec.structs.replace(self._market)

    def next_at(self) -> int | None:
        """When they act next, nanoseconds after market second 0."""
        return min(self._taker_at, self._drift_at, self._mood_at)

    def open(self, pit: Pit, since: int) -> None:
        """Fill the book."""
        self._taker_at, self._drift_at, self._mood_at = (
            since + self._span(TAKERS_S),
            since + self._span(DRIFT_S),
            since + self._span(MOOD_S),
        )
        self._ladder(pit)

    def act(self, pit: Pit) -> None:
        """Whoever is due."""
        following, self._next = self._next, []
        for do in following:
            do(pit)
        at = self.next_at()
        if at == self._taker_at:
            self._taker_at += self._span(TAKERS_S)
            self._take(pit)
        elif at == self._drift_at:
            self._drift_at += self._span(DRIFT_S)
            self._drift(pit, self._rng.choice((-CENT, 0, CENT)))
        else:
            self._mood_at += self._span(MOOD_S)
            self._buys = self._rng.choice((0.5, 1 - ONE_SIDED, ONE_SIDED))

    def filled(self, lot: Lot, size: int, by_account: bool) -> None:
        """A lot was hit; the next drift makes the ladder whole."""

    def jump(self) -> None:
        """The price moves by 31 cents at once, to where there is room for it."""
        self._next.append(lambda pit: self._drift(pit, JUMP if self._fair < 50 * CENT else -JUMP))

    def empty(self, side: Side, span: int) -> None:
        """Nobody rests on one side for so many nanoseconds."""

        def do(pit: Pit) -> None:
            self._empty_side, self._empty_until = side, (self.next_at() or 0) + span
            self._ladder(pit)

        self._next.append(do)

    def close(self) -> None:
        """The market takes no more orders."""
        self._next.append(lambda pit: pit.stop_orders())

    def _span(self, mean_s: float) -> int:
        return 1 + round(self._rng.expovariate(1 / mean_s) * SECOND)

    def _take(self, pit: Pit) -> None:
        if not pit.market.accepting_orders:
            return
        buys = self._rng.random() < (ONE_SIDED if self._mood.one_sided else self._buys)
        side = Side.BID if buys else Side.ASK
        size = self._rng.randrange(100, 2_000) * 10_000
        limit = self._fair + side.sign * (HALF_WIDTH + CENT)
        pit.take(side, Price(limit), size)

    def _drift(self, pit: Pit, by: int) -> None:
        self._fair = min(HIGHEST, max(LOWEST, self._fair + by))
        if self._empty_side is not None and (self.next_at() or 0) >= self._empty_until:
            self._empty_side = None
        self._ladder(pit)

    def _ladder(self, pit: Pit) -> None:
        """Lots where they belong; who meets an account's order on the way there takes it."""
        if not pit.market.accepting_orders:
            return
        for lot in self._lots:
            pit.pull(lot)
        self._lots = []
        for side in Side:
            if side is self._empty_side:
                continue
            for level in range(LEVELS):
                price = Price(self._fair - side.sign * (HALF_WIDTH + level * CENT))
                self._rest(pit, Lot(level, side, price, LOT))

    def _rest(self, pit: Pit, lot: Lot) -> None:
        if not pit.place(lot):
            pit.take(lot.side, lot.price, lot.leaves)
            if not pit.place(lot):
                return
        self._lots.append(lot)
