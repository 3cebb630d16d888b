"""How long a message takes to the venue and its answer back: two seeded distributions (TRADING §8)."""

from __future__ import annotations

import random
import re

import msgspec

from messages.values import MS

_WAY = re.compile(r"(\d+(?:\.\d+)?)(?:(?:±|\+-|\+/-)(\d+(?:\.\d+)?))?(?:ms)?")


class Way(msgspec.Struct, frozen=True):
    """One direction: normally distributed, never below 0."""

    mean_ms: float
    sd_ms: float = 0.0

    def draw(self, chance: random.Random) -> int:
        """Nanoseconds, in whole microseconds."""
        return max(0, round(1_000 * chance.gauss(self.mean_ms, self.sd_ms))) * (MS // 1_000)


class Latency(msgspec.Struct, frozen=True):
    """There and back, in market time; the venue's own taker delay comes on top."""

    out: Way = Way(40, 15)
    back: Way = Way(20, 10)


def latency(text: str) -> Latency:
    """`OUT±SD,BACK±SD` in milliseconds, such as `40±15,20±10`; `+-` does for `±`, and without one nothing varies.

    Raises ValueError for anything else.
    """
    ways = [_WAY.fullmatch(way.strip()) for way in text.split(",")]
    if len(ways) != 2 or None in ways:
        raise ValueError(f"{text!r} is not OUT±SD,BACK±SD in milliseconds")
    out, back = (Way(float(way[1]), float(way[2] or 0)) for way in ways if way is not None)
    return Latency(out, back)
