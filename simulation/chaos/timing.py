"""How long it took: from a kill to the replacement being ready, and to a two-sided quote that rests again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from messages.orders import OrderIntended
from messages.values import MS, SECOND, MarketId, OrderId, RealNs, Side
from simulation.chaos.target import LIQUIDATOR, Seen
from venue.paper.ledger.history import PastOrder

NOTICE_NS = 4 * SECOND
"""Quotes that were not interrupted within this after a kill were not interrupted by it."""
MOVE_NS = SECOND // 2
"""A shorter pause is a quote that is moved."""


class Kill(msgspec.Struct, kw_only=True):
    """One SIGKILL that reached its process, and its replacement."""

    role: str
    incarnation: int
    at: RealNs
    act: str
    alone: bool
    """Nothing else was struck between it and the recovery."""
    ready_at: RealNs | None = None

    @property
    def family(self) -> str:
        """Liquidators are one family."""
        return self.role.partition(":")[0]


class Sightings:
    """Notes which incarnations were seen ready, and when first, to the length of one look."""

    def __init__(self) -> None:
        self.kills: list[Kill] = []
        self._open: dict[str, Kill] = {}

    def killed(self, victim: Seen, at: RealNs, act: str) -> None:
        """It was struck now; whoever was not back by then did not recover undisturbed."""
        for kill in self._open.values():
            kill.alone = False
        kill = Kill(role=victim.role, incarnation=victim.incarnation, at=at, act=act, alone=act == "kill")
        self.kills.append(kill)
        self._open[victim.role] = kill

    def disturbed(self) -> None:
        """Something else happened: what recovers now recovers from that too."""
        for kill in self._open.values():
            kill.alone = False

    def look(self, present: Sequence[Seen], at: RealNs) -> None:
        """Whoever is ready in a later incarnation has recovered."""
        for seen in present:
            kill = self._open.get(seen.role)
            if kill is not None and seen.incarnation > kill.incarnation and seen.state == "ready":
                kill.ready_at = at
                del self._open[seen.role]


Span = tuple[int, int]


def quoted_spans(
    orders: Iterable[PastOrder], intents: Mapping[OrderId, OrderIntended], until: RealNs
) -> list[Span]:
    """When a bid and an ask of the maker rested in one market, by the exchange's own times; in order, apart."""
    changes: list[tuple[int, int, MarketId, Side]] = []
    for order in orders:
        intent = intents.get(order.id)
        if intent is None or intent.owner.startswith(LIQUIDATOR):
            continue
        ended = until if order.ended_real_at is None else order.ended_real_at
        changes.append((int(order.accepted_real_at), 1, intent.market, intent.side))
        changes.append((int(ended), -1, intent.market, intent.side))
    resting: dict[tuple[MarketId, Side], int] = {}
    quoted: set[MarketId] = set()
    spans: list[Span] = []
    since = 0
    for at, change, market, side in sorted(changes, key=lambda entry: entry[:2]):
        was = bool(quoted)
        resting[market, side] = resting.get((market, side), 0) + change
        is_two_sided = resting[market, side] > 0 and resting.get((market, side.other), 0) > 0
        (quoted.add if is_two_sided else quoted.discard)(market)
        if quoted and not was:
            since = at
        elif was and not quoted and at > since:
            if spans and since - spans[-1][1] < MOVE_NS:
                since = spans.pop()[0]
            spans.append((since, at))
    return spans


def quoting_again_ns(spans: Sequence[Span], at: RealNs) -> int | None:
    """From a kill to the first quote after the pause that it made; 0: no pause; None: no quote came any more."""
    number = bisect_right(spans, (int(at), 1 << 63)) - 1
    if number >= 0 and spans[number][1] > int(at) + NOTICE_NS:
        return 0
    if number >= 0 and spans[number][1] > int(at):
        number += 1  # it rested on for a while, then was taken off
    else:
        number = bisect_right(spans, (int(at), 1 << 63))
    return spans[number][0] - int(at) if number < len(spans) else None


def spread(spans_ns: Sequence[int]) -> dict[str, object]:
    """Count, median, 99th percentile (nearest rank) and the worst, in real seconds."""
    ordered = sorted(spans_ns)

    def rank(percent: int) -> float | None:
        if not ordered:
            return None
        return round(ordered[max(0, -(-len(ordered) * percent // 100) - 1)] / MS / 1_000, 3)

    return {"count": len(ordered), "p50": rank(50), "p99": rank(99), "max": rank(100)}
