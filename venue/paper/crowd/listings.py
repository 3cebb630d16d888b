"""What a world lists: questions with their characters, races of which one candidate wins, and how long they run."""

from __future__ import annotations

import hashlib
import math

import msgspec

from messages.values import MICRO, SECOND, MarketId, MarketNs, Money, Price, Size, TokenId
from venue.paper.crowd.activity import Activity
from venue.paper.crowd.characters import Character, toxic
from venue.paper.crowd.draws import Draws
from venue.paper.crowd.latent import Alone, Candidate, Field, Swing
from venue.paper.crowd.market import CrowdMarket, Span
from venue.paper.engine.terms import Market

LOWEST, HIGHEST = 0.25, 0.75
"""Between these a market starts that nothing else is said of (TRADING §7.1)."""
MIN_SIZE = Size(5 * MICRO)
REWARDED_SIZE = Size(50 * MICRO)
REWARDED_SPREAD = 45_000
"""TRADING §7.2."""
ROUND_NUMBERS = 1_000
"""Each round is filed under so much more than the one before."""
TICK = Price(10_000)
FINE, FINE_BELOW = Price(1_000), 0.04
MEAN_TRADE = 75
"""Dollars, for the volume that is said of the day before the first."""


class Rounds(msgspec.Struct, frozen=True):
    """A question that is asked again and again, each time the one before has ended. Seconds of market time."""

    first_s: float
    """When the first one ends."""
    every_s: float

    def current(self, at_s: float) -> int:
        """Which one takes orders."""
        return max(0, math.floor((at_s - self.first_s) / self.every_s) + 1)

    def begins_s(self, number: int) -> float:
        """When one is listed."""
        return 0.0 if number == 0 else self.ends_s(number - 1)

    def ends_s(self, number: int) -> float:
        """When it takes no more orders."""
        return self.first_s + number * self.every_s


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """One place on the list."""

    slug: str
    """`{}` is the round's number."""
    question: str
    category: str
    character: Character
    start: float | None = None
    """First probability of the first round; the others begin anywhere in the middle."""
    rounds: Rounds | None = None
    first_round: int = 1
    """Its number."""


class Race(msgspec.Struct, frozen=True, kw_only=True):
    """A neg-risk event: candidates of whom exactly one wins. It resolves far away."""

    slug: str
    title: str
    category: str
    character: Character
    candidates: tuple[tuple[str, str, float], ...]
    """Slug, question and first probability of each; the probabilities add up to one."""


class World(msgspec.Struct, frozen=True, kw_only=True):
    """All that is listed, in its order, crypto windows apart."""

    name: str
    listings: tuple[Listing, ...]
    races: tuple[Race, ...] = ()


def poisoned(world: World, times: float) -> World:
    """The same questions with so many times the informed flow."""
    return World(
        name=world.name,
        listings=tuple(
            msgspec.structs.replace(listing, character=toxic(listing.character, times))
            for listing in world.listings
        ),
        races=tuple(
            msgspec.structs.replace(race, character=toxic(race.character, times)) for race in world.races
        ),
    )


def ask(listing: Listing, number: int, seed: int, place: int, origin: MarketNs) -> CrowdMarket:
    """A round of a listing, counted from 0, with everybody who trades in it.

    `place` is the listing's in its world, counted from 1; `origin` is market second 0.
    """
    slug, question = (text.format(listing.first_round + number) for text in (listing.slug, listing.question))
    character, draws = listing.character, Draws(seed, slug)
    activity, span, ends_s = Activity(draws, character.hot), Span(), math.inf
    if listing.rounds is not None:
        begins_s = listing.rounds.begins_s(number)
        span = Span(begins_s, listing.rounds.ends_s(number))
        ends_s = span.ends_s - begins_s
    start = listing.start if number == 0 else None
    if start is None:
        start = float(draws.stream("start").uniform(LOWEST, HIGHEST))
    latent = Alone(draws, activity, _swing(character, ends_s), start)
    market = _market(slug, question, listing.category, character, start)
    market.number = place + ROUND_NUMBERS * number
    if listing.rounds is not None:
        market.ends_at = origin + round(span.ends_s * SECOND)
    return CrowdMarket(market, character, latent, activity, draws, span)


def run(race: Race, seed: int, place: int) -> list[CrowdMarket]:
    """A race's markets, one for each candidate; the first one's `place` is that in its world."""
    activity = Activity(Draws(seed, race.slug), race.character.hot)
    draws = [Draws(seed, slug) for slug, _, _ in race.candidates]
    starts = [start for _, _, start in race.candidates]
    field = Field(Draws(seed, race.slug), draws, activity, _swing(race.character, math.inf), starts)
    return [
        CrowdMarket(_candidate(race, n, place), race.character, Candidate(field, n), activity, own, Span())
        for n, own in enumerate(draws)
    ]


def _candidate(race: Race, n: int, place: int) -> Market:
    slug, question, start = race.candidates[n]
    market = _market(slug, question, race.category, race.character, start)
    market.number = place + n
    market.neg_risk, market.neg_risk_market = True, "0x" + _digest(race.slug, "neg-risk")
    market.event, market.event_title = race.slug, race.title
    return market


def _swing(character: Character, ends_s: float) -> Swing:
    return Swing(sigma=character.sigma, jumps=character.jumps, jump=character.jump, ends_s=ends_s)


def _market(slug: str, question: str, category: str, character: Character, start: float) -> Market:
    yes, no = (TokenId(str(int(_digest(slug, side), 16))) for side in ("yes", "no"))
    is_fine = not FINE_BELOW <= start <= 1 - FINE_BELOW
    arrivals = 24 * character.noise * (3 + character.hot) / 4
    return Market(
        id=MarketId("0x" + _digest(slug, "market")),
        slug=slug,
        question=question,
        description=f"Resolves to Yes if the answer turns out to be yes, to No otherwise. {question}",
        category=category,
        yes=yes,
        no=no,
        tick=FINE if is_fine else TICK,
        min_size=MIN_SIZE,
        fee_rate=character.fee_rate,
        rebate_rate=character.rebate_rate,
        rewards_min_size=REWARDED_SIZE,
        rewards_max_spread=REWARDED_SPREAD,
        rewards_daily=Money(round(character.reward * MICRO)),
        volume_24h=Money(round(arrivals * MEAN_TRADE) * MICRO),
    )


def _digest(*parts: str) -> str:
    return hashlib.blake2b(":".join(parts).encode(), digest_size=32).hexdigest()
