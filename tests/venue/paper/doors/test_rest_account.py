import time

import pytest

from tests.venue.paper.door_bench import Said, Wallet, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import App
from venue.paper.doors.keys import MAX_CLOCK_SKEW_S


@pytest.fixture
def bench() -> Bench:
    return Bench(ask_level(0, 45, 50))


@pytest.fixture
def app(bench: Bench) -> App:
    return a_door(bench)


@pytest.fixture
def alice(app: App) -> Wallet:
    return Wallet(app).log_in()


def test_a_key_is_made_once_and_derived_ever_after(app: App) -> None:
    alice = Wallet(app)
    assert ask(app, "GET", "/auth/derive-api-key", headers=alice.l1()) == Said(
        400, {"error": "Could not derive api key!"}
    )
    made = ask(app, "POST", "/auth/api-key", headers=alice.l1())

    assert set(made.json) == {"apiKey", "secret", "passphrase"}
    assert len(made.json["secret"]) == 44
    assert ask(app, "POST", "/auth/api-key", headers=alice.l1()) == Said(
        400, {"error": "Could not create api key"}
    )
    assert ask(app, "GET", "/auth/derive-api-key", headers=alice.l1()) == made
    assert ask(app, "POST", "/auth/api-key", headers=alice.l1(nonce=1)).json["apiKey"] != made.json["apiKey"]


def test_the_same_wallet_gets_the_same_key_from_another_venue(app: App) -> None:
    assert Wallet(app).log_in().creds == Wallet(a_door()).log_in().creds


def test_a_key_is_for_whoever_signed_lately(app: App) -> None:
    alice, bob = Wallet(app), Wallet(app, 2)
    now = int(time.time())
    for headers in (
        {},
        {**alice.l1(), "POLY_ADDRESS": bob.address},
        {**alice.l1(), "POLY_NONCE": "1"},
        {**alice.l1(), "POLY_NONCE": "x"},
        {**alice.l1(), "POLY_SIGNATURE": "0x12"},
        {**alice.l1(), "POLY_TIMESTAMP": "soon"},
        alice.l1(at=now - MAX_CLOCK_SKEW_S - 5),
        alice.l1(at=now + MAX_CLOCK_SKEW_S + 5),
    ):
        said = ask(app, "POST", "/auth/api-key", headers=headers)
        assert said == Said(401, {"error": "Invalid L1 Request headers"}), headers


def test_a_first_key_brings_money_and_a_second_brings_none(alice: Wallet) -> None:
    asked = "/balance-allowance?asset_type=COLLATERAL&signature_type=0"
    found = alice.call("GET", asked).json
    ask(alice.app, "POST", "/auth/api-key", headers=alice.l1(nonce=1))

    assert found["balance"] == "1000000000"
    assert len(found["allowances"]) == 3
    assert alice.call("GET", asked).json == found


def test_a_call_is_signed_for_its_method_path_and_time(alice: Wallet) -> None:
    good = alice.l2("GET", "/data/orders")
    now = int(time.time())
    assert ask(alice.app, "GET", "/data/orders?market=0x1", headers=good).status == 200
    for headers in (
        {},
        {**good, "POLY_SIGNATURE": good["POLY_SIGNATURE"].swapcase()},
        {**good, "POLY_PASSPHRASE": "0" * 64},
        {**good, "POLY_API_KEY": "nobody"},
        {**good, "POLY_ADDRESS": "0x" + "00" * 20},
        {**good, "POLY_TIMESTAMP": str(now - 1)},
        alice.l2("POST", "/data/orders"),
        alice.l2("GET", "/data/trades"),
        alice.l2("GET", "/data/orders", at=now - MAX_CLOCK_SKEW_S - 5),
    ):
        said = ask(alice.app, "GET", "/data/orders", headers=headers)
        assert said == Said(401, {"error": "Unauthorized/Invalid api key"}), headers


