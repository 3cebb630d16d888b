"""An order's life in the words of the execution engine's document (spec 002): a projection of ours."""

from __future__ import annotations

from enum import StrEnum

from trading.orders import Order, Status


class State(StrEnum):
    """What people are shown."""

    PENDING = "PENDING"
    SUBMITTED = "SUBMITTED"
    OPEN = "OPEN"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"


STATES: dict[Status, State] = {
    Status.INTENDED: State.PENDING,
    Status.SENT: State.SUBMITTED,
    Status.RESTING: State.OPEN,
    Status.CANCELING: State.OPEN,
    Status.UNKNOWN: State.SUBMITTED,
    Status.FILLED: State.FILLED,
    Status.CANCELED: State.CANCELLED,
    Status.REJECTED: State.REJECTED,
    Status.EXPIRED: State.EXPIRED,
    Status.VOIDED: State.FAILED,
}
"""A partial fill is not in it: that is a resting order of which some is gone."""


def state_of(order: Order) -> State:
    """The word for how an order is now."""
    state = STATES[order.status]
    if state is not State.OPEN or not order.filled:
        return state
    return State.PARTIALLY_FILLED if order.leaves else State.FILLED
