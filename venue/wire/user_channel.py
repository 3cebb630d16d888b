"""The user channel's frames: an account's own orders and trades (VENUE §5.5)."""

from __future__ import annotations

import msgspec

from venue.wire.market_channel import PONG
from venue.wire.numbers import WireError
from venue.wire.orders import MakerOrder


class Auth(msgspec.Struct, kw_only=True):
    """The API key's triple, in clear."""

    apiKey: str  # noqa: N815 -- the wire's name
    secret: str
    passphrase: str

    def __repr__(self) -> str:
        return f"Auth(apiKey={self.apiKey!r})"


class UserSubscribe(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The first frame has `auth`; later ones an `operation`. No markets in the first frame: all of them."""

    auth: Auth | None = None
    type: str = ""
    operation: str = ""
    markets: list[str] | None = None


class OrderEvent(msgspec.Struct, kw_only=True):
    """What became of an own order."""

    id: str
    owner: str = ""
    market: str
    asset_id: str
    side: str
    order_owner: str = ""
    original_size: str
    size_matched: str = ""
    price: str
    associate_trades: list[str] | None = None
    outcome: str | None = ""
    type: str
    """PLACEMENT, UPDATE or CANCELLATION."""
    created_at: str | int = ""
    """Epoch seconds; empty when a FOK was killed."""
    expiration: str | int | None = "0"
    order_type: str = ""
    status: str = ""
    """LIVE, MATCHED, CANCELED and their longer forms, some with free text behind."""
    maker_address: str = ""
    timestamp: str | int = ""
    """Epoch milliseconds."""
    event_type: str = "order"


class TradeEvent(msgspec.Struct, kw_only=True):
    """A match of ours, seen from the taker, sent again with the same id for each step of its settlement."""

    id: str
    taker_order_id: str
    market: str
    asset_id: str
    side: str
    size: str
    price: str
    fee_rate_bps: str = "0"
    status: str
    match_time: str | int = ""
    matchtime: str | int = ""
    """Another spelling of it that occurs."""
    last_update: str | int = ""
    outcome: str | None = ""
    owner: str = ""
    trade_owner: str = ""
    maker_address: str = ""
    transaction_hash: str | None = ""
    bucket_index: int | str = 0
    maker_orders: list[MakerOrder] = msgspec.field(default_factory=list)
    trader_side: str = ""
    """TAKER or MAKER: what we are."""
    type: str = "TRADE"
    timestamp: str | int = ""
    event_type: str = "trade"


UserEvent = OrderEvent | TradeEvent


class _Kind(msgspec.Struct):
    event_type: str = ""


_decoders: dict[str, msgspec.json.Decoder[UserEvent]] = {
    "order": msgspec.json.Decoder(OrderEvent),
    "trade": msgspec.json.Decoder(TradeEvent),
}
_kind = msgspec.json.Decoder(_Kind)
_raw_list = msgspec.json.Decoder(list[msgspec.Raw])
_subscribe = msgspec.json.Decoder(UserSubscribe)


def decode_user_events(frame: str | bytes) -> list[UserEvent]:
    """Events of one text frame, single or in an array; PONG is none, unknown kinds are skipped. Raises WireError."""
    if frame in (PONG, b"PONG"):
        return []
    try:
        data = frame.encode() if isinstance(frame, str) else frame
        raws = _raw_list.decode(data) if data[:1] == b"[" else [msgspec.Raw(data)]
        kinds = [(_decoders.get(_kind.decode(raw).event_type), raw) for raw in raws]
        return [decoder.decode(raw) for decoder, raw in kinds if decoder is not None]
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise WireError(str(error)) from error


def decode_user_subscribe(frame: str | bytes) -> UserSubscribe:
    """What a client asks for. Raises WireError."""
    try:
        return _subscribe.decode(frame)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise WireError(str(error)) from error


def encode_user_frame(event: UserEvent | UserSubscribe) -> str:
    """One text frame."""
    return msgspec.json.encode(event).decode()
