"""The supervisor's rules as data and pure functions: who is restarted, how often, after how long."""

from __future__ import annotations

import random
from collections import deque
from enum import IntEnum, StrEnum

import msgspec

from messages.values import SECOND, RealNs


class ExitCode(IntEnum):
    """What a process of ours ends with (DESIGN decision 10, RELIABILITY §2.7)."""

    OK = 0
    USAGE = 2
    """Usage, configuration or mode; no restart helps."""
    NOT_EMPTY = 3
    """The book could not be verified empty."""
    SOFTWARE = 70
    IO = 74
    """The journal."""
    LOCKED = 75
    """Lock held, or overload."""
    CREDENTIALS = 77
    VERSION = 78


class Restart(StrEnum):
    """When a child that ended is started again."""

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    """Only after an end that was not asked for: exit code 0 is a reasoned end."""
    TEMPORARY = "temporary"


class Verdict(StrEnum):
    """What follows from a child's end."""

    RESTART = "restart"
    DONE = "done"
    ESCALATE = "escalate"


NO_RESTART = frozenset({ExitCode.USAGE, ExitCode.CREDENTIALS, ExitCode.VERSION})
"""Ends that another start would only repeat."""


class ChildSpec(msgspec.Struct, frozen=True, kw_only=True):
    """How one child is supervised; spans in real seconds."""

    restart: Restart
    ready_s: float
    """Time from its start to READY."""
    beat_s: float
    """Pings come this often."""
    deadline_s: float
    """Unanswered for this long it is hung."""
    grace_s: float
    """Time from STOP to its end."""
    intensity: int
    """So many restarts …"""
    period_s: float
    """… within so long are too many."""
    vital: bool = True
    """Too many restarts of it end the whole tree; else it stays down and the rest goes on."""
    needed: bool = True
    """While it stays down nothing is quoted: the engine is in ERROR until a person says to go on."""

    def __post_init__(self) -> None:
        """Raises ValueError, naming the field, for a row that makes no sense."""
        wrong = {
            "restart": not isinstance(self.restart, Restart),
            "ready_s": self.ready_s <= 0,
            "beat_s": self.beat_s <= 0,
            "deadline_s": self.deadline_s <= self.beat_s,
            "grace_s": self.grace_s < 0,
            "intensity": self.intensity < 0,
            "period_s": self.period_s <= 0,
        }
        for name, is_wrong in wrong.items():
            if is_wrong:
                raise ValueError(f"{name} of a process cannot be {getattr(self, name)!r}")


def exited(
    spec: ChildSpec, code: int, asked: bool, starts: Window, now: RealNs, *, rising: bool = False
) -> Verdict:
    """What to do about a child that ended with this code (minus the signal's number).

    `rising`: it had not become ready. A file that cannot be used at the very first start will not be better
    at the second, and a disk that refused two writes in a row is full: more tries would use up nothing but time.
    """
    if asked or spec.restart is Restart.TEMPORARY:
        return Verdict.DONE
    if spec.restart is Restart.TRANSIENT and code == ExitCode.OK:
        return Verdict.DONE
    hopeless = code in NO_RESTART
    if code == ExitCode.LOCKED and rising:
        hopeless = True
    elif code == ExitCode.IO:
        hopeless = starts.refused_again(spec, now) or (rising and not starts.total)
    if hopeless or not starts.allows(spec, now):
        return Verdict.ESCALATE
    return Verdict.RESTART


POISONED = 3
"""Ends by the very same mistake in a row, whatever the time between them, after which a restart is no remedy."""


class Window:
    """Restarts of one child, as far back as they count."""

    def __init__(self) -> None:
        self._trace, self._same = "", 0
        self._at: deque[RealNs] = deque()
        self._refused_at: RealNs | None = None
        self.total = 0

    def allows(self, spec: ChildSpec, now: RealNs) -> bool:
        """Whether one more restart stays within the intensity; it is counted if so."""
        while self._at and now - self._at[0] > spec.period_s * SECOND:
            self._at.popleft()
        if len(self._at) >= spec.intensity:
            return False
        self._at.append(now)
        self.total += 1
        return True

    def refused_again(self, spec: ChildSpec, now: RealNs) -> bool:
        """A file or the disk was refused to it now; whether that was so within the period before, too."""
        before, self._refused_at = self._refused_at, now
        return before is not None and now - before <= spec.period_s * SECOND

    def again(self, trace: str) -> int:
        """It ended by the mistake of this trace ("": by none of its own); how often in a row that was so by now."""
        self._same = self._same + 1 if trace and trace == self._trace else int(bool(trace))
        self._trace = trace
        return self._same

    def recent(self) -> int:
        """Restarts that still count, for the backoff."""
        return len(self._at)


FIRST_BACKOFF_S, MAX_BACKOFF_S = 0.25, 30.0


def backoff_s(recent: int, rng: random.Random) -> float:
    """Seconds to wait before the n-th restart in a row: doubling, full jitter; the first is immediate."""
    if recent <= 1:
        return 0.0
    return rng.uniform(0, min(MAX_BACKOFF_S, FIRST_BACKOFF_S * 2.0 ** (recent - 1)))
