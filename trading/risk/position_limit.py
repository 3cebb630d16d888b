"""How much of one market we are willing to hold."""

from __future__ import annotations

from messages.values import Shares, Side, Size
from trading.risk.rule import Given, Rule
from trading.units import shares_text, size_text


class PositionLimit(Rule, frozen=True):
    """At or past the limit of matched net exposure the market is handed over, or its growing side not quoted."""

    max_net: Size = Size(50_000_000)
    """Shares, YES minus NO either way. Below it the growing side is quoted in full size."""

    def __post_init__(self) -> None:
        if self.max_net <= 0:
            raise ValueError("max_net must be above 0")

    def is_reached(self, net: Shares) -> bool:
        """Reaching the limit trips it."""
        return abs(net) >= self.max_net

    def denies(self, side: Side, given: Given) -> str:
        """Why this side is not quoted: it would grow what is at the limit."""
        if not self.is_reached(given.net) or side.sign * given.net < 0:
            return ""
        return f"position limit: {shares_text(given.net)} of {size_text(self.max_net)}"
