"""The account as the gateway knows it: its orders, its fills, its money; and the facts that follow from news."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

from messages.account import AccountRead, Leg, OrderSeen, OrderSeenKind, PositionMismatched, Settlement
from messages.orders import (
    NEVER,
    Answer,
    AnswerLost,
    FillConfirmed,
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
    SECOND,
    Action,
    MarketId,
    MarketNs,
    Money,
    Outcome,
    RealNs,
    Shares,
    TokenId,
)
from trading import truth
from trading.inventory import MAX_PENDING, FillKey, Inventories
from trading.orders import Order, OrderFact, OrderTable, Status
from trading.reading import SOON_NS
from trading.ticks import mirror

OVERLAP_NS = 600 * SECOND
"""Market time that a read of trades goes back behind what is known."""
MAX_TOKENS = 1_024
MAX_CHECKED = 40
"""Tokens whose balances are held against our fills at a start: the ones ordered last."""

FillFact = OrderFilled | FillConfirmed | FillReversed
News = FillFact | OrderAccepted | OrderCompleted | OrderCanceled | OrderExpired | OrderVoided
"""What the venue's words about orders and trades turn into."""
FactT = TypeVar("FactT", bound=OrderFact)


class Unsettled(NamedTuple):
    """A fill whose settlement is waited for."""

    market: MarketId
    matched_at: MarketNs


