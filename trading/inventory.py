"""What is held of each market's two tokens, what it cost, and what it earned: exact integers, from fills alone."""

from __future__ import annotations

from typing import NewType

import msgspec

from messages.orders import FillConfirmed, FillReversed, OrderFilled
from messages.values import (
    MICRO,
    Action,
    MarketId,
    Money,
    OrderId,
    Outcome,
    Price,
    Shares,
    Side,
    Size,
    TradeId,
)

Pico = NewType("Pico", int)
"""Signed dollars in millionths of millionths: a price times a size, with nothing rounded away."""
FillKey = tuple[TradeId, OrderId]

MAX_PENDING = 4_096
"""Fills of one market that may wait for their settlement; beyond it the oldest counts as settled."""
MAX_KNOWN = 16_384
"""Fills of one market that are recognised when they are told again."""


class Holding(msgspec.Struct):
    """One token: shares held and the dollars that were paid for exactly these, fees included."""

    size: int = 0
    """Millionths of a share; negative only while a reversed fill leaves more sold than bought."""
    cost: int = 0
    """Pico-dollars."""

    def move(self, change: int, paid: int) -> int:
        """Take `change` shares for `paid` pico-dollars (both signed); what that realized, in pico-dollars.

        Shares given away take their part of the cost along, rounded down to a pico-dollar; the rest of the
        cost stays with the rest of the shares, so realized plus cost always adds up to what was paid.
        """
        if self.size * change >= 0:
            self.size += change
            self.cost += paid
            return 0
        closing = min(abs(change), abs(self.size))
        removed = self.cost * closing // abs(self.size)
        paid_for_closing = paid * closing // abs(change)
        sign = 1 if change > 0 else -1
        self.size += sign * closing
        self.cost -= removed
        self.size += change - sign * closing
        self.cost += paid - paid_for_closing
        return -paid_for_closing - removed


class Totals(msgspec.Struct):
    """Both tokens of a market and the money that went through them."""

    yes: Holding = msgspec.field(default_factory=Holding)
    no: Holding = msgspec.field(default_factory=Holding)
    realized: int = 0
    """Pico-dollars earned against average cost, fees taken off."""
    cash: int = 0
    """Pico-dollars that came in minus those that went out, fees included."""
    fees: int = 0
    """Millionths of a dollar."""

    def apply(self, fill: OrderFilled) -> None:
        """Take one fill into account."""
        holding = self.yes if fill.outcome is Outcome.YES else self.no
        price = fill.price if fill.outcome is Outcome.YES else MICRO - fill.price
        sign = 1 if fill.action is Action.BUY else -1
        paid = sign * price * fill.size + fill.fee * MICRO
        self.realized += holding.move(sign * fill.size, paid)
        self.cash -= paid
        self.fees += fill.fee

    @property
    def net(self) -> Shares:
        """YES minus NO."""
        return Shares(self.yes.size - self.no.size)

    def value(self, mark: Price) -> int:
        """Pico-dollars of what is held, at this YES mark."""
        return self.yes.size * mark + self.no.size * (MICRO - mark)

    def copy(self) -> Totals:
        """The same figures, to go on from."""
        return Totals(
            yes=Holding(self.yes.size, self.yes.cost),
            no=Holding(self.no.size, self.no.cost),
            realized=self.realized,
            cash=self.cash,
            fees=self.fees,
        )


class PendingFill(msgspec.Struct):
    """A fill that may still be reversed."""

    fill: OrderFilled
    is_confirmed: bool = False


