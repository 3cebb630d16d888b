"""One websocket: frames leave through a bounded queue, so that whoever reads slowly is dropped and holds up nobody."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from loguru import logger

from messages.values import MarketId, RealNs
from venue.paper.doors.asgi import ABORT
from venue.paper.faults.fault import Subject
from venue.wire.market_channel import PING, PONG

MAX_QUEUED = 16_384
"""Frames waiting for a client; one more and it is dropped."""
SILENCE_S = 30.0
"""Real time without a PING after which a client is dropped."""
GOODBYE_S = 1.0
"""How long a closing connection may take to send what it has begun to."""
MAX_FRAME = 1 << 20
"""Bytes of a frame from a client."""
POLICY, GOING_AWAY = 1008, 1001
NO_MARKET = MarketId("")


class Gate(Protocol):
    """Whatever stands between the venue and its listeners."""

    touches_frames: bool

    def deliver(self, connection: Connection, subject: Subject, frame: str) -> None:
        """Send a frame, or what is left of it."""


class Connection:
    """The sending half and the keepalive. `handle` gets every text frame that is not a PING."""

    def __init__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Any],
        send: Callable[[Any], Any],
        opened_at: RealNs = RealNs(0),  # noqa: B008 -- a plain integer
    ) -> None:
        self.opened_at = opened_at
        self.channel = _channel(str(scope.get("path", "")))
        self.gate: Gate | None = None
        """What may be in the way of frames that are told."""
        self.owners: tuple[str, ...] = ()
        """Who logged in: API key and address."""
        self.path = str(scope.get("path", ""))
        self.query_string: bytes = scope.get("query_string", b"")
        self._abort: Callable[[], None] | None = (scope.get("extensions") or {}).get(ABORT)
        self._receive = receive
        self._send = send
        self._queue: deque[str] = deque()
        self._filled = asyncio.Event()
        self.is_open = True
        self._close_code = 1000
        self._is_gone = False

    def send(self, frame: str) -> None:
        """Queue a frame. A client that left too many unread is dropped instead."""
        if not self.is_open:
            return
        if len(self._queue) >= MAX_QUEUED:
            logger.warning("a websocket client left {} frames unread and is dropped", MAX_QUEUED)
            self.cut(POLICY)
            return
        self._queue.append(frame)
        self._filled.set()

    def tell(self, frame: str, event: str) -> None:
        """Send news that are about no market; faults may have their way with them."""
        if self.gate is not None and self.gate.touches_frames:
            self.gate.deliver(self, Subject(self.channel, event, NO_MARKET), frame)
        else:
            self.send(frame)

    def close(self, code: int = 1000) -> None:
        """Say nothing more and close."""
        if self.is_open:
            self.is_open = False
            self._close_code = code
            self._queue.clear()
            self._filled.set()

    def cut(self, code: int = GOING_AWAY) -> None:
        """Say nothing more, not even goodbye: the line is dead at once."""
        self.close(code)
        if self._abort is not None:
            self._abort()

    async def serve(self, handle: Callable[[str], None], needs_ping: bool = True) -> None:
        """Accept, then read and write until either side is done, or the client says no PING where it has to."""
        if (await self._receive())["type"] != "websocket.connect":
            return
        await self._send({"type": "websocket.accept"})
        reader = asyncio.ensure_future(self._read(handle, needs_ping))
        writer = asyncio.ensure_future(self._write())
        try:
            await asyncio.wait((reader, writer), return_when=asyncio.FIRST_COMPLETED)
            if not (self._is_gone or writer.done()):
                await asyncio.wait((writer,), timeout=GOODBYE_S)
        finally:
            self.close(GOING_AWAY)
            for task in (reader, writer):
                task.cancel()
            await asyncio.gather(reader, writer, return_exceptions=True)
        for task in (reader, writer):
            if not task.cancelled() and (error := task.exception()) and not isinstance(error, OSError):
                raise error

    async def _read(self, handle: Callable[[str], None], needs_ping: bool) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SILENCE_S if needs_ping else None
        while self.is_open:
            try:
                async with asyncio.timeout_at(deadline):
                    event = await self._receive()
            except TimeoutError:
                self.close(POLICY)
                return
            if event["type"] != "websocket.receive":
                self._is_gone = True
                return
            text = event.get("text")
            if text == PING:
                deadline = loop.time() + SILENCE_S if needs_ping else None
                self.send(PONG)
            elif text is not None:
                handle(text)

    async def _write(self) -> None:
        while self.is_open:
            await self._filled.wait()
            self._filled.clear()
            while self._queue:
                await self._send({"type": "websocket.send", "text": self._queue.popleft()})
        await self._send({"type": "websocket.close", "code": self._close_code})


def _channel(path: str) -> str:
    """What scripts of faults call it: market, user, live-data or binance."""
    return "binance" if path.startswith("/binance/") else path.rpartition("/")[2]
