"""The life of one order, from the records the journal has of it: what happened when, how long it took, what it cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from messages.audit import OrderTrail, Step, TracedFill
from messages.base import Message
from messages.orders import (
    NEVER,
    AnswerLost,
    FillConfirmed,
    FillMined,
    FillReversed,
    OrderAccepted,
    OrderCanceled,
    OrderCompleted,
    OrderDenied,
    OrderExpired,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    OrderVoided,
)
from messages.values import RealNs, Size
from trading.order_state import State, state_of
from trading.orders import Order, OrderFact, OrderTable, Status
from trading.units import price_text, size_text

Answered = OrderAccepted | OrderRejected | AnswerLost
Ended = OrderCompleted | OrderCanceled | OrderExpired
LEGS = (
    ("frame to decision", "frame", "decided"),
    ("predecessor's frame to decision", "predecessor's frame", "decided"),
    ("decision to intent", "decided", "intended"),
    ("intent to durable", "intended", "durable"),
    ("durable to sent", "durable", "sent"),
    ("sent to answered", "sent", "answered"),
    ("decision to sent", "decided", "sent"),
    ("sent to first fill", "sent", "first fill"),
    ("first fill to mined", "first fill", "first mined"),
    ("first fill to settled", "first fill", "first settled"),
    ("cancel asked to off the book", "cancel asked", "off the book"),
    ("off the book to closed", "off the book", "closed"),
)
"""Name of each leg and the two moments it lies between."""


class Told(NamedTuple):
    """One record: when it was said, and what."""

    real_at: RealNs
    wall_at: int
    message: Message


def trail_of(told: Iterable[Told]) -> OrderTrail | None:
    """The trail of the one order these records are about, in their order; None where they wanted none."""
    trail = _Trail()
    for each in told:
        trail.note(each)
    return trail.result()


def why_not(names: tuple[str, ...], behind: int, asked: str) -> str:
    """Why there is no trail, in one line."""
    if behind:
        return f"the journal is still being looked through, {behind:,} records are left: ask again"
    if names:
        return f"several orders begin with {asked}: {', '.join(names)}"
    return f"no order {asked}"


class _Trail:
    """One order's records, folded."""

    def __init__(self) -> None:
        self._table = OrderTable()
        self._order: Order | None = None
        self._denied: OrderDenied | None = None
        self._steps: list[Step] = []
        self._moments: dict[str, RealNs] = {}
        self._fills: dict[str, TracedFill] = {}

    def note(self, told: Told) -> None:
        """The next record."""
        match told.message:
            case OrderDenied() as denied:
                self._denied = denied
                self._step(told, "denied", state=State.REJECTED, text=f"{denied.rule.value}: {denied.reason}")
            case OrderIntended() as intended:
                self._table.note(intended, told.real_at)
                self._order = self._table.get(intended.order)
                self._intended(told, intended)
            case OrderFilled() as fill if self._order is not None:
                self._filled(told, fill, self._order)
            case FillMined() as mined:
                self._mined(told, mined)
            case FillConfirmed() | FillReversed() as settled:
                self._settled(told, settled)
            case OrderAccepted() | OrderRejected() | AnswerLost() as answered:
                self._answered(told, answered)
            case OrderCompleted() | OrderCanceled() | OrderExpired() as ended:
                self._ended(told, ended)
            case OrderVoided() as voided:
                self._table.note(voided, told.real_at)
                self._step(told, "voided", text=voided.reason)
            case _:
                pass

    def result(self) -> OrderTrail | None:
        """All of it."""
        if self._order is None:
            return None if self._denied is None else self._of_denied(self._denied)
        intended, fills = self._order.intended, tuple(self._fills.values())
        standing = [fill for fill in fills if fill.settlement != "FAILED"]
        return OrderTrail(
            order=intended.order,
            command=intended.command,
            market=intended.market,
            owner=intended.owner,
            why=intended.why,
            status=self._order.status.value,
            state=state_of(self._order).value,
            side=intended.side,
            price=intended.price,
            size=intended.size,
            filled=Size(sum(fill.size for fill in standing)),
            mid=intended.mid or None,
            token=intended.token,
            outcome=intended.outcome,
            action=intended.action,
            steps=tuple(sorted(self._steps, key=lambda step: step.wall_at)),
            fills=fills,
            latency=tuple(self._latency()),
            slippage=tuple(_slippage(standing)),
        )

    def _of_denied(self, denied: OrderDenied) -> OrderTrail:
        return OrderTrail(
            order=None,
            command=denied.command,
            market=denied.market,
            owner=denied.owner,
            why="",
            status="DENIED",
            state=State.REJECTED.value,
            side=denied.side,
            price=denied.price,
            size=denied.size,
            filled=Size(0),
            mid=None,
            steps=tuple(self._steps),
        )

    # Steps.

    def _intended(self, told: Told, intended: OrderIntended) -> None:
        self._passed(told, "frame", intended.frame_at)
        self._passed(told, "predecessor's frame", intended.moved_at)
        self._passed(told, "decided", intended.decided_at, "", State.PENDING, intended.why)
        self._moments["intended"] = told.real_at
        self._step(told, "intended")

    def _answered(self, told: Told, answered: Answered) -> None:
        self._passed(told, "durable", answered.durable_at, Status.INTENDED, State.PENDING)
        self._passed(told, "sent", answered.sent_at, Status.SENT, State.SUBMITTED)
        self._passed(told, "answered", answered.answered_at, Status.SENT, State.SUBMITTED)
        self._table.note(answered, told.real_at)
        if isinstance(answered, OrderAccepted):
            self._step(told, "resting")
        else:
            what = "rejected" if isinstance(answered, OrderRejected) else "answer lost"
            self._step(told, what, text=answered.reason)

    def _ended(self, told: Told, ended: Ended) -> None:
        self._passed(told, "cancel asked", ended.cancel_asked_at, Status.CANCELING)
        if not isinstance(ended, OrderCompleted):
            self._passed(told, "off the book", ended.off_at, Status.CANCELING)
        fact: OrderFact = ended
        self._table.note(fact, told.real_at)
        self._moments["closed"] = told.real_at
        what = {OrderCompleted: "filled", OrderCanceled: "canceled", OrderExpired: "expired"}[type(ended)]
        self._step(told, what, text=ended.reason if isinstance(ended, OrderCanceled) else "")

    def _filled(self, told: Told, fill: OrderFilled, order: Order) -> None:
        if not self._table.fill(fill):
            return
        intended, worse = order.intended, fill.side.sign
        self._moments.setdefault("first fill", told.real_at)
        self._fills[fill.trade] = TracedFill(
            trade=fill.trade,
            size=fill.size,
            price=fill.price,
            fee=fill.fee,
            taker=fill.taker,
            settlement="MATCHED",
            matched_at=fill.matched_at,
            heard_at=told.real_at,
            settled_at=NEVER,
            over_price=worse * (fill.price - intended.price),
            over_mid=worse * (fill.price - intended.mid) if intended.mid else None,
        )
        self._step(
            told, "fill", text=f"{size_text(fill.size)} at {price_text(fill.price)}, trade {fill.trade}"
        )

    def _mined(self, told: Told, mined: FillMined) -> None:
        fill = self._fills.get(mined.trade)
        if fill is None or fill.settlement != "MATCHED":
            return
        self._moments.setdefault("first mined", told.real_at)
        self._fills[mined.trade] = msgspec.structs.replace(fill, settlement="MINED", mined_at=told.real_at)
        self._step(told, "mined", text=f"trade {mined.trade}")

    def _settled(self, told: Told, settled: FillConfirmed | FillReversed) -> None:
        fill = self._fills.get(settled.trade)
        if fill is None:
            return
        failed = isinstance(settled, FillReversed)
        self._moments.setdefault("first settled", told.real_at)
        self._fills[settled.trade] = msgspec.structs.replace(
            fill, settlement="FAILED" if failed else "CONFIRMED", settled_at=told.real_at
        )
        text = f"trade {settled.trade}"
        if isinstance(settled, FillReversed):
            text = f"{text}: {settled.reason}"
        self._step(told, "reversed" if failed else "confirmed", text=text)

    def _step(self, told: Told, what: str, *, state: State | None = None, text: str = "") -> None:
        """It happened as it was said, and this is what the order is now."""
        order = self._order
        self._steps.append(
            Step(
                what=what,
                status="" if order is None else order.status.value,
                state=state.value if state is not None else "" if order is None else state_of(order).value,
                real_at=told.real_at,
                wall_at=told.wall_at,
                text=text,
            )
        )

    def _passed(
        self,
        told: Told,
        what: str,
        at: RealNs,
        status: Status | str = "",
        state: State | None = None,
        text: str = "",
    ) -> None:
        """It happened before it was said, at a moment that was noted."""
        if at == NEVER:
            return
        self._moments[what] = at
        order = self._order
        shown = state if state is not None else None if order is None else state_of(order)
        wall_at = told.wall_at - (told.real_at - at)
        step = Step(
            what=what,
            status=str(status),
            state="" if shown is None or (not status and what != "decided") else shown.value,
            real_at=at,
            wall_at=wall_at,
            text=text,
        )
        self._steps.append(step)

    # Figures.

    def _latency(self) -> Iterator[tuple[str, int]]:
        for name, begin, end in LEGS:
            begun, ended = self._moments.get(begin), self._moments.get(end)
            if begun is not None and ended is not None and ended - begun >= 0:
                yield name, ended - begun


def _slippage(fills: list[TracedFill]) -> Iterator[tuple[str, int]]:
    """Averages by size, rounded away from us."""
    size = sum(fill.size for fill in fills)
    if not size:
        return
    yield "price", -(-sum(fill.over_price * fill.size for fill in fills) // size)
    over_mid = [fill.over_mid * fill.size for fill in fills if fill.over_mid is not None]
    if len(over_mid) == len(fills):
        yield "mid", -(-sum(over_mid) // size)
