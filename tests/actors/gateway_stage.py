"""A gateway with the words its port and its surroundings would say."""

from collections.abc import Iterable
from typing import Any

from actors.gateway import GatewayActor, GatewaySettings
from messages.account import (
    AccountOpened,
    AccountRead,
    DeadManBeaten,
    Leg,
    LegsSeen,
    OpenOrder,
    OrderSeen,
    OrderSeenKind,
    ReadAccount,
    Settlement,
    UserStreamBeat,
    UserStreamOpened,
)
from messages.base import Message
from messages.orders import (
    Answer,
    CancelAnswered,
    CancelOrder,
    OrderAnswered,
    OrderFound,
    OrderPrepared,
    OrderRead,
    PlaceOrder,
    PrepareOrder,
)
from messages.risk import Level
from messages.system import EngineState, Presence, Roster
from messages.values import (
    MICRO,
    SECOND,
    Action,
    CommandId,
    MarketId,
    MarketNs,
    Money,
    OrderId,
    RealNs,
    RoleName,
    Size,
    TokenId,
    TradeId,
)
from messages.wallet import HeldPosition, PositionsRead
from tests.factories import MARKET, Stage, a_book, a_permit, an_info, an_order, cents, of, shares, taken
from trading.orders import Status
from trading.truth import LATE_NS, Closing

YES, NO = TokenId("1"), TokenId("2")
FUNDS = Money(1_000 * MICRO)


def named(command: str) -> OrderId:
    """What the venue calls the order of a command."""
    return OrderId(f"0x{command}")


def a_leg(
    command: str,
    size: float,
    price: float = 48,
    *,
    trade: str = "t1",
    status: Settlement = Settlement.MATCHED,
    action: Action = Action.BUY,
    token: TokenId = YES,
    at: int = 1_700_000_000_000_000_000,
    order: OrderId | None = None,
) -> Leg:
    """Our part of a match, in its own token's terms; price in cents."""
    return Leg(
        trade=TradeId(trade),
        order=order or named(command),
        market=MARKET,
        token=token,
        action=action,
        price=cents(price),
        size=shares(size),
        fee=Money(0),
        status=status,
        matched_at=MarketNs(at),
        taker=False,
    )


def listed(*commands: str) -> tuple[OpenOrder, ...]:
    """The venue lists these as open."""
    return tuple(OpenOrder(order=named(c), market=MARKET, token=YES, matched=shares(0)) for c in commands)


