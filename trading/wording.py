"""What each fact is called in words. The phrases people search for are listed in docs/logs.md, a test each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from messages.account import BookEmptied, GatewayStarted, PositionMismatched
from messages.base import Message
from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired, MarketTaken, RetireReason
from messages.orders import (
    AnswerLost,
    DenyRule,
    FillReversed,
    OrderAccepted,
    OrderDenied,
    OrderFilled,
    OrderRejected,
)
from messages.risk import HaltCause, LossDayBegan, TradingHalted, TradingResumed
from messages.system import ActorExited, ActorStarted, AlertKind, EngineChanged, EngineState, Severity
from messages.values import MarketId
from messages.wallet import MarketPaused, MarketResumed, PositionFound
from trading.hesitation import would_trade
from trading.situation import Situation
from trading.units import action_text, money_text, price_text, shares_text, short, size_text

LIQUIDATION_EVERY_S = 30


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line for people."""

    severity: Severity
    text: str
    about: AlertKind = AlertKind.TRADING
    key: str = ""
    """What repeats itself when this is said again; "" is the text itself."""
    every_s: float | None = None
    """Not said again sooner, real seconds; None is the usual span."""


Words = Callable[[Any, Situation], Iterator[Line]]


def words_for(event: Message, situation: Situation) -> Iterator[Line]:
    """The lines for one Event; `situation` has it noted already."""
    words = WORDS.get(type(event))
    if words is not None:
        yield from words(event, situation)


def info(text: str, about: AlertKind = AlertKind.TRADING, **more: Any) -> Line:
    """A line that is no alert."""
    return Line(severity=Severity.INFO, text=text, about=about, **more)


def warning(text: str, about: AlertKind = AlertKind.TRADING, **more: Any) -> Line:
    """A line that asks for a look."""
    return Line(severity=Severity.WARNING, text=text, about=about, **more)


def _accepted(order: OrderAccepted, _: Situation) -> Iterator[Line]:
    side = action_text(order.side)
    text = f"Placed {side} @ {price_text(order.price)}: {order.order}"
    yield info(text, key=f"placed {order.market} {order.owner} {side}", every_s=5)


def _denied(order: OrderDenied, situation: Situation) -> Iterator[Line]:
    side, price = action_text(order.side), price_text(order.price)
    if order.rule is DenyRule.DRY_RUN:
        yield info(
            f"[DRY RUN] Order: {side} {size_text(order.size)} @ {price}",
            key=f"dry {order.market} {order.owner} {side}",
            every_s=5,
        )
    elif order.rule is DenyRule.EXPOSURE:
        yield at_limit(situation, order.market, side)
    else:
        yield info(
            f"Denied {side} {size_text(order.size)} @ {price} on {situation.name(order.market)}:"
            f" {order.rule}{_because(order.reason)}",
            AlertKind.RISK,
            key=f"denied {order.rule} {order.market} {side}",
        )


def at_limit(situation: Situation, market: MarketId, side: str) -> Line:
    """The limit keeps a side from being quoted."""
    position = size_text(situation.exposure(market))
    return info(
        f"Position {position} at limit - skipping {side}",
        AlertKind.POSITION,
        key=f"limit {market} {side}",
    )


def _rejected(order: OrderRejected, situation: Situation) -> Iterator[Line]:
    side, name = action_text(order.side), situation.name(order.market)
    if would_trade(order.reason):
        yield warning(
            f"post_only rejected: {side} on {name}: {order.reason}", key=f"post_only {order.market} {side}"
        )
    else:
        yield warning(
            f"Failed to place {side} on {name}: {order.reason}", key=f"rejected {order.market} {side}"
        )


def _lost(order: AnswerLost, situation: Situation) -> Iterator[Line]:
    yield warning(
        f"Answer lost for order {short(order.order)} on {situation.name(order.market)}: {order.reason}"
        " - its exposure stays reserved until it is found"
    )


def _filled(fill: OrderFilled, situation: Situation) -> Iterator[Line]:
    name = situation.name(fill.market)
    yield info(
        f"Fill detected: {action_text(fill.side)} {size_text(fill.size)} @ {price_text(fill.price)} on {name}"
        f" ({fill.owner}, trade {short(fill.trade)}, order {short(fill.order)})"
    )
    yield info(
        f"Inventory: {name} {shares_text(situation.exposure(fill.market))}", AlertKind.POSITION, every_s=0
    )


