"""How orders come off the book: asked for at once, and asked again until it is proven."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from messages.orders import NEVER, ForgetOrder, TakeAllOff, TakeOrdersOff
from messages.values import MS, SECOND, RealNs
from trading.intake import Intake
from trading.orders import Order, OrderTable, Status

AGAIN_NS = 1 * SECOND
UNSENT = (Status.INTENDED, Status.SENT)
"""Not known to be at the venue: such an order is forgotten by the port, or taken off when its answer comes."""

OffBook = TakeOrdersOff | TakeAllOff | ForgetOrder


class Withdrawal:
    """Notes on each order that it is wanted back. Volatile."""

    def __init__(self, table: OrderTable, intake: Intake) -> None:
        self.is_armed = False
        """There is an account to take orders off, and leave to touch it."""
        self._table = table
        self._intake = intake
        self._all_asked_at = RealNs(0)
        self._not_before = RealNs(0)

    def refused(self, wait_ms: int, now: RealNs) -> None:
        """A cancel was not done; the venue takes no other for so long, so none is repeated before."""
        self._not_before = now + wait_ms * MS

    def some(self, orders: Iterable[Order], now: RealNs) -> Iterator[OffBook]:
        """Take these back, wherever they are on their way; once."""
        resting: list[Order] = []
        for order in orders:
            if not order.is_open or order.cancel_wanted:
                continue
            if order.status in UNSENT:
                self._note(order, now)
                yield ForgetOrder(order=order.id)
            else:
                resting.append(order)
        yield from self.off(resting, now)

    def off(self, orders: list[Order], now: RealNs) -> Iterator[TakeOrdersOff]:
        """Have the venue cancel these."""
        for order in orders:
            self._note(order, now)
        if orders and self.is_armed:
            yield TakeOrdersOff(orders=tuple(order.id for order in orders))

    def everything(self, now: RealNs) -> Iterator[OffBook]:
        """Take back all that is wanted, sent or resting, by the venue's own all-at-once way."""
        self._all_asked_at = now
        self._intake.take_back(lambda place: True)
        for order in self._table:
            if order.status in UNSENT:
                yield ForgetOrder(order=order.id)
            self._note(order, now)
        if self.is_armed:
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
        yield from self.off(late, now)

    def everything_again(self, now: RealNs) -> Iterator[OffBook]:
        """Everything, each second."""
        if now - self._all_asked_at >= AGAIN_NS and now >= self._not_before:
            yield from self.everything(now)

    def _note(self, order: Order, now: RealNs) -> None:
        order.cancel_wanted = True
        order.cancel_asked_at = now
        self._table.step(order, TakeOrdersOff)
