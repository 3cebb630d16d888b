"""A fault while it is on the script: whether it is on, what its dice say, and what it did so far."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from random import Random

from loguru import logger

from messages.values import SECOND, RealNs
from venue.paper.engine.mishaps import Asked
from venue.paper.faults.fault import Fault, Scope
from venue.paper.faults.past import Past

MAX_LINES = 10
"""Hits of one fault that are logged in one real second; the others are counted in the next line."""


class Phase(StrEnum):
    """Life of a fault."""

    WAITING = "waiting"
    ON = "on"
    OVER = "over"


class Run:
    """Its dice are its own: the same seed, name and chances in the same order make the same hits."""

    def __init__(self, fault: Fault, scope: Scope, seed: int, real_now: Callable[[], RealNs]) -> None:
        self.fault = fault
        self.scope = scope
        self.phase = Phase.WAITING
        self.begun_at = RealNs(0)
        self.left_s: float | None = None
        """Real seconds it would last when it began, if anybody could tell."""
        self.chances = 0
        self.hits = 0
        self.asked: Asked | None = None
        """Whom the settlement asks, where the fault is about that."""
        self.past: Past | None = None
        """Books of some time ago, where the fault is about them."""
        self._dice = Random(f"{seed}/{fault.name}")
        self._real_now = real_now
        self._second = -1
        self._lines = 0
        self._silent = 0

    def begin(self, at: RealNs, left_s: float | None) -> None:
        """It is on."""
        self.phase, self.begun_at, self.left_s = Phase.ON, at, left_s

    def strikes(self, what: str) -> bool:
        """Whether a chance becomes a hit; `what` is what would be hit, for the log."""
        fault = self.fault
        if fault.times is not None and self.hits >= fault.times:
            return False
        self.chances += 1
        if fault.probability < 1 and self._dice.random() >= fault.probability:
            return False
        self.hits += 1
        self._log(what)
        return True

    def _log(self, what: str) -> None:
        second = int(self._real_now()) // SECOND
        if second != self._second:
            self._second, self._lines = second, 0
        self._lines += 1
        if self._lines > MAX_LINES:
            self._silent += 1
            return
        more = f" ({self._silent} more before it)" if self._silent else ""
        self._silent = 0
        logger.info("fault {}: hits {}, hit {}{}", self.fault.name, what, self.hits, more)
