"""`execution_state.json` of spec 002: how the engine stood when it was written last, folded from facts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from messages.base import Message
from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired, MarketTaken
from messages.orders import (
    AnswerLost,
    OrderAccepted,
    OrderCanceled,
    OrderCompleted,
    OrderExpired,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    OrderVoided,
)
from messages.risk import LossDayBegan, TradingHalted, TradingResumed
from messages.system import EngineChanged
from messages.values import MICRO, MS, MarketId, MarketNs, Money, Outcome, RealNs
from messages.wallet import MarketPaused, MarketResumed
from trading.inventory import Inventory
from trading.order_state import state_of
from trading.orders import Order, OrderTable
from trading.ownership import Ownership
from trading.pauses import Pauses
from trading.spelling import position, units

VERSION = 1
SEEN: tuple[type[Message], ...] = (
    AnswerLost,
    EngineChanged,
    ExitCompleted,
    LiquidatorAssigned,
    LossDayBegan,
    MarketPaused,
    MarketResumed,
    MarketRetired,
    MarketTaken,
    OrderAccepted,
    OrderCanceled,
    OrderCompleted,
    OrderExpired,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    OrderVoided,
    TradingHalted,
    TradingResumed,
)
UNTIMED = RealNs(0)


class ExecutionView:
    """Orders, halts, pauses and the day. What is held is folded elsewhere, and given when it is written."""

    def __init__(self) -> None:
        self._orders = OrderTable()
        self._ownership = Ownership()
        self._pauses = Pauses()
        self._halts: dict[str, TradingHalted] = {}
        self._state = "STOPPED"
        self._day = ""
        self._day_equity = Money(0)

    def note(self, fact: Message) -> None:
        """Take one fact into account."""
        match fact:
            case OrderFilled():
                self._orders.fill(fact)
            case MarketTaken() | MarketRetired() | LiquidatorAssigned() | ExitCompleted():
                self._ownership.note(fact)
            case MarketPaused() | MarketResumed():
                self._pauses.note(fact)
            case TradingHalted():
                self._halts[fact.cause] = fact
            case TradingResumed():
                self._halts.pop(fact.cause, None)
            case EngineChanged():
                self._state = fact.state.value
            case LossDayBegan() if fact.day >= self._day:
                self._day, self._day_equity = fact.day, fact.equity
            case (
                OrderIntended()
                | OrderAccepted()
                | OrderRejected()
                | AnswerLost()
                | OrderVoided()
                | OrderCompleted()
                | OrderCanceled()
                | OrderExpired()
            ):
                self._orders.note(fact, UNTIMED)
            case _:
                pass

    def content(
        self, held: Iterable[tuple[MarketId, Inventory]], trades: int, now: MarketNs
    ) -> dict[str, Any]:
        """The file's content, given what is held of each market and how many fills there were."""
        markets = list(held)
        exits = self._ownership.exits
        active = [m for m, owner in self._ownership.owners.items() if m not in exits]
        return {
            "version": VERSION,
            "state": self._state,
            "activeMarket": active[-1] if active else None,
            "tradeCount": trades,
            "pnl": {
                "realized": units(sum(each.realized for _, each in markets)),
                "pending": units(sum(each.pending for _, each in markets)),
                "fees": units(sum(each.fees for _, each in markets)),
            },
            "positions": [{"conditionId": m, **position(each)} for m, each in markets if not each.is_flat],
            "openOrders": [_order(order) for order in self._orders],
            "risk": {
                "halts": [_halt(halt) for halt in self._halts.values()],
                "day": self._day,
                "dayBeganEquity": units(self._day_equity),
                "paused": [_pause(paused) for paused in self._pauses.all()],
            },
            "lastUpdated": int(now) // MS,
        }


def _order(order: Order) -> dict[str, Any]:
    intended = order.intended
    is_yes = intended.outcome is Outcome.YES
    return {
        "orderId": order.id,
        "conditionId": intended.market,
        "owner": intended.owner,
        "outcome": intended.outcome.value.upper(),
        "side": intended.action.value.upper(),
        "price": units(intended.price if is_yes else MICRO - intended.price),
        "size": units(intended.size),
        "filled": units(order.filled),
        "status": state_of(order).value,
    }


def _halt(halt: TradingHalted) -> dict[str, Any]:
    return {"cause": halt.cause.value, "level": halt.level.value, "reason": halt.reason, "by": halt.by}


def _pause(paused: MarketPaused) -> dict[str, Any]:
    return {
        "conditionId": paused.market,
        "slug": paused.slug,
        "cause": paused.cause.value,
        "reason": paused.reason,
        "amount": units(paused.amount),
    }
