"""What wallets send to the chain: signed transactions to the node, batches of deposit wallets to the relayer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_account import Account

from messages.values import MICRO, MarketId, Size
from tests.venue.paper.door_bench import Said, Wallet, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench, a_market
from venue.paper.doors.contract_calls import selector
from venue.wire import contracts
from venue.wire.relayer import CallRow, DepositParams, batch_digest, calls_of

CONDITION = "0x" + "ab" * 32
EVENT = "0x" + "cd" * 31 + "00"
ZERO = bytes(32)
WALLET = "0x" + "33" * 20
HASH = "0x" + "00" * 32


@pytest.fixture
def bench() -> Bench:
    return Bench(market=a_market(id=MarketId(CONDITION)))


@pytest.fixture
def alice(bench: Bench) -> Wallet:
    return Wallet(a_door(bench)).log_in()


def rpc(alice: Wallet, method: str, *params: Any) -> Any:
    said = ask(
        alice.app, "POST", "/rpc", {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    )
    return said.json["result"] if "result" in said.json else said.json["error"]


def calling(signature: str, *given: Any) -> bytes:
    return selector(signature) + encode(signature[signature.index("(") + 1 : -1].split(","), given)


def pairs(name: str, *amount: int, condition: str = CONDITION) -> bytes:
    """A split, merge or redemption as the adapters have it."""
    types = "address,bytes32,bytes32,uint256[]" + ",uint256" * len(amount)
    id_ = bytes.fromhex(condition[2:])
    return calling(f"{name}({types})", contracts.COLLATERAL, ZERO, id_, [1, 2], *amount)


def send(alice: Wallet, to: str, data: bytes, **terms: Any) -> Any:
    """A transaction of her own, with the nonce the node tells."""
    nonce = int(rpc(alice, "eth_getTransactionCount", alice.address, "pending"), 16)
    wanted = {
        "to": to,
        "value": 0,
        "gas": 200_000,
        "gasPrice": 1,
        "nonce": nonce,
        "chainId": 137,
        "data": data,
    }
    signer = Account.from_key(bytes([1]) * 32)
    return rpc(
        alice, "eth_sendRawTransaction", "0x" + signer.sign_transaction(wanted | terms).raw_transaction.hex()
    )


@pytest.mark.parametrize(
    "to", [contracts.CONDITIONAL_TOKENS, contracts.COLLATERAL_ADAPTER, contracts.NEG_RISK_ADAPTER]
)
def test_pairs_are_split_merged_and_redeemed_by_transactions(alice: Wallet, bench: Bench, to: str) -> None:
    hash_ = send(alice, to, pairs("splitPosition", 10 * MICRO))
    assert (bench.dollars(alice.address), bench.shares(alice.address), bench.shares(alice.address, NO)) == (
        990,
        10,
        10,
    )
    receipt = rpc(alice, "eth_getTransactionReceipt", hash_)
    assert (receipt["status"], receipt["from"], receipt["to"]) == ("0x1", alice.address, to)
    told = rpc(alice, "eth_getTransactionByHash", hash_)
    assert (told["from"], told["nonce"], told["blockNumber"]) == (
        alice.address,
        "0x0",
        receipt["blockNumber"],
    )

    send(alice, to, pairs("mergePositions", 4 * MICRO))
    assert (bench.dollars(alice.address), bench.shares(alice.address)) == (994, 6)
    bench.exchange.resolve(bench.market.id, yes_wins=True)
    send(alice, to, pairs("redeemPositions"))
    assert (bench.dollars(alice.address), bench.shares(alice.address)) == (1_000, 0)
    rows = ask(alice.app, "GET", f"/data-api/activity?user={alice.address}").json
    assert hash_ in {row["transactionHash"] for row in rows if row["type"] == "SPLIT"}
    assert rpc(alice, "eth_getTransactionCount", alice.address) == "0x3"


def test_approvals_are_given_and_taken_back_by_transactions(alice: Wallet, bench: Bench) -> None:
    bank, exchange = bench.exchange.bank, contracts.EXCHANGE
    send(alice, contracts.COLLATERAL, calling("approve(address,uint256)", exchange, 7))
    send(alice, contracts.CONDITIONAL_TOKENS, calling("setApprovalForAll(address,bool)", exchange, False))
    assert bank.allowance(alice.address, exchange, None) == 7
    assert bank.allowance(alice.address, exchange, YES) == 0
    assert alice.place("BUY", 45, 10).status == 400
    send(alice, contracts.COLLATERAL, calling("approve(address,uint256)", exchange, contracts.UNLIMITED))
    send(alice, contracts.CONDITIONAL_TOKENS, calling("setApprovalForAll(address,bool)", exchange, True))
    assert alice.place("BUY", 45, 10).status == 200


def test_a_neg_risk_events_noes_are_converted_by_a_transaction() -> None:
    markets = [
        a_market(
            id=MarketId("0x" + f"{n}a" * 32),
            yes=f"{n}1",
            no=f"{n}2",
            slug=f"m{n}",
            event="race",
            neg_risk=True,
            neg_risk_market=EVENT,
        )
        for n in range(3)
    ]
    bench = Bench(market=markets[0])
    for market in markets[1:]:
        bench.exchange.add_market(market)
    alice = Wallet(a_door(bench)).log_in()
    for market in markets[:2]:
        bench.exchange.bank.split(alice.address, market, Size(10 * MICRO))
    data = calling("convertPositions(bytes32,uint256,uint256)", bytes.fromhex(EVENT[2:]), 0b011, 10 * MICRO)
    assert send(alice, contracts.NEG_RISK_ADAPTER, data).startswith("0x")

    assert bench.shares(alice.address, markets[2].yes) == 10
    assert bench.shares(alice.address, markets[0].no) == bench.shares(alice.address, markets[1].no) == 0
    assert bench.dollars(alice.address) == 990


def test_what_cannot_be_done_is_said_in_a_sentence_and_leaves_everything_as_it_was(
    alice: Wallet, bench: Bench
) -> None:
    adapter = contracts.COLLATERAL_ADAPTER
    for error, code, words in (
        (send(alice, adapter, pairs("splitPosition", 2_000 * MICRO)), 3, "not enough collateral"),
        (send(alice, adapter, pairs("redeemPositions")), 3, "not resolved yet"),
        (send(alice, adapter, pairs("splitPosition", 0)), 3, "out of range"),
        (send(alice, adapter, pairs("splitPosition", 5, condition="0x" + "ee" * 32)), 3, "no such condition"),
        (send(alice, adapter, b"\1\2\3\4"), 3, "nothing of the kind"),
        (send(alice, adapter, pairs("splitPosition", 5)[:-64]), 3, "another shape"),
        (send(alice, WALLET, b""), 3, "nothing of the kind"),
        (send(alice, adapter, pairs("splitPosition", 5), value=1), -32000, "without any value"),
        (send(alice, adapter, pairs("splitPosition", 5), chainId=1), -32000, "chain 1"),
        (rpc(alice, "eth_sendRawTransaction", "0x1234"), -32000, "invalid transaction"),
        (rpc(alice, "eth_sendTransaction", {}), -32000, "sign it yourself"),
    ):
        assert error["code"] == code, error
        assert words in error["message"]
    assert bench.dollars(alice.address) == 1_000
    assert rpc(alice, "eth_getTransactionCount", alice.address) == "0x0"


def test_a_nonce_is_used_once(alice: Wallet, bench: Bench) -> None:
    data = pairs("splitPosition", MICRO)
    send(alice, contracts.COLLATERAL_ADAPTER, data)
    assert send(alice, contracts.COLLATERAL_ADAPTER, data, nonce=0)["message"] == "already known"
    other = send(alice, contracts.COLLATERAL_ADAPTER, pairs("splitPosition", 2 * MICRO), nonce=0)
    assert other["message"] == "nonce too low: next nonce 1, tx nonce 0"
    assert bench.shares(alice.address) == 1


def submit(
    alice: Wallet, number: int, *calls: tuple[str, bytes], deadline: int = 1 << 40, **instead: Any
) -> Said:
    """A batch of her deposit wallet; `instead` replaces what is sent after it was signed."""
    rows = [CallRow(target=to, data="0x" + data.hex()) for to, data in calls]
    told = DepositParams(deposit_wallet=WALLET, deadline=str(deadline), calls=rows)
    body = {
        "type": "WALLET",
        "from": alice.address,
        "to": WALLET,
        "nonce": str(number),
        "signature": alice.sign(batch_digest(calls_of(told, str(number)))) if calls else "0x",
        "metadata": "",
        "depositWalletParams": {
            "depositWallet": WALLET,
            "deadline": told.deadline,
            "calls": [{"target": row.target, "value": "0", "data": row.data} for row in rows],
        },
    }
    return ask(alice.app, "POST", "/relayer/submit", json.dumps(body | instead).encode())


def became(alice: Wallet, said: Said) -> dict[str, Any]:
    assert said.json["state"] == "STATE_NEW"
    found: dict[str, Any] = ask(
        alice.app, "GET", f"/relayer/v1/account/transactions/{said.json['transactionID']}"
    ).json
    assert found["transaction_hash"] == said.json["transactionHash"]
    return found


def test_a_deposit_wallet_splits_and_merges_by_the_relayer(alice: Wallet, bench: Bench) -> None:
    def deployed() -> bool:
        found: bool = ask(alice.app, "GET", f"/relayer/deployed?address={WALLET}&type=WALLET").json[
            "deployed"
        ]
        return found

    assert not deployed()
    asked = f"/relayer/v1/account/transactions/params?address={alice.address}&type=WALLET"
    assert ask(alice.app, "GET", asked).json["nonce"] == "0"
    adapter = contracts.COLLATERAL_ADAPTER
    said = submit(
        alice, 0, (adapter, pairs("splitPosition", 10 * MICRO)), (adapter, pairs("mergePositions", 4 * MICRO))
    )

    assert became(alice, said)["state"] == "STATE_CONFIRMED"
    assert (bench.dollars(WALLET), bench.shares(WALLET)) == (994, 6)
    assert deployed()
    assert ask(alice.app, "GET", asked).json["nonce"] == "1"
    receipt = rpc(alice, "eth_getTransactionReceipt", said.json["transactionHash"])
    assert receipt["status"] == "0x1"


def test_a_batch_that_fails_says_why(alice: Wallet, bench: Bench) -> None:
    told = became(
        alice, submit(alice, 0, (contracts.COLLATERAL_ADAPTER, pairs("splitPosition", 2_000 * MICRO)))
    )

    assert told["state"] == "STATE_FAILED"
    assert "not enough collateral" in told["error_msg"]


def test_the_relayer_takes_only_what_the_owner_signed_once_and_in_time(alice: Wallet, bench: Bench) -> None:
    call = (contracts.COLLATERAL_ADAPTER, pairs("splitPosition", MICRO))
    bob = Wallet(alice.app, 2).log_in()
    refusals = (
        (submit(alice, 5, call), "batch nonce 5 does not match on-chain nonce 0"),
        (submit(alice, 0, call, deadline=1_000), "deadline has passed"),
        (submit(alice, 0, call, **{"from": bob.address}), "invalid signature"),
        (submit(alice, 0, call, signature="0x12"), "a signature has 65 bytes"),
        (submit(alice, 0, call, type="SAFE"), "type SAFE is not relayed here"),
        (submit(alice, 0, call, nonce="x"), "is no number"),
        (submit(alice, 0), "a batch has 1 to 100 calls"),
        (ask(alice.app, "POST", "/relayer/submit", b"{"), "invalid request"),
        (ask(alice.app, "GET", "/relayer/deployed?address=0x1"), "invalid address"),
    )
    for said, words in refusals:
        assert said.status == 400
        assert words in said.json["error"]
    assert became(alice, submit(alice, 0, call))["state"] == "STATE_CONFIRMED"
    for _ in range(2):
        assert submit(bob, 0, call).json["error"].startswith("the order signer")
    assert ask(alice.app, "GET", "/relayer/v1/account/transactions/none").status == 404
    assert became(alice, submit(alice, 0, type="WALLET-CREATE"))["state"] == "STATE_CONFIRMED"


def test_fees_are_always_the_same(alice: Wallet) -> None:
    told = rpc(alice, "eth_feeHistory", "0x4", "latest", [10, 50])

    assert (len(told["baseFeePerGas"]), len(told["gasUsedRatio"]), len(told["reward"])) == (5, 4, 4)
    assert rpc(alice, "eth_feeHistory")["code"] == -32602
