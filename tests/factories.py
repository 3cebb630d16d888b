"""Messages as tests want them, and a stage that treats an actor as its host does."""

from collections.abc import Callable
from typing import Any, TypeVar

from messages.account import GatewayStarted
from messages.base import Event, Finding, Message
from messages.liquidation import LiquidatorAssigned, MarketRetired, MarketTaken, RetireReason
from messages.market import BookSnapshot, FeedStatus, MarketInfo, MarketRanking, RankedMarket
from messages.orders import (
    DenyRule,
    FillConfirmed,
    FillMined,
    FillReversed,
    OrderAccepted,
    OrderCanceled,
    OrderCompleted,
    OrderDenied,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    PlaceOrder,
)
from messages.risk import Level, TradingPermit
from messages.values import (
    MICRO,
    SECOND,
    Action,
    CommandId,
    ExitId,
    MarketId,
    MarketNs,
    Money,
    OrderId,
    Outcome,
    Price,
    RealNs,
    RoleName,
    Shares,
    Side,
    Size,
    TokenId,
    TradeId,
)
from runtime.actor import Actor

MARKET = MarketId("0xaa")
OTHER = MarketId("0xbb")
MAKER = RoleName("maker")
LIQUIDATOR = RoleName("liquidator:aa")
SOME = TypeVar("SOME", bound=Message)


def cents(price: float) -> Price:
    """A price from cents per share."""
    return Price(round(price * 10_000))


def shares(size: float) -> Size:
    """A size from shares."""
    return Size(round(size * MICRO))


def a_book(
    bid: float | None = 48,
    ask: float | None = 52,
    *,
    market: MarketId = MARKET,
    size: float = 1_000,
    tick: float = 1,
    seen_at: int = 1,
) -> BookSnapshot:
    """A book of one level a side, prices in cents; None leaves a side empty."""
    return BookSnapshot(
        market=market,
        bids=() if bid is None else ((cents(bid), shares(size)),),
        asks=() if ask is None else ((cents(ask), shares(size)),),
        tick=cents(tick),
        seen_at=RealNs(seen_at),
    )


def an_info(
    market: MarketId = MARKET, *, min_size: float = 5, accepting: bool = True, tick: float = 1, **others: Any
) -> MarketInfo:
    """A market's constants."""
    return MarketInfo(
        market=market,
        slug=f"slug-{market}",
        question="Will it?",
        yes=TokenId("1"),
        no=TokenId("2"),
        tick=cents(tick),
        min_size=shares(min_size),
        accepting_orders=accepting,
        **others,
    )


def a_ranking(*markets: MarketId) -> MarketRanking:
    """These markets, best first."""
    return MarketRanking(
        ranked=tuple(RankedMarket(market=m, slug=f"slug-{m}", prints=1, updates=1) for m in markets),
        observed_s=60,
    )


def taken(market: MarketId = MARKET, owner: RoleName = MAKER) -> MarketTaken:
    """The market is the maker's."""
    return MarketTaken(market=market, slug=f"slug-{market}", owner=owner)


def retired(market: MarketId = MARKET, number: int = 1, net: float = 50) -> MarketRetired:
    """The market left the maker."""
    return MarketRetired(
        exit=ExitId(f"{market}#{number}"),
        market=market,
        slug=f"slug-{market}",
        reason=RetireReason.POSITION_LIMIT,
        net=Shares(round(net * MICRO)),
    )


def assigned(market: MarketId = MARKET, number: int = 1) -> LiquidatorAssigned:
    """The market is a liquidator's."""
    return LiquidatorAssigned(
        exit=ExitId(f"{market}#{number}"), market=market, slug=f"slug-{market}", liquidator=LIQUIDATOR
    )


def an_order(command: str, **changes: Any) -> PlaceOrder:
    """An order wanted by the maker."""
    values: dict[str, Any] = {
        "market": MARKET,
        "owner": MAKER,
        "side": Side.BID,
        "price": cents(48),
        "size": shares(10),
        "decided_at": RealNs(0),
    }
    return PlaceOrder(command=CommandId(command), **{**values, **changes})


def order_id(place: PlaceOrder) -> OrderId:
    """What the venue calls it."""
    return OrderId(f"0x{place.command}")


def _of(place: PlaceOrder) -> dict[str, Any]:
    return {
        "order": order_id(place),
        "command": place.command,
        "market": place.market,
        "owner": place.owner,
    }


def denied(place: PlaceOrder, rule: DenyRule) -> OrderDenied:
    """Our rules say no."""
    return OrderDenied(
        command=place.command,
        market=place.market,
        owner=place.owner,
        side=place.side,
        price=place.price,
        size=place.size,
        rule=rule,
        reason=rule.value,
    )


def intended(place: PlaceOrder) -> OrderIntended:
    """It may leave; its token does not matter here."""
    return OrderIntended(
        **_of(place),
        side=place.side,
        price=place.price,
        size=place.size,
        token=TokenId("1"),
        outcome=Outcome.YES,
        action=Action.BUY,
        decided_at=place.decided_at,
    )


def accepted(place: PlaceOrder) -> OrderAccepted:
    """It rests."""
    return OrderAccepted(**_of(place), side=place.side, price=place.price, size=place.size, sent_at=RealNs(0))


def rejected(place: PlaceOrder, reason: str = "order crosses the book") -> OrderRejected:
    """The venue says no."""
    return OrderRejected(**_of(place), side=place.side, reason=reason)


