"""The process around the application: its port, its signals, and how it comes to an end."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from messages.values import SECOND
from venue.paper.doors.app import App
from venue.paper.doors.asgi import ABORT
from venue.paper.doors.connection import MAX_FRAME
from venue.paper.doors.roots import Roots
from venue.paper.port import HOST, Port
from venue.paper.pump import Pump

ORPHAN_DRAIN_S = 15.0
"""How long a venue whose parent died waits for whoever still talks to it."""
QUIET_NS = SECOND
"""Nobody connected and no request for this long: there is nothing to wait for."""
CLOSE_S = 1
BINANCE = "/binance/"
BINANCE_PING_S, BINANCE_PONG_S = 20.0, 60.0
"""Binance's own protocol pings, and how long it waits for the answer; Polymarket sends none."""
_PR_SET_PDEATHSIG = 1


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """When a SIGTERM is obeyed."""

    drain_s: float = 0.0
    """At most this long after it, as long as somebody still talks to the venue."""
    parent: int | None = None
    """Die with this process, though not before `ORPHAN_DRAIN_S`."""


class _Socket(WebSocketsSansIOProtocol):  # type: ignore[misc]  # its types are not read
    """Uvicorn's websocket, with a way to cut a connection that does not read."""

    async def run_asgi(self) -> None:
        if self.scope["path"].startswith(BINANCE):
            self.ping_interval, self.ping_timeout = BINANCE_PING_S, BINANCE_PONG_S
        self.scope["extensions"][ABORT] = self.transport.abort
        await super().run_asgi()


class _Http(HttpToolsProtocol):  # type: ignore[misc]  # its types are not read
    """Uvicorn's HTTP, with a way to cut a connection instead of an answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: self.transport.abort}


class Server(uvicorn.Server):  # type: ignore[misc]  # its types are not read
    """Uvicorn without its own idea of signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def protocol(self) -> asyncio.Protocol:
        """What a new connection speaks."""
        made: asyncio.Protocol = self.config.http_protocol_class(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made


def die_with_parent() -> None:
    """Ask the kernel for a SIGTERM when the parent ends."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def serve(
    app: App,
    sockets: Sequence[socket.socket],
    ending: Ending,
    ready: Callable[[str], None],
    prefixes: Mapping[int, str] | None = None,
) -> None:
    """Serve until a signal says stop, the port (first of the sockets) and others beside it. `ready` is called with
    the URL once the port answers. `prefixes` names the ports that serve one path of the venue as their root."""
    with asyncio.Runner() as runner:
        runner.run(_serve(app, sockets, ending, ready, prefixes or {}))


async def _serve(
    app: App,
    sockets: Sequence[socket.socket],
    ending: Ending,
    ready: Callable[[str], None],
    prefixes: Mapping[int, str],
) -> None:
    server = Server(configured(Roots(app, prefixes)))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    drains = set[asyncio.Task[None]]()

    def end_soon() -> None:
        if not drains:
            drains.add(loop.create_task(_drain(app, ending, stop)))

    loop.add_signal_handler(signal.SIGINT, stop.set)
    loop.add_signal_handler(signal.SIGTERM, end_soon)
    port = Port(sockets[0], app.stage)
    url = f"http://{HOST}:{sockets[0].getsockname()[1]}"
    serving = loop.create_task(server.serve(sockets=list(sockets)))
    pumping = loop.create_task(Pump(app).run())
    stopping = loop.create_task(stop.wait())
    while not (server.started or serving.done()):
        await asyncio.sleep(0)
    watching = loop.create_task(port.watch(server.servers[0], server.protocol))
    ready(url)
    if _is_orphan(ending):
        end_soon()
    await asyncio.wait((serving, pumping, stopping, watching), return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    for task in (pumping, stopping, watching, *drains):
        task.cancel()
    await asyncio.gather(serving, pumping, stopping, watching, *drains, return_exceptions=True)
    for task in (serving, pumping, watching):
        if not task.cancelled():
            task.result()


async def _drain(app: App, ending: Ending, stop: asyncio.Event) -> None:
    """Wait for those who still talk to the venue, as long as is allowed."""
    now = app.exchange.clock.real_now
    longest = ORPHAN_DRAIN_S if _is_orphan(ending) else ending.drain_s
    deadline = now() + round(longest * SECOND)
    while now() < deadline and (app.open_sockets or now() - app.served_at < QUIET_NS):
        await asyncio.sleep(0.05)
    stop.set()


def _is_orphan(ending: Ending) -> bool:
    return ending.parent is not None and os.getppid() != ending.parent


def configured(app: Any) -> uvicorn.Config:
    """Uvicorn as Polymarket would have it: keep-alive, no protocol pings, no compression, no talk."""
    return uvicorn.Config(
        app,
        http=_Http,
        ws=_Socket,
        ws_max_size=MAX_FRAME,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=CLOSE_S,
    )
