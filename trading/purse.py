"""The collateral: what the chain has, less what matched buys will still take of it."""

from __future__ import annotations

import msgspec

from messages.orders import OrderFilled
from messages.values import MICRO, Action, Money, Outcome, RealNs
from trading.inventory import MAX_PENDING, FillKey


class Spent(msgspec.Struct):
    """What a buy costs that the chain has not taken yet, as far as is known."""

    cost: Money
    landed_at: RealNs | None = None
    """When it was heard that the chain took it; a read that began later has it."""


class Purse:
    """Buys count at the match, sells when the chain has paid. Grows by facts and by reads."""

    def __init__(self) -> None:
        self.chain = Money(0)
        """Collateral as the chain had it when it was read last."""
        self.spent: dict[FillKey, Spent] = {}
        """Buys whose cost `chain` may still contain."""

    def fill(self, fill: OrderFilled) -> None:
        """A match: a buy's money is gone, though the chain still has it."""
        if fill.action is Action.BUY:
            self.spent[fill.trade, fill.order] = Spent(cost_of(fill))
            self._forget()

    def _forget(self) -> None:
        """A replay has no reads: what landed so many buys ago is in whatever is read next."""
        if len(self.spent) > MAX_PENDING:
            oldest = next(iter(self.spent))
            if self.spent[oldest].landed_at is not None:
                del self.spent[oldest]

    def landed(self, key: FillKey, at: RealNs | None) -> None:
        """The chain took what this fill gave (None: it gave it back); a read that began later is without it."""
        spent = self.spent.get(key)
        if spent is not None and (spent.landed_at is None or at is None):
            spent.landed_at = at

    def reversed(self, key: FillKey) -> None:
        """It never was, and the chain keeps what it has."""
        self.spent.pop(key, None)

    def read(self, collateral: Money, begun_at: RealNs) -> None:
        """The balance, as part of a read that began at this moment."""
        self.chain = collateral
        for key, spent in list(self.spent.items()):
            if spent.landed_at is not None and spent.landed_at <= begun_at:
                del self.spent[key]

    @property
    def free(self) -> Money:
        """What may be spent. Orders that rest are not taken off."""
        return Money(self.chain - sum(spent.cost for spent in self.spent.values()))


def cost_of(fill: OrderFilled) -> Money:
    """Dollars that a buy takes, its fee included, rounded up."""
    price = fill.price if fill.outcome is Outcome.YES else MICRO - fill.price
    return Money(-(-price * fill.size // MICRO) + fill.fee)
