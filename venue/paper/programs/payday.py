"""00:00 UTC of market time: the day that ended is paid to its makers (VENUE §7.1, §7.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from messages.values import MICRO, MarketNs, Money
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.settlement import digest
from venue.paper.programs.minutes import DAY, Minutes, day_of
from venue.paper.programs.rebates import Rebates
from venue.paper.programs.rewards import Rewards

LEAST = Money(MICRO)
"""An account's day of a program below this is not paid."""
REWARDS, REBATES = "rewards", "rebates"


class Payday:
    """Pays once for each day, also for one that ended while the venue was away."""

    def __init__(self, exchange: Exchange, minutes: Minutes, rewards: Rewards, rebates: Rebates) -> None:
        self._exchange = exchange
        self._rewards = rewards
        self._rebates = rebates
        self._day: int | None = None
        self.told: list[Callable[[str, Money, str], None]] = []
        """Who hears of each reward that was paid: maker, dollars, transaction."""
        minutes.each(self._look)

    def _look(self, at: MarketNs) -> None:
        today = day_of(at)
        if today == self._day:
            return
        self._day = today
        for day in sorted({*self._rewards.unpaid_days(today), *self._rebates.unpaid_days(today)}):
            self._pay(day)

    def _pay(self, day: int) -> None:
        earned = _enough(self._rewards.owed(day))
        rebated = _enough(self._rebates.owed(day))
        self._rebates.close(day)
        self._rewards.close(day)
        date = date_of(day)
        payments = [(maker, dollars, f"{REWARDS} {date}") for maker, dollars in earned.items()]
        payments += [(maker, dollars, f"{REBATES} {date}") for maker, dollars in rebated.items()]
        self._exchange.pay(payments)
        for maker, dollars in earned.items():
            for tell in self.told:
                tell(maker, dollars, digest(REWARDS, date, maker))


def date_of(day: int) -> str:
    """2026-11-21."""
    return datetime.fromtimestamp(day * DAY // 10**9, UTC).strftime("%Y-%m-%d")


def day_named(date: str) -> int | None:
    """The day of a date as `date_of` writes it; None for anything else."""
    try:
        begins = datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    found = int(begins.timestamp()) * 10**9 // DAY
    return found if date_of(found) == date else None


def _enough(owed: Mapping[str, Money]) -> dict[str, Money]:
    return {maker: dollars for maker, dollars in owed.items() if dollars >= LEAST}
