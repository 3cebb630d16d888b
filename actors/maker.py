"""The maker: one market at a time, two-sided, and on to the next one when it has enough of this one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from messages.account import GatewayStarted
from messages.liquidation import (
    ExitCompleted,
    LiquidatorAssigned,
    MarketRetired,
    MarketTaken,
    RetireReason,
)
from messages.market import BookSnapshot, FeedStatus, MarketInfo, MarketRanking, RankedMarket
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
from messages.system import MakerStatus
from messages.values import SECOND, ExitId, MarketId, Price, RealNs, Side
from messages.wallet import MarketPaused, MarketResumed
from runtime.actor import Actor, every, handles, recovered, stopping
from trading.desk import OrderDesk
from trading.inventory import Inventories
from trading.ownership import Ownership
from trading.pauses import Pauses
from trading.permits import NO_PERMIT, why_not
from trading.quoting import FixedSpread, MarketView, Quote, Strategy
from trading.ranking import life_left_s
from trading.reconcile import Place, reconcile
from trading.risk import Given, RiskLimits, admitted
from trading.sight import Sight
from trading.visible import visible
from trading.working import OrderFact

Said: TypeAlias = Iterator[
    PlaceOrder | CancelOrder | CancelMarket | MarketRetired | MarketTaken | MakerStatus
]
BOTH = (Side.BID, Side.ASK)


class MakerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the maker quotes, and when it leaves a market."""

    strategy: Strategy = FixedSpread()
    limits: RiskLimits = RiskLimits()
    enable_switching: bool = True
    """At the position limit the market is handed over; otherwise its growing side is not quoted."""
    feed_patience_s: float = 10.0
    """Real seconds after taking a market in which the feed may still be silent."""
    min_life_s: float = 600.0
    """Market seconds: a market with less of its life left is handed over, so that there is time to work it off."""


