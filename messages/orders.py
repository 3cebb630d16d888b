"""The life of an order, from what is wanted to what became of it. Prices are YES prices, sides are YES sides."""

from __future__ import annotations

from enum import StrEnum

from messages.base import Command, Event, Finding
from messages.values import (
    Action,
    CommandId,
    MarketId,
    MarketNs,
    Money,
    OrderId,
    Outcome,
    Price,
    RealNs,
    RoleName,
    Side,
    Size,
    TokenId,
    TradeId,
)

NEVER = RealNs(0)
"""No such moment: `frame_at` of a decision that no frame caused."""


# What traders want of the gateway.


class PlaceOrder(Command, frozen=True, kw_only=True):
    """Rest this order, post-only. It may be denied, and is if it is older than its time to live."""

    command: CommandId
    market: MarketId
    owner: RoleName
    side: Side
    price: Price
    size: Size
    decided_at: RealNs
    frame_at: RealNs = NEVER
    """When the frame that caused the decision came off the socket."""
    moved_at: RealNs = NEVER
    """When the frame came for which the order before this one was asked back, where this one waited for its end."""
    why: str = ""
    """What decided it, in a few words."""
    mid: Price = Price(0)
    """Middle of the book it was decided for; 0: not known."""


class CancelOrder(Command, frozen=True, kw_only=True):
    """Take this order back. Repeating it is harmless."""

    command: CommandId
    """The `PlaceOrder` it takes back."""
    market: MarketId
    tightens = True


class CancelMarket(Command, frozen=True, kw_only=True):
    """Take back everything this owner has in this market, wanted or resting."""

    market: MarketId
    owner: RoleName
    tightens = True


class CancelAll(Command, frozen=True, kw_only=True):
    """Take back everything, now."""

    reason: str
    tightens = True
    urgent = True


# What became of it: facts.


class DenyRule(StrEnum):
    """Our own reasons not to send an order."""

    NOT_READY = "not_ready"
    NO_PERMIT = "no_permit"
    KILL_SWITCH = "kill_switch"
    NOT_OWNER = "not_owner"
    LATE = "late"
    DUPLICATE = "duplicate"
    EXPOSURE = "exposure"
    COLLATERAL = "collateral"
    MAX_ORDERS = "max_orders"
    OFF_GRID = "off_grid"
    TOO_SMALL = "too_small"
    CROSSING = "crossing"
    SELF_TRADE = "self_trade"
    UNKNOWN_MARKET = "unknown_market"
    MARKET_CLOSED = "market_closed"
    NOT_REDUCING = "not_reducing"
    JOURNAL = "journal"
    DRY_RUN = "dry_run"
    BUDGET = "budget"
    """The venue's limits of rate leave no more for this."""
    PAUSED = "paused"
    """The market is dirty: what we hold there is not sure."""
    COLLAR = "collar"
    """Far more generous than the middle it was decided for."""
    REPEATED = "repeated"
    """The very same order was taken a moment ago and is open."""
    TAKEN_BACK = "taken_back"
    """Whoever wanted it wants it no more."""


class OrderDenied(Event, frozen=True, kw_only=True):
    """Our own rules said no; it never left."""

    command: CommandId
    market: MarketId
    owner: RoleName
    side: Side
    price: Price
    size: Size
    rule: DenyRule
    reason: str


class OrderIntended(Event, frozen=True, kw_only=True):
    """It is signed, has its name, and may leave once this is committed."""

    order: OrderId
    command: CommandId
    market: MarketId
    owner: RoleName
    side: Side
    price: Price
    size: Size
    token: TokenId
    outcome: Outcome
    action: Action
    decided_at: RealNs
    frame_at: RealNs = NEVER
    moved_at: RealNs = NEVER
    why: str = ""
    mid: Price = Price(0)
    """These as its `PlaceOrder` had them."""
    send_before: RealNs = NEVER
    """Not sent at or after this moment."""
    intended_at: MarketNs = MarketNs(0)
    """It cannot have been filled before this; 0 where that was not written down."""
    expires_at: MarketNs = MarketNs(0)
    """The venue takes it off the book at this moment of its own clock, whatever becomes of us; 0: never."""


