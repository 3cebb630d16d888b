import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.market import BookReceived, BookState, LevelsReceived
from messages.values import SECOND, RealNs, Side
from trading.live_book import (
    BACKWARDS,
    CEILING,
    CROSSED,
    EMPTY,
    FLOOR,
    HOLLOW,
    NO_DATA,
    ONE_SIDED,
    STREAM_LOST,
    Counts,
    LiveBook,
)

NOW = RealNs(9)
BIDS = ((500_000, 10), (490_000, 20), (480_000, 30))
ASKS = ((520_000, 10), (530_000, 20), (540_000, 30))


def a_whole_book(bids=BIDS, asks=ASKS, at=0, seen_at=7):
    return BookReceived(market="0x1", bids=bids, asks=asks, seen_at=RealNs(seen_at), venue_at=at)


def levels(*changes, at=0, name="", seen_at=8):
    return LevelsReceived(market="0x1", levels=changes, seen_at=RealNs(seen_at), venue_at=at, hash=name)


@pytest.fixture
def live():
    book = LiveBook(depth=2)
    book.replace(a_whole_book())
    return book


def test_single_levels_say_nothing_before_a_whole_book():
    book = LiveBook(depth=2)

    assert not book.apply(levels((Side.BID, 500_000, 10)))
    assert book.trouble(NOW) == NO_DATA
    assert book.news() is None


def test_a_whole_book_is_news_once(live):
    assert live.news() == (BIDS[:2], ASKS[:2])
    assert live.news() is None
    assert live.trouble(NOW) == ""


def test_only_what_is_visible_is_news(live):
    live.news()

    live.apply(levels((Side.BID, 480_000, 99)))
    assert live.news() is None

    live.apply(levels((Side.BID, 490_000, 0)))
    assert live.news() == (((500_000, 10), (480_000, 99)), ASKS[:2])


def test_a_crossed_book_is_not_shown_until_it_uncrosses(live):
    live.apply(levels((Side.BID, 525_000, 5)))
    assert live.trouble(NOW) == CROSSED
    assert live.news() is None

    live.apply(levels((Side.BID, 525_000, 0)))
    assert live.trouble(NOW) == ""
    assert live.news() == (BIDS[:2], ASKS[:2])


def test_a_void_book_waits_for_a_whole_one_and_then_is_news_again(live):
    live.news()
    live.void(STREAM_LOST)

    assert not live.apply(levels((Side.BID, 500_000, 11)))
    assert (live.trouble(NOW), live.news()) == (STREAM_LOST, None)

    live.replace(a_whole_book())
    assert live.news() == (BIDS[:2], ASKS[:2])


# Frames that come twice, late, or in another order.


PRICES = st.sampled_from([price * 10_000 for price in range(40, 61)])
CHANGES = st.lists(st.tuples(st.sampled_from(Side), PRICES, st.integers(0, 3)), min_size=1, max_size=3)
HISTORIES = st.lists(CHANGES, max_size=12)


class Naive:
    """What the book really is after each frame of a history."""

    def __init__(self, bids, asks):
        self.sides = {Side.BID: dict(bids), Side.ASK: dict(asks)}

    def take(self, changes):
        for side, price, size in changes:
            self.sides[side][price] = size

    def whole(self):
        return tuple(
            tuple(sorted(((p, s) for p, s in self.sides[side].items() if s), reverse=side is Side.BID))
            for side in Side
        )


def told(history):
    """All frames of a history: each change with its stamp, and the whole book after it."""
    naive, frames = Naive(BIDS, ASKS), []
    for at, changes in enumerate(history, start=1):
        naive.take(changes)
        frames.append(levels(*changes, at=at, name=f"h{at}"))
        frames.append(a_whole_book(*naive.whole(), at=at))
    return frames, naive


@given(HISTORIES, st.data())
def test_whatever_the_order_and_however_often_the_book_ends_as_it_is(history, data):
    frames, naive = told(history)
    wholes = data.draw(st.sets(st.integers(1, 12)), label="stamps whose whole books are told")
    come = [f for f in frames if isinstance(f, LevelsReceived) or f.venue_at in wholes]
    come += data.draw(st.lists(st.sampled_from(come), max_size=6)) if come else []
    live = LiveBook(depth=100)
    live.replace(a_whole_book(at=0))

    for frame in data.draw(st.permutations(come)):
        live.replace(frame) if isinstance(frame, BookReceived) else live.apply(frame)

    assert live.book.top(100) == naive.whole()


