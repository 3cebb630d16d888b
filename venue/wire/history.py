"""Prices as they were (VENUE §4.8)."""

from __future__ import annotations

from decimal import Decimal

import msgspec


class PricePoint(msgspec.Struct):
    """Epoch seconds, and the price then."""

    t: int
    p: Decimal


class PricesHistory(msgspec.Struct):
    """GET /prices-history."""

    history: list[PricePoint]


class BatchAsked(msgspec.Struct, kw_only=True):
    """POST /batch-prices-history."""

    markets: list[str]
    start_ts: Decimal | None = None
    end_ts: Decimal | None = None
    interval: str | None = None
    fidelity: int | None = None


class BatchHistory(msgspec.Struct):
    """Its answer, by token."""

    history: dict[str, list[PricePoint]]


class Candle(msgspec.Struct, kw_only=True):
    """Open, high, low and close from `t` on, epoch seconds."""

    t: int
    o: Decimal
    h: Decimal
    l: Decimal  # noqa: E741 -- the chart's name
    c: Decimal


class Candles(msgspec.Struct, kw_only=True):
    """GET /ohlc."""

    count: int
    data: list[Candle]


class LiveActivity(msgspec.Struct, kw_only=True):
    """GET /markets/live-activity/{condition}: a market in short, for small screens."""

    condition_id: str
    id: int
    question: str
    market_slug: str
    event_slug: str
    series_slug: str = ""
    icon: str = ""
    image: str = ""
    tags: list[str]
