"""The account as the gateway knows it: its orders, its fills, its money; and the facts that follow from news."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

from messages.account import AccountRead, Leg, OrderSeen, OrderSeenKind, Settlement
from messages.market import MarketInfo
from messages.orders import (
    NEVER,
    Answer,
    AnswerLost,
    FillConfirmed,
    FillMined,
    FillReversed,
    OrderAccepted,
    OrderAnswered,
    OrderCanceled,
    OrderCompleted,
    OrderExpired,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    OrderVoided,
)
from messages.values import (
    MICRO,
    Action,
    CommandId,
    MarketId,
    MarketNs,
    Money,
    Outcome,
    RealNs,
    Shares,
    Side,
    Size,
)
from messages.wallet import EXTERNAL
from trading import truth
from trading.inventory import MAX_PENDING, FillKey, Inventories
from trading.orders import Order, OrderFact, OrderTable, Status
from trading.purse import Purse
from trading.reading import SOON_NS
from trading.ticks import mirror
from trading.token_names import TokenNames

ON_CHAIN = (Settlement.MINED, Settlement.CONFIRMED)

FillFact = OrderFilled | FillConfirmed | FillReversed
FillNews = FillFact | FillMined
News = FillNews | OrderAccepted | OrderCompleted | OrderCanceled | OrderExpired | OrderVoided
"""What the venue's words about orders and trades turn into."""
FactT = TypeVar("FactT", bound=OrderFact)


class Unsettled(NamedTuple):
    """A fill whose settlement is waited for."""

    market: MarketId
    matched_at: MarketNs
    is_mined: bool = False
    """It was said that the chain has it."""


