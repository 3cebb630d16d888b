from hypothesis import given
from hypothesis import strategies as st

from messages.values import Price, Side, Size
from trading.book import Book

LEVEL = st.tuples(st.integers(1, 99), st.integers(0, 3))
CHANGE = st.one_of(
    st.tuples(st.just("set"), st.sampled_from(Side), LEVEL),
    st.tuples(st.just("replace"), st.lists(LEVEL, max_size=8), st.lists(LEVEL, max_size=8)),
)


class NaiveBook:
    """What a book is, said without any cleverness."""

    def __init__(self):
        self.sizes = {Side.BID: {}, Side.ASK: {}}

    def set(self, side, price, size):
        self.sizes[side] = {p: s for p, s in {**self.sizes[side], price: size}.items() if s}

    def replace(self, bids, asks):
        self.sizes = {Side.BID: {}, Side.ASK: {}}
        for side, levels in ((Side.BID, bids), (Side.ASK, asks)):
            for price, size in levels:
                self.set(side, price, size)

    def top(self, depth):
        bids = sorted(self.sizes[Side.BID].items(), reverse=True)
        asks = sorted(self.sizes[Side.ASK].items())
        return tuple(bids[:depth]), tuple(asks[:depth])


def a_book(bids=(), asks=()):
    book = Book()
    book.replace(bids, asks)
    return book


@given(st.lists(CHANGE, max_size=40), st.integers(0, 12))
def test_the_book_is_the_naive_book(changes, depth):
    book, naive = Book(), NaiveBook()

    for kind, first, second in changes:
        for each in (book, naive):
            if kind == "set":
                each.set(first, *second)
            else:
                each.replace(first, second)

        bids, asks = naive.top(99)
        assert book.top(depth) == naive.top(depth)
        assert book.best_bid == (bids[0][0] if bids else None)
        assert book.best_ask == (asks[0][0] if asks else None)
        assert book.is_empty == (not bids and not asks)
        assert book.is_one_sided == (bool(bids) != bool(asks))
        assert book.is_crossed == bool(bids and asks and bids[0][0] >= asks[0][0])


def test_the_best_levels_come_first():
    book = a_book(bids=[(10, 1), (30, 3), (20, 2)], asks=[(60, 6), (40, 4)])

    assert book.top(2) == (((30, 3), (20, 2)), ((40, 4), (60, 6)))


def test_size_zero_takes_a_level_away():
    book = a_book(bids=[(10, 1), (20, 2)])
    book.set(Side.BID, Price(20), Size(0))
    book.set(Side.BID, Price(77), Size(0))

    assert book.best_bid == 10
    assert book.bids.size_at(Price(20)) == 0
    assert book.bids.size_at(Price(10)) == 1


def test_the_mid_needs_both_sides():
    assert a_book(bids=[(10, 1)]).mid is None
    assert a_book(bids=[(450_000, 1)], asks=[(470_000, 1)]).mid == 460_000


def test_a_locked_book_counts_as_crossed():
    assert a_book(bids=[(50, 1)], asks=[(50, 1)]).is_crossed


def test_a_book_without_both_sides_is_gapped():
    assert a_book(asks=[(50, 1)]).is_gapped(Price(99))
    assert a_book(bids=[(100_000, 1)], asks=[(180_001, 1)]).is_gapped(Price(80_000))
    assert not a_book(bids=[(100_000, 1)], asks=[(180_000, 1)]).is_gapped(Price(80_000))


def test_a_cleared_book_is_empty():
    book = a_book(bids=[(10, 1)], asks=[(20, 1)])
    book.clear()

    assert book.is_empty
    assert book.spread is None
