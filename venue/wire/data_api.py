"""The Data API's rows, of both its versions (VENUE §6.4)."""
# ruff: noqa: N815 -- these are the wire's names

from __future__ import annotations

from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

from venue.wire.markets import decoded

Row = TypeVar("Row")
ZERO = Decimal(0)
NO_OUTCOME = 999
"""The index of what belongs to neither outcome."""


class PositionRow(msgspec.Struct, kw_only=True):
    """GET /positions, version 1."""

    proxyWallet: str
    asset: str
    conditionId: str
    size: Decimal
    avgPrice: Decimal
    initialValue: Decimal = ZERO
    grossInitialValue: Decimal = ZERO
    entryFeesUsdc: Decimal = ZERO
    currentValue: Decimal = ZERO
    cashPnl: Decimal = ZERO
    percentPnl: Decimal = ZERO
    totalBought: Decimal = ZERO
    realizedPnl: Decimal = ZERO
    percentRealizedPnl: Decimal = ZERO
    curPrice: Decimal = ZERO
    redeemable: bool = False
    mergeable: bool = False
    title: str = ""
    slug: str = ""
    icon: str = ""
    eventId: str = ""
    eventSlug: str = ""
    outcome: str = ""
    outcomeIndex: int = 0
    oppositeOutcome: str = ""
    oppositeAsset: str = ""
    endDate: str = ""
    negativeRisk: bool = False


class DataTrade(msgspec.Struct, kw_only=True):
    """GET /trades, version 1."""

    proxyWallet: str
    side: str
    asset: str
    conditionId: str
    size: Decimal
    price: Decimal
    timestamp: int
    title: str = ""
    slug: str = ""
    icon: str = ""
    eventSlug: str = ""
    outcome: str = ""
    outcomeIndex: int = 0
    name: str = ""
    pseudonym: str = ""
    bio: str = ""
    profileImage: str = ""
    profileImageOptimized: str = ""
    transactionHash: str = ""


class ActivityRow(msgspec.Struct, kw_only=True):
    """GET /activity, version 1; only a trade has a token, a side and a price."""

    proxyWallet: str
    timestamp: int
    conditionId: str = ""
    type: str
    size: Decimal
    usdcSize: Decimal
    transactionHash: str = ""
    price: Decimal = ZERO
    asset: str = ""
    side: str = ""
    outcomeIndex: int = NO_OUTCOME
    title: str = ""
    slug: str = ""
    icon: str = ""
    eventSlug: str = ""
    outcome: str = ""
    name: str = ""
    pseudonym: str = ""
    bio: str = ""
    profileImage: str = ""
    profileImageOptimized: str = ""


class Holder(msgspec.Struct, kw_only=True):
    """Somebody who holds a token."""

    proxyWallet: str
    bio: str = ""
    asset: str
    pseudonym: str = ""
    amount: Decimal
    displayUsernamePublic: bool = False
    outcomeIndex: int
    name: str = ""
    profileImage: str = ""
    profileImageOptimized: str = ""
    verified: bool = False


class TokenHolders(msgspec.Struct, kw_only=True):
    """GET /holders, version 1: one token's, most first."""

    token: str
    holders: list[Holder]


class Value(msgspec.Struct, kw_only=True):
    """GET /value, version 1: what a user's positions are worth."""

    user: str
    value: Decimal


class PositionRowV2(msgspec.Struct, kw_only=True):
    """GET /v2/positions."""

    proxy_wallet: str
    token_id: str
    condition_id: str
    current_size: Decimal
    avg_price: Decimal
    entry_cost_usdc: Decimal
    entry_fees_usdc: Decimal
    total_cost_usdc: Decimal
    current_price: Decimal
    current_value: Decimal
    total_size: Decimal
    realized_pnl: Decimal
    unrealized_pnl: Decimal
    total_pnl: Decimal
    percent_pnl: Decimal
    percent_realized_pnl: Decimal
    status: str = "OPEN"
    redeemable: bool
    mergeable: bool
    negative_risk: bool
    archived: bool = False
    title: str
    slug: str
    icon: str = ""
    event_id: str
    event_slug: str
    outcome: str
    outcome_index: int
    opposite_outcome: str
    opposite_token_id: str
    end_date: str
    last_event_at: int
    first_entry_at: int
    name: str = ""
    profile_image: str = ""
    verified: bool = False


class TradeRowV2(msgspec.Struct, kw_only=True):
    """GET /v2/trades."""

    proxy_wallet: str
    side: str
    token_id: str
    condition_id: str
    size: Decimal
    price: Decimal
    timestamp: int
    title: str
    slug: str
    icon: str = ""
    event_slug: str
    outcome: str
    outcome_index: int
    name: str = ""
    pseudonym: str = ""
    bio: str = ""
    profile_image: str = ""
    profile_image_optimized: str = ""
    transaction_hash: str


class Paging(msgspec.Struct, kw_only=True):
    """Where a page of version 2 stands."""

    limit: int
    offset: int
    has_more: bool
    next_cursor: str | None = None


class PageV2(msgspec.Struct, Generic[Row], kw_only=True):
    """The envelope of version 2."""

    data: list[Row]
    pagination: Paging


class ErrorV2(msgspec.Struct, kw_only=True):
    """A refusal of version 2."""

    error: str
    code: str = "invalid_request"
    parameter: str | msgspec.UnsetType = msgspec.UNSET
    retryable: bool = False
    trace_id: str


_positions = msgspec.json.Decoder(list[PositionRow])


def decode_positions(body: bytes) -> list[PositionRow]:
    """GET /positions, version 1. Raises WireError."""
    return decoded(_positions, body)