class Inventory:
    """One market's holdings. Each fill counts once by (trade, order); a reversed one never was.

    Two ledgers: *matched* has every fill that was heard and not reversed, *confirmed* only those that are settled
    for good. Fills are folded in the order they were heard. Settled ones are folded for good, the others are kept,
    so that a reversal leaves exactly what would be there without that fill, in whatever order settlements are told.
    """

    def __init__(self) -> None:
        self._settled = Totals()
        """The confirmed fills that no unconfirmed one is older than."""
        self._now = Totals()
        """The matched ledger."""
        self._confirmed = Totals()
        """The confirmed ledger."""
        self._pending: dict[FillKey, PendingFill] = {}
        self._known: dict[FillKey, None] = {}

    # Facts in.

    def add(self, fill: OrderFilled) -> bool:
        """Take a fill into account; False: it was known."""
        key = (fill.trade, fill.order)
        if key in self._known:
            return False
        self._known[key] = None
        if len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]
        self._pending[key] = PendingFill(fill)
        self._now.apply(fill)
        if len(self._pending) > MAX_PENDING:
            self._pending[next(iter(self._pending))].is_confirmed = True
            self._settle()
        return True

    def confirm(self, confirmed: FillConfirmed) -> bool:
        """A fill is settled for good; False: nothing of it was waiting."""
        pending = self._pending.get((confirmed.trade, confirmed.order))
        if pending is None or pending.is_confirmed:
            return False
        pending.is_confirmed = True
        self._settle()
        return True

    def reverse(self, reversal: FillReversed) -> bool:
        """A fill never was; False: it is not known, or it was settled."""
        key = (reversal.trade, reversal.order)
        pending = self._pending.get(key)
        if pending is None or pending.is_confirmed:
            return False
        del self._pending[key]
        self._now = self._settled.copy()
        for pending in self._pending.values():
            self._now.apply(pending.fill)
        self._settle()
        return True

    @property
    def has_fills(self) -> bool:
        """Whether anything was ever traded here, reversed or not."""
        return bool(self._known)

    def knows(self, key: FillKey) -> bool:
        """Whether this fill was heard before, reversed or not."""
        return key in self._known

    def _settle(self) -> None:
        while self._pending and next(iter(self._pending.values())).is_confirmed:
            self._settled.apply(self._pending.pop(next(iter(self._pending))).fill)
        self._confirmed = self._settled.copy()
        for pending in self._pending.values():
            if pending.is_confirmed:
                self._confirmed.apply(pending.fill)

    # Figures out.

    @property
    def net(self) -> Shares:
        """Net exposure by every match heard: YES minus NO."""
        return self._now.net

    @property
    def confirmed_net(self) -> Shares:
        """Net exposure by what is settled for good."""
        return self._confirmed.net

    @property
    def nets(self) -> tuple[Shares, Shares]:
        """The lower and the higher of both ledgers' net exposures: what limits look at is the worse one."""
        return min(self.net, self.confirmed_net), max(self.net, self.confirmed_net)

    @property
    def is_flat(self) -> bool:
        """Not a millionth of either token is held."""
        return not self._now.yes.size and not self._now.no.size

    @property
    def pairs(self) -> Size:
        """YES held together with NO: no exposure, a dollar each, its collateral tied until it is merged."""
        return Size(max(0, min(self._now.yes.size, self._now.no.size)))

    def held(self, outcome: Outcome) -> Size:
        """Shares of one token by every match heard, settled or not."""
        return Size(max(0, self._holding(outcome).size))

    def balance(self, outcome: Outcome) -> Shares:
        """Shares of one token by every match heard; negative while a reversed buy leaves more sold than bought."""
        return Shares(self._holding(outcome).size)

    def confirmed(self, outcome: Outcome) -> Size:
        """Shares of one token that may be sold: buys count when they are settled, sells at once."""
        return self.on_chain(outcome)[0]

    def on_chain(self, outcome: Outcome) -> tuple[Size, Size]:
        """The least and the most of a token that the chain may show: each unsettled fill may be there or not."""
        least = most = self._holding(outcome).size
        for pending in self._pending.values():
            if not pending.is_confirmed and pending.fill.outcome is outcome:
                if pending.fill.action is Action.BUY:
                    least -= pending.fill.size
                else:
                    most += pending.fill.size
        return Size(max(0, least)), Size(max(0, most))

    @property
    def sellable(self) -> Size:
        """Shares of the token we are long of that may be sold and never turn the exposure.

        What the chain has for good, and no more than is left of the exposure should every unsettled fill that
        made it fail: pairs are held of both tokens, so that the one bound does not imply the other.
        """
        is_long = self.net > 0
        makes = Side.BID if is_long else Side.ASK
        unsettled = sum(
            pending.fill.size
            for pending in self._pending.values()
            if not pending.is_confirmed and pending.fill.side is makes
        )
        of_the_chain = self.confirmed(Outcome.YES if is_long else Outcome.NO)
        return Size(max(0, min(of_the_chain, abs(self.net) - unsettled)))

    @property
    def is_settled(self) -> bool:
        """No fill waits for its settlement."""
        return not self._pending

    def average_cost(self, outcome: Outcome) -> Price | None:
        """Paid per share held, fees included, in this token's terms, rounded up; None where nothing is held."""
        holding = self._holding(outcome)
        return Price(-(-holding.cost // holding.size)) if holding.size > 0 else None

    @property
    def cash(self) -> Pico:
        """What came in minus what went out, exactly."""
        return Pico(self._now.cash)

    @property
    def earned(self) -> Pico:
        """Realized against average cost by every match heard, exactly."""
        return Pico(self._now.realized)

    @property
    def confirmed_earned(self) -> Pico:
        """Realized by what is settled for good, exactly; `earned` minus this is pending."""
        return Pico(self._confirmed.realized)

    def confirmed_equity(self, mark: Price) -> Pico:
        """Cash and value of what is settled for good, at this YES mark, exactly."""
        return Pico(self._confirmed.cash + self._confirmed.value(mark))

    def value(self, mark: Price) -> Pico:
        """What is held, at this YES mark, exactly; a pair is worth a dollar at every mark."""
        return Pico(self._now.value(mark))

    def at_stake(self, mark: Price) -> Pico:
        """Value minus cost of what is held, exactly: `earned + at_stake == cash + value` always."""
        return Pico(self.value(mark) - self._now.yes.cost - self._now.no.cost)

    @property
    def realized(self) -> Money:
        """`confirmed_earned`, rounded down to a millionth of a dollar."""
        return Money(self.confirmed_earned // MICRO)

    @property
    def pending(self) -> Money:
        """Realized by matches that are not settled yet: with `realized` it is `earned`, rounded down."""
        return Money(self.earned // MICRO - self.realized)

    def unrealized(self, mark: Price) -> Money:
        """`at_stake`, rounded down to a millionth of a dollar."""
        return Money(self.at_stake(mark) // MICRO)

    @property
    def fees(self) -> Money:
        """Fees paid; they are inside cost and realized already."""
        return Money(self._now.fees)

    def _holding(self, outcome: Outcome) -> Holding:
        return self._now.yes if outcome is Outcome.YES else self._now.no


class Inventories:
    """The holdings of every market that ever had a fill."""

    def __init__(self) -> None:
        self._markets: dict[MarketId, Inventory] = {}

    def __getitem__(self, market: MarketId) -> Inventory:
        """One market's holdings; empty ones for a market without a fill."""
        return self._markets.get(market) or Inventory()

    def items(self) -> list[tuple[MarketId, Inventory]]:
        """Every market with its holdings, in the order of their first fills."""
        return list(self._markets.items())

    def note(self, fact: OrderFilled | FillConfirmed | FillReversed) -> bool:
        """Take one fact into account; False: it changed nothing."""
        if isinstance(fact, OrderFilled):
            return self._markets.setdefault(fact.market, Inventory()).add(fact)
        inventory = self._markets.get(fact.market)
        if inventory is None:
            return False
        return inventory.confirm(fact) if isinstance(fact, FillConfirmed) else inventory.reverse(fact)
