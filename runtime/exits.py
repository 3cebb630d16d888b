"""Which exits are open and who works each off, folded from the facts of the hand-over."""

from __future__ import annotations

import msgspec

from messages.base import Message
from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired
from messages.values import ExitId, RoleName


class Exit(msgspec.Struct):
    """One open exit."""

    retired: MarketRetired
    assigned: LiquidatorAssigned | None = None
    """Once that is committed: who was assigned before might complete it before."""
    is_said: bool = False
    """Somebody is about to be assigned."""


class Exits:
    """Every market that was retired and is not flat yet."""

    def __init__(self) -> None:
        self.open: dict[ExitId, Exit] = {}
        self._done: set[ExitId] = set()

    def note(self, fact: Message) -> None:
        """Take one fact into account; told twice it changes nothing."""
        match fact:
            case MarketRetired() if fact.exit not in self.open and fact.exit not in self._done:
                self.open[fact.exit] = Exit(fact)
            case LiquidatorAssigned() if fact.exit in self.open:
                self.open[fact.exit].assigned = fact
            case ExitCompleted():
                self.open.pop(fact.exit, None)
                self._done.add(fact.exit)
            case _:
                pass

    def say(self, assigned: LiquidatorAssigned) -> LiquidatorAssigned:
        """Somebody is assigned by our word; it counts when it is heard."""
        self.open[assigned.exit].is_said = True
        return assigned

    def unassigned(self) -> list[MarketRetired]:
        """Retired markets nobody works off yet, nor will as soon as that is committed."""
        return [exit_.retired for exit_ in self.open.values() if exit_.assigned is None and not exit_.is_said]

    def assignments(self) -> list[LiquidatorAssigned]:
        """Liquidators that must live."""
        return [exit_.assigned for exit_ in self.open.values() if exit_.assigned is not None]


def liquidator_for(retired: MarketRetired) -> LiquidatorAssigned:
    """The liquidator of a retired market: a role of its own, named after the market."""
    return LiquidatorAssigned(
        exit=retired.exit,
        market=retired.market,
        slug=retired.slug,
        liquidator=RoleName(f"liquidator:{retired.market.removeprefix('0x')[:8]}"),
    )
