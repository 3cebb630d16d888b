import time
from typing import Any

import pytest

from messages.values import MS
from tests.venue.paper.door_bench import Said, Wallet, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench, a_market, bid
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import MAX_BODY, App
from venue.paper.doors.dialect import Dialect


@pytest.fixture
def alice() -> Wallet:
    """A funded wallet at a market with a bid of 38 and an ask of 45."""
    return Wallet(a_door(Bench(bid(0, 38, 50), ask_level(0, 45, 50)))).log_in()


def refused(words: str, status: int = 400) -> Said:
    return Said(status, {"error": words})


def test_an_order_that_rests_is_live_and_answered_with_its_digest(alice: Wallet) -> None:
    said = alice.place("BUY", 40, 10)

    assert said.status == 200
    assert said.json == {
        "errorMsg": "",
        "orderID": said.json["orderID"],
        "takingAmount": "",
        "makingAmount": "",
        "status": "live",
        "success": True,
    }
    (resting,) = alice.resting()
    assert resting["id"] == said.json["orderID"]
    assert (resting["price"], resting["original_size"], resting["size_matched"]) == ("0.4", "10", "0")


def test_a_match_is_answered_with_decimal_amounts_and_its_trades(alice: Wallet) -> None:
    said = alice.place("BUY", 46, 10)

    assert (said.json["status"], said.json["makingAmount"], said.json["takingAmount"]) == (
        "matched",
        "4.5",
        "10",
    )
    (trade,) = alice.call("GET", "/data/trades").json["data"]
    assert said.json["tradeIDs"] == [trade["id"]]
    assert "transactionsHashes" not in said.json


def test_a_venue_of_before_july_answers_with_transaction_hashes(alice: Wallet) -> None:
    app = App(alice.app.exchange, Dialect(hashes_in_answers=True))
    bob = Wallet(app, 2).log_in()
    said = bob.place("BUY", 46, 10)

    (hash_,) = said.json["transactionsHashes"]
    assert len(hash_) == 66
    assert len(said.json["tradeIDs"]) == 1


def test_a_marketable_order_waits_where_takers_are_delayed() -> None:
    market = a_market(taker_delay_ns=150 * MS)
    bench = Bench(bid(0, 38, 50), ask_level(0, 45, 50), market=market)
    alice = Wallet(a_door(bench)).log_in()
    said = alice.place("BUY", 45, 10)

    assert said.json == {
        "errorMsg": "",
        "orderID": said.json["orderID"],
        "takingAmount": "",
        "makingAmount": "",
        "status": "delayed",
        "success": True,
    }
    refused_cancel = alice.call("DELETE", "/order", {"orderID": said.json["orderID"]}).json
    assert list(refused_cancel["not_canceled"]) == [said.json["orderID"]]
    assert alice.call("DELETE", "/cancel-all").json["canceled"] == []
    bench.at(1)
    assert len(alice.call("GET", "/data/trades").json["data"]) == 1
    assert alice.place("BUY", 40, 10).json["status"] == "live"


def test_defer_exec_is_taken_and_changes_nothing(alice: Wallet) -> None:
    assert alice.place("BUY", 46, 10, deferExec=True).json["status"] == "matched"
    body = {**alice.order(), "deferExec": "yes"}
    assert alice.call("POST", "/order", body) == refused("Invalid order payload")


def test_a_post_only_order_that_crosses_is_refused(alice: Wallet) -> None:
    said = alice.place("BUY", 45, 10, postOnly=True)

    assert said == refused("invalid post-only order: order crosses book")


def test_the_same_order_twice_is_a_duplicate(alice: Wallet) -> None:
    body = alice.order()
    first = alice.call("POST", "/order", body).json["orderID"]

    assert alice.call("POST", "/order", body) == refused(f"order {first} is invalid. Duplicated.")
    assert len(alice.resting()) == 1


def test_a_canceled_order_cannot_be_placed_again(alice: Wallet) -> None:
    body = alice.order()
    first = alice.call("POST", "/order", body).json["orderID"]
    alice.call("DELETE", "/order", {"orderID": first})

    assert alice.call("POST", "/order", body).status == 400


