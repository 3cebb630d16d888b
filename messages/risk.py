"""Leave to trade: permits, halts, and what a person may ask of the RiskActor."""

from __future__ import annotations

from enum import StrEnum

from messages.audit import OrderTrail
from messages.base import Command, Event, Finding, Reply, State
from messages.values import MarketId, Money, RealNs


class Level(StrEnum):
    """What the account may do, from everything to nothing."""

    RUN = "RUN"
    HALT_QUOTES = "HALT_QUOTES"
    """No quotes; liquidators may reduce."""
    FREEZE = "FREEZE"
    """Nothing but cancels."""


class HaltCause(StrEnum):
    """What stopped the account."""

    OPERATOR = "operator"
    DAILY_LOSS = "daily_loss"
    KILL_SWITCH = "kill_switch"
    PROCESS_FAILED = "process_failed"
    """A process that is needed for quoting ended too often and stays down."""
    FEED_PAUSED = "feed_paused"
    """Market data did not come on ten connections in a row; comes and goes by itself."""
    DISK = "disk"
    """The disk beside the journal is nearly full; comes and goes by itself."""
    JOURNAL = "journal"
    """The journal was damaged and restored: what happened after its last sound event is unknown."""
    VENUE_REFUSES = "venue_refuses"
    """The venue takes nothing of this account: credentials, an address or a place it does not like."""
    SECOND_ENGINE = "second_engine"
    """Somebody else trades this account."""
    DRIFT = "drift"
    """What the venue says we hold is not what our books say, in too many markets or by too much."""


class TradingPermit(State, frozen=True, kw_only=True):
    """Leave to trade at this level until it expires; repeated every half second of real time."""

    level: Level
    expires_at: RealNs
    reason: str = ""


class TradingHalted(Event, frozen=True, kw_only=True):
    """The account was stopped at this level for this cause; it holds until resumed, restarts included."""

    cause: HaltCause
    level: Level
    reason: str
    by: str = ""


class TradingResumed(Event, frozen=True, kw_only=True):
    """A cause no longer stops the account."""

    cause: HaltCause
    reason: str
    by: str = ""


class LossDayBegan(Event, frozen=True, kw_only=True):
    """A new UTC day of market time: the daily loss is counted from this equity."""

    day: str
    """YYYY-MM-DD."""
    equity: Money
    """Profit and loss since the state directory began, at that moment."""


class LossStatus(State, frozen=True, kw_only=True):
    """The account's profit and loss, for people and for the report."""

    realized: Money
    """By trades that are settled for good."""
    unrealized: Money
    fees: Money
    day: str
    day_net: Money
    """Since the day began, by the worse of both ledgers; the daily loss limit looks at this."""
    max_daily_loss: Money
    pending: Money = Money(0)
    """Realized by trades whose settlement is waited for."""


class KillSwitchSeen(Finding, frozen=True, kw_only=True):
    """The kill-switch file appeared, changed or went away."""

    present: bool
    reason: str = ""


# Control: asked from outside, answered once.


class HaltTrading(Command, frozen=True, kw_only=True):
    """Stop everything: cancel all, place nothing, until resumed."""

    request: str
    """The asker's own id; the same id gets the same answer."""
    reason: str = ""
    sender: str = ""
    by: str = ""
    """Who asks, for people."""
    tightens = True
    urgent = True


class ResumeTrading(Command, frozen=True, kw_only=True):
    """Lift the halts whose causes are gone."""

    request: str
    reason: str = ""
    sender: str = ""
    by: str = ""


class LiquidateMarket(Command, frozen=True, kw_only=True):
    """Hand a market in which something is held, and which nobody trades, to a liquidator of its own."""

    request: str
    name: str
    """Its slug or condition id."""
    reason: str = ""
    sender: str = ""
    by: str = ""


class AcceptMarket(Command, frozen=True, kw_only=True):
    """Take what the venue says of a paused market for true, and let it go on."""

    request: str
    name: str
    """Its slug or condition id."""
    reason: str = ""
    sender: str = ""
    by: str = ""


class GetStatus(Command, frozen=True, kw_only=True):
    """Say how everything stands."""

    request: str
    sender: str = ""


class ControlReply(Reply, frozen=True, kw_only=True):
    """The answer to one control request."""

    request: str
    ok: bool
    text: str = ""
    level: Level | None = None
    orders_resting: int = 0
    actors: tuple[tuple[str, str], ...] = ()
    """Role and how it is."""
    market: MarketId | None = None
    details: tuple[tuple[str, str], ...] = ()
    order: OrderTrail | None = None
    """Where an order was asked for."""
