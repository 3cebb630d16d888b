"""The embedded venue as one ASGI application: a table of routes, two websockets, and nobody waits for the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from venue.paper.doors.connection import Connection
from venue.paper.doors.data_api import DataDoor
from venue.paper.doors.gamma import GammaDoor
from venue.paper.doors.heartbeat import Heartbeats
from venue.paper.doors.keys import Keys
from venue.paper.doors.market_socket import MarketSocket
from venue.paper.doors.request import Answer, Handler, Request, Routes, refuse
from venue.paper.doors.rest_account import AccountDoor
from venue.paper.doors.rest_markets import MarketDoor
from venue.paper.doors.rest_orders import OrderDoor
from venue.paper.doors.signatures import Signatures
from venue.paper.doors.sim_door import SimDoor
from venue.paper.doors.user_socket import UserSocket
from venue.paper.doors.wallets import Wallets
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Refused
from venue.wire.errors import TOO_LARGE

MAX_BODY = 1 << 20
"""Bytes of a request; a longer one is refused unread."""

PROBE = "/ok"
"""Who only asks for this keeps nobody from ending."""

Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]


class App:
    """The doors of one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.changed = asyncio.Event()
        """A call may have made something due earlier."""
        self.heartbeats = Heartbeats(exchange.clock.real_now)
        self.open_sockets = 0
        self.served_at = exchange.clock.real_now()
        keys = Keys(exchange)
        wallets = Wallets(exchange, keys)
        self.routes: Routes = {
            **MarketDoor(exchange).routes(),
            **AccountDoor(exchange, keys, wallets, self.heartbeats).routes(),
            **OrderDoor(exchange, keys, Signatures(exchange, wallets)).routes(),
            **GammaDoor(exchange).routes(),
            **DataDoor(exchange, keys, wallets).routes(),
            **SimDoor(exchange.clock, self.changed.set).routes(),
        }
        self._paths = {path for _, path in self.routes}
        self._sockets: dict[str, Callable[[Connection], Awaitable[None]]] = {
            "/ws/market": MarketSocket(exchange).serve,
            "/ws/user": UserSocket(exchange, keys).serve,
        }

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """One request or one websocket."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._connect(scope, receive, send)

    async def _answer(self, scope: Event, receive: Receive, send: Send) -> None:
        body = await _read_body(receive)
        answer = refuse(Refused(TOO_LARGE)) if body is None else self._handle(scope, body)
        if scope["path"] != PROBE:
            self.served_at = self.exchange.clock.real_now()
        headers = [
            (b"content-type", answer.content_type),
            (b"content-length", str(len(answer.body)).encode()),
        ]
        if body is None:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _handle(self, scope: Event, body: bytes) -> Answer:
        method, path = scope["method"], scope["path"]
        handler, tail = self._route(method, path)
        if handler is None:
            return refuse(Refused(*(("Method Not Allowed", 405) if tail else ("404 page not found", 404))))
        client = scope.get("client")
        request = Request(
            method=method,
            path=path,
            query_string=scope["query_string"],
            headers=dict(scope["headers"]),
            body=body,
            tail=tail,
            client=client[0] if client else "",
        )
        try:
            answer = handler(request)
        except Refused as no:
            answer = refuse(no)
        if method != "GET":
            self.changed.set()
        return answer

    def _route(self, method: str, path: str) -> tuple[Handler | None, str]:
        """The handler with the open part of the path; without one, some text if the path has other methods."""
        handler = self.routes.get((method, path))
        if handler is not None:
            return handler, ""
        parent, _, tail = path.rpartition("/")
        open_path = f"{parent}/*"
        handler = self.routes.get((method, open_path)) if tail else None
        if handler is not None:
            return handler, tail
        return None, path if path in self._paths or (tail and open_path in self._paths) else ""

    async def _connect(self, scope: Event, receive: Receive, send: Send) -> None:
        serve = self._sockets.get(scope["path"])
        if serve is None:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        self.open_sockets += 1
        try:
            await serve(Connection(dict(scope), receive, send))
        finally:
            self.open_sockets -= 1
            self.served_at = self.exchange.clock.real_now()


async def _read_body(receive: Receive) -> bytes | None:
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
