"""The clock on the wall: what `/time` says, what signed timestamps are held against, what frames are stamped with."""

from __future__ import annotations

import time
from collections.abc import Callable

from messages.values import MS, SECOND, MarketNs


class Wall:
    """Real time, and market time where that is told; both can be made wrong by the same offset."""

    def __init__(self, wall_s: Callable[[], float] = time.time) -> None:
        self._wall_s = wall_s
        self.offset_ns = 0

    def now_s(self) -> float:
        """Seconds since the epoch."""
        return self._wall_s() + self.offset_ns / SECOND

    def ms_text(self, at: MarketNs) -> str:
        """A market time as 13 digits of milliseconds, as this clock would have stamped it."""
        return str((int(at) + self.offset_ns) // MS)
