"""Our listings beside the venue's own, recorded: the same keys, the same JSON types."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from messages.values import MICRO, SECOND, MarketId, MarketNs, Money, TokenId
from tests.venue.paper.door_bench import Wallet, a_door, ask
from tests.venue.paper.engine_bench import YES, Bench, bid
from tests.venue.paper.engine_bench import ask as ask_level
from tests.venue.paper.programs.bench import NOON, a_rewarded_market
from venue.paper.doors.app import App
from venue.paper.doors.gamma_rows import competitive

pytestmark = pytest.mark.recordings

GAMMA_FILES = (
    "gamma_markets_sports-politics_2026-07.json.gz",
    "gamma_markets_top50_2026-04-18.json.gz",
    "gamma_markets_general-fees_2026.json.gz",
)
NEVER_HERE = {
    "description", "oneYearPriceChange", "eventStartTime", "volume24hrAmm", "volume1wkAmm", "volume1moAmm",
    "volume1yrAmm", "volumeAmm", "liquidityAmm", "$schema",
}  # fmt: skip
"""Of markets the venue had before it had order books, of clubs of markets we have none of, or not served by all."""
NEVER_IN_EVENTS = {
    "eventMetadata", "series", "seriesSlug", "featuredOrder", "startTime", "countryName", "electionType",
    "automaticallyResolved", "$schema",
}  # fmt: skip
ADDED_SINCE = {"version", "positionIds", "gameStartTime", "secondsDelay", "negRiskOther"}
"""Keys of the autumn of 2026, and of games, that these rows of its summer have not (VENUE §6.1)."""


@pytest.fixture(scope="module")
def real(recordings: Path) -> Path:
    """Where the venue's own answers are kept."""
    return recordings.parent / "metadata"


@pytest.fixture(scope="module")
def app() -> App:
    """Markets of a neg-risk event, with fees, rewards, an hour's past, a trade, and one that has ended."""
    common: dict[str, Any] = {
        "neg_risk": True,
        "neg_risk_market": "0x" + "ab" * 32,
        "event": "the-cup",
        "event_title": "The Cup",
        "category": "sports",
        "ends_at": MarketNs(1_800_000_000 * SECOND),
        "starts_at": MarketNs(1_799_000_000 * SECOND),
        "clears_at_start": True,
        "seconds_delay": 3,
        "taker_delay_ns": 150_000_000,
        "volume_24h": Money(1_000 * MICRO),
    }
    market = a_rewarded_market(id=MarketId("0x" + "cd" * 32), **common)
    bench = Bench(
        bid(0, 49, 100), ask_level(0, 51, 100), bid(30, 50, 100), market=market, starts_at=MarketNs(NOON)
    )
    second = a_rewarded_market(
        id=MarketId("0x" + "ef" * 32), slug="second", yes=TokenId("31"), no=TokenId("32"), **common
    )
    bench.exchange.add_market(second)
    app = a_door(bench)
    bench.at(3_720)
    Wallet(app).log_in().place("BUY", 51, 10)
    bench.at(31 * 86_400)
    bench.exchange.resolve(second.id, yes_wins=False)
    return app


def read(path: Path) -> Any:
    """JSON, packed or not."""
    return json.loads(gzip.open(path, "rt").read() if path.suffix == ".gz" else path.read_text())


def kind(value: Any) -> str:
    """JSON's types; whole numbers and others are one."""
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__


