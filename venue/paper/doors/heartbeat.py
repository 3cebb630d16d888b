"""The dead-man switch: a key that sent a heartbeat and then falls silent loses its orders (VENUE §4.2)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import msgspec

from messages.values import SECOND, RealNs

DEADLINE_NS = 10 * SECOND
"""Real time without an accepted heartbeat after which everything is canceled."""
CHECK_S = 1.0
"""How often silence is looked for."""


class WrongHeartbeat(Exception):
    """The id sent is not the last one given out; it does not count as a heartbeat."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


class _Chain(msgspec.Struct):
    expected: str
    due_at: RealNs


class Heartbeats:
    """One chain of ids for each key that ever beat; a key that never did is never canceled."""

    def __init__(self, real_now: Callable[[], RealNs]) -> None:
        self._real_now = real_now
        self._chains: dict[str, _Chain] = {}

    def beat(self, owner: str, heartbeat_id: str) -> str:
        """The id to send next. Raises WrongHeartbeat, which leaves the deadline where it was."""
        chain = self._chains.get(owner)
        expected = chain.expected if chain else ""
        if heartbeat_id != expected:
            raise WrongHeartbeat(expected)
        return self._accept(owner, str(uuid.uuid4()))

    def beat_plainly(self, owner: str) -> None:
        """The older call without an id; the next one in the chain is expected to send none."""
        self._accept(owner, "")

    def lapsed(self) -> list[str]:
        """Keys that fell silent; each is said once, and forgotten."""
        now = self._real_now()
        silent = [owner for owner, chain in self._chains.items() if chain.due_at <= now]
        for owner in silent:
            del self._chains[owner]
        return silent

    def _accept(self, owner: str, expected: str) -> str:
        self._chains[owner] = _Chain(expected, self._real_now() + DEADLINE_NS)
        return expected
