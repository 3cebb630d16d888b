"""The account as the gateway knows it: its orders, its fills, its money; and the facts that follow from news."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

import msgspec

from messages.account import AccountRead, Leg, OrderSeen, OrderSeenKind, Settlement
from messages.market import MarketInfo
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
    CommandId,
    MarketId,
    MarketNs,
    Money,
    Outcome,
    RealNs,
    Shares,
    Side,
    TokenId,
)
from messages.wallet import EXTERNAL
from trading import truth
from trading.inventory import MAX_PENDING, FillKey, Inventories
from trading.orders import Order, OrderFact, OrderTable, Status
from trading.reading import SOON_NS
from trading.ticks import mirror

OVERLAP_NS = 600 * SECOND
"""Market time that a read of trades goes back behind what is known."""
MAX_TOKENS = 1_024
MAX_NAMED = 8_192
ON_CHAIN = (Settlement.MINED, Settlement.CONFIRMED)
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


class Spent(msgspec.Struct):
    """What a buy costs that the chain has not taken yet, as far as is known."""

    cost: Money
    landed_at: RealNs | None = None
    """When it was heard that the chain took it; a read that began later has it."""


class Account:
    """Grows only by facts. Those it finds itself are taken into account before they are said."""

    def __init__(self) -> None:
        self.table = OrderTable()
        self.inventories = Inventories()
        self.tokens: dict[TokenId, tuple[MarketId, Outcome]] = {}
        """Tokens we ordered or hold, the one used last the last one."""
        self._named: dict[TokenId, tuple[MarketId, Outcome]] = {}
        """Tokens of which a list told whose they are. Volatile."""
        self.began_at: MarketNs | None = None
        """When the account was taken over for the first time."""
        self.cursor = MarketNs(0)
        """Latest match that is known."""
        self.unsettled: dict[FillKey, Unsettled] = {}
        """Fills that are neither confirmed nor reversed, as far as that is waited for."""
        self.chain = Money(0)
        """Collateral as the chain had it when it was read last."""
        self.spent: dict[FillKey, Spent] = {}
        """Buys whose cost `chain` may still contain."""
        self.fee_rates: dict[MarketId, int] = {}
        """Taker fee rates in millionths, where they are not zero. Volatile."""

    # Facts in.

    def note(self, fact: OrderFact, now: RealNs) -> bool:
        """An order's step; False: it changed nothing."""
        if isinstance(fact, OrderIntended):
            self._used(fact.token, fact.market, fact.outcome)
        return self.table.note(fact, now)

    def _used(self, token: TokenId, market: MarketId, outcome: Outcome) -> None:
        self.tokens.pop(token, None)
        self.tokens[token] = (market, outcome)
        if len(self.tokens) > MAX_TOKENS:
            del self.tokens[next(iter(self.tokens))]

    def know(self, token: TokenId, market: MarketId, outcome: Outcome) -> None:
        """What a token is, by a list of the venue's: no fact, only how a trade of others is understood."""
        self._named.pop(token, None)
        self._named[token] = (market, outcome)
        if len(self._named) > MAX_NAMED:
            del self._named[next(iter(self._named))]

    def known(self, token: TokenId) -> tuple[MarketId, Outcome] | None:
        """Whose token it is; None: nobody told."""
        return self.tokens.get(token) or self._named.get(token)

    def tokens_of(self, market: MarketId) -> list[TokenId]:
        """The tokens of a market, as far as they are known."""
        return [t for t, (of, _) in (self._named | self.tokens).items() if of == market]

    def begin(self, at: MarketNs) -> None:
        """The account was taken over: what was settled before the first time is in the wallet, not in our fills."""
        if self.began_at is None:
            self.began_at = at

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
            if fact.token and fact.token not in self.tokens:
                self._used(fact.token, fact.market, fact.outcome)
            if fact.worth is not None:
                return True  # no trade: the chain has it, and took nothing for it
            if fact.action is Action.BUY:
                self.spent[key] = Spent(cost_of(fact))
                self._forget_spent()
            self.cursor = max(self.cursor, fact.matched_at, key=int)
            self.unsettled[key] = Unsettled(fact.market, fact.matched_at)
            if len(self.unsettled) > MAX_PENDING:
                oldest = next(iter(self.unsettled))
                del self.unsettled[oldest]
                self._landed(oldest, NEVER)
        else:
            self.unsettled.pop(key, None)
            self._landed(key, NEVER)
            if isinstance(fact, FillReversed):
                self.spent.pop(key, None)
        return True

    def _forget_spent(self) -> None:
        """A replay has no reads: what landed so many buys ago is in whatever is read next."""
        if len(self.spent) > MAX_PENDING:
            oldest = next(iter(self.spent))
            if self.spent[oldest].landed_at is not None:
                del self.spent[oldest]

    def _landed(self, key: FillKey, at: RealNs | None) -> None:
        """The chain took what this fill gave (None: it gave it back); a read that began later is without it."""
        spent = self.spent.get(key)
        if spent is not None and (spent.landed_at is None or at is None):
            spent.landed_at = at

    def hear(self, info: MarketInfo) -> None:
        """A market's constants: which tokens are its own, and what takers pay (most are asked for nothing)."""
        self.know(info.yes, info.market, Outcome.YES)
        self.know(info.no, info.market, Outcome.NO)
        if info.fee_rate:
            self.fee_rates[info.market] = info.fee_rate

    def say(self, fact: FactT, now: RealNs) -> FactT:
        """Take a fact of our own into account and hand it on to be said."""
        self.note(fact, now)
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

    def _apply_leg(self, leg: Leg, order: Order, at: RealNs) -> Iterator[FillFact]:
        if leg.status is Settlement.FAILED:
            self.table.rule_out(leg.order, leg.trade)
        else:
            filled = self._filled(leg, order)
            if self.table.fill(filled):
                self._take(filled)
                yield filled
        yield from self._settle(leg, order.intended.market, at)

    def _is_foreign(self, leg: Leg) -> bool:
        """A trade of this wallet on an order we never sent, that the wallet we took over did not have in it yet."""
        if leg.status is Settlement.FAILED or self.known(leg.token) is None:
            return False
        if self.inventories[leg.market].knows((leg.trade, leg.order)):
            return False
        is_before = self.began_at is None or leg.matched_at < self.began_at
        return not (is_before and leg.status in ON_CHAIN)

    def _take_foreign(self, leg: Leg, at: RealNs) -> Iterator[FillFact]:
        known = self.known(leg.token)
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
            fee=self._fee(leg),
            matched_at=leg.matched_at,
            taker=leg.taker,
            token=leg.token,
        )
        self._take(filled)
        yield filled
        yield from self._settle(leg, market, at)

    def _settle(self, leg: Leg, market: MarketId, at: RealNs) -> Iterator[FillFact]:
        """The match is final, or it never was; while it is on its way only the money may have moved."""
        trade, order = leg.trade, leg.order
        if leg.status in ON_CHAIN:
            self._landed((trade, order), at)
        elif leg.status is Settlement.RETRYING:
            self._landed((trade, order), None)
        if leg.status is Settlement.FAILED:
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
            fee=self._fee(leg),
            matched_at=leg.matched_at,
            taker=leg.taker,
            token=intended.token,
        )

    def _fee(self, leg: Leg) -> Money:
        """What a taker pays beside the price, rounded up: size x rate x p x (1 - p) (VENUE 7.3). Makers pay none.

        Rebates are no part of it: the venue pays them by the day, as money of their own.
        """
        if not leg.taker:
            return leg.fee
        rate = self.fee_rates.get(leg.market, 0)
        return Money(max(leg.fee, -(-leg.size * rate * leg.price * (MICRO - leg.price) // MICRO**3)))

    def ends(self, order: Order, now: RealNs) -> Iterator[truth.Closing]:
        """The end of an order that is filled up, or off the book with every fill it had."""
        end = truth.settled_end(order)
        if end is not None:
            yield self.say(end, now)

    def judge(self, read: AccountRead, now: RealNs) -> Iterator[News]:
        """Every belief held against what the venue lists, its trades applied first; the money was read last."""
        yield from self.apply(read.legs, now, landed_at=read.begun_at)
        self.chain = read.collateral
        for key, spent in list(self.spent.items()):
            if spent.landed_at is not None and spent.landed_at <= read.begun_at:
                del self.spent[key]
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
        if seen.kind is OrderSeenKind.PLACED and order.status is Status.UNKNOWN:
            yield self.say(truth.accepted(order), now)
        elif seen.kind in (OrderSeenKind.CANCELED, OrderSeenKind.EXPIRED) and order.is_open:
            expired = seen.kind is OrderSeenKind.EXPIRED
            order.why = truth.EXPIRED if expired else seen.reason or order.why
            order.venue_matched = seen.matched
            order.off_at = now
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
        """What the chain has, less what matched buys will still take; what matched sells bring counts when it is
        there. Orders that rest are not taken off."""
        return Money(self.chain - sum(spent.cost for spent in self.spent.values()))

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


def cost_of(fill: OrderFilled) -> Money:
    """Dollars that a buy takes, its fee included, rounded up."""
    price = fill.price if fill.outcome is Outcome.YES else MICRO - fill.price
    return Money(-(-price * fill.size // MICRO) + fill.fee)
