from __future__ import annotations

from typing import NamedTuple

import hypothesis.strategies as st
from hypothesis import given, settings

from messages.values import SECOND, Price, Side
from tests.venue.paper.engine.tapes import PRICES, SIDES, SIZES, a_resting
from tests.venue.paper.engine_bench import ALICE, BOB, Bench, ask, bid, bought, sold, whole
from venue.paper.engine.book import Fill, Resting
from venue.paper.engine.replay_book import ReplayBook


def test_an_order_fills_only_beyond_what_rested_before_it() -> None:
    bench = Bench(bid(0, 40, 100), sold(10, 40, 60), sold(20, 40, 45))
    order = bench.buy(ALICE, 40, 10)

    bench.at(10)
    assert bench.leaves(order, ALICE) == 10
    bench.at(20)
    assert bench.leaves(order, ALICE) == 5
    assert bench.filled(ALICE) == [(40, 5)]


def test_cancels_ahead_count_only_when_the_level_falls_below_our_place() -> None:
    bench = Bench(
        bid(0, 40, 100),
        bid(10, 40, 150),
        bid(20, 40, 110),
        sold(30, 40, 100),
        bid(40, 40, 20),
        sold(50, 40, 3),
    )
    order = bench.buy(ALICE, 40, 10)

    bench.at(30)
    assert bench.leaves(order, ALICE) == 10
    bench.at(50)
    assert bench.leaves(order, ALICE) == 7


def test_a_level_that_shrinks_below_our_place_moves_us_up_to_its_end() -> None:
    bench = Bench(bid(0, 40, 100), bid(10, 40, 30), sold(20, 40, 30), sold(30, 40, 4))
    order = bench.buy(ALICE, 40, 10)

    bench.at(20)
    assert bench.leaves(order, ALICE) == 10
    bench.at(30)
    assert bench.leaves(order, ALICE) == 6


def test_a_print_told_after_its_level_shrank_does_not_count_twice() -> None:
    bench = Bench(bid(0, 40, 100), bid(10, 40, 70), sold(10.2, 40, 30), bid(20, 40, 40), sold(20.2, 40, 30))
    order = bench.buy(ALICE, 40, 10)

    bench.at(11)
    later = bench.buy(BOB, 40, 10)
    bench.at(21)
    assert bench.leaves(order, ALICE) == 10
    assert bench.leaves(later, BOB) == 10


def test_an_order_that_joins_a_level_just_swept_is_not_filled_by_the_late_print() -> None:
    bench = Bench(bid(0, 40, 100), bid(10, 40, 0), sold(10.3, 40, 100))
    bench.at(10.1)
    order = bench.buy(ALICE, 40, 10)

    bench.at(11)

    assert bench.leaves(order, ALICE) == 10


def test_a_print_through_our_price_fills_us_at_our_price_whatever_rests_ahead() -> None:
    bench = Bench(bid(0, 40, 100), sold(10, 39, 6))
    order = bench.buy(ALICE, 40, 10)

    bench.at(10)

    assert bench.filled(ALICE) == [(40, 6)]
    assert bench.leaves(order, ALICE) == 4


def test_an_order_reached_by_a_print_through_it_has_nothing_before_it_any_more() -> None:
    bench = Bench(bid(0, 40, 100), sold(10, 39, 4), sold(20, 40, 3))
    order = bench.buy(ALICE, 40, 10)

    bench.at(20)

    assert bench.filled(ALICE) == [(40, 4), (40, 3)]
    assert bench.leaves(order, ALICE) == 3


def test_a_quote_through_our_price_fills_us_once_per_change_and_never_stays_crossed() -> None:
    bench = Bench(ask(0, 60, 100), bid(0, 50, 5), ask(10, 47, 30), ask(20, 47, 30), ask(30, 47, 4))
    order = bench.buy(ALICE, 48, 50)

    bench.at(10)
    assert bench.leaves(order, ALICE) == 20
    assert bench.shown() == ({50: 5, 48: 20}, {60: 100})
    bench.at(20)
    assert bench.leaves(order, ALICE) == 20
    bench.at(30)
    assert bench.filled(ALICE) == [(48, 30), (48, 4)]


