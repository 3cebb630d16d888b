import gzip
import json
from datetime import UTC, datetime

import pytest

from messages.values import MICRO, MS, SECOND, MarketNs
from tests.venue.paper.engine_bench import RECORDINGS
from venue.paper.crowd.windows import Series, Window

FIVE = Series(symbol="btc", label="5m", length_s=300, place=0)
HOUR = Series(symbol="eth", label="1h", length_s=3_600, place=5)
START_S = 1_784_852_400
METADATA = RECORDINGS.parent / "metadata" / "gamma_markets_btc-updown-5m_2026-07-24.jsonl.gz"


def second(*date: int) -> int:
    return int(datetime(*date, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]


def test_a_window_is_a_market_on_the_terms_of_the_venues_own() -> None:
    market = Window(FIVE, START_S).market()

    assert market.slug == "btc-updown-5m-1784852400"
    assert market.question == "Bitcoin Up or Down - July 23, 8:20PM-8:25PM ET"
    assert (market.outcomes, market.category, market.tick) == (("Up", "Down"), "crypto", 10_000)
    assert (market.fee_rate, market.rebate_rate, market.min_size) == (70_000, 200_000, 5 * MICRO)
    assert (market.taker_delay_ns, market.ends_at) == (150 * MS, MarketNs((START_S + 300) * SECOND))
    assert (len(market.id), int(market.id, 16) > 0, int(market.yes) < 1 << 256) == (66, True, True)


def test_windows_have_names_and_tokens_of_their_own_and_always_the_same() -> None:
    markets = [Window(series, START_S + n * 3_600).market() for series in (FIVE, HOUR) for n in range(20)]

    names = [
        str(name)
        for market in markets
        for name in (market.id, market.yes, market.no, market.slug, market.number)
    ]
    assert len({*names}) == len(names)
    assert Window(FIVE, START_S).market() == Window(FIVE, START_S).market()


@pytest.mark.parametrize(
    ("start_s", "said"),
    [
        (second(2026, 1, 1, 5), "January 1, 12:00AM-12:05AM ET"),
        (second(2026, 3, 8, 6, 55), "March 8, 1:55AM-3:00AM ET"),
        (second(2026, 3, 8, 7), "March 8, 3:00AM-3:05AM ET"),
        (second(2026, 11, 1, 5, 55), "November 1, 1:55AM-1:00AM ET"),
        (second(2026, 11, 1, 6), "November 1, 1:00AM-1:05AM ET"),
        (second(2026, 7, 24, 16), "July 24, 12:00PM-12:05PM ET"),
    ],
)
def test_a_window_is_named_by_new_yorks_clock(start_s: int, said: str) -> None:
    assert Window(FIVE, start_s).market().question.endswith(said)


@pytest.mark.recordings
def test_slugs_and_questions_are_those_the_venue_gave() -> None:
    if not METADATA.exists():
        pytest.skip(f"no recorded metadata at {METADATA}")
    with gzip.open(METADATA, "rt") as file:
        recorded = [json.loads(line)["raw"] for line in file]

    made = [Window(FIVE, int(raw["slug"].rpartition("-")[2])).market() for raw in recorded]

    assert len(made) == 292
    assert [(market.slug, market.question) for market in made] == [
        (raw["slug"], raw["question"]) for raw in recorded
    ]


def test_a_series_has_one_window_running_and_the_next_one_listed() -> None:
    def starts(now_s: int) -> list[int]:
        return [window.start_s - START_S for window in FIVE.between(now_s, now_s)]

    assert starts(START_S + 100) == [0, 300]
    assert starts(START_S + 299) == [0, 300]
    assert starts(START_S + 300) == [0, 300, 600], "the first is not resolved yet"
    assert starts(START_S + 359) == [0, 300, 600]
    assert starts(START_S + 360) == [300, 600]
    assert [window.start_s - START_S for window in HOUR.between(START_S, START_S)] == [-1_200, 2_400]


def test_a_window_is_listed_and_resolved_when_its_series_says() -> None:
    window = Window(FIVE, START_S)
    for at, is_open in (
        (window.listed_s - 1, False),
        (window.listed_s, True),
        (window.resolved_s - 1, True),
        (window.resolved_s, False),
    ):
        assert (window in FIVE.between(at, at)) == is_open
