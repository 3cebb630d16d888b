"""The day's loss: when a new count begins, when it trips, when what it tripped is over."""

from __future__ import annotations

from messages.orders import OrderFilled
from messages.risk import LossDayBegan, LossStatus
from messages.values import SECOND, MarketNs, Money
from trading.risk.daily_loss import DailyLoss, Reset
from trading.risk.profit import LossDay, ProfitAndLoss, day_of, earned_before

MARKS_PATIENCE_NS = 10 * SECOND
"""How long a new loss day waits for marks of everything that is held."""


class LossWatch:
    """Durable, from facts alone: the day, and whether the halt in force is an earlier day's."""

    def __init__(self, limit: DailyLoss, pnl: ProfitAndLoss) -> None:
        self.limit = limit
        self.pnl = pnl
        self.day = LossDay()
        self.is_of_before = False
        """The halt in force was tripped by an earlier day."""
        self._begun: LossDayBegan | None = None
        self._found = Money(0)
        """What was found since that was said had earned before: it is not in its equity."""

    def hear(self, began: LossDayBegan, *, holds: bool) -> None:
        """The loss is counted from here; `holds`: it stops the account now."""
        self.is_of_before |= holds and began.day > self.day.day
        self.day.hear(began)
        if self._begun == began:
            self._begun = None

    def amend(self) -> LossDayBegan | None:
        """The count that was just heard once more, with what was found while it was being written down."""
        if self._begun is not None or not self._found:
            return None
        self._begun = LossDayBegan(day=self.day.day, equity=Money(self.day.equity + self._found))
        self._found = Money(0)
        return self._begun

    def found(self, fill: OrderFilled) -> None:
        """A position that was found brings what it had earned before along."""
        self.day.found(fill)
        if self._begun is not None:
            self._found = Money(self._found + earned_before(fill))

    def halted(self) -> None:
        """The halt came, or went: from here on it is this day's."""
        self.is_of_before = False

    def forget_said(self) -> None:
        """What an earlier life said and did not get committed was never said."""
        self._begun, self._found = None, Money(0)

    def trips(self) -> str:
        """Why the account stops quoting; empty while it does not."""
        if not self.day.day or self._begun is not None:
            return ""
        return self.limit.trips(self.day.net(self.pnl.profit()))

    def turn(self, now: MarketNs, ready_ns: int) -> LossDayBegan | None:
        """A new count, when a new day came and everything held has a mark, or none is to be had."""
        if self._begun is not None or not self.day.is_over(now):
            return None
        if not self.pnl.is_marked and ready_ns < MARKS_PATIENCE_NS:
            return None
        return self.begin(day_of(now))

    def begin(self, day: str) -> LossDayBegan:
        """A new count, from what was earned so far."""
        self._begun, self._found = LossDayBegan(day=day, equity=self.pnl.profit().worst), Money(0)
        return self._begun

    def restart(self, now: MarketNs) -> LossDayBegan | None:
        """A new count because a person said to go on, where that is theirs to say."""
        return self.begin(max(self.day.day, day_of(now))) if self.limit.reset is Reset.HUMAN else None

    @property
    def lifts(self) -> bool:
        """Where the next day lifts it, a loss of an earlier day stops nothing."""
        return self.limit.reset is Reset.NEXT_DAY and self.is_of_before

    def why_not_resume(self, reason: str) -> str:
        """Why a person may not lift its halt now; empty when they may."""
        if not reason:
            return "a daily loss is lifted only with a reason"
        still = self.limit.trips(self.day.net(self.pnl.profit()))
        return f"{still}: the next UTC day lifts it" if still and self.limit.reset is Reset.NEXT_DAY else ""

    def status(self) -> LossStatus:
        """Profit and loss, for people."""
        profit = self.pnl.profit()
        return LossStatus(
            realized=profit.realized,
            pending=profit.pending,
            unrealized=profit.unrealized,
            fees=profit.fees,
            day=self.day.day,
            day_net=self.day.net(profit),
            max_daily_loss=self.limit.max_loss,
        )
