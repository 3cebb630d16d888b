"""Gamma's market rows turned into market constants: what is hostile or not ours to trade is refused, with a reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from messages.market import MarketInfo
from messages.values import MICRO, MarketId, MarketNs, Money, Price, Size, TokenId
from trading.ticks import is_tick
from venue.polymarket.translate import MAX_SIZE, WireError

VERSION = "v1"
"""The only kind of market this house trades; rows that name none are of it."""
MAX_QUESTION = 300
_CONDITION = re.compile(r"0x[0-9a-fA-F]{64}", re.ASCII)
_TOKEN = re.compile(r"\d{1,78}", re.ASCII)
_SLUG = re.compile(r"[\w.-]{1,200}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FeeSchedule(msgspec.Struct, frozen=True):
    """What takers pay."""

    rate: Decimal = Decimal(0)


class GammaMarket(msgspec.Struct, frozen=True, rename="camel"):
    """The fields this house reads of one row; lists may be JSON inside a string."""

    condition_id: str
    slug: str
    clob_token_ids: str | list[str]
    order_price_min_tick_size: Decimal
    order_min_size: Decimal
    question: str | None = None
    neg_risk: bool | None = None
    active: bool | None = None
    closed: bool | None = None
    enable_order_book: bool | None = None
    accepting_orders: bool | None = None
    end_date: str | None = None
    volume24hr: Decimal | None = None
    fees_enabled: bool | None = None
    fee_schedule: FeeSchedule | None = None
    version: str | None = None


class KeysetPage(msgspec.Struct, frozen=True):
    """One page of `/markets/keyset`."""

    markets: list[msgspec.Raw]
    next_cursor: str | None = None


_row = msgspec.json.Decoder(GammaMarket).decode
_tokens = msgspec.json.Decoder(list[str]).decode


class MarketTable:
    """Markets out of rows, each condition and each token once."""

    def __init__(self) -> None:
        self.markets: dict[MarketId, MarketInfo] = {}
        self.slugs: set[str] = set()
        self.skipped: list[str] = []
        """Why, row by row."""
        self._tokens: set[TokenId] = set()

    def add(self, rows: Iterable[msgspec.Raw]) -> None:
        """Take what can be believed of these rows."""
        for row in rows:
            try:
                self._take(read_market(row))
            except WireError as error:
                self.skipped.append(str(error))

    def _take(self, info: MarketInfo) -> None:
        if info.market in self.markets:
            if self.markets[info.market] != info:
                raise WireError(f"{info.slug} is listed twice, differently")
            return
        if info.yes in self._tokens or info.no in self._tokens:
            raise WireError(f"{info.slug} names a token of another market")
        self._tokens |= {info.yes, info.no}
        self.markets[info.market] = info
        self.slugs.add(info.slug)


def read_market(row: bytes | msgspec.Raw) -> MarketInfo:
    """One row. Raises WireError for a malformed or hostile one and for markets of another version."""
    try:
        raw = _row(row)
        tokens = _tokens(raw.clob_token_ids) if isinstance(raw.clob_token_ids, str) else raw.clob_token_ids
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"unreadable row: {error}") from error
    if (raw.version or VERSION) != VERSION:
        raise WireError(f"version {raw.version[:20] if raw.version else ''!r} is not {VERSION}")
    yes, no = _read_tokens(tokens)
    rate = raw.fee_schedule.rate if raw.fees_enabled and raw.fee_schedule else Decimal(0)
    return MarketInfo(
        market=MarketId(_matching(_CONDITION, raw.condition_id, "condition id").lower()),
        slug=_matching(_SLUG, raw.slug, "slug"),
        question="".join(c for c in (raw.question or "")[:MAX_QUESTION] if c.isprintable()),
        yes=yes,
        no=no,
        tick=_read_tick(raw.order_price_min_tick_size),
        min_size=Size(_micro(raw.order_min_size, "minimum size")),
        neg_risk=bool(raw.neg_risk),
        accepting_orders=is_tradable(raw),
        ends_at=read_instant(raw.end_date),
        fee_rate=min(MICRO, _micro(rate, "fee rate")),
        volume_24h=Money(_micro(raw.volume24hr or Decimal(0), "volume")),
    )


def is_tradable(raw: GammaMarket) -> bool:
    """The venue takes orders here; a flag that is missing says no."""
    return bool(raw.enable_order_book and raw.accepting_orders and raw.active and raw.closed is False)


def read_instant(text: str | None) -> MarketNs | None:
    """An RFC 3339 instant, or one with a space and a short zone; None for what is not there or unreadable."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    span = aware - _EPOCH
    return MarketNs((span.days * 86_400 + span.seconds) * 1_000_000_000 + span.microseconds * 1_000)


def _read_tokens(tokens: list[str]) -> tuple[TokenId, TokenId]:
    if len(tokens) != 2 or tokens[0] == tokens[1]:
        raise WireError(f"{len(tokens)} tokens instead of two different ones")
    yes, no = (TokenId(_matching(_TOKEN, token, "token id")) for token in tokens)
    return yes, no


def _read_tick(step: Decimal) -> Price:
    tick = _micro(step, "tick")
    if not is_tick(tick):
        raise WireError(f"tick {step} is no price grid")
    return Price(tick)


def _matching(pattern: re.Pattern[str], text: str, name: str) -> str:
    if not pattern.fullmatch(text):
        raise WireError(f"{text[:80]!r} is no {name}")
    return text


def _micro(value: Decimal, name: str) -> int:
    """Millionths, cut off; the size of the exponent is looked at before anything is computed."""
    if (
        not value.is_finite()
        or value < 0
        or value.adjusted() > 12
        or (micro := int(value * MICRO)) > MAX_SIZE
    ):
        raise WireError(f"{name} {str(value)[:40]} is out of range")
    return micro
