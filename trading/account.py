"""The account as the gateway knows it: its orders, its fills, its money; and the facts that follow from news."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from messages.account import AccountRead, Leg, PositionMismatched, Settlement
from messages.orders import (
    AnswerLost,
    FillConfirmed,
    FillReversed,
    OrderAccepted,
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
    TokenId,
)
from trading import truth
from trading.inventory import MAX_PENDING, FillKey, Inventories
from trading.orders import Order, OrderFact, OrderTable
from trading.ticks import mirror

OVERLAP_NS = 600 * SECOND
"""Market time that a read of trades goes back behind what is known."""
MAX_CHECKED = 40
"""Tokens whose balances are held against our fills at a start: the ones ordered last."""

FillFact = OrderFilled | FillConfirmed | FillReversed
News = FillFact | OrderAccepted | OrderCompleted | OrderCanceled | OrderExpired | OrderVoided
"""What the venue's words about orders and trades turn into."""
FactT = TypeVar("FactT", bound=OrderFact)


class Account:
    """Grows only by facts. Those it finds itself are taken into account before they are said."""

    def __init__(self) -> None:
        self.table = OrderTable()
        self.inventories = Inventories()
        self.tokens: dict[TokenId, tuple[MarketId, Outcome]] = {}
        """Tokens we ever ordered, the last one last."""
        self.cursor = MarketNs(0)
        """Latest match that is known."""
        self.unsettled: dict[FillKey, MarketNs] = {}
        """When fills were matched that are neither confirmed nor reversed, as far as that is waited for."""
        self.collateral = Money(0)
        """As read last, moved by every fill since."""

    # Facts in.

    def note(self, fact: OrderFact, now: RealNs) -> bool:
        """An order's step; False: it changed nothing."""
        if isinstance(fact, OrderIntended):
            self.tokens.pop(fact.token, None)
            self.tokens[fact.token] = (fact.market, fact.outcome)
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
            self.unsettled[key] = fact.matched_at
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
            if order is not None:
                yield from self._apply_leg(leg, order)
                yield from self.ends(order, now)

    def _apply_leg(self, leg: Leg, order: Order) -> Iterator[FillFact]:
        market = order.intended.market
        if leg.status is Settlement.FAILED:
            self.table.rule_out(leg.order, leg.trade)
            undone = FillReversed(trade=leg.trade, order=leg.order, market=market, reason="settlement failed")
            if self._take(undone):
                self.collateral = Money(self.collateral - _moved(leg))
                yield undone
            return
        filled = self._filled(leg, order)
        if self.table.fill(filled):
            self._take(filled)
            self.collateral = Money(self.collateral + _moved(leg))
            yield filled
        confirmed = FillConfirmed(trade=leg.trade, order=leg.order, market=market)
        if leg.status is Settlement.CONFIRMED and self._take(confirmed):
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

    def read_since(self, read_at: MarketNs | None) -> MarketNs:
        """Where the next read of trades begins, given when the last one that was answered was asked for.

        Without one: closed orders have all their fills, so nothing is missing from before the oldest open one
        was intended. What is not settled is read again until it is.
        """
        known = read_at if read_at is not None else self.table.intended_since()
        behind = min((known if known is not None else self.cursor, *self.unsettled.values()), key=int)
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
