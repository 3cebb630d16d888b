"""The book of lots and accounts' orders against a naive one: a list in order of arrival, searched each time."""

from __future__ import annotations

from typing import NamedTuple

import hypothesis.strategies as st
from hypothesis import given, settings

from messages.values import MICRO, MarketId, MarketNs, Price, Side, Size
from tests.venue.paper.engine_bench import ALICE, an_order
from venue.paper.engine.book import Resting
from venue.paper.engine.order_book import Entry, OrderBook
from venue.paper.engine.participants import Lot
from venue.paper.engine.terms import Order, OrderStatus, TokenSide


class Naive:
    """Everything that rests, in order of arrival."""

    def __init__(self) -> None:
        self.queue: list[tuple[Entry, Side, int, int]] = []

    def on(self, side: Side) -> list[int]:
        return [number for number, (_, on, _, left) in enumerate(self.queue) if on is side and left]

    def best_first(self, side: Side) -> list[int]:
        return sorted(self.on(side), key=lambda number: -self.queue[number][2] * side.sign)

    def take(self, side: Side, limit: int, size: int, only_accounts: bool) -> list[tuple[Entry, int, int]]:
        got = list[tuple[Entry, int, int]]()
        for number in self.best_first(side.other):
            entry, on, price, left = self.queue[number]
            if (price - limit) * side.sign > 0 or not size or (only_accounts and isinstance(entry, Lot)):
                break
            piece = min(size, left)
            size -= piece
            self.queue[number] = entry, on, price, left - piece
            got.append((entry, price, piece))
        return got

    def levels(self, side: Side) -> list[tuple[int, int]]:
        sizes = dict[int, int]()
        for number in self.best_first(side):
            _, _, price, left = self.queue[number]
            sizes[price] = sizes.get(price, 0) + left
        return list(reversed(sizes.items()))

    def leave(self, entry: Entry) -> None:
        self.queue = [row for row in self.queue if row[0] is not entry]


class Step(NamedTuple):
    """One thing done to a book; `pick` chooses among what was placed before."""

    what: str
    side: Side
    price: Price
    size: int
    pick: int


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["lot", "lot", "lot", "order", "order", "leave", "take", "take", "accounts"]),
        st.sampled_from(list(Side)),
        st.integers(1, 9).map(lambda tenth: Price(tenth * 100_000)),
        st.integers(1, 40).map(lambda shares: shares * MICRO),
        st.integers(0, 30),
    ),
    max_size=40,
)


def a_resting(side: Side, price: Price, size: int) -> Resting:
    new = an_order(ALICE, TokenSide.BUY, 50, size / MICRO)
    order = Order(
        new=new,
        market=MarketId("0x"),
        status=OrderStatus.LIVE,
        matched=Size(0),
        created_at=MarketNs(0),
        trades=[],
    )
    return Resting(order, side, price, size)


class Pair:
    """Both books, and every entry that was ever put in."""

    def __init__(self) -> None:
        self.book, self.naive = OrderBook(), Naive()
        self.entries: list[Entry] = []
        self.told: dict[tuple[Side, int], int] = {}

    def do(self, step: Step) -> None:
        if step.what in ("lot", "order"):
            self.put(step)
        elif step.what == "leave":
            if self.entries:
                self.leave(self.entries[step.pick % len(self.entries)])
        else:
            only_accounts = step.what == "accounts"
            take = self.book.take_accounts if only_accounts else self.book.take
            wanted = self.naive.take(step.side, step.price, step.size, only_accounts)
            if not only_accounts:
                worth = sum(size for _, _, size in wanted)
                assert self.book.takeable(step.side, step.price, step.size) == worth
                assert self.book.crosses(step.side, step.price) == bool(wanted)
            fills = take(step.side, step.price, step.size)
            assert [(fill.resting or fill.lot, fill.price, fill.size) for fill in fills] == wanted

    def put(self, step: Step) -> None:
        crosses = any(
            (price - step.price) * step.side.sign <= 0 for price, _ in self.naive.levels(step.side.other)
        )
        entry: Entry
        if step.what == "lot":
            entry = Lot(step.pick, step.side, step.price, step.size)
            assert self.book.place(entry) != crosses
        else:
            entry = a_resting(step.side, step.price, step.size)
            if not crosses:
                self.book.rest(entry, 0)
        self.entries.append(entry)
        if not crosses:
            self.naive.queue.append((entry, step.side, step.price, step.size))

    def leave(self, entry: Entry) -> None:
        if isinstance(entry, Lot):
            self.book.pull(entry)
        elif any(row[0] is entry and row[3] for row in self.naive.queue):
            self.book.remove(entry)
        self.naive.leave(entry)

    def agree(self) -> None:
        for side in Side:
            levels = self.naive.levels(side)
            assert self.book.levels(side) == levels
            assert self.book.best(side) == (levels[-1][0] if levels else None)
            for tenth in range(1, 10):
                price = Price(tenth * 100_000)
                assert self.book.visible(side, price) == dict(levels).get(price, 0)
            accounts = [
                self.naive.queue[number][2]
                for number in self.naive.best_first(side)
                if isinstance(self.naive.queue[number][0], Resting)
            ]
            assert self.book.accounts_best(side) == (accounts[0] if accounts else None)
        for entry, _, _, left in self.naive.queue:
            assert entry.leaves == left
        bid, ask = self.book.best(Side.BID), self.book.best(Side.ASK)
        assert bid is None or ask is None or bid < ask

    def hear(self) -> None:
        for side, price, size in self.book.changes():
            assert self.told.get((side, price), 0) != size, "told though nothing changed"
            self.told[side, price] = size
        shown = {(side, price): size for side in Side for price, size in self.naive.levels(side)}
        assert {level: size for level, size in self.told.items() if size} == shown


@given(steps, st.integers(1, 5))
@settings(max_examples=150, deadline=None)
def test_the_book_is_the_naive_one_step_by_step(steps: list[Step], told_every: int) -> None:
    pair = Pair()
    for number, step in enumerate(steps):
        pair.do(step)
        pair.agree()
        if number % told_every == 0:
            pair.hear()
    pair.hear()
    assert pair.book.changes() == []


def test_forgotten_changes_are_not_told_later() -> None:
    book = OrderBook()
    assert not book.forget_changes()
    book.place(Lot(1, Side.BID, Price(400_000), 5 * MICRO))

    assert book.forget_changes()

    assert book.changes() == []
    assert not book.forget_changes()


def test_who_leaves_and_joins_again_stands_at_the_back() -> None:
    book = OrderBook()
    first, second = (Lot(who, Side.ASK, Price(600_000), 5 * MICRO) for who in (1, 2))
    book.place(first)
    book.place(second)
    book.pull(first)
    book.place(first)

    fills = book.take(Side.BID, Price(600_000), 7 * MICRO)

    assert [(fill.lot, fill.size) for fill in fills] == [(second, 5 * MICRO), (first, 2 * MICRO)]


def test_clearing_the_lots_leaves_accounts_orders_where_they_stood() -> None:
    book, order = OrderBook(), a_resting(Side.BID, Price(400_000), 5 * MICRO)
    book.place(Lot(1, Side.BID, Price(400_000), 5 * MICRO))
    book.rest(order, 0)
    book.place(Lot(1, Side.ASK, Price(700_000), 5 * MICRO))

    book.pull_all()

    assert book.levels(Side.BID) == [(Price(400_000), Size(5 * MICRO))]
    assert book.levels(Side.ASK) == []
    assert [fill.resting for fill in book.take(Side.ASK, Price(400_000), 9 * MICRO)] == [order]