class Account:
    """Grows only by facts. Those it finds itself are taken into account before they are said."""

    def __init__(self) -> None:
        self.table = OrderTable()
        self.inventories = Inventories()
        self.tokens: dict[TokenId, tuple[MarketId, Outcome]] = {}
        """Tokens we ordered of late, the last one last."""
        self.cursor = MarketNs(0)
        """Latest match that is known."""
        self.unsettled: dict[FillKey, Unsettled] = {}
        """Fills that are neither confirmed nor reversed, as far as that is waited for."""
        self.collateral = Money(0)
        """As read last, moved by every fill since."""

    # Facts in.

    def note(self, fact: OrderFact, now: RealNs) -> bool:
        """An order's step; False: it changed nothing."""
        if isinstance(fact, OrderIntended):
            self.tokens.pop(fact.token, None)
            self.tokens[fact.token] = (fact.market, fact.outcome)
            if len(self.tokens) > MAX_TOKENS:
                del self.tokens[next(iter(self.tokens))]
        return self.table.note(fact, now)

    def note_fill(self, fact: FillFact) -> None:
        """What is held grows only by this."""
        if isinstance(fact, OrderFilled):
            self.table.fill(fact)
        self._take(fact)

    def _take(self, fact: FillFact) -> bool:
        """Into the holdings, and into what is waited for; False: it changed nothing."""
        if not self.inventories.note(fact):
            return False
        key = (fact.trade, fact.order)
        if isinstance(fact, OrderFilled):
            self.cursor = max(self.cursor, fact.matched_at, key=int)
            self.unsettled[key] = Unsettled(fact.market, fact.matched_at)
            if len(self.unsettled) > MAX_PENDING:
                del self.unsettled[next(iter(self.unsettled))]
        else:
            self.unsettled.pop(key, None)
        return True

    def say(self, fact: FactT, now: RealNs) -> FactT:
        """Take a fact of our own into account and hand it on to be said."""
        self.note(fact, now)
        return fact

    # News in, facts out.

    def apply(self, legs: Iterable[Leg], now: RealNs) -> Iterator[News]:
        """Legs of trades, from the stream or from a read: each counts once, and may end its order."""
        for leg in legs:
            order = self.table.get(leg.order)
            waited_for = self.unsettled.get((leg.trade, leg.order))
            if order is not None:
                yield from self._apply_leg(leg, order)
                yield from self.ends(order, now)
            elif waited_for is not None:  # of an order so long closed that it is forgotten
                yield from self._settle(leg, waited_for.market)

    def _apply_leg(self, leg: Leg, order: Order) -> Iterator[FillFact]:
        if leg.status is Settlement.FAILED:
            self.table.rule_out(leg.order, leg.trade)
        else:
            filled = self._filled(leg, order)
            if self.table.fill(filled):
                self._take(filled)
                self.collateral = Money(self.collateral + _moved(leg))
                yield filled
        yield from self._settle(leg, order.intended.market)

    def _settle(self, leg: Leg, market: MarketId) -> Iterator[FillFact]:
        """The match is final, or it never was; nothing while it is on its way."""
        trade, order = leg.trade, leg.order
        if leg.status is Settlement.FAILED:
            undone = FillReversed(trade=trade, order=order, market=market, reason="settlement failed")
            if self._take(undone):
                self.collateral = Money(self.collateral - _moved(leg))
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
            fee=leg.fee,
            matched_at=leg.matched_at,
            taker=leg.taker,
        )

    def ends(self, order: Order, now: RealNs) -> Iterator[truth.Closing]:
        """The end of an order that is filled up, or off the book with every fill it had."""
        end = truth.settled_end(order)
        if end is not None:
            yield self.say(end, now)

    def judge(self, read: AccountRead, now: RealNs) -> Iterator[News]:
        """Every belief held against what the venue lists, its trades applied first; the money was read last."""
        yield from self.apply(read.legs, now)
        self.collateral = read.collateral
        for fact in list(truth.judged_by(read, self.table)):
            yield self.say(fact, now)

    def answered(
        self, order: Order, answered: OrderAnswered, now: RealNs
    ) -> Iterator[News | OrderRejected | AnswerLost]:
        """What the venue said to its sending. An order that is in doubt already is not lost again."""
        match answered.answer:
            case Answer.RESTING:
                yield self.say(truth.accepted(order, answered.sent_at), now)
            case Answer.REJECTED:
                yield self.rejected(order, answered.reason, now)
            case Answer.NOT_SENT:
                yield self.say(truth.void(order, answered.reason or "not sent"), now)
            case Answer.LOST if order.status is not Status.UNKNOWN:
                yield self.lost(order, answered.reason, now)
            case _:
                return

    def seen(self, order: Order, seen: OrderSeen, now: RealNs) -> Iterator[News]:
        """The user stream spoke of an order: it rests after all, or it is off the book."""
        if seen.kind is OrderSeenKind.PLACED and order.status is Status.UNKNOWN:
            yield self.say(truth.accepted(order, NEVER), now)
        elif seen.kind in (OrderSeenKind.CANCELED, OrderSeenKind.EXPIRED) and order.is_open:
            expired = seen.kind is OrderSeenKind.EXPIRED
            order.why = truth.EXPIRED if expired else seen.reason or order.why
            order.venue_matched = seen.matched
            order.off_at = now
            yield from self.ends(order, now)

    def lost(self, order: Order, reason: str, now: RealNs) -> AnswerLost:
        """Its answer did not come."""
        intended = order.intended
        lost = AnswerLost(
            order=order.id,
            command=intended.command,
            market=intended.market,
            owner=intended.owner,
            reason=reason,
        )
        return self.say(lost, now)

    def rejected(self, order: Order, reason: str, now: RealNs) -> OrderRejected:
        """The venue said no."""
        intended = order.intended
        no = OrderRejected(
            order=order.id,
            command=intended.command,
            market=intended.market,
            owner=intended.owner,
            side=intended.side,
            reason=reason,
        )
        return self.say(no, now)

    # Figures out.

    def is_undecided(self, now: RealNs) -> bool:
        """Whether the next read decides what became of an order."""
        return any(
            (order.off_at != NEVER and now - order.off_at >= SOON_NS) or order.status is Status.UNKNOWN
            for order in self.table
        )

    def exposures(self) -> tuple[tuple[MarketId, Shares], ...]:
        """Every market with a net exposure."""
        return tuple((market, held.net) for market, held in self.inventories.items() if held.net)

    def read_since(self, read_at: MarketNs | None) -> MarketNs:
        """Where the next read of trades begins, given when the last one that was answered was asked for.

        Without one: closed orders have all their fills, so nothing is missing from before the oldest open one
        was intended. What is not settled is read again until it is.
        """
        known = read_at if read_at is not None else self.table.intended_since()
        matched = [waited_for.matched_at for waited_for in self.unsettled.values()]
        behind = min((known if known is not None else self.cursor, *matched), key=int)
        return MarketNs(max(0, int(behind) - OVERLAP_NS))

    def checked_tokens(self) -> tuple[TokenId, ...]:
        """Tokens whose balances are worth a request each."""
        return tuple(self.tokens)[-MAX_CHECKED:]

    def mismatches(self, read: AccountRead) -> Iterator[PositionMismatched]:
        """Balances that are not what our fills say; what is bought and not settled may be there or not."""
        for token, balance in read.balances:
            if token not in self.tokens:
                continue
            market, outcome = self.tokens[token]
            held = self.inventories[market]
            believed = held.held(outcome)
            if not held.confirmed(outcome) - truth.DUST <= balance <= believed + truth.DUST:
                yield PositionMismatched(market=market, token=token, believed=believed, balance=balance)


def _moved(leg: Leg) -> int:
    """Dollars in millionths that a leg brought in (or cost: negative), rounded against us."""
    sign = 1 if leg.action is Action.SELL else -1
    return sign * leg.price * leg.size // MICRO - leg.fee
