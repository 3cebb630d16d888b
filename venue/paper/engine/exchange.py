"""The exchange as its doors see it: markets, accounts, orders, and the time that drives the background."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from messages.values import (
    MICRO,
    SECOND,
    MarketId,
    MarketNs,
    Money,
    OrderId,
    Price,
    Side,
    Size,
    TokenId,
    TradeId,
)
from venue.paper.engine.accounts import Position
from venue.paper.engine.bank import Bank
from venue.paper.engine.book import Resting, Stake
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.floor import Floor
from venue.paper.engine.gate import Gate
from venue.paper.engine.hall import Hall
from venue.paper.engine.modes import Modes
from venue.paper.engine.order_book import OrderBook
from venue.paper.engine.participants import Participants
from venue.paper.engine.queue_models import PESSIMISTIC, QueueModel
from venue.paper.engine.resolution import group_events
from venue.paper.engine.room import Room
from venue.paper.engine.settlement import token_price
from venue.paper.engine.switches import Switches
from venue.paper.engine.tape import Tape
from venue.paper.engine.terms import (
    BookView,
    Event,
    Listener,
    Market,
    NewOrder,
    Order,
    OrderStatus,
    Placement,
    Refused,
    Trade,
)
from venue.paper.engine.timeline import Timeline
from venue.paper.ledger.ledger import Ledger

FIRST_FUNDS = Money(1_000 * MICRO)
PROGRAMS = "programs"
"""The account that rewards and rebates are paid from."""
NOT_FOUND = "order can't be found - already canceled or matched"
DELAYED = "order is delayed and can't be canceled yet"
"""Assumed; nobody has recorded the venue's words (VENUE §4.1)."""


