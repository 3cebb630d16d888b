"""Liveness: when everything is healed the house comes back by itself, and when it is told to stop the book is empty."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from messages.values import SECOND, RealNs, Side
from simulation.checks.ward import Checker, Ward
from trading.orders import Status
from venue.paper.engine.terms import Market

MAKER = "maker"


class HouseView(Protocol):
    """What is asked of the simulated house."""

    def waiting(self) -> list[str]:
        """Permanent roles that are not ready."""

    def orphaned(self) -> list[str]:
        """Open exits without a living liquidator."""

    def behind(self) -> list[str]:
        """Roles that have not heard the newest fact."""


class Goal(msgspec.Struct, frozen=True):
    """Something that must come about once, so many seconds after it may be expected."""

    invariant: str
    within_s: float
    missing: Callable[[], str]
    """What is not so yet; empty when it has come about."""


class Progress(Checker):
    """L1 to L6. Nothing is asked before `heal`."""

    def __init__(
        self, ward: Ward, house: HouseView, markets: Callable[[], Iterable[Market]] = lambda: ()
    ) -> None:
        """`markets` are all that are listed, as the venue has them."""
        super().__init__(ward)
        self._house = house
        self._markets = markets
        self._open: list[tuple[Goal, RealNs]] = []
        self.stopped_at: RealNs | None = None
        """When the whole system was told to stop."""
        self.is_restored = False
        """Everything that was expected has come about."""

    def heal(self) -> None:
        """Nothing goes wrong from now on."""
        self._expect(
            Goal("L1", 60, self._not_ready),
            Goal("L2", 130, self._not_quoting),
            Goal("L3", 60, self._unknown),
            Goal("L4", 70, self._orphaned),
            Goal("L5", 65, self._behind),
        )

    def stop(self) -> None:
        """The whole system is told to stop."""
        self.stopped_at = self.ward.now()
        self._open.clear()
        self._expect(Goal("L6", 20, self._resting))

    def second(self) -> None:
        """Goals that are reached leave; those that are late are said, once."""
        now = self.ward.now()
        for goal, by in list(self._open):
            missing = goal.missing()
            if not missing:
                self._open.remove((goal, by))
            elif now > by:
                self._open.remove((goal, by))
                self.ward.violated(goal.invariant, f"after {goal.within_s:g} s: {missing}")
        self.is_restored = not self._open

    def _expect(self, *goals: Goal) -> None:
        self.is_restored = False
        self._open += [(goal, self.ward.now() + round(goal.within_s * SECOND)) for goal in goals]

    def _not_ready(self) -> str:
        waiting = self._house.waiting()
        return f"{', '.join(waiting)} not ready" if waiting else ""

    def _not_quoting(self) -> str:
        """Both sides of one market, as the venue has it; nothing is missing where no market is to be had."""
        if not any(m.accepting_orders and not self.ward.is_occupied(m.id) for m in self._markets()):
            return ""
        sides: dict[str, set[Side]] = {}
        for order in self.ward.records.live:
            intent = self.ward.intents.get(order)
            if intent is not None and intent.order.owner == MAKER:
                sides.setdefault(intent.order.market, set()).add(intent.order.side)
        return "" if any(len(found) == 2 for found in sides.values()) else "no quote of two sides rests"

    def _unknown(self) -> str:
        account = self.ward.believed()
        if account is None:
            return "no gateway is ready"
        count = account.table.count(Status.UNKNOWN)
        return f"{count} orders are UNKNOWN" if count else ""

    def _orphaned(self) -> str:
        found = self._house.orphaned()
        return f"no liquidator for {', '.join(found)}" if found else ""

    def _behind(self) -> str:
        found = self._house.behind()
        return f"{', '.join(found)} not at the journal's head" if found else ""

    def _resting(self) -> str:
        live = [order for order in self.ward.records.live if not self.ward.is_alien(order)]
        return f"{len(live)} orders rest" if live else ""
