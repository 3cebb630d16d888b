"""Which markets are paused, and why: folded from facts by everybody who must not trade there."""

from __future__ import annotations

from messages.values import MarketId, Money
from messages.wallet import MarketPaused, MarketResumed, PauseCause


class Pauses:
    """Grows by `note` alone. A fact that is told twice changes nothing the second time."""

    def __init__(self) -> None:
        self._by_market: dict[MarketId, dict[PauseCause, MarketPaused]] = {}

    def note(self, fact: MarketPaused | MarketResumed) -> None:
        """Take one fact into account."""
        if isinstance(fact, MarketResumed):
            self._by_market.pop(fact.market, None)
        else:
            self._by_market.setdefault(fact.market, {})[fact.cause] = fact

    def __contains__(self, market: object) -> bool:
        return market in self._by_market

    def __len__(self) -> int:
        return len(self._by_market)

    def has(self, market: MarketId, cause: PauseCause) -> bool:
        """Whether this cause pauses the market already."""
        return cause in self._by_market.get(market, {})

    def why(self, market: MarketId) -> str:
        """Why nothing may be placed there; empty where it may."""
        found = self._by_market.get(market)
        return "" if found is None else "; ".join(paused.reason for paused in found.values())

    def all(self) -> list[MarketPaused]:
        """Every cause of every paused market, the oldest first."""
        return [paused for found in self._by_market.values() for paused in found.values()]

    @property
    def dirty(self) -> tuple[MarketId, ...]:
        """Markets whose position is not sure."""
        unsure = (PauseCause.DRIFT, PauseCause.FOREIGN_FILL)
        return tuple(m for m, found in self._by_market.items() if any(cause in found for cause in unsure))

    @property
    def amount(self) -> Money:
        """What our books and the venue's differ by in all of them, at a dollar a share."""
        return Money(sum(max(p.amount for p in found.values()) for found in self._by_market.values()))
