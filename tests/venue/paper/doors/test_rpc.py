"""What bots ask the chain, as a web3 client asks it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from eth_abi.abi import decode, encode

from messages.values import MICRO, MarketId
from tests.venue.paper.door_bench import Wallet, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench, a_market
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.contract_calls import selector
from venue.wire import contracts

CONDITION = "0x" + "ab" * 32
FUNDER = "0x" + "33" * 20
NOBODY = "0x" + "77" * 20


@pytest.fixture
def bench() -> Bench:
    return Bench(ask_level(0, 45, 50), market=a_market(id=MarketId(CONDITION)))


@pytest.fixture
def alice(bench: Bench) -> Wallet:
    return Wallet(a_door(bench)).log_in()


def rpc(alice: Wallet, method: str, *params: Any) -> Any:
    said = ask(
        alice.app, "POST", "/rpc", {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)}
    )
    assert (said.status, said.json["jsonrpc"], said.json["id"]) == (200, "2.0", 7)
    return said.json["result"] if "result" in said.json else said.json["error"]


def call(alice: Wallet, to: str, signature: str, *given: Any, returns: str = "uint256") -> Any:
    """eth_call of a function by its signature."""
    inside = signature[signature.index("(") + 1 : -1]
    data = selector(signature) + encode(inside.split(",") if inside else [], given)
    found = rpc(alice, "eth_call", {"to": to, "data": "0x" + data.hex()}, "latest")
    if isinstance(found, dict):
        return found
    return decode([returns], bytes.fromhex(found[2:]))[0]


def test_the_chain_is_polygon_and_its_blocks_are_market_time(alice: Wallet, bench: Bench) -> None:
    assert rpc(alice, "eth_chainId") == "0x89"
    assert rpc(alice, "net_version") == "137"
    before = int(rpc(alice, "eth_blockNumber"), 16)
    bench.at(60)
    assert int(rpc(alice, "eth_blockNumber"), 16) == before + 30
    latest = rpc(alice, "eth_getBlockByNumber", "latest", False)
    assert int(latest["number"], 16) == before + 30
    assert abs(int(latest["timestamp"], 16) - int(bench.clock.now()) // 10**9) <= 2
    assert rpc(alice, "eth_getBlockByNumber", hex(before + 29), False)["hash"] == latest["parentHash"]
    assert rpc(alice, "eth_getBlockByNumber", hex(before + 31), False) is None


@pytest.mark.parametrize("token", [contracts.COLLATERAL, contracts.USDC_BRIDGED, contracts.USDC])
def test_collateral_is_an_erc20_under_its_new_name_and_its_old_ones(
    alice: Wallet, bench: Bench, token: str
) -> None:
    alice.place("BUY", 45, 10)
    assert call(alice, token, "balanceOf(address)", alice.address) == 1_000 * MICRO
    bench.at(2)
    assert call(alice, token, "balanceOf(address)", alice.address) == 995_500_000
    assert call(alice, token, "decimals()", returns="uint8") == 6
    assert call(alice, token, "symbol()", returns="string") in ("pUSD", "USDC.e", "USDC")
    for spender in (*contracts.SPENDERS, NOBODY):
        assert call(alice, token, "allowance(address,address)", alice.address, spender) == contracts.UNLIMITED


def test_an_allowance_is_as_it_was_approved(alice: Wallet) -> None:
    alice.call("POST", "/sim/approve", {"spender": "exchange", "asset_type": "COLLATERAL", "amount": "4"})
    alice.call("POST", "/sim/approve", {"spender": "exchange", "asset_type": "CONDITIONAL", "amount": "0"})
    asked = (alice.address, contracts.EXCHANGE)
    assert call(alice, contracts.COLLATERAL, "allowance(address,address)", *asked) == 4 * MICRO
    approved = "isApprovedForAll(address,address)"
    assert call(alice, contracts.CONDITIONAL_TOKENS, approved, *asked, returns="bool") is False
    asked = (alice.address, contracts.NEG_RISK_EXCHANGE)
    assert call(alice, contracts.CONDITIONAL_TOKENS, approved, *asked, returns="bool") is True


def test_a_wallet_nobody_has_used_has_what_it_will_be_given(alice: Wallet, bench: Bench) -> None:
    pusd = contracts.COLLATERAL
    assert call(alice, pusd, "balanceOf(address)", FUNDER) == 1_000 * MICRO
    alice.place("BUY", 45, 10, funder=FUNDER, signature_type=2)
    bench.at(2)
    assert call(alice, pusd, "balanceOf(address)", FUNDER) == 995_500_000
    assert call(alice, pusd, "balanceOf(address)", contracts.EXCHANGE) == 0
    assert call(alice, pusd, "balanceOf(address)", "0x" + "00" * 20) == 0


def test_outcome_tokens_are_an_erc1155(alice: Wallet, bench: Bench) -> None:
    alice.place("BUY", 45, 10)
    bench.at(2)
    ctf = contracts.CONDITIONAL_TOKENS
    assert call(alice, ctf, "balanceOf(address,uint256)", alice.address, int(YES)) == 10 * MICRO
    found = call(
        alice,
        ctf,
        "balanceOfBatch(address[],uint256[])",
        [alice.address, alice.address, NOBODY],
        [int(YES), int(NO), int(YES)],
        returns="uint256[]",
    )
    assert found == (10 * MICRO, 0, 0)
    refused = call(alice, ctf, "balanceOfBatch(address[],uint256[])", [alice.address], [])
    assert refused["code"] == 3
    assert "same lengths" in refused["message"]


def test_payouts_are_there_when_a_market_is_resolved(alice: Wallet, bench: Bench) -> None:
    ctf, condition = contracts.CONDITIONAL_TOKENS, bytes.fromhex(CONDITION[2:])
    assert call(alice, ctf, "getOutcomeSlotCount(bytes32)", condition) == 2
    assert call(alice, ctf, "payoutDenominator(bytes32)", condition) == 0
    bench.exchange.resolve(bench.market.id, False)
    whole = call(alice, ctf, "payoutDenominator(bytes32)", condition)
    payouts = [call(alice, ctf, "payoutNumerators(bytes32,uint256)", condition, n) for n in (0, 1, 2)]
    assert payouts == [0, whole, 0]
    assert call(alice, ctf, "payoutDenominator(bytes32)", bytes(32)) == 0


def test_several_contracts_are_asked_in_one_call(alice: Wallet) -> None:
    balance = selector("balanceOf(address)") + encode(["address"], [alice.address])
    calls = [(contracts.COLLATERAL, False, balance), (contracts.COLLATERAL, True, b"\x01\x02\x03\x04")]
    signature = "aggregate3((address,bool,bytes)[])"

    def several(what: Any) -> Any:
        data = selector(signature) + encode(["(address,bool,bytes)[]"], [what])
        return rpc(alice, "eth_call", {"to": contracts.MULTICALL, "data": "0x" + data.hex()}, "latest")

    found = decode(["(bool,bytes)[]"], bytes.fromhex(several(calls)[2:]))[0]
    assert found == ((True, encode(["uint256"], [1_000 * MICRO])), (False, b""))
    assert several([(contracts.COLLATERAL, False, b"\x01\x02\x03\x04")])["code"] == 3


def test_a_trade_has_a_receipt_once_it_is_mined(alice: Wallet, bench: Bench) -> None:
    assert rpc(alice, "eth_getTransactionReceipt", "0x" + "0" * 64) is None
    assert rpc(alice, "eth_getTransactionReceipt", "") is None
    alice.place("BUY", 45, 10)
    bench.at(2)
    (trade,) = alice.call("GET", "/data/trades").json["data"]
    receipt = rpc(alice, "eth_getTransactionReceipt", trade["transaction_hash"])
    assert (receipt["status"], receipt["to"]) == ("0x1", contracts.EXCHANGE)
    bench.at(60)
    assert rpc(alice, "eth_getTransactionReceipt", trade["transaction_hash"]) == receipt
    block = rpc(alice, "eth_getBlockByNumber", receipt["blockNumber"], False)
    assert block["hash"] == receipt["blockHash"]
    made = alice.call("POST", "/sim/split", {"condition_id": CONDITION, "amount": "1"}).json
    assert rpc(alice, "eth_getTransactionReceipt", made["transaction_hash"])["status"] == "0x1"


def test_small_talk_is_answered(alice: Wallet) -> None:
    assert int(rpc(alice, "eth_getBalance", alice.address, "latest"), 16) > 10**18
    assert rpc(alice, "eth_getTransactionCount", alice.address, "latest") == "0x0"
    assert rpc(alice, "eth_getCode", contracts.EXCHANGE, "latest") != "0x"
    assert rpc(alice, "eth_getCode", alice.address, "latest") == "0x"
    assert rpc(alice, "eth_call", {"to": NOBODY, "data": "0x"}, "latest") == "0x"
    assert int(rpc(alice, "eth_gasPrice"), 16) > 0
    assert rpc(alice, "eth_syncing") is False


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("eth_mine", [], -32601),
        ("eth_getBalance", [], -32602),
        ("eth_getBalance", ["0x12"], -32602),
        ("eth_call", [{"to": contracts.COLLATERAL, "data": "0x1"}], -32602),
        ("eth_call", [], -32602),
        ("eth_call", [{"to": contracts.COLLATERAL, "data": "0x01020304"}], 3),
        ("eth_call", [{"to": contracts.COLLATERAL, "data": "0x70a0823112"}], 3),
        ("eth_getBlockByNumber", ["0xzz"], -32602),
        ("eth_sendRawTransaction", ["0x00"], -32000),
        ("eth_getBalance", {"address": "0x"}, -32602),
    ],
)
def test_what_cannot_be_answered_has_the_protocols_code(
    alice: Wallet, method: str, params: Any, code: int
) -> None:
    said = ask(alice.app, "POST", "/rpc", {"jsonrpc": "2.0", "id": "a", "method": method, "params": params})
    assert (said.status, said.json["id"], said.json["error"]["code"]) == (200, "a", code)


def test_calls_come_in_batches(alice: Wallet) -> None:
    batch = [
        {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"},
        {"jsonrpc": "2.0", "method": "eth_chainId"},
        5,
        {"jsonrpc": "2.0", "id": 2, "method": "eth_nothing"},
    ]
    said = ask(alice.app, "POST", "/rpc", batch).json
    assert [answer["id"] for answer in said] == [1, None, 2]
    assert said[0]["result"] == "0x89"
    assert [answer["error"]["code"] for answer in said[1:]] == [-32600, -32601]
    assert ask(alice.app, "POST", "/rpc", batch[1]).json == ""
    assert ask(alice.app, "POST", "/rpc", []).json["error"]["code"] == -32600
    assert ask(alice.app, "POST", "/rpc", b"{").json["error"]["code"] == -32700


def test_no_data_fails_a_contract(alice: Wallet) -> None:
    dice = random.Random(5)
    numbers = (0, 1, 2, 32, 64, 96, 1 << 63, 1 << 64, 1 << 255, (1 << 256) - 1)
    functions = ("balanceOfBatch(address[],uint256[])", "balanceOf(address,uint256)", "balanceOf(address)")
    for _ in range(1_500):
        to, function = dice.choice(
            [(contracts.MULTICALL, "aggregate3((address,bool,bytes)[])")]
            + [(contracts.CONDITIONAL_TOKENS, some) for some in functions]
        )
        words = [dice.choice(numbers).to_bytes(32, "big") for _ in range(dice.randint(0, 9))]
        data = selector(function) + b"".join(words) + dice.randbytes(dice.randint(0, 2))
        found = rpc(alice, "eth_call", {"to": to, "data": "0x" + data.hex()}, "latest")
        assert isinstance(found, str) or found["code"] == 3
