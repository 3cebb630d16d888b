"""Builds and signs orders with the official client's own builder, from amounts that are exact integers.

The client's amounts go through binary floats and lose a hundredth of a share now and then; ours do not, and its
caches of ticks and market kinds are not asked, so nothing here can be stale.
"""

from __future__ import annotations

import dataclasses
import secrets
import time
from collections.abc import Callable

import msgspec
from py_clob_client_v2.config import get_contract_config
from py_clob_client_v2.order_utils import ExchangeOrderBuilderV2, Side
from py_clob_client_v2.order_utils.model.order_data_v2 import OrderDataV2, SignedOrderV2
from py_clob_client_v2.order_utils.model.signature_type_v2 import SignatureTypeV2
from py_clob_client_v2.signer import Signer

from messages.orders import PrepareOrder
from messages.values import MICRO, Action, OrderId, Price, Size
from trading.ticks import on_grid
from venue.polymarket.keys import KeyFailed, Wallet

LOT = 10_000
"""Shares in millionths: the venue takes two decimals."""
CHAINS = (137, 80002)
"""Polygon and its test chain."""
_SALT_BITS = 52
"""It travels as a JSON number, which must survive a double."""


class Unsignable(ValueError):
    """It cannot become an order: a price off the market's grid is refused rather than rounded."""


class Signed(msgspec.Struct, frozen=True):
    """An order ready to leave under its own name."""

    order: OrderId
    body: SignedOrderV2


def amounts(action: Action, price: Price, size: Size) -> tuple[int, int]:
    """makerAmount and takerAmount in millionths, exact: what is given and what is got.

    price x size is whole for every tick of the venue (multiples of $0.0001) and sizes of two decimals.
    """
    assert size > 0, f"size {size} is not positive"
    assert size % LOT == 0, f"size {size} is not in hundredths of a share"
    notional, rest = divmod(price * size, MICRO)
    assert rest == 0, f"{price} x {size} is not whole millionths"
    return (notional, size) if action is Action.BUY else (size, notional)


class OrderSigner:
    """One wallet's signature under orders of both kinds of market."""

    def __init__(
        self,
        wallet: Wallet,
        chain_id: int,
        *,
        salt: Callable[[], int] = lambda: secrets.randbits(_SALT_BITS),
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        """`salt` makes equal orders different, `wall_ms` is the time of signing. Raises KeyFailed."""
        if chain_id not in CHAINS:
            raise KeyFailed(f"chain {chain_id} is not one of {', '.join(map(str, CHAINS))}")
        contracts = get_contract_config(chain_id)
        self._signer = Signer(wallet.key.reveal(), chain_id)
        self.address: str = self._signer.address()
        """Of the key."""
        self.funder: str = wallet.funder or self.address
        """Whose money it is."""
        self._type = SignatureTypeV2(wallet.signature_type)
        self._wall_ms = wall_ms
        self._builders = {
            neg_risk: ExchangeOrderBuilderV2(contract, chain_id, self._signer, lambda: str(salt()))
            for neg_risk, contract in (
                (False, contracts.exchange_v2),
                (True, contracts.neg_risk_exchange_v2),
            )
        }

    def sign(self, wanted: PrepareOrder) -> Signed:
        """The order under its hash, good till canceled. Raises Unsignable."""
        if not on_grid(wanted.price, wanted.tick):
            raise Unsignable(f"price {wanted.price} is not on the grid of {wanted.tick}")
        if not wanted.token.isdecimal() or int(wanted.token) >= 1 << 256:
            raise Unsignable("the token is not a number of 256 bits")
        maker_amount, taker_amount = amounts(wanted.action, wanted.price, wanted.size)
        builder = self._builders[wanted.neg_risk]
        order = builder.build_order(
            OrderDataV2(
                maker=self.funder,
                tokenId=wanted.token,
                makerAmount=str(maker_amount),
                takerAmount=str(taker_amount),
                side=Side.BUY if wanted.action is Action.BUY else Side.SELL,
                signer=self.funder if self._type is SignatureTypeV2.POLY_1271 else self.address,
                signatureType=self._type,
                timestamp=str(self._wall_ms()),
            )
        )
        typed = builder.build_order_typed_data(order)
        signature = builder.build_order_signature(typed)
        name = OrderId(builder.build_order_hash(typed))
        return Signed(name, SignedOrderV2(**dataclasses.asdict(order), signature=signature))
