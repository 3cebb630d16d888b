"""Rows that wait to be written in one transaction; where a later row replaces an earlier one, only the later is."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from messages.values import MarketNs, OrderId, RealNs, TokenId, TradeId
from venue.paper.engine.terms import Order, Trade
from venue.paper.ledger.schema import leg_row, order_row, trade_row

Row = tuple[object, ...]


class Batch:
    """What happened to orders, trades and balances since the last transaction, and whatever else was noted."""

    def __init__(self) -> None:
        self._orders: dict[OrderId, Row] = {}
        self._ends: dict[OrderId, Row] = {}
        self._trades: list[Row] = []
        self._legs: list[Row] = []
        self._steps: dict[TradeId, Row] = {}
        self._balances: dict[tuple[str, TokenId | None], Row] = {}
        self._others: list[tuple[str, Sequence[Row]]] = []
        self.rows = 0
        """How many were noted, replaced ones included."""

    def add_order(self, order: Order, real_at: RealNs) -> None:
        """An order was accepted."""
        self.rows += 1
        self._orders[order.new.id] = order_row(order, real_at)

    def end_order(self, order: Order, at: MarketNs, real_at: RealNs, reason: str) -> None:
        """An order has ended; one that was accepted in this batch is written once."""
        self.rows += 1
        self._ends[order.new.id] = (str(order.status), order.matched, at, real_at, reason)

    def has_order(self, order: OrderId) -> bool:
        """Whether it was accepted in this batch."""
        return order in self._orders

    def add_trade(self, trade: Trade) -> None:
        """A match with its legs."""
        self.rows += 1
        self._trades.append(trade_row(trade))
        self._legs += [leg_row(trade.id, n, leg) for n, leg in enumerate(trade.legs)]

    def step_trade(self, trade: Trade) -> None:
        """A trade's settlement went on."""
        self.rows += 1
        self._steps[trade.id] = (str(trade.status), trade.updated_at, trade.transaction_hash, trade.id)

    def set_balance(self, maker: str, token: TokenId | None, amount: int, cost: int) -> None:
        """What is held now, and what it has cost."""
        self.rows += 1
        self._balances[maker, token] = (maker, token or "", amount, cost)

    def note(self, statement: str, rows: Sequence[Row]) -> None:
        """Anything else, executed in the order in which it was noted."""
        self.rows += 1
        self._others.append((statement, rows))

    def write(self, db: sqlite3.Connection) -> None:
        """All of it, within the caller's transaction; the batch is of no use afterwards."""
        ends = self._ends
        orders = [row + ends.pop(order, _NO_END) for order, row in self._orders.items()]
        for statement, rows in (
            (_ADD_ORDER, orders),
            (_END_ORDER, [(*row, order) for order, row in ends.items()]),
            (_ADD_TRADE, self._trades),
            (_ADD_LEG, self._legs),
            (_STEP_TRADE, list(self._steps.values())),
            (_SET_BALANCE, list(self._balances.values())),
            *self._others,
        ):
            if rows:
                db.executemany(statement, rows)


def _marks(count: int) -> str:
    return ", ".join("?" * count)


_NO_END: Row = ("LIVE", 0, None, None, "")
_ADD_ORDER = (
    "INSERT INTO orders (id, owner, maker, market, token, side, price, size, type, post_only, expires_at, accepted_at,"
    f" accepted_real_at, status, matched, ended_at, ended_real_at, end_reason) VALUES ({_marks(18)})"
)
_END_ORDER = (
    "UPDATE orders SET status = ?, matched = ?, ended_at = ?, ended_real_at = ?, end_reason = ? WHERE id = ?"
)
_ADD_TRADE = f"INSERT INTO trades VALUES ({_marks(16)})"
_ADD_LEG = f"INSERT INTO legs VALUES ({_marks(11)})"
_STEP_TRADE = "UPDATE trades SET status = ?, updated_at = ?, transaction_hash = ? WHERE id = ?"
_SET_BALANCE = "INSERT OR REPLACE INTO balances VALUES (?, ?, ?, ?)"
