"""The only way to the venue: it alone decides that an order leaves, and says what became of it."""

from __future__ import annotations

from collections.abc import Iterator

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
    LegsSeen,
    OpenAccount,
    OrderSeen,
    PositionMismatched,
    ReadAccount,
    UserStreamBeat,
    UserStreamLost,
    UserStreamOpened,
)
from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired, MarketTaken
from messages.market import BookSnapshot, FrameDropped, MarketInfo
from messages.orders import (
    AnswerLost,
    CancelAll,
    CancelAnswered,
    CancelFailed,
    CancelMarket,
    CancelOrder,
    ForgetOrder,
    OrderAnswered,
    OrderDenied,
    OrderIntended,
    OrderPrepared,
    OrderRejected,
    PlaceOrder,
    PrepareFailed,
    PrepareOrder,
    SendOrder,
    TakeOrdersOff,
)
from messages.risk import KillSwitchSeen, Level, TradingPermit
from messages.system import AlertKind, Announce, Roster, Severity
from messages.values import SECOND
from runtime.actor import Actor, every, handles, recovered, stopping
from trading import truth
from trading.account import Account, FillFact, News
from trading.attendance import Attendance
from trading.contact import Contact
from trading.intake import Health, Intake, of_owner
from trading.orders import OrderFact, Status
from trading.ownership import Ownership
from trading.reading import Doubts, Reading
from trading.risk.gate import GateLimits, is_liquidator
from trading.tenure import Phase, Tenure
from trading.venue_pause import VenuePause
from trading.withdrawal import UNSENT, OffBook, Withdrawal

