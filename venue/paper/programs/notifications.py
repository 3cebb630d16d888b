"""What an account is told besides its channel: cancels, fills, failed fills, resolutions, rewards (VENUE §4.6).

Unread ones are kept for each API key and each address, the newest `KEEP`; a restarted venue has none. Every cancel
is told, whoever asked for it (assumed).
"""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from typing import NamedTuple

import msgspec

from messages.values import MarketNs, Money
from venue.paper.doors.listening import Listening
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import MakerLeg, Market, Order, Trade, TradeStatus

KEEP = 500


class Kind(IntEnum):
    """The venue's numbers for what it tells."""

    CANCELED = 1
    FILLED = 2
    RESOLVED = 4
    REWARDED = 5
    FILL_FAILED = 8


class FailedFill(NamedTuple):
    """An account's part in a trade that did not settle."""

    trade: Trade
    leg: MakerLeg


class Reward(NamedTuple):
    """A day's liquidity rewards, paid."""

    maker: str
    dollars: Money
    transaction: str


class Notification(NamedTuple):
    """One thing to tell, as it was when it happened."""

    id: int
    kind: Kind
    about: Order | FailedFill | Market | Reward
    at: MarketNs


class Notifications(Listening):
    """Boxes of unread notifications, by API key or, for what happens to a wallet's holdings, by address."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._boxes: dict[str, deque[Notification]] = {}
        self._count = 0
        exchange.listen(self)

    def unread(self, *boxes: str) -> list[Notification]:
        """What several boxes hold, oldest first."""
        found = [told for box in dict.fromkeys(boxes) for told in self._boxes.get(box, ())]
        return sorted(found, key=lambda told: told.id)

    def drop(self, ids: frozenset[int], *boxes: str) -> None:
        """Those were read."""
        for box in boxes:
            if box in self._boxes:
                kept = [told for told in self._boxes[box] if told.id not in ids]
                self._boxes[box] = deque(kept, KEEP)

    def order_changed(self, order: Order, kind: str) -> None:
        """Filled a piece, or taken off the book."""
        if kind == "CANCELLATION":
            self._tell(order.new.owner, Kind.CANCELED, order)
        elif kind == "UPDATE":
            self._tell(order.new.owner, Kind.FILLED, order)

    def trade_changed(self, trade: Trade) -> None:
        """A settlement that failed takes everybody's fill back."""
        if trade.status is TradeStatus.FAILED:
            taken = MakerLeg(
                order=trade.taker_order,
                owner=trade.taker_owner,
                maker=trade.taker_maker,
                token=trade.token,
                side=trade.side,
                price=trade.price,
                size=trade.size,
            )
            for leg in (taken, *trade.legs):
                if leg.owner:
                    self._tell(leg.owner, Kind.FILL_FAILED, FailedFill(trade, leg))

    def market_changed(self, market: Market) -> None:
        """Resolved: everybody who holds one of its tokens hears of it."""
        if market.resolved:
            as_it_is = msgspec.structs.replace(market)
            holders = [
                maker for token in (market.yes, market.no) for maker, _ in self._exchange.holders(token)
            ]
            for maker in dict.fromkeys(holders):
                self._tell(maker, Kind.RESOLVED, as_it_is)

    def rewarded(self, maker: str, dollars: Money, transaction: str) -> None:
        """A day was paid."""
        self._tell(maker, Kind.REWARDED, Reward(maker, dollars, transaction))

    def _tell(self, box: str, kind: Kind, about: Order | FailedFill | Market | Reward) -> None:
        self._count += 1
        told = Notification(self._count, kind, about, self._exchange.now)
        kept = self._boxes.get(box)
        if kept is None:
            kept = self._boxes[box] = deque(maxlen=KEEP)
        kept.append(told)