def test_an_orders_owner_is_the_key_that_sends_it(alice: Wallet) -> None:
    bob = Wallet(alice.app, 2).log_in()
    stolen = bob.order()

    assert alice.call("POST", "/order", stolen) == refused(
        "the order owner has to be the owner of the API KEY"
    )
    assert alice.call("POST", "/order", {**stolen, "owner": alice.creds["apiKey"]}) == refused(
        "the order signer address has to be the address of the API KEY"
    )


def test_a_changed_order_has_no_valid_signature(alice: Wallet) -> None:
    for field, value in (("makerAmount", "1000000"), ("salt", 7), ("timestamp", "1"), ("side", "SELL")):
        body = alice.order()
        body["order"][field] = value
        assert alice.call("POST", "/order", body) == refused("invalid signature"), field
    assert alice.resting() == []


def test_a_signature_for_the_other_exchange_is_invalid(alice: Wallet) -> None:
    assert alice.place(neg_risk=True) == refused("invalid signature")


def test_an_eoas_order_moves_its_own_money_only(alice: Wallet) -> None:
    assert alice.place(funder="0x" + "33" * 20) == refused("invalid signature")


@pytest.mark.parametrize("signature_type", [1, 2, 3])
def test_a_wallet_is_funded_and_bound_by_its_first_order(signature_type: int) -> None:
    bench = Bench(ask_level(0, 45, 50))
    alice, funder = Wallet(a_door(bench)).log_in(), "0x" + "3" * 40
    asked = f"/balance-allowance?asset_type=COLLATERAL&signature_type={signature_type}"
    assert alice.call("GET", asked).json["balance"] == "1000000000"

    said = alice.place("BUY", 46, 10, funder=funder, signature_type=signature_type)

    assert said.json["status"] == "matched"
    bench.at(2)
    assert alice.call("GET", asked).json["balance"] == "995500000"
    assert (
        alice.call("GET", asked.replace(f"type={signature_type}", "type=0")).json["balance"] == "1000000000"
    )
    bob = Wallet(alice.app, 2).log_in()
    assert bob.place(funder=funder, signature_type=signature_type) == refused(
        "the order signer address has to be the address of the API KEY"
    )


@pytest.mark.parametrize("signature_type", [0, 1, 2, 3])
def test_orders_of_a_neg_risk_market_are_signed_for_its_exchange(signature_type: int) -> None:
    alice = Wallet(a_door(Bench(market=a_market(neg_risk=True)))).log_in()
    terms: dict[str, Any] = {"signature_type": signature_type}
    if signature_type:
        terms["funder"] = "0x" + "33" * 20

    assert alice.place(neg_risk=True, **terms).json["status"] == "live"
    assert alice.place(**terms) == refused("invalid signature")


def test_a_deposit_wallets_order_signed_by_somebody_else_is_invalid(alice: Wallet) -> None:
    bob = Wallet(alice.app, 2).log_in()
    body = alice.order(funder="0x" + "33" * 20, signature_type=3)
    bob.sign_order(body["order"])

    assert alice.call("POST", "/order", body) == refused("invalid signature")


def test_an_order_of_the_old_version_is_told_so(alice: Wallet) -> None:
    order = {"salt": 1, "maker": alice.address, "taker": "0x" + "00" * 20, "nonce": "0", "feeRateBps": "0"}
    words = "invalid order version, please use the latest clob-client"

    assert alice.call("POST", "/order", {"order": order, "owner": "x"}) == refused(words)
    assert alice.call("POST", "/orders", [{"order": order, "owner": "x"}]) == refused(words)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b"7", b'{"order":{}}', b"\xff\xfe", b"[" * 9_999]
)
def test_a_body_that_is_no_order_is_an_invalid_payload(alice: Wallet, body: bytes) -> None:
    for method, path in (("POST", "/order"), ("POST", "/orders"), ("DELETE", "/order")):
        assert alice.call(method, path, body) == refused("Invalid order payload"), path


@pytest.mark.parametrize(
    ("field", "value"),
    [("maker", "0x12"), ("tokenId", "x"), ("makerAmount", "-1"), ("signature", "11"), ("metadata", "0x00")],
)
def test_a_field_that_is_none_is_an_invalid_payload(alice: Wallet, field: str, value: str) -> None:
    body = alice.order()
    body["order"][field] = value

    assert alice.call("POST", "/order", body) == refused("Invalid order payload")


