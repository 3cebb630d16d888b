"""Orders, cancels, open orders and trades as REST spells them (VENUE §3.5, §3.6, §4.1, §4.3, §4.4)."""

from __future__ import annotations

import base64
import binascii
from string import hexdigits
from typing import Generic, Literal, TypeVar

import msgspec

from venue.wire.eip712 import ZERO_BYTES32, OrderFields, address_bytes, hex_bytes
from venue.wire.numbers import WireError

MAX_PLACED = 15
"""Orders of one POST /orders."""
MAX_CANCELED = 1000
"""Ids of one DELETE /orders."""
FIRST_PAGE = "MA=="
LAST_PAGE = "LTE="

Row = TypeVar("Row")


class SignedOrder(msgspec.Struct, kw_only=True):
    """An order as it is signed, plus `expiration`, which is not. Amounts in millionths, as decimal strings."""

    salt: int | str
    maker: str
    signer: str
    tokenId: str  # noqa: N815 -- these are the wire's names
    makerAmount: str  # noqa: N815
    takerAmount: str  # noqa: N815
    side: Literal["BUY", "SELL"]
    expiration: str = "0"
    """Epoch seconds; "0": none."""
    signatureType: int = 0  # noqa: N815
    timestamp: str
    """Of signing, epoch milliseconds."""
    metadata: str = ZERO_BYTES32
    builder: str = ZERO_BYTES32
    signature: str


class OrderRequest(msgspec.Struct, kw_only=True):
    """The body of POST /order, and one item of POST /orders."""

    order: SignedOrder
    owner: str
    """The API key."""
    orderType: Literal["GTC", "GTD", "FOK", "FAK"] = "GTC"  # noqa: N815
    deferExec: bool = False  # noqa: N815
    postOnly: bool = False  # noqa: N815


class OrderAnswer(msgspec.Struct, kw_only=True):
    """What became of one order. Test `orderID` and `errorMsg`; `success` is true for refused legs as well."""

    errorMsg: str = ""  # noqa: N815
    orderID: str = ""  # noqa: N815
    takingAmount: str = ""  # noqa: N815
    """Decimal units, "" when nothing matched."""
    makingAmount: str = ""  # noqa: N815
    status: str = ""
    """live, matched, delayed, unmatched, or "" for a refused leg."""
    success: bool = True
    tradeIDs: list[str] | msgspec.UnsetType | None = msgspec.UNSET  # noqa: N815
    transactionsHashes: list[str] | msgspec.UnsetType | None = msgspec.UNSET  # noqa: N815

    @property
    def is_accepted(self) -> bool:
        """The rule of the venue's own client (VENUE §3.6)."""
        known = self.status.lower() in ("live", "matched", "delayed")
        return self.success and not self.errorMsg and bool(self.orderID) and known


class CancelOne(msgspec.Struct):
    """The body of DELETE /order."""

    orderID: str  # noqa: N815


class CancelMarket(msgspec.Struct, omit_defaults=True):
    """The body of DELETE /cancel-market-orders; what is missing or empty stands for any."""

    market: str = ""
    asset_id: str = ""


class CancelAnswer(msgspec.Struct):
    """What was taken back, and why the rest was not; always with status 200."""

    canceled: list[str] = msgspec.field(default_factory=list)
    not_canceled: dict[str, str] = msgspec.field(default_factory=dict)


class OpenOrder(msgspec.Struct, kw_only=True):
    """A resting order. Sizes and price are decimal strings in units."""

    id: str
    status: str
    owner: str = ""
    maker_address: str = ""
    market: str
    asset_id: str
    side: str
    original_size: str
    size_matched: str = ""
    price: str
    outcome: str | None = ""
    expiration: str | int | None = "0"
    order_type: str = "GTC"
    associate_trades: list[str] | None = None
    created_at: int | str = 0
    """Epoch seconds."""


class MakerOrder(msgspec.Struct, kw_only=True):
    """One resting order's part in a trade, in its own token, side and price."""

    order_id: str
    owner: str = ""
    maker_address: str = ""
    matched_amount: str
    price: str
    fee_rate_bps: str = "0"
    asset_id: str
    outcome: str | None = ""
    side: str = ""


class TradeRow(msgspec.Struct, kw_only=True):
    """A match, seen from the taker; a maker's own part is in `maker_orders`."""

    id: str
    taker_order_id: str
    market: str
    asset_id: str
    side: str
    size: str
    fee_rate_bps: str = "0"
    price: str
    status: str
    """`TRADE_STATUS_` and the word; `bare_status` takes the prefix off."""
    match_time: str | int = "0"
    """Epoch seconds."""
    match_time_nano: str | int = "0"
    last_update: str | int = "0"
    outcome: str | None = ""
    bucket_index: int | str = 0
    owner: str = ""
    maker_address: str = ""
    transaction_hash: str | None = ""
    err_msg: str | None = ""
    maker_orders: list[MakerOrder] = msgspec.field(default_factory=list)
    trader_side: str = ""
    """TAKER or MAKER: what the asker is."""


