import msgspec
import pytest
from py_clob_client_v2 import ClobClient

from messages.values import MICRO, SECOND, MarketId, MarketNs, Money, Price, Size, TokenId
from tests.venue.paper.door_bench import Said, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench, a_market, bid
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import App
from venue.paper.engine.terms import Market
from venue.wire.markets import ListedMarket, decode_clob_market

START = MarketNs(1_790_000_000 * SECOND)
DATE = "2026-09-21T14:13:20Z"


def get(app: App, target: str) -> Said:
    return ask(app, "GET", target)


def a_busy_market() -> Market:
    """With everything a market can have."""
    return a_market(
        tick=Price(1_000),
        neg_risk=True,
        neg_risk_market="0x" + "ab" * 32,
        fee_rate=50_000,
        category="sports",
        description="Whoever wins.",
        outcomes=("Up", "Down"),
        ends_at=MarketNs(1_800_000_000 * SECOND),
        starts_at=MarketNs(1_790_100_000 * SECOND),
        clears_at_start=True,
        seconds_delay=3,
        taker_delay_ns=150_000_000,
        rewards_daily=Money(30 * MICRO),
        rewards_min_size=Size(50 * MICRO),
        rewards_max_spread=45_000,
        rewards_min_age_s=3,
    )


@pytest.fixture
def busy() -> App:
    return a_door(Bench(bid(0, 38, 50), ask_level(0, 42, 50), market=a_busy_market(), starts_at=START))


def test_the_compact_form_has_every_key(busy: App) -> None:
    assert get(busy, "/clob-markets/0xmarket").json == {
        "gst": "2026-09-22T18:00:00Z",
        "c": "0xmarket",
        "t": [{"t": YES, "o": "Up"}, {"t": NO, "o": "Down"}],
        "r": {"mi": 50, "ma": 4.5, "e": True, "moas": 3},
        "sd": 3,
        "mos": 5,
        "mts": 0.001,
        "mbf": 1000,
        "tbf": 1000,
        "nr": True,
        "fd": {"r": 0.05, "e": 1, "to": True},
        "ao": True,
        "aot": DATE,
        "cbos": True,
        "itode": True,
        "v": "v1",
    }


def test_the_compact_form_leaves_out_what_a_market_has_not() -> None:
    compact = get(a_door(), "/clob-markets/0xmarket").json

    assert not compact.keys() & {"nr", "fd", "r", "gst", "sd", "cbos", "itode"}
    assert compact["ao"] is True


def test_the_long_form_has_every_key(busy: App) -> None:
    listed = get(busy, "/markets/0xmarket").json
    texts = {key: listed.pop(key) for key in ("question_id", "neg_risk_request_id")}

    assert all(len(text) == 66 and text.startswith("0x") for text in texts.values())
    assert texts["question_id"].startswith("0x" + "ab" * 31)
    assert listed == {
        "enable_order_book": True,
        "active": True,
        "closed": False,
        "archived": False,
        "accepting_orders": True,
        "accepting_order_timestamp": DATE,
        "minimum_order_size": 5,
        "minimum_tick_size": 0.001,
        "condition_id": "0xmarket",
        "question": "Will it?",
        "description": "Whoever wins.",
        "market_slug": "a-market",
        "end_date_iso": "2027-01-15T08:00:00Z",
        "game_start_time": "2026-09-22T18:00:00Z",
        "seconds_delay": 3,
        "fpmm": "0x" + "00" * 20,
        "maker_base_fee": 1000,
        "taker_base_fee": 1000,
        "notifications_enabled": True,
        "neg_risk": True,
        "neg_risk_market_id": "0x" + "ab" * 32,
        "icon": "",
        "image": "",
        "rewards": {
            "rates": [
                {"asset_address": "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB", "rewards_daily_rate": 30}
            ],
            "min_size": 50,
            "max_spread": 4.5,
        },
        "is_50_50_outcome": False,
        "tokens": [
            {"token_id": YES, "outcome": "Up", "price": 0.4, "winner": False},
            {"token_id": NO, "outcome": "Down", "price": 0.6, "winner": False},
        ],
        "tags": ["Sports", "All"],
    }


def test_a_resolved_market_names_its_winner(busy: App) -> None:
    market = busy.exchange.markets[0]
    market.closed = market.resolved = True
    market.winner = NO
    listed = get(busy, "/markets/0xmarket").json

    assert [(token["price"], token["winner"]) for token in listed["tokens"]] == [(0, False), (1, True)]
    assert (listed["closed"], listed["enable_order_book"]) == (True, False)
    market.winner = None
    assert get(busy, "/markets/0xmarket").json["is_50_50_outcome"] is True


