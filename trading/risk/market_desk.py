"""What a person may ask for one market: that it is worked off, that it is accepted as the venue shows it."""

from __future__ import annotations

import msgspec

from messages.liquidation import MarketRetired
from messages.risk import AcceptMarket, LiquidateMarket
from messages.wallet import AcceptPosition
from trading.risk.holdings import Holdings

MAX_NAME = 80
"""Characters of a market's name that are said back."""


class Answered(msgspec.Struct, frozen=True):
    """What follows from being asked, and what is said to it."""

    ok: bool
    text: str
    follows: MarketRetired | AcceptPosition | None = None


def answered(holdings: Holdings, asked: LiquidateMarket | AcceptMarket) -> Answered:
    """The answer to a person; what follows is on its way before it."""
    return _liquidated(holdings, asked) if isinstance(asked, LiquidateMarket) else _accepted(holdings, asked)


def _liquidated(holdings: Holdings, asked: LiquidateMarket) -> Answered:
    """To a liquidator of its own, if something is held there and nobody trades it."""
    market = holdings.named(asked.name)
    why_not = "no such market" if market is None else holdings.why_not(market)
    if market is None or why_not:
        return Answered(False, f"{asked.name[:MAX_NAME]}: {why_not}")
    paused = " once it is accepted" if market in holdings.pauses else ""
    text = f"{holdings.slug(market)} is worked off{paused}"
    return Answered(True, text, holdings.retire(market))


def _accepted(holdings: Holdings, asked: AcceptMarket) -> Answered:
    """The gateway reads it once more, and takes what it reads for true."""
    market = holdings.named(asked.name)
    if market is None or market not in holdings.pauses:
        return Answered(False, f"{asked.name[:MAX_NAME]} is not paused")
    if not asked.reason:
        return Answered(False, "a paused market is accepted only with a reason")
    text = f"{holdings.slug(market)} goes on as soon as its balances are read"
    return Answered(True, text, AcceptPosition(market=market, reason=asked.reason, by=asked.by))
