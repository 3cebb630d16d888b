"""Where participants meet the floor: one market's book as they use it, and their turns in market time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from messages.values import MarketNs, Price, Side, Size
from venue.paper.engine.book import Fill
from venue.paper.engine.floor import Floor
from venue.paper.engine.order_book import OrderBook
from venue.paper.engine.participants import Lot, Participants
from venue.paper.engine.room import Room
from venue.paper.engine.terms import Market, TokenSide

COARSE, FINE = Price(10_000), Price(1_000)
LOW, HIGH = Price(40_000), Price(960_000)
"""A market of the coarse grid gets the fine one when its mid lies beyond these."""


class RoomPit:
    """The `Pit` of one room. A match with an account is a trade; among participants it is a print and no more."""

    def __init__(self, floor: Floor, room: Room, book: OrderBook) -> None:
        self._floor = floor
        self._room = room
        self._book = book
        self.best = book.best
        self.visible = book.visible
        self.accounts_best = book.accounts_best
        self.place = book.place
        self.pull = book.pull

    @property
    def now(self) -> MarketNs:
        """Market time."""
        return self._floor.now

    @property
    def market(self) -> Market:
        """As the engine keeps it; not to be changed by its reader."""
        return self._room.market

    def take(self, side: Side, limit: Price, size: int) -> int:
        """Buy (BID) or sell (ASK) at once up to `size`; returns what was executed."""
        return self._meet(side, self._book.take(side, limit, size))

    def accounts_take(self, side: Side, limit: Price, size: int) -> int:
        """As `take`, from accounts' orders that no lot rests ahead of."""
        return self._meet(side, self._book.take_accounts(side, limit, size))

    def set_tick(self, tick: Price) -> None:
        """Change the price grid."""
        self._floor.set_tick(self._room, tick)

    def stop_orders(self) -> None:
        """The market takes no more orders; all that rest are gone, whoever's they were."""
        self._book.pull_all()
        self._floor.stop_orders(self._room)

    def resolve(self, yes_wins: bool | None) -> None:
        """The outcome: YES, NO, or (None) half each."""
        self._book.pull_all()
        self._floor.resolve(self._room, yes_wins)

    def _meet(self, side: Side, fills: Sequence[Fill]) -> int:
        done = 0
        for _, group in groupby(fills, key=_price):
            done += self._meet_at_price(side, list(group))
        return done

    def _meet_at_price(self, side: Side, fills: list[Fill]) -> int:
        floor, room = self._floor, self._room
        size = sum(fill.size for fill in fills)
        if any(fill.resting is not None for fill in fills):
            floor.settle_background(room, side, fills)
        else:
            action = TokenSide.BUY if side is Side.BID else TokenSide.SELL
            floor.tell_print(room, room.market.yes, action, fills[0].price, Size(size))
            for fill in fills:
                if fill.lot is not None:
                    room.hit(fill.lot, fill.size, False)
        return size


class PitPlayer:
    """The turns of one market's participants."""

    def __init__(self, floor: Floor, room: Room, book: OrderBook, participants: Participants) -> None:
        self._floor = floor
        self._room = room
        self._pit = RoomPit(floor, room, book)
        self._participants = participants
        self.next_at = participants.next_at
        self.moved: Callable[[], None] = lambda: None
        """To be called when an account's order may have changed when they act next."""
        room.hit = self._hit

    def open(self, since: int) -> None:
        """The market begins, or is taken up again."""
        self._participants.open(self._pit, since)
        self._floor.finish(self._room)

    def play(self) -> None:
        """They do what is due."""
        self._participants.act(self._pit)
        if self._room.market.tick == COARSE:
            self._refine()
        self._floor.finish(self._room)

    def _refine(self) -> None:
        """The grid becomes finer, for good, when the mid comes near an end (VENUE §5.2)."""
        bid, ask = self._pit.best(Side.BID), self._pit.best(Side.ASK)
        if bid is not None and ask is not None and not 2 * LOW <= bid + ask <= 2 * HIGH:
            self._floor.set_tick(self._room, FINE)

    def _hit(self, lot: Lot, size: int, by_account: bool) -> None:
        self._participants.filled(lot, size, by_account)
        if by_account:
            self.moved()


def _price(fill: Fill) -> Price:
    return fill.price
