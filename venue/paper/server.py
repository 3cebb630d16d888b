"""The process around the application: its port, its signals, and how it comes to an end."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from messages.values import SECOND
from venue.paper.doors.app import App
from venue.paper.doors.connection import ABORT, MAX_FRAME
from venue.paper.pump import Pump

HOST = "127.0.0.1"
ORPHAN_DRAIN_S = 15.0
"""How long a venue whose parent died waits for whoever still talks to it."""
QUIET_NS = SECOND
"""Nobody connected and no request for this long: there is nothing to wait for."""
CLOSE_S = 1
_PR_SET_PDEATHSIG = 1


class PortError(Exception):
    """The port cannot be listened on; the text says which and why."""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """When a SIGTERM is obeyed."""

    drain_s: float = 0.0
    """At most this long after it, as long as somebody still talks to the venue."""
    parent: int | None = None
    """Die with this process, though not before `ORPHAN_DRAIN_S`."""


class _Socket(WebSocketsSansIOProtocol):  # type: ignore[misc]  # its types are not read
    """Uvicorn's websocket, with a way to cut a connection that does not read."""

    async def run_asgi(self) -> None:
        self.scope["extensions"][ABORT] = self.transport.abort
        await super().run_asgi()


class Server(uvicorn.Server):  # type: ignore[misc]  # its types are not read
    """Uvicorn without its own idea of signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(port: int) -> socket.socket:
    """A listening socket on loopback; port 0 takes any. Raises PortError."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((HOST, port))
        opened.listen(1024)
        _answer_at_once(opened)
    except (OSError, OverflowError) as error:
        opened.close()
        words = error.strerror if isinstance(error, OSError) else str(error)
        raise PortError(f"port {port}: {words}") from error
    return opened


def inherit(fd: int) -> socket.socket:
    """A socket that somebody else opened, listening already. Raises PortError."""
    try:
        opened = socket.socket(fileno=fd)
        is_listening = opened.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise PortError(f"--fd {fd}: {error.strerror}") from error
    if not is_listening:
        opened.close()
        raise PortError(f"--fd {fd}: is not a listening socket")
    _answer_at_once(opened)
    return opened


def _answer_at_once(opened: socket.socket) -> None:
    """No waiting for more to send; connections inherit it. An answer's body would come 40 ms late otherwise."""
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def die_with_parent() -> None:
    """Ask the kernel for a SIGTERM when the parent ends."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def serve(app: App, opened: socket.socket, ending: Ending, ready: Callable[[str], None]) -> None:
    """Serve until a signal says stop. `ready` is called with the URL once the port answers."""
    with asyncio.Runner() as runner:
        runner.run(_serve(app, opened, ending, ready))


async def _serve(app: App, opened: socket.socket, ending: Ending, ready: Callable[[str], None]) -> None:
    server = Server(configured(app))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    drains = set[asyncio.Task[None]]()

    def end_soon() -> None:
        if not drains:
            drains.add(loop.create_task(_drain(app, ending, stop)))

    loop.add_signal_handler(signal.SIGINT, stop.set)
    loop.add_signal_handler(signal.SIGTERM, end_soon)
    serving = loop.create_task(server.serve(sockets=[opened]))
    pumping = loop.create_task(Pump(app).run())
    stopping = loop.create_task(stop.wait())
    while not (server.started or serving.done()):
        await asyncio.sleep(0)
    ready(f"http://{HOST}:{opened.getsockname()[1]}")
    if _is_orphan(ending):
        end_soon()
    await asyncio.wait((serving, pumping, stopping), return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    for task in (pumping, stopping, *drains):
        task.cancel()
    await asyncio.gather(serving, pumping, stopping, *drains, return_exceptions=True)
    for task in (serving, pumping):
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
        http="httptools",
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
