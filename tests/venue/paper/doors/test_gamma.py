import json
from typing import Any

import msgspec
import pytest

from messages.values import MICRO, SECOND, MarketId, MarketNs, Money, Price, Size, TokenId
from tests.venue.paper.door_bench import Said, Wallet, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench, a_market, bid
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import App
from venue.paper.engine.terms import Market
from venue.wire.gamma import decode_gamma_markets, decode_gamma_page, strings

START = MarketNs(1_790_000_000 * SECOND)
BEGAN = "2026-09-21T14:13:20Z"


def another(number: int, **terms: Any) -> Market:
    """A market with ids of its own."""
    tokens = {"yes": TokenId(f"{number}0001"), "no": TokenId(f"{number}0002")}
    return a_market(id=MarketId(f"0x{number}"), slug=f"slug-{number}", **tokens, **terms)


@pytest.fixture
def bench() -> Bench:
    """Three markets: one with a book, one that is busy, one closed."""
    bench = Bench(
        bid(0, 38, 50),
        ask_level(0, 45, 50),
        market=a_market(ends_at=MarketNs(1_800_000_000 * SECOND), category="sports"),
        starts_at=START,
    )
    bench.exchange.add_market(another(2, volume_24h=Money(900 * MICRO)))
    bench.exchange.add_market(another(3, closed=True))
    return bench


@pytest.fixture
def app(bench: Bench) -> App:
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
    assert (row["startDate"], row["createdAt"], row["acceptingOrdersTimestamp"]) == (BEGAN, BEGAN, BEGAN)
    assert (row["active"], row["closed"], row["acceptingOrders"]) == (True, False, True)
    assert row["liquidityNum"] == 0.38 * 50 + 0.55 * 50
    assert row["liquidity"] == "46.5"
    assert (row["umaResolutionStatuses"], row["version"], row["positionIds"]) == ("[]", "v1", [])


def test_what_gamma_says_is_read_by_the_clients_end(app: App) -> None:
    market = decode_gamma_markets(msgspec.json.encode(get(app, "/markets").json))[0]

    assert strings(market.clobTokenIds) == [YES, NO]
    assert market.events is not None
    assert market.events[0].slug == "a-market"


def test_how_open_a_question_is_follows_the_venues_listings() -> None:
    for cents, expected in ((0.65, 0.80415), (50, 1), (69, 0.96515)):
        low, high = cents - 0.05, cents + 0.05
        app = a_door(Bench(bid(0, low, 50), ask_level(0, high, 50), market=a_market(tick=Price(100))))

        assert get(app, "/markets/1").json["competitive"] == pytest.approx(expected, abs=1e-4)


def test_an_empty_side_has_no_bid_and_an_ask_of_one(app: App) -> None:
    row = get(app, "/markets/2").json

    assert "bestBid" not in row
    assert (row["bestAsk"], row["spread"], row["outcomePrices"]) == (1, 1, '["0.5", "0.5"]')


def test_fees_and_rewards_are_told_where_there_are_any() -> None:
    market = a_market(
        category="sports",
        fee_rate=50_000,
        rebate_rate=150_000,
        rewards_daily=Money(30 * MICRO),
        rewards_min_size=Size(50 * MICRO),
        rewards_max_spread=45_000,
    )
    app = a_door(Bench(market=market, starts_at=START))
    row = get(app, "/markets/1").json
    assert row["feeSchedule"] == {"exponent": 1, "rate": 0.05, "takerOnly": True, "rebateRate": 0.15}
    assert (row["feesEnabled"], row["feeType"], row["takerBaseFee"]) == (True, "sports_fees_v3", 1000)
    assert (row["rewardsMinSize"], row["rewardsMaxSpread"]) == (50, 4.5)
    assert row["clobRewards"] == [
        {
            "id": "1",
            "conditionId": "0xmarket",
            "assetAddress": "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB",
            "rewardsAmount": 0,
            "rewardsDailyRate": 30,
            "startDate": "2026-09-21",
            "endDate": "2500-12-31",
        }
    ]
    plain = get(a_door(), "/markets/1").json
    assert not plain.keys() & {"feeSchedule", "clobRewards", "makerBaseFee"}
    assert (plain["feesEnabled"], plain["feeType"]) == (False, None)


