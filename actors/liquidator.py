"""A liquidator: works one retired market off, never below cost, and ends when it is flat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from messages.account import GatewayStarted
from messages.liquidation import ExitCompleted, LiquidationStatus, Stage
from messages.market import BookSnapshot, FeedStatus, MarketInfo
from messages.orders import (
    NEVER,
    CancelMarket,
    CancelOrder,
    FillConfirmed,
    FillReversed,
    OrderFilled,
    PlaceOrder,
)
from messages.risk import Level, TradingPermit
from messages.values import (
    SECOND,
    ExitId,
    MarketId,
    MarketNs,
    Money,
    Outcome,
    Price,
    RealNs,
    RoleName,
    Side,
    Size,
)
from messages.wallet import MarketPaused, MarketResumed
from runtime.actor import Actor, every, handles, recovered, stopping
from trading.desk import OrderDesk
from trading.inventory import Inventory
from trading.liquidation import ExitQuote, ExitView, passive, sellable_size
from trading.pauses import Pauses
from trading.permits import NO_PERMIT, why_not
from trading.quoting import Quote
from trading.sight import Sight
from trading.units import money_text
from trading.visible import VisibleBook, visible
from trading.working import OrderFact, WorkingOrder

Said: TypeAlias = Iterator[PlaceOrder | CancelOrder | CancelMarket | ExitCompleted]


class LiquidatorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a market is worked off in the PASSIVE stage (spec 000)."""

    interval_s: float = 30.0
    """Market seconds between two looks at an order that rests."""
    price_change_threshold: Price = Price(5_000)
    """Dollars per share: a resting order is replaced when its price is off by more than this."""
    neutral_threshold: Size = Size(100_000)
    """Shares: below this exposure the market is flat."""
    quiet_s: float = 2.0
    """Market seconds without a fill before the exit is complete."""
    patience_s: float = 60.0
    """Market seconds after a fill in which a remainder below the market's minimum size keeps its place on the
    book, and in which the settlement of the last fills is waited for."""
    feed_patience_s: float = 10.0
    """Real seconds after its start in which the feed may still be silent."""


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """What one liquidator is there for."""

    exit: ExitId
    market: MarketId
    slug: str
    liquidator: RoleName


