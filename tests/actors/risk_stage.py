"""A RiskActor with the words its surroundings would say."""

from actors.risk import RiskActor, RiskSettings
from messages.base import Message
from messages.risk import (
    ControlReply,
    GetStatus,
    HaltTrading,
    KillSwitchSeen,
    Level,
    ResumeTrading,
    TradingPermit,
)
from messages.system import EngineState, Roster
from messages.values import SECOND, Money, RoleName
from tests.factories import Stage, a_book, a_fill, of
from trading.risk import DailyLoss, Reset, RiskLimits

DAY = 86_400 * SECOND
GONE = KillSwitchSeen(present=False)
KILL = KillSwitchSeen(present=True, reason="maintenance")


class Judge(Stage):
    """A RiskActor, with the words its surroundings would say."""

    def __init__(self, reset: Reset = Reset.HUMAN, max_loss: int = 50_000_000) -> None:
        rule = DailyLoss(max_loss=Money(max_loss), reset=reset)
        self.risk = RiskActor(RiskSettings(limits=RiskLimits(daily_loss=rule)))
        self.is_supervised = True
        super().__init__(self.risk, RoleName("risk"))

    def _set_time(self) -> None:
        super()._set_time()
        if self.is_supervised:
            self.risk.handle(self.risk.others.roster or Roster(engine=EngineState.RUNNING, present=()))

    def permit(self) -> TradingPermit | None:
        """What the half-second timer says."""
        permits = of(TradingPermit, self.call("permit"))
        return permits[-1] if permits else None

    @property
    def level(self) -> Level | None:
        """What the account may do."""
        permit = self.permit()
        return None if permit is None else permit.level

    def lose(self, dollars: int) -> list[Message]:
        """Buy at 60, and see the market at 10: half a dollar a share."""
        return self.hear(a_fill(dollars * 2, 60), a_book(9, 11))

    def ask(self, question: HaltTrading | ResumeTrading | GetStatus) -> tuple[ControlReply, list[Message]]:
        """The one answer, and everything that was said with it."""
        said = self.hear(question)
        (reply,) = of(ControlReply, said)
        return reply, said


def judging(reset: Reset = Reset.HUMAN, **changes: int) -> Judge:
    """A RiskActor in the middle of a quiet day."""
    stage = Judge(reset, **changes)
    stage.recover()
    stage.hear(GONE)
    stage.call("permit")
    return stage


def halt(request: str = "1", reason: str = "lunch") -> HaltTrading:
    return HaltTrading(request=request, reason=reason, sender="00ff", by="ann")


def resume(request: str = "2", reason: str = "back") -> ResumeTrading:
    return ResumeTrading(request=request, reason=reason, sender="00ff", by="ann")


def kinds(said: list[Message]) -> list[str]:
    return [type(message).__name__ for message in said]
