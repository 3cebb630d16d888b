"""No move of the exchange makes or loses money, and nobody spends what another order has reserved."""

from __future__ import annotations

import re

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from messages.values import MICRO, Side, TokenId
from tests.venue.paper.engine_bench import (
    ALICE,
    BOB,
    CAROL,
    NO,
    YES,
    Bench,
    a_market,
    an_order,
    bought,
    key_of,
    level,
    sold,
)
from venue.paper.engine.accounts import FEES, HOUSE
from venue.paper.engine.tape import TapeEvent
from venue.paper.engine.terms import OrderType, Refused, TokenSide

CENTS = st.integers(30, 70)
EVENTS = st.one_of(
    st.tuples(st.just("level"), CENTS, st.integers(0, 4_000), st.sampled_from(Side)),
    st.tuples(st.just("print"), CENTS, st.integers(1, 4_000), st.sampled_from(Side)),
)
ORDERS = st.tuples(
    st.sampled_from((ALICE, BOB, CAROL)),
    st.sampled_from(TokenSide),
    st.sampled_from((YES, NO)),
    CENTS,
    st.integers(500, 4_000),
    st.sampled_from((OrderType.GTC, OrderType.GTC, OrderType.FAK)),
)


def an_event(n: int, what: str, cents: int, hundredths: int, side: Side) -> TapeEvent:
    if what == "level":
        return level(n + 0.5, side, cents, hundredths / 100)
    return (bought if side is Side.BID else sold)(n + 0.5, cents, hundredths / 100)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(EVENTS, ORDERS, st.booleans()), max_size=25),
    st.sampled_from((0, 33_333)),
    st.sampled_from((10_000, 1_000)),
)
def test_money_is_conserved_and_nobody_is_in_debt(
    moves: list[tuple[tuple[str, int, int, Side], tuple[str, TokenSide, TokenId, int, int, OrderType], bool]],
    fee_rate: int,
    tick: int,
) -> None:
    events = [an_event(n, *event) for n, (event, _, _) in enumerate(moves)]
    bench = Bench(*events, market=a_market(fee_rate=fee_rate, tick=tick), dollars=40)
    given_out = 3 * 40 * MICRO
    for n, (_, (maker, side, token, cents, size, kind), cancels) in enumerate(moves):
        bench.at(n + 1)
        price = cents + (0.3 if tick == 1_000 else 0)
        shares = size / 100 + (0.0123 if kind is OrderType.FAK and side is TokenSide.BUY else 0)
        try:
            bench.exchange.place(an_order(maker, side, price, shares, token=token, type=kind))
        except Refused:
            pass
        if cancels:
            bench.exchange.cancel_all(key_of(maker))
        _check(bench, given_out)


def _check(bench: Bench, given_out: int) -> None:
    exchange = bench.exchange
    everybody = (ALICE, BOB, CAROL, HOUSE, FEES)
    yes, no = (sum(exchange.balance(maker, token) for maker in everybody) for token in (YES, NO))
    assert yes == no
    assert sum(exchange.balance(maker, None) for maker in everybody) + yes == given_out
    for maker in (ALICE, BOB, CAROL):
        mine = exchange.open_orders(key_of(maker))
        dollars = sum(-(-o.new.price * o.leaves // MICRO) for o in mine if o.new.side is TokenSide.BUY)
        assert exchange.balance(maker, None) >= dollars
        assert _reserved(bench, maker) == dollars
        for token in (YES, NO):
            selling = sum(o.leaves for o in mine if o.new.side is TokenSide.SELL and o.new.token == token)
            assert exchange.balance(maker, token) >= selling


def _reserved(bench: Bench, maker: str) -> int:
    """What the exchange says is reserved when it refuses an order that nobody could pay."""
    with pytest.raises(Refused) as refused:
        bench.exchange.place(an_order(maker, TokenSide.BUY, 1, 1_000_000))
    found = re.search(r"sum of active orders: (\d+)", refused.value.text)
    return int(found[1]) if found else 0
