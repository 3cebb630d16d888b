"""The Data API's rows, version 1 (VENUE §6.4)."""
# ruff: noqa: N815 -- these are the wire's names

from __future__ import annotations

from decimal import Decimal

import msgspec

from venue.wire.markets import decoded

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


class Traded(msgspec.Struct, kw_only=True):
    """GET /traded, version 1: in how many markets a user has traded."""

    user: str
    traded: int


class OpenInterest(msgspec.Struct, kw_only=True):
    """GET /oi, version 1: dollars in pairs of a market's tokens."""

    market: str
    value: Decimal


class LiveVolume(msgspec.Struct, kw_only=True):
    """GET /live-volume, version 1."""

    total: Decimal
    markets: list[OpenInterest]


class LeaderRow(msgspec.Struct, kw_only=True):
    """GET /v1/leaderboard."""

    rank: str
    proxyWallet: str
    userName: str = ""
    vol: Decimal
    pnl: Decimal
    profileImage: str = ""
    xUsername: str = ""
    verifiedBadge: bool = False


_positions = msgspec.json.Decoder(list[PositionRow])


def decode_positions(body: bytes) -> list[PositionRow]:
    """GET /positions, version 1. Raises WireError."""
    return decoded(_positions, body)
