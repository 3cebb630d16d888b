"""When not to ask again: after our own rules denied an order, and after the venue rejected one."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from messages.orders import DenyRule, OrderDenied
from messages.values import MS, SECOND, Price, RealNs, Side
from trading.quoting.quote import Quote
from trading.working import WorkingOrder

DENIED_NS = SECOND
NOT_OWNER_NS = 50 * MS
"""Ownership moves within a commit; asked again soon."""
MAX_DOUBLINGS = 5
MAX_TRIES = 3
"""Rejections in a row that are answered by a price further back."""
LONGEST_NS = 30 * SECOND
"""Between two tries of what is rejected for another reason than its price: a second at first, then doubling."""
CROSSING = "cross"
"""In the venue's words: the order would have traded at once."""


class Denial(msgspec.Struct, frozen=True):
    """An order our rules denied, and until when the like of it is not asked again."""

    order: WorkingOrder
    until: RealNs | None
    """None: until something else is wanted."""


class Retreat(msgspec.Struct, frozen=True):
    """How often in a row the venue rejected a side, and what was seen then."""

    tries: int
    mid: Price
    seen_at: RealNs
    at: RealNs


class Refusal(msgspec.Struct, frozen=True):
    """How often in a row the venue rejected a side for a reason that no other price changes."""

    tries: int
    until: RealNs | None
    """None: its time is over, another try may be made."""


def would_trade(reason: str) -> bool:
    """Whether the venue rejected an order because it would have traded at once."""
    return CROSSING in reason.lower()


class Hesitation:
    """One market's sides that were refused lately. Volatile."""

    def __init__(self) -> None:
        self._denials: dict[Side, Denial] = {}
        self._retreats: dict[Side, Retreat] = {}
        self._refusals: dict[Side, Refusal] = {}

    def clear(self) -> None:
        """Another market, or another gateway: forget all."""
        self._denials.clear()
        self._retreats.clear()
        self._refusals.clear()

    def denied(self, denial: OrderDenied, order: WorkingOrder, now: RealNs) -> None:
        """Our rules said no."""
        until: RealNs | None = now + DENIED_NS
        if denial.rule is DenyRule.NOT_OWNER:
            until = now + NOT_OWNER_NS
        elif denial.rule is DenyRule.DRY_RUN:
            until = None
        self._denials[order.side] = Denial(order, until)

    def rejected(self, order: WorkingOrder, reason: str, seen_at: RealNs, now: RealNs) -> None:
        """The venue said no, while the newest book was seen at `seen_at`."""
        if not would_trade(reason):
            refused = self._refusals.get(order.side)
            tries = 0 if refused is None else refused.tries
            until = now + min(LONGEST_NS, DENIED_NS << min(tries, MAX_DOUBLINGS))
            self._refusals[order.side] = Refusal(tries + 1, until)
            return
        before = self._retreats.get(order.side)
        tries = 1 if before is None else before.tries + 1
        self._retreats[order.side] = Retreat(tries, order.mid, seen_at, now)

    def accepted(self, side: Side) -> None:
        """An order rests on this side: all is well with it."""
        self._denials.pop(side, None)
        self._retreats.pop(side, None)
        self._refusals.pop(side, None)

    def step_back(self, quote: Quote, tick: Price) -> Quote:
        """The quote with each rejected side one tick further back for each rejection in a row at this mid."""
        for side, retreat in self._retreats.items():
            if retreat.mid == quote.mid:
                quote = quote.further(side, min(retreat.tries, MAX_TRIES) * tick, tick)
        return quote

    def forbids(
        self,
        side: Side,
        mid: Price,
        seen_at: RealNs,
        now: RealNs,
        is_like: Callable[[WorkingOrder], bool],
    ) -> str:
        """Why this side is not asked now; empty when it may be.

        `is_like` says of an order that was denied whether the one wanted now is so near to it that asking
        would be asking again.
        """
        denial = self._denials.get(side)
        if denial is not None:
            if is_like(denial.order) and (denial.until is None or now < denial.until):
                return f"{side.value} denied"
            del self._denials[side]
        refusal = self._refusals.get(side)
        if refusal is not None and refusal.until is not None:
            if now < refusal.until:
                return f"{side.value} rejected, trying again soon"
            self._refusals[side] = Refusal(refusal.tries, None)
        return self._rejection(side, mid, seen_at, now)

    def _rejection(self, side: Side, mid: Price, seen_at: RealNs, now: RealNs) -> str:
        retreat = self._retreats.get(side)
        if retreat is None:
            return ""
        if seen_at <= retreat.seen_at:
            return f"{side.value} rejected, waiting for the next book"
        if retreat.tries <= MAX_TRIES:
            return ""
        if mid == retreat.mid or now - retreat.at < DENIED_NS:
            return f"{side.value} rejected {retreat.tries} times, waiting for the price to move"
        del self._retreats[side]
        return ""

    def is_due(self, now: RealNs) -> bool:
        """The time of a denial or a rejection ran out: asking again makes sense."""
        untils = [d.until for d in self._denials.values()] + [r.until for r in self._refusals.values()]
        return any(until is not None and now >= until for until in untils)
