"""The second hand of what is told second by second: it moves only while somebody listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from messages.values import SECOND
from venue.paper.engine.clock import VenueClock

POLL_S = 0.05
"""Real seconds between two looks at the market clock."""
MOST_A_SECOND = 20
"""Beats in a real second, for each thing told; where market time runs faster, seconds are left out."""
STEPS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 300, 900, 3_600)
"""Which: all that are no multiples of one of these, so that every whole minute is told as long as there is time."""
MOST_LATE = 64
"""Beats that are made up for when the process was held up; older ones are left out."""

Tell = Callable[[int], None]
"""Gets a second since the Unix epoch."""


class Beats:
    """Calls whoever joined when a market second is so many nanoseconds old, in order, none twice."""

    def __init__(self, clock: VenueClock) -> None:
        self._clock = clock
        self._told: dict[Tell, tuple[int, int]] = {}
        """With the delay, and the second told last."""
        self._running: asyncio.Task[None] | None = None

    def join(self, tell: Tell, delay_ns: int) -> int:
        """From the next second on; who joined before stays as it was. Returns the second told last."""
        if tell not in self._told:
            self._told[tell] = delay_ns, self.last(delay_ns)
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())
        return self._told[tell][1]

    def leave(self, tell: Tell) -> None:
        """No more."""
        self._told.pop(tell, None)
        if not self._told and self._running is not None:
            self._running.cancel()
            self._running = None

    def last(self, delay_ns: int) -> int:
        """The last second that is so old."""
        return (int(self._clock.now()) - delay_ns) // SECOND

    def _step(self) -> int:
        speed = self._clock.anchor.speed if self._clock.anchor else 1
        return next((step for step in STEPS if step * MOST_A_SECOND >= speed), STEPS[-1])

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            step = self._step()
            for tell, (delay_ns, told) in list(self._told.items()):
                last = self.last(delay_ns) // step * step
                if last > told and tell in self._told:
                    self._told[tell] = delay_ns, last
                    first = max(told // step * step + step, last - MOST_LATE * step)
                    for second in range(first, last + 1, step):
                        if tell in self._told:
                            tell(second)
