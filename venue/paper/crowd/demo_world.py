"""The world that `make run` shows: a dozen questions of all characters, something to choose and something to avoid."""

from __future__ import annotations

import msgspec

from venue.paper.crowd.characters import INPLAY, POLITICS, PREGAME, WEATHER, Character, toxic
from venue.paper.crowd.grid import DAY_S, HOUR_S
from venue.paper.crowd.listings import Listing, Race, Rounds, World

LIVELY = Character(
    name="lively",
    sigma=0.5,
    jumps=3,
    jump=0.12,
    lag_s=4,
    half=0.1,
    peak=5_000,
    lot=400,
    life_s=120,
    pull_s=1.5,
    noise=6_000,
    keen=100,
    informative=0.01,
    informed=60,
    size=150,
    snipe=0.1,
    fee_rate=50_000,
    rebate_rate=150_000,
    reward=60,
    hot=1.5,
)
"""Much traded, not too deep and hard to surprise: what a maker hopes for. Not one of TRADING §7.2."""


def like(character: Character, *, fee: tuple[float, float] | None = None, **other: float) -> Character:
    """A character with some other parameters, and perhaps another category's fee rate and rebate share."""
    changed = msgspec.structs.replace(character, **other)
    if fee is None:
        return changed
    rates = {"fee_rate": round(fee[0] * 1e6), "rebate_rate": round(fee[1] * 1e6)}
    return msgspec.structs.replace(changed, **rates)


POLITICAL, CRYPTO, OTHER = (0.04, 0.25), (0.07, 0.20), (0.05, 0.25)
"""Fee rate and makers' share of it by category (VENUE §7.3)."""

DEMO = World(
    name="demo",
    listings=(
        Listing(
            slug="harbor-city-rovers-win-round-{}",
            question="Will Harbor City Rovers win round {}?",
            category="sports",
            character=LIVELY,
            start=0.52,
            rounds=Rounds(3 * DAY_S, 3 * DAY_S),
            first_round=12,
        ),
        Listing(
            slug="northfield-beat-eastport-in-match-{}",
            question="Will Northfield beat Eastport in match {}?",
            category="sports",
            character=like(LIVELY, noise=4_500, peak=4_000, sigma=0.4),
            start=0.44,
            rounds=Rounds(2 * DAY_S, 3 * DAY_S),
            first_round=7,
        ),
        Listing(
            slug="bitcoin-above-its-strike-in-week-{}",
            question="Will Bitcoin close above its strike in week {}?",
            category="crypto",
            character=like(LIVELY, fee=CRYPTO, noise=3_600, peak=3_000, lot=300, sigma=0.7, reward=0),
            start=0.57,
            rounds=Rounds(5 * DAY_S, 7 * DAY_S),
            first_round=31,
        ),
        Listing(
            slug="jobs-report-{}-beats-the-forecast",
            question="Will jobs report number {} beat the forecast?",
            category="economics",
            character=like(LIVELY, fee=OTHER, noise=3_000, peak=2_000, lot=250, jumps=6, jump=0.2),
            start=0.55,
            rounds=Rounds(4 * DAY_S, 4 * DAY_S),
            first_round=5,
        ),
        Listing(
            slug="lakeside-lead-summit-at-the-end-of-game-{}",
            question="Lakeside against Summit, game {}: will Lakeside win?",
            category="sports",
            character=INPLAY,
            start=0.48,
            rounds=Rounds(4 * HOUR_S, 4 * HOUR_S),
            first_round=3,
        ),
        Listing(
            slug="eastport-win-cup-{}",
            question="Will Eastport win the {}th cup?",
            category="sports",
            character=like(PREGAME, peak=25_000, lot=2_500),
            start=0.46,
            rounds=Rounds(9 * DAY_S, 9 * DAY_S),
            first_round=44,
        ),
        Listing(
            slug="westbrook-win-derby-{}",
            question="Will Westbrook win derby {}?",
            category="sports",
            character=PREGAME,
            rounds=Rounds(6 * DAY_S, 5 * DAY_S),
            first_round=19,
        ),
        Listing(
            slug="coalition-holds-until-june",
            question="Will the coalition hold until June?",
            category="politics",
            character=POLITICS,
            start=0.63,
        ),
        Listing(
            slug="mayor-of-ridgemont-is-re-elected",
            question="Will the mayor of Ridgemont be re-elected?",
            category="politics",
            character=like(POLITICS, noise=6, peak=1_500, informed=3),
            start=0.47,
        ),
        Listing(
            slug="snow-in-lakeside-in-week-{}",
            question="Will it snow in Lakeside in week {}?",
            category="weather",
            character=WEATHER,
            start=0.41,
            rounds=Rounds(2.5 * DAY_S, 4 * DAY_S),
            first_round=47,
        ),
        Listing(
            slug="rate-cut-at-meeting-{}",
            question="Will rates be cut at meeting {}?",
            category="economics",
            character=toxic(like(PREGAME, fee=OTHER, noise=30, informed=40, peak=800, lot=80, reward=80), 4),
            start=0.36,
            rounds=Rounds(7 * DAY_S, 7 * DAY_S),
            first_round=8,
        ),
        Listing(
            slug="turnout-above-60-percent-in-district-{}",
            question="Will turnout in district {} be above 60 percent?",
            category="politics",
            character=like(PREGAME, fee=POLITICAL, noise=20, peak=1_200, lot=120),
            start=0.93,
            rounds=Rounds(45 * 60, DAY_S),
            first_round=4,
        ),
    ),
    races=(
        Race(
            slug="song-of-the-year",
            title="Which song will be song of the year?",
            category="culture",
            character=like(POLITICS, fee=OTHER, sigma=0.3, noise=4, peak=700, lot=70, reward=15),
            candidates=(
                ("lanterns-is-song-of-the-year", "Will Lanterns be song of the year?", 0.41),
                ("paper-boats-is-song-of-the-year", "Will Paper Boats be song of the year?", 0.28),
                ("north-wind-is-song-of-the-year", "Will North Wind be song of the year?", 0.19),
                ("any-other-is-song-of-the-year", "Will any other song be song of the year?", 0.12),
            ),
        ),
    ),
)
"""One event of rivals, one question near its resolution, one thin, one toxic, one as deep as a recorded game."""
