"""What a deposit wallet's owner signs for the relayer: a batch of calls, as EIP-712 data."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from venue.wire.eip712 import CHAIN_ID, address_bytes, hex_bytes, keccak, recover, typed_digest
from venue.wire.numbers import WireError

MAX_CALLS = 100
CALL_TYPE = "Call(address target,uint256 value,bytes data)"
BATCH_TYPE = "Batch(address wallet,uint256 nonce,uint256 deadline,Call[] calls)" + CALL_TYPE
_DOMAIN_TYPE = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"


class CallRow(msgspec.Struct, kw_only=True):
    """One call as the relayer is told it."""

    target: str
    value: str = "0"
    data: str = "0x"


class DepositParams(msgspec.Struct, kw_only=True, rename="camel"):
    """The batch of a deposit wallet."""

    deposit_wallet: str
    deadline: str
    calls: list[CallRow]


class Submit(msgspec.Struct, kw_only=True):
    """POST /submit."""

    type: str
    owner: str = msgspec.field(name="from")
    nonce: str = "0"
    signature: str = "0x"
    deposit: DepositParams | None = msgspec.field(name="depositWalletParams", default=None)


class Call(NamedTuple):
    """What is called, with what."""

    target: bytes
    value: int
    data: bytes


class Batch(NamedTuple):
    """What is signed."""

    wallet: bytes
    nonce: int
    deadline: int
    calls: tuple[Call, ...]


def calls_of(told: DepositParams, nonce: str) -> Batch:
    """A batch as numbers and bytes. Raises WireError."""
    if not 0 < len(told.calls) <= MAX_CALLS:
        raise WireError(f"a batch has 1 to {MAX_CALLS} calls")
    calls = (
        Call(address_bytes(row.target), _whole(row.value), b"" if row.data == "0x" else hex_bytes(row.data))
        for row in told.calls
    )
    return Batch(address_bytes(told.deposit_wallet), _whole(nonce), _whole(told.deadline), tuple(calls))


def batch_signer(batch: Batch, signature: bytes) -> bytes:
    """The 20 bytes of who signed it. Raises WireError."""
    return recover(batch_digest(batch), signature)


def batch_digest(batch: Batch) -> bytes:
    """What is signed."""
    domain = keccak(
        keccak(_DOMAIN_TYPE)
        + keccak(b"DepositWallet")
        + keccak(b"1")
        + _word(CHAIN_ID)
        + batch.wallet.rjust(32, b"\0")
    )
    calls = b"".join(
        keccak(
            keccak(CALL_TYPE.encode()) + call.target.rjust(32, b"\0") + _word(call.value) + keccak(call.data)
        )
        for call in batch.calls
    )
    struct = keccak(
        keccak(BATCH_TYPE.encode())
        + batch.wallet.rjust(32, b"\0")
        + _word(batch.nonce)
        + _word(batch.deadline)
        + keccak(calls)
    )
    return typed_digest(domain, struct)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 78 or int(text) >= 1 << 256:
        raise WireError(f"{text[:80]!r} is no number")
    return int(text)


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")
