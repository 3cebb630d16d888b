"""Crypto up/down windows: does a coin end a stretch of time no lower than it began it? One market a window.

Strike and close are the averages of the reference price over the 60 seconds up to the window's start and end; Up
wins if the close is not below the strike (VENUE §9). Assumed: that the strike is such an average too, as public
recorders found of the venue; and that each window is listed one window ahead, where the venue lists them a day ahead.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import msgspec

from messages.values import MICRO, MS, SECOND, MarketId, MarketNs, Price, Size, TokenId
from venue.paper.crowd.characters import WINDOW
from venue.paper.crowd.odds import WindowOdds
from venue.paper.crowd.reference import COINS, Coin, Reference
from venue.paper.engine.terms import Market

AHEAD = 1
"""Windows of a series that are listed before they begin."""
RESOLVED_AFTER_S = 60
"""Seconds from a window's end to its resolution (VENUE §9: about a minute)."""
TAKER_DELAY_NS = 150 * MS
"""VENUE §3.9."""
UP, DOWN = "Up", "Down"


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Windows of one coin and length, one after the other; they begin at multiples of their length."""

    symbol: str
    label: str
    """In slugs: `5m`."""
    length_s: int
    """A multiple of 300."""
    place: int
    """Among all series, below 8."""

    @property
    def coin(self) -> Coin:
        """What they are about."""
        return COINS[self.symbol]

    def between(self, first_s: int, last_s: int) -> list[Window]:
        """The windows listed by `last_s` and not yet resolved at `first_s`, earliest first."""
        length = self.length_s
        first = (first_s - RESOLVED_AFTER_S) // length
        return [Window(self, number * length) for number in range(first, last_s // length + AHEAD + 1)]


SERIES = (
    Series(symbol="btc", label="5m", length_s=300, place=0),
    Series(symbol="btc", label="15m", length_s=900, place=1),
    Series(symbol="btc", label="1h", length_s=3_600, place=2),
    Series(symbol="eth", label="15m", length_s=900, place=3),
)
"""Those of the demo world."""


class Window(msgspec.Struct, frozen=True):
    """One window. Times are whole seconds since the Unix epoch."""

    series: Series
    start_s: int

    @property
    def slug(self) -> str:
        """As the venue spells it: `btc-updown-5m-1784850900`."""
        return f"{self.series.symbol}-updown-{self.series.label}-{self.start_s}"

    @property
    def listed_s(self) -> int:
        """When it begins to take orders."""
        return self.start_s - AHEAD * self.series.length_s

    @property
    def end_s(self) -> int:
        """When it takes no more."""
        return self.start_s + self.series.length_s

    @property
    def resolved_s(self) -> int:
        """When its outcome is told."""
        return self.end_s + RESOLVED_AFTER_S

    @property
    def id(self) -> MarketId:
        """Its condition id."""
        return MarketId("0x" + _digest(self.slug, "market"))

    @property
    def tokens(self) -> tuple[TokenId, TokenId]:
        """Up and Down."""
        up, down = (TokenId(str(int(_digest(self.slug, side), 16))) for side in (UP, DOWN))
        return up, down

    def odds(self, reference: Reference) -> WindowOdds:
        """What it is worth, and how it ends."""
        return WindowOdds(reference, self.series.coin, self.listed_s, self.start_s, self.end_s)

    def market(self) -> Market:
        """As it is when it is listed."""
        coin, (up, down) = self.series.coin, self.tokens
        return Market(
            id=self.id,
            slug=self.slug,
            question=f"{coin.name} Up or Down - {_stretch(self.start_s, self.end_s)}",
            description=(
                f"Up wins if the mean price of {coin.name} in dollars over the last 60 seconds of this stretch of"
                " time is at least the mean over the 60 seconds before it began, by this venue's own reference"
                f" price ({self.series.symbol}/usd on its live-data channel); otherwise Down wins."
            ),
            category="crypto",
            outcomes=(UP, DOWN),
            number=self.start_s // 300 * 8 + self.series.place,
            yes=up,
            no=down,
            tick=Price(10_000),
            min_size=Size(5 * MICRO),
            measured_from=MarketNs(self.start_s * SECOND),
            ends_at=MarketNs(self.end_s * SECOND),
            taker_delay_ns=TAKER_DELAY_NS,
            fee_rate=WINDOW.fee_rate,
            rebate_rate=WINDOW.rebate_rate,
            rewards_min_size=Size(50 * MICRO),
            rewards_max_spread=45_000,
        )


def _digest(*parts: str) -> str:
    return hashlib.blake2b(":".join(parts).encode(), digest_size=32).hexdigest()


def _stretch(start_s: int, end_s: int) -> str:
    """`July 23, 8:20PM-8:25PM ET`."""
    start, end = _eastern(start_s), _eastern(end_s)
    return f"{start:%B} {start.day}, {_clock(start)}-{_clock(end)} ET"


def _clock(at: datetime) -> str:
    return f"{at.hour % 12 or 12}:{at:%M%p}"


def _eastern(second: int) -> datetime:
    """New York's clock: five hours behind UTC, four from March's second Sunday to November's first, at 2 a.m."""
    standard = datetime.fromtimestamp(second, UTC) - timedelta(hours=5)
    begins, ends = _sunday(standard.year, 3, 8), _sunday(standard.year, 11, 1)
    is_summer = begins + timedelta(hours=2) <= standard < ends + timedelta(hours=1)
    return standard + timedelta(hours=1) if is_summer else standard


def _sunday(year: int, month: int, day: int) -> datetime:
    """The first Sunday from that day on."""
    at = datetime(year, month, day, tzinfo=UTC)
    return at + timedelta(days=6 - at.weekday())
