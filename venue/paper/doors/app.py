"""The embedded venue as one ASGI application: a table of routes, two websockets, and nobody waits for the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from messages.values import SECOND
from venue.paper.crowd.reference import Reference
from venue.paper.crowd.spot import Spot
from venue.paper.doors import binance_streams
from venue.paper.doors.asgi import MAX_BODY, Event, Receive, Send, compressed, cut, read_body, send_answer
from venue.paper.doors.beats import Beats
from venue.paper.doors.binance import BinanceDoor
from venue.paper.doors.binance_streams import BinanceSocket
from venue.paper.doors.connection import Connection
from venue.paper.doors.dialect import Dialect
from venue.paper.doors.heartbeat import Heartbeats
from venue.paper.doors.house_door import HouseDoor
from venue.paper.doors.ip_limits import IpLimits
from venue.paper.doors.keys import Keys
from venue.paper.doors.limits import SignerLimits, TierDoor
from venue.paper.doors.line import Line
from venue.paper.doors.live_data import LiveDataSocket
from venue.paper.doors.market_socket import MarketSocket
from venue.paper.doors.mempool import Mempool
from venue.paper.doors.reading import reading_routes
from venue.paper.doors.registry import Registry
from venue.paper.doors.relayer import RelayerDoor
from venue.paper.doors.request import CONTROL, Answer, Handler, Request, refuse
from venue.paper.doors.rest_account import AccountDoor
from venue.paper.doors.rest_markets import MarketDoor
from venue.paper.doors.rest_orders import OrderDoor
from venue.paper.doors.rpc import RpcDoor
from venue.paper.doors.side_door import SideDoor
from venue.paper.doors.signatures import Signatures
from venue.paper.doors.sim_door import SimDoor
from venue.paper.doors.tiers import Volumes
from venue.paper.doors.user_socket import UserSocket
from venue.paper.doors.wall import Wall
from venue.paper.doors.wallets import Wallets
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Refused
from venue.paper.faults.door import FaultDoor
from venue.paper.faults.script import Script
from venue.paper.faults.states import Stage
from venue.wire.errors import TOO_LARGE

__all__ = ["MAX_BODY", "App"]

PROBE = "/ok"
"""Who only asks for this keeps nobody from ending."""
MAX_PARTS = 12
"""Of a path; a longer one is nowhere."""
PRIVATE = "/sim/"
"""What is below is ours and not the venue's: no limit holds for it."""


