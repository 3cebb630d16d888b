"""An exchange on a bench: its clock is turned by hand, its background is a list, what it tells is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from messages.system import ClockAnchor
from messages.values import (
    MICRO,
    SECOND,
    MarketId,
    MarketNs,
    Money,
    OrderId,
    Price,
    RealNs,
    Side,
    Size,
    TokenId,
)
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.participants import Participants
from venue.paper.engine.switches import Switches
from venue.paper.engine.tape import BookSet, Closed, LevelSet, Printed, TapeEvent, TickSet
from venue.paper.engine.terms import Market, NewOrder, Order, OrderType, Placement, TokenSide, Trade
from venue.paper.ledger.ledger import Ledger

YES, NO = TokenId("1111"), TokenId("2222")
ALICE, BOB, CAROL = "0xA11ce", "0xB0b", "0xCa401"
RECORDINGS = Path(__file__).parents[4] / "shared" / "data" / "recordings"
SLOWLY = Switches(mined_ms=2_000, confirmed_ms=5_000, retry_ms=10_000)
"""Slower than the venue settles by itself, so that a test sees each step."""
_ids = count(1)


def a_market(**terms: Any) -> Market:
    """A market with a cent's tick, no fee."""
    market = Market(
        id=MarketId("0xmarket"),
        slug="a-market",
        question="Will it?",
        yes=YES,
        no=NO,
        tick=Price(10_000),
        min_size=Size(5 * MICRO),
    )
    return msgspec.structs.replace(market, **terms)


def an_order(
    maker: str,
    side: TokenSide,
    cents: float,
    shares: float,
    *,
    token: TokenId = YES,
    type: OrderType = OrderType.GTC,  # noqa: A002 -- the wire's word
    post_only: bool = False,
    expires_at: MarketNs | None = None,
    id: str | None = None,  # noqa: A002 -- the wire's word
) -> NewOrder:
    """An order whose owner is its maker's key."""
    return NewOrder(
        id=OrderId(id or f"0x{next(_ids):064x}"),
        owner=key_of(maker),
        maker=maker,
        token=token,
        side=side,
        price=Price(round(cents * 10_000)),
        size=Size(round(shares * MICRO)),
        type=type,
        post_only=post_only,
        expires_at=expires_at,
    )


def key_of(maker: str) -> str:
    """The API key of an address."""
    return f"key of {maker}"


def level(seconds: float, side: Side, cents: float, shares: float) -> LevelSet:
    """Others' level in the background."""
    return LevelSet(at=_ns(seconds), side=side, price=_price(cents), size=Size(round(shares * MICRO)))


def bid(seconds: float, cents: float, shares: float) -> LevelSet:
    """Others bid."""
    return level(seconds, Side.BID, cents, shares)


def ask(seconds: float, cents: float, shares: float) -> LevelSet:
    """Others ask."""
    return level(seconds, Side.ASK, cents, shares)


def sold(seconds: float, cents: float, shares: float) -> Printed:
    """Others sold into bids."""
    size = Size(round(shares * MICRO))
    return Printed(at=_ns(seconds), taker=TokenSide.SELL, price=_price(cents), size=size)


def bought(seconds: float, cents: float, shares: float) -> Printed:
    """Others bought from asks."""
    size = Size(round(shares * MICRO))
    return Printed(at=_ns(seconds), taker=TokenSide.BUY, price=_price(cents), size=size)


def whole(seconds: float, bids: dict[float, float], asks: dict[float, float]) -> BookSet:
    """Others' whole book, cents to shares."""
    bid_levels, ask_levels = (
        tuple((_price(cents), Size(round(shares * MICRO))) for cents, shares in half.items())
        for half in (bids, asks)
    )
    return BookSet(at=_ns(seconds), bids=bid_levels, asks=ask_levels)


def closed(seconds: float) -> Closed:
    """The market closes."""
    return Closed(at=_ns(seconds))


def tick(seconds: float, cents: float) -> TickSet:
    """The grid changes."""
    return TickSet(at=_ns(seconds), tick=_price(cents))


class ScriptedTape:
    """A background written down beforehand."""

    def __init__(self, market: Market, events: Sequence[TapeEvent]) -> None:
        self.market = market
        self._events = events

    def events(self, since: int) -> Iterator[TapeEvent]:
        """All of them."""
        return iter(self._events)