@given(HISTORIES, st.data())
def test_nothing_older_than_a_whole_book_changes_it(history, data):
    frames, naive = told(history)
    live = LiveBook(depth=100)
    live.replace(a_whole_book(*naive.whole(), at=1_000))

    for frame in data.draw(st.permutations(frames)):
        believed = live.replace(frame) if isinstance(frame, BookReceived) else live.apply(frame)
        assert not believed

    assert live.book.top(100) == naive.whole()
    assert live.venue_at == 1_000


@given(st.lists(st.tuples(PRICES, st.integers(0, 2))), st.lists(st.tuples(PRICES, st.integers(0, 2))))
def test_only_a_two_sided_uncrossed_book_is_ever_live(bids, asks):
    live = LiveBook(depth=5)
    live.replace(a_whole_book(bids, asks))
    best_bid = max((p for p, s in dict(bids).items() if s), default=None)
    best_ask = min((p for p, s in dict(asks).items() if s), default=None)

    is_sound = best_bid is not None and best_ask is not None and best_bid < best_ask
    assert (live.state(NOW) is BookState.LIVE) == is_sound


def test_a_change_told_twice_in_its_millisecond_does_not_undo_what_came_between():
    counts = Counts()
    live = LiveBook(depth=2, counts=counts)
    live.replace(a_whole_book(at=5))
    live.apply(levels((Side.BID, 510_000, 1), at=6, name="first"))
    live.apply(levels((Side.BID, 510_000, 2), at=6, name="second"))

    assert not live.apply(levels((Side.BID, 510_000, 1), at=6, name="first"))
    assert live.book.size_at(Side.BID, 510_000) == 2
    assert counts.duplicates == 1


def test_frames_without_a_stamp_count_in_the_order_in_which_they_come():
    live = LiveBook(depth=2)
    live.replace(a_whole_book(at=5))

    assert live.apply(levels((Side.BID, 510_000, 1)))
    assert live.apply(levels((Side.BID, 510_000, 2)))
    assert live.book.size_at(Side.BID, 510_000) == 2


@pytest.mark.parametrize(
    ("bids", "asks", "trouble"),
    [
        ((), (), EMPTY),
        (BIDS, (), ONE_SIDED),
        ((), ASKS, ONE_SIDED),
        (((520_000, 1),), ((520_000, 1),), CROSSED),
        (((FLOOR, 1),), ((CEILING, 1),), HOLLOW),
        (((1_000, 1),), ((999_000, 1),), HOLLOW),
        (((FLOOR, 1),), ((CEILING - 1_000, 1),), ""),
        (((500_000, 1),), ((CEILING, 1),), ""),
    ],
)
def test_a_book_that_says_nothing_of_the_price_is_not_live(bids, asks, trouble):
    live = LiveBook(depth=2)
    live.replace(a_whole_book(bids, asks))

    assert live.trouble(NOW) == trouble
    assert live.state(NOW) is (BookState.RESYNC if trouble else BookState.LIVE)


def test_stamps_that_went_back_for_good_void_what_is_known_and_stragglers_do_not():
    live = LiveBook(depth=2)
    live.replace(a_whole_book(at=1_000, seen_at=0))
    live.apply(levels((Side.BID, 510_000, 1), at=900, seen_at=1))
    assert live.trouble(RealNs(SECOND)) == ""

    live.apply(levels((Side.BID, 510_000, 1), at=1_001, seen_at=2))
    assert live.trouble(RealNs(5 * SECOND)) == "", "that one was a straggler"

    live.apply(levels((Side.BID, 510_000, 1), at=100, seen_at=3))
    assert live.trouble(RealNs(3 + SECOND)) == BACKWARDS
    assert live.state(RealNs(3 + SECOND)) is BookState.RESYNC


def test_after_a_void_the_next_whole_book_counts_whatever_its_stamp(live):
    live.replace(a_whole_book(at=1_000))
    live.void(NO_DATA)

    assert live.replace(a_whole_book(at=3))
    assert live.apply(levels((Side.BID, 510_000, 1), at=4))
    assert (live.venue_at, live.sequence) == (4, 2)
