"""Maker rebates: a market's part of its takers' fees, to those whose orders they hit (VENUE §7.2).

Every taker counts as paying, those of the background too (assumed). A fill's fee equivalent is then its own taker's
fee, so that pool ÷ Σ equivalents is the market's rebate rate, and a rebate that rate times the maker's equivalents.
"""

from __future__ import annotations

from messages.values import MICRO, MarketId, Money
from venue.paper.doors.listening import Listening
from venue.paper.engine.admission import taker_fee
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, Trade, TradeStatus
from venue.paper.programs.minutes import day_of

Makers = dict[str, dict[MarketId, int]]
"""Rebates by maker and market, in millionths of a millionth of a dollar."""


class Rebates(Listening):
    """Rebates by day. Those of unpaid days are kept here, all of them in the ledger."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._ledger = exchange.ledger
        self._unpaid: dict[int, Makers] = {}
        unpaid = "SELECT * FROM rebates WHERE day NOT IN (SELECT day FROM paid_days)"
        for day, maker, market, dollars in self._ledger.read(unpaid):
            self._unpaid.setdefault(day, {}).setdefault(maker, {})[MarketId(market)] = dollars * MICRO
        exchange.listen(self)

    def trade_changed(self, trade: Trade) -> None:
        """A match counts at once, and no more once its settlement has failed."""
        if trade.status is TradeStatus.MATCHED and not trade.transaction_hash:
            self._count(trade, 1)
        elif trade.status is TradeStatus.FAILED and day_of(trade.matched_at) in self._unpaid:
            self._count(trade, -1)

    def rebates(self, maker: str, day: int) -> dict[MarketId, Money]:
        """What an account has for a day so far, by market, where it has anything."""
        unpaid = self._unpaid.get(day)
        if unpaid is not None:
            rows = [(market, parts // MICRO) for market, parts in unpaid.get(maker, {}).items()]
        else:
            query = "SELECT market, dollars FROM rebates WHERE day = ? AND maker = ? ORDER BY market"
            rows = [(MarketId(market), dollars) for market, dollars in self._ledger.read(query, day, maker)]
        return {market: Money(dollars) for market, dollars in rows if dollars}

    def unpaid_days(self, before: int) -> list[int]:
        """Days before this one whose rebates are still owed."""
        return sorted(day for day in self._unpaid if day < before)

    def owed(self, day: int) -> dict[str, Money]:
        """Everybody's rebates of an unpaid day."""
        return {maker: Money(sum(self.rebates(maker, day).values())) for maker in self._unpaid.get(day, {})}

    def close(self, day: int) -> None:
        """The day is paid: from now on the ledger alone remembers it."""
        self._unpaid.pop(day, None)

    def _count(self, trade: Trade, sign: int) -> None:
        market = self._exchange.market(trade.market)
        if market is None or not market.fee_rate * market.rebate_rate:
            return
        for leg in trade.legs:
            if leg.owner:
                parts = market.rebate_rate * taker_fee(market.fee_rate, leg.price, leg.size)
                self._add(day_of(trade.matched_at), leg.maker, market, sign * parts)

    def _add(self, day: int, maker: str, market: Market, parts: int) -> None:
        mine = self._unpaid.setdefault(day, {}).setdefault(maker, {})
        mine[market.id] = mine.get(market.id, 0) + parts
        row = (day, maker, market.id, mine[market.id] // MICRO)
        self._ledger.note("INSERT OR REPLACE INTO rebates VALUES (?, ?, ?, ?)", [row])
