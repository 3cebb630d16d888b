"""Orders that are asked for by their names: those whose answer was lost, and those a list does not show."""

from __future__ import annotations

from collections.abc import Iterator

from messages.orders import NEVER, OrderFound, OrderRead, ReadOrder
from messages.values import MS, RealNs, Size
from trading.orders import Order, OrderTable, Status
from trading.truth import is_old_enough

PAUSES_NS = tuple(ms * MS for ms in (200, 500, 1_000, 2_000, 4_000, 5_000))
"""Real time before each look, the last one for ever (RELIABILITY §2.6, step 8)."""
MOST = 16
"""Looks that begin at once."""


def looks(table: OrderTable, now: RealNs) -> Iterator[ReadOrder]:
    """The orders to be asked for now, each with growing pauses."""
    due = [order for order in table if _is_due(order, now)]
    for order in due[:MOST]:
        order.look_at = _next(order, now)
        order.looks += 1
        yield ReadOrder(order=order.id)


def note(order: Order, read: OrderRead) -> None:
    """What one look says about being there; what it says of fills the caller knows."""
    order.counts(read.matched or Size(0))
    if read.found is OrderFound.NONE:
        free_at = order.free_at or NEVER if order.status is Status.UNKNOWN else NEVER
        is_enough = order.none_at > free_at and is_old_enough(order, order.none_at)
        if order.is_missing or not is_enough:  # else it is known for longer
            order.none_at = max(order.none_at, read.begun_at, key=int)
    elif read.found is OrderFound.ENDED:
        order.is_off(read.begun_at, read.matched)
    else:
        order.is_there()


def _is_due(order: Order, now: RealNs) -> bool:
    if order.status is Status.UNKNOWN:
        return now >= order.look_at and now - order.unknown_at >= PAUSES_NS[0]
    return order.is_missing and now >= order.look_at


def _next(order: Order, now: RealNs) -> RealNs:
    """After the pause, or as soon as the quarantine is over: the look after it is the one that counts."""
    then = now + PAUSES_NS[min(order.looks + 1, len(PAUSES_NS) - 1)]
    free_at = order.free_at if order.status is Status.UNKNOWN else NEVER
    return min(then, free_at + 1, key=int) if free_at is not None and free_at > now else then
