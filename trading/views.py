"""The readable files of `spec/000` and `spec/002`, folded from facts: exits, each market's fills, the engine."""

from __future__ import annotations

from collections import deque
from typing import Any

import msgspec

from messages.base import Message
from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired
from messages.orders import FillConfirmed, FillReversed, OrderFilled
from messages.values import MICRO, MS, ExitId, MarketId, MarketNs, OrderId, Outcome, TradeId
from trading import execution_view
from trading.execution_view import ExecutionView
from trading.inventory import Inventory
from trading.spelling import position, text, units

SEEN: tuple[type[Message], ...] = tuple(
    dict.fromkeys((*execution_view.SEEN, LiquidatorAssigned, FillConfirmed, FillReversed))
)
"""What the files follow from; nothing else changes them."""
EXECUTION = "execution_state.json"
LIQUIDATIONS = "liquidations.json"
MAX_FILLS = 5_000
"""Fills a market's file shows, the latest ones; its totals count all of them."""
VERSION = 1


class OpenExit(msgspec.Struct):
    """One market in liquidation."""

    retired: MarketRetired
    started_at: MarketNs
    liquidator: str = ""


class MarketFills:
    """One market's fills as its file shows them."""

    def __init__(self) -> None:
        self.inventory = Inventory()
        self.fills: deque[OrderFilled] = deque(maxlen=MAX_FILLS)
        self.status: dict[tuple[TradeId, OrderId], str] = {}


class StateViews:
    """Both files' contents, and which of them changed since they were last taken."""

    def __init__(self) -> None:
        self._exits: dict[ExitId, OpenExit] = {}
        self._done: set[ExitId] = set()
        self._markets: dict[MarketId, MarketFills] = {}
        self._execution = ExecutionView()
        self._trades = 0
        self._changed: dict[str, MarketId | None] = {}

    def note(self, fact: Message, at: MarketNs) -> None:
        """Take one fact into account; those that concern no file are passed over."""
        if isinstance(fact, SEEN):
            self._execution.note(fact)
            self._changed[EXECUTION] = None
        match fact:
            case MarketRetired() if fact.exit not in self._exits and fact.exit not in self._done:
                self._exits[fact.exit] = OpenExit(fact, at)
                self._changed[LIQUIDATIONS] = None
            case LiquidatorAssigned() if fact.exit in self._exits:
                self._exits[fact.exit].liquidator = fact.liquidator
                self._changed[LIQUIDATIONS] = None
            case ExitCompleted():
                self._exits.pop(fact.exit, None)
                self._done.add(fact.exit)
                self._changed[LIQUIDATIONS] = None
            case OrderFilled() | FillConfirmed() | FillReversed():
                self._note_fill(fact)
            case _:
                pass

    def _note_fill(self, fact: OrderFilled | FillConfirmed | FillReversed) -> None:
        market = self._markets.setdefault(fact.market, MarketFills())
        key = (fact.trade, fact.order)
        if isinstance(fact, OrderFilled):
            if not market.inventory.add(fact):
                return
            self._trades += fact.worth is None
            if len(market.fills) == MAX_FILLS:
                oldest = market.fills[0]
                market.status.pop((oldest.trade, oldest.order), None)
            market.fills.append(fact)
            market.status[key] = "matched"
        else:
            outcome = self._settle(market.inventory, fact)
            if market.status.get(key) == "matched":
                market.status[key] = outcome
        self._changed[f"fills-{fact.market}.json"] = fact.market

    def _settle(self, inventory: Inventory, fact: FillConfirmed | FillReversed) -> str:
        if isinstance(fact, FillConfirmed):
            inventory.confirm(fact)
            return "confirmed"
        inventory.reverse(fact)
        return "reversed"

    def take_changed(self, now: MarketNs) -> list[tuple[str, str]]:
        """Name and new text of every file that changed since the last call."""
        changed, self._changed = self._changed, {}
        return [(name, self._content(name, market, now)) for name, market in changed.items()]

    def _content(self, name: str, market: MarketId | None, now: MarketNs) -> str:
        if market is not None:
            return self._fills(market, now)
        if name == LIQUIDATIONS:
            return self._liquidations(now)
        held = [(market, each.inventory) for market, each in self._markets.items()]
        return text(self._execution.content(held, self._trades, now))

    def _liquidations(self, now: MarketNs) -> str:
        return text(
            {
                "version": VERSION,
                "markets": [
                    {
                        "conditionId": exit_.retired.market,
                        "startedAt": int(exit_.started_at) // MS,
                        "stage": "passive",
                        "slug": exit_.retired.slug,
                        "reason": exit_.retired.reason.value,
                        "exitId": exit_.retired.exit,
                        "liquidator": exit_.liquidator,
                    }
                    for exit_ in self._exits.values()
                ],
                "lastUpdated": int(now) // MS,
            }
        )

    def _fills(self, condition: MarketId, now: MarketNs) -> str:
        market = self._markets[condition]
        held = market.inventory
        return text(
            {
                "version": VERSION,
                "conditionId": condition,
                **position(held),
                "fills": [self._fill(market, fill) for fill in market.fills],
                "lastUpdated": int(now) // MS,
            }
        )

    def _fill(self, market: MarketFills, fill: OrderFilled) -> dict[str, Any]:
        price = fill.price if fill.outcome is Outcome.YES else MICRO - fill.price
        return {
            "tradeId": fill.trade,
            "orderId": fill.order,
            "token": fill.token,
            "outcome": fill.outcome.value.upper(),
            "side": fill.action.value.upper(),
            "price": units(price),
            "size": units(fill.size),
            "fee": units(fill.fee),
            "owner": fill.owner,
            "timestamp": int(fill.matched_at) // MS,
            "status": market.status.get((fill.trade, fill.order), "matched"),
        }
