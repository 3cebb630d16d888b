"""The account in our hands: taken over, watched over while it is ours, and given back empty.

What traders want goes through `trading.intake`, what the venue says of orders through `trading.resolution`; here is
what time makes necessary, and what beginning and end demand.
"""

from __future__ import annotations

from collections.abc import Iterator

from messages.account import (
    AccountBarred,
    AccountOpened,
    AccountRead,
    AccountReadFailed,
    AccountStatus,
    BeatDeadMan,
    BookEmptied,
    DeadManBeaten,
    DeadManMissed,
    GatewayStarted,
    OpenAccount,
    ReadAccount,
    UserStreamBeat,
    UserStreamLost,
    UserStreamOpened,
    VenueClockRead,
)
from messages.market import FrameDropped, MarketInfo
from messages.orders import AnswerLost, OrderIntended, OrderReadFailed, ReadOrder, VenueMode
from messages.risk import HaltCause, KillSwitchSeen, Level, TradingPermit, TradingResumed
from messages.system import Announce, Roster
from messages.values import MS, MarketNs, RealNs
from messages.wallet import MarketPaused, MarketResumed, PositionFound, ReadPositions
from trading import truth
from trading.account import Account
from trading.attendance import Attendance
from trading.budget import Budget
from trading.contact import Contact
from trading.horizon import read_since
from trading.intake import Intake, of_owner
from trading.orders import Status
from trading.reading import Reading
from trading.resolution import Heard, Resolution
from trading.risk.gate import is_liquidator
from trading.tenure import Phase, Tenure
from trading.ticks import on_grid
from trading.venue_clock import VenueClock
from trading.venue_modes import VenueModes
from trading.wallet import Wallet
from trading.withdrawal import UNSENT, OffBook, Withdrawal

PERMIT_PATIENCE_NS = 10_000 * MS
"""Real time without a permit after which the venue is not told any more that we live."""
JOURNAL_PATIENCE_NS = 5_000 * MS
"""The same for a journal that does not answer."""
STREAM_WAIT_NS = 500 * MS
"""Real time that the first cancel waits for the user stream, which says how much of each order was filled."""
RESTARTED = "the gateway was restarted"
"""`Order.why` of what an earlier one left."""
Upkeep = OffBook | ReadAccount | ReadOrder | ReadPositions | OpenAccount | BookEmptied
VenueWord = UserStreamOpened | UserStreamBeat | FrameDropped | DeadManBeaten
ReadFailed = AccountReadFailed | OrderReadFailed
Started = BookEmptied | GatewayStarted | PositionFound | MarketPaused


