"""The official client, unmodified, asks all that can be read here; only its socket is cut short."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from py_clob_client_v2 import (
    BookParams,
    BuilderTradeParams,
    ClobClient,
    DropNotificationParams,
    OrderArgs,
    OrderScoringParams,
    OrdersScoringParams,
    OrderType,
    PricesHistoryParams,
)
from py_clob_client_v2.exceptions import PolyApiException
from py_clob_client_v2.http_helpers import helpers

from messages.values import MarketId, MarketNs, TokenId
from tests.venue.paper.door_bench import a_door
from tests.venue.paper.doors.official import InProcess, logged_in
from tests.venue.paper.engine_bench import NO, YES, Bench, bid
from tests.venue.paper.engine_bench import ask as ask_level
from tests.venue.paper.programs.bench import NOON, a_rewarded_market

TODAY = "2026-11-21"


@pytest.fixture
def bench() -> Bench:
    return Bench(bid(0, 49, 100), ask_level(0, 51, 100), market=a_rewarded_market(), starts_at=MarketNs(NOON))


@pytest.fixture
def client(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClobClient]:
    """Logged in."""
    with httpx.Client(transport=InProcess(a_door(bench))) as http:
        monkeypatch.setattr(helpers, "_http_client", http)
        yield logged_in()


def placed(client: ClobClient, side: str, price: float, size: float, token: str = YES) -> str:
    """A resting order's id."""
    order = client.create_order(OrderArgs(token_id=token, price=price, size=size, side=side))
    answer: Any = client.post_order(order, OrderType.GTC)
    return str(answer["orderID"])


def test_listings(client: ClobClient) -> None:
    for read in (
        client.get_markets,
        client.get_simplified_markets,
        client.get_sampling_markets,
        client.get_sampling_simplified_markets,
    ):
        page = read()
        assert [row["condition_id"] for row in page["data"]] == ["0xmarket"]
        assert page["next_cursor"] == "LTE="
    assert client.get_market("0xmarket")["market_slug"] == "a-market"
    assert client.get_clob_market_info("0xmarket")["r"]["moas"] == 30
    assert client.get_market_trades_events("0xmarket")["condition_id"] == "0xmarket"
    with pytest.raises(PolyApiException) as no:
        client.get_market("0x9")
    assert (no.value.status_code, no.value.error_msg) == (404, {"error": "market not found"})


def test_prices(client: ClobClient) -> None:
    both = [BookParams(token_id=YES, side="BUY"), BookParams(token_id=NO, side="SELL")]

    assert client.get_midpoint(YES) == {"mid": "0.5"}
    assert client.get_midpoints(both) == {YES: "0.5", NO: "0.5"}
    assert client.get_price(YES, "SELL") == {"price": "0.51"}
    assert client.get_prices(both) == {YES: {"BUY": "0.49"}, NO: {"SELL": "0.51"}}
    assert client.get_spread(NO) == {"spread": "0.02"}
    assert client.get_spreads(both) == {YES: "0.02", NO: "0.02"}
    assert client.get_last_trade_price(YES) == {"price": "0.5", "side": ""}
    assert [row["token_id"] for row in client.get_last_trades_prices(both)] == [YES, NO]
    assert (client.get_tick_size(YES), client.get_neg_risk(YES), client.get_fee_rate_bps(NO)) == (
        "0.01",
        False,
        1000,
    )
    assert client.get_fee_exponent(NO) == 1
    assert client.calculate_market_price(YES, "BUY", 10) == 0.51


def test_history(bench: Bench, client: ClobClient) -> None:
    bench.at(600)
    for params in (
        PricesHistoryParams(market=YES, interval="1h", fidelity=1),
        PricesHistoryParams(market=YES, start_ts=NOON // 10**9, end_ts=NOON // 10**9 + 600, fidelity=1),
    ):
        history = client.get_prices_history(params)["history"]
        assert len(history) == 12
        assert {point["p"] for point in history} == {0.5}


def test_rewards_from_quote_to_pay_out(bench: Bench, client: ClobClient) -> None:
    assert [row["native_daily_rate"] for row in client.get_current_rewards()] == [24]
    assert [row["question"] for row in client.get_raw_rewards_for_market("0xmarket")] == ["Will it?"]
    mine = [placed(client, "BUY", 0.49, 100), placed(client, "BUY", 0.49, 100, NO)]
    assert client.is_order_scoring(OrderScoringParams(orderId=mine[0])) == {"scoring": False}
    bench.at(3_600)

    assert client.is_order_scoring(OrderScoringParams(orderId=mine[0])) == {"scoring": True}
    assert client.are_orders_scoring(OrdersScoringParams(orderIds=mine)) == dict.fromkeys(mine, True)
    assert client.get_reward_percentages() == {"0xmarket": 50}
    (earned,) = client.get_earnings_for_user_for_day(TODAY)
    (total,) = client.get_total_earnings_for_user_for_day(TODAY)
    (market,) = client.get_user_earnings_and_markets_config(TODAY, order_by="earnings", position="DESC")
    assert (
        earned["earnings"]
        == total["earnings"]
        == market["earnings"][0]["earnings"]
        == pytest.approx(0.5, rel=0.02)
    )
    bench.at(43_201)
    (told,) = client.get_notifications()
    assert told["type"] == 5
    assert told["payload"]["reward"] == client.get_total_earnings_for_user_for_day(TODAY)[0]["earnings"]
    assert client.drop_notifications(DropNotificationParams(ids=[str(told["id"])])) == "OK"
    assert client.get_notifications() == []


def test_what_an_account_may_ask_besides(client: ClobClient) -> None:
    assert client.get_closed_only_mode() == {"closed_only": False}
    assert client.get_pre_migration_orders() == []
    assert client.get_builder_trades(BuilderTradeParams(builder_code="0x" + "ab" * 32))["trades"] == []


def test_all_pages_of_all_markets_are_read_to_the_end(bench: Bench, client: ClobClient) -> None:
    for n in range(1_200):
        market = a_rewarded_market(
            id=MarketId(f"0x{n}"), slug=f"m{n}", yes=TokenId(f"{n}0001"), no=TokenId(f"{n}0002")
        )
        bench.exchange.add_market(market)
    assert len({row["condition_id"] for row in client.get_current_rewards()}) == 1_201
    seen, cursor = list[str](), "MA=="
    while cursor != "LTE=":
        page = client.get_simplified_markets(cursor)
        seen += [row["condition_id"] for row in page["data"]]
        cursor = page["next_cursor"]

    assert len(set(seen)) == len(seen) == 1_201
