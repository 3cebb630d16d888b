"""The gateway's port to the simulated venue: the production port's contract and judgement, and no socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import msgspec

from messages.account import (
    AccountOpened,
    AccountRead,
    AccountReadFailed,
    AccountRefused,
    BeatDeadMan,
    DeadManBeaten,
    DeadManMissed,
    LegsSeen,
    OpenAccount,
    OrderSeen,
    ReadAccount,
    UserStreamBeat,
    UserStreamLost,
    UserStreamOpened,
    VenueClockRead,
)
from messages.market import FrameDropped
from messages.orders import (
    NEVER,
    Answer,
    CancelAnswered,
    CancelFailed,
    ForgetOrder,
    OrderAnswered,
    OrderPrepared,
    OrderRead,
    OrderReadFailed,
    PrepareFailed,
    PrepareOrder,
    ReadOrder,
    SendOrder,
    TakeAllOff,
    TakeOrdersOff,
)
from messages.values import MS, SECOND, Action, MarketNs, OrderId, RealNs
from runtime.ports import Port, handles, runs
from simulation.exchange.reading import AccountReader
from simulation.exchange.requests import Kind, Wire, no, ok
from simulation.exchange.user_line import UserLine
from simulation.exchange.venue import ADDRESS, OWNER, WALLET, SimulatedVenue
from venue.paper.doors.heartbeat import WrongHeartbeat
from venue.paper.doors.spelling import placed
from venue.paper.engine.admission import EARLY_NS
from venue.paper.engine.terms import NewOrder, OrderType, TokenSide
from venue.polymarket.answers import judge
from venue.polymarket.cancels import chunks, heard
from venue.polymarket.client import Reply
from venue.polymarket.clock import clock_read
from venue.polymarket.dead_man import TRIES, DeadMan
from venue.polymarket.outbox import Outbox

NOT_OPEN = "the account is not open"
BEAT_TIMEOUT_NS = 2_500 * MS
WARM_NS, WRONG_NS = 3 * SECOND, 10 * SECOND
"""Between two readings of the venue's clock, and how far ahead it is when it is wrong."""
LEFT_BEHIND = 2
"""Orders that a careless cancel-all forgets."""
Sent = Callable[[OrderId, RealNs], None]


