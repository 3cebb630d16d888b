import msgspec
import pytest
from coincurve import PrivateKey

from tests.venue.wire.vectors import ADDRESS, AT, KEY, WALLET, an_order
from venue.wire.contracts import EXCHANGE, EXCHANGE_V3, NEG_RISK_EXCHANGE
from venue.wire.eip712 import (
    ORDER_TYPE,
    address_bytes,
    address_of,
    auth_digest,
    checksummed,
    domain_of,
    exchange_domain,
    hex_bytes,
    order_digest,
    order_struct_hash,
    recover,
    sign,
    wrapped_signer,
)
from venue.wire.numbers import WireError

SIGNED = [
    (
        "standard",
        exchange_domain(EXCHANGE),
        "3264e159346253e26a64e00b69032db0e7d32f94628de3e6eecb50304d7af3d2",
        "41bb012b54c5667642208b1f2c0fa6304b1e61d599808be54b5a38cb6f6bc380",
        (
            "d2516e817daa518cf0890d925fa506bb1e55e79d7827b6c508790a27277f8d82"
            "70d081cf46399f5016c7b6edd6f699d820f4b2a895ca1b758417a6c84b207c711b"
        ),
    ),
    (
        "neg-risk",
        exchange_domain(NEG_RISK_EXCHANGE),
        "9b858f53327b0bd13af8ec14cfb35234fb9eb7b0504d1a4e61f433840d30e81a",
        "f5cd663c35b1732e74a6d199150394e33e95c2b731c35be79dea8d80a9d3fd0d",
        (
            "742e956e798b5ba5dd5213d0761b015690cdda935a51e9b44ef467ce383f2f02"
            "76cf68e3f989bccb2669e9ba06a06ad5229d6e9e2626732b0cdaef1bb6f92afa1b"
        ),
    ),
    (
        "version 3",
        exchange_domain(EXCHANGE_V3, "3"),
        "466c63910185bbd55e8679264200c4e0abdcbb0c6264eb3d41d13326022e095b",
        "fa32a8e928368a7ccb7266e93af214710ce0c1542f3749c9fa22cab1ff698e82",
        (
            "4f793c7197ca2bd1e9b80aee119f669be9ff341963c0c99696562845759f09f0"
            "0d14d770d0ab8105c1bc696e35c1a83e213346c35ed6b1ffe5ccf8b1d5df1f401b"
        ),
    ),
]
WRAPPED = (
    "3153777473f1c5a023c53325f14f4f5f16b3fa6a77dfd7c8f5821d2016db3b0b"
    "3c628d86bc39057c5b77b08b66310d4b6a96f4bb544ffc89c3f2c91c3db5d0501b"
)


@pytest.mark.parametrize(("domain", "separator", "digest", "signature"), [row[1:] for row in SIGNED])
def test_an_orders_id_and_its_signer_are_what_the_exchange_says(
    domain: bytes, separator: str, digest: str, signature: str
) -> None:
    order = an_order()

    assert domain.hex() == separator
    assert order_digest(order, domain).hex() == digest
    assert checksummed(recover(bytes.fromhex(digest), bytes.fromhex(signature))) == ADDRESS


def test_a_market_is_signed_for_on_its_own_exchange() -> None:
    assert domain_of(neg_risk=False).hex() == SIGNED[0][2]
    assert domain_of(neg_risk=True).hex() == SIGNED[1][2]


def test_a_proxys_order_is_signed_by_its_owner() -> None:
    order = an_order(maker=WALLET, signature_type=1)
    digest = order_digest(order, domain_of(neg_risk=False))
    signature = hex_bytes(
        "0x5f4d77fb91bf4d08b6ea372e05794f523ea27ad4bae11344c8c90ade345005da"
        "569b9891515effb8767a5effe2901326fe6b7fea0c11c16f7bb9c109555ecbfd1b",
        65,
    )

    assert digest.hex() == "74b2ba602fc642b175a3cf12db38d300cda3e7abe66e8e5296d1aefc054610f6"
    assert checksummed(recover(digest, signature)) == ADDRESS


def wrapped() -> bytes:
    """A deposit wallet's signature, as the official client makes it."""
    domain, order = domain_of(neg_risk=False), an_order(maker=WALLET, signer=WALLET, signature_type=3)
    tail = ORDER_TYPE.encode() + len(ORDER_TYPE).to_bytes(2, "big")
    return bytes.fromhex(WRAPPED) + domain + order_struct_hash(order) + tail


def test_a_deposit_wallets_order_keeps_its_plain_id_and_names_its_signer() -> None:
    domain, order = domain_of(neg_risk=False), an_order(maker=WALLET, signer=WALLET, signature_type=3)

    assert order_digest(order, domain).hex() == (
        "4566ff016c68481e19636cf1be46e2cc849442066ba61058c694e1d2974ea6ec"
    )
    assert len(wrapped()) == 317
    assert wrapped()[-2:] == b"\x00\xba"
    assert checksummed(wrapped_signer(order, domain, wrapped())) == ADDRESS


def test_a_wrapped_signature_is_good_for_its_own_order_and_domain_only() -> None:
    order = an_order(maker=WALLET, signer=WALLET, signature_type=3)
    other = msgspec.structs.replace(order, salt=1)

    for signed, domain in ((other, domain_of(neg_risk=False)), (order, domain_of(neg_risk=True))):
        with pytest.raises(WireError):
            wrapped_signer(signed, domain, wrapped())
    with pytest.raises(WireError):
        wrapped_signer(order, domain_of(neg_risk=False), wrapped()[:-1])


def test_the_key_of_an_account_is_asked_for_by_its_wallet() -> None:
    signature = hex_bytes(
        "0x0f08c184141f23f61012ba15fef7303dff47a1da48c10ae8a6737eff59618f6e"
        "568b2868fedf252be3eb6e80f3a5f09bfdf609cd8f1c9725f9862742b33dc5fc1b"
    )

    assert checksummed(recover(auth_digest(ADDRESS, AT, 0), signature)) == ADDRESS
    assert checksummed(recover(auth_digest(ADDRESS, AT, 1), signature)) != ADDRESS


def test_a_wallet_asks_for_its_key_with_the_signature_seen_on_the_wire() -> None:
    assert sign(auth_digest(ADDRESS, AT, 0), PrivateKey(KEY)).hex() == (
        "0f08c184141f23f61012ba15fef7303dff47a1da48c10ae8a6737eff59618f6e"
        "568b2868fedf252be3eb6e80f3a5f09bfdf609cd8f1c9725f9862742b33dc5fc1b"
    )
    assert address_of(PrivateKey(KEY)) == ADDRESS


@pytest.mark.parametrize(
    "signature", [b"", bytes(65), b"\xff" * 64 + b"\x1b", bytes(64), b"\x01" * 64 + b"\x07"]
)
def test_a_signature_that_is_none_is_nobodys(signature: bytes) -> None:
    with pytest.raises(WireError):
        recover(bytes(32), signature)


@pytest.mark.parametrize("text", ["", "0x", "11" * 20, "0x" + "1g" * 20, "0x" + "11" * 21, "0x" + "１" * 40])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        address_bytes(text)


def test_an_address_is_written_with_its_checksum() -> None:
    assert checksummed(address_bytes(ADDRESS.lower())) == ADDRESS


@pytest.mark.parametrize("field", ["salt", "token", "maker_amount"])
def test_a_number_beyond_256_bits_is_refused(field: str) -> None:
    for number in (-1, 1 << 256):
        order = msgspec.structs.replace(an_order(), **{field: number})
        with pytest.raises(WireError):
            order_struct_hash(order)
