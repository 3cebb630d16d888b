"""Whose software placed what: orders with a builder's code, and what became of them (VENUE §2.4)."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import NamedTuple

from messages.values import OrderId
from venue.paper.doors.listening import Listening
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import MakerLeg, Order, Trade, TradeStatus

MAX_ORDERS = 100_000
"""The oldest codes are forgotten, and so are the oldest trades; a restarted venue knows none."""
MAX_TRADES = 10_000


class Attributed(NamedTuple):
    """A part in a trade that a builder's software placed. The trade is the engine's own, as it is now."""

    trade: Trade
    leg: MakerLeg
    is_taker: bool


class Builders(Listening):
    """Remembers codes by order and parts in trades by code."""

    def __init__(self, exchange: Exchange) -> None:
        self._codes: OrderedDict[OrderId, str] = OrderedDict()
        self._trades: dict[str, deque[Attributed]] = {}
        exchange.listen(self)

    def trades(self, code: str) -> list[Attributed]:
        """A builder's, oldest first."""
        return list(self._trades.get(code, ()))

    def order_changed(self, order: Order, kind: str) -> None:
        """Placed: with a code or, nearly always, without."""
        if kind == "PLACEMENT" and order.new.builder:
            self._codes[order.new.id] = order.new.builder
            if len(self._codes) > MAX_ORDERS:
                self._codes.popitem(last=False)

    def trade_changed(self, trade: Trade) -> None:
        """Matched: every part whose order has a code is noted once."""
        if not self._codes or trade.status is not TradeStatus.MATCHED:
            return
        taken = MakerLeg(
            order=trade.taker_order,
            owner=trade.taker_owner,
            maker=trade.taker_maker,
            token=trade.token,
            side=trade.side,
            price=trade.price,
            size=trade.size,
            fee=trade.fee,
        )
        for leg in (taken, *trade.legs):
            code = self._codes.get(leg.order)
            if code is not None:
                mine = self._trades.setdefault(code, deque(maxlen=MAX_TRADES))
                mine.append(Attributed(trade, leg, leg is taken))
