"""The exchange itself: takes and cancels orders, plays the background, settles, and tells the doors in order."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence

from messages.values import SECOND, MarketId, MarketNs, Money, OrderId, Price, Side, Size, TokenId, TradeId
from venue.paper import admission
from venue.paper.accounts import Accounts, Position
from venue.paper.book import Fill, Resting
from venue.paper.clock import VenueClock
from venue.paper.ledger import Ledger
from venue.paper.news import News, Room
from venue.paper.orders import Orders
from venue.paper.settlement import (
    Match,
    Settlement,
    SettlementTimes,
    Taker,
    background_taker,
    digest,
    taker_of,
    token_price,
    transaction_of,
    yes_terms,
)
from venue.paper.tape import BookSet, Closed, LevelSet, Printed, Tape, TapeDeck, TapeEvent, TickSet
from venue.paper.terms import (
    BookView,
    Listener,
    Market,
    NewOrder,
    Order,
    OrderStatus,
    OrderType,
    Placement,
    Refused,
    TokenSide,
    Trade,
    TradeStatus,
)

CLOCK_SAVE_NS = SECOND
"""Real nanoseconds between two notes of how far market time came."""
NOT_FOUND = "order can't be found - already canceled or matched"
_IMMEDIATE = (OrderType.FOK, OrderType.FAK)


class Exchange:
    """One thread's object. Every public call first plays what is due, and commits before it tells anybody."""

    def __init__(
        self,
        clock: VenueClock,
        ledger: Ledger,
        listeners: Iterable[Listener] = (),
        times: SettlementTimes | None = None,
    ) -> None:
        self.clock = clock
        self.ledger = ledger
        self.accounts = Accounts()
        self._news = News(listeners)
        self._orders = Orders(self.accounts, ledger, self._news, clock)
        self._settlement = Settlement(self.accounts)
        self._times = times or SettlementTimes()
        self._deck = TapeDeck()
        self._rooms: dict[MarketId, Room] = {}
        self._by_token: dict[TokenId, Room] = {}
        self._due: list[tuple[MarketNs, int, Callable[[], None]]] = []
        self._due_count = 0
        self._traded = False
        self._funded = set(ledger.funded())
        self._now = clock.now()
        self._clock_saved_at = clock.real_now()
        self._recover()

    # -- markets

    @property
    def markets(self) -> Sequence[Market]:
        """All markets, in the order in which they were listed."""
        return [room.market for room in self._rooms.values()]

    def market(self, market: MarketId) -> Market | None:
        """A market by its condition id."""
        room = self._rooms.get(market)
        return room.market if room else None

    def market_of(self, token: TokenId) -> Market | None:
        """The market of a token."""
        room = self._by_token.get(token)
        return room.market if room else None

    def add_market(self, market: Market) -> None:
        """List a market without background."""
        if market.id in self._rooms or market.yes in self._by_token or market.no in self._by_token:
            raise ValueError(f"{market.slug}: its id or one of its tokens is listed already")
        room = Room(market, self._now)
        self._rooms[market.id] = self._by_token[market.yes] = self._by_token[market.no] = room
        self._news.market(market)
        self._finish(room)

    def add_tape(self, tape: Tape) -> None:
        """List a market and play its background from where market time stands."""
        market = tape.market
        self.add_market(market)
        self._deck.put(tape, market, self._now - self.clock.origin)

    def listen(self, listener: Listener) -> None:
        """Tell this one too, from now on."""
        self._news.listen(listener)

    def book(self, token: TokenId) -> BookView | None:
        """A token's visible book; None for a token nobody listed."""
        self.advance()
        room = self._by_token.get(token)
        if room is None:
            return None
        bids, asks = room.book.levels(Side.BID), room.book.levels(Side.ASK)
        if token != room.market.yes:
            bids, asks = (
                [(token_price(room.market, token, price), size) for price, size in levels]
                for levels in (asks, bids)
            )
        return BookView(room.market.id, token, tuple(bids), tuple(asks), room.changed_at)

    # -- accounts

    def fund(self, maker: str, dollars: Money) -> bool:
        """Give an address its first dollars; false if it had them before."""
        if maker in self._funded:
            return False
        self._funded.add(maker)
        self.accounts.pay(maker, dollars)
        self.ledger.fund(maker, dollars, self._now)
        self._save_balances()
        self.ledger.commit(durable=True)
        return True

    def balance(self, maker: str, token: TokenId | None) -> int:
        """Collateral (None) or tokens of an address in millionths, reserved ones included."""
        self.advance()
        account = self.accounts.find(maker)
        if account is None:
            return 0
        return account.collateral if token is None else account.tokens.get(token, 0)

    def positions(self, maker: str) -> Mapping[TokenId, Position]:
        """What an address holds of each token, and its average cost."""
        self.advance()
        account = self.accounts.find(maker)
        return account.positions() if account else {}

    # -- orders

    def place(self, new: NewOrder) -> Placement:
        """Take an order. Raises Refused with the venue's words."""
        self.advance()
        room = self._by_token.get(new.token)
        if room is None:
            raise Refused("Invalid token id")
        side, price = yes_terms(room.market, new.token, new.side, new.price)
        self._admit(new, room, side, price)
        order = self._orders.accept(new, room, self._now)
        matches = self._settle(room, taker_of(new), room.book.take(side, price, new.size), order)
        if not order.leaves:
            self._orders.end(order, OrderStatus.MATCHED, "matched", self._now)
        elif new.type in _IMMEDIATE:
            self._orders.end(order, OrderStatus.CANCELED, "remainder killed", self._now)
        else:
            self._rest(room, Resting(order, side, price, order.leaves))
        self._finish(room)
        return _placement(order, matches)

    def cancel(self, owner: str, ids: Iterable[OrderId]) -> tuple[list[OrderId], dict[OrderId, str]]:
        """Take back an owner's orders: those taken back, and why the others were not."""
        self.advance()
        mine = self._orders.of(owner)
        wanted = list(dict.fromkeys(ids))
        canceled = {order: mine[order] for order in wanted if order in mine}
        self._withdraw(list(canceled.values()), OrderStatus.CANCELED, "canceled")
        return list(canceled), {order: NOT_FOUND for order in wanted if order not in canceled}

    def cancel_all(self, owner: str) -> list[OrderId]:
        """Take back everything of an owner."""
        return self.cancel_market(owner, None, None)

    def cancel_market(self, owner: str, market: MarketId | None, token: TokenId | None) -> list[OrderId]:
        """Take back an owner's orders on a market, on a token, or (None) on any."""
        found = [order.new.id for order in self.open_orders(owner, market=market, token=token)]
        return self.cancel(owner, found)[0]

    def open_orders(
        self,
        owner: str,
        market: MarketId | None = None,
        token: TokenId | None = None,
        id: OrderId | None = None,  # noqa: A002 -- the wire's word
    ) -> list[Order]:
        """An owner's resting orders, oldest first."""
        self.advance()
        return [
            resting.order
            for room, resting in self._orders.of(owner).values()
            if market in (None, room.market.id)
            and token in (None, resting.order.new.token)
            and id in (None, resting.order.new.id)
        ]

    def order(self, owner: str, id: OrderId) -> Order | None:  # noqa: A002 -- the wire's word
        """An owner's order while it rests."""
        self.advance()
        found = self._orders.of(owner).get(id)
        return found[1].order if found else None

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

    def next_due(self) -> MarketNs | None:
        """When something happens next by itself; None: never."""
        tape = self._deck.next_at()
        tape_at = None if tape is None else self.clock.origin + tape
        due_at = self._due[0][0] if self._due else None
        if tape_at is None or due_at is None:
            return due_at if tape_at is None else tape_at
        return min(tape_at, due_at)

    def advance(self) -> None:
        """Play everything due up to now, in time order; at equal times our own business goes first."""
        now = self.clock.now()
        while (due := self.next_due()) is not None and due <= now:
            self._now = max(self._now, due)
            if self._due and self._due[0][0] <= due:
                heapq.heappop(self._due)[2]()
            else:
                market, event = self._deck.play()
                self._play(self._rooms[market.id], event)
        self._now = max(self._now, now)
        if self.clock.is_started and self.clock.real_now() - self._clock_saved_at >= CLOCK_SAVE_NS:
            self.save_clock()

    def save_clock(self) -> None:
        """Remember how far market time came; done about once per real second by itself."""
        self._clock_saved_at = self.clock.real_now()
        self.ledger.save_clock(self.clock.origin, self._now)

    # -- inside

    def _recover(self) -> None:
        for maker, token, amount, cost in self.ledger.balances():
            account = self.accounts.of(maker)
            if token is None:
                account.collateral = amount
            else:
                account.tokens[token], account.cost[token] = amount, cost
        for trade in self.ledger.unsettled():
            self._schedule_steps(trade)

    def _admit(self, new: NewOrder, room: Room, side: Side, price: Price) -> None:
        admission.check_terms(new, room.market, self._now)
        if self.ledger.has_order(new.id):
            raise admission.duplicated(new)
        crosses = room.book.crosses(side, price)
        if crosses:
            admission.check_marketable(new)
        account = self.accounts.of(new.maker)
        if new.side is TokenSide.SELL:
            held, reserved = account.tokens.get(new.token, 0), account.reserved_tokens.get(new.token, 0)
            admission.check_funds(held, reserved, new.size)
        else:
            amount = admission.dollars_for(new.price, new.size)
            if crosses:
                amount += admission.taker_fee(room.market.fee_rate, new.price, new.size)
            admission.check_funds(account.collateral, account.reserved, amount)
        if new.type in (OrderType.FOK, OrderType.FAK):
            admission.check_depth(new, room.book.takeable(side, price, new.size))

    def _settle(
        self,
        room: Room,
        taker: Taker,
        fills: Sequence[Fill],
        order: Order | None = None,
        told: bool = False,
    ) -> list[Match]:
        """Trades for fills: balances, orders, news; `told`: the print itself is news already."""
        if not fills:
            return []
        matches, rest = self._settlement.match(room.market, taker, fills, self._now), list(fills)
        for match in matches:
            trade, filled = match.trade, rest[: len(match.trade.legs)]
            del rest[: len(filled)]
            if not told:
                self._tell_print(
                    room, trade.token, trade.side, trade.price, trade.size, transaction_of(trade.id)
                )
            self._news.trade(trade)
            if order is not None:
                self._orders.took(order, trade.size, trade.id)
            for fill in filled:
                if fill.resting is not None:
                    self._orders.fill(room, fill.resting, fill.size, trade.id, self._now)
            self._schedule_steps(trade)
        if order is not None and order.leaves:
            self._orders.partly_taken(order)
        self.ledger.add_trades([match.trade for match in matches])
        self._save_balances()
        self._traded = True
        return matches

    def _rest(self, room: Room, resting: Resting) -> None:
        new = resting.order.new
        self._orders.rest(room, resting, self._now)
        if new.expires_at is not None:
            self._at(new.expires_at + -admission.EARLY_NS, lambda: self._expire(room, new.id))

    def _expire(self, room: Room, order: OrderId) -> None:
        resting = room.open.get(order)
        if resting is not None:
            self._withdraw([(room, resting)], OrderStatus.CANCELED_EXPIRED, "expired")

    def _withdraw(self, leaving: Sequence[tuple[Room, Resting]], status: OrderStatus, reason: str) -> None:
        """Orders leave the book together; only then may a quote they hid meet those that stay."""
        rooms = dict[MarketId, Room]()
        for room, resting in leaving:
            rooms[room.market.id] = room
            self._orders.remove(room, resting, status, reason, self._now)
        for room in rooms.values():
            for side in Side:
                fills = room.book.uncover(side)
                self._settle(room, background_taker(room.market, side), fills)
        self._finish(*rooms.values())

    def _at(self, when: MarketNs, do: Callable[[], None]) -> None:
        self._due_count += 1
        heapq.heappush(self._due, (when, self._due_count, do))

    def _schedule_steps(self, trade: Trade) -> None:
        if trade.status is TradeStatus.MATCHED:
            self._at(trade.matched_at + self._times.mined, lambda: self._step(trade, TradeStatus.MINED))
        self._at(trade.matched_at + self._times.confirmed, lambda: self._step(trade, TradeStatus.CONFIRMED))

    def _step(self, trade: Trade, status: TradeStatus) -> None:
        trade.status = status
        trade.updated_at = self._now
        trade.transaction_hash = transaction_of(trade.id)
        self.ledger.step_trade(trade)
        self._news.trade(trade)
        self._finish()

    def _play(self, room: Room, event: TapeEvent) -> None:
        """One event of the background."""
        at = int(self._now)
        match event:
            case LevelSet():
                fills = room.book.set_level(event.side, event.price, event.size, at)
                self._settle_background(room, event.side, fills)
            case Printed():
                side = Side.BID if event.taker is TokenSide.BUY else Side.ASK
                fills = room.book.printed(side, event.price, event.size, at)
                hash_ = digest("print", room.market.id, at, event.price)
                self._tell_print(room, room.market.yes, event.taker, event.price, event.size, hash_)
                self._settle_background(room, side, fills, told=True)
            case BookSet():
                for side, levels in ((Side.BID, event.bids), (Side.ASK, event.asks)):
                    self._settle_background(room, side, room.book.set_side(side, levels, at))
                room.replaced = True
            case TickSet():
                old, room.market.tick = room.market.tick, event.tick
                self._news.tick(room.market, old, event.tick)
            case Closed():
                room.market.accepting_orders = False
                leaving = [(room, resting) for resting in room.open.values()]
                self._withdraw(leaving, OrderStatus.CANCELED, "market closed")
                self._news.market(room.market)
            case _:
                raise TypeError(f"{event!r} is no event of a tape")
        self._finish(room)

    def _settle_background(self, room: Room, side: Side, fills: Sequence[Fill], told: bool = False) -> None:
        if fills:
            self._settle(room, background_taker(room.market, side), fills, told=told)

    def _tell_print(
        self, room: Room, token: TokenId, side: TokenSide, price: Price, size: Size, transaction: str
    ) -> None:
        room.market.last_trade = token_price(room.market, token, price)
        self._news.printed(room.market, token, side, price, size, transaction)

    def _save_balances(self) -> None:
        rows = list[tuple[str, TokenId | None, int, int]]()
        for maker, token in self.accounts.moved():
            account = self.accounts.of(maker)
            if token is None:
                rows.append((maker, None, account.collateral, 0))
            else:
                rows.append((maker, token, account.tokens[token], account.cost[token]))
        self.ledger.set_balances(rows)

    def _finish(self, *rooms: Room) -> None:
        """What happened is in the ledger, then everybody hears it."""
        self.ledger.commit(durable=self._traded)
        self._traded = False
        for room in rooms or (None,):
            self._news.publish(room, self._now)


def _placement(order: Order, matches: Sequence[Match]) -> Placement:
    dollars = sum(match.dollars for match in matches)
    shares = sum(match.trade.size for match in matches)
    bought = order.new.side is TokenSide.BUY
    return Placement(
        order=order.new.id,
        status="matched" if matches else "live",
        making=dollars if bought else shares,
        taking=shares if bought else dollars,
        trades=tuple(match.trade.id for match in matches),
    )
