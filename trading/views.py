"""The two readable files of `spec/000`, folded from facts: open liquidations, and each market's fills."""

from __future__ import annotations

from collections import deque
from typing import Any

import msgspec

from messages.base import Message
from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired
from messages.orders import FillConfirmed, FillReversed, OrderFilled
from messages.values import MICRO, MS, ExitId, MarketId, MarketNs, OrderId, Outcome, TradeId
from trading.inventory import Inventory

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
        self._changed: dict[str, MarketId | None] = {}

    def note(self, fact: Message, at: MarketNs) -> None:
        """Take one fact into account; those that concern no file are passed over."""
        match fact:
            case MarketRetired() if fact.exit not in self._exits and fact.exit not in self._done:
                self._exits[fact.exit] = OpenExit(fact, at)
                self._changed["liquidations.json"] = None
            case LiquidatorAssigned() if fact.exit in self._exits:
                self._exits[fact.exit].liquidator = fact.liquidator
                self._changed["liquidations.json"] = None
            case ExitCompleted():
                self._exits.pop(fact.exit, None)
                self._done.add(fact.exit)
                self._changed["liquidations.json"] = None
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
        return [
            (name, self._fills(market, now) if market is not None else self._liquidations(now))
            for name, market in changed.items()
        ]

    def _liquidations(self, now: MarketNs) -> str:
        return _text(
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
        return _text(
            {
                "version": VERSION,
                "conditionId": condition,
                "netExposure": _units(held.net),
                "confirmedExposure": _units(held.confirmed_net),
                "yes": {"size": _units(held.held(Outcome.YES)), "avgCost": _cost(held, Outcome.YES)},
                "no": {"size": _units(held.held(Outcome.NO)), "avgCost": _cost(held, Outcome.NO)},
                "realizedPnl": _units(held.realized),
                "pendingPnl": _units(held.pending),
                "fees": _units(held.fees),
                "fills": [self._fill(market, fill) for fill in market.fills],
                "lastUpdated": int(now) // MS,
            }
        )

    def _fill(self, market: MarketFills, fill: OrderFilled) -> dict[str, Any]:
        price = fill.price if fill.outcome is Outcome.YES else MICRO - fill.price
        return {
            "tradeId": fill.trade,
            "orderId": fill.order,
            "outcome": fill.outcome.value.upper(),
            "side": fill.action.value.upper(),
            "price": _units(price),
            "size": _units(fill.size),
            "fee": _units(fill.fee),
            "owner": fill.owner,
            "timestamp": int(fill.matched_at) // MS,
            "status": market.status.get((fill.trade, fill.order), "matched"),
        }


def _cost(held: Inventory, outcome: Outcome) -> str | None:
    cost = held.average_cost(outcome)
    return None if cost is None else _units(cost)


def _units(millionths: int) -> str:
    """Millionths as an exact decimal string."""
    sign = "-" if millionths < 0 else ""
    whole, part = divmod(abs(millionths), MICRO)
    return f"{sign}{whole}.{part:06d}".rstrip("0").rstrip(".") if part else f"{sign}{whole}"


def _text(content: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"
