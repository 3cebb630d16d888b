from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.values import MICRO, Price, Side
from simulation.facts.late_cancels import LateCancels
from tests.venue.paper.engine.tapes import a_resting
from venue.paper.engine.order_book import OrderBook
from venue.paper.engine.participants import Lot

AT = Price(400_000)
SIZES = range(1_009, 999, -1)
"""Shares by which a lot of ten can be told; four of them are just beyond 40 % of all."""


def lots(book: OrderBook, *shares: int, side: Side = Side.BID) -> list[Lot]:
    """Placed one after the other at one price."""
    placed = [Lot(n, side, AT, size * MICRO) for n, size in enumerate(shares)]
    assert all(book.place(lot) for lot in placed)
    return placed


def pulled(book: OrderBook, lot: Lot) -> None:
    """As the crowd does it."""
    book.pull(lot)
    lot.leaves = 0


def order_of_fills(book: OrderBook) -> list[int]:
    """Shares of the lots from the front of the queue on; it is gone afterwards."""
    return [fill.size // MICRO for fill in book.take(Side.ASK, AT, 10**12)]


def test_a_cancel_hits_the_last_sixty_percent_of_a_level_twice_as_often() -> None:
    hits = Counter[int]()
    for seed in range(2_000):
        book = LateCancels(seed)
        queue = lots(book, *SIZES)
        pulled(book, queue[seed % 10])
        (gone,) = set(SIZES) - set(order_of_fills(book))
        hits[gone] += 1
    front, back = (sum(hits[size] for size in sizes) for sizes in (SIZES[:4], SIZES[4:]))

    assert back / 6 == pytest.approx(2 * front / 4, rel=0.15)


def test_whoever_cancels_has_one_lot_less_and_the_others_keep_theirs() -> None:
    book = LateCancels(1)
    queue = lots(book, 10, 20, 30, 40, 50)
    total = book.visible(Side.BID, AT)
    for lot in (queue[0], queue[3], queue[1]):
        pulled(book, lot)

    assert [lot.leaves > 0 for lot in queue] == [False, False, True, False, True]
    assert book.visible(Side.BID, AT) == sum(lot.leaves for lot in queue) < total


@given(st.lists(st.integers(1, 50), min_size=2, max_size=12), st.data())
def test_the_queue_that_stays_keeps_its_order_and_an_account_its_place(
    shares: list[int], data: st.DataObject
) -> None:
    book = LateCancels(data.draw(st.integers(0, 1_000)))
    joins = data.draw(st.integers(0, len(shares)))
    before = lots(book, *shares[:joins])
    ours = a_resting("ours", Side.BID, AT, 999 * MICRO)
    book.rest(ours, 0)
    queue = before + lots(book, *shares[joins:])
    pulled(book, data.draw(st.sampled_from(queue)))
    left = order_of_fills(book)
    line = [*shares[:joins], 999, *shares[joins:]]

    assert any(left == line[:n] + line[n + 1 :] for n in range(len(line)) if n != joins)


def test_what_was_traded_or_taken_off_is_passed_over() -> None:
    book = LateCancels(5)
    first, second, third = lots(book, 10, 20, 30)
    book.take(Side.ASK, AT, 10 * MICRO)
    pulled(book, first)
    assert book.visible(Side.BID, AT) == 50 * MICRO
    ours = a_resting("ours", Side.BID, AT, MICRO)
    book.rest(ours, 0)
    book.remove(ours)
    pulled(book, second)
    pulled(book, third)
    assert book.levels(Side.BID) == []
