import pytest

from messages.market import BookReceived, LevelsReceived
from messages.values import RealNs, Side
from trading.live_book import CROSSED, NO_DATA, STREAM_LOST, LiveBook

NOW = RealNs(9)
BIDS = ((500_000, 10), (490_000, 20), (480_000, 30))
ASKS = ((520_000, 10), (530_000, 20), (540_000, 30))


def a_whole_book(bids=BIDS, asks=ASKS):
    return BookReceived(market="0x1", bids=bids, asks=asks, seen_at=RealNs(7))


def levels(*changes):
    return LevelsReceived(market="0x1", levels=changes, seen_at=RealNs(8))


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
