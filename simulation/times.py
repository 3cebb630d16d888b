"""How a report spells moments and amounts."""

from __future__ import annotations

from datetime import UTC, datetime

from messages.values import MICRO, SECOND
from simulation.story import Entry


def iso(nanoseconds: int) -> str:
    """An instant since the epoch, UTC, to the millisecond."""
    whole = datetime.fromtimestamp(nanoseconds // SECOND, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{nanoseconds % SECOND // 1_000_000:03d}Z"


def moment(entry: Entry) -> dict[str, object]:
    """When an entry was said, by all three clocks."""
    return {"at": iso(entry.wall_at), "market_at": iso(int(entry.market_at)), "real_ns": int(entry.real_at)}


def dollars(millionths: int) -> float:
    """Dollars as a JSON number, exact to the millionth."""
    return round(millionths / MICRO, 6)


def shares(millionths: int) -> float:
    """Shares as a JSON number, exact to the millionth."""
    return round(millionths / MICRO, 6)
