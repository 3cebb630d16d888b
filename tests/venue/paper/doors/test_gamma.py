import json

import msgspec
import pytest

from messages.values import MICRO, SECOND, MarketId, MarketNs, Money, TokenId
from tests.venue.paper.door_bench import Said, Wallet, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench, a_market, bid
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import App
from venue.wire.markets import decode_gamma_markets, decode_gamma_page, decode_positions, strings


@pytest.fixture
def app() -> App:
    """Three markets: one with a book, one that is busy, one closed."""
    bench = Bench(
        bid(0, 38, 50), ask_level(0, 45, 50), market=a_market(ends_at=MarketNs(1_800_000_000 * SECOND))
    )
    for n, terms in ((2, {"volume_24h": Money(900 * MICRO)}), (3, {"closed": True})):
        market = a_market(
            id=MarketId(f"0x{n}"), slug=f"slug-{n}", yes=TokenId(f"{n}1"), no=TokenId(f"{n}2"), **terms
        )
        bench.exchange.add_market(market)
    return a_door(bench)


def get(app: App, target: str) -> Said:
    return ask(app, "GET", f"/gamma{target}")


def ids(said: Said) -> list[str]:
    return [row["id"] for row in said.json]


def test_a_market_is_described_with_numbers_and_lists_in_text(app: App) -> None:
    row = get(app, "/markets").json[0]

    assert row["clobTokenIds"] == f'["{YES}", "{NO}"]'
    assert json.loads(row["outcomes"]) == ["Yes", "No"]
    assert json.loads(row["outcomePrices"]) == ["0.415", "0.585"]
    assert (row["bestBid"], row["bestAsk"], row["spread"], row["orderMinSize"]) == (0.38, 0.45, 0.07, 5)
    assert (row["endDate"], row["endDateIso"]) == ("2027-01-15T08:00:00Z", "2027-01-15")
    assert (row["active"], row["closed"], row["acceptingOrders"]) == (True, False, True)
    assert row["liquidityNum"] == 0.38 * 50 + 0.55 * 50


def test_what_gamma_says_is_read_by_the_clients_end(app: App) -> None:
    market = decode_gamma_markets(msgspec.json.encode(get(app, "/markets").json))[0]

    assert strings(market.clobTokenIds) == [YES, NO]


def test_closed_markets_are_listed_when_asked_for(app: App) -> None:
    assert ids(get(app, "/markets")) == ["1", "2"]
    assert ids(get(app, "/markets?closed=true")) == ["3"]
    assert ids(get(app, "/markets?closed=")) == ["1", "2", "3"]
    assert ids(get(app, "/markets?active=false")) == []
    assert get(app, "/markets?closed=maybe").status == 422


def test_markets_are_found_by_name_and_number(app: App) -> None:
    assert ids(get(app, "/markets?slug=slug-2&slug=a-market")) == ["1", "2"]
    assert ids(get(app, "/markets?condition_ids=0x2")) == ["2"]
    assert ids(get(app, f"/markets?clob_token_ids={NO}")) == ["1"]
    assert get(app, "/markets/2").json["slug"] == get(app, "/markets/slug/slug-2").json["slug"] == "slug-2"
    assert get(app, "/markets/9").status == get(app, "/markets/slug/none").status == 404


def test_markets_are_ordered_and_cut(app: App) -> None:
    assert ids(get(app, "/markets?order=volume24hr&ascending=false")) == ["2", "1"]
    assert ids(get(app, "/markets?order=volume24hr&ascending=true")) == ["1", "2"]
    assert ids(get(app, "/markets?limit=1&offset=1")) == ["2"]
    assert ids(get(app, "/markets?volume_num_min=800")) == ["2"]
    assert ids(get(app, "/markets?liquidity_num_max=1")) == ["2"]
    for bad in ("order=volume_24hr", "order=what", "offset=2001", "volume_num_min=x"):
        assert get(app, f"/markets?{bad}").status == 422, bad
    assert get(app, "/markets?limit=-1").status == 400


def test_pages_by_cursor_end_without_one(app: App) -> None:
    first = decode_gamma_page(msgspec.json.encode(get(app, "/markets/keyset?limit=1").json))
    assert first.markets is not None
    second = get(app, f"/markets/keyset?limit=1&after_cursor={first.next_cursor}").json

    assert [first.markets[0].id, second["markets"][0]["id"]] == ["1", "2"]
    assert "next_cursor" not in second
    assert get(app, "/markets/keyset?offset=1").status == 422
    assert len(get(app, "/events/keyset").json["events"]) == 2


def test_each_market_is_an_event_of_its_own(app: App) -> None:
    (event, _) = get(app, "/events").json

    assert event["markets"] == [get(app, "/markets/1").json]
    assert get(app, "/events/1").json == get(app, "/events/slug/a-market").json == event


def test_a_position_is_told_to_whoever_knows_the_address(app: App) -> None:
    alice = Wallet(app).log_in()
    alice.place("BUY", 45, 10)
    said = ask(app, "GET", f"/data-api/positions?user={alice.address.lower()}")
    (row,) = said.json

    assert (row["asset"], row["size"], row["avgPrice"], row["curPrice"]) == (YES, 10, 0.45, 0.45)
    assert (row["initialValue"], row["currentValue"], row["cashPnl"]) == (4.5, 4.5, 0)
    assert (row["outcome"], row["oppositeAsset"], row["proxyWallet"]) == ("Yes", NO, alice.address)
    assert decode_positions(msgspec.json.encode(said.json))[0].conditionId == "0xmarket"
    asked = f"/data-api/positions?user={alice.address}"
    assert ask(app, "GET", f"{asked}&sizeThreshold=11").json == []
    assert ask(app, "GET", f"{asked}&market=0x2").json == []
    assert ask(app, "GET", f"{asked}&sizeThreshold=x").status == 400


def test_trades_are_told_from_the_users_side(app: App) -> None:
    alice, bob = Wallet(app).log_in(), Wallet(app, 2).log_in()
    alice.place("BUY", 44, 10)
    bob.place("BUY", 56, 10, token=NO)
    asked = "/data-api/trades?user="

    (his,) = ask(app, "GET", asked + bob.address).json
    assert (his["side"], his["asset"], his["size"], his["price"]) == ("BUY", NO, 10, 0.56)
    assert ask(app, "GET", asked + alice.address).json == []
    (hers,) = ask(app, "GET", f"{asked}{alice.address}&takerOnly=false").json
    assert (hers["side"], hers["asset"], hers["price"], hers["outcome"]) == ("BUY", YES, 0.44, "Yes")


def test_an_address_must_be_one(app: App) -> None:
    for path in ("/data-api/positions", "/data-api/trades"):
        for user in ("", "?user=", "?user=0x12"):
            assert ask(app, "GET", path + user).status == 400
