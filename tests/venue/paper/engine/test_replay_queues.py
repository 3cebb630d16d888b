"""Queue models at work: what a book makes of cancels, and what it never does, whatever the model."""

from __future__ import annotations

from collections import Counter

import hypothesis.strategies as st
import pytest
from hypothesis import given

from messages.values import MICRO, SECOND, Price, Side
from tests.venue.paper.engine.tapes import MODELS, PRICES, SIDES, Move, a_resting, moves, play
from venue.paper.engine.book import Resting
from venue.paper.engine.queue_models import PESSIMISTIC, Power, Proportional, QueueModel
from venue.paper.engine.replay_book import ReplayBook

AT = Price(400_000)


class Queue:
    """One order of ten shares on a bid level that others have too, seconds and shares."""

    def __init__(self, model: QueueModel, front: float, back: float) -> None:
        self.book = ReplayBook(model)
        self.level(0, front)
        self.order = a_resting("ours", Side.BID, AT, 10 * MICRO)
        self.book.rest(self.order, SECOND)
        self.level(2, front + back)

    def level(self, seconds: float, shares: float) -> None:
        """Others' size."""
        self.book.set_level(Side.BID, AT, round(shares * MICRO), round(seconds * SECOND))

    def sold(self, seconds: float, shares: float) -> None:
        """A print at the price."""
        self.book.printed(Side.ASK, AT, round(shares * MICRO), round(seconds * SECOND))

    @property
    def ahead(self) -> float:
        """Shares that go first."""
        return self.order.ahead / MICRO


@pytest.mark.parametrize(
    ("model", "ahead"), [(PESSIMISTIC, 100), (Power(1), 80), (Power(), 95), (Proportional(), 80)]
)
def test_a_share_of_a_cancel_is_ahead_of_us(model: QueueModel, ahead: float) -> None:
    queue = Queue(model, front=100, back=100)
    queue.level(10, 160)

    assert queue.ahead == ahead


def test_the_share_follows_the_place_that_we_have_now() -> None:
    queue = Queue(Power(1), front=100, back=100)
    queue.level(10, 100)
    assert queue.ahead == 50
    queue.sold(20, 40)
    queue.level(20, 60)
    assert queue.ahead == 10
    queue.level(30, 30)
    assert queue.ahead == pytest.approx(5, abs=1e-3)


@pytest.mark.parametrize("model", MODELS)
def test_what_a_print_took_is_no_cancel(model: QueueModel) -> None:
    queue = Queue(model, front=100, back=100)
    queue.sold(10, 60)
    queue.level(10.1, 140)

    assert queue.ahead == 40


@pytest.mark.parametrize("model", MODELS)
def test_of_a_level_that_shrank_by_more_than_was_printed_the_rest_is_a_cancel(model: QueueModel) -> None:
    queue = Queue(model, front=100, back=100)
    queue.sold(10, 60)
    queue.level(10, 126)
    front, back = 40, 100

    assert queue.ahead == pytest.approx(front - model.ahead(14 * MICRO, front * MICRO, back * MICRO) / MICRO)


@given(st.sampled_from(MODELS), st.integers(1, 100), st.integers(0, 100), st.data())
def test_it_makes_no_difference_whether_the_print_or_the_level_is_told_first(
    model: QueueModel, front: int, back: int, data: st.DataObject
) -> None:
    sold = data.draw(st.integers(1, front + back))
    early, late = Queue(model, front, back), Queue(model, front, back)
    early.sold(10, sold)
    early.level(10.1, front + back - sold)
    late.level(10, front + back - sold)
    late.sold(10.1, sold)

    assert early.ahead == late.ahead == max(0, front - sold)


def test_a_print_long_after_its_level_shrank_counts_anew() -> None:
    queue = Queue(Power(1), front=100, back=100)
    queue.level(10, 160)
    queue.sold(11, 40)

    assert queue.ahead == 40


