"""A small seeded crowd for worlds without recordings: a dozen markets, each a price that swings and comes back.

Simple on purpose: makers keep a ladder around a latent price and refill what was taken, takers arrive at random
with runs of one side and heavy-tailed sizes, jumps are news that some takers hear before the makers.
It never sees our orders. Everything follows from (seed, market, hour), so an hour can be played without those
before it and the tape is the same for the same seed, whatever else happens.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Iterator, Sequence

import msgspec

from messages.values import MICRO, SECOND, MarketId, Money, Price, Side, Size, TokenId
from venue.paper.engine.tape import BookSet, Levels, LevelSet, Printed, TapeEvent
from venue.paper.engine.terms import Market, TokenSide

VERSION = "crowd 1"
HOUR_S = 3_600
TICK = Price(10_000)
CENTS = 100
LOT = 10_000
SETTLE_S = 300
"""The last seconds of an hour, in which the swing fades so that the next hour joins on."""
MEMORY = 48
"""Hours after which a level of the price is forgotten, and how much of it each hour keeps:"""
KEEP = 0.8
LEVELS = 6
"""Makers keep this many on a side, with this share of the depth on each, and none further than REACH."""
PROFILE = (0.6, 0.9, 1.2, 1.5, 1.2, 1.0)
REACH = 12
FOLLOW, PULL = 0.3, 0.5
"""How fast makers follow the price, and pull what it has passed, per second."""
NEWS_S, HEARD = 6, 0.5
"""Seconds for which news brings informed takers, and how likely one is in each."""
HEAT, COOLING = 2.0, 0.95
"""Takers draw takers: the rate trebles after one, and cools by this factor per second."""
SIZE_SPREAD = 1.3
PATIENCE = 5
"""Levels a taker walks at most."""


class Character(msgspec.Struct, frozen=True, kw_only=True):
    """How a market behaves. Rates are per market second, prices in log-odds unless a name says cents."""

    name: str
    swing: float
    """Pull of a run of one side on the price, per second."""
    noise: float
    """Standard deviation of the price's steps, per square root of a second."""
    reversion_s: float = 500.0
    """How long the price takes to come back from a swing."""
    hourly: float = 0.10
    """Standard deviation of the level between hours."""
    run_s: float = 420.0
    """Mean length of a run of one side."""
    takers: float
    one_sided: float = 0.72
    """Probability that a taker goes with the run."""
    jumps: float = 0.0
    jump: float = 0.25
    half_cents: float = 1.0
    """Makers' distance from their price."""
    depth: float
    """Mean shares on a level near the price."""
    refill: float = 0.25
    """Probability per second that an empty level is filled again."""
    stir: float = 0.25
    """Level updates for no reason, per second."""
    size: float = 25.0
    """Median shares of a taker's order; the tail is log-normal."""
    rewards: float = 0.0
    """Dollars a day for resting near the middle."""


CALM = Character(name="calm", swing=0.0004, noise=0.003, takers=0.008, depth=180, stir=0.12, rewards=20)
ACTIVE = Character(name="active", swing=0.0011, noise=0.005, takers=0.025, depth=40, run_s=700, rewards=40)
THIN = Character(
    name="thin",
    swing=0.0008,
    noise=0.005,
    takers=0.005,
    depth=14,
    half_cents=1.5,
    refill=0.06,
    stir=0.06,
    rewards=60,
)
JUMPY = Character(name="jumpy", swing=0.0014, noise=0.009, takers=0.02, depth=45, jumps=0.002, half_cents=1.2)


class Listing(msgspec.Struct, frozen=True):
    """A market of the demo world."""

    slug: str
    question: str
    category: str
    character: Character
    middle: float
    """The probability around which its price lives."""
    busy: float = 1.0
    """Multiplies the rate of takers."""

    @property
    def takers(self) -> float:
        """Takers per second, when nobody came lately."""
        return self.character.takers * self.busy


FEES = {
    "politics": (40_000, 250_000),
    "sports": (50_000, 150_000),
    "crypto": (70_000, 200_000),
    "weather": (50_000, 250_000),
    "culture": (50_000, 250_000),
    "economics": (50_000, 250_000),
}
"""Fee rate and makers' share of it by category, in millionths (VENUE §7.3)."""

