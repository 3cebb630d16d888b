"""Every public method of the official client is driven here, or listed with the reason why it is not."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from py_clob_client_v2 import (
    AssetType,
    BalanceAllowanceParams,
    BookParams,
    BuilderTradeParams,
    ClobClient,
    DropNotificationParams,
    MarketOrderArgs,
    OpenOrderParams,
    OrderArgs,
    OrderMarketCancelParams,
    OrderPayload,
    OrderScoringParams,
    OrdersScoringParams,
    OrderType,
    PostOrdersV2Args,
    PricesHistoryParams,
    Side,
    TradeParams,
)
from py_clob_client_v2 import client as official
from py_clob_client_v2.exceptions import PolyApiException
from py_clob_client_v2.http_helpers import helpers

from messages.values import MarketNs
from tests.venue.paper.door_bench import a_door
from tests.venue.paper.doors.official import InProcess, logged_in
from tests.venue.paper.engine_bench import NO, YES, Bench, bid
from tests.venue.paper.engine_bench import ask as ask_level
from tests.venue.paper.programs.bench import NOON, a_rewarded_market

MARKET = "0xmarket"
TODAY = "2026-11-21"
BUILDER = "0x" + "ab" * 32
KEYS = "the venue does not serve keys of this kind"
OUT_OF_SCOPE = {
    "create_builder_api_key": KEYS,
    "get_builder_api_keys": KEYS,
    "revoke_builder_api_key": KEYS,
    "create_readonly_api_key": KEYS,
    "get_readonly_api_keys": KEYS,
    "delete_readonly_api_key": KEYS,
    "assert_level_1_auth": "asks nobody",
    "assert_level_2_auth": "asks nobody",
}
METHODS = {name for name, _ in inspect.getmembers(ClobClient, inspect.isfunction) if not name.startswith("_")}


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The methods that answered, by name; also those which others call."""
    seen = set[str]()

    def noting(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def noted(*args: Any, **terms: Any) -> Any:
            answer = method(*args, **terms)
            seen.add(name)
            return answer

        return noted

    for name in METHODS:
        monkeypatch.setattr(ClobClient, name, noting(name, getattr(ClobClient, name)))
    return seen


@pytest.fixture
def bench() -> Bench:
    levels = (bid(0, 40, 100), bid(0, 49, 100), ask_level(0, 60, 100), ask_level(0, 51, 100))
    return Bench(*levels, market=a_rewarded_market(), starts_at=MarketNs(NOON))


@pytest.fixture
def client(bench: Bench, called: set[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[ClobClient]:
    """Logged in. While it waits for a trade to be mined, market time passes."""
    seconds = iter(range(1, 1_000))
    monkeypatch.setattr(official.time, "sleep", lambda _: bench.at(next(seconds)))
    with httpx.Client(transport=InProcess(a_door(bench))) as http:
        monkeypatch.setattr(helpers, "_http_client", http)
        yield logged_in()


def read_markets(client: ClobClient) -> None:
    assert client.get_ok() == "OK"
    assert client.get_version() == 2
    assert client.get_server_time() > 1_700_000_000
    for read in (
        client.get_markets,
        client.get_simplified_markets,
        client.get_sampling_markets,
        client.get_sampling_simplified_markets,
    ):
        assert [row["condition_id"] for row in read()["data"]] == [MARKET]
    assert client.get_market(MARKET)["condition_id"] == MARKET
    assert client.get_clob_market_info(MARKET)["t"][0]["t"] == YES
    assert client.get_market_trades_events(MARKET)["condition_id"] == MARKET
    assert [row["condition_id"] for row in client.get_current_rewards()] == [MARKET]
    assert [row["condition_id"] for row in client.get_raw_rewards_for_market(MARKET)] == [MARKET]


def read_prices(client: ClobClient) -> None:
    both = [BookParams(token_id=YES, side="BUY"), BookParams(token_id=NO, side="BUY")]
    book = client.get_order_book(YES)
    assert client.get_order_book_hash(book) == book["hash"]
    assert [each["asset_id"] for each in client.get_order_books(both)] == [YES, NO]
    assert (client.get_tick_size(YES), client.get_neg_risk(YES)) == ("0.01", False)
    assert (client.get_fee_rate_bps(YES), client.get_fee_exponent(YES)) == (1000, 1)
    assert client.get_midpoint(YES) == {"mid": "0.5"}
    assert client.get_midpoints(both) == {YES: "0.5", NO: "0.5"}
    assert client.get_price(YES, "SELL") == {"price": "0.51"}
    assert client.get_prices(both) == {YES: {"BUY": "0.49"}, NO: {"BUY": "0.49"}}
    assert client.get_spread(YES) == {"spread": "0.02"}
    assert client.get_spreads(both) == {YES: "0.02", NO: "0.02"}
    assert client.get_last_trade_price(YES)["price"] == "0.5"
    assert len(client.get_last_trades_prices(both)) == 2
    assert client.calculate_market_price(YES, "BUY", 10) == 0.51
    assert client.get_prices_history(PricesHistoryParams(market=YES, interval="1h", fidelity=1))["history"]


def place_and_cancel(client: ClobClient) -> None:
    first = client.create_and_post_order(OrderArgs(token_id=YES, price=0.45, size=100, side=Side.BUY))
    assert first["status"] == "live"
    assert client.get_order(first["orderID"])["id"] == first["orderID"]
    assert [row["id"] for row in client.get_open_orders(OpenOrderParams(market=MARKET))] == [first["orderID"]]
    assert client.is_order_scoring(OrderScoringParams(orderId=first["orderID"])) == {"scoring": False}
    scoring = client.are_orders_scoring(OrdersScoringParams(orderIds=[first["orderID"]]))
    assert scoring == {first["orderID"]: False}
    assert client.cancel_order(OrderPayload(orderID=first["orderID"]))["canceled"] == [first["orderID"]]

    def batch() -> list[str]:
        legs = [
            client.create_order(OrderArgs(token_id=token, price=0.3, size=10, side=Side.BUY))
            for token in (YES, NO)
        ]
        answers = client.post_orders([PostOrdersV2Args(order=leg, orderType=OrderType.GTC) for leg in legs])
        return [answer["orderID"] for answer in answers]

    assert sorted(client.cancel_orders(ids := batch())["canceled"]) == sorted(ids)
    ids = batch()
    assert client.cancel_market_orders(OrderMarketCancelParams(asset_id=NO))["canceled"] == [ids[1]]
    assert client.cancel_all()["canceled"] == [ids[0]]
    assert client.post_heartbeat("")["heartbeat_id"]
    assert client.get_pre_migration_orders() == []


def trade(client: ClobClient) -> None:
    wanted = MarketOrderArgs(token_id=YES, amount=10, side=Side.BUY)
    answer = client.create_and_post_market_order(wanted, order_type=OrderType.FOK)
    assert answer["status"] == "matched"
    assert all(hash_.startswith("0x") for hash_ in answer["transactionsHashes"])
    held = BalanceAllowanceParams(asset_type=AssetType.CONDITIONAL, token_id=YES)
    assert client.update_balance_allowance(held) == ""
    assert int(client.get_balance_allowance(held)["balance"]) > 19_000_000
    (row,) = client.get_trades(TradeParams(id=answer["tradeIDs"][0]))
    assert row["status"] in ("TRADE_STATUS_MINED", "TRADE_STATUS_CONFIRMED")
    assert [one["id"] for one in client.get_trades_paginated()["trades"]] == answer["tradeIDs"]
    sold = client.create_market_order(MarketOrderArgs(token_id=YES, amount=5, side=Side.SELL))
    assert client.post_order(sold, OrderType.FAK)["status"] == "matched"
    assert client.get_builder_trades(BuilderTradeParams(builder_code=BUILDER))["trades"] == []


def read_account(client: ClobClient) -> None:
    assert client.get_address().startswith("0x")
    assert client.get_closed_only_mode() == {"closed_only": False}
    assert client.get_notifications()
    assert client.drop_notifications(DropNotificationParams(ids=["1"])) == "OK"
    assert client.get_earnings_for_user_for_day(TODAY) == []
    assert client.get_total_earnings_for_user_for_day(TODAY) == []
    assert client.get_reward_percentages() == {}
    assert [row["condition_id"] for row in client.get_user_earnings_and_markets_config(TODAY)] == [MARKET]


def come_and_go(client: ClobClient) -> None:
    derived = client.derive_api_key()
    assert client.get_api_keys()["apiKeys"] == [derived.api_key]
    other = client.create_api_key(nonce=5)
    assert sorted(client.get_api_keys()["apiKeys"]) == sorted([derived.api_key, other.api_key])
    assert client.delete_api_key() == "OK"
    with pytest.raises(PolyApiException) as gone:
        client.get_api_keys()
    assert gone.value.status_code == 401


def test_every_method_is_driven_or_left_out_for_a_reason(client: ClobClient, called: set[str]) -> None:
    for scene in (read_markets, read_prices, place_and_cancel, trade, read_account, come_and_go):
        scene(client)

    assert METHODS - called - OUT_OF_SCOPE.keys() == set()
    assert OUT_OF_SCOPE.keys() <= METHODS
    assert {name for name in OUT_OF_SCOPE if OUT_OF_SCOPE[name] == KEYS} & called == set()


def test_what_is_out_of_scope_is_a_plain_404(client: ClobClient) -> None:
    for method in (client.create_builder_api_key, client.create_readonly_api_key):
        with pytest.raises(PolyApiException) as no:
            method()
        assert no.value.status_code == 404
