"""Transactions as wallets sign them; the signer is not ours."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given, settings

from venue.wire.eip712 import address_bytes, checksummed
from venue.wire.numbers import WireError
from venue.wire.relayer import CallRow, DepositParams, batch_digest, batch_signer, calls_of
from venue.wire.transactions import read_transaction

SIGNER = Account.from_key("0x" + "11" * 32)
TO = "0x" + "22" * 20
KINDS: dict[str, dict[str, Any]] = {
    "legacy": {"gasPrice": 30},
    "access list": {
        "gasPrice": 30,
        "type": 1,
        "accessList": [{"address": TO, "storageKeys": ["0x" + "00" * 32]}],
    },
    "priority fee": {"maxFeePerGas": 30, "maxPriorityFeePerGas": 1, "type": 2},
}


def signed(kind: str = "legacy", **terms: Any) -> Any:
    """A signed transaction."""
    wanted = {"to": TO, "value": 0, "gas": 200_000, "nonce": 0, "chainId": 137, "data": "0x"}
    return SIGNER.sign_transaction(wanted | KINDS[kind] | terms)


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(list(KINDS)),
    nonce=st.integers(0, 1 << 40),
    value=st.integers(0, 1 << 90),
    data=st.binary(max_size=300),
)
def test_whatever_was_signed_is_read_with_its_signer_and_its_hash(
    kind: str, nonce: int, value: int, data: bytes
) -> None:
    sent = signed(kind, nonce=nonce, value=value, data=data)
    read = read_transaction(bytes(sent.raw_transaction))

    assert read.hash == "0x" + bytes(sent.hash).hex()
    assert checksummed(read.sender) == SIGNER.address
    assert (read.nonce, read.value, read.data, checksummed(read.to)) == (
        nonce,
        value,
        data,
        checksummed(address_bytes(TO)),
    )


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.tuples(st.integers(0, 130), st.integers(0, 255)).map(tuple)))
def test_what_is_no_transaction_is_refused_and_a_changed_one_is_not_its_signers(noise: Any) -> None:
    raw = bytearray(signed(data=b"\x01" * 40).raw_transaction)
    if isinstance(noise, bytes):
        raw = bytearray(noise)
    else:
        raw[noise[0] % len(raw)] ^= noise[1] or 1
    try:
        read = read_transaction(bytes(raw))
    except WireError:
        return
    assert checksummed(read.sender) != SIGNER.address


def test_a_transaction_for_another_chain_is_refused() -> None:
    with pytest.raises(WireError, match="chain 1, not 137"):
        read_transaction(bytes(signed(chainId=1).raw_transaction))
    with pytest.raises(WireError, match="something behind"):
        read_transaction(bytes(signed().raw_transaction) + b"\0")


@pytest.mark.parametrize("calls", [1, 3])
def test_a_deposit_wallets_batch_has_the_digest_that_others_compute(calls: int) -> None:
    wallet, data = "0x" + "33" * 20, "0x" + "ab" * 37
    types = {
        "Batch": [
            {"name": "wallet", "type": "address"},
            {"name": "nonce", "type": "uint256"},
            {"name": "deadline", "type": "uint256"},
            {"name": "calls", "type": "Call[]"},
        ],
        "Call": [
            {"name": "target", "type": "address"},
            {"name": "value", "type": "uint256"},
            {"name": "data", "type": "bytes"},
        ],
    }
    domain = {"name": "DepositWallet", "version": "1", "chainId": 137, "verifyingContract": wallet}
    message = {
        "wallet": wallet,
        "nonce": 4,
        "deadline": 1_700_000_000,
        "calls": [{"target": TO, "value": n, "data": bytes.fromhex(data[2:])} for n in range(calls)],
    }
    ours = SIGNER.sign_message(encode_typed_data(domain, types, message))
    told = DepositParams(
        deposit_wallet=wallet,
        deadline="1700000000",
        calls=[CallRow(target=TO, value=str(n), data=data) for n in range(calls)],
    )
    batch = calls_of(told, "4")

    assert checksummed(batch_signer(batch, bytes(ours.signature))) == SIGNER.address
    assert batch_digest(batch) != batch_digest(calls_of(told, "5"))
