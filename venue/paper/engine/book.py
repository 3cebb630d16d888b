"""What every book of the exchange offers its floor, and the words in which it answers. Prices are those of YES."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from messages.values import Price, Side, Size, TokenId
from venue.paper.engine.participants import Lot
from venue.paper.engine.terms import Order


class Resting:
    """An account's order on the book; compared by identity."""

    __slots__ = ("ahead", "echo", "leaves", "order", "price", "side", "tied")

    def __init__(self, order: Order, side: Side, price: Price, leaves: int) -> None:
        self.order = order
        self.side = side
        self.price = price
        self.leaves = leaves
        self.ahead = 0
        """Where the background has no orders of its own, only sizes: how much of them goes first."""
        self.tied: tuple[TokenId | None, int] = (None, 0)
        """What it holds back while it rests: a token, or (None) collateral, and how much of it."""
        self.echo = 0
        """Of the queue ahead, what vanished too lately to know whether a print will still explain it."""


class Fill(NamedTuple):
    """A piece of a match at one price, given by an account's order, by a participant's lot, or by a tape."""

    resting: Resting | None
    price: Price
    size: int
    lot: Lot | None = None


class Stake(NamedTuple):
    """A resting size and whose it is; `maker` is "" where the background has sizes and no owners."""

    maker: str
    side: Side
    price: Price
    size: Size


class Change(NamedTuple):
    """The size visible at one price is now this."""

    side: Side
    price: Price
    size: Size


class Book(Protocol):
    """Price-time matching on one question. Knows sizes and queues, nothing of balances."""

    hides: bool
    """Whether an order may hide a quote of the background, which shows when the order leaves."""

    def best(self, side: Side) -> Price | None:
        """The best visible price of a side."""

    def levels(self, side: Side) -> list[tuple[Price, Size]]:
        """Everything visible on a side, worst level first."""

    def others(self, side: Side, worst: Price) -> Iterator[Stake]:
        """What rests at `worst` or better and is no account's, best price first."""

    def visible(self, side: Side, price: Price) -> Size:
        """The size visible at a price."""

    def crosses(self, side: Side, price: Price) -> bool:
        """Whether an order would trade at once; equality trades."""

    def takeable(self, side: Side, limit: Price, size: int) -> int:
        """How much of `size` an order could get at once."""

    def take(self, side: Side, limit: Price, size: int) -> list[Fill]:
        """An order walks the other side, best price first, at each price by place in the queue."""

    def rest(self, resting: Resting, at: int) -> None:
        """Join the queue behind all that rests at the price now; `at` is nanoseconds of market time."""

    def remove(self, resting: Resting) -> None:
        """Take an order off. Call `uncover` when all that leave together have left."""

    def uncover(self, side: Side) -> list[Fill]:
        """Quotes of the background on a side, hidden by orders now gone, meet the orders still there."""

    def changes(self) -> list[Change]:
        """What became visible or vanished since the last call, each price once."""

    def forget_changes(self) -> bool:
        """As `changes`, for when nobody wants to know them; whether the book was touched at all."""
