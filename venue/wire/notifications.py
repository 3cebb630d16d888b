"""Notifications as REST spells them (VENUE §4.6); the payload's shape follows from the type."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from venue.wire.markets import ListedMarket


class OrderPayload(msgspec.Struct, kw_only=True):
    """Of an order: types 1 (canceled), 2 (filled) and 8 (a fill failed)."""

    asset_id: str
    market: str
    order_id: str
    owner: str
    side: str
    type: str
    price: str
    original_size: str
    matched_size: str
    remaining_size: str
    outcome: str
    outcome_index: int
    transaction_hash: str = ""
    trade_id: str = ""
    question: str = ""
    market_slug: str = ""
    icon: str = ""
    image: str = ""
    eventSlug: str = ""  # noqa: N815 -- these are the wire's names
    seriesSlug: str = ""  # noqa: N815


class MarketPayload(ListedMarket, kw_only=True):
    """Of a market: type 4 (resolved)."""

    eventSlug: str = ""  # noqa: N815


class RewardPayload(msgspec.Struct, kw_only=True):
    """Of a pay-out: type 5."""

    proxyWallet: str  # noqa: N815
    reward: Decimal
    txnHash: str  # noqa: N815


class NotificationRow(msgspec.Struct, kw_only=True):
    """One notification; `owner` is the API key, "" for what concerns a wallet and not a key."""

    id: int
    owner: str
    type: int
    payload: OrderPayload | MarketPayload | RewardPayload
    timestamp: int
    """Epoch seconds."""