def test_a_game_has_its_start_and_its_delay() -> None:
    market = a_market(starts_at=MarketNs(1_790_100_000 * SECOND), clears_at_start=True, seconds_delay=3)
    row = get(a_door(Bench(market=market)), "/markets/1").json

    assert (row["gameStartTime"], row["clearBookOnStart"], row["secondsDelay"]) == (
        "2026-09-22 18:00:00+00",
        True,
        3,
    )


def test_prices_and_volumes_are_alive(bench: Bench) -> None:
    bench.market.volume_24h = Money(24 * MICRO)
    app = a_door(bench)
    assert "oneHourPriceChange" not in get(app, "/markets/1").json
    bench.at(120)
    Wallet(app).log_in().place("BUY", 45, 50)
    bench.at(3_700)
    row = get(app, "/markets/1").json

    assert row["lastTradePrice"] == 0.45
    assert row["outcomePrices"] == '["0.45", "0.55"]'
    assert row["oneHourPriceChange"] == 0.035
    assert row["volumeNum"] == row["volume1wk"] == 24 + 22.5
    assert row["volume24hr"] == pytest.approx(24 * 23 / 24 + 22.5, abs=0.05)


def test_a_market_that_ended_says_when_and_how(bench: Bench) -> None:
    app = a_door(bench)
    bench.at(60)
    bench.exchange.resolve(bench.market.id, yes_wins=False)
    (row,) = get(app, "/markets?closed=true&id=1").json

    assert (row["closedTime"], row["umaEndDate"]) == ("2026-09-21 14:14:20+00", "2026-09-21T14:14:20Z")
    assert (row["umaResolutionStatus"], row["automaticallyResolved"]) == ("resolved", True)
    assert row["outcomePrices"] == '["0", "1"]'


def test_closed_markets_are_listed_when_asked_for(app: App) -> None:
    assert ids(get(app, "/markets")) == ["1", "2"]
    assert ids(get(app, "/markets?closed=true")) == ["3"]
    assert ids(get(app, "/markets?closed=")) == ["1", "2", "3"]
    assert ids(get(app, "/markets?active=false")) == ids(get(app, "/markets?archived=true")) == []
    assert get(app, "/markets?closed=maybe").status == 422


def test_markets_are_found_by_name_and_number(app: App) -> None:
    assert ids(get(app, "/markets?slug=slug-2&slug=a-market")) == ["1", "2"]
    assert ids(get(app, "/markets?condition_ids=0x2")) == ["2"]
    assert ids(get(app, f"/markets?clob_token_ids={NO}")) == ["1"]
    assert ids(get(app, "/markets?id=2")) == ["2"]
    assert get(app, "/markets/2").json["slug"] == get(app, "/markets/slug/slug-2").json["slug"] == "slug-2"
    assert get(app, "/markets/9") == Said(404, {"type": "not found error", "error": "id not found"})
    assert get(app, "/markets/slug/none") == Said(404, {"type": "not found error", "error": "slug not found"})


def test_filters_speak_snake_case(app: App) -> None:
    for query, found in (
        ("volume_num_min=800", ["2"]),
        ("volume_num_max=800", ["1"]),
        ("liquidity_num_min=1", ["1"]),
        ("liquidity_num_max=1", ["2"]),
        ("end_date_min=2027-01-01", ["1"]),
        ("end_date_max=2027-01-01T00:00:00Z", []),
        ("start_date_min=2026-09-22", []),
        ("start_date_max=2026-09-22", ["1", "2"]),
        ("tag_id=1", ["1"]),
        ("tag_id=2", []),
        ("rewards_min_size=1", []),
        ("decimalized=true", []),
        ("decimalized=false", ["1", "2"]),
        ("market_maker_address=0x1", []),
    ):
        assert ids(get(app, f"/markets?{query}")) == found, query
    for query in ("volume_num_min=x", "end_date_min=x", "limit=-2", "limit=x", "offset=x"):
        said = get(app, f"/markets?{query}")
        assert (said.status, said.json["type"]) == (422, "validation error"), query


