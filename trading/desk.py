"""One trader's orders in one place: what works, what facts left open, what was refused, what is asked back."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from messages.account import GatewayStarted
from messages.orders import (
    NEVER,
    CancelMarket,
    CancelOrder,
    OrderAccepted,
    OrderDenied,
    OrderFilled,
    OrderRejected,
    PlaceOrder,
)
from messages.values import CommandId, MarketId, Price, RealNs, RoleName, Side
from trading.hesitation import Hesitation
from trading.working import REPEAT_NS, IntendedOrders, OrderFact, WorkingOrders


class OrderDesk:
    """Durable is only `intended`; the rest is what this incarnation asked for and starts empty."""

    def __init__(self) -> None:
        self.intended = IntendedOrders()
        self.working = WorkingOrders()
        self.hesitation = Hesitation()
        self._withdrawn_at: RealNs | None = None
        self._moved_at: dict[tuple[MarketId, Side], RealNs] = {}
        """Frames for which orders were asked back that are not replaced yet."""

    # What was heard.

    def hear(self, fact: OrderFact, now: RealNs, seen_at: RealNs) -> None:
        """Take a fact into account; `seen_at` is when the newest book was seen."""
        self.intended.hear(fact)
        order = self.working.hear(fact)
        if order is None:
            return
        match fact:
            case OrderAccepted():
                self.hesitation.accepted(order.side)
            case OrderDenied() if not order.is_canceling:
                self.hesitation.denied(fact, order, now)
            case OrderRejected():
                self.hesitation.rejected(order, fact.reason, seen_at, now)
            case _:
                pass

    def fill(self, fill: OrderFilled) -> None:
        """Part of an order is done. Only for fills that were not known."""
        self.working.fill(fill)

    def restart(self, started: GatewayStarted, now: RealNs) -> None:
        """A gateway took over: nothing rests, and what was asked for before is void."""
        self.intended.hear(started)
        self.working.void(now)
        self.hesitation.clear()
        self._withdrawn_at = None

    def turn(self) -> None:
        """The trader turns to another market: what was refused in the last one says nothing of it."""
        self.hesitation.clear()
        self._withdrawn_at = None
        self._moved_at.clear()

    # What is asked.

    def place(self, place: PlaceOrder, mid: Price) -> PlaceOrder:
        """Note an order that is asked for now; it is told how long the one before it kept it waiting."""
        self.working.note(place, mid)
        self._withdrawn_at = None
        moved_at = self._moved_at.pop((place.market, place.side), NEVER)
        return msgspec.structs.replace(place, mid=mid, moved_at=moved_at)

    def cancel(self, command: CommandId, now: RealNs, frame_at: RealNs = NEVER) -> CancelOrder:
        """Ask one order back; `frame_at`: when the frame came that caused it, if one did."""
        order = self.working.canceling(command, now)
        if frame_at != NEVER:
            self._moved_at.setdefault((order.market, order.side), frame_at)
        return CancelOrder(command=order.command, market=order.market)

    def forget_moves(self, market: MarketId) -> None:
        """A side on which nothing is open and nothing was placed waits for more than a cancel."""
        open_sides = {order.side for order in self.working.of(market)}
        for key in [key for key in self._moved_at if key[0] == market and key[1] not in open_sides]:
            del self._moved_at[key]

    def cancel_again(self, now: RealNs) -> Iterator[CancelOrder]:
        """Ask again for what was asked back and is not closed a second later."""
        for order in self.working.to_cancel_again(now):
            yield CancelOrder(command=order.command, market=order.market)

    def withdraw(self, market: MarketId, owner: RoleName, now: RealNs) -> Iterator[CancelMarket]:
        """Have everything in this market taken back: once, and again each second until nothing is left."""
        if not self.is_busy(market, owner):
            self._withdrawn_at = None
        elif self._withdrawn_at is None or now - self._withdrawn_at >= REPEAT_NS:
            self._withdrawn_at = now
            self._moved_at.clear()  # what follows a withdrawal waited for more than a cancel
            self.working.asked_back(market, now)
            yield CancelMarket(market=market, owner=owner)

    def withdraw_all(self, owner: RoleName, market: MarketId | None) -> Iterator[CancelMarket]:
        """After a restart: nothing an earlier life asked for may stay, be it known from facts or on its way."""
        markets = self.intended.markets_of(owner)
        if market is not None and market not in markets:
            markets.append(market)
        for each in markets:
            yield CancelMarket(market=each, owner=owner)

    # How it stands.

    def has_leftovers(self, market: MarketId, owner: RoleName) -> bool:
        """Orders of an earlier life, or ones given up for lost, are open here after all."""
        return self.intended.leftovers(owner, market, self.working) > 0

    def is_busy(self, market: MarketId, owner: RoleName) -> bool:
        """Something of ours is open here, or may come to be."""
        return bool(self.working.of(market)) or self.has_leftovers(market, owner)
