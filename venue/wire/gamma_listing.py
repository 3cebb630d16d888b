"""Gamma's rows as they are served: all keys that open and resolved markets and events have there (VENUE §6.1).

What says nothing of the market itself (texts, pictures, who deployed it) has the value most rows have.
"""
# ruff: noqa: N815 -- these are the wire's names

from __future__ import annotations

from decimal import Decimal

import msgspec

from venue.wire.gamma import ClobReward, FeeSchedule

ZERO = Decimal(0)


class Tag(msgspec.Struct, kw_only=True):
    """A subject of markets."""

    id: str
    label: str
    slug: str
    forceShow: bool = False
    createdAt: str = ""
    updatedAt: str = ""
    requiresTranslation: bool = False


class EventHead(msgspec.Struct, kw_only=True):
    """An event without its markets, as it stands in each of them."""

    id: str
    ticker: str
    slug: str
    title: str
    description: str = ""
    resolutionSource: str = ""
    startDate: str
    creationDate: str
    endDate: str | msgspec.UnsetType = msgspec.UNSET
    image: str = ""
    icon: str = ""
    active: bool = True
    closed: bool = False
    archived: bool = False
    new: bool = False
    featured: bool = False
    restricted: bool = False
    liquidity: Decimal = ZERO
    volume: Decimal = ZERO
    openInterest: Decimal = ZERO
    sortBy: str = "price"
    createdAt: str
    updatedAt: str
    competitive: Decimal = ZERO
    volume24hr: Decimal = ZERO
    volume1wk: Decimal = ZERO
    volume1mo: Decimal = ZERO
    volume1yr: Decimal = ZERO
    enableOrderBook: bool = True
    liquidityClob: Decimal = ZERO
    negRisk: bool = False
    negRiskMarketID: str | msgspec.UnsetType = msgspec.UNSET
    commentCount: int = 0
    cyom: bool = False
    showAllOutcomes: bool = True
    showMarketImages: bool = False
    enableNegRisk: bool = False
    automaticallyActive: bool = True
    gmpChartMode: str = "default"
    negRiskAugmented: bool = False
    featuredOrder: int | msgspec.UnsetType = msgspec.UNSET
    estimateValue: bool = False
    cumulativeMarkets: bool = False
    pendingDeployment: bool = False
    deploying: bool = False
    deployingTimestamp: str
    requiresTranslation: bool = False
    closedTime: str | msgspec.UnsetType = msgspec.UNSET


class MarketRow(msgspec.Struct, kw_only=True):
    """One market."""

    id: str
    question: str
    conditionId: str
    slug: str
    resolutionSource: str = ""
    endDate: str | msgspec.UnsetType = msgspec.UNSET
    liquidity: str
    startDate: str
    image: str = ""
    icon: str = ""
    description: str
    outcomes: str
    outcomePrices: str
    volume: str
    active: bool = True
    closed: bool = False
    marketMakerAddress: str = ""
    createdAt: str
    updatedAt: str
    closedTime: str | msgspec.UnsetType = msgspec.UNSET
    new: bool = False
    featured: bool = False
    submitted_by: str
    archived: bool = False
    resolvedBy: str
    restricted: bool = False
    groupItemTitle: str = ""
    groupItemThreshold: str = "0"
    questionID: str
    umaEndDate: str | msgspec.UnsetType = msgspec.UNSET
    enableOrderBook: bool = True
    orderPriceMinTickSize: Decimal
    orderMinSize: Decimal
    umaResolutionStatus: str | msgspec.UnsetType = msgspec.UNSET
    volumeNum: Decimal
    liquidityNum: Decimal
    endDateIso: str | msgspec.UnsetType = msgspec.UNSET
    startDateIso: str
    hasReviewedDates: bool = True
    volume24hr: Decimal
    volume1wk: Decimal
    volume1mo: Decimal
    volume1yr: Decimal
    gameStartTime: str | msgspec.UnsetType = msgspec.UNSET
    eventStartTime: str | msgspec.UnsetType = msgspec.UNSET
    secondsDelay: int | msgspec.UnsetType = msgspec.UNSET
    clobTokenIds: str
    comboStatus: str = "disabled"
    umaBond: str = "500"
    umaReward: str = "5"
    volume24hrClob: Decimal
    volume1wkClob: Decimal
    volume1moClob: Decimal
    volume1yrClob: Decimal
    volumeClob: Decimal
    liquidityClob: Decimal
    makerBaseFee: int | msgspec.UnsetType = msgspec.UNSET
    takerBaseFee: int | msgspec.UnsetType = msgspec.UNSET
    customLiveness: int = 0
    acceptingOrders: bool
    negRisk: bool
    negRiskMarketID: str | msgspec.UnsetType = msgspec.UNSET
    negRiskRequestID: str = ""
    ready: bool = False
    funded: bool = False
    acceptingOrdersTimestamp: str
    cyom: bool = False
    competitive: Decimal
    pagerDutyNotificationEnabled: bool = False
    approved: bool = True
    clobRewards: list[ClobReward] | msgspec.UnsetType = msgspec.UNSET
    rewardsMinSize: Decimal
    rewardsMaxSpread: Decimal
    spread: Decimal
    automaticallyResolved: bool | msgspec.UnsetType = msgspec.UNSET
    oneHourPriceChange: Decimal | msgspec.UnsetType = msgspec.UNSET
    oneDayPriceChange: Decimal | msgspec.UnsetType = msgspec.UNSET
    oneWeekPriceChange: Decimal | msgspec.UnsetType = msgspec.UNSET
    oneMonthPriceChange: Decimal | msgspec.UnsetType = msgspec.UNSET
    lastTradePrice: Decimal
    bestBid: Decimal | msgspec.UnsetType = msgspec.UNSET
    bestAsk: Decimal
    automaticallyActive: bool = True
    clearBookOnStart: bool = True
    seriesColor: str = ""
    showGmpSeries: bool = False
    showGmpOutcome: bool = False
    manualActivation: bool = False
    negRiskOther: bool = False
    umaResolutionStatuses: str = "[]"
    pendingDeployment: bool = False
    deploying: bool = False
    deployingTimestamp: str
    rfqEnabled: bool = False
    holdingRewardsEnabled: bool = False
    feesEnabled: bool
    requiresTranslation: bool = False
    feeType: str | None
    feeSchedule: FeeSchedule | msgspec.UnsetType = msgspec.UNSET
    version: str = "v1"
    positionIds: list[str] = msgspec.field(default_factory=list)
    events: list[EventHead] | msgspec.UnsetType = msgspec.UNSET
    tags: list[Tag] | msgspec.UnsetType = msgspec.UNSET


class EventRow(EventHead, kw_only=True):
    """One event; `markets` is missing when the asker said so."""

    markets: list[MarketRow] | msgspec.UnsetType = msgspec.UNSET
    tags: list[Tag] = msgspec.field(default_factory=list)


class KeysetPage(msgspec.Struct, kw_only=True, omit_defaults=True):
    """GET /markets/keyset and /events/keyset; the last page has no cursor."""

    markets: list[MarketRow] | None = None
    events: list[EventRow] | None = None
    next_cursor: str | None = None


class Pagination(msgspec.Struct, kw_only=True):
    """How much more a search found."""

    hasMore: bool
    totalResults: int


class SearchAnswer(msgspec.Struct, kw_only=True):
    """GET /public-search."""

    events: list[EventRow]
    tags: list[Tag]
    profiles: list[str]
    """Nobody here has one."""
    pagination: Pagination
