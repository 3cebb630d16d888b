"""A bench whose markets pay: its programs, and whole minutes and days of market time."""

from __future__ import annotations

from typing import Any

from messages.values import MICRO, SECOND, MarketNs, Money, Price, Size
from tests.venue.paper.engine_bench import Bench, a_market
from venue.paper.engine.tape import TapeEvent
from venue.paper.engine.terms import Market
from venue.paper.ledger.ledger import Ledger
from venue.paper.programs.minutes import DAY, MINUTE
from venue.paper.programs.programs import Programs

NOON = 20_778 * DAY + DAY // 2
"""Of 21 November 2026."""


def a_rewarded_market(**terms: Any) -> Market:
    """24 dollars a day within 4.5 cents from 50 shares on; a fee of 5 %, a quarter of it for makers."""
    given: dict[str, Any] = {
        "rewards_daily": Money(24 * MICRO),
        "rewards_min_size": Size(50 * MICRO),
        "rewards_max_spread": 45_000,
        "fee_rate": 50_000,
        "rebate_rate": 250_000,
    }
    return a_market(**{**given, **terms})


class ProgramBench(Bench):
    """It begins ten seconds after noon; minutes are counted from the first full one."""

    def __init__(
        self,
        *events: TapeEvent,
        market: Market | None = None,
        ledger: Ledger | None = None,
        dollars: int = 10_000,
    ) -> None:
        super().__init__(
            *events,
            market=market or a_rewarded_market(),
            ledger=ledger,
            dollars=dollars,
            starts_at=MarketNs(NOON + 10 * SECOND),
        )
        self.programs = Programs(self.exchange)
        self.rewards = self.programs.rewards
        self.to_minute = (-int(self.clock.origin) % MINUTE) / 10**9
        self.to_midnight = (-int(self.clock.origin) % DAY) / 10**9

    @property
    def today(self) -> int:
        """The day of the market clock."""
        return int(self.clock.now()) // DAY

    def minutes(self, count: float) -> None:
        """It is so many minutes after the first full one."""
        self.at(self.to_minute + 60 * count)

    def midnight(self, days: int = 1) -> None:
        """It is just past the n-th midnight after the start."""
        self.at(self.to_midnight + 86_400 * (days - 1) + 0.001)

    def earned(self, maker: str, day: int | None = None) -> float:
        """Dollars of liquidity rewards."""
        found = self.rewards.earnings(maker, self.today if day is None else day)
        return sum(found.values()) / MICRO


def cents(number: float) -> Price:
    """A price."""
    return Price(round(number * 10_000))
