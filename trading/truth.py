"""What the venue's own list says about our orders: which of them are gone, which were never there."""

from __future__ import annotations

from collections.abc import Iterator

from messages.account import AccountRead
from messages.orders import (
    NEVER,
    OrderAccepted,
    OrderCanceled,
    OrderCompleted,
    OrderExpired,
    OrderVoided,
)
from messages.values import SECOND, OrderId, RealNs
from trading.orders import Order, OrderTable, Status

QUARANTINE_NS = 15 * SECOND
"""Real time after an answer was given up for lost in which its order may still come to rest: the client's
timeout plus the venue's queueing. Longer than counting from its sending, which is not always known."""
DUST = 10_000
"""Millionths of a share (0.01): a fill this close to the whole is the whole."""

EXPIRED = "expired"
"""`Order.why` of an order whose own time ran out."""

Closing = OrderCompleted | OrderCanceled | OrderExpired | OrderVoided


def close(order: Order, why: str) -> Closing:
    """The Event that ends an order which is off the book with all its fills known."""
    intended = order.intended
    if order.filled + DUST > intended.size:
        return OrderCompleted(
            order=order.id, command=intended.command, market=intended.market, owner=intended.owner
        )
    if why == EXPIRED:
        return OrderExpired(
            order=order.id,
            command=intended.command,
            market=intended.market,
            owner=intended.owner,
            filled=order.filled,
        )
    return OrderCanceled(
        order=order.id,
        command=intended.command,
        market=intended.market,
        owner=intended.owner,
        filled=order.filled,
        reason=why,
    )


def void(order: Order, why: str) -> Closing:
    """The Event that ends an order which never reached the book."""
    if order.filled:
        return close(order, why)
    intended = order.intended
    return OrderVoided(
        order=order.id,
        command=intended.command,
        market=intended.market,
        owner=intended.owner,
        reason=why,
    )


def accepted(order: Order, sent_at: RealNs) -> OrderAccepted:
    """The Event that says an order rests."""
    intended = order.intended
    return OrderAccepted(
        order=order.id,
        command=intended.command,
        market=intended.market,
        owner=intended.owner,
        side=intended.side,
        price=intended.price,
        size=intended.size,
        sent_at=sent_at,
    )


def settled_end(order: Order) -> Closing | None:
    """The end of an order that is filled up, or off the book with every fill it had; None while neither."""
    if not order.is_open:
        return None
    if order.filled + DUST > order.intended.size:
        return close(order, "filled")
    if order.venue_matched is not None and order.filled + DUST > order.venue_matched:
        return close(order, order.why or "canceled")
    return None


def judged_by(read: AccountRead, table: OrderTable) -> Iterator[Closing | OrderAccepted]:
    """What a read of the account proves, its trades applied before.

    An order missing from the list is gone only if the list was asked for after its acceptance was known
    (rule R2), and, when its answer was lost, after the quarantine or after the venue said that it took it off.
    Nothing that is missing says anything of an order that a trade names which could not be read.
    """
    listed = {order.order: order for order in read.orders}
    doubtful = frozenset(read.doubtful)
    for order in table:
        found = listed.get(order.id)
        if found is not None:
            if order.status in (Status.UNKNOWN, Status.INTENDED):
                yield accepted(order, NEVER)
            continue
        if order.id in doubtful:
            continue
        if order.status in (Status.RESTING, Status.CANCELING):
            if order.accepted_at < read.begun_at:
                yield close(order, order.why or ("canceled" if order.cancel_wanted else "gone at the venue"))
        elif order.status is Status.UNKNOWN:
            if NEVER < order.off_at < read.begun_at:
                yield close(order, order.why or "canceled")
            elif order.unknown_at + QUARANTINE_NS < read.begun_at:
                yield void(order, "not at the venue")


def foreign(read: AccountRead, table: OrderTable) -> tuple[OrderId, ...]:
    """Orders at the venue that are not ours to know."""
    return tuple(order.order for order in read.orders if table.get(order.order) is None)


def still_there(read: AccountRead, table: OrderTable) -> tuple[OrderId, ...]:
    """Orders that are listed although we hold them for closed, or want them off."""
    found = []
    for listed in read.orders:
        order = table.get(listed.order)
        if order is not None and (not order.is_open or order.cancel_wanted):
            found.append(listed.order)
    return tuple(found)
