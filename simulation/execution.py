"""How orders fared on their way: what each leg took, and what fills cost against what was decided."""

from __future__ import annotations

from array import array

import msgspec

from messages.orders import (
    NEVER,
    AnswerLost,
    FillConfirmed,
    FillReversed,
    OrderAccepted,
    OrderCanceled,
    OrderCompleted,
    OrderExpired,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    OrderVoided,
)
from messages.values import MICRO, MS, OrderId, RealNs, TradeId
from simulation.story import Entry

LEGS = (
    "frame_to_quote_ms",
    "frame_to_sent_ms",
    "replaced_frame_to_quote_ms",
    "replaced_frame_to_sent_ms",
    "decision_to_durable_ms",
    "decision_to_sent_ms",
    "sent_to_answered_ms",
    "sent_to_fill_ms",
    "fill_to_settled_ms",
    "cancel_to_off_ms",
)
Answered = OrderAccepted | OrderRejected | AnswerLost
Ended = OrderCompleted | OrderCanceled | OrderExpired | OrderRejected | OrderVoided


class Way(msgspec.Struct):
    """One order's moments, as far as they are known."""

    frame_at: RealNs
    moved_at: RealNs
    decided_at: RealNs
    sent_at: RealNs = NEVER


class Latency:
    """Every leg of every order's way. What a frame caused at once and what waited for a cancel are kept apart."""

    def __init__(self, run: int) -> None:
        self._run = run
        self._open: dict[OrderId, Way] = {}
        self._matched: dict[TradeId, RealNs] = {}
        self._spans = {leg: array("q") for leg in LEGS}

    def note(self, entry: Entry) -> None:
        """The next one."""
        if entry.run != self._run:
            return
        match entry.message:
            case OrderIntended() as intended:
                self._intended(intended)
            case OrderAccepted() | OrderRejected() | AnswerLost() as answered:
                self._answered(answered)
            case OrderFilled() as fill:
                self._filled(fill, entry.real_at)
            case FillConfirmed() | FillReversed() as settled:
                self._span("fill_to_settled_ms", self._matched.pop(settled.trade, NEVER), entry.real_at)
            case _:
                pass
        if isinstance(entry.message, Ended):
            self._ended(entry.message)

    def result(self) -> dict[str, object]:
        """The report's `latency`."""
        return {leg: spread_of(spans) for leg, spans in self._spans.items()}

    def _intended(self, intended: OrderIntended) -> None:
        way = Way(intended.frame_at, intended.moved_at, intended.decided_at)
        self._open[intended.order] = way
        if way.moved_at == NEVER:
            self._span("frame_to_quote_ms", way.frame_at, way.decided_at)
        else:
            self._span("replaced_frame_to_quote_ms", way.moved_at, way.decided_at)

    def _answered(self, answered: Answered) -> None:
        way = self._open.get(answered.order)
        if way is None or way.sent_at != NEVER:
            return
        way.sent_at = answered.sent_at
        if way.moved_at == NEVER:
            self._span("frame_to_sent_ms", way.frame_at, way.sent_at)
        else:
            self._span("replaced_frame_to_sent_ms", way.moved_at, way.sent_at)
        self._span("decision_to_durable_ms", way.decided_at, answered.durable_at)
        self._span("decision_to_sent_ms", way.decided_at, way.sent_at)
        self._span("sent_to_answered_ms", way.sent_at, answered.answered_at)

    def _filled(self, fill: OrderFilled, at: RealNs) -> None:
        self._matched[fill.trade] = at
        way = self._open.get(fill.order)
        if way is not None and way.sent_at != NEVER:
            self._span("sent_to_fill_ms", way.sent_at, at)
            way.sent_at = NEVER  # the first fill alone

    def _ended(self, ended: Ended) -> None:
        self._open.pop(ended.order, None)
        if isinstance(ended, OrderCanceled | OrderExpired):
            self._span("cancel_to_off_ms", ended.cancel_asked_at, ended.off_at)

    def _span(self, leg: str, begun: RealNs, ended: RealNs) -> None:
        """Between two moments that are both known."""
        if NEVER not in (begun, ended) and ended - begun >= 0:
            self._spans[leg].append(ended - begun)


class Slippage:
    """What fills cost a share, by size: against the price that was decided, and against the mid of then."""

    def __init__(self, run: int) -> None:
        self._run = run
        self._intended: dict[OrderId, OrderIntended] = {}
        self._fills: dict[tuple[TradeId, OrderId], tuple[int, int, int | None]] = {}

    def note(self, entry: Entry) -> None:
        """The next one. An order of an earlier run is known, its fills in this one count."""
        message = entry.message
        if isinstance(message, OrderIntended):
            self._intended[message.order] = message
        elif isinstance(message, OrderFilled) and entry.run == self._run:
            intended = self._intended.get(message.order)
            if intended is not None:
                over = message.side.sign * (message.price - intended.price)
                over_mid = message.side.sign * (message.price - intended.mid) if intended.mid else None
                self._fills.setdefault((message.trade, message.order), (message.size, over, over_mid))
        elif isinstance(message, FillReversed):
            self._fills.pop((message.trade, message.order), None)

    def result(self) -> dict[str, object]:
        """The report's `slippage`; above 0 is worse for us."""
        known = [(size, over, mid) for size, over, mid in self._fills.values()]
        with_mid = [(size, mid) for size, _, mid in known if mid is not None]
        return {
            "count": len(known),
            "price": _average([(size, over) for size, over, _ in known]),
            "mid": _average(with_mid),
        }


def _average(costs: list[tuple[int, int]]) -> float | None:
    """Dollars a share, to the millionth, weighted by size; null where nothing was measured."""
    size = sum(size for size, _ in costs)
    return round(sum(size * over for size, over in costs) / size) / MICRO if size else None


def spread_of(spans: array[int]) -> dict[str, object]:
    """Median and 99th percentile (nearest rank), in milliseconds; null where nothing was measured."""
    ordered = sorted(spans)

    def rank(percent: int) -> float | None:
        if not ordered:
            return None
        return round(ordered[max(0, -(-len(ordered) * percent // 100) - 1)] / MS, 3)

    return {"count": len(ordered), "p50": rank(50), "p99": rank(99)}
