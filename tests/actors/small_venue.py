"""A venue of one market that is honest and slow: it loses, delays and repeats words, never what happened."""

from __future__ import annotations

from dataclasses import dataclass, field

from messages.account import (
    AccountOpened,
    AccountRead,
    AccountReadFailed,
    BeatDeadMan,
    DeadManBeaten,
    Leg,
    LegsSeen,
    OpenAccount,
    OpenOrder,
    OrderSeen,
    OrderSeenKind,
    ReadAccount,
    Settlement,
    UserStreamLost,
    UserStreamOpened,
)
from messages.base import Message
from messages.orders import (
    Answer,
    CancelAll,
    CancelAnswered,
    CancelFailed,
    CancelMarket,
    CancelOrder,
    ForgetOrder,
    OrderAnswered,
    OrderFound,
    OrderPrepared,
    OrderRead,
    OrderReadFailed,
    PrepareOrder,
    ReadOrder,
    SendOrder,
    TakeAllOff,
    TakeOrdersOff,
)
from messages.values import SECOND, Action, CommandId, MarketNs, Money, OrderId, RealNs, Side, Size, TradeId
from messages.wallet import PositionsRead, ReadPositions
from tests.actors.gateway_stage import FUNDS, Gateway
from tests.factories import MAKER, MARKET, a_book, an_info, an_order, cents, shares, taken

SPEED = 100
"""Market seconds in a real one."""
FLIGHT_NS = 12 * SECOND
"""An order that left arrives within this time, or never."""


@dataclass
class Listed:
    """One order as the venue has it."""

    place: PrepareOrder
    side: Side
    matched: int = 0
    is_open: bool = False

    @property
    def leaves(self) -> int:
        return self.place.size - self.matched


