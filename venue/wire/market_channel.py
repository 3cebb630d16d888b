"""The market channel's frames (VENUE §5.1 to §5.3). Levels come worst first on both sides, so the best is last."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from venue.wire.numbers import WireError

PING = "PING"
PONG = "PONG"
KEEPALIVE_S = 10
"""How often a client says PING, as text."""
EMPTY_BID, EMPTY_ASK = "0", "1"
"""Best prices of an empty side."""


class Level(msgspec.Struct, frozen=True, gc=False):
    """One price and the whole size resting there, decimal strings."""

    price: str
    size: str


class BookSummary(msgspec.Struct, kw_only=True):
    """GET /book: a token's whole book. The hash covers these fields in this order (VENUE §5.3)."""

    market: str
    asset_id: str
    timestamp: str
    """Epoch milliseconds."""
    hash: str = ""
    bids: Sequence[Level] = ()
    asks: Sequence[Level] = ()
    min_order_size: str = ""
    tick_size: str = ""
    neg_risk: bool = False
    last_trade_price: str = ""


class Book(msgspec.Struct, kw_only=True):
    """A token's whole book. The one after a subscription has `tick_size` and `last_trade_price`, later ones not."""

    market: str
    asset_id: str
    timestamp: str
    hash: str = ""
    bids: Sequence[Level] = ()
    asks: Sequence[Level] = ()
    tick_size: str | msgspec.UnsetType | None = msgspec.UNSET
    last_trade_price: str | msgspec.UnsetType | None = msgspec.UNSET
    event_type: str = "book"


class Change(msgspec.Struct, kw_only=True):
    """The size at one price of one token is now this; "0" removes the level."""

    asset_id: str
    price: str
    size: str
    side: str
    hash: str = ""
    best_bid: str = ""
    best_ask: str = ""


class PriceChange(msgspec.Struct, kw_only=True):
    """Changed levels of one market, each told for both of its tokens."""

    market: str
    price_changes: list[Change]
    timestamp: str
    event_type: str = "price_change"


class LastTradePrice(msgspec.Struct, kw_only=True):
    """Somebody traded; `side` is the taker's."""

    market: str
    asset_id: str
    price: str
    size: str
    fee_rate_bps: str = "0"
    side: str
    timestamp: str
    event_type: str = "last_trade_price"
    transaction_hash: str = ""


class TickSizeChange(msgspec.Struct, kw_only=True):
    """The price grid of one token changed."""

    market: str
    asset_id: str
    old_tick_size: str
    new_tick_size: str
    timestamp: str
    event_type: str = "tick_size_change"


class BestBidAsk(msgspec.Struct, kw_only=True):
    """The new top of a book; only with the flag of the subscription, and not of every change."""

    market: str
    asset_id: str
    best_bid: str
    best_ask: str
    spread: str = ""
    timestamp: str
    event_type: str = "best_bid_ask"


class FeeTerms(msgspec.Struct, kw_only=True):
    """The fee formula of a new market; numbers are text here (VENUE §5.2)."""

    exponent: str | int | float = "1"
    rate: str | int | float = "0"
    taker_only: bool = True
    rebate_rate: str | int | float = "0"


class EventMessage(msgspec.Struct, kw_only=True):
    """The event a market belongs to, as announcements have it."""

    id: str = ""
    ticker: str = ""
    slug: str = ""
    title: str = ""
    description: str = ""


class NewMarket(msgspec.Struct, kw_only=True):
    """A market was listed; only with the flag, for all markets. Lists may come as JSON text: see `listed`."""

    id: str = ""
    question: str = ""
    market: str
    condition_id: str = ""
    slug: str = ""
    description: str = ""
    assets_ids: list[str] | str = ()  # type: ignore[assignment]
    clob_token_ids: list[str] | str = ()  # type: ignore[assignment]
    outcomes: list[str] | str = ()  # type: ignore[assignment]
    event_message: Any = None
    """An `EventMessage`, or null."""
    timestamp: str
    tags: Any = ()
    active: bool = True
    sports_market_type: Any = ""
    line: Any = ""
    game_start_time: Any = ""
    order_price_min_tick_size: str | float = ""
    group_item_title: Any = ""
    taker_base_fee: Any = "0"
    fees_enabled: bool | None = False
    fee_schedule: FeeTerms | None = None
    event_type: str = "new_market"


class MarketResolved(msgspec.Struct, kw_only=True):
    """A market has its outcome; only with the flag, for all markets."""

    id: str = ""
    market: str
    assets_ids: list[str] | str = ()  # type: ignore[assignment]
    winning_asset_id: str = ""
    winning_outcome: str = ""
    event_message: Any = None
    """An `EventMessage`, or null."""
    timestamp: str
    tags: Any = ()
    event_type: str = "market_resolved"


Event = Book | PriceChange | LastTradePrice | TickSizeChange | BestBidAsk | NewMarket | MarketResolved


class Subscribe(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The first frame of a connection has `type` market; later ones an `operation`. Flags left out stay as they are."""

    assets_ids: list[str] = []
    type: str = ""
    operation: str = ""
    """subscribe or unsubscribe; empty in the first frame."""
    custom_feature_enabled: bool | None = None
    initial_dump: bool | None = None
    level: int | str | None = None


class _Kind(msgspec.Struct):
    event_type: str = ""


_KINDS: dict[str, type[Any]] = {
    "book": Book,
    "price_change": PriceChange,
    "last_trade_price": LastTradePrice,
    "tick_size_change": TickSizeChange,
    "best_bid_ask": BestBidAsk,
    "new_market": NewMarket,
    "market_resolved": MarketResolved,
}
_decoders = {name: msgspec.json.Decoder(kind) for name, kind in _KINDS.items()}
_kind = msgspec.json.Decoder(_Kind)
_raw_list = msgspec.json.Decoder(list[msgspec.Raw])
_subscribe = msgspec.json.Decoder(Subscribe)


def decode_events(frame: str | bytes) -> list[Event]:
    """Events of one text frame, single or in an array; PONG is none, unknown kinds are skipped. Raises WireError."""
    if frame in (PONG, b"PONG"):
        return []
    try:
        raws = _raw_list.decode(frame) if frame[:1] in ("[", b"[") else [msgspec.Raw(_bytes(frame))]
        kinds = [(_decoders.get(_kind.decode(raw).event_type), raw) for raw in raws]
        return [decoder.decode(raw) for decoder, raw in kinds if decoder is not None]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(str(error)) from error


def decode_subscribe(frame: str | bytes) -> Subscribe:
    """What a client asks for. Raises WireError."""
    try:
        return _subscribe.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(str(error)) from error


def encode_frame(event: Event | list[Book] | Subscribe) -> str:
    """One text frame."""
    return msgspec.json.encode(event).decode()


def book_hash(book: BookSummary) -> str:
    """SHA-1 of the book with its hash emptied, 40 hex digits; equal content at another time has another hash."""
    content = msgspec.structs.replace(book, hash="")
    return hashlib.sha1(msgspec.json.encode(content), usedforsecurity=False).hexdigest()


def listed(value: list[str] | str) -> list[str]:
    """A list field that may have arrived as JSON text. Raises WireError."""
    if not isinstance(value, str):
        return list(value)
    try:
        return msgspec.json.decode(value, type=list[str])
    except msgspec.DecodeError as error:
        raise WireError(f"{value[:80]!r} is no list") from error


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame
