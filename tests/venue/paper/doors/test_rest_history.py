import pytest

from messages.values import SECOND, MarketNs
from tests.venue.paper.door_bench import Said, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench, bid
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import App

HOUR, DAY = 3_600, 86_400
START_S = 1_790_000_040
START = MarketNs(START_S * SECOND)


@pytest.fixture
def bench() -> Bench:
    """The middle is at 42 cents, and an hour later at 43."""
    return Bench(bid(0, 40, 50), ask_level(0, 44, 50), bid(HOUR - 1, 42, 50), starts_at=START)


@pytest.fixture
def app(bench: Bench) -> App:
    return a_door(bench)


def get(app: App, target: str) -> Said:
    return ask(app, "GET", target)


def points(app: App, query: str, token: str = YES) -> list[tuple[int, float]]:
    """Seconds after the start, and the price."""
    history = get(app, f"/prices-history?market={token}&{query}").json["history"]
    return [(point["t"] - START_S, point["p"]) for point in history]


def test_there_is_a_point_a_minute_and_one_for_now(bench: Bench, app: App) -> None:
    bench.at(HOUR + 90)
    found = points(app, "interval=1h")

    assert found[0] == (60, 0.42)
    assert found[-2:] == [(HOUR + 60, 0.43), (HOUR + 90, 0.43)]
    assert len(found) == 62
    assert points(app, "interval=1h", NO)[-1] == (HOUR + 90, 0.57)


def test_fidelity_is_minutes_between_points(bench: Bench, app: App) -> None:
    bench.at(2 * HOUR)
    found = points(app, "interval=6h&fidelity=30")[:-1]

    assert len(found) == 4
    assert {(START_S + second) % 1_800 for second, _ in found} == {0}


def test_a_window_is_given_in_seconds(bench: Bench, app: App) -> None:
    bench.at(2 * HOUR)
    found = points(app, f"startTs={START_S + 60}&endTs={START_S + 240}&fidelity=1")

    assert found[:-1] == [(60, 0.42), (120, 0.42), (180, 0.42), (240, 0.42)]
    assert found[-1] == (2 * HOUR, 0.43)
    assert points(app, f"startTs={START_S + 7_100.5}&interval=1m&fidelity=1")[:-1] == [
        (7_140, 0.43),
        (7_200, 0.43),
    ]


def test_a_month_is_ten_minutes_coarse_and_a_week_five(app: App) -> None:
    for interval, least in (("1w", 5), ("1m", 10)):
        refused = get(app, f"/prices-history?market={YES}&interval={interval}&fidelity={least - 1}")
        assert refused == Said(
            400, {"error": f"invalid filters: minimum 'fidelity' for '{interval}' range is {least}"}
        )
        assert get(app, f"/prices-history?market={YES}&interval={interval}&fidelity={least}").status == 200
        assert get(app, f"/prices-history?market={YES}&interval={interval}").status == 200


def test_windows_are_fifteen_days_at_most(app: App) -> None:
    asked = f"/prices-history?market={YES}&startTs=1000&endTs="

    assert get(app, f"{asked}{1000 + 15 * DAY}").status == 200
    assert get(app, f"{asked}{1001 + 15 * DAY}") == Said(
        400, {"error": "invalid filters: 'startTs' and 'endTs' interval is too long"}
    )


def test_what_is_asked_must_make_sense(app: App) -> None:
    unknown = "invalid filters: the 'interval' value is unknown. Known values: '1m', '1w', '1d', '6h', '1h'"
    mandatory = "invalid filters: the 'market' (asset id) is mandatory"

    assert get(app, f"/prices-history?market={YES}&interval=2h") == Said(400, {"error": unknown})
    assert get(app, "/prices-history?interval=1h") == Said(400, {"error": mandatory})
    assert get(app, "/prices-history?market=9&interval=1h").json == {"history": []}
    for query in ("", "&interval=1h&fidelity=x", "&startTs=x"):
        assert get(app, f"/prices-history?market={YES}{query}").status == 400


def test_max_reaches_back_as_far_as_the_memory(bench: Bench, app: App) -> None:
    bench.at(40 * 60)

    assert points(app, "interval=max") == points(app, "interval=all") == points(app, f"startTs={START_S}")
    assert points(app, "interval=max")[0][0] == 0


def test_a_closed_market_has_its_past_and_no_now(bench: Bench, app: App) -> None:
    bench.at(300)
    bench.market.closed = True
    bench.at(600)

    assert [second for second, _ in points(app, f"startTs={START_S}")] == [0, 60, 120, 180, 240, 300]


def test_a_batch_answers_for_each_token(bench: Bench, app: App) -> None:
    bench.at(120)
    asked = {"markets": [YES, NO, "9"], "interval": "1h", "fidelity": 1}
    found = ask(app, "POST", "/batch-prices-history", asked).json["history"]

    assert found[YES] == get(app, f"/prices-history?market={YES}&interval=1h").json["history"]
    assert [point["p"] for point in found[NO]] == [0.58] * 4
    assert found["9"] == []
    window = {"markets": [YES], "start_ts": START_S + 0.5, "end_ts": START_S + 60}
    assert len(ask(app, "POST", "/batch-prices-history", window).json["history"][YES]) == 3
    assert ask(app, "POST", "/batch-prices-history", {**asked, "markets": ["1"] * 21}) == Said(
        400, {"error": "Payload exceeds the limit"}
    )
    for body in (b"", {"markets": []}, {"markets": 7}, {"markets": [YES]}):
        assert ask(app, "POST", "/batch-prices-history", body).status == 400


def test_candles_are_made_of_minutes(bench: Bench, app: App) -> None:
    bench.at(HOUR + 60)
    rows = get(app, f"/ohlc?asset_id={YES}&startTs={START_S - DAY}&fidelity=1h").json

    assert rows["count"] == len(rows["data"]) == 2
    assert {key: value for key, value in rows["data"][1].items() if key != "t"} == {
        "o": 0.42, "h": 0.43, "l": 0.42, "c": 0.43,
    }  # fmt: skip
    assert get(app, f"/ohlc?asset_id={YES}&startTs=0&fidelity=1m&limit=3").json["count"] == 3
    no = get(app, f"/ohlc?asset_id={NO}&startTs=0&fidelity=1h").json["data"][1]
    assert (no["o"], no["h"], no["l"], no["c"]) == (0.58, 0.58, 0.57, 0.57)
    for query in ("startTs=1", f"asset_id={YES}", f"asset_id={YES}&startTs=1&fidelity=2h"):
        assert get(app, f"/ohlc?{query}").status == 400


def test_no_book_of_the_past_was_ever_kept(app: App) -> None:
    assert get(app, f"/orderbook-history?asset_id={YES}&startTs=1").json == {"count": 0, "data": []}
    assert get(app, f"/orderbook-history?asset_id={YES}") == Said(400, {"error": "startTs is required"})
    assert get(app, "/orderbook-history?startTs=1").status == 400
