"""The sockets a venue is reached by: its port, which faults can close for a while, and a control socket beside it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from loguru import logger

from venue.paper.faults.states import Stage

HOST = "127.0.0.1"
BACKLOG = 1024
RETRY_S = 0.1
"""Between two attempts to open a closed port again, which somebody else may have taken meanwhile."""


class PortError(Exception):
    """The port cannot be listened on; the text says which and why."""


def listen(port: int) -> socket.socket:
    """A listening socket on loopback; port 0 takes any. Raises PortError."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((HOST, port))
        opened.listen(BACKLOG)
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


@contextlib.contextmanager
def roots(ports: Mapping[str, int | None]) -> Iterator[dict[str, socket.socket]]:
    """A listening socket for each path that wants a port of its own. Raises PortError."""
    with contextlib.ExitStack() as opened:
        yield {path: opened.enter_context(listen(port)) for path, port in ports.items() if port is not None}


@contextlib.contextmanager
def control(path: Path | None) -> Iterator[list[socket.socket]]:
    """A Unix-domain socket for this user only, gone afterwards; none without a path. Raises PortError."""
    if path is None:
        yield []
        return
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear(path)
        opened.bind(str(path))
        path.chmod(0o600)
        opened.listen(BACKLOG)
    except OSError as error:
        opened.close()
        raise PortError(f"--control {path}: {error.strerror or error}") from error
    try:
        yield [opened]
    finally:
        opened.close()
        path.unlink(missing_ok=True)


def _clear(path: Path) -> None:
    """Remove what an earlier venue left behind; anything else that is there stays, and is in the way."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(os.lstat(path).st_mode) and not _answers(path):
            path.unlink()


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(1)
        return caller.connect_ex(str(path)) == 0


def _answer_at_once(opened: socket.socket) -> None:
    """No waiting for more to send; connections inherit it. An answer's body would come 40 ms late otherwise."""
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Port:
    """A listening socket that is closed to newcomers while the stage says so, for whoever else holds it as well."""

    def __init__(self, opened: socket.socket, stage: Stage) -> None:
        self._socket = opened.dup()
        self._address = opened.getsockname()
        self._stage = stage
        self._woken = asyncio.Event()
        self._is_open = True
        stage.woken = self._woken.set

    async def watch(self, server: asyncio.Server, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Close and open it whenever the stage changes its mind; `server` accepts its connections."""
        try:
            while True:
                await self._woken.wait()
                self._woken.clear()
                if self._stage.is_refusing and self._is_open:
                    self._is_open = False
                    server.close()
                    self._socket.shutdown(socket.SHUT_RD)
                elif not (self._stage.is_refusing or self._is_open):
                    server = await self._reopened(protocol)
        finally:
            server.close()
            self._socket.close()

    async def _reopened(self, protocol: Callable[[], asyncio.Protocol]) -> asyncio.Server:
        """Listen again, which needs the address again where the kernel had chosen it."""
        while True:
            try:
                self._bind()
                self._socket.listen(BACKLOG)
            except OSError as error:
                logger.warning("port {}: {}; tried again", self._address[1], error.strerror)
                await asyncio.sleep(RETRY_S)
                continue
            self._is_open = True
            loop = asyncio.get_running_loop()
            return await loop.create_server(protocol, sock=self._socket.dup(), backlog=BACKLOG)

    def _bind(self) -> None:
        """Raises OSError, but not where the socket has kept its address."""
        try:
            self._socket.bind(self._address)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
