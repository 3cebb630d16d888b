"""How many of a market's last trades failed to settle: too many, and nothing should be traded there."""

from __future__ import annotations

from collections import deque

from messages.orders import FillReversed, OrderFilled
from messages.values import MarketId
from trading.account import FillFact

WINDOW = 20
"""Trades that count; fewer count as if the missing ones had settled."""
MAX_FAILED = 1
"""Of these: 5 %."""


class Failures:
    """How the last settlements of each market ended, from facts alone."""

    def __init__(self) -> None:
        self._ended: dict[MarketId, deque[bool]] = {}

    def note(self, fact: FillFact) -> None:
        """A settlement came to its end."""
        if not isinstance(fact, OrderFilled):
            ended = self._ended.setdefault(fact.market, deque(maxlen=WINDOW))
            ended.append(isinstance(fact, FillReversed))

    @property
    def markets(self) -> list[MarketId]:
        """Where settlements ended since a person looked."""
        return list(self._ended)

    def trouble(self, market: MarketId) -> str:
        """Why the market should rest; empty while enough of its trades settle."""
        failed = sum(self._ended.get(market, ()))
        return f"{failed} of its last {WINDOW} trades failed to settle" if failed > MAX_FAILED else ""

    def forget(self, market: MarketId) -> None:
        """A person looked at it: counted from here."""
        self._ended.pop(market, None)