def test_what_is_left_of_a_quote_that_went_through_us_shows() -> None:
    bench = Bench(bid(10, 55, 100))
    bench.buy(ALICE, 46, 30, token=bench.market.no)  # an ask of YES at 54

    bench.at(10)

    assert bench.filled(ALICE) == [(46, 30)]
    assert bench.shown() == ({55: 70}, {})


def test_a_quote_at_our_price_neither_fills_us_nor_shows() -> None:
    bench = Bench(ask(0, 60, 10), ask(10, 48, 30))
    order = bench.buy(ALICE, 48, 10)

    bench.at(10)
    assert bench.leaves(order, ALICE) == 10
    assert bench.shown() == ({48: 10}, {60: 10})

    bench.exchange.cancel_all(f"key of {ALICE}")
    assert bench.shown() == ({}, {48: 30, 60: 10})


def test_a_hidden_quote_meets_the_better_order_that_stays_when_the_one_before_it_leaves() -> None:
    bench = Bench(ask(10, 48, 30))
    first = bench.buy(ALICE, 48, 10)
    bench.at(10)
    second = bench.buy(BOB, 49, 10)
    assert bench.leaves(second, BOB) == 10

    bench.exchange.cancel(f"key of {ALICE}", [first.order])

    assert bench.filled(BOB) == [(49, 10)]
    assert bench.shown() == ({}, {48: 20})


def test_orders_that_leave_together_do_not_meet_what_they_hid() -> None:
    bench = Bench(ask(10, 48, 30))
    bench.buy(ALICE, 48, 10)
    bench.at(10)
    bench.buy(ALICE, 49, 10)

    bench.exchange.cancel_all(f"key of {ALICE}")

    assert bench.exchange.trades(f"key of {ALICE}") == []


def test_taken_size_stays_taken_until_the_level_changes() -> None:
    same = {60.0: 40.0}
    bench = Bench(ask(0, 60, 40), whole(10, {}, same), ask(20, 60, 41))
    bench.buy(ALICE, 60, 40)
    assert bench.shown()[1] == {}

    bench.at(10)
    assert bench.shown()[1] == {}
    bench.at(20)
    assert bench.shown()[1] == {60: 41}


def test_a_taker_meets_background_and_orders_by_their_places() -> None:
    bench = Bench(ask(0, 60, 10), ask(5, 60, 30))
    bench.buy(ALICE, 40, 10, token=bench.market.no)  # an ask of YES at 60, ten shares before it
    bench.at(5)

    bench.buy(BOB, 60, 15)
    assert bench.filled(ALICE) == [(40, 5)]
    bench.buy(BOB, 60, 10)
    assert bench.filled(ALICE) == [(40, 5), (40, 5)]
    assert bench.shown()[1] == {60: 15}


def test_a_sweep_reaches_better_orders_before_worse_ones() -> None:
    bench = Bench(bid(0, 50, 10), sold(10, 50, 10), bid(10, 50, 0), sold(10, 48, 12))
    worse, better = bench.buy(ALICE, 48, 10), bench.buy(BOB, 49, 5)

    bench.at(10)

    assert bench.leaves(better, BOB) is None
    assert bench.leaves(worse, ALICE) == 3


def test_a_print_on_the_other_side_is_none_of_our_business() -> None:
    bench = Bench(bought(10, 40, 50), bought(11, 30, 50))
    order = bench.buy(ALICE, 40, 10)

    bench.at(11)

    assert bench.leaves(order, ALICE) == 10


# -- against a naive model: a list of pieces per price, walked from the front


class Piece(NamedTuple):
    order: str
    """Empty: the background's."""
    size: int


