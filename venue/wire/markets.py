"""Market metadata: the CLOB's compact and long form, Gamma's, the Data API's positions (VENUE §6)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

import msgspec

from messages.values import SECOND, MarketNs
from venue.wire.numbers import WireError

Number = Decimal | int
"""A JSON number, never through a float: decode gives the exact decimal."""
Listed = str | list[str] | None
"""A list, as such or as JSON text."""


class CompactToken(msgspec.Struct, kw_only=True):
    """One outcome of a market."""

    t: str
    """Token id."""
    o: str = ""
    """Outcome."""


class CompactRewards(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Liquidity rewards: min size in shares, max spread in cents, min age in seconds."""

    mi: Decimal | None = None
    ma: Decimal | None = None
    e: bool | None = None
    moas: int | None = None


class CompactFees(msgspec.Struct, kw_only=True):
    """Taker fee: rate, exponent, and whether only takers pay."""

    r: Decimal
    e: Decimal = Decimal(1)
    to: bool = True


class ClobMarket(msgspec.Struct, kw_only=True, omit_defaults=True):
    """GET /clob-markets/{condition}: all an order needs to know, in one call (VENUE §6.3)."""

    c: str
    t: list[CompactToken]
    r: CompactRewards | None = None
    sd: int = 0
    mos: Decimal
    """Min size in shares."""
    mts: Decimal
    """Tick in dollars."""
    mbf: Decimal = Decimal(0)
    tbf: Decimal = Decimal(0)
    nr: bool = False
    fd: CompactFees | None = None
    ao: bool | None = None
    """Accepting orders."""
    cbos: bool | None = None
    itode: bool = False
    v: str = ""


class TokenPair(msgspec.Struct, kw_only=True):
    """GET /markets-by-token/{token}; primary is not reliably YES."""

    condition_id: str
    primary_token_id: str
    secondary_token_id: str


class ListedToken(msgspec.Struct, kw_only=True):
    """One outcome of a listed market, with its price."""

    token_id: str
    outcome: str
    price: Decimal
    winner: bool = False


class RewardRate(msgspec.Struct, kw_only=True):
    """Dollars a day for resting."""

    asset_address: str
    rewards_daily_rate: Decimal


class ListedRewards(msgspec.Struct, kw_only=True):
    """Rewards of a listed market; `rates` is null where there are none."""

    rates: list[RewardRate] | None = None
    min_size: Decimal
    max_spread: Decimal


class SimpleMarket(msgspec.Struct, kw_only=True):
    """GET /simplified-markets."""

    condition_id: str
    tokens: list[ListedToken]
    rewards: ListedRewards
    active: bool = True
    closed: bool = False
    archived: bool = False
    accepting_orders: bool = True


class ListedMarket(msgspec.Struct, kw_only=True):
    """GET /markets and /markets/{condition} (VENUE §6.2)."""

    enable_order_book: bool = True
    active: bool = True
    closed: bool = False
    archived: bool = False
    accepting_orders: bool = True
    accepting_order_timestamp: str | None = None
    minimum_order_size: Decimal
    minimum_tick_size: Decimal
    condition_id: str
    question_id: str = ""
    question: str = ""
    description: str = ""
    market_slug: str = ""
    end_date_iso: str | None = None
    game_start_time: str | None = None
    seconds_delay: int = 0
    fpmm: str = ""
    maker_base_fee: Decimal = Decimal(0)
    taker_base_fee: Decimal = Decimal(0)
    notifications_enabled: bool = True
    neg_risk: bool = False
    neg_risk_market_id: str = ""
    neg_risk_request_id: str = ""
    icon: str = ""
    image: str = ""
    rewards: ListedRewards
    is_50_50_outcome: bool = False
    tokens: list[ListedToken]
    tags: list[str] | None = None


class FeeSchedule(msgspec.Struct, kw_only=True):
    """Gamma's fee formula: rate·(p(1−p))^exponent per share."""

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
    """One market of Gamma; list fields are JSON text (VENUE §6.1)."""

    id: str
    question: str = ""
    conditionId: str  # noqa: N815
    slug: str = ""
    endDate: str | None = None  # noqa: N815
    endDateIso: str | None = None  # noqa: N815
    description: str = ""
    outcomes: Listed = None
    outcomePrices: Listed = None  # noqa: N815
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


