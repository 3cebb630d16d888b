from datetime import date

import pytest

from messages.values import MICRO, MarketId, MarketNs, Money, TokenId
from tests.venue.paper.door_bench import Said, Wallet, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench, bid
from tests.venue.paper.engine_bench import ask as ask_level
from tests.venue.paper.programs.bench import NOON, a_rewarded_market

TODAY, TOMORROW = "2026-11-21", "2026-11-22"
HALF_DAY = 43_200
PUSD = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"


@pytest.fixture
def bench() -> Bench:
    """Noon; one market with rewards and others' 100 shares on each side, one without."""
    bench = Bench(
        bid(0, 49, 100),
        ask_level(0, 51, 100),
        market=a_rewarded_market(category="sports"),
        starts_at=MarketNs(NOON),
        dollars=10_000,
    )
    plain = a_rewarded_market(
        id=MarketId("0x2"), slug="plain", yes=TokenId("21"), no=TokenId("22"), rewards_daily=Money(0)
    )
    bench.exchange.add_market(plain)
    return bench


@pytest.fixture
def alice(bench: Bench) -> Wallet:
    return Wallet(a_door(bench)).log_in()


def quote(wallet: Wallet, shares: float = 100) -> list[str]:
    """Both sides at a cent from the middle; the orders' ids."""
    placed = [wallet.place("BUY", 49, shares, token=token).json for token in (YES, NO)]
    return [answer["orderID"] for answer in placed]


def get(wallet: Wallet, target: str) -> Said:
    return ask(wallet.app, "GET", target)


def test_current_rewards_are_those_that_are_paid_now(alice: Wallet) -> None:
    page = get(alice, "/rewards/markets/current").json

    assert (page["limit"], page["count"], page["next_cursor"]) == (500, 1, "LTE=")
    assert page["data"] == [
        {
            "condition_id": "0xmarket",
            "rewards_max_spread": 4.5,
            "rewards_min_size": 50,
            "rewards_config": [
                {
                    "id": 0,
                    "asset_address": PUSD,
                    "start_date": TODAY,
                    "end_date": "2500-12-31",
                    "rate_per_day": 24,
                    "total_rewards": 0,
                }
            ],
            "native_daily_rate": 24,
            "total_daily_rate": 24,
        }
    ]
    assert get(alice, "/rewards/markets/current?sponsored=true").json["data"] == []
    assert get(alice, "/rewards/markets/current?next_cursor=LTE=").status == 400


def test_the_rewards_of_one_market(alice: Wallet) -> None:
    (row,) = get(alice, "/rewards/markets/0xmarket").json["data"]

    assert (row["question"], row["market_slug"], row["event_slug"]) == ("Will it?", "a-market", "a-market")
    assert [(token["token_id"], token["price"]) for token in row["tokens"]] == [(YES, 0.5), (NO, 0.5)]
    (config,) = row["rewards_config"]
    assert (config["id"], config["rate_per_day"]) == (1, 24)
    assert config["total_days"] == (date(2500, 12, 31) - date(2026, 11, 21)).days + 1
    for other in ("0x2", "0x9"):
        assert get(alice, f"/rewards/markets/{other}").json == {
            "limit": 100, "next_cursor": "LTE=", "count": 0, "data": [],
        }  # fmt: skip


