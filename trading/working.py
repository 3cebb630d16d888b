"""A trader's own orders: the volatile view of what it asked for, and the durable one of what facts left open."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from messages.account import GatewayStarted
from messages.orders import (
    AnswerLost,
    OrderAccepted,
    OrderCanceled,
    OrderCompleted,
    OrderDenied,
    OrderExpired,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    OrderVoided,
    PlaceOrder,
)
from messages.values import SECOND, CommandId, MarketId, OrderId, Price, RealNs, RoleName, Side, Size

SILENCE_NS = 2 * SECOND
"""An order nobody spoke of for so long was never taken: the gateway denies what is older than a second."""
LATE_NS = SECOND
"""The gateway denies what was decided longer ago."""
REPEAT_NS = SECOND
"""A cancel that was not answered by then is asked again."""

Closed = OrderDenied | OrderVoided | OrderRejected | OrderCompleted | OrderCanceled | OrderExpired
"""Facts after which an order is nowhere."""
OrderFact = Closed | OrderIntended | OrderAccepted | AnswerLost


class Progress(StrEnum):
    """How far an order got, by what was heard."""

    ASKED = "asked"
    INTENDED = "intended"
    RESTING = "resting"
    UNKNOWN = "unknown"


class WorkingOrder(msgspec.Struct, kw_only=True):
    """One order of ours that may rest, or may come to."""

    command: CommandId
    market: MarketId
    side: Side
    price: Price
    size: Size
    leaves: Size
    mid: Price
    """The mid it was made for."""
    asked_at: RealNs
    progress: Progress = Progress.ASKED
    cancel_asked_at: RealNs | None = None

    @property
    def is_canceling(self) -> bool:
        """It was asked back; until its closing fact is heard it may fill."""
        return self.cancel_asked_at is not None

    @property
    def is_resting(self) -> bool:
        """The venue has it and nobody wants it back."""
        return self.progress is Progress.RESTING and not self.is_canceling


class WorkingOrders:
    """Orders this incarnation asked for, by the name it gave them. Starts empty after a restart."""

    def __init__(self) -> None:
        self._orders: dict[CommandId, WorkingOrder] = {}

    def __len__(self) -> int:
        return len(self._orders)

    def __contains__(self, command: object) -> bool:
        return command in self._orders

    def void(self, now: RealNs) -> None:
        """A gateway took over: nothing rests, and only what was asked for a moment ago may still be taken.

        That is a request which crossed its start on the way; it is denied, taken, or forgotten as silent.
        """
        self._orders = {
            command: order
            for command, order in self._orders.items()
            if order.progress is Progress.ASKED and now - order.asked_at <= LATE_NS
        }

    def note(self, place: PlaceOrder, mid: Price) -> None:
        """We ask for this order, made for this mid."""
        self._orders[place.command] = WorkingOrder(
            command=place.command,
            market=place.market,
            side=place.side,
            price=place.price,
            size=place.size,
            leaves=place.size,
            mid=mid,
            asked_at=place.decided_at,
        )

    def hear(self, fact: OrderFact) -> WorkingOrder | None:
        """Take a fact into account; the order, when it was ours (closed ones are gone then)."""
        order = self._orders.get(fact.command)
        if order is None:
            return None
        match fact:
            case OrderIntended():
                order.progress = Progress.INTENDED
            case OrderAccepted():
                order.progress = Progress.RESTING
            case AnswerLost():
                order.progress = Progress.UNKNOWN
            case _:
                del self._orders[fact.command]
        return order

    def fill(self, fill: OrderFilled) -> None:
        """Part of an order is done. Only for fills that were not known."""
        order = self._orders.get(fill.command)
        if order is not None:
            order.leaves = Size(max(0, order.leaves - fill.size))

    def of(self, market: MarketId, side: Side | None = None) -> list[WorkingOrder]:
        """Orders in one market, oldest first."""
        return [
            order
            for order in self._orders.values()
            if order.market == market and (side is None or order.side is side)
        ]

    def resting(self, market: MarketId) -> list[tuple[Side, Price, Size]]:
        """What the venue's book shows of us in this market."""
        return [
            (order.side, order.price, order.leaves)
            for order in self._orders.values()
            if order.market == market and order.progress is Progress.RESTING
        ]

    def forget_silent(self, now: RealNs) -> list[WorkingOrder]:
        """Drop orders that nobody ever spoke of; those."""
        silent = [
            order
            for order in self._orders.values()
            if order.progress is Progress.ASKED and now - order.asked_at > SILENCE_NS
        ]
        for order in silent:
            del self._orders[order.command]
        return silent

    def to_cancel_again(self, now: RealNs) -> list[WorkingOrder]:
        """Orders asked back longer ago than an answer takes; they count as asked back now."""
        late = [
            order
            for order in self._orders.values()
            if order.cancel_asked_at is not None and now - order.cancel_asked_at >= REPEAT_NS
        ]
        for order in late:
            order.cancel_asked_at = now
        return late

    def canceling(self, command: CommandId, now: RealNs) -> WorkingOrder:
        """This order is asked back; it must be one of ours."""
        order = self._orders[command]
        order.cancel_asked_at = now
        return order

    def asked_back(self, market: MarketId, now: RealNs) -> None:
        """Everything in this market is asked back."""
        for order in self.of(market):
            order.cancel_asked_at = now


class IntendedOrder(msgspec.Struct):
    """An order that left, or was about to, and has not come to its end."""

    command: CommandId
    market: MarketId
    owner: RoleName
    is_resting: bool = False


class IntendedOrders:
    """Every trader's orders that facts left without an end. Durable: a fold of facts alone."""

    def __init__(self) -> None:
        self._orders: dict[OrderId, IntendedOrder] = {}

    def hear(self, fact: OrderFact | GatewayStarted) -> None:
        """Take a fact into account."""
        match fact:
            case GatewayStarted():
                self._orders.clear()
            case OrderIntended():
                self._orders[fact.order] = IntendedOrder(fact.command, fact.market, fact.owner)
            case OrderAccepted():
                order = self._orders.get(fact.order)
                if order is not None:  # else its end was committed first: it was said in a shorter breath
                    order.is_resting = True
            case OrderDenied() | AnswerLost():
                pass
            case _:
                self._orders.pop(fact.order, None)

    @property
    def resting(self) -> int:
        """How many the venue has on its book."""
        return sum(order.is_resting for order in self._orders.values())

    def markets_of(self, owner: RoleName) -> list[MarketId]:
        """Markets where this owner has any."""
        return list(dict.fromkeys(order.market for order in self._orders.values() if order.owner == owner))

    def leftovers(self, owner: RoleName, market: MarketId, working: WorkingOrders) -> int:
        """Orders of this owner in this market that it does not know as its own: of an earlier life."""
        return sum(
            order.owner == owner and order.market == market and order.command not in working
            for order in self._orders.values()
        )
