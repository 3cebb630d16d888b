"""Gamma's market rows turned into market constants: what is hostile or not ours to trade is refused, with a reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from messages.market import MarketInfo
from messages.values import MICRO, MarketId, MarketNs, Money, Price, Size, TokenId
from trading.ticks import is_tick
from venue.polymarket.translate import MAX_SIZE
from venue.wire.gamma import GammaMarket, strings
from venue.wire.markets import read_date
from venue.wire.numbers import WireError, micro

VERSION = "v1"
"""The only kind of market this house trades; rows that name none are of it."""
MAX_QUESTION = 300
RESOLVED = "resolved"
_CONDITION = re.compile(r"0x[0-9a-fA-F]{64}", re.ASCII)
_TOKEN = re.compile(r"\d{1,78}", re.ASCII)
_SLUG = re.compile(r"[\w.-]{1,200}", re.ASCII)
ZERO = Decimal(0)
LATEST_NS = 1 << 63


class KeysetPage(msgspec.Struct, frozen=True):
    """One page of `/markets/keyset`."""

    markets: list[msgspec.Raw]
    next_cursor: str | None = None


_row = msgspec.json.Decoder(GammaMarket).decode


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
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"unreadable row: {error}") from error
    if (raw.version or VERSION) != VERSION:
        raise WireError(f"version {raw.version[:20] if raw.version else ''!r} is not {VERSION}")
    yes, no = _read_tokens(strings(raw.clobTokenIds))
    rate = raw.feeSchedule.rate if raw.feesEnabled and raw.feeSchedule else ZERO
    return MarketInfo(
        market=MarketId(_matching(_CONDITION, raw.conditionId, "condition id").lower()),
        slug=_matching(_SLUG, raw.slug, "slug"),
        question="".join(c for c in (raw.question or "")[:MAX_QUESTION] if c.isprintable()),
        yes=yes,
        no=no,
        tick=_read_tick(raw.orderPriceMinTickSize),
        min_size=Size(_micro(raw.orderMinSize, "minimum size")),
        neg_risk=bool(raw.negRisk),
        accepting_orders=is_tradable(raw),
        ends_at=_read_end(raw.endDate),
        payout=_read_payout(raw),
        fee_rate=min(MICRO, _micro(rate, "fee rate")),
        volume_24h=Money(_micro(raw.volume24hr or ZERO, "volume")),
    )


def is_tradable(raw: GammaMarket) -> bool:
    """The venue takes orders here; a flag that is missing says no."""
    return bool(raw.enableOrderBook and raw.acceptingOrders and raw.active and raw.closed is False)


def _read_payout(raw: GammaMarket) -> Price | None:
    """What YES pays, once the venue says that it is decided for good; two prices that are not a dollar say nothing."""
    if not raw.closed or raw.umaResolutionStatus != RESOLVED:
        return None
    try:
        yes, no = (micro(price) for price in strings(raw.outcomePrices))
    except (WireError, ValueError):
        return None
    return Price(yes) if yes + no == MICRO else None


def _read_end(text: str | None) -> MarketNs | None:
    """None for what is not there, unreadable, or not within the centuries nanoseconds can count."""
    try:
        at = read_date(text) if text else None
    except (WireError, OverflowError):
        return None
    return at if at is not None and 0 < int(at) < LATEST_NS else None


def _read_tokens(tokens: list[str]) -> tuple[TokenId, TokenId]:
    if len(tokens) != 2 or tokens[0] == tokens[1]:
        raise WireError(f"{len(tokens)} tokens instead of two different ones")
    yes, no = (TokenId(_matching(_TOKEN, token, "token id")) for token in tokens)
    return yes, no


def _read_tick(step: Decimal | None) -> Price:
    tick = _micro(step, "tick")
    if not is_tick(tick):
        raise WireError(f"tick {step} is no price grid")
    return Price(tick)


def _matching(pattern: re.Pattern[str], text: str, name: str) -> str:
    if not pattern.fullmatch(text):
        raise WireError(f"{text[:80]!r} is no {name}")
    return text


def _micro(value: Decimal | None, name: str) -> int:
    """Millionths, cut off; the size of the exponent is looked at before anything is computed."""
    if value is None:
        raise WireError(f"no {name}")
    if value.is_finite() and value >= 0 and value.adjusted() <= 12:
        micro = int(value * MICRO)
        if micro <= MAX_SIZE:
            return micro
    raise WireError(f"{name} {str(value)[:40]} is out of range")
