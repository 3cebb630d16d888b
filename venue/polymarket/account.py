"""The account as the venue shows it: rows of its lists and events of its stream, translated into our words.

Every leg is in its own token's terms: a maker's row names its own token, side and price, which in a mint or a merge
are not the taker's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from messages.account import (
    Leg,
    LegsSeen,
    OpenOrder,
    OrderSeen,
    OrderSeenKind,
    Settlement,
)
from messages.orders import OrderFound
from messages.values import (
    MICRO,
    SECOND,
    Action,
    MarketId,
    MarketNs,
    Money,
    OrderId,
    Price,
    Size,
    TokenId,
    TradeId,
)
from venue.polymarket.client import one_line
from venue.wire.numbers import WireError, micro, micro_of
from venue.wire.orders import OpenOrder as OpenOrderRow
from venue.wire.orders import TradeRow, bare_status
from venue.wire.user_channel import OrderEvent, TradeEvent, decode_user_events

MAX_SIZE = 10**15
"""A billion shares, in millionths."""
SETTLEMENTS = {
    "MATCHED_NOT_BROADCASTED": Settlement.MATCHED,
    "MATCHED": Settlement.MATCHED,
    "MINED": Settlement.MINED,
    "CONFIRMED": Settlement.CONFIRMED,
    "RETRYING": Settlement.RETRYING,
    "FAILED": Settlement.FAILED,
}
"""The venue's words without their REST prefix."""
ORDER_EVENTS = {
    "PLACEMENT": OrderSeenKind.PLACED,
    "UPDATE": OrderSeenKind.MATCHED,
    "CANCELLATION": OrderSeenKind.CANCELED,
}
EXPIRED = "EXPIRED"
"""In the status of a CANCELLATION: its own time ran out."""
DELAYED = ("DELAYED", "UNMATCHED")
"""In the status of a PLACEMENT: the venue has it, and it is not on the book."""
ENDED = ("MATCHED", "CANCELED", "CANCELLED", "INVALID", "EXPIRED")
"""Statuses of an order that is on no book any more (VENUE §3.10)."""


class Us(NamedTuple):
    """By what our part in a trade is known: orders bear the API key of their time, and the wallet for ever."""

    key: str
    wallet: str = ""

    def is_ours(self, owner: str, address: str) -> bool | None:
        """Whether that is we; None: another key, and no wallet is named."""
        if owner == self.key or (self.wallet and address.lower() == self.wallet.lower()):
            return True
        return False if address or not owner else None


def legs(trade: TradeRow | TradeEvent, us: Us) -> Iterator[Leg]:
    """What of a trade is ours: the taker's part, or the makers' rows with our API key or our wallet.

    A trade names each of our orders that it met; an order in several of its rows is one leg of their sum. Raises
    WireError, at the end where what is ours may be more.
    """
    whose = [(us.is_ours(maker.owner, maker.maker_address), maker) for maker in trade.maker_orders]
    yield from _summed(
        _leg(trade, maker.order_id, maker.asset_id, maker.side, maker.price, maker.matched_amount, False)
        for is_ours, maker in whose
        if is_ours
    )
    side = trade.trader_side.upper()
    has_rows = any(is_ours for is_ours, _ in whose)
    took = side == "TAKER" or (not side and not has_rows and us.is_ours(trade.owner, trade.maker_address))
    if took:
        yield _leg(trade, trade.taker_order_id, trade.asset_id, trade.side, trade.price, trade.size, True)
    elif side == "MAKER" and not has_rows:
        raise WireError("a trade of ours that does not say what in it is ours")
    elif any(is_ours is None for is_ours, _ in whose) or (took is None and not has_rows):
        raise WireError("a trade with an order of nobody's wallet")


def _summed(rows: Iterator[Leg]) -> list[Leg]:
    legs = dict[OrderId, Leg]()
    for row in rows:
        known = legs.setdefault(row.order, row)
        if known is not row:
            legs[row.order] = msgspec.structs.replace(known, size=Size(known.size + row.size))
    return list(legs.values())


