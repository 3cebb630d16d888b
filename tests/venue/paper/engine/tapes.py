"""Random tapes and orders for a replay book: what may happen at a handful of prices."""

from __future__ import annotations

from typing import NamedTuple

import hypothesis.strategies as st

from messages.values import MICRO, MarketId, MarketNs, Price, Side, Size
from tests.venue.paper.engine_bench import ALICE, an_order
from venue.paper.engine.book import Fill, Resting
from venue.paper.engine.queue_models import PESSIMISTIC, Power, Proportional
from venue.paper.engine.replay_book import ReplayBook
from venue.paper.engine.terms import Order, OrderStatus, TokenSide

MODELS = (PESSIMISTIC, Proportional(), Power(), Power(1))
PRICES = st.integers(46, 54).map(lambda cents: cents * 10_000)
SIZES = st.integers(1, 30)
SIDES = st.sampled_from(Side)


class Move(NamedTuple):
    """Something of the tape, `after` nanoseconds later; size 0 removes a level."""

    is_print: bool
    side: Side
    price: Price
    size: int
    after: int


def moves(most: int = 40) -> st.SearchStrategy[list[Move]]:
    """A tape whose prints come close to the level changes they explain, or do not."""
    after = st.sampled_from((0, 200_000_000, 600_000_000))
    shares = st.sampled_from((0, 1, 5, 10, 20, 30, 100)).map(lambda shares: shares * MICRO)
    level = st.builds(Move, st.just(False), SIDES, PRICES.map(Price), shares, after)
    print_ = st.builds(Move, st.just(True), SIDES, PRICES.map(Price), shares.filter(bool), after)
    return st.lists(st.one_of(level, print_), max_size=most)


def play(book: ReplayBook, move: Move, at: int) -> list[Fill]:
    """What it fills."""
    if move.is_print:
        return book.printed(move.side, move.price, move.size, at)
    return book.set_level(move.side, move.price, move.size, at)


def a_resting(name: str, side: Side, price: int, size: int) -> Resting:
    """An order for the book, in YES terms and millionths."""
    order = Order(
        new=an_order(ALICE, TokenSide.BUY, price / 10_000, size / MICRO, id=name),
        market=MarketId("0xmarket"),
        status=OrderStatus.LIVE,
        matched=Size(0),
        created_at=MarketNs(0),
        trades=[],
    )
    return Resting(order, side, Price(price), size)
