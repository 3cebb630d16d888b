"""What a permit rests on besides the halts: the supervisor's word, the kill switch, a journal that keeps up."""

from __future__ import annotations

from collections.abc import Iterator

from messages.risk import KillSwitchSeen
from messages.system import EngineState, Roster
from messages.values import SECOND, RealNs

MAX_JOURNAL_LAG_NS = 2 * SECOND
"""While the journal is further behind, no leave to take risk is given."""
MAX_SUPERVISOR_SILENCE_NS = 5 * SECOND
"""Real time without the supervisor's roster after which nobody would restart what dies: no leave to trade."""


class Surroundings:
    """Volatile: a new life waits until it has heard of each of them."""

    def __init__(self) -> None:
        self._kill: KillSwitchSeen | None = None
        self.roster: Roster | None = None
        self._roster_at = RealNs(0)
        self._excused = ""
        """Why the engine was in ERROR when a person said to go on."""

    # The supervisor.

    def hear(self, roster: Roster, now: RealNs) -> None:
        """Who runs."""
        self.roster, self._roster_at = roster, now
        if roster.engine is not EngineState.ERROR:
            self._excused = ""

    def failure(self) -> str | None:
        """Why the engine is in ERROR, where nobody has excused just this; None: it is not, or somebody has."""
        roster = self.roster
        if roster is None or roster.engine is not EngineState.ERROR:
            return None
        return None if roster.paused_because == self._excused else roster.paused_because

    def excuse(self) -> None:
        """A person says to go on as it is."""
        if self.roster is not None:
            self._excused = self.roster.paused_because

    @property
    def actors(self) -> tuple[tuple[str, str], ...]:
        """Each process and how it is."""
        return () if self.roster is None else tuple((p.role, p.state) for p in self.roster.present)

    def details(self) -> Iterator[tuple[str, str]]:
        """For people."""
        if self.roster is not None:
            yield "engine", self.roster.engine.value
            yield "program", f"{self.roster.code or '?'}, settings {self.roster.config or '?'}"

    # The kill switch.

    def see(self, kill: KillSwitchSeen) -> None:
        """The file is there, or is not."""
        self._kill = kill

    @property
    def has_looked(self) -> bool:
        """It is known whether the kill switch is there."""
        return self._kill is not None

    @property
    def is_killed(self) -> bool:
        """It is there."""
        return self._kill is not None and self._kill.present

    @property
    def kill_reason(self) -> str:
        """What is written in it."""
        return "" if self._kill is None else self._kill.reason

    # All of them.

    def are_well(self, now: RealNs, journal_lag_ns: int) -> bool:
        """Whether leave to take risk can be answered for."""
        is_supervised = now - self._roster_at <= MAX_SUPERVISOR_SILENCE_NS
        return self.has_looked and is_supervised and journal_lag_ns <= MAX_JOURNAL_LAG_NS
