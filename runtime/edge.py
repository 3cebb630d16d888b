"""The edge: JSON in from whoever controls, JSON out to whoever watches."""

from __future__ import annotations

from typing import Any

import msgspec

from messages.audit import GetOrder
from messages.base import Message
from messages.risk import (
    AcceptMarket,
    ControlReply,
    GetStatus,
    HaltTrading,
    LiquidateMarket,
    ResumeTrading,
)

MAX_REQUEST = 64 * 1024
"""Bytes of a control request; a longer one is refused unread."""
MAX_TEXT = 500
Asked = HaltTrading | ResumeTrading | GetStatus | GetOrder | LiquidateMarket | AcceptMarket
OPERATIONS: dict[str, type[Asked]] = {
    "halt": HaltTrading,
    "resume": ResumeTrading,
    "status": GetStatus,
    "order": GetOrder,
    "liquidate": LiquidateMarket,
    "accept": AcceptMarket,
}


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """What a controller sends: one JSON object."""

    op: str
    request: str
    reason: str = ""
    by: str = ""
    market: str = ""
    """Slug or condition id, where one market is meant."""
    order: str = ""
    """Hash, the beginning of one, or a command's id, where one order is meant."""


class EdgeError(ValueError):
    """A request that is not one; its text is the answer."""


def read_request(frame: bytes, sender: str) -> Asked:
    """A control request off the socket. Raises EdgeError with the words to answer."""
    if len(frame) > MAX_REQUEST:
        raise EdgeError(f"request of {len(frame)} bytes is over {MAX_REQUEST}")
    try:
        request = msgspec.json.decode(frame, type=Request, strict=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EdgeError(f"not a control request: {error}") from error
    kind = OPERATIONS.get(request.op)
    if kind is None:
        raise EdgeError(f"unknown op {request.op[:40]!r}: one of {', '.join(OPERATIONS)}")
    if not request.request or max(map(len, said(request))) > MAX_TEXT:
        raise EdgeError(f"request id must be 1 to {MAX_TEXT} characters, every other text at most {MAX_TEXT}")
    if issubclass(kind, GetStatus):
        return GetStatus(request=request.request, sender=sender)
    if issubclass(kind, GetOrder):
        if not request.order:
            raise EdgeError("order needs an order: its hash, the beginning of it, or its command's id")
        return GetOrder(request=request.request, order=request.order, sender=sender)
    if kind is LiquidateMarket or kind is AcceptMarket:
        if not request.market:
            raise EdgeError(f"{request.op} needs a market: its slug or condition id")
        return kind(
            request=request.request,
            name=request.market,
            reason=request.reason,
            sender=sender,
            by=request.by,
        )
    assert issubclass(kind, HaltTrading | ResumeTrading)
    return kind(request=request.request, reason=request.reason, sender=sender, by=request.by)


def said(request: Request) -> tuple[str, ...]:
    """Every text of a request."""
    return (request.request, request.reason, request.by, request.market, request.order)


def write_reply(reply: Message) -> bytes:
    """A ControlReply as one JSON object, without its bus address."""
    body: dict[str, Any] = msgspec.to_builtins(reply)
    body.pop("to", None)
    if isinstance(reply, ControlReply):
        body["actors"] = dict(reply.actors)
        body["details"] = dict(reply.details)
    return msgspec.json.encode(body)


def refuse(text: str) -> bytes:
    """The answer to what is no request."""
    return msgspec.json.encode({"ok": False, "text": text})