def test_orders_speak_camel_case(app: App) -> None:
    for query, found in (
        ("order=volume24hr&ascending=false", ["2", "1"]),
        ("order=volume24hr&ascending=true", ["1", "2"]),
        ("order=volumeNum", ["2", "1"]),
        ("order=liquidityNum", ["1", "2"]),
        ("order=id", ["2", "1"]),
        ("order=endDate&ascending=true", ["1", "2"]),
        ("order=bestBid&ascending=true", ["1", "2"]),
        ("order=orderMinSize,volume&ascending=false", ["2", "1"]),
    ):
        assert ids(get(app, f"/markets?{query}")) == found, query
    for bad in ("volume_24hr", "what", "liquidity_num", "events"):
        said = get(app, f"/markets?order={bad}")
        assert said == Said(422, {"type": "validation error", "error": f"order fields are not valid: {bad}"})


def test_a_place_in_the_list_goes_no_further_than_two_thousand(app: App) -> None:
    for path in ("/markets", "/events"):
        assert ids(get(app, f"{path}?limit=1&offset=1")) == ["2"]
        assert get(app, f"{path}?offset=2000").json == []
        assert get(app, f"{path}?offset=2001").status == 422


def test_pages_by_cursor_end_without_one(app: App) -> None:
    first = decode_gamma_page(msgspec.json.encode(get(app, "/markets/keyset?limit=1").json))
    assert first.markets is not None
    second = get(app, f"/markets/keyset?limit=1&after_cursor={first.next_cursor}").json

    assert [first.markets[0].id, second["markets"][0]["id"]] == ["1", "2"]
    assert "next_cursor" not in second
    for path in ("/markets/keyset", "/events/keyset"):
        assert get(app, f"{path}?offset=1").status == 422
        assert get(app, f"{path}?after_cursor=%21").status == 400
    assert len(get(app, "/events/keyset").json["events"]) == 2


def test_a_page_by_cursor_is_cut_at_a_hundred_without_a_word(bench: Bench) -> None:
    for number in range(10, 130):
        bench.exchange.add_market(another(number))
    app = a_door(bench)
    page = get(app, "/markets/keyset?limit=500").json

    assert len(page["markets"]) == 100
    assert (
        len(get(app, f"/markets/keyset?limit=500&after_cursor={page['next_cursor']}").json["markets"]) == 22
    )


def test_each_market_is_an_event_of_its_own(app: App) -> None:
    (event, _) = get(app, "/events").json
    market = get(app, "/markets/1").json

    assert (event["id"], event["slug"], event["title"]) == ("1", "a-market", "Will it?")
    (head,) = market.pop("events")
    assert event["markets"] == [market]
    assert {key: event[key] for key in head} == head
    assert get(app, "/events/1").json == get(app, "/events/slug/a-market").json == event
    assert get(app, "/events?id=1").json == [event]
    assert get(app, "/events/9").status == get(app, "/events/slug/none").status == 404
    assert "markets" not in get(app, "/events?include_markets=false").json[0]


def test_markets_of_an_event_stand_together(bench: Bench) -> None:
    common = {
        "neg_risk": True,
        "neg_risk_market": "0x" + "ab" * 32,
        "event": "the-cup",
        "event_title": "The Cup",
    }
    for number in (7, 8):
        bench.exchange.add_market(another(number, **common, question=f"Will team {number} win?"))
    app = a_door(bench)
    event = get(app, "/events/slug/the-cup").json

    assert (event["id"], event["title"], event["negRisk"], event["enableNegRisk"]) == (
        "4",
        "The Cup",
        True,
        True,
    )
    assert event["negRiskMarketID"] == "0x" + "ab" * 32
    assert [row["id"] for row in event["markets"]] == ["4", "5"]
    assert [row["groupItemThreshold"] for row in event["markets"]] == ["0", "1"]
    assert all(row["questionID"].startswith("0x" + "ab" * 31) for row in event["markets"])
    (head,) = get(app, "/markets/5").json["events"]
    assert (head["id"], head["slug"], head["negRiskMarketID"]) == ("4", "the-cup", "0x" + "ab" * 32)
    assert ids(get(app, "/events?tag_slug=sports")) == ["1"]
    assert ids(get(app, "/events?exclude_tag_id=1")) == ["2", "4"]
    assert ids(get(app, "/events?order=title")) == ["1", "2", "4"]


