"""From what the venue says of our orders to facts, and to what it is asked or told next.

Exposure is given back only by proof. A cancel's answer is none (rule R1), nor is an order's absence from a list that
was asked for before its acceptance was known (R2); what a fold of facts brought is never applied a second time (R3);
orders are read before trades (R4). The proofs themselves are in `trading.truth`.
"""

from __future__ import annotations

from collections.abc import Iterator

from messages.account import AccountRead, OrderSeen, OrderSeenKind
from messages.orders import (
    AnswerLost,
    CancelAnswered,
    CancelFailed,
    OrderAnswered,
    OrderFilled,
    OrderFound,
    OrderRead,
    OrderRejected,
    ReadOrder,
    TakeOrdersOff,
    VenueMode,
)
from messages.values import RealNs
from trading import lookups, truth
from trading.account import Account, News
from trading.budget import Budget
from trading.orders import Order, Status
from trading.reading import Reading
from trading.risk.gate import PLACE_TTL_NS
from trading.venue_modes import VenueModes
from trading.withdrawal import UNSENT, Withdrawal

Heard = News | OrderRejected | AnswerLost | TakeOrdersOff

NEVER_TAKEN = (Status.VOIDED, Status.REJECTED)
"""Held for orders that were never on the book."""


class Resolution:
    """Every order is in doubt until the venue proves what became of it. Notes on the orders of the account."""

    def __init__(
        self,
        account: Account,
        withdrawal: Withdrawal,
        reading: Reading,
        modes: VenueModes,
        budget: Budget,
    ) -> None:
        self._account = account
        self._withdrawal = withdrawal
        self._reading = reading
        self._modes = modes
        self._budget = budget

    def answered(self, answered: OrderAnswered, now: RealNs) -> Iterator[Heard]:
        """The venue's answer to one order, which may be one to all."""
        self._modes.placed(answered, now)
        self._budget.places.agree(answered.tokens_left, now)
        if answered.mode is VenueMode.BUSY:
            self._budget.places.shrink(now)
        order = self._account.table.get(answered.order)
        if order is None or order.status not in (*UNSENT, Status.UNKNOWN):
            return
        yield from self._account.answered(order, answered, now)
        if order.status is Status.UNKNOWN:
            if answered.mode is VenueMode.RESTARTING:
                order.free_at = None
            self._reading.want()
        elif order.status is Status.RESTING:
            if order.cancel_wanted:
                yield from self._withdrawal.off([order], now)
            yield from self._account.ends(order, now)

    def seen(self, seen: OrderSeen, now: RealNs) -> Iterator[Heard]:
        """The user stream spoke of an order."""
        order = self._account.table.get(seen.order)
        if order is None:
            return
        if _came_late(order, seen.kind):
            yield from self._withdrawal.strangers((order.id,), now)  # it came after all that time
            return
        was_unknown = order.status is Status.UNKNOWN
        yield from self._account.seen(order, seen, now)
        if was_unknown and order.status is Status.RESTING:
            yield from self._is_there(order, now)

    def filled(self, fact: OrderFilled, now: RealNs) -> Iterator[TakeOrdersOff]:
        """A trade of an order that counts as never taken proves that it was: what is left of it may rest."""
        order = self._account.table.get(fact.order)
        if order is not None and order.status in NEVER_TAKEN:
            self._reading.want()
            yield from self._withdrawal.strangers((order.id,), now)

    def looked_up(self, read: OrderRead, now: RealNs) -> Iterator[Heard]:
        """What the venue has of one order. Found nowhere, it is canceled by its name, in case it still comes."""
        order = self._account.table.get(read.order)
        if order is None or not order.is_open:
            return
        lookups.note(order, read)
        if read.found is OrderFound.OPEN and order.status is Status.UNKNOWN:
            yield self._account.say(truth.accepted(order), now)
            yield from self._is_there(order, now)
        elif read.found is OrderFound.ENDED:
            yield from self._account.ends(order, now)
            self._reading.want()
        elif read.found is OrderFound.NONE:
            self._reading.want()
            if order.status is Status.UNKNOWN:
                yield from self._withdrawal.off([order], now)

    def canceled(self, answered: CancelAnswered, now: RealNs) -> None:
        """Off the book by the venue's word; closed only when every fill before that is known (rule R1)."""
        self._withdrawal.done()
        self._budget.cancels.agree(answered.tokens_left, now)
        self._modes.canceled(now)
        self._engine_is_back(now)
        for identity in answered.canceled:
            order = self._account.table.get(identity)
            if order is not None and order.is_open:
                order.is_off(now)
        if answered.not_canceled or answered.everything:
            self._reading.want()

    def cancel_failed(self, failed: CancelFailed, now: RealNs) -> None:
        """The watch repeats it, not sooner than the venue wants it."""
        self._modes.says(failed.mode, failed.wait_ms, now, failed.reason)
        self._withdrawal.refused(failed.mode, failed.wait_ms, now, everything=failed.everything)
        self._reading.want()

    def read(self, read: AccountRead, now: RealNs) -> Iterator[Heard]:
        """What the venue lists, its trades first: every belief is held against it."""
        table = self._account.table
        unknown = [order for order in table if order.status is Status.UNKNOWN]
        yield from self._account.judge(read, now)
        off = dict.fromkeys(truth.foreign(read, table) + truth.still_there(read, table))
        for order in unknown:
            if order.status is Status.RESTING and not order.cancel_wanted:
                yield from self._is_there(order, now)
        yield from self._withdrawal.strangers(tuple(off), now)

    def looks(self, now: RealNs) -> Iterator[ReadOrder]:
        """Orders that must be asked for by their names now."""
        yield from lookups.looks(self._account.table, now)

    def _is_there(self, order: Order, now: RealNs) -> Iterator[Heard]:
        """It rests after all: taken off where it is not wanted any more, or was decided too long ago."""
        if order.cancel_wanted or now - order.intended.decided_at > PLACE_TTL_NS:
            yield from self._withdrawal.off([order], now)
        yield from self._account.ends(order, now)

    def _engine_is_back(self, now: RealNs) -> None:
        """What a restarting venue did not take it will not take later: one look from now on decides."""
        for order in self._account.table:
            if order.status is Status.UNKNOWN and order.free_at is None:
                order.free_at, order.look_at, order.looks = now, now, 0


def _came_late(order: Order, kind: OrderSeenKind) -> bool:
    """It counts as closed, and the stream says that it rests; a match of one that was taken may be told late."""
    if order.status in NEVER_TAKEN:
        return kind in (OrderSeenKind.PLACED, OrderSeenKind.MATCHED)
    return not order.is_open and kind is OrderSeenKind.PLACED and order.status is not Status.FILLED