class Gateway(Stage):
    """A gateway whose port is the test."""

    def __init__(self, **settings: Any) -> None:
        self.gateway = GatewayActor(GatewaySettings(**settings))
        self.tokens: tuple[TokenId, ...] = ()
        """Whose balances were asked for last."""
        super().__init__(self.gateway, RoleName("gateway"), incarnation=3)

    def _collect(self, said: list[Message]) -> list[Message]:
        """As the stage has it, and nothing is said that the signatures do not say."""
        assert {type(message) for message in said} <= self.actor.contract.emitted
        for asked in of(ReadAccount, said):
            self.tokens = asked.tokens
        return super()._collect(said)

    # The port's words.

    def open(self) -> list[Message]:
        """Credentials are good."""
        return self.hear(AccountOpened(address="0xa", funder="0xf"))

    def stream(self) -> list[Message]:
        """The user stream answers."""
        said = self.hear(UserStreamOpened(at=RealNs(self.real)))
        self.wait(0.001)
        return said

    def read(
        self,
        orders: tuple[OpenOrder, ...] = (),
        legs: tuple[Leg, ...] = (),
        *,
        begun_s_ago: float = 0.0,
        collateral: Money = FUNDS,
        balances: tuple[tuple[TokenId, int], ...] = (),
    ) -> list[Message]:
        """The account as the venue shows it, asked for just now unless said otherwise.

        What rested and is not listed was canceled, with the fills that are, and the user stream says so; what never
        rested, or was asked for in the past, the venue does not know by its name.
        """
        self.wait(0.001)
        asked_at = RealNs(self.real - round(begun_s_ago * 1e9))
        self.wait(0.001)
        begun_at = RealNs(self.real - round(begun_s_ago * 1e9))
        shown = {order.order for order in orders}
        ends: list[Message] = []
        for order in [order for order in self.gateway.table if order.id not in shown]:
            if begun_s_ago or order.status not in (Status.RESTING, Status.CANCELING):
                self.hear(OrderRead(order=order.id, begun_at=asked_at, found=OrderFound.NONE))
                continue
            told = max(order.filled, Size(sum(leg.size for leg in legs if leg.order == order.id)))
            seen = OrderSeen(
                order=order.id, market=order.intended.market, kind=OrderSeenKind.CANCELED, matched=told
            )
            ends += [said for said in self.hear(seen) if isinstance(said, Closing)]
        lists = self.lists(orders, legs, begun_at=begun_at, collateral=collateral, balances=balances)
        return [*ends, *lists]

    def lists(
        self,
        orders: tuple[OpenOrder, ...] = (),
        legs: tuple[Leg, ...] = (),
        *,
        begun_at: RealNs | None = None,
        collateral: Money = FUNDS,
        balances: tuple[tuple[TokenId, int], ...] = (),
    ) -> list[Message]:
        """The account as the venue lists it, and no more."""
        if begun_at is None:
            self.wait(0.001)
            begun_at = RealNs(self.real)
        self.wait(0.001)
        return self.hear(
            AccountRead(
                begun_at=begun_at,
                orders=orders,
                legs=legs,
                collateral=collateral,
                tokens=self.tokens,
                balances=balances,  # type: ignore[arg-type]  # plain ints are sizes here
            )
        )

    def read_late(self, orders: tuple[OpenOrder, ...] = (), legs: tuple[Leg, ...] = ()) -> list[Message]:
        """What the venue lists when every trade is listed that was made until now."""
        self.wait(LATE_NS / SECOND + 0.001)
        self.keep_alive()
        return self.lists(orders, legs)

    def look(self, command: str, found: OrderFound, matched: float = 0) -> list[Message]:
        """What the venue has of one order, asked for just now."""
        self.wait(0.001)
        begun_at = RealNs(self.real)
        self.wait(0.001)
        return self.hear(
            OrderRead(order=named(command), begun_at=begun_at, found=found, matched=shares(matched))
        )

    def answer(self, command: str, answer: Answer, reason: str = "") -> list[Message]:
        """How the sending of an order ended."""
        return self.hear(
            OrderAnswered(order=named(command), answer=answer, reason=reason, sent_at=RealNs(self.real))
        )

    def listed(self, *positions: HeldPosition) -> list[Message]:
        """The public list of what the wallet holds."""
        return self.hear(PositionsRead(begun_at=RealNs(self.real), positions=positions))

    def legs(self, *legs: Leg) -> list[Message]:
        """The user stream speaks of a trade."""
        return self.hear(LegsSeen(legs=legs))

    def seen(
        self, command: str, kind: OrderSeenKind, matched: float = 0, market: MarketId = MARKET
    ) -> list[Message]:
        """The user stream speaks of an order."""
        return self.hear(OrderSeen(order=named(command), market=market, kind=kind, matched=shares(matched)))

    # Life.

    def keep_alive(self, level: Level = Level.RUN) -> list[Message]:
        """Permit, beats and stream go on."""
        at = RealNs(self.real)
        return self.hear(a_permit(self, level), DeadManBeaten(at=at), UserStreamBeat(at=at))

    def start(self) -> list[Message]:
        """Everything from the recovery to readiness, on an account where nothing rests."""
        said = self.recover() + self.open() + self.stream() + self.listed() + self.read()
        self.wait(1)
        said += self.read()
        self.hear(an_info(), a_book(40, 60), taken())
        return said + self.keep_alive()

    def watch(self, seconds: float = 0.0) -> list[Message]:
        """Time passes and the watch looks."""
        self.wait(seconds)
        return self.call("watch")

    # The way of an order.

    def place(self, command: str, **changes: Any) -> list[Message]:
        """A trader wants an order now."""
        return self.hear(self.wanted(command, **changes))

    def wanted(self, command: str, **changes: Any) -> PlaceOrder:
        """What a trader says now."""
        return an_order(command, **{"decided_at": RealNs(self.real), **changes})

    def prepared(self, command: str) -> list[Message]:
        """It is signed."""
        return self.hear(OrderPrepared(command=CommandId(command), order=named(command)))

    def send(self, command: str, **changes: Any) -> list[Message]:
        """Wanted, admitted, signed, on its way."""
        said = self.place(command, **changes)
        assert of(PrepareOrder, said), said
        return said + self.prepared(command)

    def rest(self, command: str, **changes: Any) -> list[Message]:
        """It rests."""
        return self.send(command, **changes) + self.answer(command, Answer.RESTING)

    # What is asserted.

    @property
    def worst(self) -> tuple[int, int]:
        """Net exposure if everything open filled on one side: most negative, most positive."""
        return self.gateway.table.worst(MARKET, self.gateway.account.inventories[MARKET].net)

    @property
    def open_commands(self) -> list[str]:
        """Orders that are not closed."""
        return [order.intended.command for order in self.gateway.table]


def started(**settings: Any) -> Gateway:
    """A gateway that is ready, alive, and may trade for the maker."""
    stage = Gateway(**settings)
    stage.start()
    return stage


def kinds(said: Iterable[Message]) -> list[str]:
    """Names of what was said, in order, told once each although the journal tells Events back."""
    return [type(message).__name__ for message in said]


def cancel(command: str) -> CancelOrder:
    """It is wanted back."""
    return CancelOrder(command=CommandId(command), market=MARKET)


def off(command: str) -> CancelAnswered:
    """The venue took it off."""
    return CancelAnswered(canceled=(named(command),), not_canceled=())


def left_behind(*events, **settings):
    """A gateway after the replay of what an earlier one wrote down."""
    stage = Gateway(**settings)
    stage.said = stage.recover([(event, stage.market_time, stage.real) for event in events])
    return stage


def a_roster(maker, state="ready"):
    """The supervisor's word on the maker's incarnation."""
    present = (Presence(role=RoleName("maker"), incarnation=maker, pid=1, state=state),)
    return Roster(engine=EngineState.RUNNING, present=present)
