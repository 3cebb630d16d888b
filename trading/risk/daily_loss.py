"""How much a day may cost."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from messages.values import Money
from trading.units import money_text


class Reset(StrEnum):
    """What lifts the halt of a daily loss."""

    NEXT_DAY = "next_day"
    """The next UTC day of market time (preset `micro`)."""
    HUMAN = "human"
    """A resume with a reason; the count begins anew with it (preset `standard`)."""


class DailyLoss(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A breaker: no quotes after the day's loss, realized and unrealized, reached the limit."""

    max_loss: Money = Money(50_000_000)
    """Dollars. Reaching it trips."""
    reset: Reset = Reset.HUMAN

    def __post_init__(self) -> None:
        if self.max_loss <= 0:
            raise ValueError("max_loss must be above 0")

    def trips(self, day_net: Money) -> str:
        """Why the account stops quoting, given what the day earned so far; empty when it does not."""
        if day_net > -self.max_loss:
            return ""
        return f"daily loss {money_text(-day_net)} of {money_text(self.max_loss)}"