class SimulatedOrders(Port):
    """`OrderGateway` without a network; one for each incarnation of the gateway."""

    def __init__(self, venue: SimulatedVenue, sent: Sent = lambda order, at: None) -> None:
        """`sent` is told of every order the moment its bytes leave, whatever becomes of them."""
        self._venue = venue
        self._timing = venue.timing
        self._lies = venue.lies
        self._sent = sent
        self._wire = Wire(venue)
        self._reader = AccountReader(venue, self._wire)
        self._line = UserLine(venue)
        self._outbox = Outbox[NewOrder]()
        self._dead_man = DeadMan()
        self._is_open = False
        self._is_beating = False

    @handles
    async def open_account(self, command: OpenAccount) -> AsyncIterator[AccountOpened | AccountRefused]:
        """Credentials; the user stream begins with them."""
        reply = await self._wire.ask(Kind.OPEN, lambda: ok({}))
        if reply.status != 200 or not isinstance(reply.body, dict):
            yield AccountRefused(reason=reply.reason, final=reply.status in (401, 403))
            return
        self._is_open = True
        yield AccountOpened(address=ADDRESS, funder=WALLET)

    @handles
    async def prepare(self, command: PrepareOrder) -> AsyncIterator[OrderPrepared | PrepareFailed]:
        """It has its name now and no request was made."""
        if not self._is_open:
            yield PrepareFailed(command=command.command, reason=NOT_OPEN)
            return
        await self._timing.sleep(self._timing.rng.randrange(1, 5) * MS)
        order = self._venue.name(command.command, command.token, command.price, command.size)
        self._outbox.put(order, _signed(order, command))
        yield OrderPrepared(command=command.command, order=order)

    @handles
    async def send(self, command: SendOrder) -> AsyncIterator[OrderAnswered]:
        """Send it once. Only the first command for an order is answered."""
        if not self._is_open:
            yield OrderAnswered(order=command.order, answer=Answer.NOT_SENT, reason=NOT_OPEN)
        elif self._outbox.ask(command.order):
            await self._timing.sleep(self._timing.rng.randrange(0, 3) * MS)
            yield await self._send(command)

    async def _send(self, command: SendOrder) -> OrderAnswered:
        new = self._outbox.take(command.order)
        if new is None:
            return OrderAnswered(
                order=command.order, answer=Answer.NOT_SENT, reason="not prepared, or forgotten"
            )
        now = self._timing.now()
        if now >= command.send_before:
            return OrderAnswered(order=command.order, answer=Answer.NOT_SENT, reason="too late")
        self._sent(command.order, now)
        self._venue.on_request(Kind.ORDER, 1)
        reply = await self._wire.ask(Kind.ORDER, lambda: self._take(new))
        judged = judge(reply, command.order)
        late = reply.answered_at if reply.left else NEVER
        return OrderAnswered(
            order=command.order,
            answer=judged.answer,
            reason=judged.reason,
            mode=judged.mode,
            wait_ms=reply.wait_ms,
            sent_at=reply.sent_at if reply.sent_at != NEVER else late,
            answered_at=reply.answered_at,
        )

    def _take(self, new: NewOrder) -> Reply:
        """The venue's side of POST /order."""
        if self._lies.on("F75"):
            return no(400, "not enough balance / allowance: the balance is not enough")
        return ok(msgspec.to_builtins(placed(self._venue.place(new))))

    @handles
    async def forget(self, command: ForgetOrder) -> None:
        """It does not leave any more; if it has left already, its answer comes."""
        self._outbox.forget(command.order)

    @handles
    async def take_orders_off(self, command: TakeOrdersOff) -> AsyncIterator[CancelAnswered | CancelFailed]:
        """One request for each thousand."""
        for orders in chunks(command.orders):
            async for said in self._canceled(orders, lambda orders=orders: self._cancel(orders)):  # type: ignore[misc]
                yield said

    @handles
    async def take_all_off(self, command: TakeAllOff) -> AsyncIterator[CancelAnswered | CancelFailed]:
        """Everything of this API key, ours or not; or nearly."""
        async for said in self._canceled(None, self._cancel_all):
            yield said

    async def _canceled(
        self, orders: tuple[OrderId, ...] | None, do: Callable[[], Reply]
    ) -> AsyncIterator[CancelAnswered | CancelFailed]:
        asked = tuple(orders or ())
        if not self._is_open:
            yield CancelFailed(orders=asked, reason=NOT_OPEN, everything=orders is None)
            return
        self._venue.on_request(
            Kind.CANCEL, 1 + len(self._venue.records.live) if orders is None else len(asked)
        )
        reply = await self._wire.ask(Kind.CANCEL, do)
        for said in heard(reply, asked, everything=orders is None):
            yield said

    def _cancel(self, orders: tuple[OrderId, ...]) -> Reply:
        """The venue's side of DELETE /orders."""
        for order in orders:
            if self._lies.strikes("F67"):
                self._venue.fill_a_bit(order)
        canceled, others = self._venue.cancel(orders)
        kept = [order for order in canceled if self._lies.strikes("F66")]
        said = dict.fromkeys(kept, "order can't be found - already canceled or matched")
        return ok(
            {
                "canceled": [order for order in canceled if order not in said],
                "not_canceled": {**others, **said},
            }
        )

    def _cancel_all(self) -> Reply:
        """The venue's side of DELETE /cancel-all."""
        live = tuple(self._venue.records.live)
        if self._lies.strikes("F68"):
            live = live[: -LEFT_BEHIND or None]
        canceled, _ = self._venue.cancel(live)
        return ok({"canceled": canceled, "not_canceled": {}})

    @handles
    async def read(self, command: ReadAccount) -> AsyncIterator[AccountRead | AccountReadFailed]:
        """Orders first, trades second, balances last."""
        if not self._is_open:
            yield AccountReadFailed(reason=NOT_OPEN)
            return
        yield await self._reader.read(command)

    @handles
    async def look_up(self, command: ReadOrder) -> AsyncIterator[OrderRead | OrderReadFailed]:
        """One order by its name."""
        if not self._is_open:
            yield OrderReadFailed(order=command.order, reason=NOT_OPEN)
            return
        yield await self._reader.look_up(command)

    @handles
    async def beat(self, command: BeatDeadMan) -> AsyncIterator[DeadManBeaten | DeadManMissed]:
        """One beat, repeated at once with the id the venue gives when ours is not the one it waits for."""
        if not self._is_open:
            yield DeadManMissed(reason=NOT_OPEN)
            return
        while self._is_beating:
            await self._timing.sleep(50 * MS)
        self._is_beating = True
        try:
            yield await self._beat()
        finally:
            self._is_beating = False

    async def _beat(self) -> DeadManBeaten | DeadManMissed:
        for _ in range(TRIES):
            heartbeat, asked_at = self._dead_man.heartbeat, self._timing.now()
            reply = await self._wire.ask(Kind.BEAT, lambda: self._beaten(heartbeat), BEAT_TIMEOUT_NS)  # noqa: B023
            said = self._dead_man.hear(reply, asked_at)
            if said is not None:
                return said
        return DeadManMissed(reason=f"the venue wanted another id {TRIES} times in a row")

    def _beaten(self, heartbeat: str) -> Reply:
        """The venue's side of POST /v1/heartbeats."""
        try:
            return ok({"heartbeat_id": self._venue.beat(heartbeat)})
        except WrongHeartbeat as wrong:
            return no(400, "invalid heartbeat id", heartbeat_id=wrong.expected)

    @runs
    async def listen(
        self,
    ) -> AsyncIterator[
        UserStreamOpened | UserStreamLost | UserStreamBeat | OrderSeen | LegsSeen | FrameDropped
    ]:
        """The user stream, from the moment there are credentials, for ever."""
        while not self._is_open:
            await self._timing.sleep(100 * MS)
        async for said in self._line.listen():
            yield said

    @runs
    async def keep_warm(self) -> AsyncIterator[VenueClockRead]:
        """There is no connection to keep, but a clock to be read."""
        while True:
            if self._is_open:
                reply = await self._wire.ask(Kind.PUBLIC, self._time)
                now = self._timing.now()
                if (word := clock_read([reply], now, int(now))) is not None:
                    yield word
            await self._timing.sleep(WARM_NS)

    def _time(self) -> Reply:
        """The venue's side of GET /time; both clocks are the world's, but for the lie."""
        ahead_ns = WRONG_NS if self._lies.on("F79") else 0
        return ok((int(self._timing.now()) + ahead_ns) // SECOND)


def _signed(order: OrderId, command: PrepareOrder) -> NewOrder:
    """As the venue's door reads a signed order: post-only, good till canceled."""
    lasts = int(command.expires_at) > 0
    return NewOrder(
        id=order,
        owner=OWNER,
        maker=WALLET,
        token=command.token,
        side=TokenSide.BUY if command.action is Action.BUY else TokenSide.SELL,
        price=command.price,
        size=command.size,
        type=OrderType.GTD if lasts else OrderType.GTC,
        post_only=True,
        expires_at=MarketNs(int(command.expires_at) // SECOND * SECOND + EARLY_NS) if lasts else None,
    )
