"""How orders come off the book: asked for at once, and asked again until it is proven."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from messages.orders import NEVER, ForgetOrder, TakeAllOff, TakeOrdersOff, VenueMode
from messages.values import MS, SECOND, OrderId, RealNs
from trading.budget import SHRUNK_NS, Budget
from trading.intake import Intake
from trading.orders import Order, OrderTable, Status

AGAIN_NS = 1 * SECOND
LONGEST_NS = 5 * SECOND
"""Between two tries of a cancel that the venue does not take: doubling from a second to this, real time."""
REFUSED_NS = 30 * SECOND
"""The same while the venue wants nothing of us at all; and longer than this no wish of its own keeps us away."""
FAILING_NS = 12 * SECOND
"""Real time in which not one cancel was done after which the venue is left to do it by itself."""
UNSENT = (Status.INTENDED, Status.SENT)
"""Not known to be at the venue: such an order is forgotten by the port, or taken off when its answer comes."""

OffBook = TakeOrdersOff | TakeAllOff | ForgetOrder


class Withdrawal:
    """Notes on each order that it is wanted back. Volatile."""

    def __init__(self, table: OrderTable, intake: Intake, budget: Budget) -> None:
        self.is_armed = False
        """There is an account to take orders off, and leave to touch it."""
        self._table = table
        self._intake = intake
        self._budget = budget
        self._all_asked_at = RealNs(0)
        self._not_before = RealNs(0)
        self._one_by_one_until = RealNs(0)
        self._failures = 0
        self._failing_since: RealNs | None = None

    def refused(self, mode: VenueMode, wait_ms: int, now: RealNs, *, everything: bool) -> None:
        """A cancel was not done; none is repeated before the venue wants one."""
        longest = REFUSED_NS if mode is VenueMode.REFUSING else LONGEST_NS
        pause = 0 if mode is VenueMode.OPEN else min(longest, AGAIN_NS << min(self._failures, 5))
        self._not_before = now + max(min(wait_ms * MS, REFUSED_NS), pause)
        self._failures += 1
        self._failing_since = now if self._failing_since is None else self._failing_since
        if mode is VenueMode.BUSY:
            self._budget.cancels.shrink(now)
            if everything:
                self._one_by_one_until = now + SHRUNK_NS

    def done(self) -> None:
        """A cancel was answered as it should be."""
        self._failures, self._failing_since = 0, None

    def is_stuck(self, now: RealNs) -> bool:
        """For long cancels were tried and not one came through. Whether any is needed still is not said."""
        since = self._failing_since
        return since is not None and now - since >= FAILING_NS

    def some(self, orders: Iterable[Order], now: RealNs, *, is_wish: bool = False) -> Iterator[OffBook]:
        """Take these back, wherever they are on their way; once. A mere wish leaves the reserve of cancels alone."""
        resting: list[Order] = []
        for order in orders:
            if not order.is_open or order.cancel_wanted:
                order.is_wish = order.is_wish and is_wish
                continue
            if order.status in UNSENT:
                self._note(order, now)
                yield ForgetOrder(order=order.id)
            else:
                resting.append(order)
        yield from self.off(resting, now, is_wish=is_wish)

    def off(self, orders: list[Order], now: RealNs, *, is_wish: bool = False) -> Iterator[TakeOrdersOff]:
        """Have the venue cancel these, as many as the budget has cancels for; the rest follow by `again`."""
        left = self._budget.free_cancels(now) if is_wish else self._budget.all_cancels(now)
        for order in orders[:left]:
            self._note(order, now)
        for order in orders[left:]:
            self._want(order)
            order.is_wish = is_wish
        yield from self._ask([order.id for order in orders[:left]], now)

    def strangers(self, orders: tuple[OrderId, ...], now: RealNs) -> Iterator[TakeOrdersOff]:
        """Have the venue cancel what the table does not have, as far as the budget goes."""
        yield from self._ask(list(orders[: self._budget.all_cancels(now)]), now)

    def everything(self, now: RealNs) -> Iterator[OffBook]:
        """Take back all that is wanted, sent or resting: by the venue's own all-at-once way, or one by one.

        It costs one cancel more than there are orders, and passes whole or not at all.
        """
        self._all_asked_at = now
        self._intake.take_back(lambda place: True)
        there = [order for order in self._table if order.status not in UNSENT]
        for order in self._table:
            order.is_wish = False
            if order.status in UNSENT:
                self._note(order, now)
                yield ForgetOrder(order=order.id)
        if now < self._one_by_one_until or not self._budget.passes_all(len(there), now):
            due = [o for o in there if o.off_at == NEVER and now - o.cancel_asked_at >= AGAIN_NS]
            yield from self.off(due, now)
            return
        for order in there:
            self._note(order, now)
        if self.is_armed:
            self._budget.cancels.take(1 + len(there), now)
            yield TakeAllOff()

    def again(self, now: RealNs) -> Iterator[TakeOrdersOff]:
        """What is wanted back and not known to be off is asked for each second."""
        if now < self._not_before:
            return
        late = [
            order
            for order in self._table
            if order.cancel_wanted and order.off_at == NEVER and now - order.cancel_asked_at >= AGAIN_NS
        ]
        yield from self.off([order for order in late if not order.is_wish], now)
        yield from self.off([order for order in late if order.is_wish], now, is_wish=True)

    def everything_again(self, now: RealNs) -> Iterator[OffBook]:
        """Everything, each second."""
        if now - self._all_asked_at >= AGAIN_NS and now >= self._not_before:
            yield from self.everything(now)

    def _ask(self, orders: list[OrderId], now: RealNs) -> Iterator[TakeOrdersOff]:
        if orders and self.is_armed:
            self._budget.cancels.take(len(orders), now)
            yield TakeOrdersOff(orders=tuple(orders))

    def _note(self, order: Order, now: RealNs) -> None:
        order.cancel_asked_at = now
        self._want(order)

    def _want(self, order: Order) -> None:
        order.cancel_wanted = True
        self._table.step(order, TakeOrdersOff)