def _reversed(fill: FillReversed, situation: Situation) -> Iterator[Line]:
    name = situation.name(fill.market)
    yield warning(f"Fill reversed on {name}: trade {short(fill.trade)}: {fill.reason}", AlertKind.POSITION)
    yield info(
        f"Inventory: {name} {shares_text(situation.exposure(fill.market))}", AlertKind.POSITION, every_s=0
    )


def _taken(market: MarketTaken, situation: Situation) -> Iterator[Line]:
    yield info(f"[Orchestrator] Active market: {market.slug}")
    yield info(f"Starting market maker for {market.slug}...")


def _retired(market: MarketRetired, situation: Situation) -> Iterator[Line]:
    if market.reason is RetireReason.POSITION_LIMIT:
        yield info(f"[Orchestrator] Position limit hit on: {market.slug}", AlertKind.POSITION)
    else:
        yield info(f"[Orchestrator] Left {market.slug}: {market.reason}", AlertKind.POSITION)
    yield info(
        f"[Orchestrator] Added to liquidation queue ({len(situation.exits)} total)",
        AlertKind.POSITION,
        every_s=0,
    )


def _assigned(exit_: LiquidatorAssigned, situation: Situation) -> Iterator[Line]:
    if len(situation.exits) == 1:
        yield info(
            f"[Orchestrator] Starting liquidation management timer (every {LIQUIDATION_EVERY_S}s)",
            AlertKind.POSITION,
        )
    yield info(f"[Liquidation] {exit_.slug} has {exit_.liquidator}", AlertKind.POSITION)


def _completed(exit_: ExitCompleted, situation: Situation) -> Iterator[Line]:
    if exit_.reason and exit_.left:
        yield info(
            f"[Liquidation] {exit_.slug} is over: {exit_.reason}, {shares_text(exit_.left)} left",
            AlertKind.POSITION,
            every_s=0,
        )
        return
    left = f" ({shares_text(exit_.left)} left, too small to rest)" if exit_.left else ""
    yield info(f"[Liquidation] ✓ {exit_.slug} - Position closed{left}", AlertKind.POSITION, every_s=0)
    yield info("[Liquidation] 1 market(s) completed liquidation", AlertKind.POSITION, every_s=0)


def _halted(halt: TradingHalted, situation: Situation) -> Iterator[Line]:
    by = f" (by {halt.by})" if halt.by else ""
    yield Line(
        severity=Severity.WARNING if halt.cause is HaltCause.OPERATOR else Severity.CRITICAL,
        text=f"{_HALTS[halt.cause]} - {halt.level}{_because(halt.reason)}{by}",
        about=AlertKind.RISK,
        every_s=0,
    )


_HALTS = {
    HaltCause.OPERATOR: "Trading halted by operator",
    HaltCause.DAILY_LOSS: "GLOBAL DAILY LOSS LIMIT EXCEEDED",
    HaltCause.KILL_SWITCH: "KILL SWITCH file found",
    HaltCause.PROCESS_FAILED: "PROCESS FAILED",
    HaltCause.FEED_PAUSED: "MARKET DATA PAUSED",
    HaltCause.JOURNAL: "JOURNAL RESTORED",
    HaltCause.DISK: "DISK NEARLY FULL",
    HaltCause.VENUE_REFUSES: "THE VENUE REFUSES THIS ACCOUNT",
    HaltCause.SECOND_ENGINE: "ANOTHER ENGINE TRADES THIS ACCOUNT",
    HaltCause.DRIFT: "POSITIONS ARE NOT SURE",
}


def _resumed(event: TradingResumed, situation: Situation) -> Iterator[Line]:
    still = ", ".join(situation.halts)
    by = f" (by {event.by})" if event.by else ""
    yield warning(
        f"Trading resumed: {event.cause} lifted{_because(event.reason)}{by}"
        f"{f' - still halted by {still}' if still else ''}",
        AlertKind.RISK,
        every_s=0,
    )


def _loss_day(day: LossDayBegan, _: Situation) -> Iterator[Line]:
    yield info(f"Daily P&L reset: {day.day} begins at {money_text(day.equity)}", AlertKind.RISK)


def _gateway(started: GatewayStarted, _: Situation) -> Iterator[Line]:
    yield info(
        f"Gateway has the account {short(started.address)}: nothing rests, every fill is known,"
        f" {money_text(started.collateral)} free",
        AlertKind.SYSTEM,
    )