LISTINGS = (
    Listing(
        "harbor-city-rovers-win-tonight", "Will Harbor City Rovers win tonight?", "sports", ACTIVE, 0.52, 1.3
    ),
    Listing(
        "northfield-vs-eastport-northfield", "Will Northfield beat Eastport?", "sports", ACTIVE, 0.44, 1.1
    ),
    Listing(
        "bitcoin-above-strike-on-friday",
        "Will Bitcoin close above the strike on Friday?",
        "crypto",
        ACTIVE,
        0.58,
    ),
    Listing("ether-up-this-week", "Will Ether end the week higher?", "crypto", JUMPY, 0.49),
    Listing("coalition-holds-until-june", "Will the coalition hold until June?", "politics", CALM, 0.63),
    Listing("turnout-above-60-percent", "Will turnout be above 60 percent?", "politics", CALM, 0.37),
    Listing(
        "mayor-reelected-in-ridgemont",
        "Will the mayor of Ridgemont be re-elected?",
        "politics",
        ACTIVE,
        0.47,
        0.8,
    ),
    Listing("rate-cut-at-next-meeting", "Will rates be cut at the next meeting?", "economics", CALM, 0.29),
    Listing(
        "jobs-report-beats-forecast", "Will the jobs report beat the forecast?", "economics", JUMPY, 0.55, 0.8
    ),
    Listing(
        "snow-in-lakeside-before-sunday", "Will it snow in Lakeside before Sunday?", "weather", THIN, 0.41
    ),
    Listing(
        "record-heat-in-the-valley", "Will the valley see record heat this month?", "weather", THIN, 0.68
    ),
    Listing(
        "song-of-the-year-is-lanterns", "Will Lanterns be song of the year?", "culture", ACTIVE, 0.36, 0.7
    ),
)


def tapes(seed: int) -> Sequence[CrowdTape]:
    """The demo world: one tape for each listing."""
    return [CrowdTape(listing, seed) for listing in LISTINGS]


class CrowdTape:
    """One market of the crowd; it never ends."""

    def __init__(self, listing: Listing, seed: int) -> None:
        self._listing = listing
        self._seed = seed

    @property
    def market(self) -> Market:
        """The market at the beginning of the world, newly made each time."""
        listing, (fee_rate, rebate_rate) = self._listing, FEES[self._listing.category]
        return Market(
            id=MarketId("0x" + _hash(self._seed, listing.slug, "market")),
            slug=listing.slug,
            question=listing.question,
            category=listing.category,
            yes=_token(self._seed, listing.slug, "yes"),
            no=_token(self._seed, listing.slug, "no"),
            tick=TICK,
            min_size=Size(5 * MICRO),
            fee_rate=fee_rate,
            rebate_rate=rebate_rate,
            rewards_min_size=Size(50 * MICRO),
            rewards_max_spread=45_000,
            rewards_daily=Money(int(listing.character.rewards * MICRO)),
            volume_24h=Money(int(listing.takers * 86_400 * 30 * listing.middle * MICRO)),
        )

    def events(self, since: int) -> Iterator[TapeEvent]:
        """Whole hours, from the one in which `since` lies on."""
        hour = since // (HOUR_S * SECOND)
        while True:
            yield from _Hour(self._listing, self._seed, hour).events()
            hour += 1