class GammaEvent(msgspec.Struct, kw_only=True):
    """One event of Gamma: here each market is an event of its own."""

    id: str
    ticker: str = ""
    slug: str = ""
    title: str = ""
    active: bool = True
    closed: bool = False
    archived: bool = False
    negRisk: bool = False  # noqa: N815
    endDate: str | None = None  # noqa: N815
    volume24hr: Decimal = Decimal(0)
    liquidity: Decimal = Decimal(0)
    markets: list[GammaMarket] = msgspec.field(default_factory=list)


class GammaPage(msgspec.Struct, kw_only=True, omit_defaults=True):
    """GET /markets/keyset and /events/keyset; the last page has no cursor."""

    markets: list[GammaMarket] | None = None
    events: list[GammaEvent] | None = None
    next_cursor: str | None = None


class PositionRow(msgspec.Struct, kw_only=True):
    """GET /positions of the Data API, version 1 (VENUE §6.4)."""

    proxyWallet: str  # noqa: N815
    asset: str
    conditionId: str  # noqa: N815
    size: Decimal
    avgPrice: Decimal  # noqa: N815
    initialValue: Decimal = Decimal(0)  # noqa: N815
    currentValue: Decimal = Decimal(0)  # noqa: N815
    cashPnl: Decimal = Decimal(0)  # noqa: N815
    percentPnl: Decimal = Decimal(0)  # noqa: N815
    curPrice: Decimal = Decimal(0)  # noqa: N815
    redeemable: bool = False
    mergeable: bool = False
    title: str = ""
    slug: str = ""
    eventSlug: str = ""  # noqa: N815
    outcome: str = ""
    outcomeIndex: int = 0  # noqa: N815
    oppositeOutcome: str = ""  # noqa: N815
    oppositeAsset: str = ""  # noqa: N815
    endDate: str = ""  # noqa: N815
    negativeRisk: bool = False  # noqa: N815


class DataTrade(msgspec.Struct, kw_only=True):
    """GET /trades of the Data API, version 1."""

    proxyWallet: str  # noqa: N815
    side: str
    asset: str
    conditionId: str  # noqa: N815
    size: Decimal
    price: Decimal
    timestamp: int
    title: str = ""
    slug: str = ""
    eventSlug: str = ""  # noqa: N815
    outcome: str = ""
    outcomeIndex: int = 0  # noqa: N815
    transactionHash: str = ""  # noqa: N815


_encoder = msgspec.json.Encoder(decimal_format="number")
_clob_market = msgspec.json.Decoder(ClobMarket)
_gamma_page = msgspec.json.Decoder(GammaPage)
_gamma_markets = msgspec.json.Decoder(list[GammaMarket])
_positions = msgspec.json.Decoder(list[PositionRow])
Decoded = TypeVar("Decoded")


def encode(value: object) -> bytes:
    """Compact JSON in which decimals are numbers, digit for digit."""
    return _encoder.encode(value)


def decode_clob_market(body: bytes) -> ClobMarket:
    """GET /clob-markets/{condition}. Raises WireError."""
    return _decoded(_clob_market, body)


def decode_gamma_page(body: bytes) -> GammaPage:
    """GET /markets/keyset. Raises WireError."""
    return _decoded(_gamma_page, body)


def decode_gamma_markets(body: bytes) -> list[GammaMarket]:
    """GET /markets. Raises WireError."""
    return _decoded(_gamma_markets, body)


def decode_positions(body: bytes) -> list[PositionRow]:
    """GET /positions. Raises WireError."""
    return _decoded(_positions, body)


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


def spell_date(at: MarketNs) -> str:
    """An instant as RFC 3339 in UTC, whole seconds."""
    return datetime.fromtimestamp(int(at) // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_date(text: str) -> MarketNs:
    """RFC 3339 with any fraction, or `2026-05-28 05:29:05+00`. Raises WireError."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        raise WireError(f"{text[:40]!r} is no date")
    day, clock, fraction, zone = found.groups()
    offset = {None: "+00:00", "Z": "+00:00", "z": "+00:00"}.get(zone) or (
        zone if len(zone) > 3 else f"{zone}:00"
    )
    try:
        whole = datetime.fromisoformat(f"{day}T{clock or '00:00:00'}{offset}")
    except ValueError as error:
        raise WireError(f"{text[:40]!r} is no date") from error
    return MarketNs(round(whole.timestamp()) * SECOND + int((fraction or "0")[:9].ljust(9, "0")))


_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?\s*(Z|z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII
)


def _decoded(decoder: msgspec.json.Decoder[Decoded], body: bytes) -> Decoded:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(str(error)) from error
