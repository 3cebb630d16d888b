"""A crowd and accounts in one book, orders delayed or not: nothing is made, nothing is lost, nobody is in debt."""

from __future__ import annotations

from typing import NamedTuple

import hypothesis.strategies as st
from hypothesis import given, settings

from messages.values import MICRO, SECOND, OrderId, Price, Side, TokenId
from tests.venue.paper.engine_bench import ALICE, BOB, CAROL, NO, YES, Bench, a_market, an_order, key_of
from venue.paper.engine.accounts import FEES, HOUSE
from venue.paper.engine.participants import Lot, Pit
from venue.paper.engine.terms import Order, OrderStatus, OrderType, Refused, TokenSide

ACCOUNTS = (ALICE, BOB, CAROL)
DOLLARS = 15


class Act(NamedTuple):
    """What the crowd does in one second; `pick` chooses among its lots."""

    what: str
    side: Side
    cents: int
    shares: int
    pick: int


class Call(NamedTuple):
    """What an account asks for after that."""

    maker: str
    side: TokenSide
    token: TokenId
    cents: int
    shares: int
    type: OrderType
    cancels: bool


class Crowd:
    """Acts once a second from a list, and keeps count of what it has on the book."""

    def __init__(self, acts: list[Act]) -> None:
        self.market = a_market(seconds_delay=4, fee_rate=50_000)
        self.acts = acts
        self.done = 0
        self.lots: list[Lot] = []
        self.placed = self.pulled = self.hit = 0
        self.hit_by_accounts = 0

    def next_at(self) -> int | None:
        return (self.done + 1) * SECOND if self.done < len(self.acts) else None

    def open(self, pit: Pit, since: int) -> None:
        for side, cents in ((Side.BID, 45), (Side.ASK, 55)):
            self._place(pit, Lot(0, side, Price(cents * 10_000), 10 * MICRO))

    def act(self, pit: Pit) -> None:
        act = self.acts[self.done]
        self.done += 1
        price, size = Price(act.cents * 10_000), act.shares * MICRO
        if act.what == "place":
            self._place(pit, Lot(self.done, act.side, price, size))
        elif act.what == "take":
            pit.take(act.side, price, size)
        elif act.what == "snipe":
            pit.accounts_take(act.side, price, size)
        elif self.lots:
            lot = self.lots.pop(act.pick % len(self.lots))
            self.pulled += lot.leaves
            pit.pull(lot)

    def _place(self, pit: Pit, lot: Lot) -> None:
        if pit.place(lot):
            self.lots.append(lot)
            self.placed += lot.leaves

    def filled(self, lot: Lot, size: int, by_account: bool) -> None:
        self.hit += size
        self.hit_by_accounts += size if by_account else 0


CENTS, SHARES = st.sampled_from((40, 45, 50, 55, 60)), st.integers(5, 20)
ACTS = st.builds(
    Act,
    st.sampled_from(["place", "place", "place", "take", "snipe", "pull"]),
    st.sampled_from(list(Side)),
    CENTS,
    SHARES,
    st.integers(0, 20),
)
CALLS = st.builds(
    Call,
    st.sampled_from(ACCOUNTS),
    st.sampled_from(TokenSide),
    st.sampled_from((YES, NO)),
    CENTS,
    SHARES,
    st.sampled_from((OrderType.GTC, OrderType.GTC, OrderType.FAK, OrderType.FOK)),
    st.booleans(),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(ACTS, CALLS), min_size=5, max_size=25), st.sampled_from([1.0, 0.4, 3.5]))
def test_money_shares_and_sizes_are_conserved(moves: list[tuple[Act, Call]], pause_s: float) -> None:
    crowd = Crowd([act for act, _ in moves])
    bench, seen = Bench(participants=crowd, dollars=DOLLARS), set[OrderId]()
    for number, (_, call) in enumerate(moves):
        bench.at((number + 1) * pause_s)
        new = an_order(call.maker, call.side, call.cents, call.shares, token=call.token, type=call.type)
        try:
            seen.add(bench.exchange.place(new).order)
        except Refused:
            pass
        if call.cancels:
            bench.exchange.cancel_all(key_of(call.maker))
        check_money(bench)
        check_sizes(bench, crowd)
    bench.at(len(moves) * pause_s + 100)
    check_money(bench)
    check_sizes(bench, crowd)
    assert not any(order.status is OrderStatus.DELAYED for order in resting(bench))
    assert {order.new.id for order in resting(bench)} <= seen


def resting(bench: Bench) -> list[Order]:
    return [order for maker in ACCOUNTS for order in bench.exchange.open_orders(key_of(maker))]


def check_money(bench: Bench) -> None:
    exchange = bench.exchange
    everybody = (*ACCOUNTS, HOUSE, FEES)
    yes, no = (sum(exchange.balance(maker, token) for maker in everybody) for token in (YES, NO))
    assert yes == no
    assert sum(exchange.balance(maker, None) for maker in everybody) + yes == 3 * DOLLARS * MICRO
    for maker in ACCOUNTS:
        mine = exchange.open_orders(key_of(maker))
        dollars = sum(-(-o.new.price * o.leaves // MICRO) for o in mine if o.new.side is TokenSide.BUY)
        assert exchange.balance(maker, None) >= dollars
        for token in (YES, NO):
            selling = sum(o.leaves for o in mine if o.new.side is TokenSide.SELL and o.new.token == token)
            assert exchange.balance(maker, token) >= selling


def check_sizes(bench: Bench, crowd: Crowd) -> None:
    """The book shows what the crowd has on it and what accounts rest there, delayed orders apart."""
    bids, asks = bench.shown()
    shown = round(sum(bids.values()) * MICRO) + round(sum(asks.values()) * MICRO)
    ours = sum(order.leaves for order in resting(bench) if order.status is not OrderStatus.DELAYED)
    assert shown == crowd.placed - crowd.pulled - crowd.hit + ours
    assert not bids or not asks or max(bids) < min(asks)
    assert {100 - cents: size for cents, size in bids.items()} == bench.shown(NO)[1]
    trades = {trade.id: trade for trade in bench.heard.trades}.values()
    by_accounts = [leg for trade in trades if trade.taker_maker for leg in trade.legs]
    assert sum(leg.size for leg in by_accounts if leg.maker == HOUSE) == crowd.hit_by_accounts