def test_a_deleted_key_is_no_key_and_leaves_no_orders(alice: Wallet, bench: Bench) -> None:
    alice.place()

    assert alice.call("GET", "/auth/api-keys").json == {"apiKeys": [alice.creds["apiKey"]]}
    assert alice.call("DELETE", "/auth/api-key").json == "OK"
    assert alice.call("GET", "/auth/api-keys").status == 401
    assert bench.exchange.open_orders(alice.creds["apiKey"]) == []
    alice.log_in()
    assert alice.resting() == []


def test_balances_are_asked_for_by_asset(alice: Wallet, bench: Bench) -> None:
    alice.place("BUY", 45, 10)
    asked = "/balance-allowance?signature_type=0&asset_type="
    assert alice.call("GET", f"{asked}CONDITIONAL&token_id={YES}").json["balance"] == "0"
    assert alice.call("GET", f"{asked}COLLATERAL").json["balance"] == "1000000000"
    bench.at(2)

    assert alice.call("GET", f"{asked}COLLATERAL").json["balance"] == "995500000"
    assert alice.call("GET", f"{asked}CONDITIONAL&token_id={YES}").json["balance"] == "10000000"
    assert alice.call("GET", f"{asked}CONDITIONAL&token_id={NO}").json["balance"] == "0"
    assert alice.call("GET", f"{asked}CONDITIONAL&token_id=9") == Said(400, {"error": "Invalid token id"})
    assert alice.call("GET", asked) == Said(400, {"error": "Invalid asset type"})
    assert alice.call("GET", "/balance-allowance?signature_type=7&asset_type=COLLATERAL") == Said(
        400, {"error": "Invalid signature_type"}
    )
    assert alice.call("GET", "/balance-allowance/update?asset_type=COLLATERAL") == Said(200, "")


def test_a_wallet_is_known_after_a_restart_and_nobody_elses(alice: Wallet, bench: Bench) -> None:
    funder = "0x" + "33" * 20
    asked = "/balance-allowance?asset_type=COLLATERAL&signature_type=3"
    alice.place("BUY", 45, 10, funder=funder, signature_type=3)
    bench.at(2)
    left = alice.call("GET", asked).json["balance"]

    alice.app = a_door(bench)
    assert alice.call("GET", asked).json["balance"] == left == "995500000"
    bob = Wallet(alice.app, 2).log_in()
    assert bob.place("BUY", 40, 10, funder=funder, signature_type=3) == Said(
        400, {"error": "the order signer address has to be the address of the API KEY"}
    )
    assert bench.ledger.owners_of(funder) == [alice.address]


@pytest.mark.parametrize("signature_type", [1, 2, 3])
def test_nobody_trades_with_the_money_of_an_address_that_has_keys(alice: Wallet, signature_type: int) -> None:
    bob = Wallet(alice.app, 2).log_in()
    assert bob.place("BUY", 40, 10, funder=alice.address, signature_type=signature_type) == Said(
        400, {"error": "the order signer address has to be the address of the API KEY"}
    )
    assert alice.place("BUY", 40, 10, funder=alice.address, signature_type=signature_type).status == 200


def test_an_address_may_be_banned_or_only_sell_and_is_told_so(alice: Wallet, bench: Bench) -> None:
    alice.place("BUY", 45, 10)
    bench.at(2)
    bench.switch(closed_only=(alice.address,))
    assert alice.place("BUY", 40, 10) == Said(
        400, {"error": f"'{alice.address}' address in closed only mode"}
    )
    assert alice.place("SELL", 60, 5).json["status"] == "live"
    assert alice.call("GET", "/auth/ban-status/closed-only").json == {"closed_only": True}

    bench.switch(closed_only=(), banned=(alice.address,))
    assert alice.place("SELL", 60, 5) == Said(400, {"error": f"'{alice.address}' address banned"})
    assert alice.call("GET", "/auth/ban-status/closed-only").json == {"closed_only": False}


