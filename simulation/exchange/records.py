"""The venue's own history of one account, as it happens: the truth that beliefs are held against."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from messages.values import MarketId, MarketNs, OrderId, Price, RealNs, Size, TokenId, TradeId
from venue.paper.doors.listening import Listening
from venue.paper.engine.terms import MakerLeg, Order, OrderStatus, TokenSide, Trade, TradeStatus

ENDED = frozenset(OrderStatus) - {OrderStatus.LIVE, OrderStatus.DELAYED}


class Accepted(msgspec.Struct, kw_only=True):
    """An order of the account as the venue took it."""

    order: Order
    accepted_at: RealNs
    is_foreign: bool = False
    """Somebody else placed it on our account."""
    ended_at: RealNs | None = None
    ended_on: MarketNs | None = None
    fills: list[tuple[RealNs, Size]] = msgspec.field(default_factory=list)
    """How much of it was filled from each moment on, where that changed."""

    def as_of(self, at: RealNs) -> Order | None:
        """How it stood then; None where it did not rest."""
        if self.accepted_at > at or (self.ended_at is not None and self.ended_at <= at):
            return None
        matched = max((size for since, size in self.fills if since <= at), default=Size(0))
        return msgspec.structs.replace(self.order, status=OrderStatus.LIVE, matched=matched)

    @property
    def id(self) -> OrderId:
        """Its hash."""
        return self.order.new.id

    @property
    def is_live(self) -> bool:
        """Whether it rests."""
        return self.ended_at is None


class OwnLeg(msgspec.Struct, frozen=True, kw_only=True):
    """The account's part in a trade, in its own token's terms."""

    trade: TradeId
    order: OrderId
    market: MarketId
    token: TokenId
    side: TokenSide
    price: Price
    size: Size
    matched_at: MarketNs

    @property
    def change(self) -> int:
        """Of the token's balance, millionths."""
        return self.size if self.side is TokenSide.BUY else -self.size


class Watcher:
    """Hears of every acceptance, end, match and settlement step, in their order; each method does nothing here."""

    def order_accepted(self, accepted: Accepted) -> None:
        """It exists at the venue."""

    def order_ended(self, accepted: Accepted) -> None:
        """It is off the book."""

    def matched(self, leg: OwnLeg) -> None:
        """A new match of ours."""

    def settled(self, leg: OwnLeg, status: TradeStatus) -> None:
        """A step of its settlement."""


class Records(Listening):
    """Keeps what is ours. Orders are those of one owner, copied as they change."""

    def __init__(
        self, owner: str, real_now: Callable[[], RealNs], market_now: Callable[[], MarketNs]
    ) -> None:
        self.owner = owner
        self.orders: dict[OrderId, Accepted] = {}
        self.live: dict[OrderId, Accepted] = {}
        self.trades: dict[TradeId, Trade] = {}
        """Every match we have a part in, in the order of matching; the engine's own, changing objects."""
        self.legs: dict[tuple[TradeId, OrderId], OwnLeg] = {}
        self.statuses: dict[TradeId, TradeStatus] = {}
        self.matched_at: dict[TradeId, RealNs] = {}
        self.failed_at: dict[TradeId, RealNs] = {}
        self.foreign: set[OrderId] = set()
        """Orders on our account that are not of this house."""
        self.watchers: list[Watcher] = []
        self._real_now = real_now
        self._market_now = market_now

    def order_changed(self, order: Order, kind: str) -> None:
        """An order of ours or of somebody else."""
        if order.new.owner != self.owner:
            return
        known = self.orders.get(order.new.id)
        if known is None:
            if order.status in (OrderStatus.UNMATCHED, OrderStatus.CANCELED):
                return  # refused for what it met: it never existed
            known = self.orders[order.new.id] = Accepted(
                order=order, accepted_at=self._real_now(), is_foreign=order.new.id in self.foreign
            )
            self.live[order.new.id] = known
            for watcher in self.watchers:
                watcher.order_accepted(known)
        known.order = order
        if order.matched:
            known.fills.append((self._real_now(), order.matched))
        if order.status in ENDED and known.ended_at is None:
            known.ended_at, known.ended_on = self._real_now(), self._market_now()
            del self.live[order.new.id]
            for watcher in self.watchers:
                watcher.order_ended(known)

    def trade_changed(self, trade: Trade) -> None:
        """A new match, or a step of its settlement."""
        if trade.id not in self.trades:
            legs = own_legs(trade, self.owner)
            if not legs:
                return
            self.trades[trade.id], self.matched_at[trade.id] = trade, self._real_now()
            for leg in legs:
                self.legs[leg.trade, leg.order] = leg
                for watcher in self.watchers:
                    watcher.matched(leg)
        self.statuses[trade.id] = trade.status
        if trade.status is TradeStatus.FAILED:
            self.failed_at[trade.id] = self._real_now()
        for leg in own_legs(trade, self.owner):
            for watcher in self.watchers:
                watcher.settled(leg, trade.status)


def own_legs(trade: Trade, owner: str) -> list[OwnLeg]:
    """What of a trade is an owner's."""
    found = [leg for leg in trade.legs if leg.owner == owner]
    if trade.taker_owner == owner:
        found.append(
            MakerLeg(
                order=trade.taker_order,
                owner=owner,
                maker=trade.taker_maker,
                token=trade.token,
                side=trade.side,
                price=trade.price,
                size=trade.size,
            )
        )
    return [
        OwnLeg(
            trade=trade.id,
            order=leg.order,
            market=trade.market,
            token=leg.token,
            side=leg.side,
            price=leg.price,
            size=leg.size,
            matched_at=trade.matched_at,
        )
        for leg in found
    ]
