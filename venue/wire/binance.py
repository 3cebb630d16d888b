"""Binance's public spot dialect: what a bot reads of its reference price there. Numbers are text, eight decimals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from venue.wire.numbers import WireError

COMBINED = "combined"
"""The only property: whether frames come with their stream's name around them."""
INVALID_REQUEST, INVALID_JSON = 2, 3
"""Codes of a websocket's refusals."""
ILLEGAL, MISSING, NOT_VALID, NO_INTERVAL, NO_SYMBOL = -1100, -1102, -1130, -1120, -1121
"""Codes of REST's."""


class PriceTicker(msgspec.Struct):
    """GET /api/v3/ticker/price."""

    symbol: str
    price: str


class BookTicker(msgspec.Struct, rename="camel"):
    """GET /api/v3/ticker/bookTicker."""

    symbol: str
    bid_price: str
    bid_qty: str
    ask_price: str
    ask_qty: str


class TradeEvent(
    msgspec.Struct,
    kw_only=True,
    rename={
        "event": "e",
        "sent_at": "E",
        "symbol": "s",
        "number": "t",
        "price": "p",
        "size": "q",
        "at": "T",
        "is_sale": "m",
        "ignored": "M",
    },
):
    """`<symbol>@trade`. Times are epoch milliseconds."""

    event: str = "trade"
    sent_at: int
    symbol: str
    number: int
    price: str
    size: str
    at: int
    is_sale: bool
    """Whether the buyer was the maker."""
    ignored: bool = True


class AggregateTradeEvent(
    msgspec.Struct,
    kw_only=True,
    rename={
        "event": "e",
        "sent_at": "E",
        "symbol": "s",
        "number": "a",
        "price": "p",
        "size": "q",
        "first": "f",
        "last": "l",
        "at": "T",
        "is_sale": "m",
        "ignored": "M",
    },
):
    """`<symbol>@aggTrade`: here always of one trade."""

    event: str = "aggTrade"
    sent_at: int
    symbol: str
    number: int
    price: str
    size: str
    first: int
    last: int
    at: int
    is_sale: bool
    ignored: bool = True


class BookTickerEvent(
    msgspec.Struct,
    kw_only=True,
    rename={"number": "u", "symbol": "s", "bid": "b", "bid_size": "B", "ask": "a", "ask_size": "A"},
):
    """`<symbol>@bookTicker`."""

    number: int
    symbol: str
    bid: str
    bid_size: str
    ask: str
    ask_size: str


class Kline(
    msgspec.Struct,
    kw_only=True,
    rename={
        "begins_at": "t",
        "ends_at": "T",
        "symbol": "s",
        "interval": "i",
        "first": "f",
        "last": "L",
        "open": "o",
        "close": "c",
        "high": "h",
        "low": "l",
        "volume": "v",
        "count": "n",
        "is_closed": "x",
        "dollars": "q",
        "bought": "V",
        "bought_dollars": "Q",
        "ignored": "B",
    },
):
    """A candle as the websocket tells it; times are epoch milliseconds, the end is the last one inside."""

    begins_at: int
    ends_at: int
    symbol: str
    interval: str
    first: int
    last: int
    open: str
    close: str
    high: str
    low: str
    volume: str
    count: int
    is_closed: bool
    dollars: str
    bought: str
    bought_dollars: str
    ignored: str = "0"

    def row(self) -> list[int | str]:
        """The same as REST lists it."""
        return [
            self.begins_at,
            self.open,
            self.high,
            self.low,
            self.close,
            self.volume,
            self.ends_at,
            self.dollars,
            self.count,
            self.bought,
            self.bought_dollars,
            self.ignored,
        ]


class KlineEvent(
    msgspec.Struct, kw_only=True, rename={"event": "e", "sent_at": "E", "symbol": "s", "kline": "k"}
):
    """`<symbol>@kline_<interval>`."""

    event: str = "kline"
    sent_at: int
    symbol: str
    kline: Kline


Result = Sequence[str] | bool | None
"""Of a request."""
Event = TradeEvent | AggregateTradeEvent | BookTickerEvent | KlineEvent


class Request(msgspec.Struct):
    """What a client says on a websocket."""

    method: str
    params: list[Any] | None = None
    id: int | str | None = None

    def streams(self) -> list[str]:
        """The streams it names. Raises WireError."""
        names = self.params
        if not names or not all(isinstance(name, str) for name in names):
            raise WireError("Invalid request: params must be streams' names")
        return [str(name) for name in names]


_request = msgspec.json.Decoder(Request)


def decode_request(frame: str) -> Request:
    """A client's request. Raises WireError."""
    try:
        return _request.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"Invalid JSON: {error}") from error


def encode(value: object) -> bytes:
    """JSON."""
    return msgspec.json.encode(value)


def encode_event(event: Event) -> str:
    """A frame of a raw stream."""
    return msgspec.json.encode(event).decode()


def combined(stream: str, frame: str) -> str:
    """The same frame of combined streams."""
    return f'{{"stream":{msgspec.json.encode(stream).decode()},"data":{frame}}}'


def answer(request: int | str | None, result: Result) -> str:
    """The answer to a request that was understood."""
    return msgspec.json.encode({"result": result, "id": request}).decode()


def refusal(code: int, text: str, request: int | str | None = None) -> str:
    """The answer to one that was not."""
    said: dict[str, object] = {"code": code, "msg": text}
    return msgspec.json.encode(said if request is None else {**said, "id": request}).decode()
