"""Market metadata as the CLOB lists it: the compact, the short and the long form (VENUE §6.2, §6.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

import msgspec

from messages.values import SECOND, MarketNs
from venue.wire.numbers import WireError


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

    gst: str | None = None
    """When the game starts."""
    c: str
    t: list[CompactToken]
    r: CompactRewards | None = None
    sd: int = 0
    """Taker delay in whole seconds."""
    mos: Decimal
    """Min size in shares."""
    mts: Decimal
    """Tick in dollars."""
    mbf: int = 0
    tbf: int = 0
    nr: bool = False
    fd: CompactFees | None = None
    ao: bool | None = None
    """Accepting orders."""
    aot: str | None = None
    """Since when."""
    cbos: bool | None = None
    """Whether the book is cleared when the game starts."""
    itode: bool = False
    """Whether takers are delayed by a part of a second."""
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
    maker_base_fee: int = 0
    taker_base_fee: int = 0
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


_encoder = msgspec.json.Encoder(decimal_format="number")
_clob_market = msgspec.json.Decoder(ClobMarket)
Decoded = TypeVar("Decoded")


def encode(value: object) -> bytes:
    """Compact JSON in which decimals are numbers, digit for digit."""
    return _encoder.encode(value)


def decode_clob_market(body: bytes) -> ClobMarket:
    """GET /clob-markets/{condition}. Raises WireError."""
    return decoded(_clob_market, body)


def spell_date(at: MarketNs) -> str:
    """An instant as RFC 3339 in UTC, whole seconds."""
    return _spell_second(int(at) // SECOND)


@lru_cache(maxsize=4_096)
def _spell_second(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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


def decoded(decoder: msgspec.json.Decoder[Decoded], body: bytes) -> Decoded:
    """What a body says. Raises WireError."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(str(error)) from error
