"""What is on its way from the venue to one of our processes, in the order in which it will arrive."""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

from messages.values import RealNs
from simulation.exchange.timing import Timing

Word = TypeVar("Word")


class Line(Generic[Word]):
    """One direction of one connection."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._gate = timing.gate()
        self._due: list[tuple[int, int, Word]] = []
        self._count = 0

    def put(self, word: Word, at: RealNs) -> None:
        """It arrives then."""
        self._count += 1
        heapq.heappush(self._due, (int(at), self._count, word))
        self._timing.call_at(at, self._gate.open)

    def clear(self) -> None:
        """Nothing of it arrives."""
        self._due.clear()

    async def words(self, until: RealNs) -> AsyncIterator[Word]:
        """What arrives before a moment, as it arrives."""
        self._timing.call_at(until, self._gate.open)
        while True:
            while self._due and self._due[0][0] <= int(self._timing.now()):
                yield heapq.heappop(self._due)[2]
            if self._timing.now() >= until:
                return
            await self._gate
