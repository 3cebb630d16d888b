"""What carries a process's frames: its endpoints as the bus sees them, whatever they are made of."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Protocol

Read = Callable[[list[bytes]], None]
"""Takes the frames of one message."""


class Unreachable(ConnectionError):
    """Nobody of that name is connected to our endpoint."""


class Pattern(Enum):
    """What an endpoint is to its other side; the first three bind it, the others connect to it."""

    ROUTER = "router"
    """Hears many, each under its name, and answers one by name."""
    PUBLISHER = "publisher"
    """Says to all who subscribed; reads their subscriptions."""
    PULLER = "puller"
    """Hears many, answers nobody."""
    DEALER = "dealer"
    """Speaks with one router, under its own name, and refuses rather than queues while that is away."""
    SUBSCRIBER = "subscriber"
    """Hears one publisher."""
    PUSHER = "pusher"
    """Speaks to one puller."""

    @property
    def binds(self) -> bool:
        """It is the side that others find."""
        return self in (Pattern.ROUTER, Pattern.PUBLISHER, Pattern.PULLER)


class Wire(Protocol):
    """One process's endpoints. Nothing here waits except `receive`; messages of one sender keep their order."""

    on_wake: Callable[[], None]
    """Called in `receive` after somebody called `wake`."""

    def open(self, name: str, pattern: Pattern, read: Read | None = None) -> None:
        """Bind or connect an endpoint; what comes in goes to `read`, of endpoints opened first before others'.

        Raises OSError where it cannot be had.
        """

    def send(self, name: str, frames: list[bytes]) -> bool:
        """Hand frames over; a router's first is the peer's name. False: no such endpoint, nobody there, or full.

        Raises Unreachable when a router knows nobody of that name.
        """

    def receive(self, timeout_ns: int | None) -> None:
        """Wait at most so long (None: for ever) and deliver everything ready."""

    def wake(self) -> None:
        """From any thread or signal handler: have `receive` return."""

    def watch(self, fd: int, call: Callable[[], None]) -> None:
        """Have a file descriptor beside the endpoints: `call` when it is readable."""

    def unwatch(self, fd: int) -> None:
        """No longer."""

    def mend(self) -> str:
        """Bind again what was lost and can be found no more; what is to be said about it, "" when nothing was."""

    def close(self) -> None:
        """Close everything; what is still under way is given up."""