class ActiveMakerActor(Actor):
    """Keeps one two-sided quote resting on the active market, while it holds a permit.

    Durable, from facts alone: who owns which market, the inventories, orders without an end. Everything
    else is what States say and what it asked for itself.
    """

    def __init__(self, settings: MakerSettings) -> None:
        self.strategy = settings.strategy
        self.limits = settings.limits
        self.enable_switching = settings.enable_switching
        self.patience_ns = round(settings.feed_patience_s * SECOND)
        self.min_life_s = settings.min_life_s
        self.ownership = Ownership()
        self.inventories = Inventories()
        self.pauses = Pauses()
        self.desk = OrderDesk()
        self.sight = Sight()
        self.ranking: tuple[RankedMarket, ...] = ()
        self.permit = NO_PERMIT
        self.is_ready = False
        self.is_stopping = False
        self.looking_since = RealNs(0)
        self.retiring: ExitId | None = None
        self.taking: MarketId | None = None
        self.mid: Price | None = None
        self.reason = ""
        self.said: MakerStatus | None = None

    @property
    def market(self) -> MarketId | None:
        """The active market, once its taking is committed."""
        return self.ownership.market_of(self.role)

    # What the market and the account say.

    @handles
    def on_book(self, book: BookSnapshot) -> Said:
        """A new book: decide, and move only the orders that must move."""
        self.sight.note(book)
        if book.market == self.market:
            yield from self._act(book.seen_at)

    @handles
    def on_feed(self, status: FeedStatus) -> Said:
        """The feed's word on a market: without it nothing is quoted."""
        self.sight.note(status)
        if status.market == self.market:
            yield from self._act()

    @handles
    def on_info(self, info: MarketInfo) -> Said:
        """A market's constants, closing included."""
        self.sight.note(info)
        if info.market == self.market:
            yield from self._act()

    @handles
    def on_ranking(self, ranking: MarketRanking) -> Said:
        """Which markets are worth quoting."""
        self.ranking = ranking.ranked
        if self.market is None:
            yield from self._act()

    @handles
    def on_permit(self, permit: TradingPermit) -> Said:
        """The account is judged well, until this expires."""
        changed = permit.level is not self.permit.level or self.permit.expires_at <= self.real_now
        self.permit = permit
        if changed:
            yield from self._act()

    # What became of markets.

    @handles
    def on_ownership(self, fact: MarketTaken | MarketRetired | LiquidatorAssigned | ExitCompleted) -> Said:
        """Ownership changes by what is committed; our own words count from here on."""
        was = self.market
        self.ownership.note(fact)
        if isinstance(fact, MarketRetired) and fact.exit == self.retiring:
            self.retiring = None
        if isinstance(fact, MarketTaken) and fact.owner == self.role:
            self.taking = None
        if self.market != was:
            self._look_at_another()
        yield from self._act()

    @handles
    def on_paused(self, fact: MarketPaused | MarketResumed) -> Said:
        """A dirty market is left, and earns again elsewhere; or without switching, waited for."""
        self.pauses.note(fact)
        if fact.market == self.market:
            yield from self._act()

    # What became of orders.

    @handles
    def on_order(self, fact: OrderFact) -> Said:
        """An order got further, or to its end: its side may be quoted again."""
        book = self.sight.books.get(fact.market)
        self.desk.hear(fact, self.real_now, NEVER if book is None else book.seen_at)
        if fact.owner == self.role:
            yield from self._act()

    @handles
    def on_fill(self, fill: OrderFilled) -> Said:
        """What is ours grows only by what was heard."""
        if self.inventories.note(fill):
            self.desk.fill(fill)
        if fill.market == self.market:
            yield from self._act()

    @handles
    def on_settlement(self, fact: FillConfirmed | FillReversed) -> Said:
        """A fill is final, or it never was."""
        self.inventories.note(fact)
        if isinstance(fact, FillReversed) and fact.market == self.market:
            yield from self._act()

    @handles
    def on_gateway(self, started: GatewayStarted) -> Said:
        """Nothing rests, and whatever we asked for before is void."""
        self.desk.restart(started, self.real_now)
        yield from self._act()

    # Life and time.

    @recovered
    def on_recovered(self) -> Said:
        """Nothing that an earlier life asked for may stay: this one knows none of it."""
        self.is_ready = True
        self.retiring = self.taking = None
        self.looking_since = self.real_now
        yield from self.desk.withdraw_all(self.role, self.market)
        yield from self._act()

    @every(real_s=0.25)
    def watch(self) -> Said:
        """What no message tells: permits expire, the feed falls silent, answers do not come."""
        self.desk.working.forget_silent(self.real_now)
        yield from self._act()

    @every(real_s=0.05)
    def ask_again(self) -> Said:
        """A side that was denied is asked again when its time is over."""
        if self.desk.hesitation.is_due(self.real_now):
            yield from self._act()

    @every(real_s=1)
    def report(self) -> Iterator[MakerStatus]:
        """How it stands, for people."""
        self.said = self._status()
        yield self.said

    @stopping
    def on_stopping(self) -> Iterator[CancelMarket]:
        """No further quote; what rests is taken off, and the gateway sees to it."""
        self.is_stopping = True
        if self.market is not None:
            yield CancelMarket(market=self.market, owner=self.role)

    # Deciding.

    def _act(self, frame_at: RealNs = NEVER) -> Said:
        """Take, quote or leave, whichever is due."""
        if not self.is_ready or self.is_stopping:
            return
        market = self.market
        if market is None:
            yield from self._take(None)
        elif self.retiring is not None:
            self.reason = "leaving"
        elif (reason := self._reason_to_leave(market)) is not None:
            yield from self._leave(market, reason)
        else:
            yield from self._quote(market, frame_at)
        status = self._status()
        if self.said is None or msgspec.structs.replace(status, mid=self.said.mid) != self.said:
            self.said = status
            yield status

    def _look_at_another(self) -> None:
        self.looking_since = self.real_now
        self.desk.turn()
        self.mid = None

    def _take(self, left: MarketId | None) -> Iterator[MarketTaken]:
        """Claim the best market there is; it is ours when the claim is committed."""
        self.reason = "no market is free to be quoted"
        if self.taking is not None or (self.retiring is not None and left is None):
            self.reason = "taking a market"
            return
        best = next((r for r in self.ranking if r.market != left and self._is_takeable(r.market)), None)
        if best is not None:
            self.taking = best.market
            self.reason = "taking a market"
            yield MarketTaken(market=best.market, slug=best.slug, owner=self.role)

    def _is_takeable(self, market: MarketId) -> bool:
        info = self.sight.infos.get(market)
        return (
            info is not None
            and info.accepting_orders
            and not self._is_ending(info)
            and self.ownership.is_free(market)
            and market not in self.pauses
            and not self.limits.position_limit.is_reached(self.inventories[market].net)
        )

    def _reason_to_leave(self, market: MarketId) -> RetireReason | None:
        if market in self.pauses and self.enable_switching:
            return RetireReason.PAUSED
        info = self.sight.infos.get(market)
        if info is not None and not info.accepting_orders:
            return RetireReason.MARKET_CLOSED
        if info is not None and self._is_ending(info):
            return RetireReason.MARKET_ENDING
        at_limit = self.limits.position_limit.is_reached(self.inventories[market].net)
        return RetireReason.POSITION_LIMIT if at_limit and self.enable_switching else None

    def _is_ending(self, info: MarketInfo) -> bool:
        return life_left_s(info, self.now) < self.min_life_s

    def _leave(
        self, market: MarketId, reason: RetireReason
    ) -> Iterator[CancelMarket | MarketRetired | MarketTaken]:
        """Nothing of ours may be open here before the market is anybody else's."""
        self.reason = f"leaving: {reason.value.replace('_', ' ')}"
        if self.desk.is_busy(market, self.role):
            yield from self.desk.withdraw(market, self.role, self.real_now)
            return
        self.retiring = self.ownership.next_exit(market)
        yield MarketRetired(
            exit=self.retiring,
            market=market,
            slug=self.ownership.slugs[market],
            reason=reason,
            net=self.inventories[market].net,
        )
        yield from self._take(market)

    def _quote(self, market: MarketId, frame_at: RealNs) -> Iterator[PlaceOrder | CancelOrder | CancelMarket]:
        self.reason = self._why_not(market)
        view, quote = None, Quote()
        if not self.reason:
            view = self._view(market)
            quote = self._wanted(view)
        if view is None or quote.is_empty:
            yield from self.desk.withdraw(market, self.role, self.real_now)
            return
        working = self.desk.working.of(market)
        for move in reconcile(quote, working, lambda order: self.strategy.keeps(order, view)):
            if not isinstance(move, Place):
                yield self.desk.cancel(move.command, self.real_now, frame_at)
            elif not self._hesitates(market, move, view):
                yield self._place(market, move, frame_at)
        self.desk.forget_moves(market)
        yield from self.desk.cancel_again(self.real_now)

    def _why_not(self, market: MarketId) -> str:
        """Why nothing may rest here now; empty when it may."""
        return (
            why_not(self.permit, self.real_now, Level.RUN)
            or self.pauses.why(market)
            or self.sight.trouble(
                market, self.real_now, since=self.looking_since, patience_ns=self.patience_ns
            )
            or ("orders of before are open" if self.desk.has_leftovers(market, self.role) else "")
        )

    def _view(self, market: MarketId) -> MarketView:
        return MarketView(
            book=visible(self.sight.books[market], self.desk.working.resting(market)),
            min_size=self.sight.infos[market].min_size,
            net=self.inventories[market].net,
        )

    def _wanted(self, view: MarketView) -> Quote:
        """What the strategy wants, less what our rules deny, a step back where the venue rejected us."""
        given = Given(book=view.book, min_size=view.min_size, net=view.net)
        quote = admitted(self.strategy.quote(view), given, self.limits)
        quote = self.desk.hesitation.step_back(quote, view.book.tick)
        self.mid, self.reason = quote.mid, quote.reason
        return quote

    def _hesitates(self, market: MarketId, place: Place, view: MarketView) -> bool:
        why = self.desk.hesitation.forbids(
            place.side,
            place.mid,
            self.sight.books[market].seen_at,
            self.real_now,
            lambda order: self.strategy.keeps(order, view),
        )
        self.reason = why or self.reason
        return bool(why)

    def _place(self, market: MarketId, wanted: Place, frame_at: RealNs) -> PlaceOrder:
        place = PlaceOrder(
            command=self.new_command(),
            market=market,
            owner=self.role,
            side=wanted.side,
            price=wanted.price,
            size=wanted.size,
            decided_at=self.real_now,
            frame_at=frame_at,
            why=f"quote, {self.strategy.__struct_config__.tag}",
        )
        return self.desk.place(place, wanted.mid)

    # For people.

    def _status(self) -> MakerStatus:
        market = self.market
        if market is None:
            return MakerStatus(market=MarketId(""), slug="", quoting=False, reason=self.reason)
        rests = {order.side: order.price for order in self.desk.working.of(market) if order.is_resting}
        quoting = len(rests) == len(BOTH)
        return MakerStatus(
            market=market,
            slug=self.ownership.slugs.get(market, ""),
            quoting=quoting,
            reason="" if quoting else self.reason or "orders are on their way",
            bid=rests.get(Side.BID),
            ask=rests.get(Side.ASK),
            mid=self.mid,
            net=self.inventories[market].net,
        )