class _Hour:
    """An hour of one market: a latent price, the makers' ladder (cents to hundredths of a share), takers."""

    def __init__(self, listing: Listing, seed: int, hour: int) -> None:
        self._listing = listing
        self._is = listing.character
        self._starts_at = hour * HOUR_S * SECOND
        self._random = random.Random(int(_hash(seed, listing.slug, hour), 16))
        self._from = _level(listing, seed, hour)
        self._to = _level(listing, seed, hour + 1)
        self._swing = 0.0
        self._run = self._sign(0.5)
        self._news = 0
        self._heat = 0.0
        self._fair = _probability(self._from)
        self._bids: dict[int, int] = {}
        self._asks: dict[int, int] = {}

    def events(self) -> Iterator[TapeEvent]:
        """The book at the full hour, then second by second."""
        self._fill()
        yield BookSet(at=self._starts_at, bids=_levels(self._bids), asks=_levels(self._asks))
        for second in range(HOUR_S):
            at = self._starts_at + second * SECOND + 1 + int(self._random.random() * (SECOND - 1))
            self._move(second)
            yield from self._make(at)
            yield from self._take(at)

    def _move(self, second: int) -> None:
        """The latent price: a level that drifts over hours, a swing that runs and returns, and news."""
        draw, law = self._random.random, self._is
        if draw() < 1 / law.run_s:
            self._run = -self._run
        step = self._run * law.swing - self._swing / law.reversion_s + law.noise * self._random.gauss(0, 1)
        if draw() < law.jumps:
            self._news = round(math.copysign(NEWS_S, self._sign(0.5)))
            step += math.copysign(law.jump * (abs(self._random.gauss(0, 1)) + 0.3), self._news)
        self._swing += step
        share = second / HOUR_S
        fading = min(1.0, (HOUR_S - second) / SETTLE_S)
        latent = self._from * (1 - share) + self._to * share + fading * self._swing
        self._fair += (_probability(latent) - self._fair) * FOLLOW

    def _tops(self) -> tuple[int, int]:
        """Where makers want their best bid and ask, in cents."""
        half = self._is.half_cents
        bid = max(1, min(CENTS - 2, math.floor(self._fair * CENTS - half + 0.5)))
        return bid, max(bid + 1, min(CENTS - 1, math.ceil(self._fair * CENTS + half - 0.5)))

    def _fill(self) -> None:
        bid, ask = self._tops()
        for n in range(LEVELS):
            self._bids[bid - n] = self._depth(n)
            self._asks[ask + n] = self._depth(n)
        self._bids = {price: size for price, size in self._bids.items() if price > 0}
        self._asks = {price: size for price, size in self._asks.items() if price < CENTS}

    def _depth(self, n: int) -> int:
        """Hundredths of a share on the n-th level."""
        shares = self._is.depth * PROFILE[n] * math.exp(self._random.gauss(-0.1, 0.5))
        return max(500, round(shares * 100))

    def _make(self, at: int) -> Iterator[LevelSet]:
        """Makers pull what the price has passed, fill what was taken, and now and then change their minds."""
        bid, ask = self._tops()
        draw = self._random.random
        for side, levels, passed in ((Side.BID, self._bids, bid), (Side.ASK, self._asks, ask)):
            for price in [p for p in levels if (p - passed) * side.sign > 0 or abs(p - passed) > REACH]:
                if draw() < PULL:
                    yield self._set(at, side, price, 0)
            opposite = self._asks if side is Side.BID else self._bids
            touch = min(opposite, default=CENTS) if side is Side.BID else max(opposite, default=0)
            for n in range(LEVELS):
                price = passed - n * side.sign
                free = 0 < price < CENTS and price not in levels and (touch - price) * side.sign > 0
                if free and draw() < self._is.refill:
                    yield self._set(at, side, price, self._depth(n))
        if draw() < self._is.stir:
            side, passed = (Side.BID, bid) if draw() < 0.5 else (Side.ASK, ask)
            n = int(draw() * LEVELS)
            price = passed - n * side.sign
            if price in (self._bids if side is Side.BID else self._asks):
                yield self._set(at, side, price, self._depth(n))

    def _take(self, at: int) -> Iterator[TapeEvent]:
        """A taker, if one comes: it walks the levels as far as its size and its patience go."""
        draw = self._random.random
        self._heat *= COOLING
        if self._news:
            self._news -= round(math.copysign(1, self._news))
        informed = self._news != 0 and draw() < HEARD
        if not informed and draw() >= self._listing.takers * (1 + HEAT * self._heat):
            return
        self._heat = 1.0
        up = self._news > 0 if informed else self._run * self._sign(self._is.one_sided) > 0
        left = round(100 * self._is.size * math.exp(self._random.gauss(0, SIZE_SPREAD)))
        side, levels = (Side.ASK, self._asks) if up else (Side.BID, self._bids)
        for price in sorted(levels, reverse=not up)[:PATIENCE]:
            taken = min(left, levels[price])
            if taken <= 0:
                break
            left -= taken
            taker = TokenSide.BUY if up else TokenSide.SELL
            yield Printed(at=at, taker=taker, price=_price(price), size=Size(taken * LOT))
            yield self._set(at, side, price, levels[price] - taken)

    def _set(self, at: int, side: Side, price: int, size: int) -> LevelSet:
        levels = self._bids if side is Side.BID else self._asks
        if size:
            levels[price] = size
        else:
            del levels[price]
        return LevelSet(at=at, side=side, price=_price(price), size=Size(size * LOT))

    def _sign(self, probability: float) -> int:
        return 1 if self._random.random() < probability else -1


def _level(listing: Listing, seed: int, hour: int) -> float:
    """Log-odds at a full hour: around the market's middle, remembering a little of the hours before."""
    deviation = 0.0
    for n in range(max(0, hour - MEMORY), hour + 1):
        shock = random.Random(int(_hash(seed, listing.slug, "level", n), 16)).gauss(0, 1)
        deviation = KEEP * deviation + listing.character.hourly * shock
    return math.log(listing.middle / (1 - listing.middle)) + deviation


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def _price(cents: int) -> Price:
    return Price(cents * TICK)


def _levels(half: dict[int, int]) -> Levels:
    return tuple((_price(price), Size(size * LOT)) for price, size in half.items())


def _hash(*parts: object) -> str:
    return hashlib.blake2b(":".join(map(str, parts)).encode(), digest_size=32).hexdigest()


def _token(*parts: object) -> TokenId:
    return TokenId(str(int(_hash(*parts), 16)))