def test_amounts_of_nothing_or_beyond_all_money_are_an_invalid_payload(alice: Wallet) -> None:
    for amounts in (("0", "10000000"), ("4000000", "0"), ("9" * 30, "9" * 30)):
        body = alice.order()
        body["order"]["makerAmount"], body["order"]["takerAmount"] = amounts
        alice.sign_order(body["order"])
        assert alice.call("POST", "/order", body) == refused("Invalid order payload")


def test_a_price_off_the_grid_breaks_the_tick_rule(alice: Wallet) -> None:
    body = alice.order("BUY", 40.5, 10)
    said = alice.call("POST", "/order", body)

    assert said.status == 400
    assert said.json["error"].endswith("Price (0.405) breaks minimum tick size rule: 0.01")
    uneven = alice.order()
    uneven["order"]["makerAmount"] = "3333333"
    uneven["order"]["takerAmount"] = "9999998"
    alice.sign_order(uneven["order"])
    assert "breaks minimum tick size rule: 0.01" in alice.call("POST", "/order", uneven).json["error"]


def test_a_market_buy_of_whole_dollars_is_taken_at_the_price_it_means(alice: Wallet) -> None:
    body = alice.order(kind="FOK")
    body["order"]["makerAmount"], body["order"]["takerAmount"] = "10000000", "21739100"
    alice.sign_order(body["order"])
    said = alice.call("POST", "/order", body)

    assert said.json["status"] == "matched", said
    assert said.json["takingAmount"] == "21.7391"


@pytest.mark.parametrize("kind", ["FOK", "FAK"])
@pytest.mark.parametrize(
    ("side", "amounts", "name"),
    [
        ("BUY", ("10001000", "21741300"), "market buy"),
        ("BUY", ("10000000", "21739130"), "market buy"),
        ("SELL", ("10001000", "3800380"), "sell"),
        ("SELL", ("10000000", "3800001"), "sell"),
    ],
)
def test_amounts_of_a_market_order_have_few_decimals(
    alice: Wallet, kind: str, side: str, amounts: tuple[str, str], name: str
) -> None:
    alice.place("BUY", 46, 50)
    body = alice.order(side, kind=kind)
    body["order"]["makerAmount"], body["order"]["takerAmount"] = amounts
    alice.sign_order(body["order"])

    assert alice.call("POST", "/order", body) == refused(
        f"invalid amounts, the {name} orders maker amount supports a max accuracy of 2 decimals,"
        " taker amount a max of 4 decimals"
    )


@pytest.mark.parametrize("words", ["GTC", "FOK"])
def test_an_expiration_belongs_to_gtd_only(alice: Wallet, words: str) -> None:
    at = int(time.time()) + 3_600

    assert alice.place(kind=words, expiration=at) == refused("invalid expiration")
    assert alice.place(kind="GTD", expiration=1 << 40) == refused("invalid expiration")
    assert alice.place(kind="GTD") == refused("invalid expiration")


def test_a_gtd_order_says_when_it_ends(alice: Wallet) -> None:
    at = int(time.time()) + 3_600
    alice.place(kind="GTD", expiration=at)

    assert [(row["order_type"], row["expiration"]) for row in alice.resting()] == [("GTD", str(at))]


def test_too_much_for_the_balance_is_refused_in_base_units(alice: Wallet) -> None:
    said = alice.place("BUY", 40, 5_000)

    assert said.status == 400
    assert said.json["error"].startswith(
        "not enough balance / allowance: the balance is not enough -> balance: 1"
    )
    assert alice.place("SELL", 50, 10).status == 400


def test_an_unknown_token_is_refused(alice: Wallet) -> None:
    assert alice.place(token="3333") == refused("Invalid token id")


