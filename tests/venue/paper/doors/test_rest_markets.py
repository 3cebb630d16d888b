import time

import pytest
from py_clob_client_v2.utilities import generate_orderbook_summary_hash, parse_raw_orderbook_summary

from messages.values import MICRO, Money, Price, Size
from tests.venue.paper.door_bench import Said, Wallet, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench, a_market, bid
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import App

NO_BOOK = Said(404, {"error": "No orderbook exists for the requested token id"})


@pytest.fixture
def app() -> App:
    return a_door(Bench(bid(0, 37, 20), bid(0, 38, 50.5), ask_level(0, 45, 50), ask_level(0, 46, 7)))


def get(app: App, target: str) -> Said:
    return ask(app, "GET", target)


def test_the_venue_says_that_it_is_there(app: App) -> None:
    assert get(app, "/ok").json == "OK"
    assert get(app, "/version").json == get(app, "/").json == {"version": 2}
    assert abs(get(app, "/time").json - time.time()) < 5


def test_a_book_has_its_best_levels_last_and_the_clients_hash(app: App) -> None:
    raw = get(app, f"/book?token_id={YES}").json

    assert raw["bids"] == [{"price": "0.37", "size": "20"}, {"price": "0.38", "size": "50.5"}]
    assert raw["asks"] == [{"price": "0.46", "size": "7"}, {"price": "0.45", "size": "50"}]
    assert (raw["min_order_size"], raw["tick_size"], raw["neg_risk"], raw["last_trade_price"]) == (
        "5",
        "0.01",
        False,
        "",
    )
    assert len(raw["timestamp"]) == 13 or int(raw["timestamp"]) < 10**13
    said = raw["hash"]
    assert generate_orderbook_summary_hash(parse_raw_orderbook_summary(raw)) == said


def test_the_book_of_no_mirrors_that_of_yes(app: App) -> None:
    raw = get(app, f"/book?token_id={NO}").json

    assert raw["bids"] == [{"price": "0.54", "size": "7"}, {"price": "0.55", "size": "50"}]
    assert raw["asks"] == [{"price": "0.63", "size": "20"}, {"price": "0.62", "size": "50.5"}]


def test_several_books_leave_out_what_is_unknown(app: App) -> None:
    said = ask(app, "POST", "/books", [{"token_id": NO}, {"token_id": "9"}, {"token_id": YES}])

    assert [book["asset_id"] for book in said.json] == [NO, YES]


def test_prices_are_those_of_the_top_of_the_book(app: App) -> None:
    assert get(app, f"/midpoint?token_id={YES}").json == {"mid": "0.415"}
    assert get(app, f"/spread?token_id={YES}").json == {"spread": "0.07"}
    assert get(app, f"/price?token_id={YES}&side=BUY").json == {"price": "0.38"}
    assert get(app, f"/price?token_id={NO}&side=SELL").json == {"price": "0.62"}
    assert get(app, f"/price?token_id={YES}&side=buy") == Said(400, {"error": "Invalid side"})
    tokens = [{"token_id": YES, "side": "BUY"}, {"token_id": NO}, {"token_id": "9"}]
    assert ask(app, "POST", "/prices", tokens).json == {YES: {"BUY": "0.38"}, NO: {"SELL": "0.62"}}
    assert ask(app, "POST", "/midpoints", tokens).json == {YES: "0.415", NO: "0.585"}
    assert ask(app, "POST", "/spreads", tokens).json == {YES: "0.07", NO: "0.07"}


def test_an_empty_book_has_no_middle() -> None:
    app = a_door()

    assert get(app, f"/midpoint?token_id={YES}") == get(app, f"/spread?token_id={YES}") == NO_BOOK
    assert get(app, f"/price?token_id={YES}&side=BUY").json == {"price": "0"}
    assert get(app, f"/price?token_id={YES}&side=SELL").json == {"price": "1"}
    assert get(app, f"/book?token_id={YES}").json["bids"] == []
    assert ask(app, "POST", "/midpoints", [{"token_id": YES}]).json == {}


