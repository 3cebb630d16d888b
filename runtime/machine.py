"""The computer a house stands on: what starts its processes, carries their frames and asks after its exchange."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable
from typing import Protocol

from runtime.child import Child
from runtime.probe import Asker, Probe
from runtime.process import Plan
from runtime.running import Running, Spawned
from runtime.spawn import spawn_child, spawn_program
from runtime.statedir import StateDirectory
from runtime.takeover import RUN_VARIABLE, Register
from runtime.wire import Wire
from runtime.zmq_wire import ZmqWire


class Machine(Protocol):
    """What a supervisor asks of it."""

    pid: int
    """The supervisor's own process id."""
    port: int
    """Where the exchange listens on loopback."""
    rng: random.Random
    """Chance, where a supervisor needs it."""

    def wire(self, identity: str) -> Wire:
        """What carries the supervisor's frames."""

    def asker(self, wake: Callable[[], None]) -> Asker:
        """Asks the exchange, and calls `wake` when an answer is there."""

    def start(self, plan: Plan) -> Running:
        """Start one process of ours. Raises OSError."""

    def start_venue(self, child: Child) -> Running:
        """Start the exchange. Raises OSError."""


class ThisMachine:
    """The real one. `venue` is the exchange's command line, given the descriptor of its listening socket."""

    def __init__(
        self, state: StateDirectory, run: int, listener: socket.socket, venue: Callable[[int], list[str]]
    ) -> None:
        self._run = {RUN_VARIABLE: f"{run:016x}"}
        self._register = Register(state.run, f"{run:016x}")
        self.pid = os.getpid()
        self.port: int = listener.getsockname()[1]
        self.rng = random.Random()
        self._state = state
        self._listener = listener
        self._venue = venue

    def wire(self, identity: str) -> Wire:
        """ZeroMQ, in the directory that is this state's alone."""
        return ZmqWire(self._state.sockets, identity)

    def asker(self, wake: Callable[[], None]) -> Asker:
        """HTTP, from a thread."""
        return Probe(self.port, wake)

    def start(self, plan: Plan) -> Running:
        """A process of ours, which keeps the tree lock. Raises OSError."""
        process = Spawned(spawn_child(plan, [self._state.lock_fd], self._run))
        self._register.started(plan.role, f"{plan.role}@{plan.incarnation}", process.pid)
        return process

    def start_venue(self, child: Child) -> Running:
        """The exchange; what it prints goes to its log. Raises OSError."""
        self._listener = listening(self._listener)
        fd = self._listener.fileno()
        log = self._state.logs / "venue.log"
        child.writes_to(log)
        process = Spawned(spawn_program(self._venue(fd), [self._state.lock_fd, fd], log, self._run))
        self._register.started(child.role, child.identity, process.pid)
        return process


def listening(listener: socket.socket) -> socket.socket:
    """This socket, or another one on its port where a process that had it too has shut it. Raises OSError."""
    if listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return listener
    port = listener.getsockname()[1]
    listener.close()
    return listen(port)


def listen(port: int) -> socket.socket:
    """A loopback socket that listens, so that its port outlives whoever serves it. Raises OSError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    listener.listen(512)
    listener.set_inheritable(True)
    return listener
