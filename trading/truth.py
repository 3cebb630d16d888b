"""What the venue's own list says about our orders: which of them are gone, which were never there."""

from __future__ import annotations

from collections.abc import Iterator

from messages.account import AccountRead, OpenOrder
from messages.orders import (
    NEVER,
    OrderAccepted,
    OrderAnswered,
    OrderCanceled,
    OrderCompleted,
    OrderExpired,
    OrderVoided,
)
from messages.values import SECOND, OrderId, RealNs
from trading.orders import DUST, Order, OrderTable, Status

EXPIRED = "expired"
"""`Order.why` of an order whose own time ran out."""

OWED_NS = 60 * SECOND
"""Real time after which trades that the venue counts and does not list are no delay any more."""

LATE_NS = 5 * SECOND
"""Real time after which a list shows every trade. Until then the absence of one says nothing of an order whose fills
nobody counted: only the user stream does as it goes off, asked by name the venue has nothing any more (V11)."""

Closing = OrderCompleted | OrderCanceled | OrderExpired | OrderVoided


def close(order: Order, why: str) -> Closing:
    """The Event that ends an order which is off the book with all its fills known."""
    intended = order.intended
    if order.filled + DUST > intended.size:
        return OrderCompleted(
            order=order.id,
            command=intended.command,
            market=intended.market,
            owner=intended.owner,
            cancel_asked_at=order.cancel_asked_at,
        )
    if why == EXPIRED:
        return OrderExpired(
            order=order.id,
            command=intended.command,
            market=intended.market,
            owner=intended.owner,
            filled=order.filled,
            cancel_asked_at=order.cancel_asked_at,
            off_at=order.off_at,
        )
    return OrderCanceled(
        order=order.id,
        command=intended.command,
        market=intended.market,
        owner=intended.owner,
        filled=order.filled,
        reason=why,
        cancel_asked_at=order.cancel_asked_at,
        off_at=order.off_at,
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


def times(answered: OrderAnswered | None) -> dict[str, RealNs]:
    """When the legs of an order's way were done, as far as its answer says."""
    if answered is None:
        return {}
    return {
        "durable_at": answered.durable_at,
        "sent_at": answered.sent_at,
        "answered_at": answered.answered_at,
    }


def accepted(order: Order, answered: OrderAnswered | None = None) -> OrderAccepted:
    """The Event that says an order rests, by the answer to its sending or by what was seen of it."""
    intended = order.intended
    return OrderAccepted(
        order=order.id,
        command=intended.command,
        market=intended.market,
        owner=intended.owner,
        side=intended.side,
        price=intended.price,
        size=intended.size,
        **{"sent_at": NEVER, **times(answered)},
    )


def settled_end(order: Order) -> Closing | None:
    """The end of an order that is filled up, or off the book with every fill it had; None while neither."""
    if not order.is_open:
        return None
    if order.filled + DUST > order.intended.size:
        return close(order, "filled")
    if order.venue_matched is not None and not order.lacks_fills:
        return close(order, order.why or "canceled")
    return None


def judged_by(read: AccountRead, table: OrderTable) -> Iterator[Closing | OrderAccepted]:
    """What a read of the account proves, its trades applied before.

    The list of open orders was asked for before the trades (rule R4). An order missing from it is gone only if
    the list was asked for after its acceptance was known (rule R2), and after the venue took it off by its own
    word (rule R1) or did not have it when asked by its name: a list may be late. So may the trades: unless the
    user stream said how much was filled, they count when they were read `LATE_NS` after that. One whose answer was
    lost never came if all were asked for after its quarantine. Nothing that is missing says anything of an order that a
    trade names which could not be read, or of any where such a trade names none.
    """
    listed = {order.order: order for order in read.orders}
    doubtful = frozenset(read.doubtful)
    for order in table:
        found = listed.get(order.id)
        if found is not None:
            order.is_there()
            order.counts(found.matched)
            if order.off_at < read.begun_at:
                order.off_at = NEVER  # whoever said that it is off was wrong
            if order.status in (Status.UNKNOWN, Status.INTENDED):
                yield accepted(order)
            continue
        if read.unnamed or order.id in doubtful:
            continue
        end = _never_came(order, read) if order.status is Status.UNKNOWN else _gone(order, read)
        if end is not None:
            yield end


def _gone(order: Order, read: AccountRead) -> Closing | None:
    """The end of an order that was on the book and is not listed; None while that proves nothing."""
    if order.status not in (Status.RESTING, Status.CANCELING) or not _knows_of(order, read.begun_at):
        return None
    if _awaits_fills(order):
        return None
    is_off = NEVER < order.off_at < read.begun_at
    if not is_off and not (is_old_enough(order, order.none_at) and order.none_at < read.begun_at):
        order.missing_at = max(order.missing_at, read.begun_at, key=int)
        return None
    if not _shows_all(read, order, order.off_at if is_off else order.none_at):
        return None
    if order.lacks_fills:
        order.off_at = read.begun_at  # what the venue counts is waited for from now on
        return None
    return close(order, order.why or ("canceled" if order.cancel_wanted else "gone at the venue"))


def _never_came(order: Order, read: AccountRead) -> Closing | None:
    """The end of an order whose answer was lost and that is nowhere."""
    if _awaits_fills(order):
        return None
    if NEVER < order.off_at < read.begun_at and _shows_all(read, order, order.off_at):
        return close(order, order.why or "canceled")
    if order.free_at is not None and order.free_at < order.none_at < read.begun_at:
        if order.lacks_fills:
            order.off_at = read.begun_at
            return None
        return void(order, "not at the venue") if _shows_all(read, order, order.none_at) else None
    return None


def _knows_of(order: Order, at: RealNs) -> bool:
    """Whether what was asked for then could show an order: its acceptance was known (rule R2)."""
    return order.accepted_at < at


def is_old_enough(order: Order, at: RealNs) -> bool:
    """Whether not to have it by its name proved something then: what answers may be late as well."""
    return _knows_of(order, at) and order.accepted_at + LATE_NS < at


def _shows_all(read: AccountRead, order: Order, gone_at: RealNs) -> bool:
    """Whether a read lists every fill of an order that was gone then: it is late enough, or the count is known."""
    return order.venue_matched is not None or read.begun_at > gone_at + LATE_NS


def _awaits_fills(order: Order) -> bool:
    """It is off, and trades that the venue counts for it are not listed: what it may have done stays counted."""
    return order.off_at != NEVER and order.lacks_fills


def is_off(order: Order) -> bool:
    """The venue said that it does not rest any more, or has it neither on the list nor by its name."""
    if order.off_at != NEVER:
        return True
    return order.status in (Status.RESTING, Status.CANCELING) and is_old_enough(order, order.none_at)


def is_owed(order: Order, now: RealNs) -> bool:
    """Trades that the venue counts for it are missing for so long that a person has to decide."""
    return _awaits_fills(order) and now >= order.off_at + OWED_NS


def foreign(read: AccountRead, table: OrderTable) -> tuple[OrderId, ...]:
    """Orders at the venue that are not ours to know."""
    return tuple(order.order for order in read.orders if table.get(order.order) is None)


def _rests(order: Order, listed: OpenOrder) -> bool:
    """Of an order that counts as filled a last grain is on the book: the list knows of every fill that we know.

    A row that names no market could not be read, and says nothing of fills.
    """
    return order.remainder > 0 and (not listed.market or listed.matched >= order.filled)


def still_there(read: AccountRead, table: OrderTable) -> tuple[OrderId, ...]:
    """Orders that are listed although we hold them for closed, or want them off."""
    found = []
    for listed in read.orders:
        order = table.get(listed.order)
        if order is None or (order.status is Status.FILLED and not _rests(order, listed)):
            continue  # the list is older than the trades
        if not order.is_open or order.cancel_wanted:
            found.append(listed.order)
    return tuple(found)