def test_markets_with_rewards_are_searched_filtered_and_ordered(bench: Bench, alice: Wallet) -> None:
    more = {"rewards_daily": Money(80 * MICRO), "category": "politics", "question": "Another one?"}
    bench.exchange.add_market(
        a_rewarded_market(id=MarketId("0x3"), slug="third", yes=TokenId("31"), no=TokenId("32"), **more)
    )

    def found(query: str) -> list[str]:
        return [row["condition_id"] for row in get(alice, f"/rewards/markets/multi?{query}").json["data"]]

    assert found("") == ["0xmarket", "0x3"]
    assert found("q=ANOTHER") == found("tag_slug=politics") == found("event_id=3") == ["0x3"]
    assert found("tag_slug=politics&tag_slug=sports") == ["0xmarket", "0x3"]
    assert (
        found("event_title=will") == found("max_spread=0.5") == found("min_price=0.5&q=will") == ["0xmarket"]
    )
    assert found("min_volume_24hr=1") == []
    for order in ("rate_per_day", "market_id", "spread"):
        assert found(f"order_by={order}&position=DESC") == ["0x3", "0xmarket"], order
    assert found("order_by=question&position=ASC") == ["0x3", "0xmarket"]
    row = get(alice, "/rewards/markets/multi?q=will").json["data"][0]
    assert (row["market_id"], row["event_id"], row["spread"], row["created_at"]) == (
        "1", "1", 0.02, "2026-11-21T12:00:00Z",
    )  # fmt: skip
    first = get(alice, "/rewards/markets/multi?page_size=1").json
    assert (first["limit"], first["count"], first["next_cursor"]) == (1, 1, "MQ==")
    assert get(alice, "/rewards/markets/multi?page_size=9999").json["limit"] == 500
    for query, words in (
        ("order_by=x", "Invalid order_by"),
        ("position=x", "Invalid position"),
        ("next_cursor=%21", "Invalid next_cursor"),
    ):
        assert get(alice, f"/rewards/markets/multi?{query}") == Said(400, {"error": words})


def test_the_earnings_of_a_day_grow_until_they_are_paid(bench: Bench, alice: Wallet) -> None:
    quote(alice)
    bench.at(6 * 3_600)
    (row,) = alice.call("GET", f"/rewards/user?date={TODAY}&signature_type=0").json["data"]
    assert row["earnings"] == pytest.approx(24 / 4 / 2, rel=0.01)
    assert (row["date"], row["condition_id"], row["asset_address"], row["maker_address"], row["asset_rate"]) == (
        f"{TODAY}T00:00:00Z", "0xmarket", PUSD, alice.address, 1,
    )  # fmt: skip
    bench.at(HALF_DAY - 0.001)
    before = bench.exchange.balance(alice.address, None)
    (row,) = alice.call("GET", f"/rewards/user?date={TODAY}").json["data"]
    bench.at(HALF_DAY + 1)

    assert (bench.exchange.balance(alice.address, None) - before) / MICRO == pytest.approx(row["earnings"])
    assert alice.call("GET", f"/rewards/user?date={TODAY}").json["data"] == [row]
    assert alice.call("GET", f"/rewards/user?date={TOMORROW}").json["data"] == []
    assert alice.call("GET", f"/rewards/user?date={TODAY}&sponsored=true").json["data"] == []


def test_the_total_of_a_day_is_a_bare_list(bench: Bench, alice: Wallet) -> None:
    assert alice.call("GET", f"/rewards/user/total?date={TODAY}").json == []
    quote(alice)
    bench.at(3_600)
    (row,) = alice.call("GET", f"/rewards/user/total?date={TODAY}").json
    assert row.keys() == {"date", "asset_address", "maker_address", "earnings", "asset_rate"}
    (row,) = alice.call("GET", f"/rewards/user/total?date={TODAY}&sponsored=true").json

    assert row["earnings"] == row["native_earnings"] == pytest.approx(0.5, rel=0.02)
    assert row["sponsored_earnings"] == 0


def test_live_percentages_are_of_this_moment(bench: Bench, alice: Wallet) -> None:
    bob = Wallet(alice.app, 2).log_in()
    quote(alice, 100)
    quote(bob, 200)
    assert alice.call("GET", "/rewards/user/percentages").json == {}
    bench.at(31)

    assert alice.call("GET", "/rewards/user/percentages?signature_type=0").json == {"0xmarket": 25}
    assert bob.call("GET", "/rewards/user/percentages").json == {"0xmarket": 50}
    asked = f"/rewards/user/percentages?maker_address={bob.address.lower()}"
    assert alice.call("GET", asked).json == {"0xmarket": 50}


