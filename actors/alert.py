"""AlertActor: puts what happens into words for people and into JSON for subscribers. Nothing depends on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from messages.account import (
    AccountBarred,
    AccountStatus,
    BookEmptied,
    GatewayStarted,
    PositionMismatched,
)
from messages.base import Message
from messages.codec import market_of
from messages.liquidation import (
    ExitCompleted,
    LiquidationStatus,
    LiquidatorAssigned,
    MarketRetired,
    MarketTaken,
)
from messages.market import BookSnapshot, FeedStatus, MarketDataStatus, MarketInfo, MarketRanking
from messages.orders import (
    AnswerLost,
    FillConfirmed,
    FillMined,
    FillReversed,
    OrderAccepted,
    OrderCanceled,
    OrderCompleted,
    OrderDenied,
    OrderExpired,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    OrderVoided,
)
from messages.risk import LossDayBegan, LossStatus, TradingHalted, TradingPermit, TradingResumed
from messages.system import (
    ActorExited,
    ActorStarted,
    AlertKind,
    Announce,
    DiskStatus,
    EngineChanged,
    MakerStatus,
    Roster,
    TelemetryUpdate,
)
from messages.values import MS, SECOND
from messages.wallet import MarketPaused, MarketResumed, PositionFound
from runtime.actor import Actor, every, handles, recovered
from trading.situation import Situation
from trading.state_wording import status_lines, words_for_change
from trading.throttle import Throttle
from trading.wording import Line, warning, words_for

AnyEvent = (
    AccountBarred
    | ActorExited
    | ActorStarted
    | AnswerLost
    | BookEmptied
    | EngineChanged
    | ExitCompleted
    | FillConfirmed
    | FillMined
    | FillReversed
    | GatewayStarted
    | LiquidatorAssigned
    | LossDayBegan
    | MarketRetired
    | MarketTaken
    | OrderAccepted
    | OrderCanceled
    | OrderCompleted
    | OrderDenied
    | OrderExpired
    | OrderFilled
    | OrderIntended
    | OrderRejected
    | OrderVoided
    | MarketPaused
    | MarketResumed
    | PositionFound
    | PositionMismatched
    | TradingHalted
    | TradingResumed
)
"""Everything that is journaled; a test holds this list to the vocabulary."""
AnyState = (
    AccountStatus
    | BookSnapshot
    | DiskStatus
    | FeedStatus
    | LiquidationStatus
    | LossStatus
    | MakerStatus
    | MarketDataStatus
    | MarketInfo
    | MarketRanking
    | Roster
    | TradingPermit
)
"""How everything is, but for the journal's own protocol, the clock and what is said here."""


class AlertSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often people hear of things, in real seconds."""

    status_s: float = 300.0
    """A status line every so often."""
    repeat_s: float = 30.0
    """The same line is not said again sooner."""


class AlertActor(Actor):
    """Says every Event and every State as telemetry, and what people should know of it in words."""

    def __init__(self, settings: AlertSettings) -> None:
        self.settings = settings
        self.situation = Situation()
        self.throttle = Throttle()
        self.status_at = 0

    @handles
    def on_event(self, event: AnyEvent) -> Iterator[TelemetryUpdate | Announce]:
        """A fact: noted, passed on, and said in words."""
        self.situation.note(event)
        yield self._telemetry("event", event)
        yield from self._say(words_for(event, self.situation))

    @handles
    def on_state(self, state: AnyState) -> Iterator[TelemetryUpdate | Announce]:
        """How something is: passed on, and what changed in it said in words."""
        yield self._telemetry("state", state)
        yield from self._say(words_for_change(state, self.situation))
        self.situation.note(state)

    @handles
    def on_announced(self, line: Announce) -> Iterator[TelemetryUpdate | Announce]:
        """A line another actor wants people to read."""
        yield from self._say([Line(severity=line.severity, text=line.text, about=line.about)])

    @recovered
    def begin(self) -> Iterator[TelemetryUpdate | Announce]:
        """What was said before this process is not remembered; what stops the account still stands."""
        self.throttle.clear()
        self.status_at = int(self.real_now)
        halts = self.situation.halts.values()
        yield from self._say(
            warning(f"Trading is halted by {halt.cause}: {halt.reason}", AlertKind.RISK) for halt in halts
        )

    @every(real_s=1)
    def tell_status(self) -> Iterator[TelemetryUpdate | Announce]:
        """The status line, when it is time."""
        if int(self.real_now) - self.status_at < self.settings.status_s * SECOND:
            return
        self.status_at = int(self.real_now)
        yield from self._say(status_lines(self.situation))

    def _say(self, lines: Iterable[Line]) -> Iterator[TelemetryUpdate | Announce]:
        for line in lines:
            span = self.settings.repeat_s if line.every_s is None else line.every_s
            kept_back = self.throttle.passes(line.key or line.text, span, self.real_now)
            if kept_back is None:
                continue
            text = f"{line.text} (+{kept_back} more)" if kept_back else line.text
            announce = Announce(severity=line.severity, text=text, about=line.about)
            yield announce
            yield self._telemetry("line", announce)

    def _telemetry(self, family: str, message: Message) -> TelemetryUpdate:
        market = market_of(message)
        kind = type(message).__name__
        body = {
            "kind": kind,
            "market": market,
            "at": int(self.real_now) // MS,
            "market_time": _iso(int(self.now)),
            "body": msgspec.Raw(_json.encode(message)),
        }
        return TelemetryUpdate(topic=_topic(family, kind, market, message), body=_json.encode(body).decode())


_json = msgspec.json.Encoder()


def _topic(family: str, kind: str, market: str, message: Message) -> str:
    if isinstance(message, Announce):
        return f"line.{message.severity}"
    return f"{family}.{kind}.{market}" if family == "state" and market else f"{family}.{kind}"


def _iso(nanoseconds: int) -> str:
    """Market time as people and scripts read it, to the millisecond, UTC."""
    return f"{_second(nanoseconds // SECOND)}.{nanoseconds % SECOND // MS:03d}Z"


@lru_cache(16)
def _second(seconds: int) -> str:
    """Written once: much is said in one second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
