"""EIP-712 as the exchange uses it: order ids, L1 authentication, signing, and who signed (VENUE §2.1, §2.3, §3.1).

An order's id is its digest, so it is known before the order is sent. Wallets of type 3 (deposit wallets) sign
an ERC-7739 wrapping of the same struct; the id stays the plain digest. Both ends of the wire use this file: the
gateway signs with it, the embedded exchange verifies.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec
from coincurve import PrivateKey, PublicKey
from sha3 import keccak_256

from venue.wire.contracts import EXCHANGE, NEG_RISK_EXCHANGE
from venue.wire.numbers import WireError

CHAIN_ID = 137
ZERO_BYTES32 = "0x" + "00" * 32

ORDER_TYPE = (
    "Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,"
    "uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)"
)
WRAPPED_TYPE = (
    "TypedDataSign(Order contents,string name,string version,uint256 chainId,address verifyingContract,"
    "bytes32 salt)" + ORDER_TYPE
)
CLOB_AUTH_MESSAGE = "This message attests that I control the given wallet"
DEPOSIT_WALLET = 3
"""The signature type whose signature is wrapped."""
_MAX_UINT = 1 << 256


def keccak(data: bytes) -> bytes:
    """The chain's hash, 32 bytes."""
    digest: bytes = keccak_256(data).digest()
    return digest


