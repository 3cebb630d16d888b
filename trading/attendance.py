"""Which traders mind their orders no more: they were replaced, or are not there."""

from __future__ import annotations

from messages.system import ABSENT, Roster
from messages.values import RoleName


class Attendance:
    """By the supervisor's roster. Volatile: it is said again every half second."""

    def __init__(self) -> None:
        self._incarnations: dict[RoleName, int] = {}

    def gone(self, roster: Roster) -> list[RoleName]:
        """Roles whose last known process is not there any more; told again while nobody is."""
        found = []
        for presence in roster.present:
            before = self._incarnations.get(presence.role, presence.incarnation)
            self._incarnations[presence.role] = presence.incarnation
            if before != presence.incarnation or presence.state in ABSENT:
                found.append(presence.role)
        return found