def open_order(row: OpenOrderRow) -> OpenOrder:
    """A row of the list of open orders. Raises WireError."""
    return OpenOrder(
        order=OrderId(row.id),
        market=MarketId(row.market),
        token=TokenId(row.asset_id),
        matched=matched_of(row) or Size(0),
    )


def matched_of(row: OpenOrderRow) -> Size | None:
    """How much of an order was filled; None where its row does not say, or says nothing of one that was filled up."""
    matched = Size(_in_range(row.size_matched)) if row.size_matched else None
    return None if not matched and bare_status(row.status) == "MATCHED" else matched


def order_found(row: OpenOrderRow) -> OrderFound:
    """What the venue has of an order, by the status of its row, whichever spelling. Raises WireError."""
    status = bare_status(row.status)
    if status == "LIVE":
        return OrderFound.OPEN
    if status.startswith(DELAYED):
        return OrderFound.HELD
    if status.startswith(ENDED):
        return OrderFound.ENDED
    raise WireError(f"an order of status {row.status[:40]!r}")


def user_frame(frame: str | bytes, us: Us) -> Iterator[OrderSeen | LegsSeen]:
    """What one frame of the user stream says of us. Raises WireError, after what could be read."""
    broken: WireError | None = None
    for event in decode_user_events(frame):
        ours = list[Leg]()
        try:
            if isinstance(event, OrderEvent):
                yield _order_seen(event)
            else:
                ours.extend(legs(event, us))
        except WireError as error:
            broken = broken or error
        if ours:
            yield LegsSeen(legs=tuple(ours))
    if broken is not None:
        raise broken


def _order_seen(event: OrderEvent) -> OrderSeen:
    kind = ORDER_EVENTS.get(event.type)
    if kind is None:
        raise WireError(f"an order event of type {event.type[:40]!r}")
    if kind is OrderSeenKind.CANCELED and EXPIRED in event.status.upper():
        kind = OrderSeenKind.EXPIRED
    if kind is OrderSeenKind.PLACED and event.status.upper().startswith(DELAYED):
        kind = OrderSeenKind.DELAYED
    return OrderSeen(
        order=OrderId(event.id),
        market=MarketId(event.market),
        kind=kind,
        matched=Size(_in_range(event.size_matched)) if event.size_matched else None,
        reason=one_line(event.status),
    )


def _leg(
    trade: TradeRow | TradeEvent, order: str, token: str, side: str, price: str, size: str, taker: bool
) -> Leg:
    status = SETTLEMENTS.get(bare_status(trade.status))
    action = {"BUY": Action.BUY, "SELL": Action.SELL}.get(side.upper())
    if status is None or action is None:
        raise WireError(f"a trade of status {trade.status[:40]!r}, side {side[:40]!r}")
    at_price, of_size = micro(price), _in_range(size)
    if not 0 < at_price < MICRO or not of_size:
        raise WireError(f"a trade of {of_size} at the price {at_price}")
    return Leg(
        trade=TradeId(trade.id),
        order=OrderId(order),
        market=MarketId(trade.market),
        token=TokenId(token),
        action=action,
        price=Price(at_price),
        size=Size(of_size),
        fee=Money(0),
        status=status,
        matched_at=_matched_at(trade),
        taker=taker,
    )


def _matched_at(trade: TradeRow | TradeEvent) -> MarketNs:
    """Whole seconds on the wire; some generations of it say milliseconds."""
    said = trade.match_time or (trade.matchtime if isinstance(trade, TradeEvent) else "")
    seconds = micro_of(said) // MICRO
    if not 0 < seconds < 10**14:
        raise WireError("a trade without its time")
    return MarketNs(seconds * (SECOND if seconds < 10**11 else SECOND // 1000))


def _in_range(size: str) -> int:
    found = micro(size)
    if found > MAX_SIZE:
        raise WireError(f"{size[:40]!r} shares are out of range")
    return found