PERMIT_PATIENCE_NS = 10 * SECOND
JOURNAL_PATIENCE_NS = 5 * SECOND
RESTARTED = "the gateway was restarted"


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the gateway works. Spans in real seconds."""

    limits: GateLimits = GateLimits()
    dry_run: bool = False
    """Decide and say, send nothing."""
    read_s: float = 30.0
    """The account is read this often when nothing else asks for it."""

    def __post_init__(self) -> None:
        if not 1 <= self.read_s <= 3_600:
            raise ValueError("read_s must be 1 to 3600")


class GatewayActor(Actor):
    """Owns the account's open orders: gates what is wanted, intends, sends, and keeps the truth about it."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self.account = Account()
        self.table = self.account.table
        self.ownership = Ownership()
        # Volatile from here on.
        self.intake = Intake(self.account, self.ownership, settings.limits)
        self.tenure = Tenure()
        self.is_ready = False
        self.is_stopped = False
        self.is_finished = False
        self.is_live = False
        self.withdrawal = Withdrawal(self.table, self.intake)
        self.contact = Contact()
        self.pause = VenuePause()
        self.reading = Reading(settings.read_s)
        self.attendance = Attendance()
        self.doubts = Doubts()

    # The account is taken over.

    @recovered
    def take_over(self) -> Iterator[AnswerLost | OpenAccount]:
        """What an earlier gateway intended and never heard of may be at the venue; none of it is wanted."""
        self.is_live = True
        self.table.begin(self.real_now, RESTARTED)
        for order in self.table:
            if order.status in UNSENT:
                yield self.account.lost(order, RESTARTED, self.real_now)
        self.tenure.asked(self.real_now)
        yield OpenAccount()

    @handles
    def on_opened(self, account: AccountOpened) -> Iterator[BeatDeadMan | OffBook]:
        """Credentials are good: everything that rests is taken off before anything new."""
        if not self.tenure.opened(account.address, account.funder):
            return
        self.reading.want()
        if self.settings.dry_run:
            return
        self.withdrawal.is_armed = True
        yield BeatDeadMan()
        yield from self.withdrawal.everything(self.real_now)

    @handles
    def on_refused(self, refused: AccountRefused) -> None:
        """Final: the process ends with the code for credentials, and is not started again."""
        if self.tenure.phase is not Phase.OPENING:
            return  # said of a try that was not needed any more
        self.tenure.refused(self.real_now)
        if refused.final:
            self.exit_code, self.last_words = 77, f"the account was refused: {refused.reason}"
            self.is_finished = True

    # What traders want.

    @handles
    def on_place(self, place: PlaceOrder) -> Iterator[OrderDenied | PrepareOrder]:
        """Judge it by every rule; what passes is signed."""
        health = Health(self.real_now, self._not_ready(), self.journal_lag_ns, self.unacknowledged)
        follows = self.intake.take(place, health, self.settings.dry_run)
        if follows is not None:
            yield follows

    @handles
    def on_prepared(
        self, prepared: OrderPrepared
    ) -> Iterator[ForgetOrder | OrderDenied | OrderIntended | SendOrder]:
        """It has its name: intend it, and send it when that is durable."""
        follows = self.intake.prepared(prepared, self.now)
        if not isinstance(follows, OrderIntended):
            yield ForgetOrder(order=prepared.order)
            if follows is not None:
                yield follows
            return
        yield self.account.say(follows, self.real_now)
        order = self.table.get(prepared.order)
        assert order is not None
        self.table.step(order, SendOrder)
        yield SendOrder(order=prepared.order, send_before=follows.send_before)

    @handles
    def on_prepare_failed(self, failed: PrepareFailed) -> Iterator[OrderDenied]:
        """It could not be signed."""
        no = self.intake.failed(failed.command, failed.reason)
        if no is not None:
            yield no

    @handles
    def on_answered(
        self, answered: OrderAnswered
    ) -> Iterator[News | OrderRejected | AnswerLost | TakeOrdersOff]:
        """The venue's answer to one order, which may be one to all."""
        self.pause.hear(answered, self.real_now)
        order = self.table.get(answered.order)
        if order is None or order.status not in (*UNSENT, Status.UNKNOWN):
            return
        is_new = order.status is not Status.UNKNOWN
        yield from self.account.answered(order, answered, self.real_now)
        if order.status is Status.UNKNOWN and is_new:
            self.reading.want()
            yield from self.withdrawal.off([order], self.real_now)
        elif order.status is Status.RESTING:
            if order.cancel_wanted:
                yield from self.withdrawal.off([order], self.real_now)
            yield from self.account.ends(order, self.real_now)

    @handles
    def on_cancel(self, cancel: CancelOrder) -> Iterator[OffBook]:
        """Take one order back, wherever it is on its way."""
        self.intake.take_back(lambda place: place.command == cancel.command)
        self.intake.hear(cancel.command)  # a place that comes after its cancel is a duplicate
        order = self.table.by_command(cancel.command)
        if order is not None:
            yield from self.withdrawal.some([order], self.real_now)

    @handles
    def on_cancel_market(self, cancel: CancelMarket) -> Iterator[OffBook]:
        """Take back all that this owner has in this market."""
        self.intake.take_back(lambda place: (place.market, place.owner) == (cancel.market, cancel.owner))
        yield from self.withdrawal.some(self.table.of(cancel.market, cancel.owner), self.real_now)

    @handles
    def on_cancel_all(self, cancel: CancelAll) -> Iterator[OffBook]:
        """Take everything back, by the venue's own all-at-once way."""
        yield from self.withdrawal.everything(self.real_now)

    # What the venue says.

    @handles
    def on_cancel_answered(self, answered: CancelAnswered) -> None:
        """Off the book by the venue's word; closed only when every fill before that is known (rule R1)."""
        for identity in answered.canceled:
            order = self.table.get(identity)
            if order is not None and order.is_open:
                order.off_at = self.real_now
        if answered.not_canceled or answered.everything:
            self.reading.want()

    @handles
    def on_cancel_failed(self, failed: CancelFailed) -> None:
        """The watch repeats it, not sooner than the venue wants it."""
        self.withdrawal.refused(failed.wait_ms, self.real_now)
        self.reading.want()

    @handles
    def on_order_seen(self, seen: OrderSeen) -> Iterator[News | TakeOrdersOff]:
        """The user stream spoke of an order."""
        order = self.table.get(seen.order)
        if order is None:
            return
        was_unknown = order.status is Status.UNKNOWN
        yield from self.account.seen(order, seen, self.real_now)
        if was_unknown and order.status is Status.RESTING:
            yield from self.withdrawal.off([order], self.real_now)

    @handles
    def on_legs(self, seen: LegsSeen) -> Iterator[News]:
        """The user stream spoke of a trade."""
        yield from self.account.apply(seen.legs, self.real_now)

    @handles
    def on_read(
        self, read: AccountRead
    ) -> Iterator[News | TakeOrdersOff | BookEmptied | GatewayStarted | PositionMismatched | Announce]:
        """What the venue lists, its trades first: every belief is held against it."""
        self.reading.answered(read)
        if text := self.doubts.news(read):
            yield Announce(severity=Severity.WARNING, text=text, about=AlertKind.POSITION)
        yield from self.account.judge(read, self.real_now)
        off = tuple(dict.fromkeys(truth.foreign(read, self.table) + truth.still_there(read, self.table)))
        if off and self.withdrawal.is_armed:
            yield TakeOrdersOff(orders=off)
        self.contact.read(read.begun_at)
        if self.tenure.moves:
            yield from self._emptied(read)

    @handles
    def on_read_failed(self, failed: AccountReadFailed) -> None:
        """Nothing is believed of it; the watch reads again."""
        self.reading.failed(self.real_now, failed.wait_ms)

    @handles
    def on_stream_opened(self, opened: UserStreamOpened) -> None:
        """Nothing is replayed on it: what it missed is read."""
        self.contact.opened(self.real_now)
        self.reading.want()

    @handles
    def on_stream_beat(self, beat: UserStreamBeat) -> None:
        """The stream answers, however quiet it is."""
        self.contact.heard(beat.at)

    @handles
    def on_frame_dropped(self, dropped: FrameDropped) -> None:
        """What could not be read may have been a fill: the account is read instead."""
        self.reading.want()

    @handles
    def on_stream_lost(self, lost: UserStreamLost) -> Iterator[OffBook]:
        """Blind: nothing new is placed, and what rests is taken off."""
        if self.contact.lost():
            yield from self.withdrawal.everything(self.real_now)

    @handles
    def on_beaten(self, beaten: DeadManBeaten) -> None:
        """The venue knows that we live."""
        self.contact.beaten(beaten.at)

    @handles
    def on_missed(self, missed: DeadManMissed) -> Iterator[OffBook]:
        """Somebody else beating with our key means two engines on one wallet: nothing more is placed."""
        self.reading.want()
        if self.contact.missed(missed.foreign):
            yield from self.withdrawal.everything(self.real_now)

    # What others say.

    @handles
    def on_order_fact(self, fact: OrderFact) -> Iterator[AnswerLost]:
        """An order's step, told back by the journal, or told again in a recovery.

        An intent that is news here after the recovery is an earlier gateway's, committed late.
        """
        is_news = self.account.note(fact, self.real_now)
        order = self.table.get(fact.order)
        if self.is_live and is_news and isinstance(fact, OrderIntended) and order is not None:
            order.cancel_wanted, order.why = True, RESTARTED
            yield self.account.lost(order, RESTARTED, self.real_now)

    @handles
    def on_fill_fact(self, fact: FillFact) -> None:
        """What is held grows only by this."""
        self.account.note_fill(fact)

    @handles
    def on_ownership(self, fact: MarketTaken | MarketRetired | LiquidatorAssigned | ExitCompleted) -> None:
        """Who may trade which market."""
        self.ownership.note(fact)

    @handles
    def on_info(self, info: MarketInfo) -> None:
        """A market's constants."""
        self.intake.infos[info.market] = info
        self.account.note_fee_rate(info.market, info.fee_rate)

    @handles
    def on_book(self, book: BookSnapshot) -> None:
        """What an order must not meet."""
        self.intake.books[book.market] = book

    @handles
    def on_permit(self, permit: TradingPermit) -> Iterator[OffBook]:
        """Leave to trade, or not."""
        lowered = permit.level is not self.intake.permit.level and permit.level is not Level.RUN
        self.intake.permit = permit
        if lowered and permit.level is Level.FREEZE:
            yield from self.withdrawal.everything(self.real_now)
        elif lowered:
            self.intake.take_back(lambda place: not is_liquidator(place.owner))
            quotes = [o for o in self.table if not is_liquidator(o.intended.owner)]
            yield from self.withdrawal.some(quotes, self.real_now)

    @handles
    def on_kill_switch(self, seen: KillSwitchSeen) -> Iterator[OffBook]:
        """The file speaks to the gateway itself, whatever became of the others."""
        self.intake.killed = (seen.reason or "kill switch") if seen.present else ""
        if seen.present:
            yield from self.withdrawal.everything(self.real_now)

    @handles
    def on_roster(self, roster: Roster) -> Iterator[OffBook]:
        """A trader that was restarted knows nothing of its orders, one that is gone minds them no more."""
        for role in self.attendance.gone(roster):
            self.intake.take_back(of_owner(role))
            yield from self.withdrawal.some(
                [o for o in self.table if o.intended.owner == role], self.real_now
            )

    # Time.

    @every(real_s=4)
    def beat(self) -> Iterator[BeatDeadMan]:
        """The venue cancels everything when this stops; so it stops when we are not fit to hold orders."""
        lapsed = self.real_now - self.intake.permit.expires_at > PERMIT_PATIENCE_NS
        if self.settings.dry_run or not self.tenure.address or self.tenure.phase is Phase.STOPPED:
            return
        if self.tenure.phase is Phase.OPEN and (lapsed or self.journal_lag_ns > JOURNAL_PATIENCE_NS):
            return
        yield BeatDeadMan()

    @every(real_s=0.1)
    def watch(self) -> Iterator[OffBook | ReadAccount | OpenAccount | BookEmptied]:
        """Everything that time makes necessary."""
        if self.tenure.must_ask(self.real_now):
            self.tenure.asked(self.real_now)
            yield OpenAccount()
        elif self.tenure.must_give_up(self.real_now):
            yield from self._give_up()
        elif self.tenure.phase not in (Phase.OPENING, Phase.STOPPED):
            yield from self._repeat_cancels()
            yield from self._read_if_due()

    @every(real_s=1)
    def report(self) -> Iterator[AccountStatus]:
        """How it stands, for people."""
        yield AccountStatus(
            ready=not self._not_ready(),
            reason=self._not_ready(),
            collateral=self.account.collateral,
            resting=self.table.count(Status.RESTING),
            unknown=self.table.count(Status.UNKNOWN),
            exposures=self.account.exposures(),
        )

    @stopping
    def stop(self) -> Iterator[OffBook]:
        """Take everything off, see that it is gone, then end."""
        touched = bool(self.tenure.address) and not self.settings.dry_run
        if not self.tenure.stop(self.real_now, touched=touched):
            # This process sent nothing. What an earlier one left open cannot be seen from here.
            self.is_stopped = True
            self.exit_code = 3 if len(self.table) and not self.settings.dry_run else 0
            return
        self.reading.want()
        yield from self.withdrawal.everything(self.real_now)

    # How it does these things.

    def _emptied(self, read: AccountRead) -> Iterator[BookEmptied | GatewayStarted | PositionMismatched]:
        """Two reads without an order, a second apart, prove the book empty of all that has come to it."""
        if not self.tenure.proves(read) and not self.settings.dry_run:
            self.reading.want()
        elif self.tenure.phase is Phase.EMPTYING and not self.contact.is_blind:
            yield from self._start(read)
        elif self.tenure.phase is Phase.STOPPING and not len(self.table):
            self.tenure.phase, self.is_stopped = Phase.STOPPED, True
            yield BookEmptied(when="stop")

    def _start(self, read: AccountRead) -> Iterator[BookEmptied | GatewayStarted | PositionMismatched]:
        yield from self.account.mismatches(read)
        self.tenure.phase, self.is_ready = Phase.OPEN, True
        yield BookEmptied(when="start", left=self.tenure.emptiness.listed)
        yield GatewayStarted(
            incarnation=self.incarnation,
            address=self.tenure.address,
            funder=self.tenure.funder,
            collateral=read.collateral,
        )

    def _give_up(self) -> Iterator[BookEmptied]:
        """What is open, or may still come to be, is not proven to be gone."""
        self.tenure.phase, self.is_stopped = Phase.STOPPED, True
        self.exit_code = 3
        left = max(len(self.table), self.tenure.emptiness.listed)
        if left:
            yield BookEmptied(when="stop", left=left)

    def _read_if_due(self) -> Iterator[ReadAccount]:
        now = self.real_now
        waiting = self.tenure.phase is not Phase.OPEN or self.account.is_undecided(now)
        if self.reading.is_due(now, waiting=waiting, busy=bool(len(self.table))):
            self.reading.asked(now, self.now)
            tokens = self.account.checked_tokens() if self.tenure.phase is Phase.EMPTYING else ()
            yield ReadAccount(since=self.account.read_since(self.reading.known_at), tokens=tokens)

    def _repeat_cancels(self) -> Iterator[OffBook]:
        """Cancels are repeated until they are proven; without a permit everything is to come off."""
        lapsed = self.intake.permit.expires_at <= self.real_now
        if self.tenure.phase is not Phase.OPEN or (lapsed and len(self.table)):
            yield from self.withdrawal.everything_again(self.real_now)
        else:
            yield from self.withdrawal.again(self.real_now)

    def _not_ready(self) -> str:
        if self.tenure.phase is not Phase.OPEN or self.settings.dry_run:
            return self.tenure.phase.value
        return self.contact.trouble(self.real_now) or self.pause.trouble(self.real_now)
