"""Runs the ports of one simulated process: a small driver of coroutines in place of a thread with an event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Protocol

from messages.base import Message
from messages.values import SECOND
from runtime.ground import ProcessOver
from runtime.ports import Port, PortFailed, by_command
from simulation.world.waits import Gate, Sleep

Said = AsyncIterator[Message] | Coroutine[Any, Any, None]


class Later(Protocol):
    """The process they are in."""

    def later(self, span_ns: int, do: Callable[[], None]) -> None:
        """Do it after so long of its own time: when it is stopped, once it goes on; when it is dead, never."""

    def comes_to_its_end(self) -> None:
        """Its actor does nothing more."""


class PortTasks:
    """Satisfies `PortDriver` on virtual time."""

    def __init__(
        self, process: Later, ports: list[Port], deliver: Callable[[Message], None], fail: PortFailed
    ) -> None:
        self._process = process
        self._ports = ports
        self._deliver = deliver
        self._fail = fail
        self._handlers = by_command(ports)
        self.handled = frozenset(self._handlers)
        """Commands these ports take."""
        self._handling = 0
        self._when_done: Callable[[], None] | None = None
        self._is_over = False

    def start(self) -> None:
        """Open the ports and begin their streams."""
        self._begin(self._open(), "open")

    def post(self, command: Message) -> None:
        """Hand a command over; its handler runs beside the others, from the next moment on."""
        self._handling += 1
        port, method = self._handlers[type(command)]
        self._process.later(
            0,
            lambda: self._begin(
                getattr(port, method)(command), f"{type(port).__name__}.{method}", self._handled
            ),
        )

    def drain(self, timeout_s: float, then: Callable[[], None]) -> None:
        """Do this once every command handed over before is done with, and after so long in any case."""
        self._when_done = then
        self._process.comes_to_its_end()
        if not self._handling:
            self._finish()
        else:
            self._process.later(round(timeout_s * SECOND), self._finish)

    def stop(self, timeout_s: float = 1.0) -> None:
        """Nothing of them runs any more."""
        self._is_over = True

    def _finish(self) -> None:
        then, self._when_done = self._when_done, None
        if then is not None:
            then()

    def _handled(self) -> None:
        self._handling -= 1
        if not self._handling:
            self._finish()

    async def _open(self) -> None:
        for port in self._ports:
            await port.open()
        for port in self._ports:
            for method in port.contract.streams:
                self._begin(getattr(port, method)(), f"{type(port).__name__}.{method}")

    def _begin(self, said: Said, name: str, done: Callable[[], None] = lambda: None) -> None:
        self._resume(self._drive(said), name, done)

    async def _drive(self, said: Said) -> None:
        if isinstance(said, AsyncIterator):
            async for message in said:
                self._deliver(message)
        else:
            await said

    def _resume(self, task: Coroutine[Any, Any, None], name: str, done: Callable[[], None]) -> None:
        """Let it run until it waits for something."""
        if self._is_over:
            return
        waits_for: object = None
        try:
            waits_for = task.send(None)
        except StopIteration:
            pass
        except ProcessOver:
            raise
        except BaseException as error:
            self._fail(error, name)
            raise
        if waits_for is None:
            done()
        elif isinstance(waits_for, Sleep):
            self._process.later(waits_for.span_ns, lambda: self._resume(task, name, done))
        else:
            assert isinstance(waits_for, Gate), f"{name} awaits {waits_for!r}, which no world knows"
            waits_for.wait_for(lambda: self._process.later(0, lambda: self._resume(task, name, done)))
