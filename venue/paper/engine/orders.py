"""The orders of our accounts from acceptance to their end: who has which, and what they hold back."""

from __future__ import annotations

from messages.values import MarketNs, OrderId, RealNs, Size, TradeId
from venue.paper.engine.accounts import Accounts
from venue.paper.engine.book import Resting
from venue.paper.engine.funds import tied_by
from venue.paper.engine.news import News
from venue.paper.engine.room import Room
from venue.paper.engine.terms import NewOrder, Order, OrderStatus
from venue.paper.ledger.ledger import Ledger


class Orders:
    """Keeps reservations, history and news of orders in step; knows nothing of matching."""

    def __init__(self, accounts: Accounts, ledger: Ledger, news: News, real_at: RealNs) -> None:
        self._accounts = accounts
        self._ledger = ledger
        self._news = news
        self.real_at = real_at
        """Real time of what is happening, set by the exchange before each call."""
        self._resting: dict[str, dict[OrderId, tuple[Room, Resting]]] = {}
        self._delayed: dict[str, dict[OrderId, Order]] = {}

    def of(self, owner: str) -> dict[OrderId, tuple[Room, Resting]]:
        """An owner's resting orders, oldest first."""
        return self._resting.get(owner, {})

    def of_maker(self, maker: str) -> list[tuple[Room, Resting]]:
        """The resting orders of an address, whoever's key they came with, oldest first."""
        found = [
            (room, resting)
            for owned in self._resting.values()
            for room, resting in owned.values()
            if resting.order.new.maker == maker
        ]
        return sorted(found, key=lambda entry: entry[1].order.created_at)

    def delayed(self, owner: str) -> dict[OrderId, Order]:
        """An owner's orders that wait for their taker delay to end, oldest first."""
        return self._delayed.get(owner, {})

    def accept(
        self, new: NewOrder, room: Room, at: MarketNs, status: OrderStatus = OrderStatus.LIVE
    ) -> Order:
        """The order exists from here on."""
        order = Order(
            new=new, market=room.market.id, status=status, matched=Size(0), created_at=at, trades=[]
        )
        self._ledger.add_order(order, self.real_at)
        self._news.order(order, "PLACEMENT")
        return order

    def delay(self, order: Order) -> None:
        """It waits, unseen, and holds back what it would on the book."""
        self._delayed.setdefault(order.new.owner, {})[order.new.id] = order
        self._reserve(order, 1)

    def release(self, order: Order) -> None:
        """It waits no more and holds nothing back."""
        del self._delayed[order.new.owner][order.new.id]
        self._reserve(order, -1)

    def rest(self, room: Room, resting: Resting, at: MarketNs) -> None:
        """What is left of it joins the book."""
        new = resting.order.new
        room.book.rest(resting, int(at))
        room.open[new.id] = resting
        owned = self._resting.get(new.owner)
        if owned is None:
            owned = self._resting[new.owner] = {}
        owned[new.id] = (room, resting)
        self._tie(resting)

    def took(self, order: Order, size: int, trade: TradeId) -> None:
        """A piece of it matched on entry."""
        order.matched = Size(order.matched + size)
        order.trades.append(trade)

    def fill(self, room: Room, resting: Resting, size: int, trade: TradeId, at: MarketNs) -> None:
        """A piece of it matched while it rested; the book has taken it off when nothing is left."""
        order = resting.order
        self._untie(resting)
        self.took(order, size, trade)
        if order.leaves:
            self._tie(resting)
            self._news.order(order, "UPDATE")
        else:
            self._forget(room, order)
            self.end(order, OrderStatus.MATCHED, "matched", at)

    def remove(self, room: Room, resting: Resting, status: OrderStatus, reason: str, at: MarketNs) -> None:
        """It leaves the book unfilled."""
        room.book.remove(resting)
        self._forget(room, resting.order)
        self._untie(resting)
        self.end(resting.order, status, reason, at)

    def end(self, order: Order, status: OrderStatus, reason: str, at: MarketNs) -> None:
        """Its last word."""
        order.status = status
        self._ledger.end_order(order, at, self.real_at, reason)
        self._news.order(order, "UPDATE" if status is OrderStatus.MATCHED else "CANCELLATION")

    def partly_taken(self, order: Order) -> None:
        """It matched on entry and something is left."""
        self._news.order(order, "UPDATE")

    def _forget(self, room: Room, order: Order) -> None:
        del room.open[order.new.id]
        del self._resting[order.new.owner][order.new.id]

    def _tie(self, resting: Resting) -> None:
        """Hold back what its leaves may cost, and remember how much that is."""
        order = resting.order
        asset, amount = resting.tied = tied_by(order)
        self._accounts.of(order.new.maker).reserve(asset, order.market, amount)

    def _untie(self, resting: Resting) -> None:
        order, (asset, amount) = resting.order, resting.tied
        self._accounts.of(order.new.maker).reserve(asset, order.market, -amount)

    def _reserve(self, order: Order, sign: int) -> None:
        """Hold back (or let go, -1) what the leaves of an order that does not rest may cost."""
        asset, amount = tied_by(order)
        self._accounts.of(order.new.maker).reserve(asset, order.market, sign * amount)