class NaiveBook:
    """The same rules with one queue of pieces per price; prints turn what they took into pieces at the back."""

    def __init__(self) -> None:
        self.queues: dict[tuple[Side, int], list[Piece]] = {}
        self.said: dict[tuple[Side, int], int] = {}

    def queue(self, side: Side, price: int) -> list[Piece]:
        return self.queues.setdefault((side, price), [])

    def has_orders(self, side: Side, price: int) -> bool:
        return any(piece.order for piece in self.queue(side, price))

    def visible(self, side: Side, price: int) -> int:
        masked = self.has_orders(side.other, price)
        return sum(p.size for p in self.queue(side, price) if p.order or not masked)

    def prices(self, side: Side) -> list[int]:
        """Best first."""
        return sorted({p for s, p in self.queues if s is side}, reverse=side is Side.BID)

    def take(self, side: Side, limit: int, size: int) -> list[tuple[str, int, int]]:
        got = []
        for price in self.prices(side.other):
            if (price - limit) * side.sign > 0:
                break
            left = list[Piece]()
            for piece in self.queue(side.other, price):
                hidden = not piece.order and self.has_orders(side, price)
                n = 0 if hidden else min(size, piece.size)
                size -= n
                if n:
                    got.append((piece.order, price, n))
                if piece.size > n:
                    left.append(Piece(piece.order, piece.size - n))
            self.queues[side.other, price] = left
        return got

    def fill_orders(self, side: Side, price: int, size: int) -> list[tuple[str, int, int]]:
        got, left, moved = list[tuple[str, int, int]](), list[Piece](), 0
        for piece in self.queue(side, price):
            n = min(size, piece.size) if piece.order else 0
            if n:
                got.append((piece.order, price, n))
                moved = len(left)
            size -= n
            if piece.size > n:
                left.append(Piece(piece.order, piece.size - n))
        # who was reached has nothing before it any more
        front = [p for p in left[:moved] if not p.order]
        self.queues[side, price] = [p for p in left[:moved] if p.order] + left[moved:] + front
        return got

    def printed(self, taker: Side, price: int, size: int) -> list[tuple[str, int, int]]:
        side, got = taker.other, []
        for better in self.prices(side):
            if (better - price) * side.sign > 0 and size:
                fills = self.fill_orders(side, better, size)
                got += fills
                size -= sum(n for _, _, n in fills)
        queue, back = self.queue(side, price), []
        while size and any(piece.order for piece in queue):
            piece = queue.pop(0)
            n = min(size, piece.size)
            size -= n
            if piece.order:
                got.append((piece.order, price, n))
            else:
                back.append(Piece("", n))
            if piece.size > n:
                queue.insert(0, Piece(piece.order, piece.size - n))
        queue += back
        return got

    def set_level(self, side: Side, price: int, size: int) -> list[tuple[str, int, int]]:
        if self.said.get((side, price), 0) == size:
            return []
        self.said[side, price] = size
        queue = self.queue(side, price)
        excess = sum(p.size for p in queue if not p.order) - size
        if excess < 0:
            queue.append(Piece("", -excess))
        for n in range(len(queue) - 1, -1, -1):
            if excess > 0 and not queue[n].order:
                cut = min(excess, queue[n].size)
                queue[n] = Piece("", queue[n].size - cut)
                excess -= cut
        return self.cross(side, price)

    def cross(self, side: Side, price: int) -> list[tuple[str, int, int]]:
        got = []
        for other in self.prices(side.other):
            size = sum(p.size for p in self.queue(side, price) if not p.order)
            if (price - other) * side.sign <= 0 or not size:
                break
            fills = self.fill_orders(side.other, other, size)
            got += fills
            self.use_background(side, price, sum(n for _, _, n in fills))
        return got

    def use_background(self, side: Side, price: int, size: int) -> None:
        queue = self.queue(side, price)
        for n, piece in enumerate(queue):
            if not piece.order:
                cut = min(size, piece.size)
                queue[n] = Piece("", piece.size - cut)
                size -= cut

    def remove(self, side: Side, price: int, order: str) -> list[tuple[str, int, int]]:
        self.queues[side, price] = [p for p in self.queue(side, price) if p.order != order]
        return self.cross(side.other, price) if self.visible_background(side.other, price) else []

    def visible_background(self, side: Side, price: int) -> bool:
        hidden = self.has_orders(side.other, price)
        return not hidden and any(p.size and not p.order for p in self.queue(side, price))


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("order"), SIDES, PRICES, SIZES),
        st.tuples(st.just("level"), SIDES, PRICES, st.integers(0, 30)),
        st.tuples(st.just("print"), SIDES, PRICES, SIZES),
        st.tuples(st.just("cancel"), SIDES, PRICES, SIZES),
    ),
    max_size=40,
)


