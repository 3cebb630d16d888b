"""Virtual time: what happens next, in an order that the seed alone decides."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from random import Random
from typing import Any

import msgspec

from messages.values import SECOND, RealNs
from runtime import clock
from simulation.world.waits import Gate, Sleep

BOOTED_NS = 1_000 * SECOND
"""The machine has been up for so long when the world begins."""
BEGINS_NS = 1_780_000_000 * SECOND
"""Wall clock of the beginning."""
REMEMBERED = 400
"""Last events that are kept for whoever must explain a failure."""


class Happening(msgspec.Struct, frozen=True):
    """One line of the world's own account: a fault, a start, an end, a word of whoever checks."""

    at_ns: int
    """Real time since the world began."""
    what: str
    who: str = ""
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.at_ns / SECOND:12.6f}  {self.who:<22} {self.what:<10} {self.detail}"


class World:
    """The heap of what is due, the clocks, and the one source of chance.

    Two things due at the same instant happen in an order drawn by the seed, so that nothing relies on it.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.wall_shift_ns = 0
        """How far the wall clock was set away from where it would be."""
        self.account: deque[Happening] = deque(maxlen=REMEMBERED)
        self.steps = 0
        """Made by processes so far."""
        self.ns = BOOTED_NS
        """Virtual boot clock, read more often than anything else; only the world sets it."""
        self._heap: list[tuple[int, float, int, Callable[[], Any]]] = []
        self._count = self._planned = 0
        self._draw = Random(seed ^ 0x5EED).random

    # Clocks.

    def now(self) -> RealNs:
        """Virtual boot clock."""
        return self.ns  # type: ignore[return-value]  # which it is, without the cost of saying so

    def wall(self) -> int:
        """Virtual wall clock, nanoseconds since the epoch; it may be set."""
        return BEGINS_NS + self.ns - BOOTED_NS + self.wall_shift_ns

    @property
    def elapsed_ns(self) -> int:
        """Real time since the world began."""
        return self.ns - BOOTED_NS

    @contextmanager
    def telling_time(self) -> Iterator[World]:
        """Everybody in this process lives in this world meanwhile."""
        with clock.told_by(self.now, self.wall):
            yield self

    # What is due.

    def call_at(self, at: RealNs, do: Callable[[], Any]) -> None:
        """Do it then, or now where that is past."""
        self._count += 1
        due = int(at)
        heappush(self._heap, (due if due > self.ns else self.ns, self._draw(), self._count, do))

    def plan(self, at: RealNs, do: Callable[[], Any]) -> None:
        """Do it then, before everything else of that instant. Nothing else changes its turn by it."""
        self._planned += 1
        heappush(self._heap, (int(at), -1.0, self._planned, do))

    def call_in(self, span_ns: int, do: Callable[[], Any]) -> None:
        """Do it after so long."""
        self._count += 1
        heappush(self._heap, (self.ns + span_ns, self._draw(), self._count, do))

    def advance(self, until: RealNs, is_enough: Callable[[], bool] | None = None) -> None:
        """Have everything happen that is due by then, up to the moment when it is enough."""
        end = int(until)
        heap = self._heap
        while heap and heap[0][0] <= end:
            at, _, _, do = heappop(heap)
            self.ns = at
            do()
            if is_enough is not None and is_enough():
                return
        self.ns = max(self.ns, end)

    # For ports.

    def sleep(self, span_ns: int) -> Sleep:
        """What a simulated port awaits to wait."""
        return Sleep(span_ns)

    def gate(self) -> Gate:
        """What a simulated port awaits to be woken by somebody."""
        return Gate()

    # For people.

    def note(self, what: str, who: str = "", detail: str = "") -> None:
        """Remember that this happened."""
        self.account.append(Happening(self.elapsed_ns, what, who, detail))