def test_the_last_trade_is_told_in_each_tokens_terms(app: App) -> None:
    assert get(app, f"/last-trade-price?token_id={YES}").json == {"price": "0.5", "side": ""}
    Wallet(app).log_in().place("BUY", 45, 10)

    assert get(app, f"/last-trade-price?token_id={NO}").json["price"] == "0.55"
    assert ask(app, "POST", "/last-trades-prices", [{"token_id": YES}]).json == [
        {"price": "0.45", "side": "", "token_id": YES}
    ]


@pytest.mark.parametrize(
    "path",
    ["/book", "/midpoint", "/spread", "/price", "/last-trade-price", "/tick-size", "/neg-risk", "/fee-rate"],
)
def test_a_token_must_be_one(app: App, path: str) -> None:
    for query in ("", "?token_id=", "?token_id=x", "?token_id=%D9%A1"):
        assert get(app, path + query) == Said(400, {"error": "Invalid token id"})
    assert get(app, f"{path}?token_id=9") == NO_BOOK


def test_plural_reads_are_posts_with_a_list(app: App) -> None:
    for path in ("/books", "/midpoints", "/prices", "/spreads", "/last-trades-prices"):
        assert get(app, path) == Said(400, {"error": "Invalid payload"})
        for body in (b"", b"{}", b'[{"token":"1"}]', b"\xff"):
            assert ask(app, "POST", path, body) == Said(400, {"error": "Invalid payload"})
        assert ask(app, "POST", path, [{"token_id": "1"}] * 501) == Said(
            400, {"error": "Payload exceeds the limit"}
        )


def test_the_constants_of_a_market_are_numbers() -> None:
    market = a_market(
        tick=Price(1_000),
        neg_risk=True,
        fee_rate=50_000,
        rewards_daily=Money(30 * MICRO),
        rewards_min_size=Size(50 * MICRO),
        rewards_max_spread=45_000,
    )
    app = a_door(Bench(market=market))

    assert get(app, f"/tick-size?token_id={YES}").json == {"minimum_tick_size": 0.001}
    assert get(app, f"/neg-risk?token_id={YES}").json == {"neg_risk": True}
    assert get(app, f"/fee-rate?token_id={YES}").json == {"base_fee": 1000}
    compact = get(app, "/clob-markets/0xmarket").json
    assert compact == {
        "c": "0xmarket",
        "t": [{"t": YES, "o": "Yes"}, {"t": NO, "o": "No"}],
        "r": {"mi": 50, "ma": 4.5, "moas": 30},
        "mos": 5,
        "mts": 0.001,
        "nr": True,
        "fd": {"r": 0.05, "e": 1, "to": True},
        "ao": True,
        "v": "v1",
    }
    listed = get(app, "/markets/0xmarket").json
    assert (listed["minimum_tick_size"], listed["rewards"]["max_spread"]) == (0.001, 4.5)
    assert listed["rewards"]["rates"][0]["rewards_daily_rate"] == 30
    assert get(app, "/sampling-markets").json["data"] == [listed]


def test_a_plain_market_says_no_more_than_it_has(app: App) -> None:
    compact = get(app, "/clob-markets/0xmarket").json

    assert not compact.keys() & {"nr", "fd", "r"}
    assert get(app, f"/markets-by-token/{NO}").json == {
        "condition_id": "0xmarket",
        "primary_token_id": YES,
        "secondary_token_id": NO,
    }
    assert get(app, "/sampling-simplified-markets").json["data"] == []


def test_unknown_markets_are_not_found(app: App) -> None:
    for path in ("/markets/0x9", "/clob-markets/0x9", "/markets-by-token/9"):
        assert get(app, path) == Said(404, {"error": "market not found"})


def test_listings_are_paged_from_the_start_to_the_end(app: App) -> None:
    for path in ("/markets", "/simplified-markets"):
        for start in ("", "?next_cursor=MA%3D%3D"):
            page = get(app, path + start).json
            assert (page["limit"], page["count"], page["next_cursor"]) == (1000, 1, "LTE=")
        assert get(app, f"{path}?next_cursor=LTE%3D").status == 400


def test_a_path_nobody_serves_is_not_found_and_a_wrong_method_is_told(app: App) -> None:
    assert get(app, "/rfq/quotes").status == 404
    assert ask(app, "POST", "/book").status == 405
    assert ask(app, "PUT", "/markets/0xmarket").status == 405
    assert get(app, "/markets/").status == 404
