import msgspec
import pytest

from messages.values import MICRO, MarketNs
from tests.venue.paper.door_bench import Said, Wallet, a_door
from tests.venue.paper.engine_bench import NO, YES, Bench
from tests.venue.paper.engine_bench import ask as ask_level
from tests.venue.paper.programs.bench import NOON, a_rewarded_market
from venue.paper.engine.terms import TradeStatus


@pytest.fixture
def bench() -> Bench:
    return Bench(ask_level(0, 45, 50), market=a_rewarded_market(), starts_at=MarketNs(NOON))


@pytest.fixture
def alice(bench: Bench) -> Wallet:
    return Wallet(a_door(bench)).log_in()


def told(wallet: Wallet, query: str = "?signature_type=0") -> list[dict[str, object]]:
    said = wallet.call("GET", f"/notifications{query}")
    assert said.status == 200
    return list(said.json)


def test_a_fill_says_how_far_the_order_is(alice: Wallet) -> None:
    bob = Wallet(alice.app, 2).log_in()
    order = alice.place("BUY", 44, 100).json["orderID"]
    trade = bob.place("BUY", 56, 10, token=NO).json["tradeIDs"][0]
    (fill,) = told(alice)
    payload = fill.pop("payload")

    assert fill == {"id": fill["id"], "owner": alice.creds["apiKey"], "type": 2, "timestamp": NOON // 10**9}
    assert payload == {
        "asset_id": YES,
        "market": "0xmarket",
        "order_id": order,
        "owner": alice.creds["apiKey"],
        "side": "BUY",
        "type": "GTC",
        "price": "0.44",
        "original_size": "100",
        "matched_size": "10",
        "remaining_size": "90",
        "outcome": "Yes",
        "outcome_index": 0,
        "transaction_hash": "",
        "trade_id": trade,
        "question": "Will it?",
        "market_slug": "a-market",
        "icon": "",
        "image": "",
        "eventSlug": "a-market",
        "seriesSlug": "",
    }
    assert [one["type"] for one in told(bob)] == [2]


def test_a_cancel_is_told(alice: Wallet) -> None:
    order = alice.place("BUY", 44, 100, token=NO).json["orderID"]
    alice.call("DELETE", "/order", {"orderID": order})
    (cancel,) = told(alice)
    payload = cancel["payload"]

    assert cancel["type"] == 1
    assert isinstance(payload, dict)
    assert (payload["order_id"], payload["outcome"], payload["outcome_index"]) == (order, "No", 1)


def test_a_failed_fill_is_told(bench: Bench, alice: Wallet) -> None:
    alice.place("BUY", 45, 10)
    (trade,) = bench.exchange.trades(alice.creds["apiKey"])
    bench.exchange._floor.news.trade(msgspec.structs.replace(trade, status=TradeStatus.FAILED))
    bench.exchange._floor.finish()
    _, failed = told(alice)
    payload = failed["payload"]

    assert failed["type"] == 8
    assert isinstance(payload, dict)
    assert (payload["trade_id"], payload["matched_size"], payload["side"]) == (trade.id, "10", "BUY")


def test_a_resolution_is_told_to_the_wallet_that_holds_the_market(bench: Bench, alice: Wallet) -> None:
    wallet = "0x" + "33" * 20
    alice.place("BUY", 45, 10, funder=wallet, signature_type=3)
    bench.exchange.resolve(bench.market.id, yes_wins=True)
    resolved = told(alice, "?signature_type=3")[-1]
    payload = resolved["payload"]

    assert (resolved["type"], resolved["owner"]) == (4, "")
    assert isinstance(payload, dict)
    assert (payload["condition_id"], payload["closed"], payload["eventSlug"]) == (
        "0xmarket",
        True,
        "a-market",
    )
    assert [token["winner"] for token in payload["tokens"]] == [True, False]
    assert [one["type"] for one in told(alice)] == [2]


def test_a_pay_out_is_told_with_its_dollars(bench: Bench, alice: Wallet) -> None:
    for token in (YES, NO):
        alice.place("BUY", 30, 100, token=token)
    bench.exchange.advance()
    alice.app.exchange.markets[0].rewards_max_spread = 300_000
    bench.at(43_201)
    (paid,) = told(alice)
    payload = paid["payload"]

    assert paid["type"] == 5
    assert isinstance(payload, dict)
    assert payload["proxyWallet"] == alice.address
    earned = alice.call("GET", "/rewards/user/total?date=2026-11-21").json[0]["earnings"]
    assert payload["reward"] == earned
    assert bench.exchange.balance(alice.address, None) == 1_000 * MICRO + round(earned * MICRO)


def test_what_was_read_is_not_told_again(alice: Wallet) -> None:
    for _ in range(3):
        alice.place("BUY", 45, 5)
    first, second, third = told(alice)
    said = alice.call("DELETE", f"/notifications?ids={first['id']},{third['id']}")

    assert said == Said(200, "OK")
    assert told(alice) == [second]
    assert alice.call("DELETE", "/notifications").json == "OK"
    assert alice.call("DELETE", "/notifications?ids=x") == Said(400, {"error": "Invalid ids"})
    assert alice.call("GET", "/notifications?signature_type=9") == Said(
        400, {"error": "Invalid signature_type"}
    )


def test_nobody_reads_anothers_notifications(alice: Wallet) -> None:
    alice.place("BUY", 45, 5)
    bob = Wallet(alice.app, 2).log_in()

    assert told(bob) == []
    assert bob.call("DELETE", "/notifications?ids=1").json == "OK"
    assert len(told(alice)) == 1
