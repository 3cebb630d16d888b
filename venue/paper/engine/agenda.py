"""What the exchange has to do at a market time of its own: expirations and settlement steps."""

from __future__ import annotations

import heapq
from collections.abc import Callable

from messages.values import MarketNs


class Agenda:
    """Things to do, earliest first; those of one instant in the order in which they were put down."""

    def __init__(self) -> None:
        self._due: list[tuple[MarketNs, int, Callable[[], None]]] = []
        self._count = 0

    def add(self, when: MarketNs, do: Callable[[], None]) -> None:
        """Do it then."""
        self._count += 1
        heapq.heappush(self._due, (when, self._count, do))

    def next_at(self) -> MarketNs | None:
        """When the first thing is due; None: there is none."""
        return self._due[0][0] if self._due else None

    def do_next(self) -> None:
        """Take the first thing and do it."""
        heapq.heappop(self._due)[2]()
