"""The other end of the control socket: one JSON request, one JSON answer."""

from __future__ import annotations

import getpass
import os
import time
import uuid
from pathlib import Path

import msgspec
import zmq

from messages.audit import OrderTrail
from messages.risk import Level
from runtime.whereabouts import NotThere, find_endpoint


class Unreachable(ConnectionError):
    """Nobody answers; one line that names the state directory."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked. The same request id gets the same answer."""

    op: str
    request: str
    reason: str = ""
    by: str = ""
    """Who asks, for the journal and whoever reads it."""
    market: str = ""
    """Slug or condition id, where one market is meant."""
    order: str = ""
    """Hash, the beginning of one, or a command's id, where one order is meant."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered. `ok` False with a text alone: it was no request."""

    ok: bool
    request: str = ""
    text: str = ""
    level: Level | None = None
    orders_resting: int = 0
    actors: dict[str, str] = {}
    """Role and how it is."""
    market: str | None = None
    details: dict[str, str] = {}
    order: OrderTrail | None = None
    """Where one was asked for."""


def encode_request(request: Request) -> bytes:
    """The one frame of a request."""
    return msgspec.json.encode(request)


def decode_answer(frame: bytes) -> Answer:
    """The one frame of an answer. Raises Unreachable for what is none."""
    try:
        return msgspec.json.decode(frame, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreachable(f"an answer that cannot be read: {error}") from error


def ask(
    state: Path, op: str, reason: str = "", timeout_s: float = 3.0, market: str = "", order: str = ""
) -> Answer:
    """Ask the RiskActor of the system with this state directory. Raises Unreachable."""
    try:
        endpoint = find_endpoint(state, "ctl")
    except NotThere as error:
        raise Unreachable(str(error)) from error
    request = Request(op=op, request=str(uuid.uuid4()), reason=reason, by=user(), market=market, order=order)
    deadline = time.monotonic() + timeout_s
    context = zmq.Context()
    socket = context.socket(zmq.DEALER)
    try:
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.IMMEDIATE, 1)
        socket.connect(endpoint)
        frame = _exchange(socket, encode_request(request), request.request, deadline)
    finally:
        context.destroy(linger=0)
    if frame is None:
        raise Unreachable(f"the system with state directory {state} does not answer within {timeout_s:g} s")
    return frame


def user() -> str:
    """The name of whoever runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _exchange(socket: zmq.Socket[bytes], frame: bytes, request: str, deadline: float) -> Answer | None:
    if not socket.poll(_left(deadline), zmq.POLLOUT):
        return None
    socket.send(frame)
    while socket.poll(_left(deadline), zmq.POLLIN):
        answer = decode_answer(socket.recv_multipart()[-1])
        if answer.request in ("", request):
            return answer
    return None


def _left(deadline: float) -> int:
    """Milliseconds, at least none."""
    return max(0, round((deadline - time.monotonic()) * 1_000))
