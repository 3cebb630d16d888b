"""One process's ZeroMQ sockets.

Pitfalls heeded here (measured, RELIABILITY §0.2): no CONFLATE, no linger, ROUTER_MANDATORY, identities never
reused, bind only under the tree lock, one frame a message, DEALERs that refuse rather than queue for a peer
that is gone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import zmq

from runtime.statedir import StateError, make_private
from runtime.topology import TELEMETRY_IN
from runtime.wire import Pattern, Read, Unreachable

HIGH_WATER = {"sup": 256, "jrn": 4096, "facts": 10_000, "cmd": 256, "md": 1_000, "permit": 10, "ctl": 64}
TELEMETRY_HIGH_WATER = {TELEMETRY_IN: 2_000, "tel": 1_000}
READ_AT_ONCE = 256
"""Messages taken from one socket before the others have their turn."""
KINDS = {
    Pattern.ROUTER: zmq.ROUTER,
    Pattern.PUBLISHER: zmq.XPUB,
    Pattern.PULLER: zmq.PULL,
    Pattern.DEALER: zmq.DEALER,
    Pattern.SUBSCRIBER: zmq.SUB,
    Pattern.PUSHER: zmq.PUSH,
}
OPTIONS: dict[Pattern, tuple[tuple[int, int | bytes], ...]] = {
    Pattern.ROUTER: ((zmq.ROUTER_MANDATORY, 1),),
    Pattern.PUBLISHER: ((zmq.XPUB_VERBOSE, 1),),
    Pattern.DEALER: ((zmq.IMMEDIATE, 1),),
    Pattern.SUBSCRIBER: ((zmq.SUBSCRIBE, b""),),
}


class ZmqWire:
    """Endpoints as ipc sockets in one directory; `identity` is our name at routers."""

    def __init__(self, directory: Path, identity: str) -> None:
        self.on_wake: Callable[[], None] = lambda: None
        self._directory = directory
        self._identity = identity.encode()
        self._context = zmq.Context()
        self._poller = zmq.Poller()
        self._sockets: dict[str, zmq.Socket[bytes]] = {}
        self._bound: list[str] = []
        self._incoming: list[tuple[zmq.Socket[bytes], Read]] = []
        self._watched: dict[int, Callable[[], None]] = {}
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._poller.register(self._wake, zmq.POLLIN)

    def open(self, name: str, pattern: Pattern, read: Read | None = None) -> None:
        """Bind or connect a socket. Raises zmq.ZMQError, an OSError's cousin, where it cannot be had."""
        socket = self._context.socket(KINDS[pattern])
        high = HIGH_WATER.get(name) or TELEMETRY_HIGH_WATER[name]
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.SNDHWM, high)
        socket.setsockopt(zmq.RCVHWM, high)
        socket.setsockopt(zmq.MAXMSGSIZE, 64 * 1024 if name == "ctl" else 1 << 20)
        socket.setsockopt(zmq.RECONNECT_IVL, 20)
        socket.setsockopt(zmq.RECONNECT_IVL_MAX, 200)
        for option, value in OPTIONS.get(pattern, ()):
            socket.setsockopt(option, value)
        self._sockets[name] = socket
        if read is not None:
            self._incoming.append((socket, read))
            self._poller.register(socket, zmq.POLLIN)
        if pattern.binds:
            self._bound.append(name)
            socket.bind(self._address(name))
        else:
            if pattern is Pattern.DEALER:
                socket.setsockopt(zmq.IDENTITY, self._identity)
            socket.connect(self._address(name))

    def _address(self, name: str) -> str:
        return f"ipc://{self._directory / name}"

    def close(self) -> None:
        """Close everything; what ZeroMQ still holds is given up."""
        for socket in self._sockets.values():
            socket.close(0)
        self._context.term()
        os.close(self._wake)

    def mend(self) -> str:
        """Bind again whatever was deleted, so that who comes next finds us. What is connected stays so."""
        missing = [name for name in self._bound if not (self._directory / name).exists()]
        if not missing:
            return ""
        try:
            make_private(self._directory.parent)
            make_private(self._directory)
            for name in missing:
                self._sockets[name].bind(self._address(name))
        except (OSError, StateError, zmq.ZMQError) as error:
            return f"sockets were deleted and cannot be made again: {error}"
        return f"sockets were deleted and are made again: {', '.join(missing)}"

    def wake(self) -> None:
        """From any thread or signal handler: look up from the sockets."""
        os.eventfd_write(self._wake, 1)

    def watch(self, fd: int, call: Callable[[], None]) -> None:
        """Have a file descriptor beside the sockets: `call` when it is readable."""
        self._watched[fd] = call
        self._poller.register(fd, zmq.POLLIN)

    def unwatch(self, fd: int) -> None:
        """No longer."""
        if self._watched.pop(fd, None) is not None:
            self._poller.unregister(fd)

    def receive(self, timeout_ns: int | None) -> None:
        """Wait at most so long (None: for ever) and deliver everything ready, what was opened first before the rest."""
        timeout = None if timeout_ns is None else max(0, -(-timeout_ns // 1_000_000))
        ready = dict(self._poller.poll(timeout))
        if not ready:
            return
        if ready.pop(self._wake, None):
            os.eventfd_read(self._wake)
            self.on_wake()
        for socket, read in self._incoming:
            if socket in ready:
                self._drain(socket, read)
        for fd, call in list(self._watched.items()):
            if fd in ready:
                call()

    def _drain(self, socket: zmq.Socket[bytes], read: Read) -> None:
        for _ in range(READ_AT_ONCE):
            try:
                frames = socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            read(frames)

    def send(self, name: str, frames: list[bytes]) -> bool:
        """Hand frames over; False where they cannot be. Raises Unreachable, and zmq.ZMQError for our mistakes."""
        socket = self._sockets.get(name)
        if socket is None:
            return False
        try:
            socket.send_multipart(frames, zmq.NOBLOCK)
        except zmq.Again:
            return False
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            raise Unreachable(f"{name}: nobody there is called {frames[0]!r}") from error
        return True