def kinds(rows: Iterable[dict[str, Any]]) -> dict[str, set[str]]:
    """By key, the types it has anywhere."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for key, value in row.items():
            found.setdefault(key, set()).add(kind(value))
    return found


def always(rows: list[dict[str, Any]]) -> set[str]:
    """Keys that every row has."""
    return set.intersection(*(set(row) for row in rows))


def assert_alike(
    ours: dict[str, Any], theirs: list[dict[str, Any]], left_out: set[str], added: set[str]
) -> None:
    """No key of ours is unknown there, none that is always there is missing here, and types agree (null: any)."""
    known = kinds(theirs)
    assert set(ours) - set(known) - added == set()
    assert always(theirs) - set(ours) - left_out == set()
    typed = {key: known[key] - {"NoneType"} for key in ours.keys() & known.keys() if ours[key] is not None}
    assert {key: types for key, types in typed.items() if types and kind(ours[key]) not in types} == {}


@pytest.mark.parametrize("name", GAMMA_FILES)
def test_a_gamma_market_has_the_venues_keys_and_types(app: App, real: Path, name: str) -> None:
    theirs = read(real / name)
    event = read(real / "gamma_event_negrisk_world-cup-winner_2026-06-28.json.gz")
    (ours,) = ask(app, "GET", "/gamma/markets?include_tag=true").json

    assert_alike({**ours}, [*theirs, *event["markets"]], NEVER_HERE, ADDED_SINCE | {"tags", "events"})
    assert (set(theirs[0]) & always(theirs)) - set(ours) - NEVER_HERE - {
        "makerBaseFee",
        "takerBaseFee",
    } == set()


def test_a_resolved_gamma_market_has_the_keys_of_a_resolved_one(app: App, real: Path) -> None:
    (ours,) = ask(app, "GET", "/gamma/markets?closed=true").json
    theirs = [row for row in read(real / GAMMA_FILES[0]) if row["closed"]]
    ended = {"closedTime", "umaEndDate", "umaResolutionStatus", "automaticallyResolved"}

    assert ended <= set(ours)
    assert {key: kind(ours[key]) for key in ended} == {key: kind(theirs[0][key]) for key in ended}
    assert len(ours["closedTime"]) == len(theirs[0]["closedTime"])


def test_lists_and_objects_inside_a_gamma_market_are_alike(app: App, real: Path) -> None:
    (ours,) = ask(app, "GET", "/gamma/markets").json
    theirs = read(real / GAMMA_FILES[0])
    pools = [pool for row in theirs for pool in row.get("clobRewards", [])]

    assert_alike(ours["clobRewards"][0], pools, set(), set())
    assert_alike(ours["feeSchedule"], [row["feeSchedule"] for row in theirs], set(), set())
    for key in ("outcomes", "outcomePrices", "clobTokenIds"):
        example = json.loads(theirs[0][key])
        assert [type(one) for one in json.loads(ours[key])] == [type(one) for one in example]
        assert ours[key].count(", ") == theirs[0][key].count(", ") == 1


def test_an_event_inside_a_market_is_alike(app: App, real: Path) -> None:
    (ours,) = ask(app, "GET", "/gamma/markets").json
    theirs = [row["events"][0] for row in read(real / GAMMA_FILES[0])]

    assert_alike(ours["events"][0], theirs, NEVER_IN_EVENTS, set())


def test_a_gamma_event_has_the_venues_keys_and_types(app: App, real: Path) -> None:
    theirs = read(real / "gamma_event_negrisk_world-cup-winner_2026-06-28.json.gz")
    ours = ask(app, "GET", "/gamma/events/slug/the-cup").json

    assert_alike(ours, [theirs], NEVER_IN_EVENTS, set())
    assert_alike(ours["tags"][0], theirs["tags"], set(), set())
    open_one = next(row for row in ours["markets"] if not row["closed"])
    assert_alike(open_one, theirs["markets"], NEVER_HERE, ADDED_SINCE)


def test_a_listed_clob_market_has_the_venues_keys_and_types(app: App, real: Path) -> None:
    theirs = read(real / "clob_markets_page_2024-09.json.gz")
    ours = ask(app, "GET", "/markets").json

    assert_alike(ours, [theirs], set(), set())
    for row in ours["data"]:
        assert_alike(row, theirs["data"], set(), set())
        assert_alike(
            row["tokens"][0], [token for one in theirs["data"] for token in one["tokens"]], set(), set()
        )
        assert_alike(row["rewards"], [one["rewards"] for one in theirs["data"]], set(), set())


def test_the_compact_clob_market_has_the_venues_keys_and_types(app: App, real: Path) -> None:
    theirs = read(real / "clob_market_compact_2026-08-16.json")
    ours = ask(app, "GET", "/clob-markets/0x" + "cd" * 32).json

    assert_alike(ours, [theirs], set(), {"gst", "sd", "nr", "cbos", "v"})
    assert_alike(ours["r"], [theirs["r"]], set(), set())
    assert_alike(ours["fd"], [theirs["fd"]], set(), set())
    assert_alike(ours["t"][0], theirs["t"], set(), set())


def test_a_book_has_the_venues_keys_and_types(app: App, real: Path) -> None:
    theirs = list(read(real / "clob_books_sports-politics_2026-07.json.gz").values())
    ours = ask(app, "GET", f"/book?token_id={YES}").json

    assert_alike(ours, theirs, set(), {"last_trade_price"})
    assert_alike(ours["bids"][0], [book["bids"][0] for book in theirs if book["bids"]], set(), set())


def test_how_open_a_question_is_agrees_with_the_venues_figure(real: Path) -> None:
    rows = [row for row in read(real / GAMMA_FILES[0]) if not row["closed"]]
    for row in rows:
        price = round(float(json.loads(row["outcomePrices"])[0]) * MICRO)
        assert float(competitive(price)) == pytest.approx(row["competitive"], abs=2e-6)
