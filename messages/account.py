"""The account at the venue: its stream, its orders and trades as read back, its balances and its dead-man switch."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from messages.base import Command, Event, Finding, State
from messages.orders import VenueMode, VenueState
from messages.risk import HaltCause
from messages.values import (
    Action,
    MarketId,
    MarketNs,
    Money,
    OrderId,
    Price,
    RealNs,
    Shares,
    Size,
    TokenId,
    TradeId,
)


class Settlement(StrEnum):
    """How far a match has come on its way to being final."""

    MATCHED = "matched"
    MINED = "mined"
    CONFIRMED = "confirmed"
    RETRYING = "retrying"
    FAILED = "failed"


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One order's part in a trade, in its own token's terms."""

    trade: TradeId
    order: OrderId
    market: MarketId
    token: TokenId
    action: Action
    price: Price
    size: Size
    fee: Money
    status: Settlement
    matched_at: MarketNs
    taker: bool


class OpenOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order the venue lists as active."""

    order: OrderId
    market: MarketId
    token: TokenId
    matched: Size


class OpenAccount(Command, frozen=True, kw_only=True):
    """Get credentials, and connect the user stream."""


class AccountOpened(Finding, frozen=True, kw_only=True):
    """Credentials are good; this is whose money it is."""

    address: str
    funder: str


class AccountRefused(Finding, frozen=True, kw_only=True):
    """Credentials or wallet were refused, or could not be read. `final`: trying again will not help."""

    reason: str
    final: bool
    in_use: bool = False
    """Another process of this user trades it."""


class ReadAccount(Command, frozen=True, kw_only=True):
    """Read open orders first, trades second, balances last."""

    since: MarketNs
    """Trades matched before this are known."""
    tokens: tuple[TokenId, ...] = ()
    """Token balances wanted beside the collateral."""
    refresh: bool = False
    """The venue is to look at the chain anew before it says these."""


class AccountRead(Finding, frozen=True, kw_only=True):
    """What the venue says is ours."""

    begun_at: RealNs
    """The list of open orders was asked for at this moment, the trades after it."""
    orders: tuple[OpenOrder, ...]
    legs: tuple[Leg, ...]
    collateral: Money
    balances: tuple[tuple[TokenId, Size], ...] = ()
    tokens: tuple[TokenId, ...] = ()
    """Whose balances were asked for; what is missing of them in `balances` the venue does not know."""
    doubtful: tuple[OrderId, ...] = ()
    """Orders named by rows that could not be read: nothing that is missing proves anything of them."""
    unnamed: bool = False
    """Such a row does not even name its orders: nothing that is missing proves anything of any."""
    skipped: tuple[str, ...] = ()
    """Why rows could not be read, for people."""


class AccountReadFailed(Finding, frozen=True, kw_only=True):
    """The account could not be read; nothing is believed of it."""

    reason: str
    mode: VenueMode = VenueMode.OPEN
    wait_ms: int = 0
    """So long, real time, the venue wants no other; 0: it does not say."""


class UserStreamOpened(Finding, frozen=True, kw_only=True):
    """The user stream answers; what happened before is to be read."""

    at: RealNs


class UserStreamLost(Finding, frozen=True, kw_only=True):
    """The user stream is gone: we are blind until it is back and the account is read."""

    reason: str
    attempt: int
    at: RealNs


class UserStreamBeat(Finding, frozen=True, kw_only=True):
    """The venue answered our ping on the user stream."""

    at: RealNs


class OrderSeenKind(StrEnum):
    """What the user stream said of an order."""

    PLACED = "placed"
    DELAYED = "delayed"
    """It is with the venue, and not on its book yet."""
    MATCHED = "matched"
    CANCELED = "canceled"
    EXPIRED = "expired"


class OrderSeen(Finding, frozen=True, kw_only=True):
    """The user stream spoke of an order."""

    order: OrderId
    market: MarketId
    kind: OrderSeenKind
    matched: Size | None
    """Everything it ever filled, by the venue's word; None: it does not say."""
    reason: str = ""


class LegsSeen(Finding, frozen=True, kw_only=True):
    """The user stream spoke of a trade; these legs of it are ours."""

    legs: tuple[Leg, ...]


class BeatDeadMan(Command, frozen=True, kw_only=True):
    """Tell the venue that we live; it cancels everything when this stops for ten seconds."""


class DeadManBeaten(Finding, frozen=True, kw_only=True):
    """The venue heard us."""

    at: RealNs


class DeadManMissed(Finding, frozen=True, kw_only=True):
    """The venue did not hear us, or somebody else beats with our key (`foreign`)."""

    reason: str
    foreign: bool = False


class VenueClockRead(Finding, frozen=True, kw_only=True):
    """The venue said what time it is."""

    ahead_ms: int
    """It is ahead of our wall clock by at least so many milliseconds; negative: behind."""


class GatewayStarted(Event, frozen=True, kw_only=True):
    """The gateway took the account over: nothing rests, every fill is known, all earlier commands are void."""

    incarnation: int
    address: str
    funder: str
    collateral: Money


class BookEmptied(Event, frozen=True, kw_only=True):
    """The account's open orders were read as none, twice."""

    when: str
    """start or stop."""
    left: int = 0
    """Orders that could not be taken off."""


class AccountBarred(Event, frozen=True, kw_only=True):
    """The venue wants nothing more of this account, or somebody else trades it: no order until a person resumes."""

    cause: HaltCause
    reason: str


class PositionMismatched(Event, frozen=True, kw_only=True):
    """The venue's balance of a token is not what our fills say."""

    market: MarketId
    token: TokenId
    believed: Size
    balance: Size


class AccountStatus(State, frozen=True, kw_only=True):
    """The gateway's own view, for people."""

    ready: bool
    reason: str
    """Why it does not place orders."""
    collateral: Money
    resting: int
    unknown: int
    venue: VenueState = VenueState.NORMAL
    """What the venue takes, by its own answers."""
    venue_reason: str = ""
    """Why not everything; empty while it is normal."""
    places_left: int = 0
    """Orders that the venue's limit of rate leaves us now."""
    cancels_left: int = 0
    """Cancels; below zero when more were asked for than there were."""
    clock_ahead_ms: int = 0
    """So many milliseconds the venue's clock is ahead of ours, at least; negative: behind."""
    beat_age_ms: int = -1
    """Real milliseconds since the venue acknowledged that we live; -1: not yet."""
    exposures: tuple[tuple[MarketId, Shares], ...] = ()