class Page(msgspec.Struct, Generic[Row], kw_only=True):
    """One page of a listing; the last one says `LTE=`."""

    limit: int = 100
    next_cursor: str = LAST_PAGE
    count: int = 0
    data: list[Row] = msgspec.field(default_factory=list)


_request = msgspec.json.Decoder(OrderRequest)
_requests = msgspec.json.Decoder(list[OrderRequest])
_answer = msgspec.json.Decoder(OrderAnswer)
_answers = msgspec.json.Decoder(list[OrderAnswer])
_cancel_answer = msgspec.json.Decoder(CancelAnswer)
_open_orders = msgspec.json.Decoder(Page[OpenOrder])
_open_order: msgspec.json.Decoder[OpenOrder | None] = msgspec.json.Decoder(OpenOrder | None)
_trades = msgspec.json.Decoder(Page[TradeRow])
Decoded = TypeVar("Decoded")


def decode_request(body: bytes) -> OrderRequest:
    """POST /order. Raises WireError."""
    return _decoded(_request, body)


def decode_requests(body: bytes) -> list[OrderRequest]:
    """POST /orders. Raises WireError."""
    return _decoded(_requests, body)


def decode_answer(body: bytes) -> OrderAnswer:
    """The answer to POST /order. Raises WireError."""
    return _decoded(_answer, body)


def decode_answers(body: bytes) -> list[OrderAnswer]:
    """The answer to POST /orders, in the order of the request. Raises WireError."""
    return _decoded(_answers, body)


def decode_cancel_answer(body: bytes) -> CancelAnswer:
    """The answer to every kind of cancel. Raises WireError."""
    return _decoded(_cancel_answer, body)


def decode_open_orders(body: bytes) -> Page[OpenOrder]:
    """GET /data/orders. Raises WireError."""
    return _decoded(_open_orders, body)


def decode_open_order(body: bytes) -> OpenOrder | None:
    """GET /data/order/{id}; None when the venue says null. Raises WireError."""
    return _decoded(_open_order, body)


def decode_trades(body: bytes) -> Page[TradeRow]:
    """GET /data/trades. Raises WireError."""
    return _decoded(_trades, body)


def encode(value: msgspec.Struct | list[OrderRequest] | list[OrderAnswer] | list[str] | None) -> bytes:
    """Compact JSON, keys in the order of the venue's documents."""
    return msgspec.json.encode(value)


def is_v1(body: bytes) -> bool:
    """Whether a body that is no order of today is one of the version before (VENUE §11)."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    first = found[0] if isinstance(found, list) and found else found
    order = first.get("order") if isinstance(first, dict) else None
    if not isinstance(order, dict) or "timestamp" in order:
        return False
    return bool(order.keys() & {"taker", "nonce", "feeRateBps"})


def signed_fields(order: SignedOrder) -> OrderFields:
    """The signed part as numbers and bytes. Raises WireError."""
    return OrderFields(
        salt=_integer(order.salt),
        maker=address_bytes(order.maker),
        signer=address_bytes(order.signer),
        token=_integer(order.tokenId),
        maker_amount=_integer(order.makerAmount),
        taker_amount=_integer(order.takerAmount),
        side=0 if order.side == "BUY" else 1,
        signature_type=order.signatureType,
        timestamp=_integer(order.timestamp),
        metadata=hex_bytes(order.metadata, 32),
        builder=hex_bytes(order.builder, 32),
    )


def is_order_id(text: str) -> bool:
    """Whether this could be an order's digest: 0x and 64 hex digits."""
    return len(text) == 66 and text.startswith("0x") and all(digit in hexdigits for digit in text[2:])


def bare_status(status: str) -> str:
    """LIVE, MATCHED, CONFIRMED …, whatever prefix or case the venue gave it (VENUE §12, rows 5 and 6)."""
    return status.upper().removeprefix("ORDER_STATUS_").removeprefix("TRADE_STATUS_")


def cursor(offset: int) -> str:
    """A place in a listing as a page cursor."""
    return base64.b64encode(str(offset).encode()).decode()


def offset_of(page_cursor: str) -> int:
    """The place a cursor names; "" is the start, `LTE=` is -1. Raises WireError."""
    if not page_cursor:
        return 0
    try:
        return int(base64.b64decode(page_cursor, validate=True).decode("ascii"))
    except (binascii.Error, ValueError) as error:
        raise WireError(f"{page_cursor[:40]!r} is no cursor") from error


def _integer(number: int | str) -> int:
    if isinstance(number, str):
        if not (number.isascii() and number.isdigit()) or len(number) > 78:
            raise WireError(f"{number[:80]!r} is no whole number")
        return int(number)
    return number


def _decoded(decoder: msgspec.json.Decoder[Decoded], body: bytes) -> Decoded:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(str(error)) from error
