"""The vocabulary: every message there is, named once."""

from __future__ import annotations

from typing import get_args

from messages.account import (
    AccountBarred,
    AccountOpened,
    AccountRead,
    AccountReadFailed,
    AccountRefused,
    AccountStatus,
    BeatDeadMan,
    BookEmptied,
    DeadManBeaten,
    DeadManMissed,
    GatewayStarted,
    LegsSeen,
    OpenAccount,
    OrderSeen,
    PositionMismatched,
    ReadAccount,
    UserStreamBeat,
    UserStreamLost,
    UserStreamOpened,
    VenueClockRead,
)
from messages.audit import GetOrder, OrderTraced, TraceOrder
from messages.base import Command, Envelope, Event, Fact, Finding, Message, Reply, State
from messages.liquidation import (
    ExitCompleted,
    LiquidationStatus,
    LiquidatorAssigned,
    MarketRetired,
    MarketTaken,
)
from messages.market import (
    BookReceived,
    BooksFailed,
    BookSnapshot,
    BooksRead,
    CatalogFailed,
    CatalogRead,
    ConnectStream,
    FeedStatus,
    FrameDropped,
    LeaveStream,
    LevelsReceived,
    MarketDataStatus,
    MarketInfo,
    MarketRanking,
    PrintReceived,
    ReadBooks,
    ReadCatalog,
    ResyncMarkets,
    StreamBeat,
    StreamLost,
    StreamOpened,
    TickReceived,
    WatchMarkets,
)
from messages.orders import (
    AnswerLost,
    CancelAll,
    CancelAnswered,
    CancelFailed,
    CancelMarket,
    CancelOrder,
    FillConfirmed,
    FillMined,
    FillReversed,
    ForgetOrder,
    OrderAccepted,
    OrderAnswered,
    OrderCanceled,
    OrderCompleted,
    OrderDenied,
    OrderExpired,
    OrderFilled,
    OrderIntended,
    OrderPrepared,
    OrderRead,
    OrderReadFailed,
    OrderRejected,
    OrderVoided,
    PlaceOrder,
    PrepareFailed,
    PrepareOrder,
    ReadOrder,
    SendOrder,
    TakeAllOff,
    TakeOrdersOff,
)
from messages.risk import (
    AcceptMarket,
    ControlReply,
    GetStatus,
    HaltTrading,
    KillSwitchSeen,
    LiquidateMarket,
    LossDayBegan,
    LossStatus,
    ResumeTrading,
    TradingHalted,
    TradingPermit,
    TradingResumed,
)
from messages.system import (
    ActorExited,
    ActorReady,
    ActorStarted,
    Announce,
    AppendEvent,
    ClockAnchor,
    DiskStatus,
    EngineChanged,
    EventCommitted,
    EventsReplayed,
    FactPublished,
    FetchSnapshot,
    JournalHead,
    KeepSnapshot,
    MakerStatus,
    Ping,
    Pong,
    ReplayEvents,
    Roster,
    SnapshotFetched,
    StopActor,
    TelemetryUpdate,
    ViewFailed,
    WriteView,
)
from messages.wallet import (
    AcceptPosition,
    MarketPaused,
    MarketResumed,
    PositionFound,
    PositionsRead,
    PositionsReadFailed,
    ReadPositions,
)

AnyMessage = (
    AccountBarred
    | AccountOpened
    | AccountRead
    | AccountReadFailed
    | AccountRefused
    | AccountStatus
    | BeatDeadMan
    | BookEmptied
    | DeadManBeaten
    | DeadManMissed
    | GatewayStarted
    | LegsSeen
    | OpenAccount
    | OrderSeen
    | PositionMismatched
    | ReadAccount
    | UserStreamBeat
    | UserStreamLost
    | UserStreamOpened
    | VenueClockRead
    | ExitCompleted
    | LiquidationStatus
    | LiquidatorAssigned
    | MarketRetired
    | MarketTaken
    | BookReceived
    | BookSnapshot
    | BooksFailed
    | BooksRead
    | CatalogFailed
    | CatalogRead
    | ConnectStream
    | FeedStatus
    | FrameDropped
    | LeaveStream
    | LevelsReceived
    | MarketDataStatus
    | MarketInfo
    | MarketRanking
    | PrintReceived
    | ReadBooks
    | ReadCatalog
    | ResyncMarkets
    | StreamBeat
    | StreamLost
    | StreamOpened
    | TickReceived
    | WatchMarkets
    | AnswerLost
    | CancelAll
    | CancelAnswered
    | CancelFailed
    | CancelMarket
    | CancelOrder
    | FillConfirmed
    | FillMined
    | FillReversed
    | ForgetOrder
    | OrderAccepted
    | OrderAnswered
    | OrderCanceled
    | OrderCompleted
    | OrderDenied
    | OrderExpired
    | OrderFilled
    | OrderIntended
    | OrderPrepared
    | OrderRead
    | OrderReadFailed
    | OrderRejected
    | OrderVoided
    | PlaceOrder
    | PrepareFailed
    | PrepareOrder
    | ReadOrder
    | SendOrder
    | TakeAllOff
    | TakeOrdersOff
    | AcceptMarket
    | ControlReply
    | GetOrder
    | GetStatus
    | OrderTraced
    | TraceOrder
    | HaltTrading
    | KillSwitchSeen
    | LiquidateMarket
    | LossDayBegan
    | LossStatus
    | ResumeTrading
    | TradingHalted
    | TradingPermit
    | TradingResumed
    | ActorExited
    | ActorReady
    | ActorStarted
    | Announce
    | AppendEvent
    | ClockAnchor
    | DiskStatus
    | EngineChanged
    | EventCommitted
    | EventsReplayed
    | FactPublished
    | FetchSnapshot
    | JournalHead
    | KeepSnapshot
    | MakerStatus
    | Ping
    | Pong
    | ReplayEvents
    | Roster
    | SnapshotFetched
    | StopActor
    | TelemetryUpdate
    | ViewFailed
    | WriteView
    | AcceptPosition
    | MarketPaused
    | MarketResumed
    | PositionFound
    | PositionsRead
    | PositionsReadFailed
    | ReadPositions
)
"""Add a message here when you write its class; a test finds the forgotten."""

ALL_MESSAGES: tuple[type[Message], ...] = tuple(sorted(get_args(AnyMessage), key=lambda kind: kind.__name__))
"""Every concrete message class, by name."""
BY_KIND: dict[str, type[Message]] = {kind.__name__: kind for kind in ALL_MESSAGES}
ALL_EVENTS = tuple(m for m in ALL_MESSAGES if issubclass(m, Event) and not issubclass(m, Finding))
"""Every journaled message class, by name."""
ALL_STATES = tuple(m for m in ALL_MESSAGES if issubclass(m, State))

assert len(BY_KIND) == len(ALL_MESSAGES), "two messages share a name"

__all__ = [
    "ALL_EVENTS",
    "ALL_MESSAGES",
    "ALL_STATES",
    "BY_KIND",
    "AnyMessage",
    "Command",
    "Envelope",
    "Event",
    "Fact",
    "Finding",
    "Message",
    "Reply",
    "State",
]
