"""What a process does when its supervisor is gone, or when a signal asks it to end.

A service manager may send SIGTERM to every process at once: who writes down what the others do goes after them
all the same.
"""

from __future__ import annotations

from messages.system import Roster
from messages.values import RealNs, RoleName
from runtime.clock import real_now
from runtime.ground import Ground


class Orphan:
    """What a process does when its supervisor is gone or asks it to end by signal."""

    def __init__(self, parent: int, after: RoleName | None, max_s: float, ground: Ground) -> None:
        self._ground = ground
        self._parent = parent
        self._after = after
        self._max_ns = round(max_s * 1_000_000_000)
        self._after_pid = 0
        self._signaled_at: RealNs | None = None
        self.forsaken = False
        """The supervisor is there, but silent for so long that it is as good as gone."""

    def learn(self, roster: Roster) -> None:
        """Remember whom to wait for."""
        for presence in roster.present:
            if presence.role == self._after:
                self._after_pid = presence.pid

    def signal(self) -> None:
        """SIGTERM came."""
        if self._signaled_at is None:
            self._signaled_at = real_now()

    def must_stop(self, now: RealNs) -> str:
        """The reason to stop, or "" while there is none yet."""
        orphaned = self.forsaken or self._ground.parent() != self._parent
        if self._signaled_at is None:
            if not orphaned:
                return ""
            self._signaled_at = now
        if self._after_pid and self._ground.lives(self._after_pid) and now - self._signaled_at < self._max_ns:
            return ""
        return "the supervisor is gone" if orphaned else "asked by signal"
