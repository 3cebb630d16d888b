"""The edge: JSON in from whoever controls, JSON out to whoever watches."""

from __future__ import annotations

from typing import Any

import msgspec

from messages.base import Message
from messages.risk import ControlReply, GetStatus, HaltTrading, ResumeTrading

MAX_REQUEST = 64 * 1024
"""Bytes of a control request; a longer one is refused unread."""
MAX_TEXT = 500
OPERATIONS: dict[str, type[HaltTrading] | type[ResumeTrading] | type[GetStatus]] = {
    "halt": HaltTrading,
    "resume": ResumeTrading,
    "status": GetStatus,
}


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """What a controller sends: one JSON object."""

    op: str
    request: str
    reason: str = ""
    by: str = ""


class EdgeError(ValueError):
    """A request that is not one; its text is the answer."""


def read_request(frame: bytes, sender: str) -> HaltTrading | ResumeTrading | GetStatus:
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
    if not request.request or max(map(len, (request.request, request.reason, request.by))) > MAX_TEXT:
        raise EdgeError(f"request id must be 1 to {MAX_TEXT} characters, reason and by at most {MAX_TEXT}")
    if issubclass(kind, GetStatus):
        return GetStatus(request=request.request, sender=sender)
    return kind(request=request.request, reason=request.reason, sender=sender, by=request.by)


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
