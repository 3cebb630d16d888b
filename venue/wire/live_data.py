"""The live-data channel's frames (VENUE §5.6): subscriptions to topics, and prices second by second."""

from __future__ import annotations

from typing import Any

import msgspec

from venue.wire.numbers import WireError

CRYPTO = "crypto_prices"
"""Of a spot exchange: `btcusdt`."""
CHAINLINK = "crypto_prices_chainlink"
"""Of the settling feed: `btc/usd`."""
TWAP_THIRTY, TWAP_SIXTY = "crypto_prices_twap_thirty", "crypto_prices_twap_sixty"
"""Its averages."""
UPDATE, SUBSCRIBE = "update", "subscribe"
MAX_SYMBOLS = 256


class Subscription(msgspec.Struct, kw_only=True):
    """A topic, and which of its messages are wanted."""

    topic: str
    type: str = "*"
    filters: str | dict[str, Any] | list[str] | None = None


class Request(msgspec.Struct, kw_only=True):
    """What a client says; `action` is subscribe or unsubscribe."""

    action: str
    subscriptions: list[Subscription]


class Price(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A symbol's price at an instant, epoch milliseconds."""

    symbol: str
    timestamp: int
    value: float
    """For display; exact is only the text below."""
    full_accuracy_value: str
    """Dollars with eight decimals from the spot exchange, whole 10⁻¹⁸ dollars from the settling feed."""
    window_s: int | None = None
    """Seconds an average goes over."""


class Point(msgspec.Struct, kw_only=True):
    """A price of the past."""

    timestamp: int
    value: float
    full_accuracy_value: str


class History(msgspec.Struct, kw_only=True):
    """The last prices of a symbol, oldest first."""

    symbol: str
    data: list[Point]


class Message(msgspec.Struct, kw_only=True):
    """One frame: `update` with a price, or `subscribe`, the answer to a subscription, with what was before it."""

    topic: str
    type: str
    timestamp: int
    """When it was sent, epoch milliseconds."""
    payload: Price | History


_request = msgspec.json.Decoder(Request)
_filter = msgspec.json.Decoder(dict[str, Any] | list[str])


def decode_request(frame: str) -> Request:
    """What a client asks for. Raises WireError."""
    try:
        return _request.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(str(error)) from error


def encode_message(message: Message) -> str:
    """One text frame, the same for everybody."""
    return msgspec.json.encode(message).decode()


def named(frame: str, connection_id: str) -> str:
    """A frame as it goes to one connection, whose name comes first."""
    return f'{{"connection_id":"{connection_id}",{frame[1:]}'


def symbols(subscription: Subscription) -> set[str] | None:
    """The symbols a subscription is filtered by, lower case; None: all. Raises WireError.

    A filter is a symbol, several with commas between them, or JSON (as text or not): `{"symbol": "btc/usd"}`,
    `{"symbols": […]}` or a list.
    """
    named = subscription.filters
    if isinstance(named, str) and named[:1] in ("{", "["):
        try:
            named = _filter.decode(named)
        except (msgspec.DecodeError, RecursionError) as error:
            raise WireError(f"filters: {error}") from error
    if isinstance(named, dict):
        named = named.get("symbol") or named.get("symbols")
    if isinstance(named, str):
        named = named.split(",")
    if named is None:
        return None
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        raise WireError("filters name no symbols")
    return {name.strip().lower() for name in named[:MAX_SYMBOLS] if name.strip()} or None