class OrderVoided(Event, frozen=True, kw_only=True):
    """It was intended and proven never to have reached the book."""

    order: OrderId
    command: CommandId
    market: MarketId
    owner: RoleName
    reason: str


class OrderAccepted(Event, frozen=True, kw_only=True):
    """The venue has it resting."""

    order: OrderId
    command: CommandId
    market: MarketId
    owner: RoleName
    side: Side
    price: Price
    size: Size
    sent_at: RealNs
    """When its bytes were handed to the socket."""
    durable_at: RealNs = NEVER
    """When its intent was known to be written down, and its sending began."""
    answered_at: RealNs = NEVER


class OrderRejected(Event, frozen=True, kw_only=True):
    """The venue said no; it does not exist there."""

    order: OrderId
    command: CommandId
    market: MarketId
    owner: RoleName
    side: Side
    reason: str
    durable_at: RealNs = NEVER
    sent_at: RealNs = NEVER
    answered_at: RealNs = NEVER


class AnswerLost(Event, frozen=True, kw_only=True):
    """No answer came that can be believed: it may or may not rest. Its exposure stays reserved."""

    order: OrderId
    command: CommandId
    market: MarketId
    owner: RoleName
    reason: str
    durable_at: RealNs = NEVER
    sent_at: RealNs = NEVER
    answered_at: RealNs = NEVER


class OrderFilled(Event, frozen=True, kw_only=True):
    """One leg of a match is ours. Applied once by (trade, order)."""

    trade: TradeId
    order: OrderId
    command: CommandId
    market: MarketId
    owner: RoleName
    side: Side
    """The YES side our order was on."""
    price: Price
    """YES terms."""
    size: Size
    outcome: Outcome
    """The token that moved, and how: what we hold of it grew (BUY) or shrank (SELL)."""
    action: Action
    fee: Money
    matched_at: MarketNs
    taker: bool = False
    token: TokenId = TokenId("")
    """The token that moved; empty where that was not written down."""
    worth: Price | None = None
    """YES price a position was worth when it was found in the wallet or imported; None: it is a trade."""


class FillMined(Event, frozen=True, kw_only=True):
    """A fill's trade is on the chain, and may still be undone. Nothing is counted by it: it is told of in the trail."""

    trade: TradeId
    order: OrderId
    market: MarketId


class FillConfirmed(Event, frozen=True, kw_only=True):
    """A fill is settled for good."""

    trade: TradeId
    order: OrderId
    market: MarketId


class FillReversed(Event, frozen=True, kw_only=True):
    """A fill's settlement failed: it never was. Undoes its `OrderFilled`."""

    trade: TradeId
    order: OrderId
    market: MarketId
    reason: str


class OrderCompleted(Event, frozen=True, kw_only=True):
    """It is filled to the last share."""

    order: OrderId
    command: CommandId
    market: MarketId
    owner: RoleName
    cancel_asked_at: RealNs = NEVER


class OrderCanceled(Event, frozen=True, kw_only=True):
    """It is off the book, and every fill it had is known."""

    order: OrderId
    command: CommandId
    market: MarketId
    owner: RoleName
    filled: Size
    reason: str
    cancel_asked_at: RealNs = NEVER
    off_at: RealNs = NEVER
    """When the venue said that it is off the book."""


class OrderExpired(Event, frozen=True, kw_only=True):
    """Its own time ran out at the venue, and every fill it had is known."""

    order: OrderId
    command: CommandId
    market: MarketId
    owner: RoleName
    filled: Size
    cancel_asked_at: RealNs = NEVER
    off_at: RealNs = NEVER
    """When the venue said that it is off the book."""


# Between the gateway and its port.


class PrepareOrder(Command, frozen=True, kw_only=True):
    """Build and sign this order; do not send it."""

    command: CommandId
    token: TokenId
    action: Action
    price: Price
    """In terms of `token`."""
    size: Size
    tick: Price
    neg_risk: bool
    expires_at: MarketNs = MarketNs(0)
    """The venue is to take it off the book by itself at this moment of its clock; 0: never."""


