"""The account's judge: permits while all is well, halts that survive restarts, and a person's last word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from messages.account import AccountBarred, GatewayStarted
from messages.audit import GetOrder, OrderTraced, TraceOrder
from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired, MarketTaken
from messages.market import BookSnapshot, FeedStatus, MarketDataStatus
from messages.orders import CancelAll, FillConfirmed, FillReversed, OrderFilled
from messages.risk import (
    AcceptMarket,
    ControlReply,
    GetStatus,
    HaltCause,
    HaltTrading,
    KillSwitchSeen,
    Level,
    LiquidateMarket,
    LossDayBegan,
    LossStatus,
    ResumeTrading,
    TradingHalted,
    TradingPermit,
    TradingResumed,
)
from messages.system import DiskStatus, Roster
from messages.values import SECOND, RealNs
from messages.wallet import (
    AcceptPosition,
    MarketPaused,
    MarketResumed,
    PositionFound,
    PositionsRead,
    PositionsReadFailed,
    ReadPositions,
)
from runtime.actor import Actor, every, handles, recovered
from trading.inquiries import Inquiries
from trading.ownership import Ownership
from trading.risk import RiskLimits, standing
from trading.risk.eyes import BLIND_NS, Eyes
from trading.risk.halts import LIFTED_BY_PEOPLE, ROOM_LEVELS, Halts
from trading.risk.holdings import Holdings
from trading.risk.loss_watch import LossWatch
from trading.risk.market_desk import answered
from trading.risk.profit import ProfitAndLoss
from trading.risk.replies import Asked, Replies
from trading.risk.surroundings import Surroundings
from trading.working import IntendedOrders, OrderFact

PERMIT_NS = 2 * SECOND
"""A permit counts so long; it is repeated every half second."""
Said: TypeAlias = Iterator[
    TradingPermit
    | CancelAll
    | TradingHalted
    | TradingResumed
    | LossDayBegan
    | ControlReply
    | MarketRetired
    | AcceptPosition
]


class RiskSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account's limits."""

    limits: RiskLimits = RiskLimits()
    auto_resume: bool = False
    """Positions found in the wallet are worked off without being asked for; also --auto-resume."""


