"""Orders too small to matter in a crowd that knows its queues, and the same orders on the tape that it leaves.

A probe joins the back of a level at which others rest, and stays until that level is gone or its time is up. Whether
it was reached by then is known in the crowd, and is guessed by a replay book that sees levels and prints alone.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence

import msgspec

from messages.values import SECOND, MarketId, MarketNs, OrderId, Price, Side, Size, TokenId
from venue.paper.crowd.characters import Character
from venue.paper.crowd.grid import HOUR_S
from venue.paper.crowd.play import Stage, a_market
from venue.paper.engine.book import Fill, Resting
from venue.paper.engine.order_book import OrderBook
from venue.paper.engine.queue_models import QueueModel
from venue.paper.engine.replay_book import ReplayBook
from venue.paper.engine.tape import BookSet, LevelSet, Printed, TapeEvent
from venue.paper.engine.terms import NewOrder, Order, OrderStatus, OrderType, TokenSide

SMALL = Size(1)
"""A millionth of a share: nobody's order gets any less for it."""
DEPTHS = 2
"""Probes join so many levels of a side, from the best one on …"""
EVERY, STAY = 0.5, 4.0
"""… after each such part of a maker's order's mean life, for so many times of it."""

Level = tuple[Side, Price]


class Probe(msgspec.Struct):
    """One small order; times in nanoseconds after market second 0."""

    number: int
    side: Side
    price: Price
    joined_at: int
    stays_until: int
    """Its time is up then, unless the level is gone before."""
    is_filled: bool = False
    """Reached in time, in the crowd."""

    @property
    def level(self) -> Level:
        """Where it queues."""
        return self.side, self.price

    def resting(self) -> Resting:
        """It as an order that a book takes."""
        new = NewOrder(
            id=OrderId(str(self.number)),
            owner="",
            maker="",
            token=TokenId(""),
            side=TokenSide.BUY if self.side is Side.BID else TokenSide.SELL,
            price=self.price,
            size=SMALL,
            type=OrderType.GTC,
        )
        order = Order(
            new=new,
            market=MarketId(""),
            status=OrderStatus.LIVE,
            matched=Size(0),
            created_at=MarketNs(self.joined_at),
            trades=[],
        )
        return Resting(order, self.side, self.price, SMALL)


class Queues:
    """The probes that are in a book now, level by level. A filled one has left the book and is forgotten here too."""

    def __init__(self, book: OrderBook | ReplayBook) -> None:
        self._book = book
        self._levels: dict[Level, dict[int, Resting]] = {}
        self._times: list[tuple[int, int, Level]] = []

    def join(self, probe: Probe) -> None:
        """To the back."""
        resting = probe.resting()
        self._book.rest(resting, probe.joined_at)
        self._levels.setdefault(probe.level, {})[probe.number] = resting
        heapq.heappush(self._times, (probe.stays_until, probe.number, probe.level))

    def filled(self, resting: Resting) -> int:
        """The number of one that was reached; the book has dropped it."""
        number = int(resting.order.new.id)
        del self._levels[resting.side, resting.price][number]
        return number

    def close(self, level: Level) -> None:
        """Nobody else is left there, so they leave, too."""
        for resting in self._levels.pop(level, {}).values():
            self._book.remove(resting)

    def expire(self, at: int) -> None:
        """Those whose time is up leave."""
        while self._times and self._times[0][0] <= at:
            _, number, level = heapq.heappop(self._times)
            resting = self._levels.get(level, {}).pop(number, None)
            if resting is not None:
                self._book.remove(resting)

    def size(self, level: Level) -> int:
        """Of all of them there."""
        return SMALL * len(self._levels.get(level, ()))


class ProbedStage(Stage):
    """A market by itself with probes in its queues; `events` is the tape that it would leave without them."""

    def __init__(self, character: Character, seed: int, book: OrderBook | None = None) -> None:
        self._crowd = a_market(character, seed)
        super().__init__(self._crowd, book)
        self.accounts_best = lambda side: None
        self.probes = list[Probe]()
        self._queues = Queues(self.book)
        self._every = round(character.life_s * EVERY * SECOND)
        self._stay = round(character.life_s * STAY * SECOND)
        self._told: dict[Level, int] = {}

    def run(self, hours: float) -> None:
        """Play the first hours."""
        ends, join_at = round(hours * HOUR_S * SECOND), self._every
        self.open(0)
        self._told = {(side, price): size for side in Side for price, size in self.book.levels(side)}
        while (at := self._crowd.next_at()) is not None and at < ends:
            while join_at <= at:
                self._join(join_at)
                join_at += self._every
            self._queues.expire(at)
            self.act(at)

    def act(self, at: int) -> None:
        """Let the crowd do what is due, and remember which levels changed but for the probes."""
        self.at = at
        self._crowd.act(self)
        for side, price, size in self.book.changes():
            others = Size(size - self._queues.size((side, price)))
            if others == self._told.get((side, price), 0):
                continue
            self._told[side, price] = others
            self.events.append(LevelSet(at=self.at, side=side, price=price, size=others))
            if not others:
                self._queues.close((side, price))

    def met(self, fill: Fill) -> None:
        """A probe was reached."""
        if fill.resting is not None:
            self.probes[self._queues.filled(fill.resting)].is_filled = True

    def _join(self, at: int) -> None:
        for side in Side:
            prices = [price for price, _ in self.book.levels(side) if self._told.get((side, price))]
            for price in prices[-DEPTHS:]:
                probe = Probe(len(self.probes), side, price, at, at + self._stay)
                self.probes.append(probe)
                self._queues.join(probe)


def predicted(tape: Sequence[TapeEvent], probes: Sequence[Probe], model: QueueModel) -> list[bool]:
    """Which of the probes a replay book fills that sees the tape alone, by their numbers."""
    book = ReplayBook(model)
    queues, coming, reached = Queues(book), deque(probes), [False] * len(probes)
    for event in tape:
        while coming and coming[0].joined_at <= event.at:
            queues.join(coming.popleft())
        queues.expire(event.at)
        for fill in _play(book, event):
            if fill.resting is not None:
                reached[queues.filled(fill.resting)] = True
        if isinstance(event, LevelSet) and not event.size:
            queues.close((event.side, event.price))
    return reached


def _play(book: ReplayBook, event: TapeEvent) -> list[Fill]:
    match event:
        case LevelSet():
            return book.set_level(event.side, event.price, event.size, event.at)
        case Printed():
            taker = Side.BID if event.taker is TokenSide.BUY else Side.ASK
            return book.printed(taker, event.price, event.size, event.at)
        case BookSet():
            bids = book.set_side(Side.BID, event.bids, event.at)
            return bids + book.set_side(Side.ASK, event.asks, event.at)
    return []
