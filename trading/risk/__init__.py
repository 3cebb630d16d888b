"""Rules, one a file, and what of an account's state they judge."""

from __future__ import annotations

import msgspec

from messages.values import Side
from trading.quoting.quote import Quote
from trading.risk.daily_loss import DailyLoss, Reset
from trading.risk.drift_limit import DriftLimit
from trading.risk.gapped_book import GappedBook
from trading.risk.position_limit import PositionLimit
from trading.risk.rule import Given, Rule

__all__ = [
    "DailyLoss",
    "DriftLimit",
    "GappedBook",
    "Given",
    "PositionLimit",
    "Reset",
    "RiskLimits",
    "Rule",
    "admitted",
]


class RiskLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every rule with its limits: one section of the configuration each."""

    gapped_book: GappedBook = GappedBook()
    position_limit: PositionLimit = PositionLimit()
    daily_loss: DailyLoss = DailyLoss()
    drift: DriftLimit = DriftLimit()

    @property
    def quoting(self) -> tuple[Rule, ...]:
        """Rules that deny a quote's side, in the order they are asked."""
        return (self.gapped_book, self.position_limit)


def admitted(quote: Quote, given: Given, limits: RiskLimits) -> Quote:
    """The quote without the sides that a rule denies; the first rule's reason stands."""
    for side in (Side.BID, Side.ASK):
        why = next((why for rule in limits.quoting if (why := rule.denies(side, given))), "")
        if why and quote.price(side) is not None:
            quote = quote.without(side, why)
    return quote
