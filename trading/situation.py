"""What has to be known to say a fact in words: names, exposures, the liquidation queue, halts, restarts."""

from __future__ import annotations

from messages.account import AccountStatus
from messages.base import Message
from messages.liquidation import (
    ExitCompleted,
    LiquidationStatus,
    LiquidatorAssigned,
    MarketRetired,
    MarketTaken,
)
from messages.market import FeedStatus, MarketInfo
from messages.orders import FillConfirmed, FillReversed, OrderFilled
from messages.risk import HaltCause, LossStatus, TradingHalted, TradingPermit, TradingResumed
from messages.system import ActorExited, EngineChanged, EngineState, MakerStatus
from messages.values import ExitId, MarketId, OrderId, RoleName, Shares, TradeId
from messages.wallet import MarketPaused, MarketResumed, PositionFound
from trading.newest import Newest
from trading.units import short

MAX_NAMES = 20_000
MAX_FEEDS = 1_024
MAX_UNSETTLED = 20_000


class Situation:
    """Grows by `note` alone; what it takes from Events is rebuilt by a replay, what it takes from States is not."""

    def __init__(self) -> None:
        self.names = Newest[MarketId, str](MAX_NAMES)
        self.net: dict[MarketId, int] = {}
        self.exits: dict[ExitId, MarketId] = {}
        self.halts: dict[HaltCause, TradingHalted] = {}
        self.restarts: dict[RoleName, int] = {}
        self.engine = EngineState.STOPPED
        self.mode = ""
        self.market: MarketId | None = None
        self.fills = 0
        """Heard in this run, as the counted restarts are."""
        self.makers: dict[MarketId, MakerStatus] = {}
        """The maker's word on the market it has, and on the one it left just now."""
        self.loss: LossStatus | None = None
        self.account: AccountStatus | None = None
        self.permit: TradingPermit | None = None
        self.feeds = Newest[MarketId, FeedStatus](MAX_FEEDS)
        self.liquidations: dict[ExitId, LiquidationStatus] = {}
        self._unsettled: dict[tuple[TradeId, OrderId], tuple[MarketId, int]] = {}

    def name(self, market: MarketId) -> str:
        """The market's slug, or the beginning of its id while that is all we know."""
        return self.names.get(market) or short(market)

    def exposure(self, market: MarketId) -> Shares:
        """YES minus NO, by the fills heard so far."""
        return Shares(self.net.get(market, 0))

    def note(self, message: Message) -> None:
        """Take one message into account."""
        match message:
            case OrderFilled():
                self._fill(message)
            case FillConfirmed():
                self._unsettled.pop((message.trade, message.order), None)
            case FillReversed():
                self._reverse(message)
            case MarketTaken():
                self._named(message.market, message.slug)
                self.makers = {left: status for left, status in self.makers.items() if left == self.market}
                self.market = message.market
            case MarketRetired():
                self._named(message.market, message.slug)
                self.exits[message.exit] = message.market
                self.market = None if self.market == message.market else self.market
            case LiquidatorAssigned():
                self._named(message.market, message.slug)
            case ExitCompleted():
                self.exits.pop(message.exit, None)
                self.liquidations.pop(message.exit, None)
            case MarketPaused() | MarketResumed() | PositionFound():
                self._named(message.market, message.slug)
            case TradingHalted():
                self.halts[message.cause] = message
            case TradingResumed():
                self.halts.pop(message.cause, None)
            case ActorExited():
                self.restarts[message.role] = message.restarts
            case EngineChanged():
                self._engine(message)
            case _:
                self._state(message)

    def _state(self, message: Message) -> None:
        match message:
            case MarketInfo():
                self._named(message.market, message.slug)
            case MakerStatus():
                self.makers[message.market] = message
                self._named(message.market, message.slug)
            case LossStatus():
                self.loss = message
            case AccountStatus():
                self.account = message
            case TradingPermit():
                self.permit = message
            case FeedStatus():
                self.feeds[message.market] = message
            case LiquidationStatus():
                if message.exit in self.exits:
                    self.liquidations[message.exit] = message
            case _:
                pass

    def _engine(self, change: EngineChanged) -> None:
        self.engine = change.state
        self.mode = change.mode or self.mode
        if change.state is EngineState.STARTING:
            self.restarts.clear()
            self.fills = 0

    def _named(self, market: MarketId, slug: str) -> None:
        if slug:
            self.names[market] = slug

    def _fill(self, fill: OrderFilled) -> None:
        change = fill.side.sign * fill.size
        self.fills += 1
        self.net[fill.market] = self.net.get(fill.market, 0) + change
        if len(self._unsettled) >= MAX_UNSETTLED:
            del self._unsettled[next(iter(self._unsettled))]
        self._unsettled[fill.trade, fill.order] = (fill.market, change)

    def _reverse(self, reversal: FillReversed) -> None:
        known = self._unsettled.pop((reversal.trade, reversal.order), None)
        if known is not None:
            self.net[known[0]] -= known[1]
