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
        self._said: list[TradingHalted | TradingResumed] = []
        """In the order in which it was said, and so will be heard."""

    def hear(self, fact: TradingHalted | TradingResumed) -> None:
        """It is committed."""
        if fact in self._said:
            self._said.remove(fact)
        if isinstance(fact, TradingHalted):
            self.active[fact.cause] = fact
        else:
            self.active.pop(fact.cause, None)

    def say(self, fact: TradingHalted | TradingResumed) -> None:
        """We say it now; the journal will have it."""
        self._said.append(fact)

    def forget_said(self) -> None:
        """After a replay: what an earlier life said and was not committed was never said."""
        self._said.clear()

    def unheard(self, cause: HaltCause) -> TradingHalted | TradingResumed | None:
        """The newest word on this cause that was said and is not heard."""
        return next((fact for fact in reversed(self._said) if fact.cause is cause), None)

    def will_hold(self, cause: HaltCause) -> bool:
        """Whether this cause stops the account once all that was said is committed."""
        return isinstance(self._last(cause), TradingHalted)

    def tightens(self, cause: HaltCause, level: Level) -> bool:
        """Whether this would stop the account further than the cause does once all that was said is committed."""
        said = self._last(cause)
        return not isinstance(said, TradingHalted) or TIGHTNESS[level] > TIGHTNESS[said.level]

    def in_force(self) -> list[TradingHalted]:
        """Everything that stops the account now, tightest first."""
        fresh = [fact for fact in self._said if isinstance(fact, TradingHalted)]
        tightest: dict[HaltCause, TradingHalted] = {}
        for halt in (*self.active.values(), *fresh):
            known = tightest.get(halt.cause)
            if known is None or TIGHTNESS[halt.level] >= TIGHTNESS[known.level]:
                tightest[halt.cause] = halt
        return sorted(tightest.values(), key=lambda h: -TIGHTNESS[h.level])

    @property
    def level(self) -> Level:
        """The tightest level of all."""
        halts = self.in_force()
        return halts[0].level if halts else Level.RUN

    @property
    def coming(self) -> Level:
        """The level once all that was said is committed."""
        last = [self._last(cause) for cause in {*self.active, *(fact.cause for fact in self._said)}]
        levels = [fact.level for fact in last if isinstance(fact, TradingHalted)]
        return max(levels, key=lambda level: TIGHTNESS[level], default=Level.RUN)

    def _last(self, cause: HaltCause) -> TradingHalted | TradingResumed | None:
        """The newest word on this cause, heard or not."""
        return self.unheard(cause) or self.active.get(cause)

    @property
    def reason(self) -> str:
        """In words."""
        return "; ".join(
            f"{h.cause.value}: {h.reason}" if h.reason else h.cause.value for h in self.in_force()
        )
