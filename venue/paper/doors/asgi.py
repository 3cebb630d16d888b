"""One HTTP exchange in ASGI's events: a body is read up to a limit, an answer is sent, or the line is cut."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from venue.paper.doors.request import Answer

MAX_BODY = 1 << 20
"""Bytes of a request; a longer one is refused unread."""
MIN_GZIP = 1_000
"""Bytes below which nothing is compressed."""
PIECES = 20
"""Into how many parts an answer falls that trickles."""
ABORT = "venue.abort"
"""The server's extension of the scope that cuts a connection at once."""

Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]


async def read_body(receive: Receive) -> bytes | None:
    """The whole body; None when it is too long."""
    event = await receive()
    body: bytes = event.get("body", b"")
    if event.get("more_body"):
        parts, size = [body], len(body)
        while event.get("more_body") and size <= MAX_BODY:
            event = await receive()
            parts.append(event.get("body", b""))
            size += len(parts[-1])
        body = b"".join(parts)
    return body if len(body) <= MAX_BODY else None


async def send_answer(send: Send, answer: Answer, closes: bool = False) -> None:
    """An answer at once, or as slowly as it says."""
    headers = [
        (b"content-type", answer.content_type),
        (b"content-length", str(len(answer.body)).encode()),
        *answer.headers,
    ]
    if closes:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.trickle_s:
        size = -(-len(answer.body) // PIECES) or 1
        for at in range(0, len(answer.body), size):
            await asyncio.sleep(answer.trickle_s / PIECES)
            piece = answer.body[at : at + size]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    else:
        await send({"type": "http.response.body", "body": answer.body})


async def cut(scope: Event, receive: Receive) -> None:
    """End the connection without a word, and wait until it is gone."""
    abort: Callable[[], None] | None = (scope.get("extensions") or {}).get(ABORT)
    if abort is not None:
        abort()
        while (await receive())["type"] != "http.disconnect":
            pass


def compressed(answer: Answer, headers: Mapping[bytes, bytes]) -> Answer:
    """A long answer in gzip, for a client that says it accepts it."""
    if len(answer.body) < MIN_GZIP or b"gzip" not in headers.get(b"accept-encoding", b""):
        return answer
    return answer._replace(
        body=gzip.compress(answer.body, 1, mtime=0), headers=(*answer.headers, (b"content-encoding", b"gzip"))
    )
