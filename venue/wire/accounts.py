"""Keys, balances and heartbeats as REST spells them (VENUE §2.1, §4.2, §4.5)."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from venue.wire.numbers import WireError


class ApiCreds(msgspec.Struct, kw_only=True):
    """The triple of L2 authentication. `secret` is urlsafe base64 of 32 bytes."""

    apiKey: str  # noqa: N815 -- the wire's name
    secret: str
    passphrase: str

    def __repr__(self) -> str:
        return f"ApiCreds(apiKey={self.apiKey!r})"


class BalanceAllowance(msgspec.Struct, kw_only=True):
    """Millionths, as whole decimal strings: what an address holds, and what each exchange may move of it."""

    balance: str = "0"
    allowances: dict[str, str] = msgspec.field(default_factory=dict)


class HeartbeatRequest(msgspec.Struct, kw_only=True):
    """The id of the last accepted heartbeat; "" (or null) begins a chain."""

    heartbeat_id: str | None = ""


class HeartbeatAnswer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The id to send next. With status 400 it is the one that was expected, and the words say so."""

    error: str = ""
    error_msg: str = ""
    heartbeat_id: str | None = None


_creds = msgspec.json.Decoder(ApiCreds)
_balance = msgspec.json.Decoder(BalanceAllowance)
_request = msgspec.json.Decoder(HeartbeatRequest)
_answer = msgspec.json.Decoder(HeartbeatAnswer)
Decoded = TypeVar("Decoded")


def decode_creds(body: bytes) -> ApiCreds:
    """The answer to POST /auth/api-key and GET /auth/derive-api-key. Raises WireError."""
    return _decoded(_creds, body)


def decode_balance(body: bytes) -> BalanceAllowance:
    """GET /balance-allowance. Raises WireError."""
    return _decoded(_balance, body)


def decode_heartbeat(body: bytes) -> HeartbeatRequest:
    """POST /v1/heartbeats. Raises WireError."""
    return _decoded(_request, body)


def decode_heartbeat_answer(body: bytes) -> HeartbeatAnswer:
    """The answer, accepted (200) or not (400). Raises WireError."""
    return _decoded(_answer, body)


def _decoded(decoder: msgspec.json.Decoder[Decoded], body: bytes) -> Decoded:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(str(error)) from error
