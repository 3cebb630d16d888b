"""Builder codes as REST spells them (VENUE §2.4): trades in camel case, amounts as decimal strings."""
# ruff: noqa: N815 -- these are the wire's names

from __future__ import annotations

import msgspec

from venue.wire.eip712 import ZERO_BYTES32


class BuilderFees(msgspec.Struct, kw_only=True):
    """GET /fees/builder-fees/{code}."""

    builder_maker_fee_rate_bps: int = 0
    builder_taker_fee_rate_bps: int = 0


class BuilderTrade(msgspec.Struct, kw_only=True):
    """A row of GET /builder/trades. The code is in `builderCode`; `builder` stays empty, as live."""

    id: str
    tradeType: str
    """TAKER or MAKER: what the order with the code was."""
    takerOrderHash: str
    builder: str = ""
    builderCode: str = ZERO_BYTES32
    market: str
    assetId: str
    side: str
    size: str
    sizeUsdc: str
    price: str
    status: str
    outcome: str
    outcomeIndex: int
    owner: str
    maker: str
    transactionHash: str
    matchTime: str
    bucketIndex: int = 0
    fee: str
    feeUsdc: str
    err_msg: str | None = None
    createdAt: str
    updatedAt: str