class LiquidatorActor(Actor):
    """Keeps one sell-to-close order resting at the better of mid and average cost.

    Never more than is settled, never below cost, never the other way round, and nothing new before the old
    order is known to be gone.
    """

    is_finished: bool = False
    """Its work is done and committed: the process may end by itself."""

    def __init__(self, settings: LiquidatorSettings, assignment: Assignment) -> None:
        self.settings = settings
        self.exit = assignment.exit
        self.market = assignment.market
        self.slug = assignment.slug
        self.inventory = Inventory()
        self.pauses = Pauses()
        self.desk = OrderDesk()
        self.sight = Sight()
        self.permit = NO_PERMIT
        self.is_ready = False
        self.is_stopping = False
        self.is_completing = False
        self.looking_since = RealNs(0)
        self.filled_at = MarketNs(0)
        self.looked_at: MarketNs | None = None
        self.wanted = ExitQuote(side=Side.ASK)
        self.reason = ""

    # What the market and the account say.

    @handles
    def on_sight(self, state: BookSnapshot | FeedStatus | MarketInfo) -> Said:
        """The newest word on the market; its book is looked at when it is due."""
        if state.market == self.market:
            self.sight.note(state)
            yield from self._act()

    @handles
    def on_permit(self, permit: TradingPermit) -> Said:
        """Reducing is allowed while quotes are halted; nothing is while the account is frozen."""
        self.permit = permit
        yield from self._act()

    # What became of its orders.

    @handles
    def on_order(self, fact: OrderFact) -> Said:
        """An order got further, or to its end."""
        if fact.market == self.market:
            book = self.sight.books.get(fact.market)
            self.desk.hear(fact, self.real_now, NEVER if book is None else book.seen_at)
            yield from self._act()

    @handles
    def on_fill(self, fill: OrderFilled) -> Said:
        """What is left grows and shrinks only by what was heard."""
        if fill.market == self.market and self.inventory.add(fill):
            self.desk.fill(fill)
            self.filled_at = self.now
            yield from self._act(at_once=True)

    @handles
    def on_settlement(self, fact: FillConfirmed | FillReversed) -> Said:
        """A fill is final and may be sold, or it never was."""
        if fact.market != self.market:
            return
        if isinstance(fact, FillConfirmed):
            self.inventory.confirm(fact)
            yield from self._act()
        elif self.inventory.reverse(fact):
            yield from self._act(at_once=True)

    @handles
    def on_paused(self, fact: MarketPaused | MarketResumed) -> Said:
        """What is held here is not sure, or is again."""
        if fact.market == self.market:
            self.pauses.note(fact)
            yield from self._act()

    @handles
    def on_gateway(self, started: GatewayStarted) -> Said:
        """Nothing rests, and whatever was asked for before is void."""
        self.desk.restart(started, self.real_now)
        yield from self._act()

    @handles
    def on_completed(self, completed: ExitCompleted) -> None:
        """It is committed that the work is done."""
        if completed.exit == self.exit:
            self.is_finished = True

    # Life and time.

    @recovered
    def on_recovered(self) -> Said:
        """Orders of an earlier life are taken back and waited for; this one knows none of them."""
        self.is_ready = True
        self.is_completing = False
        self.looking_since = self.real_now
        if not self.is_finished:
            yield from self.desk.withdraw_all(self.role, self.market)
            yield from self._act()

    @every(real_s=0.25)
    def watch(self) -> Said:
        """What no message tells: permits expire, the feed falls silent, answers do not come, time is over."""
        self.desk.working.forget_silent(self.real_now)
        yield from self._act()

    @every(real_s=1)
    def report(self) -> Iterator[LiquidationStatus]:
        """How the exit stands, for people."""
        yield LiquidationStatus(
            exit=self.exit,
            market=self.market,
            slug=self.slug,
            stage=Stage.PASSIVE,
            net=self.inventory.net,
            average_cost=self.inventory.average_cost(self._held),
            floor=self.wanted.floor,
            quote=self.wanted.price,
            size=self.wanted.size,
            reason=self.reason,
        )

    @stopping
    def on_stopping(self) -> Iterator[CancelMarket]:
        """What rests is taken off, and the gateway sees to it."""
        self.is_stopping = True
        yield CancelMarket(market=self.market, owner=self.role)

    # Deciding.

    @property
    def _held(self) -> Outcome:
        return Outcome.YES if self.inventory.net > 0 else Outcome.NO

    @property
    def _payout(self) -> Price | None:
        info = self.sight.infos.get(self.market)
        return None if info is None else info.payout

    @property
    def _sellable(self) -> Size:
        return sellable_size(self.inventory.net, self.inventory.sellable)

    def _act(self, at_once: bool = False) -> Said:
        """End, wait, or see to the one order; `at_once`: what it should be may have changed."""
        if not self.is_ready or self.is_stopping or self.is_finished or self.is_completing:
            return
        over = self._why_over()
        self.reason = over or self._why_not()
        if self.reason:
            self.wanted = msgspec.structs.replace(self.wanted, price=None, size=Size(0))
            yield from self.desk.withdraw(self.market, self.role, self.real_now)
        else:
            yield from self._work(at_once)
        if over:
            yield from self._end()

    def _why_over(self) -> str:
        """Why there is nothing more to place: resolved, flat, or a remainder that had its time on the book."""
        if self._payout is not None:
            return f"the market resolved, YES pays {money_text(Money(self._payout))}"
        net = self.inventory.net
        if abs(net) < self.settings.neutral_threshold:
            return "flat"
        info = self.sight.infos.get(self.market)
        if info is None or sellable_size(net, Size(abs(net))) >= info.min_size:
            return ""
        has_place = any(not order.is_canceling for order in self.desk.working.of(self.market))
        if has_place and self._quiet_s() < self.settings.patience_s:
            return ""
        return "what is left is below the market's minimum size"

    def _quiet_s(self) -> float:
        """Market seconds since the last fill."""
        return (self.now - self.filled_at) / SECOND

    def _end(self) -> Iterator[ExitCompleted]:
        """Complete once nothing is open, the last fills are settled and it has been quiet for a while."""
        quiet_s = self._quiet_s()
        is_sure = self.market not in self.pauses or self._payout is not None
        if self.desk.is_busy(self.market, self.role) or quiet_s < self.settings.quiet_s or not is_sure:
            return
        if self.inventory.is_settled or quiet_s >= self.settings.patience_s:
            self.is_completing = True
            yield ExitCompleted(
                exit=self.exit,
                market=self.market,
                slug=self.slug,
                left=self.inventory.net,
                reason=self.reason,
                payout=self._payout,
            )

    def _why_not(self) -> str:
        """Why no order may rest now; empty when it may."""
        info = self.sight.infos.get(self.market)
        if info is not None and not info.accepting_orders:
            return "market closed, waiting for its resolution"
        patience_ns = round(self.settings.feed_patience_s * SECOND)
        return (
            why_not(self.permit, self.real_now, Level.RUN, Level.HALT_QUOTES)
            or self.pauses.why(self.market)
            or self.sight.trouble(
                self.market, self.real_now, since=self.looking_since, patience_ns=patience_ns
            )
            or ("orders of before are open" if self.desk.has_leftovers(self.market, self.role) else "")
        )

    def _work(self, at_once: bool) -> Iterator[PlaceOrder | CancelOrder]:
        """Place the one order where there is none; else look at it when that is due."""
        book = visible(self.sight.books[self.market], self.desk.working.resting(self.market))
        view = ExitView(
            book=book,
            net=self.inventory.net,
            average_cost=self.inventory.average_cost(self._held),
            sellable=self.inventory.sellable,
            min_size=self.sight.infos[self.market].min_size,
        )
        self.wanted = passive(view)
        self.reason = self.wanted.reason
        orders = self.desk.working.of(self.market)
        if not orders:
            yield from self._place(book)
        for order in orders:
            if not order.is_canceling and order.leaves and self._must_go(order, self._is_due(at_once)):
                yield self.desk.cancel(order.command, self.real_now)
        yield from self.desk.cancel_again(self.real_now)

    def _is_due(self, at_once: bool) -> bool:
        interval_ns = round(self.settings.interval_s * SECOND)
        if not at_once and self.looked_at is not None and self.now - self.looked_at < interval_ns:
            return False
        self.looked_at = self.now
        return True

    def _must_go(self, order: WorkingOrder, is_due: bool) -> bool:
        """Whether an order is more than may be sold or past the floor, at once; or off its price, when due."""
        wanted = self.wanted
        if order.side is not wanted.side or order.leaves > self._sellable:
            return True
        if wanted.floor is not None and order.side.sign * (order.price - wanted.floor) > 0:
            return True
        if not is_due or wanted.price is None:
            return False
        off_by = abs(order.price - wanted.price)
        return off_by > self.settings.price_change_threshold or order.leaves != wanted.size

    def _place(self, book: VisibleBook) -> Iterator[PlaceOrder]:
        wanted, mid = self.wanted, book.mid(Size(0))
        if wanted.price is None or mid is None:
            return
        quote = Quote(mid=mid, size=wanted.size).having(wanted.side, wanted.price)
        price = self.desk.hesitation.step_back(quote, book.tick).price(wanted.side)
        self.reason = self.desk.hesitation.forbids(
            wanted.side, mid, self.sight.books[self.market].seen_at, self.real_now, self._is_like_wanted
        )
        if price is None or self.reason:
            return
        self.looked_at = self.now
        place = PlaceOrder(
            command=self.new_command(),
            market=self.market,
            owner=self.role,
            side=wanted.side,
            price=price,
            size=wanted.size,
            decided_at=self.real_now,
            why=f"exit, {Stage.PASSIVE.value}",
        )
        yield self.desk.place(place, mid)

    def _is_like_wanted(self, order: WorkingOrder) -> bool:
        price = self.wanted.price
        near = price is not None and abs(order.price - price) <= self.settings.price_change_threshold
        return near and order.side is self.wanted.side and order.size == self.wanted.size