def _emptied(book: BookEmptied, _: Situation) -> Iterator[Line]:
    if book.left:
        yield Line(
            severity=Severity.CRITICAL,
            text=f"{book.left} order(s) could not be taken off the book at {book.when}",
            about=AlertKind.SYSTEM,
            every_s=0,
        )
    else:
        yield info(f"No order rests at {book.when}: read twice", AlertKind.SYSTEM)


def _mismatch(position: PositionMismatched, situation: Situation) -> Iterator[Line]:
    yield warning(
        f"Position mismatch on {situation.name(position.market)}: fills say {size_text(position.believed)},"
        f" the venue says {size_text(position.balance)} (token {short(position.token)})",
        AlertKind.POSITION,
    )


def _found(found: PositionFound, situation: Situation) -> Iterator[Line]:
    name = found.slug or situation.name(found.market)
    offer = found.why_not or f"python -m control liquidate {name}"
    yield warning(
        f"Position found in the wallet: {shares_text(found.net)} of {name} - {offer}",
        AlertKind.POSITION,
        every_s=0,
    )


def _paused(paused: MarketPaused, situation: Situation) -> Iterator[Line]:
    name = paused.slug or situation.name(paused.market)
    yield Line(
        severity=Severity.ERROR,
        text=f"{name} is dirty and paused: {paused.reason} - look at it, then python -m control accept {name}",
        about=AlertKind.POSITION,
        every_s=0,
    )


def _unpaused(resumed: MarketResumed, situation: Situation) -> Iterator[Line]:
    by = f" (by {resumed.by})" if resumed.by else ""
    name = resumed.slug or situation.name(resumed.market)
    yield warning(f"{name} goes on{_because(resumed.reason)}{by}", AlertKind.POSITION, every_s=0)


def _started(actor: ActorStarted, _: Situation) -> Iterator[Line]:
    yield info(f"{actor.role} started (pid {actor.pid}, incarnation {actor.incarnation})", AlertKind.SYSTEM)


def _exited(actor: ActorExited, _: Situation) -> Iterator[Line]:
    how = f"signal {-actor.code}" if actor.code < 0 else f"exit code {actor.code}"
    text = f"{actor.role} ended ({actor.reason or how})"
    if actor.code == 0:
        yield info(text, AlertKind.SYSTEM)
    else:
        yield warning(f"{text} - restart {actor.restarts}", AlertKind.SYSTEM, every_s=0)


def _engine(engine: EngineChanged, situation: Situation) -> Iterator[Line]:
    mode = f" | Mode: {situation.mode}" if situation.mode else ""
    severity = Severity.ERROR if engine.state is EngineState.ERROR else Severity.INFO
    yield Line(
        severity=severity,
        text=f"Engine {engine.state}{_because(engine.reason)}{mode}",
        about=AlertKind.SYSTEM,
        every_s=0,
    )
    yield from (info(text, AlertKind.SYSTEM, every_s=0) for text in _ENGINE.get(engine.state, ()))


_ENGINE = {
    EngineState.STARTING: ("Waiting for market data...",),
    EngineState.RUNNING: ("Market maker running. Press Ctrl+C to stop.",),
    EngineState.STOPPING: ("Stop requested...", "Shutting down market maker...", "Cancelling all orders..."),
    EngineState.STOPPED: ("Market maker stopped.",),
}


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""


WORDS: dict[type[Message], Words] = {
    ActorExited: _exited,
    ActorStarted: _started,
    AnswerLost: _lost,
    BookEmptied: _emptied,
    EngineChanged: _engine,
    ExitCompleted: _completed,
    FillReversed: _reversed,
    GatewayStarted: _gateway,
    LiquidatorAssigned: _assigned,
    LossDayBegan: _loss_day,
    MarketRetired: _retired,
    MarketTaken: _taken,
    OrderAccepted: _accepted,
    OrderDenied: _denied,
    OrderFilled: _filled,
    OrderRejected: _rejected,
    MarketPaused: _paused,
    MarketResumed: _unpaused,
    PositionFound: _found,
    PositionMismatched: _mismatch,
    TradingHalted: _halted,
    TradingResumed: _resumed,
}
"""Events without words here (an intent, a completed order, a confirmation …) are in the telemetry alone."""
