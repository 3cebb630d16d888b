import time

import pytest
from py_clob_client_v2.utilities import generate_orderbook_summary_hash, parse_raw_orderbook_summary

from messages.values import Price
from tests.venue.paper.door_bench import Said, Wallet, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench, a_market, bid
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import App

NO_BOOK = "No orderbook exists for the requested token id"


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

    nothing = Said(404, {"error": NO_BOOK})
    assert get(app, f"/midpoint?token_id={YES}") == get(app, f"/spread?token_id={YES}") == nothing
    assert get(app, f"/price?token_id={YES}&side=BUY").json == {"price": "0"}
    assert get(app, f"/price?token_id={YES}&side=SELL").json == {"price": "1"}
    assert get(app, f"/book?token_id={YES}").json["bids"] == []
    assert ask(app, "POST", "/midpoints", [{"token_id": YES}]).json == {}


def test_the_last_trade_is_told_in_each_tokens_terms(app: App) -> None:
    assert get(app, f"/last-trade-price?token_id={YES}").json == {"price": "0.5", "side": ""}
    Wallet(app).log_in().place("BUY", 45, 10)

    assert get(app, f"/last-trade-price?token_id={NO}").json == {"price": "0.55", "side": "SELL"}
    assert ask(app, "POST", "/last-trades-prices", [{"token_id": YES}]).json == [
        {"price": "0.45", "side": "BUY", "token_id": YES}
    ]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        *((path, NO_BOOK) for path in ("/book", "/midpoint", "/spread", "/price", "/last-trade-price")),
        ("/tick-size", "market not found"),
        ("/neg-risk", "market not found"),
        ("/fee-rate", "fee rate not found for market"),
    ],
)
def test_a_token_must_be_one_and_known(app: App, path: str, words: str) -> None:
    for query in ("", "?token_id=", "?token_id=x", "?token_id=%D9%A1"):
        assert get(app, path + query) == Said(400, {"error": "Invalid token id"})
    assert get(app, f"{path}?token_id=9") == Said(404, {"error": words})


def test_a_closed_market_has_no_book(app: App) -> None:
    app.exchange.markets[0].closed = True

    assert get(app, f"/book?token_id={YES}") == Said(404, {"error": NO_BOOK})
    assert get(app, f"/fee-rate?token_id={YES}").status == 404
    assert ask(app, "POST", "/books", [{"token_id": YES}]).json == []


def test_plural_reads_are_posts_with_a_list(app: App) -> None:
    for path in ("/books", "/midpoints", "/prices", "/spreads", "/last-trades-prices"):
        assert get(app, path) == Said(400, {"error": "Invalid payload"})
        for body in (b"", b"{}", b'[{"token":"1"}]', b"\xff"):
            assert ask(app, "POST", path, body) == Said(400, {"error": "Invalid payload"})
        assert ask(app, "POST", path, [{"token_id": "1"}] * 501) == Said(
            400, {"error": "Payload exceeds the limit"}
        )


def test_the_constants_of_a_token_are_numbers_and_may_be_asked_for_in_the_path() -> None:
    app = a_door(Bench(market=a_market(tick=Price(1_000), neg_risk=True, fee_rate=50_000)))

    for name in (f"?token_id={YES}", f"/{NO}"):
        assert get(app, f"/tick-size{name}").json == {"minimum_tick_size": 0.001}
        assert get(app, f"/neg-risk{name}").json == {"neg_risk": True}
        assert get(app, f"/fee-rate{name}").json == {"base_fee": 1000}
    assert get(a_door(), f"/fee-rate?token_id={YES}").json == {"base_fee": 0}


def test_a_path_nobody_serves_is_not_found_and_a_wrong_method_is_told(app: App) -> None:
    assert get(app, "/rfq/quotes").status == 404
    assert ask(app, "POST", "/book").status == 405
    assert ask(app, "PUT", "/markets/0xmarket").status == 405
    assert get(app, "/markets/").status == 404
