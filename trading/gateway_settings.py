"""What the gateway is told at its start."""

from __future__ import annotations

import msgspec

from trading.budget import Tier
from trading.gtd import LONGEST_S, SHORTEST_S
from trading.risk.gate import GateLimits


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the gateway works."""

    limits: GateLimits = GateLimits()
    dry_run: bool = False
    """Decide and say, send nothing."""
    read_s: float = 30.0
    """The account is read this often when nothing else asks for it; real seconds."""
    order_life_s: int = 300
    """Seconds of market time after which the venue takes an order off by itself; 0: never."""
    tier: Tier = Tier.STANDARD
    """Which of the venue's limits of rate hold for this account."""
    collar_ticks: int = 5
    """Ticks that a bid may lie above, an ask below the middle it was decided for."""
    repeat_ms: int = 200
    """Real milliseconds in which the very same order is not taken twice while the first one is open; 0: off."""

    def __post_init__(self) -> None:
        if not 1 <= self.read_s <= 3_600:
            raise ValueError("read_s must be 1 to 3600")
        if not 0 <= self.collar_ticks <= 1_000:
            raise ValueError("collar_ticks must be 0 to 1000")
        if not 0 <= self.repeat_ms <= 10_000:
            raise ValueError("repeat_ms must be 0 to 10000")
        if self.order_life_s and not SHORTEST_S <= self.order_life_s <= LONGEST_S:
            raise ValueError(f"order_life_s must be 0 or {SHORTEST_S} to {LONGEST_S}")
