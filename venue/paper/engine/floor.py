"""Where orders meet: admission, matching, money, reports; nothing of who calls and of what time it is outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from loguru import logger

from messages.values import MICRO, MarketId, MarketNs, Money, Price, Side, Size, TokenId
from venue.paper.engine.accounts import Account, Accounts, Asset
from venue.paper.engine.agenda import Agenda
from venue.paper.engine.allowances import Allowances
from venue.paper.engine.book import Fill, Resting
from venue.paper.engine.chain import Chain
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.cover import uncovered
from venue.paper.engine.funds import Funds
from venue.paper.engine.news import News
from venue.paper.engine.order_book import OrderBook
from venue.paper.engine.orders import Orders
from venue.paper.engine.replay_book import ReplayBook
from venue.paper.engine.resolution import end_market, redeem_burnt
from venue.paper.engine.room import Room
from venue.paper.engine.settlement import (
    Settlement,
    Taker,
    background_taker,
    digest,
    token_price,
    transaction_of,
)
from venue.paper.engine.switches import Switches
from venue.paper.engine.terms import (
    Listener,
    Market,
    Order,
    OrderStatus,
    TokenSide,
    Trade,
)
from venue.paper.ledger.ledger import Ledger


class Floor:
    """The matching core. `now` is the market time of what is happening, set by the exchange before each call."""

    def __init__(
        self, clock: VenueClock, ledger: Ledger, listeners: Iterable[Listener], switches: Switches
    ) -> None:
        self.now: MarketNs = clock.now()
        self.rooms: dict[MarketId, Room] = {}
        """By condition id, in the order in which they were listed."""
        self.agenda = Agenda()
        self.accounts = Accounts()
        self.funds = Funds(self.accounts, Allowances(ledger), switches)
        self.news = News(listeners)
        self.orders = Orders(self.accounts, ledger, self.news, clock.real_now())
        self._ledger = ledger
        self._settlement = Settlement(self.accounts, self.funds, ledger.trade_count())
        self.chain = Chain(self, ledger)
        self._traded = False
        self._recover()

    def withdraw(self, leaving: Iterable[tuple[Room, Resting]], status: OrderStatus, reason: str) -> None:
        """Orders leave the book together; only then may a quote they hid meet those that stay."""
        rooms = dict[Room, None]()
        for room, resting in leaving:
            rooms[room] = None
            self.orders.remove(room, resting, status, reason, self.now)
        for room in rooms:
            if room.book.hides:
                for side in Side:
                    self.settle_background(room, side, room.book.uncover(side))
        self.finish(*rooms)

    def stop_orders(self, room: Room) -> None:
        """The market takes no more orders, and those of accounts that rest leave."""
        room.market.accepting_orders = False
        self._clear(room, OrderStatus.CANCELED, "market closed")

    def resolve(self, room: Room, yes_wins: bool | None) -> None:
        """The outcome is known: YES, NO, or (None) half each. It stands, whatever is said later."""
        market = room.market
        if market.resolved:
            return
        end_market(market, None if yes_wins is None else market.yes if yes_wins else market.no)
        self._ledger.save_resolution(market.id, market.winner, self.now)
        redeem_burnt(self.accounts, market)
        self.save_balances()
        if isinstance(room.book, OrderBook):
            room.book.pull_all()
        elif isinstance(room.book, ReplayBook):
            for side in Side:
                room.book.set_side(side, (), int(self.now))
        self._clear(room, OrderStatus.CANCELED_RESOLVED, "market resolved")

    def set_tick(self, room: Room, tick: Price) -> None:
        """The price grid changes; orders off the new one stay."""
        old, room.market.tick = room.market.tick, tick
        self.news.tick(room.market, old, tick)

    def settle(
        self,
        room: Room,
        taker: Taker,
        fills: Sequence[Fill],
        order: Order | None = None,
        told: bool = False,
    ) -> list[Trade]:
        """Trades for fills: balances, orders, news; `told`: the print itself is news already."""
        if not fills:
            return []
        trades, rest = self._settlement.match(room.market, taker, fills, self.now), list(fills)
        for trade in trades:
            filled = rest[: len(trade.legs)]
            del rest[: len(filled)]
            if not told:
                hash_ = transaction_of(trade.id) if self.news.wanted(room.market.id) else ""
                self._tell_print(room, trade.token, trade.side, trade.price, trade.size, hash_)
            self.news.trade(trade)
            if order is not None:
                self.orders.took(order, trade.size, trade.id)
            for fill in filled:
                if fill.resting is not None:
                    self._watch_self_match(order, fill.resting.order)
                    self.orders.fill(room, fill.resting, fill.size, trade.id, self.now)
                elif fill.lot is not None:
                    room.hit(fill.lot, fill.size, order is not None)
            self.chain.follow(trade)
        if order is not None and order.leaves:
            self.orders.partly_taken(order)
        self._ledger.add_trades(trades)
        self.save_balances()
        self._traded = True
        return trades

    def settle_background(self, room: Room, side: Side, fills: Sequence[Fill], told: bool = False) -> None:
        """The background took (`side` is its own) and met accounts' orders; `told`: its print is news already."""
        if fills:
            self.settle(room, background_taker(room.market, side), fills, told=told)

    def tell_print(self, room: Room, token: TokenId, side: TokenSide, price: Price, size: Size) -> None:
        """The background traded with itself, in terms of a token."""
        room.prints += 1
        hash_ = ""
        if self.news.wanted(room.market.id):
            hash_ = digest("print", room.market.id, int(self.now), room.prints)
        self._tell_print(room, token, side, price, size, hash_)

    def save_balances(self) -> None:
        """Balances that moved go to the ledger with its next commit."""
        for maker, token in self.accounts.moved():
            account = self.accounts.of(maker)
            if token is None:
                self._ledger.set_balance(maker, None, account.collateral, 0)
            else:
                self._ledger.set_balance(maker, token, account.tokens[token], account.cost[token])

    def finish(self, *rooms: Room, durable: bool = False) -> None:
        """What happened is in the ledger, then everybody hears it."""
        self._ledger.commit(durable=durable or self._traded)
        self._traded = False
        for room in rooms or (None,):
            self.news.publish(room, self.now)

    def _recover(self) -> None:
        for maker, token, amount, cost in self._ledger.balances():
            account = self.accounts.of(maker)
            if token is None:
                account.collateral = amount
            else:
                account.tokens[token], account.cost[token] = amount, cost
        for trade in self._ledger.unsettled():
            self.chain.resume(trade)

    def clear_book(self, room: Room) -> None:
        """Whatever rests is taken back, accounts' orders and lots; the market goes on (VENUE §6.1)."""
        if isinstance(room.book, OrderBook):
            room.book.pull_all()
        self.withdraw(
            [(room, resting) for resting in room.open.values()], OrderStatus.CANCELED, "book cleared"
        )
        self.finish(room)

    def cover(self, maker: str, *assets: Asset) -> None:
        """A wallet may have less than before: its latest orders leave until what is left covers the others."""
        for asset in assets:
            missing = self.funds.missing(maker, asset, self.now)
            if missing:
                leaving = uncovered(self.funds, self.orders.of_maker(maker), asset, missing)
                self.withdraw(leaving, OrderStatus.CANCELED_BALANCE, "not enough balance")

    def switch(self, switches: Switches) -> None:
        """Other switches from now on; wallets that have too little by them lose orders."""
        self.funds.switch(switches)
        self.accounts.chain_moves = self._watch if switches.balance_lag_ms != 0 else None
        for account in list(self.accounts):
            self.cover(account.maker, *account.active)

    def find_market(self, market: MarketId) -> Market | None:
        """A listed market."""
        room = self.rooms.get(market)
        return room.market if room else None

    def _watch(self, account: Account, asset: Asset) -> None:
        """A balance on the chain is about to change, and the venue sees it later."""
        delay = self.funds.watch(account, asset, self.now)
        if delay is not None:
            self.agenda.add(self.now + delay, lambda: self.cover(account.maker, asset))

    def _watch_self_match(self, taker: Order | None, met: Order) -> None:
        if taker is not None and taker.new.maker == met.new.maker:
            logger.info("order {} matches {} of its own maker", taker.new.id, met.new.id)

    def _clear(self, room: Room, status: OrderStatus, reason: str) -> None:
        """Everything of accounts leaves a market that ends."""
        self.withdraw([(room, resting) for resting in room.open.values()], status, reason)
        self.news.market(room.market)
        self.finish(room)

    def _tell_print(
        self, room: Room, token: TokenId, side: TokenSide, price: Price, size: Size, transaction: str
    ) -> None:
        market = room.market
        market.last_trade, market.last_print = token_price(market, token, price), price
        market.last_taker = side if token == market.yes else side.other
        market.volume = Money(market.volume + price * size // MICRO)
        self.news.printed(market, token, side, price, size, transaction)
