"""The only way to the venue: it alone decides that an order leaves, and says what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TypeVar

import msgspec

from messages.account import (
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
    Leg,
    LegsSeen,
    OpenAccount,
    OrderSeen,
    OrderSeenKind,
    PositionMismatched,
    ReadAccount,
    Settlement,
    UserStreamLost,
    UserStreamOpened,
)
from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired, MarketTaken
from messages.market import BookSnapshot, MarketInfo
from messages.orders import (
    NEVER,
    Answer,
    AnswerLost,
    CancelAll,
    CancelAnswered,
    CancelFailed,
    CancelMarket,
    CancelOrder,
    DenyRule,
    FillConfirmed,
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
    OrderRejected,
    OrderVoided,
    PlaceOrder,
    PrepareFailed,
    PrepareOrder,
    SendOrder,
    TakeAllOff,
    TakeOrdersOff,
)
from messages.risk import KillSwitchSeen, Level, TradingPermit
from messages.system import Roster
from messages.values import (
    MICRO,
    MS,
    SECOND,
    Action,
    CommandId,
    MarketId,
    MarketNs,
    Money,
    Outcome,
    RealNs,
    RoleName,
    Shares,
    Side,
    Size,
    TokenId,
)
from runtime.actor import Actor, every, handles, recovered, stopping
from trading import truth
from trading.inventory import Inventories
from trading.orders import Order, OrderFact, OrderTable, Status
from trading.ownership import Ownership
from trading.permits import NO_PERMIT
from trading.risk.gate import PLACE_TTL_NS, GateLimits, Situation, judge
from trading.ticks import mirror
from trading.tokens import TokenOrder, token_order

MAX_COMMANDS = 4_096
READ_PATIENCE_NS = 15 * SECOND
RETRY_NS = 1 * SECOND
EMPTY_APART_NS = 1 * SECOND
FINALIZE_NS = 250 * MS
STOP_PATIENCE_NS = 10 * SECOND
PERMIT_PATIENCE_NS = 10 * SECOND
JOURNAL_PATIENCE_NS = 5 * SECOND
OVERLAP_NS = 600 * SECOND
"""Market time that a read of trades goes back behind what is known."""
FOREIGN_BEATS = 2

FactT = TypeVar("FactT", bound=OrderFact)
OffBook = TakeOrdersOff | TakeAllOff | ForgetOrder
Facts = (
    OrderFilled
    | FillConfirmed
    | FillReversed
    | OrderAccepted
    | OrderCompleted
    | OrderCanceled
    | OrderExpired
    | OrderVoided
)


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the gateway works. Spans in real seconds."""

    limits: GateLimits = GateLimits()
    dry_run: bool = False
    """Decide and say, send nothing."""
    read_s: float = 30.0
    """The account is read this often when nothing else asks for it."""


class Phase(StrEnum):
    """Where the gateway is in its life."""

    OPENING = "opening the account"
    EMPTYING = "taking earlier orders off"
    OPEN = ""
    STOPPING = "stopping"
    STOPPED = "stopped"


class Preparing(msgspec.Struct, frozen=True):
    """A wanted order that is being signed."""

    place: PlaceOrder
    token: TokenId
    order: TokenOrder


