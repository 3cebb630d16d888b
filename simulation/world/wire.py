"""A simulated process's endpoints: what the production bus stands on in place of ZeroMQ."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from runtime.wire import Pattern, Read, Unreachable
from simulation.world.net import Link, Net, Way


class Owner(Protocol):
    """The process whose wire it is."""

    role: str
    busy_until: int
    """What it says leaves when it is through with what it is at."""

    def poke(self) -> None:
        """Something is there to be read."""

    def reach(self, point: str) -> None:
        """It comes by a place at which it may be killed. Raises ProcessOver."""


class SimWire:
    """Satisfies `Wire`."""

    def __init__(self, net: Net, owner: Owner, identity: str) -> None:
        self.role = owner.role
        self.identity = identity
        self.on_wake: Callable[[], None] = lambda: None
        self._net = net
        self._owner = owner
        self._patterns: dict[str, Pattern] = {}
        self._links: dict[str, Link] = {}
        self._reads: dict[str, Read] = {}
        self._unread: dict[str, deque[tuple[Way, list[bytes]]]] = {}
        self._watched: dict[int, Callable[[], None]] = {}
        self._ended: list[int] = []
        self._is_woken = False
        self._is_wanted = False

    def open(self, name: str, pattern: Pattern, read: Read | None = None) -> None:
        """Bind or connect."""
        self._patterns[name] = pattern
        if read is not None:
            self._reads[name] = read
            self._unread[name] = deque()
        if pattern.binds:
            self._net.bind(name, self)
        else:
            self._links[name] = self._net.connect(self, name, pattern)

    def send(self, name: str, frames: list[bytes]) -> bool:
        """Hand frames over; a router's first is the peer's name."""
        pattern = self._patterns.get(name)
        if pattern is None:
            return False
        self._owner.reach(name)
        late = self._owner.busy_until
        if pattern is Pattern.ROUTER:
            return self._net.send(
                self._link_to(name, frames[0]), frames[1:], to_binder=False, not_before=late
            )
        if pattern is Pattern.PUBLISHER:
            self._net.publish(name, self, frames, late)
            return True
        return self._net.send(self._links[name], frames, to_binder=True, not_before=late)

    def _link_to(self, name: str, identity: bytes) -> Link:
        wanted = identity.decode()
        for link in self._net.links_of(name, self):
            if link.connector.identity == wanted:
                return link
        raise Unreachable(f"{name}: nobody there is called {wanted}")

    def arrived(self, link: Link, way: Way, frames: list[bytes], is_binder: bool) -> None:
        """Frames are there, to be read when the process looks."""
        if is_binder and link.pattern is Pattern.DEALER:
            frames = [link.connector.identity.encode(), *frames]
        self._unread[link.name].append((way, frames))
        self._is_wanted = True
        self._owner.poke()

    def receive(self, timeout_ns: int | None) -> None:
        """Deliver what is there; who waits is the process, in virtual time."""
        if not self._is_wanted:
            return
        self._is_wanted = False
        if self._is_woken:
            self._is_woken = False
            self.on_wake()
        for name, unread in self._unread.items():
            if unread:
                self._read(unread, self._reads[name])
        while self._ended:
            call = self._watched.get(self._ended.pop(0))
            if call is not None:
                call()

    @staticmethod
    def _read(unread: deque[tuple[Way, list[bytes]]], read: Read) -> None:
        while unread:
            way, frames = unread.popleft()
            way.waiting -= 1
            read(frames)

    def wake(self) -> None:
        """Have the process look up."""
        self._is_woken = self._is_wanted = True
        self._owner.poke()

    def watch(self, fd: int, call: Callable[[], None]) -> None:
        """`call` when that process has ended."""
        self._watched[fd] = call

    def unwatch(self, fd: int) -> None:
        """No longer."""
        self._watched.pop(fd, None)

    def ended(self, fd: int) -> None:
        """That process has ended."""
        self._ended.append(fd)
        self._is_wanted = True
        self._owner.poke()

    def mend(self) -> str:
        """Nobody deletes simulated endpoints."""
        return ""

    def close(self) -> None:
        """Its process ends."""
        self._net.gone(self)
