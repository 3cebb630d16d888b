"""Who trades which market: one owner each, folded from the facts of the hand-over."""

from __future__ import annotations

from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired, MarketTaken
from messages.values import ExitId, MarketId, RoleName


class Ownership:
    """Grows by `note` alone. A fact that is told twice changes nothing the second time."""

    def __init__(self) -> None:
        self.owners: dict[MarketId, RoleName] = {}
        """Whoever quotes the market, or works it off."""
        self.slugs: dict[MarketId, str] = {}
        self.exits: dict[MarketId, ExitId] = {}
        """Exits that are not completed."""
        self._counts: dict[MarketId, int] = {}
        self._latest: dict[MarketId, ExitId] = {}

    def note(self, fact: MarketTaken | MarketRetired | LiquidatorAssigned | ExitCompleted) -> None:
        """Take one fact into account."""
        self.slugs[fact.market] = fact.slug
        match fact:
            case MarketTaken() if fact.market in self.exits:
                pass  # somebody had it handed over at the same moment; whoever took it looks for another
            case MarketTaken():
                for market in [m for m, owner in self.owners.items() if owner == fact.owner]:
                    del self.owners[market]
                self.owners[fact.market] = fact.owner
            case MarketRetired() if self._latest.get(fact.market) != fact.exit:
                self._latest[fact.market] = self.exits[fact.market] = fact.exit
                self._counts[fact.market] = self._counts.get(fact.market, 0) + 1
                self.owners.pop(fact.market, None)
            case LiquidatorAssigned() if self.exits.get(fact.market) == fact.exit:
                self.owners[fact.market] = fact.liquidator
            case ExitCompleted() if self.exits.get(fact.market) == fact.exit:
                del self.exits[fact.market]
                self.owners.pop(fact.market, None)
            case _:
                pass

    def market_of(self, role: RoleName) -> MarketId | None:
        """The market this role trades."""
        for market, owner in self.owners.items():
            if owner == role:
                return market
        return None

    def is_free(self, market: MarketId) -> bool:
        """Nobody quotes it and nobody works it off."""
        return market not in self.owners and market not in self.exits

    def next_exit(self, market: MarketId) -> ExitId:
        """What the market's next exit is called: the same by every fold of the same facts."""
        return ExitId(f"{market}#{self._counts.get(market, 0) + 1}")