class GatewayActor(Actor):
    """Owns the account's open orders: gates what is wanted, intends, sends, and keeps the truth about it."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self.table = OrderTable()
        self.inventories = Inventories()
        self.ownership = Ownership()
        self.cursor = MarketNs(0)
        self.tokens: dict[TokenId, tuple[MarketId, Outcome]] = {}
        # Volatile from here on.
        self.phase = Phase.OPENING
        self.is_ready = False
        self.is_stopped = False
        self.is_finished = False
        self.infos: dict[MarketId, MarketInfo] = {}
        self.books: dict[MarketId, BookSnapshot] = {}
        self.permit = NO_PERMIT
        self.permit_heard_at = RealNs(0)
        self.killed = ""
        self.collateral = Money(0)
        self.address = self.funder = ""
        self.blind = True
        self.stream_at: RealNs | None = None
        self.foreign_beats = 0
        self.preparing: dict[CommandId, Preparing] = {}
        self.heard: dict[CommandId, None] = {}
        self.unwanted: set[CommandId] = set()
        self.incarnations: dict[RoleName, int] = {}
        self.reading_since: RealNs | None = None
        self.read_wanted = False
        self.read_at = RealNs(0)
        self.empty_at: RealNs | None = None
        self.all_off_at = RealNs(0)
        self.opened_at = RealNs(0)
        self.stop_by = RealNs(0)

    # The account is taken over.

    @recovered
    def take_over(self) -> Iterator[AnswerLost | OpenAccount]:
        """What an earlier gateway intended and never heard of may be at the venue."""
        for order in self.table:
            if order.status in (Status.INTENDED, Status.SENT):
                yield self._lost(order, "the gateway was restarted")
        self.opened_at = self.real_now
        yield OpenAccount()

    @handles
    def on_opened(self, account: AccountOpened) -> Iterator[BeatDeadMan | TakeAllOff | ReadAccount]:
        """Credentials are good: everything that rests is taken off before anything new."""
        self.address, self.funder = account.address, account.funder
        if self.phase is not Phase.OPENING:
            return
        self.phase = Phase.EMPTYING
        if self.settings.dry_run:
            self.read_wanted = True
            return
        self.all_off_at = self.real_now
        yield BeatDeadMan()
        yield TakeAllOff()

    @handles
    def on_refused(self, refused: AccountRefused) -> None:
        """Final: the process ends with the code for credentials, and is not started again."""
        if refused.final:
            self.exit_code = 77
            self.is_finished = True

    # What traders want.

    @handles
    def on_place(self, place: PlaceOrder) -> Iterator[OrderDenied | PrepareOrder]:
        """Judge it by every rule; what passes is signed."""
        chosen = self._token_order(place)
        denied = judge(place, self._situation(place, chosen), self.settings.limits)
        self._hear(place.command)
        if denied is not None:
            yield self._denied(place, *denied)
            return
        info = self.infos[place.market]
        token = info.yes if chosen.outcome is Outcome.YES else info.no
        if self.settings.dry_run:
            reason = f"would {chosen.action.value} {chosen.size} {chosen.outcome.value} at {chosen.price}"
            yield self._denied(place, DenyRule.DRY_RUN, reason)
            return
        self.preparing[place.command] = Preparing(place, token, chosen)
        yield PrepareOrder(
            command=place.command,
            token=token,
            action=chosen.action,
            price=chosen.price,
            size=chosen.size,
            tick=info.tick,
            neg_risk=info.neg_risk,
        )

    @handles
    def on_prepared(
        self, prepared: OrderPrepared
    ) -> Iterator[ForgetOrder | OrderDenied | OrderIntended | SendOrder]:
        """It has its name: intend it, and send it when that is durable."""
        waiting = self.preparing.pop(prepared.command, None)
        if waiting is None:
            yield ForgetOrder(order=prepared.order)
            return
        place = waiting.place
        if prepared.command in self.unwanted:
            self.unwanted.discard(prepared.command)
            yield ForgetOrder(order=prepared.order)
            yield self._denied(place, DenyRule.LATE, "taken back before it was sent")
            return
        send_before = RealNs(min(int(place.decided_at) + PLACE_TTL_NS, int(self.permit.expires_at)))
        intended = OrderIntended(
            order=prepared.order,
            command=place.command,
            market=place.market,
            owner=place.owner,
            side=place.side,
            price=place.price,
            size=place.size,
            token=waiting.token,
            outcome=waiting.order.outcome,
            action=waiting.order.action,
            decided_at=place.decided_at,
            frame_at=place.frame_at,
            send_before=send_before,
        )
        self.on_order_fact(intended)
        yield intended
        order = self.table.get(prepared.order)
        assert order is not None
        self.table.step(order, SendOrder)
        yield SendOrder(order=prepared.order, send_before=send_before)

    @handles
    def on_prepare_failed(self, failed: PrepareFailed) -> Iterator[OrderDenied]:
        """It could not be signed."""
        waiting = self.preparing.pop(failed.command, None)
        if waiting is not None:
            yield self._denied(waiting.place, DenyRule.NOT_READY, failed.reason)

    @handles
    def on_answered(
        self, answered: OrderAnswered
    ) -> Iterator[OrderAccepted | OrderRejected | AnswerLost | Facts | TakeOrdersOff]:
        """The venue's answer to one order."""
        order = self.table.get(answered.order)
        if order is None or order.status not in (Status.SENT, Status.INTENDED, Status.UNKNOWN):
            return
        match answered.answer:
            case Answer.RESTING:
                yield self._say(truth.accepted(order, answered.sent_at))
                if order.cancel_wanted:
                    yield self._take_off([order])
                yield from self._ends(order)
            case Answer.REJECTED:
                yield self._say(self._rejected(order, answered.reason))
            case Answer.NOT_SENT:
                yield self._say(truth.void(order, answered.reason or "not sent"))
            case Answer.LOST if order.status is not Status.UNKNOWN:
                yield self._lost(order, answered.reason)
                self.read_wanted = True
                yield self._take_off([order])
            case _:
                return

    @handles
    def on_cancel(self, cancel: CancelOrder) -> Iterator[OffBook]:
        """Take one order back, wherever it is on its way."""
        if cancel.command in self.preparing:
            self.unwanted.add(cancel.command)
            return
        order = self.table.by_command(cancel.command)
        if order is None:
            self._hear(cancel.command)  # a place that comes after its cancel is a duplicate
        else:
            yield from self._cancel([order])

    @handles
    def on_cancel_market(self, cancel: CancelMarket) -> Iterator[OffBook]:
        """Take back all that this owner has in this market."""
        self.unwanted.update(
            command
            for command, waiting in self.preparing.items()
            if (waiting.place.market, waiting.place.owner) == (cancel.market, cancel.owner)
        )
        yield from self._cancel(self.table.of(cancel.market, cancel.owner))

    @handles
    def on_cancel_all(self, cancel: CancelAll) -> Iterator[OffBook]:
        """Take everything back, by the venue's own all-at-once way."""
        yield from self._cancel_everything()

    # What the venue says.

    @handles
    def on_cancel_answered(self, answered: CancelAnswered) -> None:
        """Off the book by the venue's word; closed only when every fill before that is known (rule R1)."""
        for identity in answered.canceled:
            order = self.table.get(identity)
            if order is not None and order.is_open:
                order.off_at = self.real_now
        if answered.not_canceled or answered.everything:
            self.read_wanted = True

    @handles
    def on_cancel_failed(self, failed: CancelFailed) -> None:
        """The watch repeats it."""
        self.read_wanted = True

    @handles
    def on_order_seen(self, seen: OrderSeen) -> Iterator[Facts | TakeOrdersOff]:
        """The user stream spoke of an order."""
        order = self.table.get(seen.order)
        if order is None:
            return
        if seen.kind is OrderSeenKind.PLACED and order.status is Status.UNKNOWN:
            yield self._say(truth.accepted(order, NEVER))
            yield self._take_off([order])
        elif seen.kind in (OrderSeenKind.CANCELED, OrderSeenKind.EXPIRED) and order.is_open:
            expired = seen.kind is OrderSeenKind.EXPIRED
            order.why = truth.EXPIRED if expired else seen.reason or order.why
            order.venue_matched = seen.matched
            order.off_at = self.real_now
            yield from self._ends(order)

    @handles
    def on_legs(self, seen: LegsSeen) -> Iterator[Facts]:
        """The user stream spoke of a trade."""
        yield from self._apply(seen.legs)

    @handles
    def on_read(
        self, read: AccountRead
    ) -> Iterator[Facts | TakeOrdersOff | BookEmptied | GatewayStarted | PositionMismatched]:
        """What the venue lists, its trades first: every belief is held against it."""
        self.reading_since = None
        self.read_at = read.begun_at
        self.collateral = read.collateral
        yield from self._apply(read.legs)
        for fact in list(truth.judged_by(read, self.table)):
            yield self._say(fact)
        off = tuple(dict.fromkeys(truth.foreign(read, self.table) + truth.still_there(read, self.table)))
        if off and not self.settings.dry_run:
            yield TakeOrdersOff(orders=off)
        self.blind = self.stream_at is None or self.stream_at >= read.begun_at
        if self.phase in (Phase.EMPTYING, Phase.STOPPING):
            yield from self._emptied(read)

    @handles
    def on_read_failed(self, failed: AccountReadFailed) -> None:
        """Nothing is believed of it; the watch reads again."""
        self.reading_since = None
        self.read_wanted = True
        self.read_at = self.real_now

    @handles
    def on_stream_opened(self, opened: UserStreamOpened) -> None:
        """Nothing is replayed on it: what it missed is read."""
        self.stream_at = self.real_now
        self.read_wanted = True

    @handles
    def on_stream_lost(self, lost: UserStreamLost) -> Iterator[OffBook]:
        """Blind: nothing new is placed, and what rests is taken off."""
        self.stream_at, self.foreign_beats = None, 0
        if not self.blind:
            self.blind = True
            yield from self._cancel_everything()

    @handles
    def on_beaten(self, beaten: DeadManBeaten) -> None:
        """The venue knows that we live."""
        self.foreign_beats = 0

    @handles
    def on_missed(self, missed: DeadManMissed) -> Iterator[OffBook]:
        """Somebody else beating with our key means two engines on one wallet: nothing more is placed."""
        if not missed.foreign:
            return
        self.foreign_beats += 1
        if self.foreign_beats == FOREIGN_BEATS:
            yield from self._cancel_everything()

    # What others say.

    @handles
    def on_order_fact(self, fact: OrderFact) -> None:
        """An order's step, ours as we say it or the journal's."""
        if isinstance(fact, OrderIntended):
            self._hear(fact.command)
            self.tokens[fact.token] = (fact.market, fact.outcome)
        self.table.note(fact, self.real_now)

    @handles
    def on_fill_fact(self, fact: OrderFilled | FillConfirmed | FillReversed) -> None:
        """What is held grows only by this."""
        if isinstance(fact, OrderFilled):
            self.table.fill(fact)
            self.cursor = max(self.cursor, fact.matched_at, key=int)
        self.inventories.note(fact)

    @handles
    def on_ownership(self, fact: MarketTaken | MarketRetired | LiquidatorAssigned | ExitCompleted) -> None:
        """Who may trade which market."""
        self.ownership.note(fact)

    @handles
    def on_info(self, info: MarketInfo) -> None:
        """A market's constants."""
        self.infos[info.market] = info

    @handles
    def on_book(self, book: BookSnapshot) -> None:
        """What an order must not meet."""
        self.books[book.market] = book

    @handles
    def on_permit(self, permit: TradingPermit) -> Iterator[OffBook]:
        """Leave to trade, or not."""
        lowered = permit.level is not self.permit.level and permit.level is not Level.RUN
        self.permit = permit
        self.permit_heard_at = self.real_now
        if lowered and permit.level is Level.FREEZE:
            yield from self._cancel_everything()
        elif lowered:
            quotes = [o for o in self.table if not o.intended.owner.startswith("liquidator:")]
            yield from self._cancel(quotes)

    @handles
    def on_kill_switch(self, seen: KillSwitchSeen) -> Iterator[OffBook]:
        """The file speaks to the gateway itself, whatever became of the others."""
        self.killed = (seen.reason or "kill switch") if seen.present else ""
        if self.killed:
            yield from self._cancel_everything()

    @handles
    def on_roster(self, roster: Roster) -> Iterator[OffBook]:
        """A trader that was restarted knows nothing of its orders: they are taken off."""
        for presence in roster.present:
            before = self.incarnations.get(presence.role)
            self.incarnations[presence.role] = presence.incarnation
            if before is not None and before != presence.incarnation:
                self.unwanted.update(c for c, w in self.preparing.items() if w.place.owner == presence.role)
                yield from self._cancel([o for o in self.table if o.intended.owner == presence.role])

    # Time.

    @every(real_s=4)
    def beat(self) -> Iterator[BeatDeadMan]:
        """The venue cancels everything when this stops; so it stops when we are not fit to hold orders."""
        lapsed = self.real_now - self.permit.expires_at > PERMIT_PATIENCE_NS
        if self.settings.dry_run or not self.address or self.phase is Phase.STOPPED:
            return
        if self.phase is Phase.OPEN and (lapsed or self.journal_lag_ns > JOURNAL_PATIENCE_NS):
            return
        yield BeatDeadMan()

    @every(real_s=0.1)
    def watch(self) -> Iterator[OffBook | ReadAccount | OpenAccount | BookEmptied]:
        """Everything that time makes necessary."""
        if self.phase is Phase.OPENING:
            if self.real_now - self.opened_at >= RETRY_NS:
                self.opened_at = self.real_now
                yield OpenAccount()
        elif self.phase is Phase.STOPPING and self.real_now >= self.stop_by:
            yield from self._give_up()
        else:
            yield from self._repeat_cancels()
            yield from self._read_if_due()

    @every(real_s=1)
    def report(self) -> Iterator[AccountStatus]:
        """How it stands, for people."""
        yield AccountStatus(
            ready=self.phase is Phase.OPEN and not self._not_ready(),
            reason=self._not_ready(),
            collateral=self.collateral,
            resting=self.table.count(Status.RESTING),
            unknown=self.table.count(Status.UNKNOWN),
            exposures=tuple((market, held.net) for market, held in self.inventories.items() if held.net),
        )

    @stopping
    def stop(self) -> Iterator[OffBook]:
        """Take everything off, see that it is gone, then end."""
        self.stop_by = self.real_now + STOP_PATIENCE_NS
        self.empty_at = None
        if not self.address or self.settings.dry_run:
            # This process sent nothing. What an earlier one left open cannot be seen from here.
            self.phase, self.is_stopped = Phase.STOPPED, True
            self.exit_code = 3 if len(self.table) and not self.settings.dry_run else 0
            return
        self.phase = Phase.STOPPING
        yield from self._cancel_everything()

    # How it does these things.

    def _emptied(self, read: AccountRead) -> Iterator[BookEmptied | GatewayStarted | PositionMismatched]:
        """Two reads without an order, a second apart, prove the book empty."""
        if read.orders and not self.settings.dry_run:
            self.empty_at = None
            self.read_wanted = True
            return
        first = self.empty_at if self.empty_at is not None else read.begun_at
        self.empty_at = first
        if read.begun_at - first < EMPTY_APART_NS and not self.settings.dry_run:
            self.read_wanted = True
            return
        if self.phase is Phase.STOPPING:
            self.phase, self.is_stopped = Phase.STOPPED, True
            yield BookEmptied(when="stop")
            return
        if self.blind:
            self.read_wanted = True
            return
        yield from self._mismatches(read)
        self.phase, self.is_ready = Phase.OPEN, True
        yield BookEmptied(when="start")
        yield GatewayStarted(
            incarnation=self.incarnation,
            address=self.address,
            funder=self.funder,
            collateral=read.collateral,
        )

    def _mismatches(self, read: AccountRead) -> Iterator[PositionMismatched]:
        for token, balance in read.balances:
            market, outcome = self.tokens[token]
            believed = self.inventories[market].held(outcome)
            if abs(believed - balance) > truth.DUST:
                yield PositionMismatched(market=market, token=token, believed=believed, balance=balance)

    def _give_up(self) -> Iterator[BookEmptied]:
        self.phase, self.is_stopped = Phase.STOPPED, True
        self.exit_code = 3
        yield BookEmptied(when="stop", left=len(self.table))

    def _read_if_due(self) -> Iterator[ReadAccount]:
        now = self.real_now
        if self.reading_since is not None and now - self.reading_since < READ_PATIENCE_NS:
            return
        since = now - self.read_at
        unsettled = any(
            (o.off_at != NEVER and now - o.off_at >= FINALIZE_NS) or o.status is Status.UNKNOWN
            for o in self.table
        )
        emptying = self.phase is not Phase.OPEN
        due = since >= self.settings.read_s * SECOND or (since >= RETRY_NS and (unsettled or emptying))
        if due or (self.read_wanted and since >= FINALIZE_NS):
            self.read_wanted = False
            self.reading_since = now
            yield ReadAccount(since=self._known_since(), tokens=tuple(self.tokens) if emptying else ())

    def _known_since(self) -> MarketNs:
        return MarketNs(max(0, int(self.cursor) - OVERLAP_NS))

    def _repeat_cancels(self) -> Iterator[OffBook]:
        """Cancels are repeated until they are proven; without a permit everything is to come off."""
        if self.settings.dry_run:
            return
        lapsed = self.phase is Phase.OPEN and self.permit.expires_at <= self.real_now
        if (lapsed and len(self.table)) or self.phase in (Phase.EMPTYING, Phase.STOPPING):
            if self.real_now - self.all_off_at >= RETRY_NS:
                yield from self._cancel_everything()
            return
        late = [
            o
            for o in self.table
            if o.cancel_wanted
            and o.off_at == NEVER
            and o.status not in (Status.INTENDED, Status.SENT)
            and self.real_now - o.cancel_asked_at >= RETRY_NS
        ]
        if late:
            yield self._take_off(late)

    def _cancel(self, orders: Iterable[Order]) -> Iterator[OffBook]:
        resting: list[Order] = []
        for order in orders:
            if not order.is_open or order.cancel_wanted:
                continue
            order.cancel_wanted = True
            if order.status in (Status.INTENDED, Status.SENT):
                yield ForgetOrder(order=order.id)
            else:
                resting.append(order)
        if resting:
            yield self._take_off(resting)

    def _take_off(self, orders: list[Order]) -> TakeOrdersOff:
        for order in orders:
            order.cancel_wanted = True
            order.cancel_asked_at = self.real_now
            self.table.step(order, TakeOrdersOff)
        return TakeOrdersOff(orders=tuple(order.id for order in orders))

    def _cancel_everything(self) -> Iterator[OffBook]:
        self.all_off_at = self.real_now
        self.unwanted.update(self.preparing)
        for order in self.table:
            order.cancel_wanted = True
            order.cancel_asked_at = self.real_now
            if order.status in (Status.INTENDED, Status.SENT):
                yield ForgetOrder(order=order.id)
            else:
                self.table.step(order, TakeOrdersOff)
        if self.address and not self.settings.dry_run:
            yield TakeAllOff()

    def _apply(self, legs: Iterable[Leg]) -> Iterator[Facts]:
        for leg in legs:
            order = self.table.get(leg.order)
            if order is None:
                continue
            yield from self._apply_leg(leg, order)
            yield from self._ends(order)

    def _apply_leg(self, leg: Leg, order: Order) -> Iterator[Facts]:
        market = order.intended.market
        if leg.status is Settlement.FAILED:
            reversed_fill = FillReversed(
                trade=leg.trade, order=leg.order, market=market, reason="settlement failed"
            )
            if self.inventories.note(reversed_fill):
                yield reversed_fill
            return
        filled = self._filled(leg, order)
        if self.table.fill(filled):
            self.inventories.note(filled)
            self.cursor = max(self.cursor, leg.matched_at, key=int)
            sign = 1 if leg.action is Action.SELL else -1
            self.collateral = Money(self.collateral + sign * leg.price * leg.size // MICRO - leg.fee)
            yield filled
        confirmed = FillConfirmed(trade=leg.trade, order=leg.order, market=market)
        if leg.status is Settlement.CONFIRMED and self.inventories.note(confirmed):
            yield confirmed

    def _filled(self, leg: Leg, order: Order) -> OrderFilled:
        intended = order.intended
        yes = intended.outcome is Outcome.YES
        return OrderFilled(
            trade=leg.trade,
            order=leg.order,
            command=intended.command,
            market=intended.market,
            owner=intended.owner,
            side=intended.side,
            price=leg.price if yes else mirror(leg.price),
            size=leg.size,
            outcome=intended.outcome,
            action=intended.action,
            fee=leg.fee,
            matched_at=leg.matched_at,
            taker=leg.taker,
        )

    def _ends(self, order: Order) -> Iterator[truth.Closing]:
        end = truth.settled_end(order)
        if end is not None:
            yield self._say(end)

    def _say(self, fact: FactT) -> FactT:
        self.on_order_fact(fact)
        return fact

    def _lost(self, order: Order, reason: str) -> AnswerLost:
        intended = order.intended
        return self._say(
            AnswerLost(
                order=order.id,
                command=intended.command,
                market=intended.market,
                owner=intended.owner,
                reason=reason,
            )
        )

    def _rejected(self, order: Order, reason: str) -> OrderRejected:
        intended = order.intended
        return OrderRejected(
            order=order.id,
            command=intended.command,
            market=intended.market,
            owner=intended.owner,
            side=intended.side,
            reason=reason,
        )

    def _denied(self, place: PlaceOrder, rule: DenyRule, reason: str) -> OrderDenied:
        return OrderDenied(
            command=place.command,
            market=place.market,
            owner=place.owner,
            side=place.side,
            price=place.price,
            size=place.size,
            rule=rule,
            reason=reason,
        )

    def _hear(self, command: CommandId) -> None:
        self.heard[command] = None
        if len(self.heard) > MAX_COMMANDS:
            del self.heard[next(iter(self.heard))]

    def _not_ready(self) -> str:
        if self.phase is not Phase.OPEN:
            return self.phase.value
        if self.foreign_beats >= FOREIGN_BEATS:
            return "another engine beats with this key"
        return "the user stream is down" if self.blind else ""

    def _token_order(self, place: PlaceOrder) -> TokenOrder:
        held = self.inventories[place.market]
        info = self.infos.get(place.market)
        free = {}
        for outcome in (Outcome.YES, Outcome.NO):
            offered = 0
            if info is not None:
                token = info.yes if outcome is Outcome.YES else info.no
                offered = self.table.offered(token) + sum(
                    w.order.size
                    for w in self.preparing.values()
                    if w.token == token and w.order.action is Action.SELL
                )
            free[outcome] = Size(max(0, held.confirmed(outcome) - offered))
        return token_order(
            place.side, place.price, place.size, yes_free=free[Outcome.YES], no_free=free[Outcome.NO]
        )

    def _situation(self, place: PlaceOrder, chosen: TokenOrder) -> Situation:
        market = place.market
        held = self.inventories[market]
        low, high = self.table.worst(market, held.net)
        wanted = [w for w in self.preparing.values() if w.place.market == market]
        low = Shares(low - sum(w.order.size for w in wanted if w.place.side is Side.ASK))
        high = Shares(high + sum(w.order.size for w in wanted if w.place.side is Side.BID))
        unknown = any(o.status is Status.UNKNOWN for o in self.table.of(market))
        tied = self.table.tied() + sum(w.order.collateral for w in self.preparing.values())
        long = held.net > 0
        confirmed = held.confirmed(Outcome.YES if long else Outcome.NO)
        return Situation(
            now=self.real_now,
            ready=self._not_ready() or ("an order of this market is unresolved" if unknown else ""),
            killed=self.killed,
            permit=self.permit,
            known=place.command in self.heard,
            owner=self.ownership.owners.get(market),
            info=self.infos.get(market),
            book=self.books.get(market),
            net=held.net,
            worst=(low, high),
            confirmed_net=min(abs(held.net), confirmed),
            open_orders=len(self.table) + len(self.preparing),
            collateral=Money(self.collateral - tied),
            cost=chosen.collateral,
            crosses_own=self._crosses_own(place),
            journal_lag_ns=self.journal_lag_ns,
            unacknowledged=self.unacknowledged,
        )

    def _crosses_own(self, place: PlaceOrder) -> bool:
        others = [(o.intended.side, o.intended.price) for o in self.table.of(place.market) if o.is_open] + [
            (w.place.side, w.place.price) for w in self.preparing.values() if w.place.market == place.market
        ]
        return any(
            side is not place.side and (place.price - price) * place.side.sign >= 0 for side, price in others
        )
