"""One market on the floor: its rules, its book, and the orders our accounts have on it."""

from __future__ import annotations

from collections.abc import Callable

from messages.values import MarketNs, OrderId
from venue.paper.engine.book import Book, Resting
from venue.paper.engine.participants import Lot
from venue.paper.engine.terms import Market


class Room:
    """What the floor keeps of a market."""

    __slots__ = ("book", "changed_at", "hit", "market", "open", "prints", "replaced")

    def __init__(self, market: Market, book: Book, at: MarketNs) -> None:
        self.market = market
        self.book = book
        self.open: dict[OrderId, Resting] = {}
        self.changed_at = at
        self.replaced = False
        """The background's whole book came at once: tell a book, not its levels."""
        self.prints = 0
        """How many were told, so that each has a hash of its own."""
        self.hit: Callable[[Lot, int, bool], None] = _nobody
        """Who hears that a lot was hit, for what size, and whether by an account."""


def _nobody(lot: Lot, size: int, by_account: bool) -> None:
    raise TypeError(f"a lot of {lot.who} in a room without participants")
