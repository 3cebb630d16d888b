"""The only way to the venue: it alone decides that an order leaves, and says what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from messages.account import (
    AccountBarred,
    AccountOpened,
    AccountRead,
    AccountRefused,
    AccountStatus,
    BeatDeadMan,
    BookEmptied,
    DeadManMissed,
    GatewayStarted,
    LegsSeen,
    OpenAccount,
    OrderSeen,
    UserStreamLost,
    VenueClockRead,
)
from messages.base import Message
from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired, MarketTaken
from messages.market import BookSnapshot, MarketInfo
from messages.orders import (
    AnswerLost,
    CancelAll,
    CancelAnswered,
    CancelFailed,
    CancelMarket,
    CancelOrder,
    FillMined,
    ForgetOrder,
    OrderAnswered,
    OrderDenied,
    OrderFilled,
    OrderIntended,
    OrderPrepared,
    OrderRead,
    PlaceOrder,
    PrepareFailed,
    PrepareOrder,
    SendOrder,
    TakeOrdersOff,
)
from messages.risk import KillSwitchSeen, TradingPermit, TradingResumed
from messages.system import AlertKind, Announce, Roster, Severity
from messages.wallet import (
    AcceptPosition,
    MarketPaused,
    MarketResumed,
    PositionFound,
    PositionsRead,
    PositionsReadFailed,
)
from runtime.actor import Actor, every, handles, recovered, stopping
from trading.account import Account, FillFact, News
from trading.budget import Budget
from trading.custody import Custody, ReadFailed, Upkeep, VenueWord
from trading.gateway_settings import GatewaySettings
from trading.intake import Health, Intake
from trading.orders import OrderFact
from trading.ownership import Ownership
from trading.reading import Doubts
from trading.resolution import Heard
from trading.risk.gate import is_liquidator
from trading.tenure import Phase
from trading.wallet import Held, Wallet
from trading.withdrawal import OffBook

Told = TypeVar("Told", bound=Message)


class GatewayActor(Actor):
    """Owns the account's open orders: gates what is wanted, intends, sends, and keeps the truth about it."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self.account = Account()
        self.table = self.account.table
        self.ownership = Ownership()
        self.funder = ""
        """Whose money the journal is about, from the first gateway on."""
        # Volatile from here on.
        budget = Budget(settings.tier)
        self.intake = Intake(self.account, self.ownership, settings.limits, budget, settings.order_life_s)
        self.wallet = Wallet(self.account, self.ownership, self.intake.pauses)
        self.custody = Custody(
            self.account, self.intake, self.wallet, budget, settings.read_s, settings.dry_run
        )
        self.withdrawal = self.custody.withdrawal
        self.resolution = self.custody.resolution
        self.doubts = Doubts()
        self.is_ready = self.is_stopped = self.is_finished = self.is_live = False

    # Beginning and end.

    @recovered
    def take_over(self) -> Iterator[AnswerLost | OpenAccount]:
        """What an earlier gateway intended and never heard of may be at the venue; none of it is wanted."""
        self.is_live = True
        yield from self.custody.take_over(self.real_now)

    @handles
    def on_opened(self, account: AccountOpened) -> Iterator[BeatDeadMan | OffBook]:
        """Credentials are good: everything that rests is taken off before anything new."""
        if self.funder not in ("", account.funder):
            self._refuse(f"this journal is about the money of {self.funder}, not of {account.funder}")
            return
        yield from self.custody.opened(account, self.real_now)

    @handles
    def on_refused(self, refused: AccountRefused) -> None:
        """Final: the process ends with the code for credentials, or for what is in use, and stays down."""
        if self.custody.tenure.phase is not Phase.OPENING:
            return  # said of a try that was not needed any more
        self.custody.tenure.refused(self.real_now)
        if refused.final:
            why = refused.reason if refused.in_use else f"the account was refused: {refused.reason}"
            self._refuse(why, 75 if refused.in_use else 77)

    def _refuse(self, why: str, code: int = 77) -> None:
        """The end, before the account was touched."""
        self.exit_code, self.last_words, self.is_finished = code, why, True

    @stopping
    def stop(self) -> Iterator[OffBook]:
        """Take everything off, see that it is gone, then end."""
        yield from self.custody.stop(self.real_now)
        self._follow()

    # What traders want.

    @handles
    def on_place(self, place: PlaceOrder) -> Iterator[OrderDenied | PrepareOrder]:
        """Judge it by every rule; what passes is signed."""
        not_ready = self.custody.not_ready(self.real_now, is_exit=is_liquidator(place.owner))
        health = Health(self.real_now, not_ready, self.journal_lag_ns, self.unacknowledged, self.now)
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
    def on_cancel(self, cancel: CancelOrder) -> Iterator[OffBook]:
        """Take one order back, wherever it is on its way."""
        self.intake.take_back(lambda place: place.command == cancel.command)
        self.intake.hear(cancel.command)  # a place that comes after its cancel is a duplicate
        order = self.table.by_command(cancel.command)
        if order is not None:
            is_wish = not is_liquidator(order.intended.owner)
            yield from self.withdrawal.some([order], self.real_now, is_wish=is_wish)

    @handles
    def on_cancel_market(self, cancel: CancelMarket) -> Iterator[OffBook]:
        """Take back all that this owner has in this market."""
        self.intake.take_back(lambda place: (place.market, place.owner) == (cancel.market, cancel.owner))
        yield from self.withdrawal.some(self.table.of(cancel.market, cancel.owner), self.real_now)

    @handles
    def on_cancel_all(self, cancel: CancelAll) -> Iterator[OffBook]:
        """Take everything back, by the venue's own all-at-once way."""
        yield from self.withdrawal.everything(self.real_now)

    # What the venue says of orders.

    @handles
    def on_answered(self, answered: OrderAnswered) -> Iterator[Heard | AccountBarred]:
        """The venue's answer to one order, which may be one to all."""
        yield from self.resolution.answered(answered, self.real_now)
        yield from self.custody.barred()

    @handles
    def on_cancel_answered(self, answered: CancelAnswered) -> None:
        """Off the book by the venue's word; closed only when every fill before that is known."""
        self.resolution.canceled(answered, self.real_now)

    @handles
    def on_cancel_failed(self, failed: CancelFailed) -> Iterator[AccountBarred]:
        """The watch repeats it, not sooner than the venue wants it."""
        self.resolution.cancel_failed(failed, self.real_now)
        yield from self.custody.barred()

    @handles
    def on_looked_up(self, read: OrderRead) -> Iterator[Heard]:
        """What the venue has of one order."""
        yield from self.resolution.looked_up(read, self.real_now)

    @handles
    def on_order_seen(self, seen: OrderSeen) -> Iterator[Heard]:
        """The user stream spoke of an order."""
        yield from self.resolution.seen(seen, self.real_now)

    @handles
    def on_legs(self, seen: LegsSeen) -> Iterator[News | TakeOrdersOff | MarketPaused]:
        """The user stream spoke of a trade."""
        yield from self._heard(self.account.apply(seen.legs, self.real_now))

    # What it says of the account.

    @handles
    def on_read(self, read: AccountRead) -> Iterator[Heard | BookEmptied | GatewayStarted | Held | Announce]:
        """What the venue lists, its trades first: every belief is held against it."""
        if text := self.doubts.news(read):
            yield Announce(severity=Severity.WARNING, text=text, about=AlertKind.POSITION)
        if text := self.wallet.strangers(read):
            yield Announce(severity=Severity.WARNING, text=text, about=AlertKind.RISK)
        yield from self._heard(self.custody.read(read, self.real_now))
        yield from self.wallet.looked(read, self.real_now, self.now, self.incarnation)
        yield from self.custody.emptied(read, self.real_now, self.now, self.incarnation)
        self._follow()

    @handles
    def on_read_failed(self, failed: ReadFailed) -> Iterator[AccountBarred]:
        """Nothing is believed of it; the watch reads again."""
        self.custody.read_failed(failed, self.real_now)
        yield from self.custody.barred()

    @handles
    def on_word(self, word: VenueWord) -> Iterator[OffBook]:
        """The venue is there, and hears us."""
        yield from self.custody.hear(word, self.real_now)

    @handles
    def on_clock(self, read: VenueClockRead) -> Iterator[OffBook | Announce]:
        """What time it is there: what is signed and what expires goes by it."""
        yield from self.custody.clock_read(read, self.real_now)

    @handles
    def on_stream_lost(self, lost: UserStreamLost) -> Iterator[OffBook]:
        """Blind: no quotes until it is back and the account is read."""
        yield from self.custody.stream_lost(lost, self.real_now)

    @handles
    def on_missed(self, missed: DeadManMissed) -> Iterator[OffBook | AccountBarred]:
        """The venue did not hear our beat, or heard somebody else's."""
        yield from self.custody.missed(missed, self.real_now)

    # What the wallet holds.

    @handles
    def on_positions(self, read: PositionsRead) -> Iterator[PositionFound]:
        """The public list of what the wallet holds: at the start it is taken for true."""
        yield from self.wallet.listed(read)

    @handles
    def on_positions_failed(self, failed: PositionsReadFailed) -> Iterator[Announce]:
        """Nothing is believed of it; orders do not wait for it for long."""
        self.wallet.list_failed()
        text = f"the wallet's positions cannot be listed: {failed.reason}"
        yield Announce(severity=Severity.WARNING, text=text, about=AlertKind.POSITION)

    @handles
    def on_accept(self, asked: AcceptPosition) -> None:
        """A person takes what the venue says of a market for true."""
        self.wallet.accept(asked)

    def _heard(self, said: Iterator[Told]) -> Iterator[Told | TakeOrdersOff | MarketPaused]:
        """What was heard, and what follows where it is a trade of somebody else, or of an order held for refused."""
        for fact in said:
            yield fact
            if isinstance(fact, OrderFilled):
                yield from self.wallet.filled(fact, is_ours=self.custody.is_ours)
                yield from self.resolution.filled(fact, self.real_now)

    # What others say.

    @handles
    def on_order_fact(self, fact: OrderFact) -> Iterator[AnswerLost]:
        """An order's step, told back by the journal, or told again in a recovery."""
        is_news = self.account.note(fact, self.real_now)
        if self.is_live and is_news and isinstance(fact, OrderIntended):
            yield from self.custody.intended_before(fact, self.real_now)

    @handles
    def on_fill_fact(self, fact: FillFact) -> Iterator[MarketPaused]:
        """What is held grows only by this."""
        self.account.note_fill(fact)
        self.wallet.note_fill(fact, self.real_now)
        if self.is_live:
            yield from self.wallet.failing(fact)

    @handles
    def on_mined_fact(self, fact: FillMined) -> None:
        """What is written down once is not said again."""
        self.account.note_mined(fact)

    @handles
    def on_started(self, started: GatewayStarted) -> None:
        """What was settled before the first one is in the wallet, not in our fills; whose it is stays so for ever."""
        self.funder = self.funder or started.funder
        self.account.begin(self.now)
        self.wallet.started()

    @handles
    def on_pause_fact(self, fact: MarketPaused | MarketResumed) -> Iterator[OffBook]:
        """A market is dirty: everything there comes off. It may be risk that found it out."""
        yield from self.custody.paused(fact, self.real_now)

    @handles
    def on_found(self, found: PositionFound) -> None:
        """What is said of a position once is not said at each start."""
        self.wallet.note(found)

    @handles
    def on_ownership(
        self, fact: MarketTaken | MarketRetired | LiquidatorAssigned | ExitCompleted
    ) -> Iterator[OffBook]:
        """Who may trade which market; what rests where its owner lost it over its head comes off."""
        self.ownership.note(fact)
        if isinstance(fact, ExitCompleted):
            self.wallet.note(fact)
        if self.is_live:
            yield from self.custody.disowned(self.real_now)

    @handles
    def on_resumed(self, fact: TradingResumed) -> Iterator[OpenAccount]:
        """A person says that what barred this account is over."""
        yield from self.custody.resumed(fact)

    @handles
    def on_info(self, info: MarketInfo) -> Iterator[OffBook]:
        """A market's constants; an order that is not on its price grid any more comes off."""
        known = self.intake.infos.get(info.market)
        self.intake.infos[info.market] = info
        self.account.hear(info)
        self.wallet.hear(info)
        if known is not None and known.tick != info.tick:
            yield from self.custody.regridded(info, self.real_now)

    @handles
    def on_book(self, book: BookSnapshot) -> None:
        """What an order must not meet."""
        self.intake.books[book.market] = book

    @handles
    def on_permit(self, permit: TradingPermit) -> Iterator[OffBook]:
        """Leave to trade, or not."""
        yield from self.custody.permitted(permit, self.real_now)

    @handles
    def on_kill_switch(self, seen: KillSwitchSeen) -> Iterator[OffBook]:
        """The file speaks to the gateway itself, whatever became of the others."""
        yield from self.custody.killed(seen, self.real_now)

    @handles
    def on_roster(self, roster: Roster) -> Iterator[OffBook]:
        """A trader that was restarted knows nothing of its orders, one that is gone minds them no more."""
        yield from self.custody.attended(roster, self.real_now)

    # Time.

    @every(real_s=4)
    def beat(self) -> Iterator[BeatDeadMan]:
        """The venue cancels everything when this stops."""
        yield from self.custody.beat(self.real_now, self.journal_lag_ns)

    @every(real_s=0.1)
    def watch(self) -> Iterator[Upkeep]:
        """Everything that time makes necessary."""
        yield from self.custody.watch(self.real_now, self.now)
        self._follow()

    @every(real_s=1)
    def report(self) -> Iterator[AccountStatus]:
        """How it stands, for people."""
        yield self.custody.status(self.real_now)

    def _follow(self) -> None:
        """What the host wants to know of the account."""
        self.is_ready = self.is_ready or self.custody.is_ours
        if self.custody.is_over:
            self.is_stopped = True
            self.exit_code, self.last_words = self.custody.exit_code, self.custody.last_words
