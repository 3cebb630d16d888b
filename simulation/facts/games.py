"""The recorded games as markets to be measured: before their start, and in play."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import msgspec
import numpy as np

from messages.values import MICRO, SECOND
from simulation.facts.observed import Observed, observe
from venue.paper.replay.recording import Recording

OUTAGE_NS = 600 * SECOND
"""A game that was recorded before it began and then not for so long may have begun unseen."""
DEEP = 2_000 * MICRO
"""Millionths of shares: a touch that is deeper in the median has not begun; games in play rest a tenth of it."""
PATTERN = "mlb-*.jsonl*"


class Phase(StrEnum):
    """Of a game's market."""

    BEFORE = "before"
    IN_PLAY = "in play"


class Game(msgspec.Struct, frozen=True):
    """A phase of one game."""

    slug: str
    phase: Phase
    seen: Observed


def games(directory: Path) -> Iterable[Game]:
    """Every phase of every game of a directory, by name. Raises RecordingError and OSError."""
    for path in sorted(directory.glob(PATTERN)):
        recording = Recording(path)
        for phase, seen in phases(observe(recording.events(0))):
            yield Game(recording.market.slug, phase, seen)


def phases(seen: Observed) -> list[tuple[Phase, Observed]]:
    """The venue takes all orders off when a game begins: an empty book is the beginning.

    Without one, a market that starts deep has not begun until a long outage, and any other one is in play.
    """
    emptied = np.flatnonzero((seen.tops[:, 2] == 0) & (seen.tops[:, 4] == 0))
    if len(emptied) and _is_deep(until := between(seen, seen.begins_at, int(seen.tops[emptied[0], 0]))):
        return [(Phase.BEFORE, until), (Phase.IN_PLAY, between(seen, until.ends_at, seen.ends_at))]
    outages = np.flatnonzero(np.diff(seen.updates) > OUTAGE_NS)
    last = int(seen.updates[outages[0]]) + SECOND if len(outages) else seen.ends_at
    first = between(seen, seen.begins_at, last) if len(outages) else seen
    if not _is_deep(first):
        return [(Phase.IN_PLAY, seen)]
    rest = [(Phase.IN_PLAY, between(seen, last, seen.ends_at))] if len(outages) else []
    return [(Phase.BEFORE, first), *rest]


def between(seen: Observed, begins_at: int, ends_at: int) -> Observed:
    """What was seen in a part of the time; the best prices of its beginning are known only from their next change."""
    tops, updates, trades, depth = (
        rows[(times >= begins_at) & (times < ends_at)]
        for rows, times in (
            (seen.tops, seen.tops[:, 0]),
            (seen.updates, seen.updates),
            (seen.trades, seen.trades[:, 0]),
            (seen.depth, seen.depth[:, 0]),
        )
    )
    return Observed(
        tops=tops, updates=updates, trades=trades, depth=depth, begins_at=begins_at, ends_at=ends_at
    )


def _is_deep(seen: Observed) -> bool:
    return len(seen.tops) > 0 and float(np.median(seen.tops[:, [2, 4]])) > DEEP