class RiskActor(Actor):
    """Says every half second what the account may do, in words a person understands.

    Tightening acts first and is journaled after; loosening is journaled first. Durable, from facts alone:
    halts, the loss day, profit and loss, who trades what, which orders rest.
    """

    def __init__(self, settings: RiskSettings) -> None:
        self.halts = Halts()
        self.pnl = ProfitAndLoss()
        self.loss = LossWatch(settings.limits.daily_loss, self.pnl)
        self.ownership = Ownership()
        self.holdings = Holdings(self.pnl, self.ownership)
        self.drift = settings.limits.drift
        self.auto_resume = settings.auto_resume
        self.intended = IntendedOrders()
        self.eyes = Eyes()
        self.others = Surroundings()
        self.barred: dict[HaltCause, str] = {}
        """Reasons of the gateway's own that no halt has followed yet."""
        self.replies = Replies()
        self.is_ready = False
        self.ready_at = RealNs(0)
        self.inquiries = Inquiries()

    # Facts and States.

    @handles
    def on_fill(self, fact: OrderFilled | FillConfirmed | FillReversed) -> Said:
        """What is held, what it cost and what it earned."""
        self.pnl.note(fact)
        self.holdings.note_fill(fact, self.real_now)
        if isinstance(fact, OrderFilled):
            self.loss.found(fact)
        yield from self._check_loss()

    @handles
    def on_book(self, book: BookSnapshot) -> Said:
        """A new mark for what is held."""
        if self.pnl.mark(book):
            yield from self._check_loss()

    @handles
    def on_feed(self, said: FeedStatus | MarketDataStatus) -> Said:
        """What is seen of the market we quote; a feed that gave up stops the quotes until it hears again."""
        self.eyes.note(said)
        if isinstance(said, MarketDataStatus):
            yield from self._follow_feed()

    @handles
    def on_order(self, fact: OrderFact | GatewayStarted) -> None:
        """Which orders rest, and whose wallet it is."""
        self.intended.hear(fact)
        if isinstance(fact, GatewayStarted):
            self.holdings.funder = fact.funder

    @handles
    def on_ownership(self, fact: MarketTaken | MarketRetired | LiquidatorAssigned | ExitCompleted) -> Said:
        """Who trades what; what is left of a resolved market has its price for good."""
        self.ownership.note(fact)
        if isinstance(fact, MarketTaken | MarketRetired):
            self.holdings.note(fact)
        if isinstance(fact, ExitCompleted) and fact.payout is not None:
            self.pnl.settle(fact.market, fact.payout)
            yield from self._check_loss()

    @handles
    def on_paused(self, fact: MarketPaused | MarketResumed) -> Said:
        """One market is dirty, or is not any more; several, or one by too much, stop everything."""
        self.holdings.note(fact)
        yield from self._check_drift()

    @handles
    def on_found(self, found: PositionFound) -> Said:
        """The wallet held what nobody of ours traded: offered, or worked off at once."""
        self.holdings.note(found)
        yield from self._work_off()

    @handles
    def on_positions(self, read: PositionsRead) -> Iterator[MarketPaused]:
        """The public list of what the wallet holds, against our own books."""
        if self.is_ready:
            yield from self.holdings.compare(read)

    @handles
    def on_positions_failed(self, failed: PositionsReadFailed) -> None:
        """Nothing is believed of it."""
        self.holdings.failed()

    @handles
    def on_roster(self, roster: Roster) -> Said:
        """Who runs; while somebody who is needed stays down, no quotes until a person says to go on."""
        self.others.hear(roster, self.real_now)
        why = self.others.failure()
        if why is not None and not self.halts.will_hold(HaltCause.PROCESS_FAILED):
            yield from self._tighten(HaltCause.PROCESS_FAILED, Level.HALT_QUOTES, why)

    @handles
    def on_halt(self, fact: TradingHalted | TradingResumed) -> Said:
        """A halt is committed, or its end is: from here on it holds, or does not."""
        self.halts.hear(fact)
        self.barred.pop(fact.cause, None)
        if fact.cause is HaltCause.DAILY_LOSS:
            self.loss.halted()
        yield from self._follow_kill_switch()
        yield from self._permit()

    @handles
    def on_barred(self, barred: AccountBarred) -> Said:
        """The gateway found out that this account must not be traded: nothing until a person says so."""
        self.barred[barred.cause] = barred.reason
        yield from self._bar()

    @handles
    def on_day(self, began: LossDayBegan) -> Said:
        """The loss is counted from here."""
        self.loss.hear(began, holds=HaltCause.DAILY_LOSS in self.halts.active)
        if (amended := self.loss.amend()) is not None:
            yield amended
        yield from self._lift_loss_of_before()
        yield from self._check_loss()
        yield from self._permit()

    @handles
    def on_kill_switch(self, seen: KillSwitchSeen) -> Said:
        """The file appeared, changed or went away."""
        self.others.see(seen)
        if seen.present:
            yield from self._tighten(HaltCause.KILL_SWITCH, Level.FREEZE, seen.reason)
        else:
            yield from self._follow_kill_switch()

    # Life and time.

    @recovered
    def on_recovered(self) -> Said:
        """What an earlier life said and did not get committed was never said; a limit that is passed trips."""
        self.is_ready = True
        self.ready_at = self.real_now
        self.loss.forget_said()
        self.halts.forget_said()
        self.holdings.begin(self.real_now)
        yield from self._work_off()
        yield from self._check_drift()
        yield from self._bar()
        yield from self._lift_loss_of_before()
        yield from self._check_loss()

    @every(real_s=0.5)
    def permit(self) -> Said:
        """Leave to trade, for two seconds."""
        yield from self._permit()
        yield from self._turn_day()
        yield from self._check_loss()
        yield from self.inquiries.late(self.real_now)

    @every(real_s=5)
    def look(self) -> Iterator[ReadPositions]:
        """The drop copy: what the wallet holds, by somebody else's word than the gateway's."""
        if self.is_ready:
            yield from self.holdings.asks(self.real_now)

    @every(real_s=1)
    def report(self) -> Iterator[LossStatus]:
        """Profit and loss, for people."""
        yield self.loss.status()

    # What a person asks.

    @handles
    def on_order_asked(self, asked: GetOrder) -> Iterator[TraceOrder | ControlReply]:
        """The life of one order: the journal knows it."""
        yield self.inquiries.ask(asked, f"{self.role}@{self.incarnation}", self.real_now)

    @handles
    def on_traced(self, traced: OrderTraced) -> Iterator[ControlReply]:
        """What the journal said of an order."""
        yield from self.inquiries.answered(traced)

    @handles
    def on_halt_asked(self, asked: HaltTrading) -> Said:
        """Stop everything, at once and always."""
        known = self.replies.to(asked)
        if known is not None:
            yield known
            return
        was_halted = self.halts.will_hold(HaltCause.OPERATOR)
        waiting = self.halts.unheard(HaltCause.OPERATOR)
        yield from self._tighten(HaltCause.OPERATOR, Level.FREEZE, asked.reason, asked.by)
        if was_halted and waiting is not None:
            yield waiting  # once more, so that the answer waits for it
        yield self._reply(asked, True, "already halted" if was_halted else "halted: everything is taken off")

    @handles
    def on_resume_asked(self, asked: ResumeTrading) -> Said:
        """Lift what a person may lift, unless what caused it is still there."""
        known = self.replies.to(asked)
        if known is not None:
            yield known
            return
        refusal = self._why_not_resume(asked)
        if refusal:
            yield self._reply(asked, False, refusal)
            return
        causes = [cause for cause in LIFTED_BY_PEOPLE if self.halts.will_hold(cause)]
        if HaltCause.DAILY_LOSS in causes and (began := self.loss.restart(self.now)) is not None:
            yield began
        if HaltCause.PROCESS_FAILED in causes:
            self.others.excuse()
        for cause in causes:
            yield self._resume(cause, asked.reason, asked.by)
        lifted = ", ".join(cause.value for cause in causes)
        yield self._reply(asked, True, f"resumed: {lifted} lifted" if causes else "nothing was halted")

    @handles
    def on_market_asked(self, asked: LiquidateMarket | AcceptMarket) -> Said:
        """See to one market: work it off, or take what the venue says of it for true."""
        known = self.replies.to(asked)
        if known is not None:
            yield known
            return
        answer = answered(self.holdings, asked)
        if answer.follows is not None:
            yield answer.follows
        yield self._reply(asked, answer.ok, answer.text)

    @handles
    def on_status_asked(self, asked: GetStatus) -> Iterator[ControlReply]:
        """How everything stands."""
        yield self._answer(asked, True, self.halts.reason, self._level)

    @handles
    def on_disk(self, disk: DiskStatus) -> Said:
        """What the journal has left: a short disk stops the quotes, a full one everything, until there is room."""
        level = ROOM_LEVELS.get(disk.room)
        if level is None:
            if self.halts.will_hold(HaltCause.DISK):
                yield self._resume(HaltCause.DISK, "there is room again")
        elif self.halts.tightens(HaltCause.DISK, level):
            yield from self._tighten(
                HaltCause.DISK, level, f"{disk.free >> 20} MiB are free beside the journal"
            )

    # Levels.

    @property
    def _level(self) -> Level:
        """What the account may do now; a kill switch that is there counts before its halt is committed."""
        return Level.FREEZE if self.others.is_killed else self.halts.level

    def _permit(self) -> Iterator[TradingPermit]:
        """The permit, unless it would give leave that cannot be answered for."""
        if not self.is_ready:
            return
        level, reason = self._level, self.halts.reason
        blind = self.eyes.blind(self.ownership, self.real_now)
        if level is Level.RUN and blind:
            if self.real_now - self.ready_at <= BLIND_NS and not self.eyes.knows(self.ownership):
                return  # the feed speaks in a moment; until then there is what an earlier one gave, which lapses
            level, reason = Level.HALT_QUOTES, blind
        fit = bool(self.loss.day.day) and self.others.are_well(self.real_now, self.journal_lag_ns)
        if level is Level.FREEZE or fit:
            yield TradingPermit(level=level, expires_at=self.real_now + PERMIT_NS, reason=reason)

    def _tighten(self, cause: HaltCause, level: Level, reason: str, by: str = "") -> Said:
        """Act first, write down after; a cause that stops the account already is not written down again."""
        if not self.is_ready:
            return
        halt = TradingHalted(cause=cause, level=level, reason=reason, by=by)
        is_new = self.halts.tightens(cause, level)
        if is_new:
            self.halts.say(halt)
        yield from self._permit()
        if level is Level.FREEZE:
            yield CancelAll(reason=f"{cause.value}: {reason}" if reason else cause.value)
        if is_new:
            yield halt

    def _bar(self) -> Said:
        """What the gateway found and is not written down as a halt yet."""
        for cause, reason in self.barred.items():
            yield from self._tighten(cause, Level.FREEZE, reason)

    def _resume(self, cause: HaltCause, reason: str, by: str = "") -> TradingResumed:
        """Write down first; it counts when it is heard."""
        resumed = TradingResumed(cause=cause, reason=reason, by=by)
        self.halts.say(resumed)
        return resumed

    def _follow_kill_switch(self) -> Said:
        """The halt comes and goes with the file."""
        if not self.is_ready or not self.others.has_looked:
            return
        holds = self.halts.will_hold(HaltCause.KILL_SWITCH)
        if self.others.is_killed and not holds:
            yield from self._tighten(HaltCause.KILL_SWITCH, Level.FREEZE, self.others.kill_reason)
        elif holds and not self.others.is_killed:
            yield self._resume(HaltCause.KILL_SWITCH, "the kill switch is gone")

    def _follow_feed(self) -> Said:
        """The halt comes and goes with the feed's pause."""
        if not self.is_ready or self.eyes.is_paused is None:
            return
        holds = self.halts.will_hold(HaltCause.FEED_PAUSED)
        if self.eyes.is_paused and not holds:
            yield from self._tighten(HaltCause.FEED_PAUSED, Level.HALT_QUOTES, self.eyes.reason)
        elif holds and not self.eyes.is_paused:
            yield self._resume(HaltCause.FEED_PAUSED, "market data comes again")

    def _why_not_resume(self, asked: ResumeTrading) -> str:
        if self.others.is_killed:
            return f"the kill switch is there: {self.others.kill_reason}"
        if self.halts.will_hold(HaltCause.JOURNAL) and not asked.reason:
            return "a restored journal is accepted only with a reason"
        if self.halts.will_hold(HaltCause.DRIFT) and (why := self.drift.trips(*self.holdings.drifted)):
            return f"{why}: accept them first, `python -m control status` names them"
        return self.loss.why_not_resume(asked.reason) if self.halts.will_hold(HaltCause.DAILY_LOSS) else ""

    def _check_drift(self) -> Said:
        """Everything stops once it is not sure what is held in several markets, or by how much."""
        why = self.drift.trips(*self.holdings.drifted)
        if why and not self.halts.will_hold(HaltCause.DRIFT):
            yield from self._tighten(HaltCause.DRIFT, Level.FREEZE, why)

    def _work_off(self) -> Iterator[MarketRetired]:
        """What was found in the wallet goes to liquidators of its own, where that is wanted."""
        if self.is_ready and self.auto_resume:
            yield from map(self.holdings.retire, self.holdings.offered())

    # The day's loss.

    def _check_loss(self) -> Said:
        """Trip when the day has cost as much as it may."""
        if self.is_ready and not self.halts.will_hold(HaltCause.DAILY_LOSS) and (why := self.loss.trips()):
            yield from self._tighten(HaltCause.DAILY_LOSS, Level.HALT_QUOTES, why)

    def _turn_day(self) -> Said:
        """Begin a new count when a new day came."""
        if self.is_ready and (began := self.loss.turn(self.now, self.real_now - self.ready_at)) is not None:
            yield began

    def _lift_loss_of_before(self) -> Iterator[TradingResumed]:
        """Where the next day lifts it, a loss of an earlier day stops nothing."""
        if self.is_ready and self.loss.lifts and self.halts.will_hold(HaltCause.DAILY_LOSS):
            yield self._resume(HaltCause.DAILY_LOSS, "a new day")

    # Answers.

    def _reply(self, asked: Asked, ok: bool, text: str) -> ControlReply:
        """Answer, and the same again to the same request."""
        return self.replies.keep(asked, self._answer(asked, ok, text, self.halts.coming))

    def _answer(self, asked: Asked, ok: bool, text: str, level: Level) -> ControlReply:
        maker = [m for m in self.ownership.owners if m not in self.ownership.exits]
        return ControlReply(
            to=asked.sender,
            request=asked.request,
            ok=ok,
            text=text,
            level=level,
            orders_resting=self.intended.resting,
            actors=self.others.actors,
            market=maker[-1] if maker else None,
            details=tuple(self._details()),
        )

    def _details(self) -> Iterator[tuple[str, str]]:
        yield from self.others.details()
        yield from standing.halted(self.halts)
        yield from self.eyes.details()
        yield from standing.earned(self.loss.status())
        yield from standing.held(self.holdings, self.pnl, self.ownership)
