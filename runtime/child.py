"""What the supervisor knows of one child process."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from messages.values import SECOND, RealNs, RoleName
from runtime.restarts import ChildSpec, Window
from runtime.running import Running

LAST_WORDS_S = 3.0
"""Real time a process takes at most from its last answer to its end, when all is well with it."""
MAX_WORDS = 64 * 1024
"""Bytes of a program's output that are looked at for its last words."""


class Phase(StrEnum):
    """Where in its life a child is."""

    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"
    BACKOFF = "backoff"
    """Ended, and will be started again."""
    STOPPED = "stopped"
    """Ended for good, as it should."""
    FAILED = "failed"
    """Ended too often."""


class Child:
    """One entry of the process table with the process that fills it now."""

    def __init__(self, role: RoleName, spec: ChildSpec, wave: int) -> None:
        self.role = role
        self.spec = spec
        self.wave = wave
        """Started with its wave, when all of the earlier ones are ready; stopped the other way round."""
        self.phase = Phase.STOPPED
        self.incarnation = 0
        self.process: Running | None = None
        self.window = Window()
        self.started_at = RealNs(0)
        self.heard_at = RealNs(0)
        self.ended_at = RealNs(0)
        """The last time that it was seen to have ended."""
        self.place = 0
        """How far it has come in the journal while it starts."""
        self.placed_at = RealNs(0)
        self.pinged_at = RealNs(0)
        self.nonce = 0
        self.start_at: RealNs | None = None
        self.stop_by: RealNs | None = None
        self.answers = False
        """It has been heard since it started."""
        self.killed_for = ""
        self.was_silent = False
        """That is what it was killed for."""
        self.dump_at: RealNs | None = None
        self.warned = False
        self.exit_code: int | None = None
        self.down_because = ""
        """Why it stays down, where there is more to say than that it ended too often."""
        self.generation = 0
        self._log: Path | None = None
        self._log_from = 0

    @property
    def identity(self) -> str:
        """Bus identity of the process that fills it now."""
        return f"{self.role}@{self.incarnation}"

    @property
    def pid(self) -> int:
        """Of the process, 0 without one."""
        return self.process.pid if self.process is not None else 0

    @property
    def alive(self) -> bool:
        """There is a process."""
        return self.process is not None

    def started(self, process: Running, incarnation: int, now: RealNs) -> None:
        """Its process runs; not ready yet."""
        self.process = process
        self.incarnation = incarnation
        self.phase = Phase.STARTING
        self.started_at = self.heard_at = self.placed_at = now
        self.place = 0
        self.start_at = self.stop_by = self.dump_at = None
        self.killed_for = ""
        self.answers = self.was_silent = self.warned = False

    def writes_to(self, log: Path) -> None:
        """What it prints from now on comes to the end of this file."""
        self._log = log
        self._log_from = log.stat().st_size if log.exists() else 0

    def last_words(self) -> str:
        """The last line it printed, "" where that is not known; for a program that says why it cannot start."""
        if self._log is None:
            return ""
        try:
            with self._log.open("rb") as file:
                file.seek(self._log_from)
                lines = file.read(MAX_WORDS).decode(errors="replace").split("\n")
        except OSError:
            return ""
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return "".join(c for c in said.removeprefix(f"{self.role}: ") if c.isprintable())

    def reap(self) -> int:
        """Collect the ended process; its exit code, or minus the signal's number."""
        assert self.process is not None
        code = self.process.reap()
        self.process = None
        self.exit_code = code
        return code

    def signal(self, number: int) -> None:
        """Send a signal, if it still lives."""
        if self.process is not None:
            self.process.signal(number)

    def excuse(self, span_ns: int) -> None:
        """Its deadlines are later by so much real time."""
        self.started_at = self.started_at + span_ns
        self.placed_at = self.placed_at + span_ns
        self.heard_at = self.heard_at + span_ns
        if self.stop_by is not None:
            self.stop_by = self.stop_by + span_ns

    def silent_s(self, now: RealNs) -> float:
        """Real seconds since it was heard."""
        return (now - self.heard_at) / SECOND

    def reads(self, place: int, now: RealNs) -> None:
        """It has come so far in the journal: while that grows, a long journal is no reason to kill it."""
        if place > self.place:
            self.place, self.placed_at = place, now

    def overdue(self, now: RealNs) -> str:
        """Why it must be killed now; "" while it need not."""
        if not self.alive or self.killed_for:
            return ""
        if self.stop_by is not None and now >= self.stop_by:
            return f"did not stop within {self.spec.grace_s:g} s"
        if self.phase is Phase.STARTING and (now - self.placed_at) / SECOND > self.spec.ready_s:
            return f"not ready within {self.spec.ready_s:g} s"
        if self.hangs(now):
            return f"silent for {self.silent_s(now):.1f} s"
        return ""

    def hangs(self, now: RealNs) -> bool:
        """Whether it should have answered by now. Who says its last words answers nobody for a while."""
        if self.phase is Phase.STOPPING:
            return self.answers and self.silent_s(now) > self.spec.deadline_s + LAST_WORDS_S
        return self.phase is Phase.READY and self.silent_s(now) > self.spec.deadline_s
