"""Orders as the official client makes them: the same fields, hash, signature and bytes."""

import json
from dataclasses import replace
from random import Random

import pytest
from py_clob_client_v2.clob_types import CreateOrderOptions, OrderArgs
from py_clob_client_v2.config import get_contract_config
from py_clob_client_v2.headers.headers import create_level_1_headers
from py_clob_client_v2.order_builder.builder import OrderBuilder
from py_clob_client_v2.order_utils import ExchangeOrderBuilderV2
from py_clob_client_v2.order_utils.model.order_data_v2 import order_to_json_v2
from py_clob_client_v2.signer import Signer

from messages.orders import PrepareOrder
from messages.values import MICRO, Action, CommandId, Price, Size, TokenId
from tests.venue.polymarket.world import OWNER
from venue.polymarket.client import order_body
from venue.polymarket.keys import SIGNATURE_TYPES, PrivateKey, Wallet
from venue.polymarket.signer import LOT, OrderSigner, amounts
from venue.wire.eip712 import address_of, auth_digest, checksummed, sign

TICKS = {"0.1": 100_000, "0.01": 10_000, "0.005": 5_000, "0.0025": 2_500, "0.001": 1_000, "0.0001": 100}
"""The official client's spelling, and ours."""


def a_wallet(random, signature_type):
    funder = checksummed(random.randbytes(20)) if signature_type else ""
    return Wallet(PrivateKey(f"0x{random.randbytes(32).hex()}"), signature_type, funder)


def official_order(random, wallet, chain, tick, side, neg_risk):
    """One as the official client makes it of a price and a size: amounts, clock and salt are its own."""
    price = TICKS[tick] * random.randrange(1, MICRO // TICKS[tick])
    size = LOT * random.choice((random.randrange(500, 10_000), random.randrange(500, 100_000_000)))
    token = str(random.getrandbits(random.choice((64, 256))))
    builder = OrderBuilder(Signer(wallet.key.reveal(), chain), wallet.signature_type, wallet.funder or None)
    order = builder.build_order(
        OrderArgs(token, price / MICRO, size / MICRO, side), CreateOrderOptions(tick, neg_risk)
    )
    return order, Price(price), Size(size)


def meant(theirs, action, price, size, builder):
    """Their order with the amounts that were meant, signed by them again where their floats missed them."""
    maker, taker = amounts(action, price, size)
    if (theirs.makerAmount, theirs.takerAmount) == (str(maker), str(taker)):
        return theirs, True
    missed = max(abs(int(theirs.makerAmount) - maker), abs(int(theirs.takerAmount) - taker))
    assert missed <= LOT, "a hundredth of a share is the most that they lose"
    exact = replace(theirs, makerAmount=str(maker), takerAmount=str(taker), signature="")
    return replace(
        exact, signature=builder.build_order_signature(builder.build_order_typed_data(exact))
    ), False


def is_the_same(random, signature_type, tick, side, neg_risk):
    """Whether the official client's own amounts were the exact ones."""
    wallet, chain = a_wallet(random, signature_type), random.choice((137, 137, 80002))
    theirs, price, size = official_order(random, wallet, chain, tick, side, neg_risk)
    action = Action.BUY if side == "BUY" else Action.SELL
    contracts = get_contract_config(chain)
    contract = contracts.neg_risk_exchange_v2 if neg_risk else contracts.exchange_v2
    builder = ExchangeOrderBuilderV2(contract, chain, Signer(wallet.key.reveal(), chain))
    theirs, exact = meant(theirs, action, price, size, builder)
    signer = OrderSigner(
        wallet, chain, salt=lambda _: int(theirs.salt), wall_ms=lambda: int(theirs.timestamp)
    )

    ours = signer.sign(
        PrepareOrder(
            command=CommandId("maker@1.1.1"),
            token=TokenId(theirs.tokenId),
            action=action,
            price=price,
            size=size,
            tick=Price(TICKS[tick]),
            neg_risk=neg_risk,
        )
    )

    sent = json.dumps(order_to_json_v2(theirs, OWNER, "GTC", post_only=True), separators=(",", ":"))
    assert order_body(ours.body, OWNER) == sent.encode()
    assert ours.body.signature == theirs.signature
    assert ours.order == builder.build_order_hash(builder.build_order_typed_data(theirs))
    return exact


def random_orders_are_the_same(seed, number):
    random = Random(seed)
    kinds = [
        (signature_type, tick, side, neg_risk)
        for signature_type in SIGNATURE_TYPES
        for tick in TICKS
        for side in ("BUY", "SELL")
        for neg_risk in (False, True)
    ]
    exact = sum(is_the_same(random, *kinds[turn % len(kinds)]) for turn in range(number))
    assert exact > number * 0.8, "most are compared without help"


def test_three_hundred_random_orders_of_every_kind_are_the_official_clients_to_the_last_byte():
    random_orders_are_the_same(seed=1, number=300)


@pytest.mark.slow
def test_ten_thousand_random_orders_of_every_kind_are_the_official_clients_to_the_last_byte():
    random_orders_are_the_same(seed=2, number=10_000)


def test_the_request_for_a_key_is_signed_as_the_official_client_signs_it():
    random = Random(3)
    for _ in range(20):
        wallet, at = a_wallet(random, 0), random.randrange(1 << 33)
        signer = OrderSigner(wallet, 137)
        theirs = create_level_1_headers(Signer(wallet.key.reveal(), 137), 0, at)

        ours = sign(auth_digest(signer.address, str(at), 0, 137), signer._key)

        assert theirs["POLY_ADDRESS"] == signer.address == address_of(signer._key)
        assert theirs["POLY_SIGNATURE"] == f"0x{ours.hex()}"