class OrderPrepared(Finding, frozen=True, kw_only=True):
    """It is signed; this is its hash."""

    command: CommandId
    order: OrderId


class PrepareFailed(Finding, frozen=True, kw_only=True):
    """It could not be built; nothing left."""

    command: CommandId
    reason: str


class SendOrder(Command, frozen=True, kw_only=True):
    """Send what was prepared under this hash, unless it is too late or it was forgotten."""

    order: OrderId
    send_before: RealNs


class ForgetOrder(Command, frozen=True, kw_only=True):
    """Do not send this one any more, if it has not left yet."""

    order: OrderId
    tightens = True


class Answer(StrEnum):
    """What the venue's answer means for an order."""

    RESTING = "resting"
    REJECTED = "rejected"
    LOST = "lost"
    NOT_SENT = "not_sent"


class VenueMode(StrEnum):
    """What the venue does with new orders, by its answer to one."""

    OPEN = "open"
    BUSY = "rate limited"
    RESTARTING = "restarting"
    POST_ONLY = "post-only"
    CANCEL_ONLY = "cancel-only"
    DISABLED = "closed to trading"
    REFUSING = "refusing us"


class VenueState(StrEnum):
    """What the venue takes from us for the time being."""

    NORMAL = "normal"
    POST_ONLY = "post-only"
    """Cancels and post-only orders, which all of ours are."""
    CANCEL_ONLY = "cancel-only"
    DOWN = "down"
    """Neither orders nor cancels."""


class OrderAnswered(Finding, frozen=True, kw_only=True):
    """How the sending of an order ended."""

    order: OrderId
    answer: Answer
    reason: str = ""
    mode: VenueMode = VenueMode.OPEN
    wait_ms: int = 0
    """So long, real time, the venue wants no other; 0: it does not say."""
    tokens_left: int | None = None
    """Orders that the venue's limit of rate leaves us after this one; None: it does not say."""
    durable_at: RealNs = NEVER
    """When its `SendOrder` came, so its intent was written down."""
    sent_at: RealNs = NEVER
    answered_at: RealNs = NEVER


class ReadOrder(Command, frozen=True, kw_only=True):
    """Ask the venue for one order by its hash."""

    order: OrderId


class OrderFound(StrEnum):
    """What the venue has of one order."""

    OPEN = "open"
    HELD = "held"
    """It is with the venue, and not on its book yet."""
    ENDED = "ended"
    """It was on the book and is not any more."""
    NONE = "none"
    """It is not among the active orders: it never came, or is gone."""


class OrderRead(Finding, frozen=True, kw_only=True):
    """What the venue says of one order."""

    order: OrderId
    begun_at: RealNs
    """It was asked for at this moment."""
    found: OrderFound
    matched: Size | None = None
    """Everything it ever filled, by the venue's word; None: it does not say."""


class OrderReadFailed(Finding, frozen=True, kw_only=True):
    """The order could not be asked for; nothing is believed of it."""

    order: OrderId
    reason: str
    mode: VenueMode = VenueMode.OPEN
    wait_ms: int = 0
    """So long, real time, the venue wants no other; 0: it does not say."""


class TakeOrdersOff(Command, frozen=True, kw_only=True):
    """Ask the venue to cancel these orders."""

    orders: tuple[OrderId, ...]
    tightens = True


class TakeAllOff(Command, frozen=True, kw_only=True):
    """Ask the venue to cancel every order of the account."""

    tightens = True


class CancelAnswered(Finding, frozen=True, kw_only=True):
    """What the venue said to a cancel; a fill may still have come before it."""

    canceled: tuple[OrderId, ...]
    not_canceled: tuple[tuple[OrderId, str], ...]
    everything: bool = False
    """It answered a `TakeAllOff`."""
    tokens_left: int | None = None
    """Cancels that the venue's limit of rate leaves us after this; None: it does not say."""


class CancelFailed(Finding, frozen=True, kw_only=True):
    """A cancel got no answer that can be believed; it must be repeated."""

    orders: tuple[OrderId, ...]
    reason: str
    everything: bool = False
    mode: VenueMode = VenueMode.OPEN
    wait_ms: int = 0
    """So long, real time, the venue wants no other; 0: it does not say."""
