"""Maker rebates: a market's part of its takers' fees, to those whose orders they hit (VENUE §7.2).

Every taker counts as paying, those of the background too (assumed). A fill's fee equivalent is then its own taker's
fee, so that pool ÷ Σ equivalents is the market's rebate rate, and a rebate that rate times the maker's equivalents.
"""

from __future__ import annotations

from messages.values import MICRO, MarketId, MarketNs, Money
from venue.paper.doors.listening import Listening
from venue.paper.engine.admission import taker_fee
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Trade, TradeStatus
from venue.paper.programs.minutes import DAY, day_of

_FILLS = """
SELECT trades.matched_at, trades.market, legs.maker, legs.price, legs.size FROM trades JOIN legs
ON legs.trade = trades.id WHERE legs.owner != '' AND trades.status != 'FAILED' AND trades.matched_at >= ?
"""


class Rebates(Listening):
    """Fee equivalents by day, maker and market, in millionths of a dollar; those of unpaid days are kept here."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._ledger = exchange.ledger
        self._equivalents: dict[int, dict[str, dict[MarketId, int]]] = {}
        self._recover()
        exchange.listen(self)

    def trade_changed(self, trade: Trade) -> None:
        """A match counts at once, and no more once its settlement has failed."""
        if trade.status is TradeStatus.MATCHED and not trade.transaction_hash:
            self._count(trade, 1)
        elif trade.status is TradeStatus.FAILED and day_of(trade.matched_at) in self._equivalents:
            self._count(trade, -1)

    def rebates(self, maker: str, day: int) -> dict[MarketId, Money]:
        """What an account has for a day so far, by market, where it has anything."""
        unpaid = self._equivalents.get(day)
        if unpaid is not None:
            found = {
                market: self._rebate(market, equivalent)
                for market, equivalent in unpaid.get(maker, {}).items()
            }
        else:
            rows = self._ledger.read(
                "SELECT market, dollars FROM rebates WHERE day = ? AND maker = ?", day, maker
            )
            found = {MarketId(market): Money(dollars) for market, dollars in rows}
        return {market: dollars for market, dollars in found.items() if dollars}

    def unpaid_days(self, before: int) -> list[int]:
        """Days before this one whose rebates are still owed."""
        return sorted(day for day in self._equivalents if day < before)

    def owed(self, day: int) -> dict[str, Money]:
        """Everybody's rebates of an unpaid day."""
        makers = self._equivalents.get(day, {})
        return {maker: Money(sum(self.rebates(maker, day).values())) for maker in makers}

    def close(self, day: int) -> None:
        """The day is paid: from now on the ledger alone remembers it."""
        rows = [
            (day, maker, market, int(dollars))
            for maker in self._equivalents.get(day, {})
            for market, dollars in self.rebates(maker, day).items()
        ]
        self._ledger.note("INSERT OR REPLACE INTO rebates VALUES (?, ?, ?, ?)", rows)
        self._equivalents.pop(day, None)

    def _count(self, trade: Trade, sign: int) -> None:
        for leg in trade.legs:
            if leg.owner:
                self._add(trade.matched_at, trade.market, leg.maker, sign * leg.size, leg.price)

    def _add(self, at: MarketNs, market: MarketId, maker: str, size: int, price: int) -> None:
        known = self._exchange.market(market)
        if known is None or not known.fee_rate:
            return
        fee = taker_fee(known.fee_rate, price, abs(size))
        mine = self._equivalents.setdefault(day_of(at), {}).setdefault(maker, {})
        mine[market] = mine.get(market, 0) + (fee if size > 0 else -fee)

    def _rebate(self, market: MarketId, equivalent: int) -> Money:
        known = self._exchange.market(market)
        return Money(known.rebate_rate * equivalent // MICRO if known else 0)

    def _recover(self) -> None:
        """Days after the last one that was paid, from the trades themselves."""
        ((last,),) = self._ledger.read("SELECT max(day) FROM paid_days")
        since = 0 if last is None else (last + 1) * DAY
        for at, market, maker, price, size in self._ledger.read(_FILLS, since):
            self._add(MarketNs(at), MarketId(market), maker, size, price)
