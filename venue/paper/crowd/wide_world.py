"""A world with far more to choose from than anybody can trade: sixty questions besides the demo world's."""

from __future__ import annotations

from collections.abc import Iterator

from venue.paper.crowd.characters import INPLAY, POLITICS, PREGAME, WEATHER, toxic
from venue.paper.crowd.demo_world import DEMO, LIVELY, OTHER, like
from venue.paper.crowd.grid import DAY_S, HOUR_S
from venue.paper.crowd.listings import Listing, Race, Rounds, World

TOWNS = (
    "Alder", "Birchwick", "Carrow", "Dunmere", "Elmstead", "Fairhaven", "Glenrock", "Hollins",
    "Ironbridge", "Juniper", "Kestrel Bay", "Larkhill", "Mossford", "Newhollow", "Oakham", "Pinegate",
)  # fmt: skip
BILLS = ("harbor", "rail", "water", "school", "forest", "housing", "data", "energy", "pension", "grain")


def _slug(text: str) -> str:
    return text.lower().replace(" ", "-")


def _games() -> Iterator[Listing]:
    """Before the game, each a little busier and deeper than the one before; every fourth has better-informed takers."""
    for n, town in enumerate(TOWNS):
        depth, pace = 0.4 * 1.2**n, 0.5 * 1.15**n
        usual = like(PREGAME, peak=2_500 * depth, lot=250 * depth, noise=14 * pace)
        yield Listing(
            slug=f"{_slug(town)}-win-their-game-{{}}",
            question=f"Will {town} win their game {{}}?",
            category="sports",
            character=toxic(usual, 2) if n % 4 == 3 else usual,
            rounds=Rounds((1 + 0.3 * n) * DAY_S, 5 * DAY_S),
        )


def _in_play() -> Iterator[Listing]:
    """Games that are being played, and end one after the other."""
    for n, (home, away) in enumerate(zip(TOWNS[:6], TOWNS[6:12], strict=True)):
        yield Listing(
            slug=f"{_slug(home)}-beat-{_slug(away)}-in-game-{{}}",
            question=f"{home} against {away}, game {{}}: will {home} win?",
            category="sports",
            character=like(INPLAY, peak=2_500 / (n + 1), lot=250 / (n + 1), noise=60 + 20 * n),
            rounds=Rounds((2 + 0.5 * n) * HOUR_S, 4 * HOUR_S),
        )


def _bills() -> Iterator[Listing]:
    for n, bill in enumerate(BILLS):
        yield Listing(
            slug=f"{bill}-bill-passes-this-year",
            question=f"Will the {bill} bill pass this year?",
            category="politics",
            character=like(POLITICS, noise=0.6 * 1.5**n, peak=1_000 * (1 + n % 3), reward=10 + 8 * n),
        )


def _weather() -> Iterator[Listing]:
    for n, town in enumerate(TOWNS[:12]):
        yield Listing(
            slug=f"rain-in-{_slug(town)}-in-week-{{}}",
            question=f"Will it rain in {town} in week {{}}?",
            category="weather",
            character=like(WEATHER, sigma=0.6 + 0.1 * n, peak=80 + 30 * n, noise=0.8 + 0.4 * n),
            rounds=Rounds((0.5 + 0.3 * n) * DAY_S, 4 * DAY_S),
        )


def _charts() -> Iterator[Listing]:
    """Much traded ones, with their ends spread over some days."""
    for n, town in enumerate(TOWNS[10:]):
        yield Listing(
            slug=f"{_slug(town)}-festival-sells-out-in-season-{{}}",
            question=f"Will the {town} festival sell out in season {{}}?",
            category="culture",
            character=like(LIVELY, fee=OTHER, noise=60 + 40 * n, peak=150 + 150 * n, reward=20 * n),
            rounds=Rounds((1 + n) * DAY_S, 6 * DAY_S),
        )


def _elections() -> Iterator[Race]:
    for n, town in enumerate(TOWNS[:2]):
        names = ("Abel", "Brandt", "Castellan", "Dray", "Evers")
        chances = (0.38, 0.25, 0.18, 0.12, 0.07)
        yield Race(
            slug=f"next-mayor-of-{_slug(town)}",
            title=f"Who will be the next mayor of {town}?",
            category="politics",
            character=like(POLITICS, sigma=0.2 + 0.2 * n, noise=2 + 4 * n),
            candidates=tuple(
                (f"{_slug(name)}-next-mayor-of-{_slug(town)}", f"Will {name} be the next mayor of {town}?", p)
                for name, p in zip(names, chances, strict=True)
            ),
        )


WIDE = World(
    name="wide",
    listings=(*DEMO.listings, *_games(), *_in_play(), *_bills(), *_weather(), *_charts()),
    races=(*DEMO.races, *_elections()),
)
"""Characters as in the demo world, with parameters spread out."""
