"""What a simulated port may await: a span of virtual time, or somebody's knock."""

from __future__ import annotations

from collections.abc import Callable, Generator


class Sleep:
    """A span of virtual real time in nanoseconds."""

    __slots__ = ("span_ns",)

    def __init__(self, span_ns: int) -> None:
        self.span_ns = span_ns

    def __await__(self) -> Generator[Sleep, None, None]:
        yield self


class Gate:
    """Opened by `open`: whoever waits goes on, and whoever comes next waits for the next time.

    What is to be found behind it must be looked for before it is waited at.
    """

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def open(self) -> None:
        """Everybody who waits goes on."""
        waiting, self._waiting = self._waiting, []
        for go_on in waiting:
            go_on()

    def wait_for(self, go_on: Callable[[], None]) -> None:
        """Have this called when it opens."""
        self._waiting.append(go_on)

    def __await__(self) -> Generator[Gate, None, None]:
        yield self
