"""Gamma's rows: markets, events, tags (VENUE §6.1). List fields are JSON text, numbers are numbers."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from venue.wire.markets import decoded
from venue.wire.numbers import WireError

Listed = str | list[str] | None
"""A list, as such or as JSON text."""


class FeeSchedule(msgspec.Struct, kw_only=True):
    """The fee formula: rate·(p(1−p))^exponent per share."""

    exponent: Decimal = Decimal(1)
    rate: Decimal
    takerOnly: bool = True  # noqa: N815 -- these are the wire's names
    rebateRate: Decimal = Decimal(0)  # noqa: N815


class ClobReward(msgspec.Struct, kw_only=True):
    """One reward pool of a market."""

    id: str = ""
    conditionId: str = ""  # noqa: N815
    assetAddress: str = ""  # noqa: N815
    rewardsAmount: Decimal = Decimal(0)  # noqa: N815
    rewardsDailyRate: Decimal = Decimal(0)  # noqa: N815
    startDate: str = ""  # noqa: N815
    endDate: str = ""  # noqa: N815


class EventRef(msgspec.Struct, kw_only=True):
    """The event a market belongs to, in short."""

    id: str
    slug: str = ""
    title: str = ""
    negRisk: bool | None = None  # noqa: N815


class GammaMarket(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What somebody who trades needs of a market's row."""

    id: str
    question: str = ""
    conditionId: str  # noqa: N815
    slug: str = ""
    endDate: str | None = None  # noqa: N815
    endDateIso: str | None = None  # noqa: N815
    description: str = ""
    outcomes: Listed = None
    outcomePrices: Listed = None  # noqa: N815
    umaResolutionStatus: str | None = None  # noqa: N815
    clobTokenIds: Listed = None  # noqa: N815
    active: bool | None = None
    closed: bool | None = None
    archived: bool | None = None
    restricted: bool | None = None
    enableOrderBook: bool | None = None  # noqa: N815
    acceptingOrders: bool | None = None  # noqa: N815
    orderPriceMinTickSize: Decimal | None = None  # noqa: N815
    orderMinSize: Decimal | None = None  # noqa: N815
    volume: str | None = None
    volumeNum: Decimal | None = None  # noqa: N815
    volume24hr: Decimal | None = None
    liquidity: str | None = None
    liquidityNum: Decimal | None = None  # noqa: N815
    liquidityClob: Decimal | None = None  # noqa: N815
    spread: Decimal | None = None
    bestBid: Decimal | None = None  # noqa: N815
    bestAsk: Decimal | None = None  # noqa: N815
    lastTradePrice: Decimal | None = None  # noqa: N815
    rewardsMinSize: Decimal | None = None  # noqa: N815
    rewardsMaxSpread: Decimal | None = None  # noqa: N815
    clobRewards: list[ClobReward] | None = None  # noqa: N815
    negRisk: bool | None = None  # noqa: N815
    negRiskMarketID: str | None = None  # noqa: N815
    feesEnabled: bool | None = None  # noqa: N815
    feeType: str | None = None  # noqa: N815
    feeSchedule: FeeSchedule | None = None  # noqa: N815
    makerBaseFee: Decimal | None = None  # noqa: N815
    takerBaseFee: Decimal | None = None  # noqa: N815
    secondsDelay: int | None = None  # noqa: N815
    version: str | None = None
    positionIds: Listed = None  # noqa: N815
    events: list[EventRef] | None = None


class GammaPage(msgspec.Struct, kw_only=True, omit_defaults=True):
    """GET /markets/keyset, read; the last page has no cursor."""

    markets: list[GammaMarket] | None = None
    next_cursor: str | None = None


_page = msgspec.json.Decoder(GammaPage)
_markets = msgspec.json.Decoder(list[GammaMarket])


def decode_gamma_page(body: bytes) -> GammaPage:
    """GET /markets/keyset. Raises WireError."""
    return decoded(_page, body)


def decode_gamma_markets(body: bytes) -> list[GammaMarket]:
    """GET /markets. Raises WireError."""
    return decoded(_markets, body)


def strings(value: Listed) -> list[str]:
    """A list field, whichever way it came; null is empty. Raises WireError."""
    if value is None or value == "":
        return []
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value, type=list[str])
    except msgspec.DecodeError as error:
        raise WireError(f"{value[:80]!r} is no list") from error
