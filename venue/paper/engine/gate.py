"""An order's way in: admission, the taker delay, what it takes at once, and where the rest of it goes."""

from __future__ import annotations

from collections.abc import Sequence

from loguru import logger

from messages.values import SECOND, MarketNs, OrderId, Price, Side, Size
from venue.paper.engine import admission
from venue.paper.engine.book import Resting
from venue.paper.engine.floor import Floor
from venue.paper.engine.room import Room
from venue.paper.engine.settlement import taker_of, yes_terms
from venue.paper.engine.terms import (
    Market,
    NewOrder,
    Order,
    OrderStatus,
    OrderType,
    Placement,
    Refused,
    TokenSide,
    Trade,
)
from venue.paper.ledger.ledger import Ledger

_IMMEDIATE = (OrderType.FOK, OrderType.FAK)


class Gate:
    """Takes orders to the floor. Raises Refused with the venue's words."""

    def __init__(self, floor: Floor, ledger: Ledger) -> None:
        self._floor = floor
        self._ledger = ledger

    def take(self, new: NewOrder, room: Room) -> Placement:
        """An order comes in."""
        floor, market = self._floor, room.market
        side, price = yes_terms(market, new.token, new.side, new.price)
        crosses = room.book.crosses(side, price)
        self._check_terms(new, room, crosses)
        self._check_funds(new, room, crosses)
        if new.type in _IMMEDIATE:
            self._check_depth(new, room, side, price)
        delay = _delay(market) if crosses else 0
        if delay:
            return self._wait(floor.orders.accept(new, room, floor.now, OrderStatus.DELAYED), room, delay)
        order = floor.orders.accept(new, room, floor.now)
        trades = self._execute(order, room, side, price, crosses)
        floor.finish(room)
        return _placement(order, trades)

    # -- admission

    def _check_terms(self, new: NewOrder, room: Room, crosses: bool) -> None:
        switches = self._floor.funds.switches
        admission.check_terms(new, room.market, self._floor.now, switches.gtd_lead_s * SECOND)
        if self._ledger.has_order(new.id):
            raise admission.duplicated(new)
        if crosses:
            if new.post_only:
                self._refuse(new, room, OrderStatus.UNMATCHED, Refused(admission.POST_ONLY_CROSSES))
            admission.check_marketable(new)
            if not switches.self_match:
                self._check_self_match(new, room)

    def _check_funds(self, new: NewOrder, room: Room, crosses: bool) -> None:
        floor, market = self._floor, room.market
        if new.side is TokenSide.SELL:
            floor.funds.check(new.maker, market, new.token, new.size, floor.now)
            return
        amount = admission.dollars_for(new.price, new.size)
        if crosses:
            amount += admission.taker_fee(market.fee_rate, new.price, new.size)
        floor.funds.check(new.maker, market, None, amount, floor.now)

    def _check_depth(self, new: NewOrder, room: Room, side: Side, price: Price) -> None:
        try:
            admission.check_depth(new, room.book.takeable(side, price, new.size))
        except Refused as no:
            self._refuse(new, room, OrderStatus.CANCELED, no)

    def _check_self_match(self, new: NewOrder, room: Room) -> None:
        """Assumed: whatever of the same address it could reach refuses it, though others might fill it first."""
        side, price = yes_terms(room.market, new.token, new.side, new.price)
        for resting in room.open.values():
            is_met = resting.side is not side and (resting.price - price) * side.sign <= 0
            if is_met and resting.order.new.maker == new.maker:
                logger.info("order {} would match {} of its own maker", new.id, resting.order.new.id)
                raise Refused(f"order {new.id} crosses the book")

    def _refuse(self, new: NewOrder, room: Room, status: OrderStatus, no: Refused) -> None:
        """The user channel hears of an order that is refused for what it met (VENUE §5.5)."""
        floor = self._floor
        order = Order(
            new=new,
            market=room.market.id,
            status=status,
            matched=Size(0),
            created_at=floor.now,
            trades=[],
            reason=no.text,
        )
        floor.news.order(order, "CANCELLATION")
        floor.finish(room)
        raise no

    # -- the taker delay

    def _wait(self, order: Order, room: Room, delay: int) -> Placement:
        floor = self._floor
        floor.orders.delay(order)
        floor.agenda.add(floor.now + delay, lambda: self._release(order, room))
        floor.finish(room)
        return Placement(order=order.new.id, status="delayed")

    def _release(self, order: Order, room: Room) -> None:
        """The delay is over: all is checked again, then it takes what it finds, and the rest goes on as usual."""
        floor, new = self._floor, order.new
        side, price = yes_terms(room.market, new.token, new.side, new.price)
        crosses = room.book.crosses(side, price)
        floor.orders.release(order)
        failed = self._failing(order, room, side, price, crosses)
        if failed is None:
            order.status = OrderStatus.LIVE
            if not self._execute(order, room, side, price, crosses) and order.leaves:
                floor.news.order(order, "UPDATE")
        else:
            status, order.reason = failed
            floor.orders.end(order, status, order.reason or "not enough balance", floor.now)
        floor.finish(room)

    def _failing(
        self, order: Order, room: Room, side: Side, price: Price, crosses: bool
    ) -> tuple[OrderStatus, str] | None:
        """How an order ends that is not fit any more when its delay is over, and in which words."""
        if room.market.resolved:
            return OrderStatus.CANCELED_RESOLVED, ""
        status = OrderStatus.UNMATCHED
        try:
            admission.check_terms(order.new, room.market, order.created_at, gtd_lead_ns=0)
            status = OrderStatus.CANCELED_BALANCE
            self._check_funds(order.new, room, crosses)
            status = OrderStatus.CANCELED
            if order.new.type in _IMMEDIATE:
                admission.check_depth(order.new, room.book.takeable(side, price, order.new.size))
        except Refused as no:
            return status, "" if status is OrderStatus.CANCELED_BALANCE else no.text
        return None

    # -- execution

    def _execute(self, order: Order, room: Room, side: Side, price: Price, crosses: bool) -> Sequence[Trade]:
        """It takes what it can; what is left rests or is killed."""
        floor, new = self._floor, order.new
        trades: Sequence[Trade] = ()
        if crosses:
            fills = room.book.take(side, price, new.size)
            trades = floor.settle(room, taker_of(new), fills, order)
        if not order.leaves:
            floor.orders.end(order, OrderStatus.MATCHED, "matched", floor.now)
        elif new.type in _IMMEDIATE:
            floor.orders.end(order, OrderStatus.CANCELED, "remainder killed", floor.now)
        else:
            self._rest(room, Resting(order, side, price, order.leaves))
        return trades

    def _rest(self, room: Room, resting: Resting) -> None:
        new = resting.order.new
        self._floor.orders.rest(room, resting, self._floor.now)
        if new.expires_at is not None:
            ends_at: MarketNs = new.expires_at + -admission.EARLY_NS
            self._floor.agenda.add(ends_at, lambda: self._expire(room, new.id))

    def _expire(self, room: Room, order: OrderId) -> None:
        resting = room.open.get(order)
        if resting is not None:
            self._floor.withdraw([(room, resting)], OrderStatus.CANCELED_EXPIRED, "expired")


def _delay(market: Market) -> int:
    """How long a marketable order waits, nanoseconds of market time."""
    return max(market.taker_delay_ns, market.seconds_delay * SECOND)


def _placement(order: Order, trades: Sequence[Trade]) -> Placement:
    if not trades:
        return Placement(order=order.new.id, status="live")
    dollars = sum(trade.dollars for trade in trades)
    shares = sum(trade.size for trade in trades)
    bought = order.new.side is TokenSide.BUY
    return Placement(
        order=order.new.id,
        status="matched",
        making=dollars if bought else shares,
        taking=shares if bought else dollars,
        trades=tuple(trade.id for trade in trades),
    )
