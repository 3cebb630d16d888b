"""The gateway's book of its own orders: every order's life as one table, and what they may still do to us."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from enum import StrEnum

import msgspec

from messages.base import Message
from messages.orders import (
    NEVER,
    AnswerLost,
    OrderAccepted,
    OrderCanceled,
    OrderCompleted,
    OrderExpired,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    OrderVoided,
    SendOrder,
    TakeOrdersOff,
)
from messages.values import (
    MICRO,
    SECOND,
    Action,
    CommandId,
    MarketId,
    MarketNs,
    Money,
    OrderId,
    Outcome,
    RealNs,
    RoleName,
    Shares,
    Side,
    Size,
    TokenId,
    TradeId,
)

MAX_CLOSED = 4_096
"""Closed orders that are remembered, so that what is said of them late is still understood: about a kilobyte each."""

QUARANTINE_NS = 25 * SECOND
"""Real time after an answer was given up for lost in which its order may still come to rest: the venue holds a
throttled request back for up to 20 s and does it then. Longer than counting from its sending, which is not always
known."""
DUST = 10_000
"""Millionths of a share (0.01): a fill this close to the whole is the whole."""


class Status(StrEnum):
    """Where an order is in its life."""

    INTENDED = "INTENDED"
    SENT = "SENT"
    RESTING = "RESTING"
    CANCELING = "CANCELING"
    UNKNOWN = "UNKNOWN"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    VOIDED = "VOIDED"


CLOSED = frozenset({Status.FILLED, Status.CANCELED, Status.REJECTED, Status.EXPIRED, Status.VOIDED})

_ENDS: dict[type[Message], Status] = {
    OrderCompleted: Status.FILLED,
    OrderCanceled: Status.CANCELED,
    OrderExpired: Status.EXPIRED,
    OrderVoided: Status.VOIDED,
}
ENDS = frozenset((*_ENDS, OrderRejected))
"""Facts that close an order."""
TRANSITIONS: dict[Status, dict[type[Message], Status]] = {
    Status.INTENDED: {
        SendOrder: Status.SENT,
        OrderAccepted: Status.RESTING,
        OrderRejected: Status.REJECTED,
        AnswerLost: Status.UNKNOWN,
        **_ENDS,
    },
    Status.SENT: {
        OrderAccepted: Status.RESTING,
        OrderRejected: Status.REJECTED,
        AnswerLost: Status.UNKNOWN,
        **_ENDS,
    },
    Status.RESTING: {TakeOrdersOff: Status.CANCELING, **_ENDS},
    Status.CANCELING: _ENDS,
    Status.UNKNOWN: {OrderAccepted: Status.RESTING, OrderRejected: Status.REJECTED, **_ENDS},
}
"""Every step there is. A message that has no step from where an order stands changes nothing: our own words
come back from the journal when the order may be further already."""


class Order(msgspec.Struct, kw_only=True):
    """One order and everything known of it."""

    intended: OrderIntended
    status: Status = Status.INTENDED
    filled: Size = Size(0)
    accepted_at: RealNs = NEVER
    """When its acceptance was known here."""
    cancel_wanted: bool = False
    is_wish: bool = False
    """It is wanted back for a better price alone, which can wait."""
    cancel_asked_at: RealNs = NEVER
    off_at: RealNs = NEVER
    """When the venue said that it is off the book; fills before that may still be on their way."""
    venue_matched: Size | None = None
    """All it ever filled, by the venue's word when it went off."""
    counted: Size = Size(0)
    """The most that the venue ever said it filled, resting or off: it takes nothing of that back."""
    failed: Size = Size(0)
    """What matches of it had that were heard of only when they had failed; the venue may count them."""
    is_accepted: bool = False
    """A person took what the venue says of its market for true: fills that are missing are in it."""
    unknown_at: RealNs = NEVER
    """When its answer was given up for lost."""
    free_at: RealNs | None = NEVER
    """While UNKNOWN: it may be found never to have arrived by what is asked for after this; None: nobody knows
    yet, the venue is restarting."""
    missing_at: RealNs = NEVER
    """A list that was asked for then does not show it, and should."""
    none_at: RealNs = NEVER
    """Asked for by its name then, the venue did not have it."""
    looks: int = 0
    look_at: RealNs = NEVER
    """Not asked for by its name before this."""
    why: str = ""

    @property
    def id(self) -> OrderId:
        """Its hash."""
        return self.intended.order

    @property
    def leaves(self) -> Size:
        """Size that may still be filled; 0 once it is closed."""
        return Size(0) if self.status in CLOSED else self.remainder

    @property
    def remainder(self) -> Size:
        """What of it was not filled."""
        return Size(max(0, self.intended.size - self.filled))

    @property
    def is_open(self) -> bool:
        """Not closed: it rests, or may rest, or may come to rest."""
        return self.status not in CLOSED

    @property
    def lacks_fills(self) -> bool:
        """The venue said how much it ever filled, and that much is not known yet."""
        return self.owed >= DUST and not self.is_accepted

    @property
    def owed(self) -> Size:
        """What the venue counts as filled and no trade told."""
        return Size(max(0, max(self.counted, self.venue_matched or 0) - self.filled - self.failed))

    def counts(self, matched: Size) -> None:
        """The venue says how much of it is filled by now, or was a while ago."""
        self.counted = max(self.counted, matched)

    def is_off(self, at: RealNs, matched: Size | None = None) -> None:
        """The venue says that it is off the book, and how much of it was filled, if it does."""
        self.off_at = at if self.off_at == NEVER else self.off_at
        self.venue_matched = self.venue_matched if matched is None else matched

    @property
    def is_missing(self) -> bool:
        """A list does not show it, and it was not asked for by its name since."""
        return self.missing_at != NEVER and self.none_at <= self.missing_at

    def is_there(self) -> None:
        """The venue has it: what was found missing before means nothing."""
        self.missing_at = self.none_at = self.look_at = NEVER
        self.looks = 0

    @property
    def tied(self) -> Money:
        """Collateral that its remainder may take: what a BUY's costs, rounded up."""
        if self.intended.action is Action.SELL:
            return Money(0)
        is_yes = self.intended.outcome is Outcome.YES
        price = self.intended.price if is_yes else MICRO - self.intended.price
        return Money(-(-price * self.remainder // MICRO))


OrderFact = (
    OrderIntended
    | OrderAccepted
    | OrderRejected
    | AnswerLost
    | OrderVoided
    | OrderCompleted
    | OrderCanceled
    | OrderExpired
)


class OrderTable:
    """All open orders, and the closed ones of late."""

    def __init__(self) -> None:
        self._open: dict[OrderId, Order] = {}
        self._closed: OrderedDict[OrderId, Order] = OrderedDict()
        self._unheard: dict[OrderId, Order] = {}
        """Closed by our own word, which the journal has not told back yet: what they tied is not given back before."""
        self._commands: dict[CommandId, OrderId] = {}
        self._legs: dict[OrderId, set[TradeId]] = {}

    def get(self, order: OrderId) -> Order | None:
        """An open order, or one closed of late."""
        return self._open.get(order) or self._closed.get(order)

    def by_command(self, command: CommandId) -> Order | None:
        """The order that a `PlaceOrder` became."""
        order = self._commands.get(command)
        return None if order is None else self.get(order)

    def __iter__(self) -> Iterator[Order]:
        return iter(list(self._open.values()))

    def __len__(self) -> int:
        return len(self._open)

    # What happened.

    def note(self, fact: OrderFact, now: RealNs, *, is_said: bool = False) -> bool:
        """Take one fact into account, ours as we say it or the journal's; False: it changed nothing."""
        if isinstance(fact, OrderIntended):
            if self.get(fact.order) is not None:
                return False
            self._open[fact.order] = Order(intended=fact)
            self._commands[fact.command] = fact.order
            return True
        if not is_said and type(fact) in ENDS:
            self._unheard.pop(fact.order, None)
        order = self._open.get(fact.order)
        if order is None or not self.step(order, type(fact)):
            return False
        if isinstance(fact, OrderAccepted):
            order.accepted_at = now
            order.is_there()
        elif isinstance(fact, AnswerLost):
            order.unknown_at, order.free_at = now, now + QUARANTINE_NS
        if not order.is_open:
            self._close(order)
            if is_said:
                self._unheard[order.id] = order
        return True

    def step(self, order: Order, by: type[Message]) -> bool:
        """Move one order along the table; False where there is no such step."""
        status = TRANSITIONS.get(order.status, {}).get(by)
        if status is None:
            return False
        order.status = status
        return True

    def fill(self, fact: OrderFilled) -> bool:
        """One leg of a match; False: it was known, or its order is not."""
        order = self.get(fact.order)
        if order is None or not self._is_new(fact.order, fact.trade):
            return False
        order.filled = Size(order.filled + fact.size)
        return True

    def rule_out(self, identity: OrderId, trade: TradeId, size: Size) -> None:
        """This match failed: where it was not heard of before, it is none when it is heard of later."""
        order = self.get(identity)
        if order is not None and self._is_new(identity, trade):
            order.failed = Size(order.failed + size)

    def _is_new(self, order: OrderId, trade: TradeId) -> bool:
        legs = self._legs.setdefault(order, set())
        known = len(legs)
        legs.add(trade)
        return len(legs) > known

    def begin(self, now: RealNs, why: str) -> None:
        """A new life: what it finds open is an earlier one's, and all that is known of it happened before now.

        The clock of the facts may be that of an earlier boot of this host, and then it says nothing here.
        """
        for order in self._open.values():
            order.why = order.why or why
            order.accepted_at = min(order.accepted_at, now, key=int)
            order.unknown_at = min(order.unknown_at, now, key=int)
            order.free_at = order.unknown_at + QUARANTINE_NS

    def _close(self, order: Order) -> None:
        del self._open[order.id]
        self._closed[order.id] = order
        if len(self._closed) > MAX_CLOSED:
            _, oldest = self._closed.popitem(last=False)
            self._commands.pop(oldest.intended.command, None)
            self._legs.pop(oldest.id, None)

    # What it may still do to us.

    def of(self, market: MarketId, owner: RoleName | None = None) -> list[Order]:
        """Open orders of one market, of one owner or of all."""
        return [
            order
            for order in self._open.values()
            if order.intended.market == market and owner in (None, order.intended.owner)
        ]

    def leaves(self, market: MarketId, side: Side) -> Size:
        """Size on one YES side of a market that may still be filled."""
        counted = self._counted()
        return Size(
            sum(o.remainder for o in counted if o.intended.market == market and o.intended.side is side)
        )

    def offered(self, token: TokenId) -> Size:
        """Size of one token that is being sold."""
        return Size(
            sum(
                o.remainder
                for o in self._counted()
                if o.intended.token == token and o.intended.action is Action.SELL
            )
        )

    def intended_since(self) -> MarketNs | None:
        """Market time of the oldest open order's intent: no open order was filled before; None without one."""
        return min((o.intended.intended_at for o in self._open.values()), key=int, default=None)

    def tied(self) -> Money:
        """Collateral that open orders may still take."""
        return Money(sum(o.tied for o in self._counted()))

    def _counted(self) -> Iterator[Order]:
        """Open orders, and those whose end is said and not heard."""
        yield from self._open.values()
        yield from self._unheard.values()

    def count(self, status: Status) -> int:
        """Open orders in one status."""
        return sum(o.status is status for o in self._open.values())

    def worst(self, market: MarketId, net: Shares) -> tuple[Shares, Shares]:
        """Net exposure if everything open on one side were filled: most negative, most positive."""
        return (
            Shares(net - self.leaves(market, Side.ASK)),
            Shares(net + self.leaves(market, Side.BID)),
        )
