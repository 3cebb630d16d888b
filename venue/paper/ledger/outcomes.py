"""How markets ended, and what was made into something else without a trade."""

from __future__ import annotations

from typing import Any

import msgspec

from messages.values import MarketNs, Money, Size


class Conversion(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens and collateral of one wallet that became each other on the chain (VENUE §9)."""

    maker: str
    kind: str
    """SPLIT, MERGE, REDEEM or CONVERT."""
    market: str
    """Condition id; of a CONVERT what the event's markets have in common on the chain."""
    size: Size
    """Pairs split or merged, shares redeemed, shares of each NO converted."""
    dollars: Money
    """Collateral it brought; negative: it took."""
    transaction_hash: str
    at: MarketNs


ADD_CONVERSION = "INSERT INTO conversions VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
READ_CONVERSIONS = (
    "SELECT maker, kind, market, size, dollars, transaction_hash, converted_at FROM conversions"
)


def conversion_row(made: Conversion) -> tuple[object, ...]:
    """A row of `conversions`; its sequence number is the table's to give."""
    amounts = (int(made.size), int(made.dollars), made.transaction_hash, int(made.at))
    return (None, made.maker, made.kind, made.market, *amounts)


def conversion_of(row: tuple[Any, ...]) -> Conversion:
    """A row of READ_CONVERSIONS."""
    maker, kind, market, size, dollars, hash_, at = row
    return Conversion(
        maker=maker,
        kind=kind,
        market=market,
        size=Size(size),
        dollars=Money(dollars),
        transaction_hash=hash_,
        at=MarketNs(at),
    )
