"""Numbers as the readable files spell them: exact decimal strings."""

from __future__ import annotations

from typing import Any

import msgspec

from messages.values import MICRO, Outcome
from trading.inventory import Inventory


def units(millionths: int) -> str:
    """Millionths as an exact decimal string."""
    sign = "-" if millionths < 0 else ""
    whole, part = divmod(abs(millionths), MICRO)
    return f"{sign}{whole}.{part:06d}".rstrip("0").rstrip(".") if part else f"{sign}{whole}"


def holding(held: Inventory, outcome: Outcome) -> dict[str, Any]:
    """One token: shares, and what each cost."""
    cost = held.average_cost(outcome)
    return {"size": units(held.held(outcome)), "avgCost": None if cost is None else units(cost)}


def position(held: Inventory) -> dict[str, Any]:
    """What is held of a market and what it earned."""
    return {
        "netExposure": units(held.net),
        "confirmedExposure": units(held.confirmed_net),
        "yes": holding(held, Outcome.YES),
        "no": holding(held, Outcome.NO),
        "realizedPnl": units(held.realized),
        "pendingPnl": units(held.pending),
        "fees": units(held.fees),
    }


def text(content: dict[str, Any]) -> str:
    """A whole file."""
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"
