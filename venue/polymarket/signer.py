"""Builds and signs orders: integers in, the very bytes the exchange wants out.

Signatures, hashes and request bodies are those of the official client to the last byte, which the tests hold
it against; signing is done here because a restart should not wait a second for an import, nor an order for a
general encoder. The official client's amounts go through binary floats and lose a hundredth of a share now and
then; ours do not, and its caches of ticks and market kinds are not asked, so nothing here can be stale.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
from coincurve import PrivateKey

from messages.orders import PrepareOrder
from messages.values import MICRO, SECOND, Action, CommandId, MarketNs, OrderId, Price, Size
from trading.ticks import on_grid
from venue.polymarket.keys import KeyFailed, Wallet
from venue.wire.eip712 import (
    DEPOSIT_WALLET,
    OrderFields,
    address_bytes,
    address_of,
    domain_of,
    keccak,
    sign_order,
)
from venue.wire.orders import SignedOrder

LOT = 10_000
"""Shares in millionths: the venue takes two decimals."""
LEAD_S = 60
"""The venue takes an order off the book so long before the expiration it states."""
CHAINS = (137, 80002)
"""Polygon and its test chain."""
SALT_BITS = 52
"""It travels as a JSON number, which must survive a double."""
_ZEROS = bytes(32)


class Unsignable(ValueError):
    """It cannot become an order: a price off the market's grid is refused rather than rounded."""


class Signed(msgspec.Struct, frozen=True):
    """An order ready to leave under its own name."""

    order: OrderId
    body: SignedOrder


def amounts(action: Action, price: Price, size: Size) -> tuple[int, int]:
    """makerAmount and takerAmount in millionths, exact: what is given and what is got.

    price x size is whole for every tick of the venue (multiples of $0.0001) and sizes of two decimals.
    """
    assert size > 0, f"size {size} is not positive"
    assert size % LOT == 0, f"size {size} is not in hundredths of a share"
    notional, rest = divmod(price * size, MICRO)
    assert rest == 0, f"{price} x {size} is not whole millionths"
    return (notional, size) if action is Action.BUY else (size, notional)


def salt_of(command: CommandId) -> int:
    """What makes equal orders different: the command's id, which names role, incarnation, run and count, hashed.

    So the journal's intent says which salt its order has, and the same command never becomes two orders by chance.
    """
    return int.from_bytes(keccak(command.encode())[:8], "big") >> (64 - SALT_BITS)


def expiration(expires_at: MarketNs) -> str:
    """Stated seconds of an order that the venue is to take off at this moment of its clock; "0" for never.

    It takes orders off a minute before the stated time (VENUE §3.4). The signature does not cover it.
    """
    return str(int(expires_at) // SECOND + LEAD_S) if int(expires_at) else "0"


class OrderSigner:
    """One wallet's signature under orders of both kinds of market."""

    def __init__(
        self,
        wallet: Wallet,
        chain_id: int,
        *,
        salt: Callable[[CommandId], int] = salt_of,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        """`salt` makes equal orders different, `wall_ms` is the time of signing. Raises KeyFailed."""
        if chain_id not in CHAINS:
            raise KeyFailed(f"chain {chain_id} is not one of {', '.join(map(str, CHAINS))}")
        self._key = PrivateKey.from_hex(wallet.key.reveal().removeprefix("0x"))
        self._chain_id = chain_id
        self._domains = {neg_risk: domain_of(neg_risk, chain_id) for neg_risk in (False, True)}
        self.address = address_of(self._key)
        """Of the key."""
        self.funder = wallet.funder or self.address
        """Whose money it is."""
        self._type = wallet.signature_type
        self._signer = self.funder if self._type == DEPOSIT_WALLET else self.address
        self._salt = salt
        self._wall_ms = wall_ms

    def __repr__(self) -> str:
        return f"OrderSigner({self.address})"

    def sign(self, wanted: PrepareOrder) -> Signed:
        """The order under its hash. Raises Unsignable."""
        fields = self._fields(wanted)
        digest, signature = sign_order(fields, self._domains[wanted.neg_risk], self._key, self._chain_id)
        body = SignedOrder(
            salt=fields.salt,
            maker=self.funder,
            signer=self._signer,
            tokenId=wanted.token,
            makerAmount=str(fields.maker_amount),
            takerAmount=str(fields.taker_amount),
            side="SELL" if fields.side else "BUY",
            expiration=expiration(wanted.expires_at),
            signatureType=self._type,
            timestamp=str(fields.timestamp),
            signature=f"0x{signature.hex()}",
        )
        return Signed(OrderId(f"0x{digest.hex()}"), body)

    def _fields(self, wanted: PrepareOrder) -> OrderFields:
        if not on_grid(wanted.price, wanted.tick):
            raise Unsignable(f"price {wanted.price} is not on the grid of {wanted.tick}")
        if not (wanted.token.isascii() and wanted.token.isdecimal()) or int(wanted.token) >= 1 << 256:
            raise Unsignable("the token is not a number of 256 bits")
        maker_amount, taker_amount = amounts(wanted.action, wanted.price, wanted.size)
        return OrderFields(
            salt=self._salt(wanted.command),
            maker=address_bytes(self.funder),
            signer=address_bytes(self._signer),
            token=int(wanted.token),
            maker_amount=maker_amount,
            taker_amount=taker_amount,
            side=0 if wanted.action is Action.BUY else 1,
            signature_type=self._type,
            timestamp=self._wall_ms(),
            metadata=_ZEROS,
            builder=_ZEROS,
        )