class Heard:
    """A door that writes down what it is told."""

    def __init__(self) -> None:
        self.levels: list[tuple[TokenSide, Price, Size]] = []
        self.prints: list[tuple[TokenId, TokenSide, Price, Size]] = []
        self.orders: list[tuple[str, Order]] = []
        self.trades: list[Trade] = []
        self.markets: list[Market] = []
        self.retired: list[Market] = []
        self.ticks: list[tuple[Price, Price]] = []
        self.replaced = 0
        self.all: list[str] = []
        self.is_listening = True

    def wants(self, market: MarketId) -> bool:
        return self.is_listening

    def level_changed(self, market: Market, yes_side: TokenSide, yes_price: Price, size: Size) -> None:
        self.levels.append((yes_side, yes_price, size))
        self.all.append("level")

    def book_replaced(self, market: Market) -> None:
        self.replaced += 1
        self.all.append("book")

    def printed(
        self,
        market: Market,
        token: TokenId,
        taker_side: TokenSide,
        price: Price,
        size: Size,
        transaction: str,
    ) -> None:
        self.prints.append((token, taker_side, price, size))
        self.all.append("print")

    def tick_changed(self, market: Market, old: Price, new: Price) -> None:
        self.ticks.append((old, new))
        self.all.append("tick")

    def market_changed(self, market: Market) -> None:
        self.markets.append(market)
        self.all.append("market")

    def market_retired(self, market: Market) -> None:
        self.retired.append(market)

    def order_changed(self, order: Order, kind: str) -> None:
        self.orders.append((kind, order))
        self.all.append(kind)

    def trade_changed(self, trade: Trade) -> None:
        self.trades.append(trade)
        self.all.append(f"trade {trade.status}")


class Bench:
    """One market, three funded addresses, and time that moves when told to."""

    def __init__(
        self,
        *events: TapeEvent,
        market: Market | None = None,
        ledger: Ledger | None = None,
        dollars: int = 1_000,
        participants: Participants | None = None,
        starts_at: MarketNs | None = None,
    ) -> None:
        self.real = 1_000 * SECOND
        self.clock = VenueClock(lambda: RealNs(self.real))
        self.ledger = ledger or Ledger(":memory:")
        self.heard = Heard()
        self.exchange = Exchange(self.clock, self.ledger, [self.heard], switches=SLOWLY)
        if starts_at is None:
            self.clock.start_here()
        else:
            self.clock.start(ClockAnchor(real_at=RealNs(self.real), market_at=starts_at, speed=1))
        if participants is None:
            self.exchange.add_tape(ScriptedTape(market or a_market(), events))
        else:
            self.exchange.add_participants(participants)
        for maker in (ALICE, BOB, CAROL):
            self.exchange.fund(maker, Money(dollars * MICRO))
        self.exchange.advance()

    @property
    def market(self) -> Market:
        """The one market."""
        return self.exchange.markets[0]

    def switch(self, **changes: Any) -> None:
        """Turn some of the venue's switches."""
        bank = self.exchange.bank
        bank.switch(msgspec.structs.replace(bank.switches, **changes))

    def at(self, seconds: float) -> None:
        """It is so many seconds after the start."""
        self.real = 1_000 * SECOND + _ns(seconds)
        self.exchange.advance()

    def later(self, seconds: float) -> MarketNs:
        """A market time from now."""
        return self.clock.now() + _ns(seconds)

    def buy(self, maker: str, cents: float, shares: float, **terms: Any) -> Placement:
        """Place a BUY, of YES unless told."""
        return self.exchange.place(an_order(maker, TokenSide.BUY, cents, shares, **terms))

    def sell(self, maker: str, cents: float, shares: float, **terms: Any) -> Placement:
        """Place a SELL, of YES unless told."""
        return self.exchange.place(an_order(maker, TokenSide.SELL, cents, shares, **terms))

    def leaves(self, placement: Placement, maker: str) -> float | None:
        """Shares of an order still resting; None: it does not rest."""
        order = self.exchange.order(key_of(maker), placement.order)
        return None if order is None else order.leaves / MICRO

    def filled(self, maker: str) -> list[tuple[float, float]]:
        """Cents and shares of a resting order's fills, in YES or NO terms as the order had them."""
        return [
            (leg.price / 10_000, leg.size / MICRO)
            for trade in self.exchange.trades(key_of(maker))
            for leg in trade.legs
            if leg.maker == maker
        ]

    def shown(self, token: TokenId = YES) -> tuple[dict[float, float], dict[float, float]]:
        """The visible book: bids and asks, cents to shares."""
        view = self.exchange.book(token)
        assert view is not None
        bids, asks = ({p / 10_000: s / MICRO for p, s in half} for half in (view.bids, view.asks))
        return bids, asks

    def dollars(self, maker: str) -> float:
        """Collateral."""
        return self.exchange.balance(maker, None) / MICRO

    def shares(self, maker: str, token: TokenId = YES) -> float:
        """Tokens held."""
        return self.exchange.balance(maker, token) / MICRO


def _ns(seconds: float) -> int:
    return round(seconds * SECOND)


def _price(cents: float) -> Price:
    return Price(round(cents * 10_000))
