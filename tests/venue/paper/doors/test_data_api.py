import msgspec
import pytest

from messages.values import MICRO, Money, Size
from tests.venue.paper.door_bench import Said, Wallet, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import App
from venue.paper.doors.dialect import Dialect
from venue.wire.data_api import decode_positions


@pytest.fixture
def bench() -> Bench:
    return Bench(ask_level(0, 45, 50), ask_level(0, 46, 50))


@pytest.fixture
def app(bench: Bench) -> App:
    return a_door(bench)


@pytest.fixture
def alice(app: App) -> Wallet:
    return Wallet(app).log_in()


def get(app: App, target: str) -> Said:
    return ask(app, "GET", f"/data-api{target}")


def test_a_position_is_told_to_whoever_knows_the_address(alice: Wallet) -> None:
    alice.place("BUY", 45, 10)
    said = get(alice.app, f"/positions?user={alice.address.lower()}")
    (row,) = said.json

    assert (row["asset"], row["size"], row["avgPrice"], row["curPrice"]) == (YES, 10, 0.45, 0.45)
    assert (row["initialValue"], row["currentValue"], row["cashPnl"], row["percentPnl"]) == (4.5, 4.5, 0, 0)
    assert (row["outcome"], row["oppositeAsset"], row["proxyWallet"]) == ("Yes", NO, alice.address)
    assert (row["eventSlug"], row["eventId"], row["outcomeIndex"]) == ("a-market", "1", 0)
    assert decode_positions(msgspec.json.encode(said.json))[0].conditionId == "0xmarket"


def test_positions_are_filtered_and_ordered(alice: Wallet) -> None:
    alice.place("BUY", 45, 10)
    alice.place("BUY", 60, 20, token=NO)
    Wallet(alice.app, 2).log_in().place("BUY", 40, 20)
    asked = f"/positions?user={alice.address}"

    def found(query: str) -> list[str]:
        return [row["asset"] for row in get(alice.app, asked + query).json]

    assert found("") == [NO, YES]
    assert found("&sortDirection=ASC") == [YES, NO]
    assert found("&sortBy=AVGPRICE&sortDirection=ASC") == [YES, NO]
    assert found("&sizeThreshold=11") == [NO]
    assert found("&market=0x2") == []
    assert found("&limit=1&offset=1") == [YES]
    assert found("&mergeable=true") == [NO, YES]
    assert found("&redeemable=true") == []
    for bad in ("&sizeThreshold=x", "&sortBy=x", "&limit=x"):
        assert get(alice.app, asked + bad).status == 400


def test_trades_are_told_from_each_sides_view(app: App, alice: Wallet) -> None:
    bob = Wallet(app, 2).log_in()
    alice.place("BUY", 44, 10)
    bob.place("BUY", 56, 10, token=NO)

    (his,) = get(app, f"/trades?user={bob.address}").json
    assert (his["side"], his["asset"], his["size"], his["price"]) == ("BUY", NO, 10, 0.56)
    assert get(app, f"/trades?user={alice.address}").json == []
    (hers,) = get(app, f"/trades?user={alice.address}&takerOnly=false").json
    assert (hers["side"], hers["asset"], hers["price"], hers["outcome"]) == ("BUY", YES, 0.44, "Yes")
    assert [row["proxyWallet"] for row in get(app, "/trades?takerOnly=false").json] == [
        bob.address,
        alice.address,
    ]
    assert get(app, "/trades?market=0x9").json == get(app, "/trades?side=SELL").json == []
    assert get(app, "/trades?side=x").status == get(app, "/trades?offset=1001").status == 400


def test_newest_trades_come_first_page_by_page(bench: Bench, alice: Wallet) -> None:
    for second in range(3):
        bench.at(10 * second)
        alice.place("BUY", 46, 5 + second)
    asked = f"/trades?user={alice.address}"

    assert [row["size"] for row in get(alice.app, asked).json] == [7, 6, 5]
    assert [row["size"] for row in get(alice.app, f"{asked}&limit=1&offset=1").json] == [6]


def test_an_address_must_be_one(app: App) -> None:
    for path in ("/positions", "/activity", "/value"):
        assert get(app, path) == Said(400, {"error": "required query param 'user' not provided"})
        assert get(app, f"{path}?user=0x12").status == 400
    assert get(app, "/trades?user=0x12").status == 400


def test_activity_holds_trades_and_what_programs_paid(alice: Wallet) -> None:
    alice.place("BUY", 45, 10)
    alice.app.exchange.pay([(alice.address, Money(3 * MICRO), "rewards 2026-11-21")])
    asked = f"/activity?user={alice.address}"
    rows = {row["type"]: row for row in get(alice.app, asked).json}

    assert (rows["TRADE"]["size"], rows["TRADE"]["usdcSize"]) == (10, 4.5)
    assert rows["REWARD"]["usdcSize"] == 3
    assert [row["type"] for row in get(alice.app, f"{asked}&type=REWARD").json] == ["REWARD"]