def test_a_later_order_never_gets_past_an_earlier_one() -> None:
    book = ReplayBook(Proportional())
    book.set_level(Side.BID, AT, 20 * MICRO, 0)
    first, second = (a_resting(name, Side.BID, AT, MICRO) for name in ("first", "second"))
    book.rest(first, SECOND)
    book.set_level(Side.BID, AT, 21 * MICRO, 2 * SECOND)
    book.rest(second, 3 * SECOND)
    book.set_level(Side.BID, AT, 200 * MICRO, 4 * SECOND)
    for seconds in range(5, 60):
        book.set_level(Side.BID, AT, (205 - seconds) * MICRO, seconds * SECOND)

        assert first.ahead <= second.ahead


# -- whatever the tape, whatever the model


def joined(model: QueueModel, tape: list[Move], orders: dict[int, Resting]) -> list[list[int]]:
    """Play a tape; the order at n joins before its n-th event. Each order's leaves after each event."""
    book, at, leaves = ReplayBook(model), 0, list[list[int]]()
    for n, move in enumerate(tape):
        at += move.after
        if n in orders:
            book.rest(orders[n], at)
        play(book, move, at)
        leaves.append([order.leaves for order in orders.values()])
    return leaves


@given(moves(), st.integers(0, 10), SIDES, PRICES, st.integers(1, 40))
def test_pessimism_never_fills_earlier_than_another_model(
    tape: list[Move], when: int, side: Side, price: int, shares: int
) -> None:
    ours = [a_resting("ours", side, price, shares * MICRO) for _ in MODELS]
    worst, *others = [joined(model, tape, {when: order}) for model, order in zip(MODELS, ours, strict=True)]

    assert all(left[0] >= less[0] for run in others for left, less in zip(worst, run, strict=True))


@given(moves(), st.sampled_from(MODELS), st.lists(st.tuples(PRICES, st.integers(1, 40)), max_size=6))
def test_a_queue_ahead_never_grows_and_keeps_its_order(
    tape: list[Move], model: QueueModel, bids: list[tuple[int, int]]
) -> None:
    book, at = ReplayBook(model), 0
    orders = [a_resting(str(n), Side.BID, price, shares * MICRO) for n, (price, shares) in enumerate(bids)]
    known = dict[str, int]()
    for n, move in enumerate(tape):
        at += move.after
        if n < len(orders):
            book.rest(orders[n], at)
            known[str(n)] = orders[n].ahead
        play(book, move, at)
        resting = [order for order in orders[: n + 1] if order.leaves]
        for order in resting:
            name = order.order.new.id
            assert 0 <= order.ahead <= known[name]
            known[name] = order.ahead
        for price in {order.price for order in resting}:
            places = [order.ahead for order in resting if order.price == price]
            assert places == sorted(places)


@given(moves(), st.sampled_from(MODELS), st.lists(st.tuples(SIDES, PRICES, st.integers(1, 60)), max_size=20))
def test_the_background_gives_no_more_than_it_printed_or_quoted(
    tape: list[Move], model: QueueModel, wanted: list[tuple[Side, int, int]]
) -> None:
    """Each print gives its size once, each size of a level once, whoever of us comes and goes meanwhile."""
    book, at = ReplayBook(model), 0
    shown, left = dict[tuple[Side, Price], int](), Counter[tuple[Side, Price]]()
    resting = list[Resting]()
    for n, move in enumerate(tape):
        at += move.after
        if n < len(wanted):
            side, price, shares = wanted[n]
            fills = book.take(side, Price(price), shares * MICRO)
            left.subtract({(side.other, fill.price): fill.size for fill in fills if fill.resting is None})
            rest = shares * MICRO - sum(fill.size for fill in fills)
            if rest:
                resting.append(a_resting(str(n), side, price, rest))
                book.rest(resting[-1], at)
        still = [order for order in resting if order.leaves]
        if n % 4 == 3 and still:
            gone = still[n % len(still)]
            resting.remove(gone)
            book.remove(gone)
            left[gone.side.other, gone.price] -= sum(fill.size for fill in book.uncover(gone.side.other))
        filled = sum(fill.size for fill in play(book, move, at))
        level = (move.side, move.price)
        if move.is_print:
            assert filled <= move.size
        elif shown.get(level, 0) == move.size:
            assert not filled
        else:
            shown[level] = move.size
            left[level] = move.size - filled
        assert min(left.values(), default=0) >= 0
