"""How far our books and the venue's may be apart before everything stops."""

from __future__ import annotations

import msgspec

from messages.values import Money
from trading.units import money_text


class DriftLimit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A breaker: nothing at all once too many markets are dirty, or one by too much."""

    max_amount: Money = Money(50_000_000)
    """Dollars, at one for each share that differs. More trips."""
    max_markets: int = 1
    """Dirty markets. More trip."""

    def __post_init__(self) -> None:
        if self.max_amount < 0:
            raise ValueError("max_amount must not be below 0")
        if not 0 <= self.max_markets <= 1_000:
            raise ValueError("max_markets must be 0 to 1000")

    def trips(self, markets: int, amount: Money) -> str:
        """Why everything stops, given what is dirty now; empty when it does not."""
        if markets > self.max_markets:
            return f"{markets} markets are dirty: what we hold there is not sure"
        if markets and amount > self.max_amount:
            return f"our books and the venue's differ by up to {money_text(amount)}"
        return ""
