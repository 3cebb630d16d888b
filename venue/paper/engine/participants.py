"""Others who trade in person: a crowd whose every order has its own place in the queue, and what it may do.

A tape (see `tape`) says what a book looked like; participants make it. They act when their time comes, in terms
of YES, and hear what became of their orders. Nothing they do by themselves may depend on what accounts do, apart
from executions and what follows from them.
"""

from __future__ import annotations

from typing import Protocol

from messages.values import MarketNs, Price, Side, Size
from venue.paper.engine.terms import Market


class Lot:
    """A participant's resting order; compared by identity."""

    __slots__ = ("leaves", "price", "side", "who")

    def __init__(self, who: int, side: Side, price: Price, size: int) -> None:
        self.who = who
        """Whichever number the participants give their own."""
        self.side = side
        self.price = price
        self.leaves = size


class Pit(Protocol):
    """One market's book as its participants use it, at the moment in which they act. Prices are those of YES."""

    @property
    def now(self) -> MarketNs:
        """Market time."""

    @property
    def market(self) -> Market:
        """Its tick, its fee rate, whether it takes orders."""

    def best(self, side: Side) -> Price | None:
        """The best price of a side, accounts' orders included; None when the side is empty."""

    def visible(self, side: Side, price: Price) -> Size:
        """All that rests at a price, accounts' orders included."""

    def accounts_best(self, side: Side) -> Price | None:
        """The best price at which an account's order rests; None when there is none."""

    def place(self, lot: Lot) -> bool:
        """Join the back of the queue, post-only. False, and nothing happened, if it would cross."""

    def pull(self, lot: Lot) -> None:
        """Take a lot off; one that is gone already is passed over."""

    def take(self, side: Side, limit: Price, size: int) -> int:
        """Buy (BID) or sell (ASK) at once up to `size` millionths of shares, no worse than `limit`; the rest is
        forgotten. Returns what was executed. One print is told for each price."""

    def accounts_take(self, side: Side, limit: Price, size: int) -> int:
        """As `take`, but only from accounts' orders at prices that no lot rests ahead of."""

    def set_tick(self, tick: Price) -> None:
        """Change the price grid. Orders off the new grid stay until they are taken back."""

    def stop_orders(self) -> None:
        """The market takes no more orders, and those that rest are taken back."""

    def resolve(self, yes_wins: bool | None) -> None:
        """The outcome: YES, NO, or (None) half each. Resting orders are canceled, tokens can be redeemed."""


class Participants(Protocol):
    """All who trade in one market by themselves."""

    @property
    def market(self) -> Market:
        """The market as it is when it is listed, newly made each time."""

    def next_at(self) -> int | None:
        """When they act next, nanoseconds after market second 0, never back in time; None: never again."""

    def open(self, pit: Pit, since: int) -> None:
        """The market begins, or is taken up again, `since` nanoseconds after market second 0: fill the book."""

    def act(self, pit: Pit) -> None:
        """Do what is due at `next_at`; afterwards `next_at` is later, or None."""

    def filled(self, lot: Lot, size: int, by_account: bool) -> None:
        """A lot was hit for `size`, by an account's order or by another participant; it may be gone."""
