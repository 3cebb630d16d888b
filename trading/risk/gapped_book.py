"""No quote into a book that is too wide to be honest."""

from __future__ import annotations

from messages.values import Price, Side
from trading.risk.rule import Given, Rule
from trading.units import price_text


class GappedBook(Rule, frozen=True):
    """Deny both sides while the spread is wider than an honest market keeps it."""

    max_spread: Price = Price(80_000)
    """Dollars per share between the best prices with the market's minimum size behind them."""

    def denies(self, side: Side, given: Given) -> str:
        """Why nothing is quoted; a book without both sides is another rule's business."""
        top = given.book.top(given.min_size)
        if top is None or top[1] - top[0] <= self.max_spread:
            return ""
        return f"gapped book: spread {price_text(top[1] - top[0])} > {price_text(self.max_spread)}"