class Exchange:
    """One thread's object. Every public call first plays what is due, and commits before it tells anybody."""

    def __init__(
        self,
        clock: VenueClock,
        ledger: Ledger,
        listeners: Iterable[Listener] = (),
        first_funds: Money = FIRST_FUNDS,
        switches: Switches | None = None,
    ) -> None:
        self.clock = clock
        self.ledger = ledger
        self.first_funds = first_funds
        self.modes = Modes(clock.real_now)
        """Asked by the doors before an order or a cancel comes here."""
        self._floor = Floor(clock, ledger, listeners, switches or Switches())
        self._gate = Gate(self._floor, ledger)
        self._timeline = Timeline(clock, self._floor, ledger)
        self._hall = Hall(self._floor, self._timeline, ledger)
        self.bank = Bank(self._floor, ledger, self.advance)
        self._rooms = self._floor.rooms
        self._funded = set(ledger.funded())

    # -- markets

    @property
    def markets(self) -> Sequence[Market]:
        """All markets, in the order in which they were listed."""
        return [room.market for room in self._rooms.values()]

    def market(self, market: MarketId) -> Market | None:
        """A market by its condition id, also one that was retired lately."""
        return self._hall.market(market)

    @property
    def events(self) -> list[Event]:
        """All events, in the order in which their first markets were listed."""
        return group_events(self.markets)

    def market_of(self, token: TokenId) -> Market | None:
        """The market of a token, while it is on the floor."""
        room = self._hall.room_of(token)
        return room.market if room else None

    def add_market(self, market: Market) -> None:
        """List a market without background. Raises ValueError if its id or a token is listed already."""
        self._hall.add(market, OrderBook())

    def add_tape(self, tape: Tape, queue: QueueModel = PESSIMISTIC) -> None:
        """List a market and play its background from where market time stands."""
        self._hall.add_tape(tape, queue)

    def add_participants(self, participants: Participants) -> None:
        """List a market and let its participants trade from where market time stands."""
        self._hall.add_participants(participants)

    def retire(self, market: MarketId) -> bool:
        """Take a resolved market off the floor, unless an account still holds a token of it: then False."""
        return self._hall.retire(market)

    def set_tick(self, market: MarketId, tick: Price) -> None:
        """Change the price grid of a listed market; orders off the new one stay."""
        room = self._rooms[market]
        self._floor.set_tick(room, tick)
        self._floor.finish(room)

    def schedule(self, at: int, do: Callable[[], None]) -> None:
        """Do something once at `at` nanoseconds after market second 0, before the background of that instant."""
        self._timeline.deck.cue(at, do)

    def listen(self, listener: Listener) -> None:
        """Tell this one too, from now on."""
        self._floor.news.listen(listener)

    def book(self, token: TokenId) -> BookView | None:
        """A token's visible book; None for a token nobody listed."""
        self.advance()
        room = self._hall.room_of(token)
        if room is None:
            return None
        bids, asks = room.book.levels(Side.BID), room.book.levels(Side.ASK)
        if token != room.market.yes:
            bids, asks = (
                [(token_price(room.market, token, price), size) for price, size in levels]
                for levels in (asks, bids)
            )
        return BookView(room.market.id, token, tuple(bids), tuple(asks), room.changed_at)

    def top(self, market: MarketId) -> tuple[Price | None, Price | None]:
        """Best bid and best ask in YES terms, None where a side is empty."""
        self.advance()
        book = self._rooms[market].book
        return book.best(Side.BID), book.best(Side.ASK)

    def stakes(self, market: MarketId, within: int) -> Iterator[tuple[Stake, MarketNs | None]]:
        """All that rests at most `within` worse than the best price of its side, in YES terms, and since when.

        Of accounts' orders all are told; others' sizes and lots have no time.
        """
        room = self._rooms[market]
        for side in Side:
            best = room.book.best(side)
            if best is not None:
                worst = Price(best - within * side.sign)
                yield from ((stake, None) for stake in room.book.others(side, worst))
        for resting in room.open.values():
            order = resting.order
            stake = Stake(order.new.maker, resting.side, resting.price, Size(resting.leaves))
            yield stake, order.created_at

    def resolve(self, market: MarketId, yes_wins: bool | None) -> None:
        """End a market: YES, NO, or (None) half each. One that has ended already stays as it is."""
        self.advance()
        self._hall.silence(market)
        self._floor.resolve(self._rooms[market], yes_wins)

    def is_quoted(self, market: MarketId) -> bool:
        """Whether an account's order rests in a market."""
        return bool(self._rooms[market].open)

    # -- accounts

    def fund(self, maker: str, dollars: Money | None = None) -> bool:
        """Give an address its first dollars (None: what this world gives); false if it had them before."""
        if maker in self._funded:
            return False
        self._funded.add(maker)
        dollars = self.first_funds if dollars is None else dollars
        self._floor.accounts.pay(maker, dollars)
        self.ledger.fund(maker, dollars, self._floor.now)
        self._floor.save_balances()
        self.ledger.commit(durable=True)
        return True

    def pay(self, payments: Iterable[tuple[str, Money, str]]) -> None:
        """Give addresses (maker, dollars, why) money of a program, whose account may owe; all or nothing is kept."""
        told = list(payments)
        for maker, dollars, reason in told:
            self._floor.accounts.pay(PROGRAMS, -dollars)
            self._floor.accounts.pay(maker, dollars)
            self.ledger.pay(maker, dollars, reason, self._floor.now)
        self._floor.save_balances()
        self.ledger.commit(durable=True)
        for maker in dict.fromkeys(maker for maker, dollars, _ in told if dollars < 0):
            self._floor.cover(maker, None)
        self._floor.finish()

    def balance(self, maker: str, token: TokenId | None) -> int:
        """Collateral (None) or tokens of an address in millionths, reserved ones included."""
        self.advance()
        account = self._floor.accounts.find(maker)
        if account is None:
            return 0
        return account.collateral if token is None else account.tokens.get(token, 0)

    def positions(self, maker: str) -> Mapping[TokenId, Position]:
        """What an address holds of each token, and its average cost."""
        self.advance()
        account = self._floor.accounts.find(maker)
        return account.positions() if account else {}

    def holders(self, token: TokenId) -> list[tuple[str, int]]:
        """Addresses that hold a token and how much, most first; the venue's own accounts are left out."""
        self.advance()
        found = [
            (account.maker, account.tokens.get(token, 0))
            for account in self._floor.accounts
            if account.maker.startswith("0x")
        ]
        return sorted(((maker, size) for maker, size in found if size > 0), key=lambda pair: -pair[1])

    # -- orders

    def place(self, new: NewOrder) -> Placement:
        """Take an order. Raises Refused with the venue's words."""
        self.advance()
        room = self._hall.room_of(new.token)
        if room is None:
            raise Refused("Invalid token id")
        return self._gate.take(new, room)

    def cancel(self, owner: str, ids: Iterable[OrderId]) -> tuple[list[OrderId], dict[OrderId, str]]:
        """Take back an owner's orders: those taken back, and why the others were not."""
        self.advance()
        orders = self._floor.orders
        mine = orders.of(owner)
        found, others = dict[OrderId, tuple[Room, Resting]](), dict[OrderId, str]()
        for order in ids:
            if order in mine:
                found[order] = mine[order]
            else:
                others[order] = DELAYED if order in orders.delayed(owner) else NOT_FOUND
        if found:
            self._floor.withdraw(found.values(), OrderStatus.CANCELED, "canceled")
        return list(found), others

    def cancel_all(self, owner: str) -> list[OrderId]:
        """Take back everything of an owner."""
        return self.cancel_market(owner, None, None)

    def cancel_market(self, owner: str, market: MarketId | None, token: TokenId | None) -> list[OrderId]:
        """Take back an owner's orders on a market, on a token, or (None) on any; delayed ones cannot be."""
        open_orders = self.open_orders(owner, market=market, token=token)
        found = [order.new.id for order in open_orders if order.status is not OrderStatus.DELAYED]
        return self.cancel(owner, found)[0]

    def open_orders(
        self,
        owner: str,
        market: MarketId | None = None,
        token: TokenId | None = None,
        id: OrderId | None = None,  # noqa: A002 -- the wire's word
    ) -> list[Order]:
        """An owner's resting orders, oldest first, then those that wait for their taker delay to end."""
        self.advance()
        orders = self._floor.orders
        found = [resting.order for _, resting in orders.of(owner).values()]
        found += orders.delayed(owner).values()
        return [
            order
            for order in found
            if market in (None, order.market)
            and token in (None, order.new.token)
            and id in (None, order.new.id)
        ]

    def order(self, owner: str, id: OrderId) -> Order | None:  # noqa: A002 -- the wire's word
        """An owner's order while it rests, or waits for its taker delay to end."""
        self.advance()
        orders = self._floor.orders
        found = orders.of(owner).get(id)
        return found[1].order if found else orders.delayed(owner).get(id)

    def clear_book(self, market: MarketId) -> None:
        """Take back whatever rests in a market, as at the start of a game."""
        self._floor.clear_book(self._rooms[market])

    def trades(
        self,
        owner: str,
        id: TradeId | None = None,  # noqa: A002 -- the wire's word
        market: MarketId | None = None,
        token: TokenId | None = None,
        before_s: int | None = None,
        after_s: int | None = None,
    ) -> list[Trade]:
        """Trades in which an owner is the taker or one of the legs, oldest first; bounds in epoch seconds."""
        self.advance()
        return self.ledger.trades(
            owner,
            trade=id,
            market=market,
            token=token,
            before=None if before_s is None else MarketNs(before_s * SECOND),
            after=None if after_s is None else MarketNs(after_s * SECOND),
        )

    # -- time

    @property
    def now(self) -> MarketNs:
        """Market time of what is happening; of the last thing that did, between calls."""
        return self._floor.now

    def next_due(self) -> MarketNs | None:
        """When something happens next by itself; None: never."""
        return self._timeline.next_due()

    def advance(self, budget_ns: int | None = None) -> bool:
        """Play everything due up to now, in time order; at equal times our own business goes first.

        With a budget (real nanoseconds) it stops when that is used up; whether it came as far as now.
        """
        return self._timeline.advance(budget_ns)

    def save_clock(self) -> None:
        """Remember how far market time came; done about once per real second by itself."""
        self._timeline.save_clock()
