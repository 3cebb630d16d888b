"""Which tier of limits a signer is in: by what it traded in thirty days of market time (VENUE §8.2)."""

from __future__ import annotations

from typing import NamedTuple

from messages.values import MICRO, SECOND, Money
from venue.paper.doors.keys import Keys
from venue.paper.doors.listening import Listening
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Trade, TradeStatus

DAY_NS = 86_400 * SECOND
WINDOW_DAYS = 30


class Allowance(NamedTuple):
    """A bucket's tokens a second, the most it holds, and whether it may go below zero."""

    rate: int
    burst: int
    may_owe: bool = False


class Tier(NamedTuple):
    """What a signer may send from a volume in dollars on."""

    name: str
    volume: int
    orders: Allowance
    cancels: Allowance


TIERS = (
    Tier("standard", 0, Allowance(40, 60), Allowance(80, 120, may_owe=True)),
    Tier("copper", 30_000, Allowance(60, 90), Allowance(120, 180, may_owe=True)),
    Tier("bronze", 50_000, Allowance(80, 120), Allowance(160, 240, may_owe=True)),
    Tier("silver", 100_000, Allowance(200, 300), Allowance(400, 600, may_owe=True)),
    Tier("gold", 500_000, Allowance(400, 600), Allowance(800, 1_200, may_owe=True)),
    Tier("platinum", 2_500_000, Allowance(450, 675), Allowance(900, 1_350)),
    Tier("diamond", 5_000_000, Allowance(525, 787), Allowance(1_050, 1_575)),
    Tier("elite", 10_000_000, Allowance(600, 900), Allowance(1_200, 1_800)),
)


def tier_at(volume: Money) -> Tier:
    """The tier of a volume in millionths of a dollar."""
    return next(tier for tier in reversed(TIERS) if volume >= tier.volume * MICRO)


class Volumes(Listening):
    """Dollars traded by each signer, as taker and as maker, by day. A signer is the address of an API key."""

    def __init__(self, exchange: Exchange, keys: Keys) -> None:
        self._exchange = exchange
        self._keys = keys
        self._days: dict[str, dict[int, int]] = {}
        exchange.listen(self)

    def of(self, signer: str) -> Money:
        """What a signer traded in the last thirty days, in millionths of a dollar."""
        days = self._days.get(signer)
        if days is None:
            days = self._days[signer] = self._recalled(signer)
        oldest = self._today() - WINDOW_DAYS
        for day in [day for day in days if day <= oldest]:
            del days[day]
        return Money(sum(days.values()))

    def tier(self, signer: str) -> Tier:
        """The tier a signer is in now. The venue takes up to three hours to notice; here it is at once."""
        return tier_at(self.of(signer))

    def trade_changed(self, trade: Trade) -> None:
        """Its first word counts; those who never called yet are looked up when they do."""
        if trade.status is not TradeStatus.MATCHED:
            return
        for owner, dollars in _parties(trade):
            key = self._keys.find(owner) if owner else None
            if key is not None and key.address in self._days:
                _add(self._days[key.address], trade, dollars)

    def _recalled(self, signer: str) -> dict[int, int]:
        """From the ledger: what was traded before the signer was first looked up."""
        days: dict[int, int] = {}
        since_s = max(0, (self._today() - WINDOW_DAYS) * DAY_NS // SECOND)
        for key in self._keys.of(signer):
            for trade in self._exchange.trades(key, after_s=since_s):
                for owner, dollars in _parties(trade):
                    if owner == key:
                        _add(days, trade, dollars)
        return days

    def _today(self) -> int:
        return int(self._exchange.clock.now()) // DAY_NS


def _parties(trade: Trade) -> list[tuple[str, int]]:
    """Who traded, and for how much, in millionths of a dollar."""
    taker = (trade.taker_owner, trade.price * trade.size // MICRO)
    return [taker, *((leg.owner, leg.price * leg.size // MICRO) for leg in trade.legs)]


def _add(days: dict[int, int], trade: Trade, dollars: int) -> None:
    day = int(trade.matched_at) // DAY_NS
    days[day] = days.get(day, 0) + dollars