def test_the_venue_may_take_orders_of_deposit_wallets_alone(alice: Wallet, bench: Bench) -> None:
    bench.switch(deposit_wallets_only=True)
    no = Said(400, {"error": "maker address not allowed, please use the deposit wallet flow"})
    funder = "0x" + "33" * 20

    assert alice.place("BUY", 40, 10) == no
    assert alice.place("BUY", 40, 10, funder=funder, signature_type=2) == no
    assert alice.place("BUY", 40, 10, funder=funder, signature_type=3).status == 200


def test_an_address_is_told_all_its_keys(alice: Wallet, bench: Bench) -> None:
    second = ask(alice.app, "POST", "/auth/api-key", headers=alice.l1(nonce=5)).json["apiKey"]

    alice.app = a_door(bench)
    assert alice.call("GET", "/auth/api-keys").json == {"apiKeys": [alice.creds["apiKey"], second]}
    assert bench.ledger.api_keys_of(alice.address) == [alice.creds["apiKey"], second]


def test_open_orders_are_filtered_and_paged(alice: Wallet) -> None:
    placed = [alice.place("BUY", 30, 5).json["orderID"] for _ in range(101)]
    on_no = alice.place("BUY", 30, 5, token=NO).json["orderID"]
    first = alice.call("GET", "/data/orders?next_cursor=MA==").json

    assert (first["limit"], first["count"], first["next_cursor"]) == (100, 100, "MTAw")
    second = alice.call("GET", "/data/orders?next_cursor=MTAw").json
    assert [row["id"] for row in first["data"] + second["data"]] == [*placed, on_no]
    assert second["next_cursor"] == "LTE="
    only = alice.call("GET", f"/data/orders?asset_id={NO}&market=0xmarket").json["data"]
    assert [(row["id"], row["outcome"]) for row in only] == [(on_no, "No")]
    assert alice.call("GET", f"/data/orders?id={on_no}").json["count"] == 1
    assert alice.call("GET", "/data/orders?market=0xother").json["data"] == []


def test_a_cursor_that_is_none_or_the_end_is_refused(alice: Wallet) -> None:
    for path in ("/data/orders", "/data/trades"):
        assert alice.call("GET", f"{path}?next_cursor=%21") == Said(400, {"error": "Invalid next_cursor"})
        assert alice.call("GET", f"{path}?next_cursor=LTE=") == Said(
            400, {"error": "next item should be greater than or equal to 0"}
        )


def test_an_order_is_shown_to_its_owner_while_it_rests(alice: Wallet) -> None:
    order = alice.place("BUY", 40, 10).json["orderID"]
    bob = Wallet(alice.app, 2).log_in()
    shown = alice.call("GET", f"/data/order/{order}").json

    assert shown == alice.resting()[0]
    assert (shown["status"], shown["owner"], shown["maker_address"]) == (
        "LIVE",
        alice.creds["apiKey"],
        alice.address,
    )
    assert bob.call("GET", f"/data/order/{order}") == Said(200, None)
    alice.call("DELETE", "/order", {"orderID": order})
    assert alice.call("GET", f"/data/order/{order}") == Said(200, None)
    assert alice.call("GET", "/data/order/nonsense") == Said(400, {"error": "Invalid orderID"})


def test_a_trade_is_listed_for_both_sides_with_its_settlement(alice: Wallet, bench: Bench) -> None:
    bob = Wallet(alice.app, 2).log_in()
    resting = alice.place("BUY", 44, 10).json["orderID"]
    bob.place("BUY", 56, 10, token=NO)
    (hers,), (his,) = (who.call("GET", "/data/trades").json["data"] for who in (alice, bob))

    assert (hers["trader_side"], his["trader_side"]) == ("MAKER", "TAKER")
    assert {**hers, "trader_side": "TAKER"} == his
    assert (his["asset_id"], his["side"], his["size"], his["price"]) == (NO, "BUY", "10", "0.56")
    assert (his["status"], his["transaction_hash"]) == ("TRADE_STATUS_MATCHED", "")
    (leg,) = hers["maker_orders"]
    assert (leg["order_id"], leg["owner"], leg["asset_id"], leg["side"], leg["price"]) == (
        resting,
        alice.creds["apiKey"],
        YES,
        "BUY",
        "0.44",
    )
    bench.at(2)
    mined = alice.call("GET", f"/data/trades?id={hers['id']}").json["data"][0]
    assert mined["status"] == "TRADE_STATUS_MINED"
    assert mined["transaction_hash"].startswith("0x")
    bench.at(5)
    assert alice.call("GET", "/data/trades").json["data"][0]["status"] == "TRADE_STATUS_CONFIRMED"