def test_a_users_markets_come_with_what_they_gave(bench: Bench, alice: Wallet) -> None:
    quote(alice)
    bench.at(3_600)
    page = alice.call(
        "GET", f"/rewards/user/markets?date={TODAY}&order_by=&position=&no_competition=false"
    ).json
    (row,) = page["data"]

    assert (page["limit"], page["count"], page["total_count"], page["next_cursor"]) == (100, 1, 1, "LTE=")
    assert row["earning_percentage"] == 50
    assert row["earnings"] == [
        {"asset_address": PUSD, "earnings": pytest.approx(0.5, rel=0.02), "asset_rate": 1}
    ]
    assert row["maker_address"] == alice.address
    assert row["market_competitiveness"] == pytest.approx(200 * (3.5 / 4.5) ** 2, rel=1e-6)
    for query, count in (
        ("", 1),
        ("only_open_orders=true", 1),
        ("only_open_positions=true", 0),
        ("only_mergeable=true", 0),
        ("favorite_markets=true", 0),
        ("no_competition=true", 0),
        ("q=nothing", 0),
        ("order_by=earnings&position=DESC", 1),
    ):
        assert alice.call("GET", f"/rewards/user/markets?{query}").json["total_count"] == count, query
    assert alice.call("GET", "/rewards/user/markets?order_by=market_id").status == 400


def test_earnings_are_asked_for_with_a_key_and_a_date(alice: Wallet) -> None:
    bad_date = Said(400, {"error": "Invalid date (format: YYYY-MM-DD)"})
    for path in ("/rewards/user", "/rewards/user/total"):
        assert ask(alice.app, "GET", f"{path}?date={TODAY}").status == 401
        for text in ("", "2026-13-01", "21.11.2026", "2026-1-1"):
            assert alice.call("GET", f"{path}?date={text}") == bad_date
        assert alice.call("GET", f"{path}?date={TODAY}&signature_type=7").json == {
            "error": "Invalid signature_type"
        }
        assert alice.call("GET", f"{path}?date={TODAY}&maker_address=x").json == {
            "error": "Invalid maker_address"
        }
    for path in ("/rewards/user/percentages", "/rewards/user/markets"):
        assert ask(alice.app, "GET", path).status == 401
    assert alice.call("GET", "/rewards/user/markets?date=x") == bad_date


def test_rebates_are_public_and_null_without_any(bench: Bench, alice: Wallet) -> None:
    asked = f"/rebates/current?date={TODAY}&maker_address={alice.address.lower()}"
    assert get(alice, asked) == Said(200, None)
    alice.place("BUY", 50, 100)
    Wallet(alice.app, 2).log_in().place("BUY", 50, 100, token=NO)

    assert get(alice, asked).json == [
        {
            "date": f"{TODAY}T00:00:00Z",
            "condition_id": "0xmarket",
            "asset_address": PUSD,
            "maker_address": alice.address,
            "rebated_fees_usdc": "0.3125",
        }
    ]
    assert get(alice, "/rebates/current?maker_address=0x") == Said(400, {"error": "Invalid date"})
    assert get(alice, f"/rebates/current?date={TODAY}") == Said(400, {"error": "Invalid maker_address"})


def test_an_order_scores_when_it_is_old_and_near_enough(bench: Bench, alice: Wallet) -> None:
    near, _ = quote(alice)
    far = alice.place("BUY", 40, 100).json["orderID"]
    small = alice.place("BUY", 49, 10).json["orderID"]
    assert alice.call("GET", f"/order-scoring?order_id={near}").json == {"scoring": False}
    bench.at(30)
    assert alice.call("GET", f"/order-scoring?order_id={near}").json == {"scoring": True}
    expected = {near: True, far: False, small: False, "0x00": False}
    assert alice.call("POST", "/orders-scoring", list(expected)).json == expected
    assert alice.call("GET", f"/orders-scoring?order_ids={near},{far}").json == {near: True, far: False}

    bob = Wallet(alice.app, 2).log_in()
    assert bob.call("GET", f"/order-scoring?order_id={near}").json == {"scoring": False}
    alice.call("DELETE", "/order", {"orderID": near})
    assert alice.call("GET", f"/order-scoring?order_id={near}").json == {"scoring": False}
    assert alice.call("GET", "/order-scoring") == Said(400, {"error": "Invalid order_id"})
    assert alice.call("POST", "/orders-scoring", {}) == Said(400, {"error": "Invalid payload"})
    assert ask(alice.app, "GET", f"/order-scoring?order_id={near}").status == 401