class Account:
    """Grows only by facts. Those it finds itself are taken into account before they are said."""

    def __init__(self) -> None:
        self.table = OrderTable()
        self.inventories = Inventories()
        self.tokens = TokenNames()
        self.began_at: MarketNs | None = None
        """When the account was taken over for the first time."""
        self.cursor = MarketNs(0)
        """Latest match that is known."""
        self.unsettled: dict[FillKey, Unsettled] = {}
        """Fills that are neither confirmed nor reversed, as far as that is waited for."""
        self.purse = Purse()
        self.fee_rates: dict[MarketId, int] = {}
        """Taker fee rates in millionths, where they are not zero. Volatile."""

    # Facts in.

    def note(self, fact: OrderFact, now: RealNs, *, is_said: bool = False) -> bool:
        """An order's step, told by the journal or said by us now; False: it changed nothing."""
        if isinstance(fact, OrderIntended):
            self.tokens.use(fact.token, fact.market, fact.outcome)
        return self.table.note(fact, now, is_said=is_said)

    def begin(self, at: MarketNs) -> None:
        """The account was taken over: what was settled before the first time is in the wallet, not in our fills."""
        if self.began_at is None:
            self.began_at = at

    def note_fill(self, fact: FillFact) -> None:
        """What is held grows only by this."""
        if isinstance(fact, OrderFilled):
            self.table.fill(fact)
        self._take(fact)

    def note_mined(self, fact: FillMined) -> bool:
        """The chain has it, and may lose it again; False: it is known, or not waited for."""
        key = (fact.trade, fact.order)
        waited_for = self.unsettled.get(key)
        if waited_for is None or waited_for.is_mined:
            return False
        self.unsettled[key] = waited_for._replace(is_mined=True)
        return True

    def _take(self, fact: FillFact) -> bool:
        """Into the holdings, and into what is waited for; False: it changed nothing."""
        if not self.inventories.note(fact):
            return False
        key = (fact.trade, fact.order)
        if isinstance(fact, OrderFilled):
            if fact.token and fact.token not in self.tokens.ours:
                self.tokens.use(fact.token, fact.market, fact.outcome)
            if fact.worth is not None:
                return True  # no trade: the chain has it, and took nothing for it
            self.purse.fill(fact)
            self.cursor = max(self.cursor, fact.matched_at, key=int)
            self.unsettled[key] = Unsettled(fact.market, fact.matched_at)
            if len(self.unsettled) > MAX_PENDING:
                oldest = next(iter(self.unsettled))
                del self.unsettled[oldest]
                self.purse.landed(oldest, NEVER)
        else:
            self.unsettled.pop(key, None)
            self.purse.landed(key, NEVER)
            if isinstance(fact, FillReversed):
                self.purse.reversed(key)
        return True

    def hear(self, info: MarketInfo) -> None:
        """A market's constants: which tokens are its own, and what takers pay (most are asked for nothing)."""
        self.tokens.list(info.yes, info.market, Outcome.YES)
        self.tokens.list(info.no, info.market, Outcome.NO)
        if info.fee_rate:
            self.fee_rates[info.market] = info.fee_rate

    def say(self, fact: FactT, now: RealNs) -> FactT:
        """Take a fact of our own into account and hand it on to be said."""
        self.note(fact, now, is_said=True)
        return fact

    # News in, facts out.

    def apply(self, legs: Iterable[Leg], now: RealNs, landed_at: RealNs | None = None) -> Iterator[News]:
        """Legs of trades, from the stream or from a read: each counts once, and may end its order.

        `landed_at`: since when the chain has what it is said to have, where that is not now.
        """
        for leg in legs:
            order = self.table.get(leg.order)
            waited_for = self.unsettled.get((leg.trade, leg.order))
            if order is not None:
                yield from self._apply_leg(leg, order, now if landed_at is None else landed_at)
                yield from self.ends(order, now)
            elif waited_for is not None:  # of an order so long closed that it is forgotten, or of others
                yield from self._settle(leg, waited_for.market, now if landed_at is None else landed_at)
            elif self._is_foreign(leg):
                yield from self._take_foreign(leg, now if landed_at is None else landed_at)

    def _apply_leg(self, leg: Leg, order: Order, at: RealNs) -> Iterator[FillNews]:
        if leg.status is Settlement.FAILED:
            self.table.rule_out(leg.order, leg.trade, leg.size)
        else:
            filled = self._filled(leg, order)
            if self.table.fill(filled) and self._take(filled):
                yield filled
        yield from self._settle(leg, order.intended.market, at)

    def _is_foreign(self, leg: Leg) -> bool:
        """A trade of this wallet on an order we never sent, that the wallet we took over did not have in it yet."""
        named = self.tokens.get(leg.token)
        if leg.status is Settlement.FAILED or named is None:
            return False
        if self.inventories[named[0]].knows((leg.trade, leg.order)):
            return False
        is_before = self.began_at is None or leg.matched_at < self.began_at
        return not (is_before and leg.status in ON_CHAIN)

    def _take_foreign(self, leg: Leg, at: RealNs) -> Iterator[FillNews]:
        known = self.tokens.get(leg.token)
        assert known is not None
        market, outcome = known
        is_yes = outcome is Outcome.YES
        filled = OrderFilled(
            trade=leg.trade,
            order=leg.order,
            command=CommandId(""),
            market=market,
            owner=EXTERNAL,
            side=Side.BID if (leg.action is Action.BUY) is is_yes else Side.ASK,
            price=leg.price if is_yes else mirror(leg.price),
            size=leg.size,
            outcome=outcome,
            action=leg.action,
            fee=self._fee(leg, market),
            matched_at=leg.matched_at,
            taker=leg.taker,
            token=leg.token,
        )
        if self._take(filled):
            yield filled
            yield from self._settle(leg, market, at)

    def _settle(self, leg: Leg, market: MarketId, at: RealNs) -> Iterator[FillNews]:
        """The match is final, or it never was; while it is on its way only the money may have moved."""
        trade, order = leg.trade, leg.order
        if leg.status in ON_CHAIN:
            self.purse.landed((trade, order), at)
        elif leg.status is Settlement.RETRYING:
            self.purse.landed((trade, order), None)
        if leg.status is Settlement.MINED:
            mined = FillMined(trade=trade, order=order, market=market)
            if self.note_mined(mined):
                yield mined
        elif leg.status is Settlement.FAILED:
            undone = FillReversed(trade=trade, order=order, market=market, reason="settlement failed")
            if self._take(undone):
                yield undone
        elif leg.status is Settlement.CONFIRMED:
            confirmed = FillConfirmed(trade=trade, order=order, market=market)
            if self._take(confirmed):
                yield confirmed

    def _filled(self, leg: Leg, order: Order) -> OrderFilled:
        intended = order.intended
        return OrderFilled(
            trade=leg.trade,
            order=leg.order,
            command=intended.command,
            market=intended.market,
            owner=intended.owner,
            side=intended.side,
            price=leg.price if intended.outcome is Outcome.YES else mirror(leg.price),
            size=leg.size,
            outcome=intended.outcome,
            action=intended.action,
            fee=self._fee(leg, intended.market),
            matched_at=leg.matched_at,
            taker=leg.taker,
            token=intended.token,
        )

    def _fee(self, leg: Leg, market: MarketId) -> Money:
        """What a taker pays beside the price, rounded up: size x rate x p x (1 - p) (VENUE 7.3). Makers pay none.

        Rebates are no part of it: the venue pays them by the day, as money of their own.
        """
        if not leg.taker:
            return leg.fee
        rate = self.fee_rates.get(market, 0)
        return Money(max(leg.fee, -(-leg.size * rate * leg.price * (MICRO - leg.price) // MICRO**3)))

    def ends(self, order: Order, now: RealNs) -> Iterator[truth.Closing]:
        """The end of an order that is filled up, or off the book with every fill it had."""
        end = truth.settled_end(order)
        if end is not None:
            yield self.say(end, now)

    def judge(self, read: AccountRead, now: RealNs) -> Iterator[News]:
        """Every belief held against what the venue lists, its trades applied first; the money was read last."""
        yield from self.apply(read.legs, now, landed_at=read.begun_at)
        self.purse.read(read.collateral, read.begun_at)
        for fact in list(truth.judged_by(read, self.table)):
            yield self.say(fact, now)

    def answered(
        self, order: Order, answered: OrderAnswered, now: RealNs
    ) -> Iterator[News | OrderRejected | AnswerLost]:
        """What the venue said to its sending. An order that is in doubt already is not lost again."""
        match answered.answer:
            case Answer.RESTING:
                yield self.say(truth.accepted(order, answered), now)
            case Answer.REJECTED:
                yield self.rejected(order, answered, now)
            case Answer.NOT_SENT:
                yield self.say(truth.void(order, answered.reason or "not sent"), now)
            case Answer.LOST if order.status is not Status.UNKNOWN:
                yield self.lost(order, answered.reason, now, answered)
            case _:
                return

    def seen(self, order: Order, seen: OrderSeen, now: RealNs) -> Iterator[News]:
        """The user stream spoke of an order: it rests after all, or it is off the book."""
        order.counts(seen.matched or Size(0))
        if seen.kind is OrderSeenKind.PLACED and order.status is Status.UNKNOWN:
            yield self.say(truth.accepted(order), now)
        elif seen.kind in (OrderSeenKind.CANCELED, OrderSeenKind.EXPIRED) and order.is_open:
            expired = seen.kind is OrderSeenKind.EXPIRED
            order.why = truth.EXPIRED if expired else seen.reason or order.why
            order.is_off(now, seen.matched)
            yield from self.ends(order, now)

    def lost(
        self, order: Order, reason: str, now: RealNs, answered: OrderAnswered | None = None
    ) -> AnswerLost:
        """Its answer did not come, or none that can be believed."""
        intended = order.intended
        lost = AnswerLost(
            order=order.id,
            command=intended.command,
            market=intended.market,
            owner=intended.owner,
            reason=reason,
            **truth.times(answered),
        )
        return self.say(lost, now)

    def rejected(self, order: Order, answered: OrderAnswered, now: RealNs) -> OrderRejected:
        """The venue said no."""
        intended = order.intended
        no = OrderRejected(
            order=order.id,
            command=intended.command,
            market=intended.market,
            owner=intended.owner,
            side=intended.side,
            reason=answered.reason,
            **truth.times(answered),
        )
        return self.say(no, now)

    # Figures out.

    @property
    def collateral(self) -> Money:
        """What may be spent; orders that rest are not taken off."""
        return self.purse.free

    def is_undecided(self, now: RealNs) -> bool:
        """Whether reads decide what became of an order."""
        return any(
            order.status is Status.UNKNOWN or (_is_going(order, now) and not truth.is_owed(order, now))
            for order in self.table
        )

    def exposures(self) -> tuple[tuple[MarketId, Shares], ...]:
        """Every market with a net exposure."""
        return tuple((market, held.net) for market, held in self.inventories.items() if held.net)


def _is_going(order: Order, now: RealNs) -> bool:
    """It is off the book, or not to be found there, and nothing has said yet what it filled."""
    return order.none_at != NEVER or (order.off_at != NEVER and now - order.off_at >= SOON_NS)