def test_activity_holds_what_was_split_and_merged(bench: Bench, alice: Wallet) -> None:
    market = bench.market
    alice.app.exchange.bank.split(alice.address, market, Size(5 * MICRO))
    alice.app.exchange.bank.merge(alice.address, market, Size(2 * MICRO))
    merge, split = get(alice.app, f"/activity?user={alice.address}&market={market.id}").json

    assert (split["type"], split["size"], split["usdcSize"]) == ("SPLIT", 5, 5)
    assert (merge["type"], merge["size"], merge["usdcSize"]) == ("MERGE", 2, 2)
    assert (split["title"], split["outcomeIndex"], split["side"]) == (market.question, 999, "")
    assert split["transactionHash"].startswith("0x")
    assert get(alice.app, f"/activity?user={alice.address}&market=0x2").json == []


def test_value_and_holders(app: App, alice: Wallet) -> None:
    alice.place("BUY", 45, 10)
    Wallet(app, 2).log_in().place("BUY", 45, 20)

    assert get(app, f"/value?user={alice.address}").json == [{"user": alice.address, "value": 4.5}]
    yes, no = get(app, "/holders?market=0xmarket").json
    assert [holder["amount"] for holder in yes["holders"]] == [20, 10]
    assert (yes["token"], no["holders"]) == (YES, [])
    assert get(app, "/holders?market=0xmarket&minBalance=11").json[0]["holders"][0]["amount"] == 20
    assert get(app, "/holders").status == 400


def test_the_second_version_speaks_snake_case_in_an_envelope(alice: Wallet) -> None:
    alice.place("BUY", 45, 10)
    page = get(alice.app, f"/v2/positions?user={alice.address}").json
    (row,) = page["data"]

    assert page["pagination"] == {"limit": 100, "offset": 0, "has_more": False, "next_cursor": None}
    assert (row["token_id"], row["current_size"], row["avg_price"], row["entry_cost_usdc"]) == (
        YES,
        10,
        0.45,
        4.5,
    )
    assert (row["current_price"], row["status"], row["event_id"]) == (0.45, "OPEN", "1")
    assert row["first_entry_at"] == row["last_event_at"] > 1_700_000_000
    (trade,) = get(alice.app, f"/v2/trades?user={alice.address}").json["data"]
    assert (trade["side"], trade["size"], trade["condition_id"]) == ("BUY", 10, "0xmarket")
    assert get(alice.app, f"/v2/value?user={alice.address}").json == {
        "data": {"proxy_wallet": alice.address.lower(), "value": 4.5}
    }
    assert get(alice.app, f"/v2/positions?user={alice.address}&status=CLOSED").json["data"] == []


def test_pages_of_the_second_version_follow_their_cursor(alice: Wallet) -> None:
    for shares in (5, 6, 7):
        alice.place("BUY", 46, shares)
    first = get(alice.app, "/v2/trades?limit=2").json
    assert first["pagination"]["has_more"] is True
    second = get(alice.app, f"/v2/trades?limit=2&cursor={first['pagination']['next_cursor']}").json

    assert [row["size"] for row in first["data"] + second["data"]] == [7, 6, 5]
    assert second["pagination"]["next_cursor"] is None
    assert len(get(alice.app, "/v2/positions?condition=0xmarket").json["data"]) == 1


def test_refusals_of_the_second_version_say_more(app: App) -> None:
    said = get(app, "/v2/positions")

    assert said.status == 400
    assert said.json["error"] == "required query param 'user' or 'condition' not provided"
    assert (said.json["code"], said.json["retryable"]) == ("invalid_request", False)
    assert get(app, "/v2/trades?offset=1").status == get(app, "/v2/trades?limit=5000").status == 400


def test_a_lagging_data_api_shows_what_was(bench: Bench) -> None:
    app = App(bench.exchange, Dialect(data_lag_s=5))
    alice = Wallet(app).log_in()
    alice.place("BUY", 46, 10)
    bench.at(4)
    alice.place("BUY", 46, 5)
    positions = f"/positions?user={alice.address}"
    assert get(app, positions).json == get(app, f"/trades?user={alice.address}").json == []
    bench.at(6)
    assert [row["size"] for row in get(app, positions).json] == [10]
    bench.at(9)
    assert [row["size"] for row in get(app, positions).json] == [15]
    assert len(get(app, "/trades").json) == 2


def test_the_site_says_where_one_is(bench: Bench) -> None:
    free, blocked = (App(bench.exchange, Dialect(geoblocked=flag)) for flag in (False, True))

    assert ask(free, "GET", "/api/geoblock").json == {
        "blocked": False,
        "ip": "127.0.0.1",
        "country": "IE",
        "region": "L",
    }
    assert ask(blocked, "GET", "/api/geoblock").json["blocked"] is True