class App:
    """The doors of one exchange."""

    def __init__(self, exchange: Exchange, dialect: Dialect | None = None, seed: int = 1) -> None:
        dialect = dialect or Dialect()
        self.exchange = exchange
        self.changed = asyncio.Event()
        """A call may have made something due earlier."""
        self.wall = Wall()
        self.heartbeats = Heartbeats(exchange.clock.real_now)
        self.open_sockets = 0
        self.served_at = exchange.clock.real_now()
        self._ip_limits = IpLimits(exchange.clock.real_now) if dialect.ip_limits else None
        self._compresses = dialect.gzip
        delays = dialect.latency
        self._line = Line(exchange, delays, seed, self.changed.set) if delays else None
        beats, reference = Beats(exchange.clock), Reference(seed)
        spot = Spot(reference, seed)
        binance = BinanceSocket(exchange.clock, spot, beats).serve
        keys = Keys(exchange, self.wall.now_s)
        wallets = Wallets(exchange, keys)
        mempool = Mempool(exchange)
        volumes, registry = Volumes(exchange, keys), Registry(exchange)
        limits = SignerLimits(volumes, dialect.limits, exchange.clock.real_now, self.wall.now_s)
        self.routes: dict[tuple[str, str], Handler] = {
            **MarketDoor(exchange, self.wall.now_s).routes(),
            **AccountDoor(exchange, keys, wallets, self.heartbeats).routes(),
            **OrderDoor(exchange, keys, Signatures(exchange, wallets), limits, dialect).routes(),
            **TierDoor(keys, volumes).routes(),
            **reading_routes(exchange, registry, keys, wallets, dialect),
            **BinanceDoor(exchange.clock, spot).routes(),
            **SideDoor(exchange, keys, wallets).routes(),
            **HouseDoor(exchange).routes(),
            **RpcDoor(exchange, mempool).routes(),
            **RelayerDoor(exchange, mempool, wallets, self.wall).routes(),
            **SimDoor(exchange.clock, self.changed.set).routes(),
        }
        self.stage = Stage(exchange, self.wall)
        self.faults = Script(self.stage, self.routes, seed)
        self.routes.update(FaultDoor(self.faults).routes())
        self._paths = {path for _, path in self.routes}
        self._sockets: dict[str, Callable[[Connection], Awaitable[None]]] = {
            "/ws/market": MarketSocket(exchange, self.wall, self.faults, dialect, registry).serve,
            "/ws/user": UserSocket(exchange, keys, self.wall, self.faults).serve,
            "/ws/live-data": LiveDataSocket(exchange.clock, reference, beats).serve,
            binance_streams.RAW: binance,
            binance_streams.COMBINED: binance,
        }

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """One request or one websocket."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._connect(scope, receive, send)

    async def _serve(self, scope: Event, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        request = _request(scope, body or b"")
        try:
            answer = refuse(Refused(TOO_LARGE)) if body is None else await self._admit(request)
        except asyncio.CancelledError:
            answer = None
        if request.path != PROBE:
            self.served_at = self.exchange.clock.real_now()
        if answer is None:
            await cut(scope, receive)
            return
        if self._compresses:
            answer = compressed(answer, request.headers)
        await send_answer(send, answer, closes=body is None)

    async def _admit(self, request: Request) -> Answer | None:
        """Before the venue stand a proxy, which holds requests and refuses them, and whatever goes wrong."""
        if request.path.startswith(PRIVATE):
            return self.answer(request)
        if self._ip_limits is not None:
            try:
                delay_ns = self._ip_limits.delay_ns(request.client, request.method, request.path)
            except Refused as no:
                return refuse(no)
            if delay_ns:
                await asyncio.sleep(delay_ns / SECOND)
        if self.faults.runs:
            self.faults.turn()
            if self.stage.is_refusing and request.client != CONTROL:
                return None
            if self.faults.touches_answers:
                return await self.faults.answer(request, self._carry)
        return await self._carry(request)

    async def _carry(self, request: Request) -> Answer:
        """There and back, which takes its time where that was asked for."""
        if self._line is not None and self._line.holds(request):
            return await self._line.carry(request, self.answer)
        return self.answer(request)

    def answer(self, request: Request) -> Answer:
        """Whatever is asked is answered at once."""
        handler, tail = self._route(request.method, request.path)
        if handler is None:
            return refuse(Refused(*(("Method Not Allowed", 405) if tail else ("404 page not found", 404))))
        request.tail = tail
        try:
            answer = handler(request)
        except Refused as no:
            answer = refuse(no)
        if request.method != "GET":
            self.changed.set()
        return answer

    def _route(self, method: str, path: str) -> tuple[Handler | None, str]:
        """The handler with the open part of the path; without one, some text if the path has other methods."""
        handler = self.routes.get((method, path))
        if handler is not None:
            return handler, ""
        known, parts = path in self._paths, path.split("/")
        for at in range(len(parts) - 1, 0, -1) if len(parts) <= MAX_PARTS else ():
            if parts[at]:
                open_path = "/".join([*parts[:at], "*", *parts[at + 1 :]])
                handler = self.routes.get((method, open_path))
                if handler is not None:
                    return handler, parts[at]
                known = known or open_path in self._paths
        return None, path if known else ""

    async def _connect(self, scope: Event, receive: Receive, send: Send) -> None:
        path = scope["path"]
        serve = self._sockets.get(binance_streams.RAW if path.startswith(binance_streams.RAW + "/") else path)
        if serve is None:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        connection = Connection(dict(scope), receive, send, self.exchange.clock.real_now())
        connection.gate = self.faults
        if self.faults.runs and (self.stage.is_refusing or not self.faults.greet(connection)):
            connection.cut()
            return
        self.open_sockets += 1
        self.stage.connections[connection] = None
        try:
            await serve(connection)
        finally:
            self.open_sockets -= 1
            self.served_at = self.exchange.clock.real_now()
            del self.stage.connections[connection]
            self.faults.forget(connection)


def _request(scope: Event, body: bytes) -> Request:
    client, server = scope.get("client"), scope.get("server")
    return Request(
        method=scope["method"],
        path=scope["path"],
        query_string=scope["query_string"],
        headers=dict(scope["headers"]),
        body=body,
        client=CONTROL if server and server[1] is None else client[0] if client else "",
    )
