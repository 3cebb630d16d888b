"""What stops the account: folded from facts, ahead of them by what was said and is not committed yet."""

from __future__ import annotations

from messages.risk import HaltCause, Level, TradingHalted, TradingResumed
from messages.system import Room

LIFTED_BY_PEOPLE = (
    HaltCause.OPERATOR,
    HaltCause.DAILY_LOSS,
    HaltCause.PROCESS_FAILED,
    HaltCause.JOURNAL,
    HaltCause.VENUE_REFUSES,
    HaltCause.SECOND_ENGINE,
    HaltCause.DRIFT,
)
"""The others go with what caused them."""
ROOM_LEVELS = {Room.SHORT: Level.HALT_QUOTES, Room.NONE: Level.FREEZE}
"""What the account may do while the disk has no more room than this."""
TIGHTNESS = {Level.RUN: 0, Level.HALT_QUOTES: 1, Level.FREEZE: 2}


class Halts:
    """Halts survive restarts by replay. Tightening counts from when it is said, loosening when it is heard."""

    def __init__(self) -> None:
        self.active: dict[HaltCause, TradingHalted] = {}
        """By committed facts."""
        self._said: dict[HaltCause, TradingHalted | TradingResumed] = {}

    def hear(self, fact: TradingHalted | TradingResumed) -> None:
        """It is committed."""
        if self._said.get(fact.cause) == fact:
            del self._said[fact.cause]
        if isinstance(fact, TradingHalted):
            self.active[fact.cause] = fact
        else:
            self.active.pop(fact.cause, None)

    def say(self, fact: TradingHalted | TradingResumed) -> None:
        """We say it now; the journal will have it."""
        self._said[fact.cause] = fact

    def forget_said(self) -> None:
        """After a replay: what an earlier life said and was not committed was never said."""
        self._said.clear()

    def will_hold(self, cause: HaltCause) -> bool:
        """Whether this cause stops the account once all that was said is committed."""
        said = self._said.get(cause)
        return cause in self.active if said is None else isinstance(said, TradingHalted)

    def tightens(self, cause: HaltCause, level: Level) -> bool:
        """Whether this would stop the account further than the cause does once all that was said is committed."""
        said = self._said.get(cause) or self.active.get(cause)
        return not isinstance(said, TradingHalted) or TIGHTNESS[level] > TIGHTNESS[said.level]

    def in_force(self) -> list[TradingHalted]:
        """Everything that stops the account now, tightest first."""
        fresh = {c: f for c, f in self._said.items() if isinstance(f, TradingHalted)}
        return sorted({**self.active, **fresh}.values(), key=lambda h: -TIGHTNESS[h.level])

    @property
    def level(self) -> Level:
        """The tightest level of all."""
        halts = self.in_force()
        return halts[0].level if halts else Level.RUN

    @property
    def coming(self) -> Level:
        """The level once all that was said is committed."""
        halts = {**self.active, **{c: f for c, f in self._said.items() if isinstance(f, TradingHalted)}}
        levels = [halt.level for cause, halt in halts.items() if self.will_hold(cause)]
        return max(levels, key=lambda level: TIGHTNESS[level], default=Level.RUN)

    @property
    def reason(self) -> str:
        """In words."""
        return "; ".join(
            f"{h.cause.value}: {h.reason}" if h.reason else h.cause.value for h in self.in_force()
        )