def canceled(place: PlaceOrder, filled: float = 0) -> OrderCanceled:
    """It is off the book."""
    return OrderCanceled(**_of(place), filled=shares(filled), reason="asked for")


def completed(place: PlaceOrder) -> OrderCompleted:
    """It is filled up."""
    return OrderCompleted(**_of(place))


_TRADES = iter(range(1, 10**9))


def a_fill(
    size: float,
    price: float,
    *,
    side: Side = Side.BID,
    outcome: Outcome | None = None,
    place: PlaceOrder | None = None,
    market: MarketId = MARKET,
    trade: str | None = None,
    fee: int = 0,
) -> OrderFilled:
    """A fill at a YES price in cents. Without an outcome, a bid buys YES and an ask buys NO."""
    outcome = outcome or (Outcome.YES if side is Side.BID else Outcome.NO)
    action = Action.BUY if (side is Side.BID) == (outcome is Outcome.YES) else Action.SELL
    names = {"order": OrderId("0xo"), "command": CommandId("c"), "market": market, "owner": MAKER}
    return OrderFilled(
        **(names if place is None else _of(place)),
        trade=TradeId(trade or f"t{next(_TRADES)}"),
        side=side,
        price=cents(price),
        size=shares(size),
        outcome=outcome,
        action=action,
        fee=Money(fee),
        matched_at=MarketNs(0),
    )


def confirmed(fill: OrderFilled) -> FillConfirmed:
    """It is settled."""
    return FillConfirmed(trade=fill.trade, order=fill.order, market=fill.market)


def mined(fill: OrderFilled) -> FillMined:
    """The chain has it."""
    return FillMined(trade=fill.trade, order=fill.order, market=fill.market)


def reversed_(fill: OrderFilled) -> FillReversed:
    """It never was."""
    return FillReversed(trade=fill.trade, order=fill.order, market=fill.market, reason="failed")


def gateway_started() -> GatewayStarted:
    """The gateway took the account over."""
    return GatewayStarted(incarnation=2, address="0x1", funder="0x1", collateral=Money(0))


class Stage:
    """Treats one actor as its host does: Events it says are committed and heard, the rest is collected."""

    def __init__(self, actor: Actor, role: RoleName, incarnation: int = 1, run: int = 1) -> None:
        self.actor = actor
        actor.role, actor.incarnation, actor.run = role, incarnation, run
        self.real = 1_000 * SECOND
        self.market_time = 1_700_000_000 * SECOND
        self.journal: list[tuple[Event, int, int]] = []
        self.commits = True
        """False: what the actor says stays uncommitted."""
        self._set_time()

    def _set_time(self) -> None:
        self.actor.real_now = RealNs(self.real)
        self.actor.now = MarketNs(self.market_time)

    def recover(self, journal: list[tuple[Event, int, int]] | None = None) -> list[Message]:
        """Replay, then begin to live."""
        for event, now, real in journal or []:
            self.journal.append((event, now, real))
            if type(event) in self.actor.contract.handlers:
                self.actor.now, self.actor.real_now = MarketNs(now), RealNs(real)
                self.actor.handle(event)
        self._set_time()
        recover = self.actor.contract.recovered
        return [] if recover is None else self._collect(self.actor.call(recover))

    def wait(self, real_s: float, market_s: float | None = None) -> None:
        """Let time pass, on both clocks alike unless said otherwise; no timer runs by itself."""
        self.real += round(real_s * SECOND)
        self.market_time += round((real_s if market_s is None else market_s) * SECOND)
        self._set_time()

    def call(self, method: str) -> list[Message]:
        """Run one timer, or another marked method."""
        self._set_time()
        return self._collect(self.actor.call(method))

    def hear(self, *messages: Message) -> list[Message]:
        """What follows from these messages, Events journaled and heard back included."""
        said: list[Message] = []
        for message in messages:
            self._set_time()
            if isinstance(message, Event) and not isinstance(message, Finding):
                self.journal.append((message, self.market_time, self.real))
            if type(message) in self.actor.contract.handlers:
                said += self._collect(self.actor.handle(message))
        return said

    def _collect(self, said: list[Message]) -> list[Message]:
        out: list[Message] = []
        later: list[Message] = []
        for message in said:
            out.append(message)
            if isinstance(message, Event) and self.commits:
                later += self.hear(message)
        return out + later


def of(kind: type[SOME], said: list[Message]) -> list[SOME]:
    """The messages of one kind among what was said."""
    return [message for message in said if isinstance(message, kind)]


def a_permit(stage: Stage, level: Level = Level.RUN) -> TradingPermit:
    """Leave for two seconds from now."""
    return TradingPermit(level=level, expires_at=RealNs(stage.real + 2 * SECOND), reason="")


def a_status(stage: Stage, market: MarketId = MARKET, *, live: bool = True) -> FeedStatus:
    """The feed's word, verified now."""
    return FeedStatus(
        market=market, live=live, verified_at=RealNs(stage.real), reason="" if live else "stream lost"
    )


def durable(actor: Actor, *names: str) -> dict[str, Any]:
    """Named parts of an actor as plain values, to be compared with another's."""
    return {name: plain(getattr(actor, name)) for name in names}


def plain(value: Any) -> Any:
    """Objects as nested dicts of what they are made of."""
    seen: Callable[[Any], Any] = plain
    if isinstance(value, dict):
        return {key: seen(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [seen(each) for each in value]
    if type(value).__module__.startswith("trading.") and hasattr(value, "__dict__"):
        return {key: seen(each) for key, each in vars(value).items()}
    return value
