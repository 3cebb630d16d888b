"""Who is struck next, and how: drawn from a seed and from who is there, spread evenly over all roles."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

import msgspec

from simulation.chaos.mishaps import MISHAPS, scripted
from simulation.chaos.target import Seen

SUPERVISOR = "supervisor"


class Act(StrEnum):
    """What can be done to it."""

    KILL = "kill"
    PAIR = "pair"
    """Two at the same moment."""
    HANG = "hang"
    """SIGSTOP until it is killed for its silence."""
    PAUSE = "pause"
    """SIGSTOP, and SIGCONT before it would be."""
    VENUE = "venue"
    """The exchange misbehaves on script."""
    SWITCH = "switch"
    """The kill switch, and away with it."""
    CONTROL = "control"
    """Halt and resume over the control socket."""
    SUPERVISOR = "supervisor"
    """SIGKILL to the supervisor alone; started again when its lock is free."""
    POWER = "power"
    """SIGKILL to everybody at once; started again."""


WEIGHTS = {
    Act.KILL: 60,
    Act.PAIR: 9,
    Act.HANG: 5,
    Act.PAUSE: 7,
    Act.VENUE: 12,
    Act.SWITCH: 2,
    Act.CONTROL: 2,
    Act.SUPERVISOR: 2,
    Act.POWER: 1,
}
PAUSE_S = (0.5, 2.5)
HOLD_S = (0.5, 2.0)
MAX_OWED = 4
"""Strikes that a family which is not there, a liquidator above all, is given when it comes."""


class Strike(msgspec.Struct, frozen=True, kw_only=True):
    """One act, drawn."""

    act: Act
    victims: tuple[Seen, ...] = ()
    seconds: float = 0.0
    """How long a pause, or a halt, lasts."""
    mishap: dict[str, object] = {}


class Budget:
    """Kills that a role may still take without being given up: chaos wants it back, not down.

    `allowed` says how many restarts of a family within how many seconds are still none too many.
    """

    def __init__(self, allowed: Callable[[str], tuple[int, float]]) -> None:
        self._allowed = allowed
        self._at: dict[str, deque[float]] = {}

    def has(self, seen: Seen, now: float) -> bool:
        """Whether one more end of it is within what its supervision forgives; one is kept for its own faults."""
        intensity, period_s = self._allowed(seen.family)
        at = self._at.setdefault(seen.role, deque())
        while at and now - at[0] > period_s + 1:
            at.popleft()
        return len(at) < intensity - 1

    def spend(self, seen: Seen, now: float) -> None:
        """It is ended now."""
        self._at.setdefault(seen.role, deque()).append(now)

    def renew(self) -> None:
        """A new supervisor counts anew."""
        self._at.clear()


class Nemesis:
    """Draws strikes. Roles come from a deck that is shuffled anew when it is through, so each has its share."""

    def __init__(self, seed: int, families: Sequence[str], acts: Iterable[Act], budget: Budget) -> None:
        self.dice = random.Random(seed)
        self.budget = budget
        self._families = tuple(families)
        self._acts = {act: WEIGHTS[act] for act in acts}
        self._deck: list[str] = []
        self._mishaps: list[dict[str, object]] = []
        self._mishap = 0
        self._struck: dict[str, int] = {}

    def next(self, present: Sequence[Seen], now: float) -> Strike | None:
        """The next strike against those present; None: nobody can be struck just now."""
        act = self.dice.choices(list(self._acts), list(self._acts.values()))[0]
        if act is Act.VENUE:
            return Strike(act=act, mishap=self._next_mishap())
        if act in (Act.SWITCH, Act.CONTROL):
            return Strike(act=act, seconds=self.dice.uniform(*HOLD_S))
        if act in (Act.SUPERVISOR, Act.POWER):
            return Strike(act=act, victims=tuple(present))
        return self._against_some(act, present, now)

    def _against_some(self, act: Act, present: Sequence[Seen], now: float) -> Strike | None:
        victims: list[Seen] = []
        for _ in range(2 if act is Act.PAIR else 1):
            found = self._draw([seen for seen in present if seen not in victims], now)
            if found is not None:
                victims.append(found)
        if not victims:
            return None
        if act is Act.PAUSE:
            return Strike(act=act, victims=tuple(victims), seconds=self.dice.uniform(*PAUSE_S))
        for victim in victims:
            self.budget.spend(victim, now)
            self._struck[victim.role] = self._struck.get(victim.role, 0) + 1
        alone = act is Act.PAIR and len(victims) == 1
        return Strike(act=Act.KILL if alone else act, victims=tuple(victims))

    def _draw(self, present: Sequence[Seen], now: float) -> Seen | None:
        """The first family of the deck that is there and can take it; who is away is owed what it missed."""
        for _ in range(2):
            for family in self._deck:
                found = [seen for seen in present if seen.family == family and self.budget.has(seen, now)]
                if found:
                    self._deck.remove(family)
                    return min(found, key=lambda seen: (self._struck.get(seen.role, 0), seen.role))
            again = [family for family in self._families if self._deck.count(family) < MAX_OWED]
            self.dice.shuffle(again)
            self._deck += again
        return None

    def _next_mishap(self) -> dict[str, object]:
        if not self._mishaps:
            self._mishaps = list(MISHAPS)
            self.dice.shuffle(self._mishaps)
        self._mishap += 1
        return scripted(self._mishap, self._mishaps.pop())