@dataclass
class SmallVenue:
    """The gateway and everything around it; each method is one thing that may happen next."""

    stage: Gateway = field(default_factory=Gateway)
    orders: dict[OrderId, Listed] = field(default_factory=dict)
    trades: dict[TradeId, Leg] = field(default_factory=dict)
    position: int = 0
    signing: list[PrepareOrder] = field(default_factory=list)
    leaving: list[SendOrder] = field(default_factory=list)
    flying: list[tuple[OrderId, int, bool]] = field(default_factory=list)
    """Order, when it evaporates, and whether anybody waits for the answer."""
    looks: list[OrderId] = field(default_factory=list)
    """Orders that are asked for by name."""
    cancels: list[Message] = field(default_factory=list)
    reads: list[ReadAccount] = field(default_factory=list)
    reading: AccountRead | None = None
    since: int = 0
    words: list[Message] = field(default_factory=list)
    """On their way to the gateway."""
    sides: dict[CommandId, Side] = field(default_factory=dict)

    def begin(self) -> None:
        """The gateway is started and the account is empty."""
        self.heard(self.stage.recover())
        for _ in range(4):
            self.settle()

    # What traders and time do.

    def place(self, n: int) -> None:
        side = (Side.BID, Side.ASK)[n % 2]
        price = cents(40 - n % 7) if side is Side.BID else cents(60 + n % 7)
        place = an_order(
            f"c{len(self.sides)}",
            side=side,
            price=price,
            size=shares(5 + n % 26),
            decided_at=RealNs(self.stage.real),
        )
        self.sides[place.command] = side
        self.heard(self.stage.hear(place))

    def quote(self, n: int) -> None:
        """An order is wanted, signed and leaves without delay."""
        self.place(n)
        self.sign(n)
        self.leave(len(self.leaving) - 1 + len(self.leaving) * n)

    def cancel(self, n: int) -> None:
        command = CommandId(f"c{max(0, len(self.sides) - 1 - n % 5)}")
        words = (
            CancelOrder(command=command, market=MARKET),
            CancelMarket(market=MARKET, owner=MAKER),
            CancelAll(reason=""),
        )
        self.heard(self.stage.hear(words[max(0, n % 8 - 5)]))

    def tick(self, n: int) -> None:
        """Time passes; permits and beats go on."""
        self.stage.wait((n % 16 + 1) / 16, (n % 16 + 1) / 16 * SPEED)
        self.flying = [flight for flight in self.flying if flight[1] > self.stage.real]
        said = self.stage.keep_alive() + self.stage.call("watch")
        self.heard(said)

    def restart(self, n: int) -> None:
        """The gateway is killed; what left its port is on its way still. Mostly it is up again at once."""
        if n % 4:
            return
        before, self.stage = self.stage, Gateway()
        self.stage.real, self.stage.market_time = before.real, before.market_time
        self.flying = [(order, until, False) for order, until, _ in self.flying]
        self.signing, self.leaving, self.cancels, self.reads, self.words = [], [], [], [], []
        self.reading, self.looks = None, []
        self.heard(self.stage.recover(before.journal))
        for _ in range(40 if n % 3 else 0):
            if not self.stage.gateway.is_ready:
                self.tick(2)
                for happens in (
                    self.take_off,
                    self.read,
                    self.read,
                    self.deliver,
                    self.deliver,
                    self.deliver,
                ):
                    happens(1)

    # What the port does.

    def sign(self, n: int) -> None:
        if self.signing:
            place = self.signing.pop(0)
            order = OrderId(f"0x{place.command}")
            self.orders[order] = Listed(place, self.sides[place.command])
            self.heard(self.stage.hear(OrderPrepared(command=place.command, order=order)))

    def leave(self, n: int) -> None:
        """An order leaves, unless it is too late; its answer may be given up at once."""
        if self.leaving:
            send = self.leaving.pop(n % len(self.leaving))
            if self.stage.real >= send.send_before:
                self.answer(send.order, Answer.NOT_SENT)
                return
            waited_for = n % 5 > 0
            self.flying.append((send.order, self.stage.real + FLIGHT_NS, waited_for))
            if not waited_for:
                self.answer(send.order, Answer.LOST)

    def arrive(self, n: int) -> None:
        """An order reaches the book, or is refused; the answer may be lost."""
        if self.flying:
            order, _, waited_for = self.flying.pop(n % len(self.flying))
            answer = (Answer.RESTING, Answer.LOST, Answer.REJECTED, Answer.RESTING)[n // 3 % 4]
            self.orders[order].is_open = answer is not Answer.REJECTED
            if waited_for:
                self.answer(order, answer)
            if n % 4 == 0 and self.orders[order].is_open:
                self.words.append(self.seen(order, OrderSeenKind.PLACED))

    def answer(self, order: OrderId, answer: Answer) -> None:
        self.words.append(OrderAnswered(order=order, answer=answer, sent_at=RealNs(self.stage.real)))

    def take_off(self, n: int) -> None:
        """A cancel reaches the venue; its answer may be lost, and so may the stream's word."""
        if not self.cancels:
            return
        cancel = self.cancels.pop(0)
        is_all = isinstance(cancel, TakeAllOff)
        wanted = list(self.orders) if is_all else list(cancel.orders)  # type: ignore[attr-defined]
        done = [order for order in wanted if order in self.orders and self.orders[order].is_open]
        if n % 7 == 0:
            self.words.append(CancelFailed(orders=tuple(wanted), reason="", everything=is_all))
            done = done[: n % 2]
        for order in done:
            self.orders[order].is_open = False
            if n % 3:
                self.words.append(self.seen(order, OrderSeenKind.CANCELED))
        if n % 7:
            left = tuple((order, "") for order in wanted if order not in done and not is_all)
            self.words.append(CancelAnswered(canceled=tuple(done), not_canceled=left, everything=is_all))

    def seen(self, order: OrderId, kind: OrderSeenKind) -> OrderSeen:
        return OrderSeen(order=order, market=MARKET, kind=kind, matched=Size(self.orders[order].matched))

    def read(self, n: int) -> None:
        """The list of orders is made at one moment, the trades at a later one."""
        if self.reading is not None:
            legs = tuple(leg for leg in self.trades.values() if leg.matched_at >= self.since)
            read, self.reading = self.reading, None
            if n % 9 == 0:
                self.words.append(AccountReadFailed(reason=""))
                return
            self.words.append(
                AccountRead(begun_at=read.begun_at, orders=read.orders, legs=legs, collateral=FUNDS)
            )
        elif self.reads:
            self.since = int(self.reads.pop(0).since)
            self.stage.wait(0.001, 0.001 * SPEED)
            rows = tuple(
                OpenOrder(order=order, market=MARKET, token=row.place.token, matched=Size(row.matched))
                for order, row in self.orders.items()
                if row.is_open
            )
            if n % 5 == 0:
                rows = rows[n // 5 % 3 :]  # the list is late, or misses a row
            begun_at = RealNs(self.stage.real)
            self.reading = AccountRead(begun_at=begun_at, orders=rows, legs=(), collateral=Money(0))
            self.stage.wait(0.001, 0.001 * SPEED)

    # What the market does.

    def fill(self, n: int) -> None:
        """Somebody trades with us; the stream may not say so."""
        resting = [order for order, row in self.orders.items() if row.is_open]
        if resting:
            order = resting[n % len(resting)]
            row = self.orders[order]
            size = min(row.leaves, (n % 40 + 1) * 500_000)
            row.matched += size
            row.is_open = row.leaves > 0
            self.position += row.side.sign * size
            trade = TradeId(f"t{len(self.trades)}")
            self.trades[trade] = self.leg(trade, order, row, size)
            if n % 3:
                self.words.append(LegsSeen(legs=(self.trades[trade],)))

    def leg(self, trade: TradeId, order: OrderId, row: Listed, size: int) -> Leg:
        return Leg(
            trade=trade,
            order=order,
            market=MARKET,
            token=row.place.token,
            action=Action(row.place.action),
            price=row.place.price,
            size=Size(size),
            fee=Money(0),
            status=Settlement.MATCHED,
            matched_at=MarketNs(self.stage.market_time // SECOND * SECOND),
            taker=False,
        )

    def confirm(self, n: int) -> None:
        """A trade is settled."""
        if self.trades:
            trade = list(self.trades)[n % len(self.trades)]
            leg = self.trades[trade]
            self.trades[trade] = Leg(
                trade=leg.trade,
                order=leg.order,
                market=leg.market,
                token=leg.token,
                action=leg.action,
                price=leg.price,
                size=leg.size,
                fee=leg.fee,
                status=Settlement.CONFIRMED,
                matched_at=leg.matched_at,
                taker=leg.taker,
            )
            if n % 2:
                self.words.append(LegsSeen(legs=(self.trades[trade],)))

    # What reaches the gateway.

    def deliver(self, n: int) -> None:
        """One word arrives, not always in order; what is said of trades may be said again."""
        if self.words:
            word = self.words.pop(n % len(self.words) if n % 4 == 0 else 0)
            if isinstance(word, LegsSeen) and n % 5 == 0:
                self.words.append(word)
            self.heard(self.stage.hear(word))

    def look(self, n: int) -> None:
        """The venue is asked for one order, and says what it has of it at that moment."""
        if self.looks:
            order = self.looks.pop(0)
            row = self.orders.get(order)
            found = OrderFound.OPEN if row is not None and row.is_open else OrderFound.NONE
            begun_at = RealNs(self.stage.real)
            self.stage.wait(0.001, 0.001 * SPEED)
            if n % 9 == 0:
                self.words.append(OrderReadFailed(order=order, reason=""))
                return
            matched = Size(row.matched if row is not None else 0)
            self.words.append(OrderRead(order=order, begun_at=begun_at, found=found, matched=matched))

    def disturb(self, n: int) -> None:
        """The user stream is lost, and what it had to say with it."""
        if n % 3:
            return
        self.words = [word for word in self.words if not isinstance(word, LegsSeen | OrderSeen)]
        at = RealNs(self.stage.real)
        self.heard(self.stage.hear(UserStreamLost(reason="", attempt=1, at=at), UserStreamOpened(at=at)))

    def heard(self, said: list[Message]) -> None:
        """What the gateway wants of its port."""
        for message in said:
            match message:
                case PrepareOrder():
                    self.signing.append(message)
                case SendOrder():
                    self.leaving.append(message)
                case ForgetOrder():
                    forgotten = [send for send in self.leaving if send.order == message.order]
                    self.leaving = [send for send in self.leaving if send.order != message.order]
                    for send in forgotten:
                        self.answer(send.order, Answer.NOT_SENT)
                case TakeOrdersOff() | TakeAllOff():
                    self.cancels.append(message)
                case ReadPositions():
                    at = RealNs(self.stage.real)
                    self.words.append(PositionsRead(begun_at=at, positions=()))
                case ReadAccount():
                    self.reads.append(message)
                case ReadOrder():
                    self.looks.append(message.order)
                case OpenAccount():
                    self.words += [
                        AccountOpened(address="0xa", funder="0xf"),
                        UserStreamOpened(at=RealNs(self.stage.real)),
                        an_info(),
                        a_book(20, 80),
                        *(() if self.sides else (taken(),)),
                    ]
                case BeatDeadMan():
                    self.words.append(DeadManBeaten(at=RealNs(self.stage.real)))
                case _:
                    pass

    def settle(self) -> None:
        """A while without a trader: everything that is on its way arrives."""
        for _ in range(40):
            self.tick(3)
            while self.looks:
                self.look(1)
            for happens in (self.sign, self.leave, self.arrive, self.take_off, self.read, self.read):
                happens(1)
            while self.words:
                self.deliver(1)

    # What is true.

    @property
    def worst(self) -> tuple[int, int]:
        """The lowest and the highest the position may get by what rests or is on its way."""
        may = [self.orders[order] for order, _, _ in self.flying]
        may += [row for row in self.orders.values() if row.is_open]
        return (
            self.position - sum(row.leaves for row in may if row.side is Side.ASK),
            self.position + sum(row.leaves for row in may if row.side is Side.BID),
        )

    @property
    def live(self) -> set[OrderId]:
        """Orders that rest, or may come to."""
        return {order for order, row in self.orders.items() if row.is_open} | {o for o, _, _ in self.flying}


HAPPENINGS = (
    SmallVenue.quote,
    SmallVenue.quote,
    SmallVenue.quote,
    SmallVenue.place,
    SmallVenue.sign,
    SmallVenue.leave,
    SmallVenue.arrive,
    SmallVenue.arrive,
    SmallVenue.fill,
    SmallVenue.fill,
    SmallVenue.deliver,
    SmallVenue.deliver,
    SmallVenue.deliver,
    SmallVenue.take_off,
    SmallVenue.read,
    SmallVenue.read,
    SmallVenue.look,
    SmallVenue.tick,
    SmallVenue.tick,
    SmallVenue.cancel,
    SmallVenue.confirm,
    SmallVenue.disturb,
    SmallVenue.restart,
)
"""Everything that may happen, the likely ones more than once."""
