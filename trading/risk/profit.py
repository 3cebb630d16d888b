"""The account's profit and loss over all markets, and the day it is counted by."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from messages.market import BookSnapshot
from messages.orders import FillConfirmed, FillReversed, OrderFilled
from messages.risk import LossDayBegan
from messages.values import MICRO, SECOND, MarketId, MarketNs, Money, Price
from trading.inventory import Inventories


class Profit(msgspec.Struct, frozen=True, kw_only=True):
    """Dollars in millionths since the state directory began. Fees are inside realized already."""

    realized: Money
    """By trades that are settled for good."""
    pending: Money = Money(0)
    """Realized by trades whose settlement is waited for."""
    unrealized: Money
    """Of everything held by every match heard."""
    fees: Money
    confirmed: Money = Money(0)
    """Equity by trades that are settled for good, alone."""

    @property
    def equity(self) -> Money:
        """Everything earned by every match heard, marked to market."""
        return Money(self.realized + self.pending + self.unrealized)

    @property
    def worst(self) -> Money:
        """The lower equity of both ledgers: what limits look at."""
        return min(self.equity, self.confirmed)


class ProfitAndLoss:
    """Holdings of all markets with a mark for each: the payout of a resolved one, the newest mid, or before there is
    one the last fill's price."""

    def __init__(self) -> None:
        self.inventories = Inventories()
        self._fill_marks: dict[MarketId, Price] = {}
        self._mids: dict[MarketId, Price] = {}
        self._payouts: dict[MarketId, Price] = {}

    def note(self, fact: OrderFilled | FillConfirmed | FillReversed) -> None:
        """Take a fact into account."""
        if self.inventories.note(fact) and isinstance(fact, OrderFilled):
            self._fill_marks[fact.market] = fact.price if fact.worth is None else fact.worth

    def mark(self, book: BookSnapshot) -> bool:
        """Take a book into account; False: nothing is held there, or it has no mid, and the last mark stands."""
        if book.market not in self._fill_marks or not book.bids or not book.asks:
            return False
        self._mids[book.market] = Price((book.bids[0][0] + book.asks[0][0]) // 2)
        return True

    def settle(self, market: MarketId, payout: Price) -> None:
        """The market resolved: no book counts any more."""
        self._payouts[market] = payout

    def is_settled(self, market: MarketId) -> bool:
        """Whether the market is resolved, by our own facts."""
        return market in self._payouts

    def mark_of(self, market: MarketId) -> Price:
        """The YES price the market's holdings are valued at; there is one for every market with a fill."""
        paid = self._payouts.get(market)
        return self._mids.get(market, self._fill_marks.get(market, Price(0))) if paid is None else paid

    @property
    def is_marked(self) -> bool:
        """Every market with an exposure has a mid of its own, or its payout."""
        known = self._mids.keys() | self._payouts.keys()
        return all(market in known for market, held in self.inventories.items() if held.net != 0)

    def profit(self) -> Profit:
        """The sums, each rounded down once."""
        earned = settled = at_stake = confirmed = fees = 0
        for market, held in self.inventories.items():
            mark = self.mark_of(market)
            earned += held.earned
            settled += held.confirmed_earned
            at_stake += held.at_stake(mark)
            confirmed += held.confirmed_equity(mark)
            fees += held.fees
        return Profit(
            realized=Money(settled // MICRO),
            pending=Money(earned // MICRO - settled // MICRO),
            unrealized=Money((earned + at_stake) // MICRO - earned // MICRO),
            fees=Money(fees),
            confirmed=Money(confirmed // MICRO),
        )


class LossDay:
    """The day the loss is counted by: UTC, market time, one way."""

    def __init__(self) -> None:
        self.day = ""
        self.equity = Money(0)

    def hear(self, began: LossDayBegan) -> None:
        """A count begins; one of an earlier day than the known one is void."""
        if began.day >= self.day:
            self.day, self.equity = began.day, began.equity

    def found(self, fill: OrderFilled) -> None:
        """What a position that is no trade of ours earned before it was found is no gain or loss of this day."""
        self.equity = Money(self.equity + earned_before(fill))

    def is_over(self, now: MarketNs) -> bool:
        """A later day has come than the one that is counted; a clock that was never set says nothing."""
        return int(now) > 0 and day_of(now) > self.day

    def net(self, profit: Profit) -> Money:
        """What the day earned so far, by the worse of both ledgers."""
        return Money(profit.worst - self.equity)


def earned_before(fill: OrderFilled) -> Money:
    """What a position that was found had earned before; nothing in a trade."""
    if fill.worth is None:
        return Money(0)
    return Money(fill.side.sign * (fill.worth - fill.price) * fill.size // MICRO)


def day_of(now: MarketNs) -> str:
    """The UTC day of a market time, YYYY-MM-DD."""
    return datetime.fromtimestamp(int(now) // SECOND, UTC).strftime("%Y-%m-%d")