_ORDER_TYPE_HASH = keccak(ORDER_TYPE.encode())
_WRAPPED_TYPE_HASH = keccak(WRAPPED_TYPE.encode())
_WRAPPED_TAIL = ORDER_TYPE.encode() + len(ORDER_TYPE).to_bytes(2, "big")
_DOMAIN_TYPE_HASH = keccak(
    b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
_AUTH_DOMAIN_TYPE_HASH = keccak(b"EIP712Domain(string name,string version,uint256 chainId)")
_AUTH_TYPE_HASH = keccak(b"ClobAuth(address address,string timestamp,uint256 nonce,string message)")
_AUTH_MESSAGE_HASH = keccak(CLOB_AUTH_MESSAGE.encode())
_WALLET_NAME_HASH = keccak(b"DepositWallet")
_WALLET_VERSION_HASH = keccak(b"1")


class OrderFields(msgspec.Struct, frozen=True):
    """The signed part of an order, as integers and bytes."""

    salt: int
    maker: bytes
    signer: bytes
    token: int
    maker_amount: int
    taker_amount: int
    side: int
    """0 buys, 1 sells."""
    signature_type: int
    timestamp: int
    metadata: bytes
    builder: bytes


def order_struct_hash(order: OrderFields) -> bytes:
    """hashStruct of an order. Raises WireError when a number does not fit."""
    return keccak(
        _ORDER_TYPE_HASH
        + _uint(order.salt)
        + bytes(12)
        + order.maker
        + bytes(12)
        + order.signer
        + _uint(order.token)
        + _uint(order.maker_amount)
        + _uint(order.taker_amount)
        + _uint(order.side)
        + _uint(order.signature_type)
        + _uint(order.timestamp)
        + order.metadata
        + order.builder
    )


def order_digest(order: OrderFields, domain: bytes) -> bytes:
    """What types 0 to 2 sign, and every order's id."""
    return typed_digest(domain, order_struct_hash(order))


def typed_digest(domain: bytes, struct_hash: bytes) -> bytes:
    """The final hash of EIP-712."""
    return keccak(b"\x19\x01" + domain + struct_hash)


@lru_cache(maxsize=64)
def exchange_domain(contract: str, version: str = "2", chain_id: int = CHAIN_ID) -> bytes:
    """The domain separator of one of the exchanges."""
    return keccak(
        _DOMAIN_TYPE_HASH
        + keccak(b"Polymarket CTF Exchange")
        + keccak(version.encode())
        + _uint(chain_id)
        + bytes(12)
        + address_bytes(contract)
    )


def domain_of(neg_risk: bool, chain_id: int = CHAIN_ID) -> bytes:
    """The domain separator under which a market's orders are signed."""
    return exchange_domain(NEG_RISK_EXCHANGE if neg_risk else EXCHANGE, "2", chain_id)


def auth_digest(address: str, timestamp: str, nonce: int, chain_id: int = CHAIN_ID) -> bytes:
    """What a wallet signs to create or derive its API key. Raises WireError."""
    struct_hash = keccak(
        _AUTH_TYPE_HASH
        + bytes(12)
        + address_bytes(address)
        + keccak(timestamp.encode())
        + _uint(nonce)
        + _AUTH_MESSAGE_HASH
    )
    return typed_digest(_auth_domain(chain_id), struct_hash)


@lru_cache(maxsize=8)
def _auth_domain(chain_id: int) -> bytes:
    return keccak(_AUTH_DOMAIN_TYPE_HASH + keccak(b"ClobAuthDomain") + keccak(b"1") + _uint(chain_id))


def recover(digest: bytes, signature: bytes) -> bytes:
    """The 20 bytes of the address that signed; 65 bytes of signature, v 27/28 or 0/1. Raises WireError."""
    if len(signature) != 65:
        raise WireError(f"a signature has 65 bytes, not {len(signature)}")
    v = signature[64] - 27 if signature[64] >= 27 else signature[64]
    if v not in (0, 1):
        raise WireError(f"a signature ends in 27 or 28, not {signature[64]}")
    try:
        public = PublicKey.from_signature_and_message(signature[:64] + bytes((v,)), digest, hasher=None)
    except ValueError as error:
        raise WireError("a signature of nobody") from error
    return keccak(public.format(compressed=False)[1:])[12:]


def wrapped_signer(order: OrderFields, domain: bytes, blob: bytes, chain_id: int = CHAIN_ID) -> bytes:
    """Who signed for a deposit wallet (type 3): checks the ERC-7739 wrapping. Raises WireError."""
    contents = order_struct_hash(order)
    if blob[65:] != domain + contents + _WRAPPED_TAIL:
        raise WireError("the wrapped signature is for something else")
    return recover(_wrapped_digest(contents, domain, order.signer, chain_id), blob[:65])


def sign(digest: bytes, key: PrivateKey) -> bytes:
    """The 65 bytes of a key's signature under a digest, v 27 or 28; the same every time (RFC 6979)."""
    signature: bytes = key.sign_recoverable(digest, hasher=None)
    return signature[:64] + bytes((signature[64] + 27,))


def sign_order(
    order: OrderFields, domain: bytes, key: PrivateKey, chain_id: int = CHAIN_ID
) -> tuple[bytes, bytes]:
    """An order's digest, which is its id, and its signature: 65 bytes, or the 317 of a deposit wallet's wrapping.

    Raises WireError when a number does not fit.
    """
    contents = order_struct_hash(order)
    digest = typed_digest(domain, contents)
    if order.signature_type != DEPOSIT_WALLET:
        return digest, sign(digest, key)
    signature = sign(_wrapped_digest(contents, domain, order.signer, chain_id), key)
    return digest, signature + domain + contents + _WRAPPED_TAIL


def _wrapped_digest(contents: bytes, domain: bytes, signer: bytes, chain_id: int) -> bytes:
    """What the owner of a deposit wallet signs for an order: ERC-7739's TypedDataSign around its struct hash."""
    wrapping = (
        _WRAPPED_TYPE_HASH
        + contents
        + _WALLET_NAME_HASH
        + _WALLET_VERSION_HASH
        + _uint(chain_id)
        + bytes(12)
        + signer
        + bytes(32)
    )
    return typed_digest(domain, keccak(wrapping))


def address_of(key: PrivateKey) -> str:
    """The address a key signs for, checksummed."""
    return checksummed(keccak(key.public_key.format(compressed=False)[1:])[12:])


def hex_bytes(text: str, length: int | None = None) -> bytes:
    """The bytes of a 0x string. Raises WireError, also when there are not `length` of them."""
    digits = text[2:]
    if text[:2] != "0x" or not digits.isascii() or not digits.isalnum():
        raise WireError(f"{text[:80]!r} is no 0x hex string")
    try:
        data = bytes.fromhex(digits)
    except ValueError as error:
        raise WireError(f"{text[:80]!r} is no 0x hex string") from error
    if length is not None and len(data) != length:
        raise WireError(f"{text[:80]!r} has {len(data)} bytes, not {length}")
    return data


@lru_cache(maxsize=4096)
def address_bytes(address: str) -> bytes:
    """The 20 bytes of an address, however its letters are written. Raises WireError."""
    return hex_bytes(address, 20)


@lru_cache(maxsize=4096)
def checksummed(address: bytes) -> str:
    """An address as EIP-55 writes it."""
    plain = address.hex()
    marks = keccak(plain.encode()).hex()
    return "0x" + "".join(
        c.upper() if int(mark, 16) >= 8 else c for c, mark in zip(plain, marks, strict=False)
    )


def _uint(value: int) -> bytes:
    if not 0 <= value < _MAX_UINT:
        raise WireError("a number does not fit 256 bits")
    return value.to_bytes(32, "big")