class Custody:
    """Volatile: the next gateway takes the account over from the beginning."""

    def __init__(
        self,
        account: Account,
        intake: Intake,
        wallet: Wallet,
        budget: Budget,
        read_s: float,
        dry_run: bool,
    ) -> None:
        self.exit_code = 0
        self.last_words = ""
        self.withdrawal = Withdrawal(account.table, intake, budget)
        self.modes = VenueModes()
        self.tenure = Tenure()
        self.contact = Contact()
        self.clock = VenueClock()
        self.reading = Reading(read_s)
        self.resolution = Resolution(account, self.withdrawal, self.reading, self.modes, budget)
        self._account = account
        self._table = account.table
        self._intake = intake
        self._wallet = wallet
        self._budget = budget
        self._dry_run = dry_run
        self._attendance = Attendance()
        self._empty_from = RealNs(0)

    # How it stands.

    @property
    def is_ours(self) -> bool:
        """It is open, and was found empty."""
        return self.tenure.phase is Phase.OPEN

    @property
    def is_over(self) -> bool:
        """Nothing is left to do."""
        return self.tenure.phase is Phase.STOPPED

    def not_ready(self, now: RealNs, *, is_exit: bool = False) -> str:
        """Why nothing new may be placed; empty when it may. Exits go on where quotes wait."""
        if not self.is_ours or self._dry_run:
            return self.tenure.phase.value
        listing = "the wallet's positions are being listed" if self._wallet.is_awaited(now) else ""
        unread = "" if is_exit else self.reading.trouble(now, busy=bool(len(self._table)))
        heard = self.contact.trouble(now, is_exit=is_exit) or self.clock.trouble()
        return heard or self.modes.trouble(now) or unread or listing

    def status(self, now: RealNs) -> AccountStatus:
        """All of it, for people."""
        age_ns = self.contact.beat_age_ns(now)
        reason = self.not_ready(now)
        return AccountStatus(
            ready=not reason,
            reason=reason,
            collateral=self._account.collateral,
            resting=self._table.count(Status.RESTING),
            unknown=self._table.count(Status.UNKNOWN),
            venue=self.modes.state,
            venue_reason=self.modes.why,
            places_left=self._budget.places.left(now),
            cancels_left=self._budget.cancels.left(now),
            clock_ahead_ms=self.clock.ahead_ms,
            beat_age_ms=-1 if age_ns is None else age_ns // MS,
            exposures=self._account.exposures(),
        )

    # Beginning and end.

    def take_over(self, now: RealNs) -> Iterator[AnswerLost | OpenAccount]:
        """What an earlier gateway intended and never heard of may be at the venue; none of it is wanted."""
        self._table.begin(now, RESTARTED)
        for order in self._table:
            if order.status in UNSENT:
                yield self._account.lost(order, RESTARTED, now)
        self.tenure.asked(now)
        yield OpenAccount()

    def intended_before(self, fact: OrderIntended, now: RealNs) -> Iterator[AnswerLost]:
        """An intent that is news after the recovery is an earlier gateway's, committed late."""
        order = self._table.get(fact.order)
        if order is not None:
            order.cancel_wanted, order.why = True, RESTARTED
            yield self._account.lost(order, RESTARTED, now)

    def opened(self, account: AccountOpened, now: RealNs) -> Iterator[BeatDeadMan | OffBook]:
        """Credentials are good: everything that rests is taken off before anything new, heard by the user stream."""
        if not self.tenure.opened(account.address, account.funder):
            return
        self.reading.want()
        if self._dry_run:
            return
        self.withdrawal.is_armed = True
        yield BeatDeadMan()
        if self.contact.is_open:
            yield from self.withdrawal.everything(now)
        else:
            self._empty_from = now + STREAM_WAIT_NS

    def read(self, read: AccountRead, now: RealNs) -> Iterator[Heard]:
        """What the venue lists, its trades first."""
        open_orders = {order.id for order in self._table}
        is_whole = not open_orders or (not read.unnamed and open_orders.isdisjoint(read.doubtful))
        self.reading.answered(read, is_whole=is_whole)
        yield from self.resolution.read(read, now)
        self.contact.read(read.begun_at)

    def emptied(self, read: AccountRead, now: RealNs, at: MarketNs, incarnation: int) -> Iterator[Started]:
        """Two reads without an order, a second apart, prove the book empty of all that has come to it."""
        if not self.tenure.moves:
            return
        if not self.tenure.proves(read) and not self._dry_run:
            self.reading.want()
        elif self.tenure.phase is Phase.EMPTYING:
            yield from self._start(read, at, incarnation)
        elif self.tenure.phase is Phase.STOPPING and self._is_all_off(now):
            self.tenure.phase = Phase.STOPPED
            yield BookEmptied(when="stop")

    def _start(self, read: AccountRead, at: MarketNs, incarnation: int) -> Iterator[Started]:
        self.tenure.phase = Phase.OPEN
        self._account.begin(at)
        yield BookEmptied(when="start", left=self.tenure.emptiness.listed)
        yield GatewayStarted(
            incarnation=incarnation,
            address=self.tenure.address,
            funder=self.tenure.funder,
            collateral=read.collateral,
        )
        yield from self._wallet.begun()

    def stop(self, now: RealNs) -> Iterator[OffBook]:
        """Take everything off, and see that it is gone."""
        touched = bool(self.tenure.address) and not self._dry_run
        if not self.tenure.stop(now, touched=touched):
            # This process sent nothing. What an earlier one left open cannot be seen from here.
            self.exit_code = 3 if len(self._table) and not self._dry_run else 0
            return
        self.reading.want()
        yield from self.withdrawal.everything(now)

    def _is_all_off(self, now: RealNs) -> bool:
        """Every order came to its end; fills of what is off may be heard at the next start."""
        is_late = self.tenure.is_nearly_over(now)
        return all(truth.is_owed(order, now) or (is_late and truth.is_off(order)) for order in self._table)

    def _give_up(self) -> Iterator[BookEmptied]:
        """What is open, or may still come to be, is not proven to be gone."""
        self.tenure.phase = Phase.STOPPED
        left = max(len(self._table), self.tenure.emptiness.listed)
        self.exit_code, self.last_words = 3, self.modes.farewell(left)
        if left:
            yield BookEmptied(when="stop", left=left)

    # What the venue says, beside its words on orders.

    def hear(self, word: VenueWord, now: RealNs) -> Iterator[OffBook]:
        """It is there. What its stream missed, or said unreadably, may have been a fill, and is read."""
        match word:
            case UserStreamBeat():
                self.contact.heard(word.at)
            case DeadManBeaten():
                self.contact.beaten(word.at)
            case UserStreamOpened():
                self.contact.opened(now)
                self.reading.want()
                if now < self._empty_from and self.tenure.phase is Phase.EMPTYING:
                    self._empty_from = now
                    yield from self.withdrawal.everything(now)
            case FrameDropped():
                self.reading.want()

    def clock_read(self, read: VenueClockRead, now: RealNs) -> Iterator[OffBook | Announce]:
        """Too far from ours: what is signed would be refused, and orders end at another time than they were given."""
        is_wrong_now = self.clock.read(read.ahead_ms)
        if (news := self.clock.news()) is not None:
            yield news
        if is_wrong_now:
            yield from self.withdrawal.everything(now)

    def stream_lost(self, lost: UserStreamLost, now: RealNs) -> Iterator[OffBook]:
        """Blind: no quotes until it is back and the account is read; exits go on, by reading each second."""
        self.reading.want()
        if self.contact.lost():
            yield from self.no_quotes(now)

    def missed(self, missed: DeadManMissed, now: RealNs) -> Iterator[OffBook | AccountBarred]:
        """Somebody else beating with our key means two engines on one wallet: nothing more is placed."""
        self.reading.want()
        if self.contact.missed(missed.foreign, missed.reason):
            yield from self.withdrawal.everything(now)
            yield AccountBarred(cause=HaltCause.SECOND_ENGINE, reason=missed.reason)

    def read_failed(self, failed: ReadFailed, now: RealNs) -> None:
        """Nothing is believed of it; the watch reads again."""
        if failed.mode is VenueMode.REFUSING:
            self.modes.says(failed.mode, failed.wait_ms, now, failed.reason)
        if isinstance(failed, AccountReadFailed):
            self.reading.failed(
                now, max(failed.wait_ms, self.modes.wait_ms(now) if self.modes.refusal else 0)
            )

    def barred(self) -> Iterator[AccountBarred]:
        """The venue wants nothing more of this account: said once."""
        if reason := self.modes.news():
            yield AccountBarred(cause=HaltCause.VENUE_REFUSES, reason=reason)

    def resumed(self, fact: TradingResumed) -> Iterator[OpenAccount]:
        """A person says that what barred this account is over: credentials that were refused are asked for anew."""
        if fact.cause is HaltCause.VENUE_REFUSES:
            if self.modes.refusal and self.tenure.phase is not Phase.STOPPED:
                yield OpenAccount()
            self.modes.resumed()
        elif fact.cause is HaltCause.SECOND_ENGINE:
            self.contact.resumed()

    # What others say.

    def permitted(self, permit: TradingPermit, now: RealNs) -> Iterator[OffBook]:
        """Leave to trade, or not; what a lower level does not allow comes off."""
        lowered = permit.level is not self._intake.permit.level and permit.level is not Level.RUN
        self._intake.permit = permit
        if lowered and permit.level is Level.FREEZE:
            yield from self.withdrawal.everything(now)
        elif lowered:
            yield from self.no_quotes(now)

    def killed(self, seen: KillSwitchSeen, now: RealNs) -> Iterator[OffBook]:
        """The file is there, or is not."""
        self._intake.killed = (seen.reason or "kill switch") if seen.present else ""
        if seen.present:
            yield from self.withdrawal.everything(now)

    def attended(self, roster: Roster, now: RealNs) -> Iterator[OffBook]:
        """Orders of traders that mind them no more come off."""
        for role in self._attendance.gone(roster):
            self._intake.take_back(of_owner(role))
            theirs = [order for order in self._table if order.intended.owner == role]
            yield from self.withdrawal.some(theirs, now)

    def disowned(self, now: RealNs) -> Iterator[OffBook]:
        """Orders in markets that are not their owners' any more come off: two may have claimed one at once."""
        owners = self._intake.ownership.owners
        theirs = [o for o in self._table if owners.get(o.intended.market) != o.intended.owner]
        yield from self.withdrawal.some(theirs, now)

    def paused(self, fact: MarketPaused | MarketResumed, now: RealNs) -> Iterator[OffBook]:
        """A market is dirty: everything there comes off; or it is not any more."""
        self._intake.pauses.note(fact)
        if isinstance(fact, MarketPaused):
            self._intake.take_back(lambda place: place.market == fact.market)
            yield from self.withdrawal.some(self._table.of(fact.market), now)
        self._wallet.paused(fact)

    # What time makes necessary.

    def no_quotes(self, now: RealNs) -> Iterator[OffBook]:
        """Exits stay, everything else comes off."""
        self._intake.take_back(lambda place: not is_liquidator(place.owner))
        quotes = [order for order in self._table if not is_liquidator(order.intended.owner)]
        yield from self.withdrawal.some(quotes, now)

    def regridded(self, info: MarketInfo, now: RealNs) -> Iterator[OffBook]:
        """Another price grid: what is not on it comes off, and what is on its way there is not sent."""
        tick = info.tick
        self._intake.take_back(lambda place: place.market == info.market and not on_grid(place.price, tick))
        orders = self._table.of(info.market)
        yield from self.withdrawal.some([o for o in orders if not on_grid(o.intended.price, tick)], now)

    def beat(self, now: RealNs, journal_lag_ns: int) -> Iterator[BeatDeadMan]:
        """The venue cancels everything when this stops; so it stops when we are not fit to hold orders.

        While the book is being emptied it goes on: the venue's own cancel is the last means, not the first. When for
        long no cancel came through, it is the one that is left.
        """
        lapsed = now - self._intake.permit.expires_at > PERMIT_PATIENCE_NS
        is_fit = not lapsed and journal_lag_ns <= JOURNAL_PATIENCE_NS and self.is_ours
        if not self.tenure.address or self._dry_run or not self.modes.hears_beats:
            return
        wants_off = self.tenure.moves or any(order.cancel_wanted for order in self._table)
        is_stuck = wants_off and self.withdrawal.is_stuck(now)
        if (is_fit or self.tenure.moves) and not is_stuck:
            yield BeatDeadMan()

    def watch(self, now: RealNs, market_now: MarketNs) -> Iterator[Upkeep]:
        """Open it, give it up, or mind what is at the venue."""
        if self.tenure.must_ask(now):
            self.tenure.asked(now)
            yield OpenAccount()
        elif self.tenure.must_give_up(now):
            yield from self._give_up()
        elif self.tenure.phase not in (Phase.OPENING, Phase.STOPPED):
            self.modes.look(now)
            self._intake.lifetime.look(now, market_now)
            yield from self._repeat_cancels(now, market_now)
            yield from self.resolution.looks(now)
            yield from self._wallet.asks(now, self.tenure.funder)
            yield from self._read_if_due(now, market_now)

    def _repeat_cancels(self, now: RealNs, market_now: MarketNs) -> Iterator[OffBook]:
        """Cancels are repeated until they are proven; without a permit everything is to come off."""
        lapsed = self._intake.permit.expires_at <= now or self.clock.is_wrong
        if not self.is_ours or (lapsed and len(self._table)):
            if now >= self._empty_from:
                yield from self.withdrawal.everything_again(now)
            return
        yield from self.withdrawal.again(now)
        yield from self.withdrawal.some(
            self._intake.lifetime.fading(self._table, market_now), now, is_wish=True
        )
        if (probe := self.modes.probe(now)) is not None:
            yield from self.withdrawal.strangers((probe,), now)

    def _read_if_due(self, now: RealNs, market_now: MarketNs) -> Iterator[ReadAccount]:
        waiting = not self.is_ours or self._account.is_undecided(now) or bool(self.contact.blindness(now))
        waiting = waiting or self._wallet.is_due(now)
        if self.reading.is_due(now, waiting=waiting, busy=bool(len(self._table))):
            self.reading.asked(now, market_now)
            is_far = self.reading.goes_far(market_now)
            yield ReadAccount(
                since=read_since(self._account, self.reading.known_at, market_now, is_far=is_far),
                tokens=self._wallet.ask(now),
                refresh=self._wallet.is_suspicious,
            )
