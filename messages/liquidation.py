"""A market's way through the house: taken, retired, handed to a liquidator of its own, flat."""

from __future__ import annotations

from enum import StrEnum

from messages.base import Event, State
from messages.values import ExitId, MarketId, Price, RoleName, Shares, Size


class RetireReason(StrEnum):
    """Why a market leaves the maker."""

    POSITION_LIMIT = "position_limit"
    MARKET_CLOSED = "market_closed"
    MARKET_ENDING = "market_ending"
    """Too little of its life is left to trade in it."""
    PAUSED = "paused"
    """It is dirty; it is worked off once a person has accepted it."""
    FOUND = "found"
    """The wallet held it, and nobody quoted it."""


class Stage(StrEnum):
    """A liquidation's urgency."""

    PASSIVE = "passive"


class MarketTaken(Event, frozen=True, kw_only=True):
    """The maker quotes this market from now on, and no other."""

    market: MarketId
    slug: str
    owner: RoleName


class MarketRetired(Event, frozen=True, kw_only=True):
    """The maker left this market, with none of its orders resting, or never had it; a liquidator has it next."""

    exit: ExitId
    market: MarketId
    slug: str
    reason: RetireReason
    net: Shares
    """Net exposure then."""


class LiquidatorAssigned(Event, frozen=True, kw_only=True):
    """This liquidator, and nobody else, works this market off."""

    exit: ExitId
    market: MarketId
    slug: str
    liquidator: RoleName


class ExitCompleted(Event, frozen=True, kw_only=True):
    """The market is flat or resolved, or what is left is too small to rest; the liquidator's work is done."""

    exit: ExitId
    market: MarketId
    slug: str
    left: Shares
    reason: str = ""
    """Why it is done, for people."""
    payout: Price | None = None
    """What a share of YES pays where the market resolved; what is left is worth that for good."""


class LiquidationStatus(State, frozen=True, kw_only=True):
    """How one exit stands, for people."""

    exit: ExitId
    market: MarketId
    slug: str
    stage: Stage
    net: Shares
    average_cost: Price | None
    """Of the token held, in that token's terms; None where it is unknown."""
    floor: Price | None
    """YES price below (long) or above (short) which it does not trade."""
    quote: Price | None
    """YES price of the order it wants resting."""
    size: Size
    reason: str
    """Why no order is wanted."""
    key = ("exit",)
