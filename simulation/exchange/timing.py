"""What the simulated venue needs of the world it lives in (a `simulation.world.world.World` has it)."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Protocol

from messages.values import RealNs
from simulation.world.waits import Gate, Sleep


class Timing(Protocol):
    """Virtual real time, waiting, and the one source of chance."""

    rng: Random

    def now(self) -> RealNs:
        """Virtual real time."""

    def sleep(self, span_ns: int) -> Sleep:
        """What a port awaits to wait."""

    def gate(self) -> Gate:
        """What a port awaits to be woken by somebody."""

    def call_at(self, at: RealNs, do: Callable[[], Any]) -> None:
        """Do it then, whatever process is dead by that time."""