def test_trades_are_filtered(alice: Wallet, bench: Bench) -> None:
    alice.place("BUY", 45, 10)
    at = int(bench.clock.now()) // 1_000_000_000

    def found(query: str) -> int:
        return int(alice.call("GET", f"/data/trades?{query}").json["count"])

    assert [
        found(f"after={at - 1}"),
        found(f"after={at + 1}"),
        found(f"before={at + 1}"),
        found(f"before={at}"),
    ] == [
        1,
        0,
        1,
        0,
    ]
    assert [found(f"market={name}") for name in ("0xmarket", "0xother")] == [1, 0]
    assert [found(f"maker_address={name}") for name in (alice.address.lower(), "0x" + "00" * 20)] == [1, 0]
    assert [found(f"asset_id={name}") for name in (YES, NO)] == [1, 0]
    assert alice.call("GET", "/data/trades?after=x") == Said(400, {"error": "Invalid trade params payload"})
    assert alice.call("GET", "/data/trades?maker_address=x") == Said(400, {"error": "Invalid maker_address"})


def test_a_counterpart_from_the_background_is_nobody_with_the_looks_of_somebody(alice: Wallet) -> None:
    alice.place("BUY", 45, 10)
    (leg,) = alice.call("GET", "/data/trades").json["data"][0]["maker_orders"]

    assert leg["owner"] == "00000000-0000-0000-0000-000000000000"
    assert leg["maker_address"] == "0x" + "00" * 20
    assert len(leg["order_id"]) == 66


def test_heartbeats_form_a_chain(alice: Wallet, bench: Bench) -> None:
    first = alice.call("POST", "/v1/heartbeats", {"heartbeat_id": ""}).json["heartbeat_id"]
    second = alice.call("POST", "/v1/heartbeats", {"heartbeat_id": first}).json["heartbeat_id"]

    assert first != second
    said = alice.call("POST", "/v1/heartbeats", {"heartbeat_id": first})
    assert (said.status, said.json["error_msg"], said.json["heartbeat_id"]) == (
        400,
        "Invalid Heartbeat ID",
        second,
    )
    assert alice.call("POST", "/v1/heartbeats", {"heartbeat_id": second}).status == 200
    assert alice.call("POST", "/v1/heartbeats", b"[").status == 400


def test_the_old_heartbeat_starts_the_chain_again(alice: Wallet) -> None:
    alice.call("POST", "/v1/heartbeats", {"heartbeat_id": ""})

    assert alice.call("POST", "/heartbeats").json == {"status": "ok"}
    assert alice.call("POST", "/v1/heartbeats", {"heartbeat_id": None}).status == 200


def test_silence_is_noticed_after_ten_real_seconds_and_once(alice: Wallet, bench: Bench) -> None:
    alice.call("POST", "/v1/heartbeats", {"heartbeat_id": ""})
    bench.at(9.9)
    assert alice.app.heartbeats.lapsed() == []
    bench.at(10)
    assert alice.app.heartbeats.lapsed() == [alice.creds["apiKey"]]
    assert alice.app.heartbeats.lapsed() == []
    assert alice.call("POST", "/v1/heartbeats", {"heartbeat_id": ""}).status == 200


def test_small_talk_is_answered(alice: Wallet) -> None:
    assert alice.call("GET", "/auth/ban-status/closed-only").json == {"closed_only": False}
    assert alice.call("GET", "/notifications?signature_type=0").json == []
    assert alice.call("DELETE", "/notifications?ids=1,2").json == "OK"