def test_a_market_that_is_listed_later_says_so(bench: Bench) -> None:
    app = a_door(bench)
    bench.at(3_600)
    bench.exchange.add_market(another(9))

    assert get(app, "/markets/4").json["createdAt"] == "2026-09-21T15:13:20Z"


def test_tags_are_the_categories(app: App) -> None:
    (tag,) = get(app, "/tags").json

    assert (tag["id"], tag["slug"], tag["label"]) == ("1", "sports", "Sports")
    assert get(app, "/tags/1").json == get(app, "/tags/slug/sports").json == tag
    assert get(app, "/tags/9").status == 404
    assert get(app, "/markets/1?include_tag=true").json["tags"] == [tag]
    assert get(app, "/events/1").json["tags"] == [tag]
    assert get(app, "/series").json == get(app, "/sports").json == []


def test_a_search_finds_events_by_their_words(app: App) -> None:
    found = get(app, "/public-search?q=will%20IT&limit_per_type=2").json

    assert [event["id"] for event in found["events"]] == ["1", "2"]
    assert found["pagination"] == {"hasMore": True, "totalResults": 3}
    assert [e["id"] for e in get(app, "/public-search?q=will&limit_per_type=2&page=2").json["events"]] == [
        "3"
    ]
    assert [tag["slug"] for tag in get(app, "/public-search?q=sport").json["tags"]] == ["sports"]
    assert get(app, "/public-search?q=").status == 422


def test_a_market_and_an_event_have_the_tag_of_their_category(app: App) -> None:
    for path in ("/markets/1/tags", "/events/1/tags"):
        (tag,) = get(app, path).json
        assert (tag["slug"], tag["id"]) == ("sports", "1")
    assert get(app, "/tags/1/related-tags").json == get(app, "/tags/slug/sports/related-tags/tags").json == []
    for path in ("/markets/99/tags", "/events/99/tags", "/tags/99/related-tags", "/events/99/tweet-count"):
        assert get(app, path) == Said(404, {"type": "not found error", "error": "id not found"})
    assert get(app, "/tags/slug/cricket/related-tags").status == 404


def test_nobody_here_comments_or_has_a_profile_a_team_or_a_series(app: App) -> None:
    for path in ("/series", "/sports", "/teams", "/comments", "/comments/7", "/comments/user_address/0x1"):
        assert get(app, path) == Said(200, []), path
    assert get(app, "/comments/keyset").json == {"comments": []}
    for path in ("/events/1/comments/count", "/events/1/tweet-count"):
        assert get(app, path).json == {"count": 0}
    assert "moneyline" in get(app, "/sports/market-types").json["marketTypes"]
    assert (
        get(app, "/series/1").status == get(app, f"/public-profile?address={'0x' + '1' * 40}").status == 404
    )
    assert get(app, "/public-profile").status == 422
    assert get(app, "/status").json == "OK"


def test_a_path_with_another_method_is_refused_for_the_method_and_an_endless_one_is_nowhere(app: App) -> None:
    assert ask(app, "POST", "/gamma/events/1/tags").status == 405
    assert get(app, "/events/1/nothing").status == 404
    assert get(app, "/events" + "/1" * 10_000).status == 404


def test_a_client_that_wants_everything_gets_as_much_as_there_may_be(app: App) -> None:
    assert ids(get(app, "/markets?limit=-1&closed=")) == ids(get(app, "/markets?limit=500&closed="))
    assert get(app, "/markets?limit=-2").status == 422