def test_a_batch_takes_and_refuses_each_leg_by_itself(alice: Wallet) -> None:
    legs = [alice.order("BUY", 40, 10), alice.order("BUY", 39, 1), alice.order("BUY", 30, 10, token=NO)]
    said = alice.call("POST", "/orders", legs)

    assert said.status == 200
    assert [leg["status"] for leg in said.json] == ["live", "", "live"]
    assert said.json[1]["errorMsg"].endswith("is invalid. Size (1) lower than the minimum: 5")
    assert (said.json[1]["orderID"], said.json[1]["success"]) == ("", True)
    assert len(alice.resting()) == 2


def test_a_batch_has_fifteen_legs_at_most(alice: Wallet) -> None:
    legs = [alice.order() for _ in range(16)]

    assert alice.call("POST", "/orders", legs) == refused("Too many orders in payload: 16, max allowed: 15")
    assert len(alice.call("POST", "/orders", legs[:15]).json) == 15


def test_orders_are_canceled_by_id_and_the_others_are_explained(alice: Wallet) -> None:
    one, two = (alice.place().json["orderID"] for _ in range(2))
    unknown = "0x" + "00" * 32

    assert alice.call("DELETE", "/order", {"orderID": one}).json == {"canceled": [one], "not_canceled": {}}
    said = alice.call("DELETE", "/orders", [one, two, two, unknown])
    assert said.json["canceled"] == [two]
    assert list(said.json["not_canceled"]) == [one, unknown]
    for other in ("", "0x00", "0x" + "g" * 64, unknown + "0"):
        assert alice.call("DELETE", "/order", {"orderID": other}) == refused("Invalid orderID")


def test_a_thousand_ids_are_the_most_of_one_cancel(alice: Wallet) -> None:
    ids = ["0x00"] * 1_001

    assert alice.call("DELETE", "/orders", ids) == refused("Too many orders in payload, max allowed: 1000")
    assert alice.call("DELETE", "/orders", ids[:1_000]).status == 200


def test_a_markets_or_tokens_orders_are_canceled_together(alice: Wallet) -> None:
    alice.place("BUY", 40, 10)
    on_no = alice.place("BUY", 30, 10, token=NO).json["orderID"]

    assert alice.call("DELETE", "/cancel-market-orders", {"asset_id": NO}).json["canceled"] == [on_no]
    assert alice.call("DELETE", "/cancel-market-orders", {"market": "0xelse"}).json["canceled"] == []
    assert len(alice.call("DELETE", "/cancel-market-orders", {}).json["canceled"]) == 1
    assert alice.call("DELETE", "/cancel-market-orders", b"[]") == refused("Invalid order payload")


def test_cancel_all_takes_only_ones_own(alice: Wallet) -> None:
    bob = Wallet(alice.app, 2).log_in()
    hers, his = alice.place().json["orderID"], bob.place().json["orderID"]

    assert bob.call("DELETE", "/order", {"orderID": hers}).json["canceled"] == []
    assert alice.call("DELETE", "/cancel-all").json == {"canceled": [hers], "not_canceled": {}}
    assert [row["id"] for row in bob.resting()] == [his]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/order"),
        ("POST", "/orders"),
        ("DELETE", "/order"),
        ("DELETE", "/orders"),
        ("DELETE", "/cancel-all"),
        ("DELETE", "/cancel-market-orders"),
    ],
)
def test_nothing_is_placed_or_canceled_without_a_key(alice: Wallet, method: str, path: str) -> None:
    assert ask(alice.app, method, path, b"{}") == refused("Unauthorized/Invalid api key", 401)


def test_a_body_beyond_the_limit_is_refused_unread(alice: Wallet) -> None:
    body: Any = b"[" + b" " * MAX_BODY + b"]"

    assert alice.call("POST", "/orders", body) == refused("Payload exceeds the limit")


def test_what_was_bought_can_be_sold_once_it_is_mined() -> None:
    bench = Bench(bid(0, 38, 50), ask_level(0, 45, 50))
    alice = Wallet(a_door(bench)).log_in()
    alice.place("BUY", 46, 10)
    assert alice.place("SELL", 38, 10, token=YES) == refused(
        "not enough balance / allowance: the balance is not enough -> balance: 0, order amount: 10000000"
    )
    bench.at(2)
    said = alice.place("SELL", 38, 10, token=YES)

    assert (said.json["makingAmount"], said.json["takingAmount"]) == ("10", "3.8")
