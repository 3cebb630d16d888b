"""A history of a small account, told step by step: what the journal, the venue and the gateway say."""

from __future__ import annotations

from typing import Any

from messages.base import Event
from messages.orders import OrderAccepted, OrderCanceled, OrderFilled, OrderIntended
from messages.system import ActorExited, ActorStarted
from messages.values import (
    SECOND,
    Action,
    CommandId,
    MarketNs,
    Money,
    Outcome,
    Price,
    RealNs,
    RoleName,
    Side,
    Size,
    TradeId,
)
from simulation.checks.ward import Checker, Ward
from simulation.exchange.records import Accepted, OwnLeg, Records
from simulation.exchange.street import a_market
from simulation.exchange.venue import OWNER, WALLET
from simulation.story import Entry
from trading.account import Account
from venue.paper.engine.terms import NewOrder, Order, OrderStatus, OrderType, TokenSide, TradeStatus

MARKET = a_market(1)
LIQUIDATOR = RoleName("liquidator:1")
SHARE, CENT = 1_000_000, 10_000
CAP = Size(60 * SHARE)


class History:
    """Time stands still but for `wait`."""

    def __init__(self) -> None:
        self.real = 1_000 * SECOND
        self.records = Records(OWNER, self.now, lambda: MarketNs(self.real))
        self.account: Account | None = Account()
        self.ward = Ward(7, self.now, self.records, lambda: self.account, CAP, lambda market: MARKET)
        self.gseq = 0
        self.checker: Checker | None = None

    def now(self) -> RealNs:
        return RealNs(self.real)

    def watched_by(self, checker: Checker) -> Any:
        self.checker = checker
        self.records.watchers.append(checker)
        return checker

    def wait(self, seconds: float) -> None:
        self.real += round(seconds * SECOND)

    # The journal.

    def commit(self, message: Event, source: str = "gateway@1") -> None:
        self.gseq += 1
        entry = Entry(self.gseq, 1, source, self.now(), self.real, MarketNs(self.real), message)
        self.ward.note(entry)
        if self.checker is not None:
            self.checker.fact(entry)

    def intend(
        self,
        order: str,
        side: Side = Side.BID,
        price: int = 40,
        size: int = 10,
        gateway: int = 1,
        **others: Any,
    ) -> OrderIntended:
        """A bid buys YES, an ask buys NO, unless it is said otherwise."""
        fields: dict[str, Any] = {
            "owner": RoleName("maker"),
            "outcome": Outcome.YES if side is Side.BID else Outcome.NO,
            "action": Action.BUY,
            "decided_at": self.now(),
        }
        fields |= others
        token = MARKET.yes if fields["outcome"] is Outcome.YES else MARKET.no
        intended = OrderIntended(
            order=order,  # type: ignore[arg-type]
            command=CommandId(f"c-{order}"),
            market=MARKET.id,
            side=side,
            price=Price(price * CENT),
            size=Size(size * SHARE),
            token=token,
            **fields,
        )
        if self.account is not None:
            self.account.note(intended, self.now())
        self.commit(intended, f"gateway@{gateway}")
        return intended

    def started(self, role: str) -> None:
        self.commit(ActorStarted(role=RoleName(role), incarnation=1, pid=1), "supervisor@1")

    def ended(self, role: str) -> None:
        exited = ActorExited(role=RoleName(role), incarnation=1, code=70, reason="a mistake", restarts=0)
        self.commit(exited, "supervisor@1")

    # The venue.

    def accept(self, order: str, is_foreign: bool = False) -> None:
        known = self.ward.intents.get(order)  # type: ignore[call-overload]
        meant = known.order if known else None
        new = NewOrder(
            id=order,  # type: ignore[arg-type]
            owner=OWNER,
            maker=WALLET,
            token=meant.token if meant else MARKET.yes,
            side=TokenSide.SELL if meant and meant.action is Action.SELL else TokenSide.BUY,
            price=meant.price if meant else Price(40 * CENT),
            size=meant.size if meant else Size(10 * SHARE),
            type=OrderType.GTC,
        )
        if is_foreign:
            self.records.foreign.add(new.id)
        self._tell(new, OrderStatus.LIVE, 0)

    def end(self, order: str) -> None:
        known = self.records.orders[order]  # type: ignore[index]
        self._tell(known.order.new, OrderStatus.CANCELED, known.order.matched)

    def _tell(self, new: NewOrder, status: OrderStatus, matched: int) -> None:
        order = Order(
            new=new,
            market=MARKET.id,
            status=status,
            matched=Size(matched),
            created_at=MarketNs(self.real),
            trades=[],
        )
        self.records.order_changed(order, "PLACEMENT")

    def match(self, trade: str, order: str, size: float) -> OwnLeg:
        known = self.records.orders[order]  # type: ignore[index]
        new = known.order.new
        self._tell(new, OrderStatus.LIVE, known.order.matched + round(size * SHARE))
        leg = OwnLeg(
            trade=TradeId(trade),
            order=new.id,
            market=MARKET.id,
            token=new.token,
            side=new.side,
            price=new.price,
            size=Size(round(size * SHARE)),
            matched_at=MarketNs(self.real),
        )
        for watcher in self.records.watchers:
            watcher.matched(leg)
        return leg

    def fail(self, leg: OwnLeg) -> None:
        self.records.failed_at[leg.trade] = self.now()
        for watcher in self.records.watchers:
            watcher.settled(leg, TradeStatus.FAILED)

    # The gateway.

    def believe(self, message: Any) -> None:
        assert self.account is not None
        if isinstance(message, OrderAccepted):
            self.account.note(message, self.now())
        else:
            self.account.note_fill(message)

    @property
    def found(self) -> list[str]:
        return [breach.invariant for breach in self.ward.breaches]


def live(history: History) -> list[Accepted]:
    return list(history.records.live.values())


def filled(order, trade, size, side=Side.BID):
    return OrderFilled(
        trade=TradeId(trade),
        order=order,
        command=CommandId(f"c-{order}"),
        market=MARKET.id,
        owner=RoleName("maker"),
        side=side,
        price=Price(40 * CENT),
        size=Size(round(size * SHARE)),
        outcome=Outcome.YES,
        action=Action.BUY,
        fee=Money(0),
        matched_at=MarketNs(0),
    )


def forget(history, order):
    """The gateway holds it for gone."""
    history.account.note(
        OrderCanceled(
            order=order, command=CommandId(f"c-{order}"), market=MARKET.id, owner=RoleName("maker"),
            filled=Size(0), reason="",
        ),
        history.now(),
    )  # fmt: skip
