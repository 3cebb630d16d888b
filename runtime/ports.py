"""Ports: what touches the world. They may wait, so they live on one asyncio thread beside their actor."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, ClassVar, Protocol

from messages.base import Message
from messages.values import RealNs
from runtime.actor import Contract, drained, every, handles, read_contract, recovered, runs, stopping
from runtime.clock import real_now

__all__ = ["Port", "PortDriver", "PortThread", "drained", "every", "handles", "recovered", "runs", "stopping"]


class Port:
    """Takes the commands of its own process and says what it found out.

    Handlers and `@runs` streams are async generators. A port that raises ends its process: what the world
    may do wrong is a message, what is left is our mistake.
    """

    contract: ClassVar[Contract]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.contract = read_contract(cls)

    @property
    def real_now(self) -> RealNs:
        """Real time."""
        return real_now()

    async def open(self) -> None:
        """Called once on the port's own loop before anything else."""

    async def close(self) -> None:
        """Called once when the process ends; at most a second is waited for it."""


PortFailed = Callable[[BaseException, str], None]
"""What a port raised, and where."""


class PortDriver(Protocol):
    """Runs all ports of a process beside its actor."""

    @property
    def handled(self) -> frozenset[type[Message]]:
        """Commands these ports take."""

    def start(self) -> None:
        """Open the ports and begin their streams."""

    def post(self, command: Message) -> None:
        """Hand a command over; its handler runs beside the others."""

    def drain(self, timeout_s: float, then: Callable[[], None]) -> None:
        """Do this once every command handed over before is done with, and after so long in any case."""

    def stop(self, timeout_s: float = 1.0) -> None:
        """Cancel what runs, close the ports."""


def by_command(ports: list[Port]) -> dict[type[Message], tuple[Port, str]]:
    """Which port handles a command, by which method. Raises TypeError when two of them want it."""
    found: dict[type[Message], tuple[Port, str]] = {}
    for port in ports:
        for kind, method in port.contract.handlers.items():
            if kind in found:
                raise TypeError(f"two ports of one process handle {kind.__name__}")
            found[kind] = (port, method)
    return found


class PortThread:
    """One asyncio loop in one thread for all ports of a process.

    `deliver` and `fail` are called from that thread.
    """

    def __init__(
        self,
        ports: list[Port],
        deliver: Callable[[Message], None],
        fail: PortFailed,
    ) -> None:
        self._ports = ports
        self._deliver = deliver
        self._fail = fail
        self._tasks: set[asyncio.Task[None]] = set()
        self._handling: set[asyncio.Task[None]] = set()
        self._handlers = by_command(ports)
        self._loop = asyncio.new_event_loop()
        self._opened = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ports", daemon=True)

    @property
    def handled(self) -> frozenset[type[Message]]:
        """Commands these ports take."""
        return frozenset(self._handlers)

    def start(self) -> None:
        """Open the ports and begin their streams; returns when all are open."""
        self._thread.start()
        self._opened.wait()

    def post(self, command: Message) -> None:
        """Hand a command over; its handler runs beside the others."""
        self._loop.call_soon_threadsafe(self._begin_handling, command)

    def drain(self, timeout_s: float, then: Callable[[], None]) -> None:
        """Wait at most so long until every command handed over before is done with, then do this."""
        if self._thread.is_alive():
            waited = asyncio.run_coroutine_threadsafe(self._done_with_commands(timeout_s), self._loop)
            with contextlib.suppress(TimeoutError):
                waited.result(timeout_s + 0.5)
        then()

    def stop(self, timeout_s: float = 1.0) -> None:
        """Cancel what runs, close the ports, end the thread."""
        if not self._thread.is_alive():
            self._loop.close()
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop)
        self._thread.join(timeout_s + 0.5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._begin(self._open(), "open")
        self._loop.run_forever()
        self._loop.close()

    async def _open(self) -> None:
        try:
            for port in self._ports:
                await port.open()
        finally:
            self._opened.set()
        for port in self._ports:
            for method in port.contract.streams:
                self._begin(getattr(port, method)(), f"{type(port).__name__}.{method}")

    def _begin_handling(self, command: Message) -> None:
        port, method = self._handlers[type(command)]
        task = self._begin(getattr(port, method)(command), f"{type(port).__name__}.{method}")
        self._handling.add(task)
        task.add_done_callback(self._handling.discard)

    async def _done_with_commands(self, timeout_s: float) -> None:
        if self._handling:
            await asyncio.wait(self._handling, timeout=timeout_s)

    def _begin(
        self, said: AsyncIterator[Message] | Coroutine[Any, Any, None], name: str
    ) -> asyncio.Task[None]:
        task = self._loop.create_task(self._drive(said), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def _drive(self, said: AsyncIterator[Message] | Coroutine[Any, Any, None]) -> None:
        if isinstance(said, AsyncIterator):
            async for message in said:
                self._deliver(message)
        else:
            await said

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error, task.get_name())

    async def _close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for port in self._ports:
            try:
                await asyncio.wait_for(port.close(), 1.0)
            except TimeoutError:
                continue
        self._loop.stop()