def test_sampling_lists_those_that_pay_rewards(busy: App) -> None:
    other = a_market(id=MarketId("0x2"), slug="other", yes=TokenId("21"), no=TokenId("22"))
    busy.exchange.add_market(other)

    for path, every in (
        ("/sampling-markets", "/markets"),
        ("/sampling-simplified-markets", "/simplified-markets"),
    ):
        (row,) = get(busy, path).json["data"]
        assert row in get(busy, every).json["data"]
        assert get(busy, every).json["count"] == 2
    plain = get(busy, "/markets/0x2").json
    assert plain["rewards"] == {"rates": None, "min_size": 0, "max_spread": 0}
    assert get(busy, "/simplified-markets").json["data"][1].keys() == {
        "condition_id", "tokens", "rewards", "active", "closed", "archived", "accepting_orders"
    }  # fmt: skip


def test_closed_markets_stay_listed(busy: App) -> None:
    busy.exchange.markets[0].closed = True

    assert get(busy, "/markets").json["count"] == get(busy, "/simplified-markets").json["count"] == 1


def test_pages_go_from_the_start_to_the_end_and_not_beyond(busy: App) -> None:
    for path in ("/markets", "/simplified-markets", "/sampling-markets", "/sampling-simplified-markets"):
        for start in ("", "?next_cursor=MA%3D%3D"):
            page = get(busy, path + start).json
            assert (page["limit"], page["count"], page["next_cursor"]) == (1000, 1, "LTE=")
        end = get(busy, f"{path}?next_cursor=LTE%3D")
        assert end == Said(400, {"error": "next item should be greater than or equal to 0"})
        assert get(busy, f"{path}?next_cursor=%21") == Said(400, {"error": "Invalid next_cursor"})


def test_a_page_holds_a_thousand(busy: App) -> None:
    for n in range(1_000):
        market = a_market(id=MarketId(f"0x{n}"), slug=f"m{n}", yes=TokenId(f"9{n}"), no=TokenId(f"8{n}"))
        busy.exchange.add_market(market)
    first = get(busy, "/simplified-markets").json
    second = get(busy, f"/simplified-markets?next_cursor={first['next_cursor']}").json

    assert (first["count"], first["next_cursor"]) == (1000, "MTAwMA==")
    assert (second["count"], second["next_cursor"]) == (1, "LTE=")


def test_a_token_leads_to_its_market_whichever_is_primary(busy: App) -> None:
    pairs = {token: get(busy, f"/markets-by-token/{token}").json for token in (YES, NO)}

    assert pairs[YES] == pairs[NO]
    assert pairs[YES]["condition_id"] == "0xmarket"
    assert {pairs[YES]["primary_token_id"], pairs[YES]["secondary_token_id"]} == {YES, NO}


def test_primary_is_not_always_yes() -> None:
    app = a_door()
    for n in range(30):
        market = a_market(
            id=MarketId(f"0x{n}"), slug=f"m{n}", yes=TokenId(f"9{n}7{n}"), no=TokenId(f"8{n}3{n * 7}")
        )
        app.exchange.add_market(market)
    firsts = [
        get(app, f"/markets-by-token/{market.yes}").json["primary_token_id"] == market.yes
        for market in app.exchange.markets
    ]

    assert 5 < sum(firsts) < 26


def test_unknown_markets_are_not_found(busy: App) -> None:
    for path in ("/markets/0x9", "/clob-markets/0x9", "/markets-by-token/9", "/markets/live-activity/0x9"):
        assert get(busy, path) == Said(404, {"error": "market not found"})


def test_live_activity_is_a_market_in_short(busy: App) -> None:
    short = get(busy, "/markets/live-activity/0xmarket").json

    assert (short["condition_id"], short["id"], short["event_slug"], short["tags"]) == (
        "0xmarket",
        1,
        "a-market",
        ["sports"],
    )
    assert ask(busy, "POST", "/markets/live-activity", ["0x9", "0xmarket"]).json == [short]
    assert ask(busy, "POST", "/markets/live-activity", ["0x9"]).status == 404
    for body in ([], {}, b""):
        assert ask(busy, "POST", "/markets/live-activity", body) == Said(400, {"error": "Invalid markets"})


def test_the_official_client_reads_what_an_order_needs(busy: App, monkeypatch: pytest.MonkeyPatch) -> None:
    client = ClobClient("http://venue", 137)
    monkeypatch.setattr(
        client,
        "_get",
        lambda url, headers=None, params=None: get(busy, url.removeprefix("http://venue")).json,
    )
    info = client.get_clob_market_info("0xmarket")

    assert info["mts"] == 0.001
    assert client.get_tick_size(YES) == "0.001"
    assert client.get_neg_risk(NO) is True
    assert client.get_fee_exponent(YES) == 1


def test_listed_rows_survive_their_own_types(busy: App) -> None:
    body = msgspec.json.encode(get(busy, "/clob-markets/0xmarket").json)
    assert decode_clob_market(body).gst == "2026-09-22T18:00:00Z"
    row = get(busy, "/markets/0xmarket").json
    assert msgspec.convert(row, ListedMarket, strict=False).condition_id == "0xmarket"