def plain(fills: list[Fill]) -> list[tuple[str, int, int]]:
    """Orders' fills, pieces of one order at one go put together; the background's are summed elsewhere."""
    return [(f.resting.order.new.id, f.price, f.size) for f in fills if f.resting is not None]


@settings(max_examples=400, deadline=None)
@given(MOVES)
def test_the_book_does_what_a_naive_queue_of_pieces_does(moves: list[tuple[str, Side, int, int]]) -> None:
    book, naive = ReplayBook(), NaiveBook()
    resting: dict[str, Resting] = {}
    for n, (what, side, price, size) in enumerate(moves):
        at, fills = n * 10 * SECOND, list[Fill]()
        expected: list[tuple[str, int, int]] = []
        if what == "level":
            fills = book.set_level(side, Price(price), size, at)
            expected = naive.set_level(side, price, size)
        elif what == "print":
            fills = book.printed(side, Price(price), size, at)
            expected = naive.printed(side, price, size)
            assert sum(f.size for f in fills) <= size
        elif what == "order":
            takeable = book.takeable(side, Price(price), size)
            fills = book.take(side, Price(price), size)
            expected = naive.take(side, price, size)
            got = sum(f.size for f in fills)
            assert got == takeable == sum(s for _, _, s in expected)
            if got < size:
                resting[str(n)] = a_resting(str(n), side, price, size - got)
                book.rest(resting[str(n)], at)
                naive.queue(side, price).append(Piece(str(n), size - got))
        elif resting:
            name = sorted(resting)[size % len(resting)]
            gone = resting.pop(name)
            book.remove(gone)
            fills = book.uncover(gone.side.other)
            expected = naive.remove(gone.side, gone.price, name)
        assert plain(fills) == [fill for fill in expected if fill[0]]
        resting = {name: r for name, r in resting.items() if r.leaves}
        for half in Side:
            visible = {p: naive.visible(half, p) for p in naive.prices(half)}
            assert dict(book.levels(half)) == {p: s for p, s in visible.items() if s}


@settings(max_examples=200, deadline=None)
@given(MOVES)
def test_the_changes_told_add_up_to_the_visible_book(moves: list[tuple[str, Side, int, int]]) -> None:
    book, told = ReplayBook(), dict[tuple[Side, Price], int]()
    for n, (what, side, price, size) in enumerate(moves):
        if what == "level":
            book.set_level(side, Price(price), size, n)
        elif what == "print":
            book.printed(side, Price(price), size, n)
        elif what == "order":
            got = sum(f.size for f in book.take(side, Price(price), size))
            if got < size:
                book.rest(a_resting(str(n), side, price, size - got), n)
        for change in book.changes():
            told[change.side, change.price] = change.size
        for half in Side:
            assert dict(book.levels(half)) == {p: s for (s_, p), s in told.items() if s_ is half and s}
            own = [key * half.sign for key in book._half(half).own_keys]
            best = book.best(half.other)
            assert not own or best is None or all((best - p) * half.sign > 0 for p in own)
