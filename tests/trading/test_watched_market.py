import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.market import (
    BookReceived,
    BookState,
    LevelsReceived,
    MarketInfo,
    PrintReceived,
    TickReceived,
    WitnessedBook,
)
from messages.values import SECOND, MarketNs, RealNs, Side
from trading.live_book import STREAM_LOST, TICK_CHANGED, Counts
from trading.watched_market import WatchedMarket

NOW = MarketNs(0)
INFO = MarketInfo(market="0xa", slug="a", question="a?", yes="1", no="2", tick=10_000, min_size=5_000_000)


class Screen:
    """One watched market and what two connections say of it; seconds are real."""

    def __init__(self):
        self.counts = Counts()
        self.it = WatchedMarket(INFO, 5, 600, self.counts)

    def book(self, epoch, bid, venue_at=0, seconds=0.0, ask=None, tick=None):
        received = BookReceived(
            market="0xa",
            bids=((bid, 10),),
            asks=((ask or bid + 20_000, 10),),
            seen_at=RealNs(round(seconds * SECOND)),
            epoch=epoch,
            venue_at=venue_at,
            tick=tick,
        )
        return self.it.replace(received, NOW)

    def rest(self, tick, venue_at):
        said = WitnessedBook(market="0xa", bids=(), asks=(), venue_at=venue_at, tick=tick)
        self.it.testify(said, RealNs(0), RealNs(0), venue_at)

    def level(self, epoch, price, size, venue_at=0, seconds=0.0):
        received = LevelsReceived(
            market="0xa",
            levels=((Side.BID, price, size),),
            seen_at=RealNs(round(seconds * SECOND)),
            epoch=epoch,
            venue_at=venue_at,
        )
        return self.it.apply(received, NOW)

    def print(self, epoch, transaction="0x1", venue_at=5, price=460_000):
        received = PrintReceived(
            market="0xa",
            taker=Side.BID,
            price=price,
            size=5,
            seen_at=RealNs(0),
            epoch=epoch,
            venue_at=venue_at,
            transaction=transaction,
        )
        return self.it.note_print(received, NOW)

    def tick(self, tick, venue_at=0, epoch=1):
        received = TickReceived(market="0xa", tick=tick, seen_at=RealNs(0), epoch=epoch, venue_at=venue_at)
        is_new = self.it.regrid(received)
        if is_new:
            self.it.set_tick(tick)
        return is_new

    @property
    def bids(self):
        return self.it.live.book.top(9)[0]


@pytest.fixture
def screen():
    """A book by the first connection."""
    screen = Screen()
    screen.book(1, 450_000, venue_at=10)
    return screen


def test_a_younger_connection_takes_over_once_it_is_as_new(screen):
    screen.level(1, 440_000, 1, venue_at=20)

    assert not screen.book(2, 450_000, venue_at=15), "older than what is known"
    assert screen.it.live.epoch == 1
    assert screen.level(2, 440_000, 1, venue_at=20)
    assert screen.it.live.epoch == 2
    assert screen.bids == ((450_000, 10), (440_000, 1))


def test_what_an_older_connection_says_after_that_counts_no_more(screen):
    screen.book(2, 450_000, venue_at=10)

    assert not screen.level(1, 440_000, 7, venue_at=30)
    assert not screen.book(1, 300_000, venue_at=40)
    assert screen.bids == ((450_000, 10),)


def test_the_same_book_by_another_connection_is_no_news(screen):
    screen.it.news(RealNs(1))
    screen.book(2, 450_000, venue_at=10)

    assert screen.it.news(RealNs(2)) is None
    assert screen.it.say(RealNs(2)) is not None


def test_a_younger_book_that_stays_behind_takes_over_in_two_seconds_all_the_same(screen):
    screen.book(2, 400_000, venue_at=1, seconds=5)
    assert screen.it.live.epoch == 1

    assert screen.level(2, 390_000, 1, venue_at=2, seconds=7)
    assert screen.it.live.epoch == 2


def test_when_its_connection_is_lost_the_younger_book_is_taken_at_once(screen):
    screen.level(1, 440_000, 1, venue_at=20)
    screen.book(2, 450_000, venue_at=15)

    assert screen.it.lose(1, STREAM_LOST)
    assert (screen.it.live.epoch, screen.it.live.void_because) == (2, "")


def test_without_another_book_a_lost_connection_voids_it_and_losing_another_one_does_not(screen):
    assert not screen.it.lose(2, STREAM_LOST)
    assert screen.it.lose(1, STREAM_LOST)
    assert screen.it.status(RealNs(0), "").state is BookState.STALE


def test_a_print_counts_once_on_however_many_connections_it_is_told(screen):
    assert screen.print(1)
    assert not screen.print(2)
    assert not screen.print(1)
    assert screen.print(2, transaction="0x2")
    assert (screen.it.activity.prints, screen.counts.duplicates) == (2, 2)


def test_a_print_without_a_transaction_counts_where_the_book_comes_from(screen):
    assert screen.print(1, transaction="")
    screen.book(2, 450_000, venue_at=10)

    assert not screen.print(1, transaction="")
    assert screen.it.activity.prints == 1


def test_a_new_grid_voids_the_books_of_all_connections_and_the_old_grids_late_books_do_not_come_back(screen):
    screen.book(2, 450_000, venue_at=5)
    assert screen.tick(1_000, venue_at=30)
    assert not screen.tick(1_000, venue_at=30, epoch=2), "told twice"

    assert screen.it.live.void_because == TICK_CHANGED
    assert not screen.book(2, 450_000, venue_at=29)
    assert not screen.book(1, 450_000, venue_at=29)
    assert screen.it.live.void_because == TICK_CHANGED
    assert screen.book(1, 455_000, venue_at=31)
    assert screen.it.status(RealNs(0), "").state is BookState.LIVE


def test_the_grid_goes_back_the_same_way(screen):
    screen.tick(1_000, venue_at=30)
    screen.book(1, 455_000, venue_at=31)

    assert screen.tick(10_000, venue_at=40)
    assert not screen.book(1, 455_000, venue_at=39)
    assert screen.book(1, 450_000, venue_at=41)
    assert screen.it.status(RealNs(0), "").tick == 10_000


def test_a_book_that_was_under_way_for_long_does_not_bring_back_a_grid_that_rest_knows_better(screen):
    screen.rest(1_000, venue_at=40)
    screen.it.learn(msgspec.structs.replace(INFO, tick=1_000))

    assert not screen.book(2, 450_000, venue_at=39, tick=10_000)
    assert screen.it.live.void_because == TICK_CHANGED
    assert screen.book(2, 450_000, venue_at=39, tick=1_000), "only the grid of it was late"
    assert screen.book(2, 450_000, venue_at=41, tick=10_000), "the grid went back"


def test_the_word_of_a_new_grid_counts_for_nothing_once_a_newer_one_was_heard(screen):
    screen.book(1, 450_000, venue_at=40, tick=10_000)

    assert not screen.tick(1_000, venue_at=39)
    assert not screen.it.live.void_because
    assert screen.tick(1_000, venue_at=41)


def test_the_streams_word_of_a_new_grid_counts_whatever_rest_says_whose_clock_may_be_ahead(screen):
    screen.rest(10_000, venue_at=40)

    assert screen.tick(1_000, venue_at=39)
    assert screen.it.live.void_because == TICK_CHANGED


def test_a_stamp_that_is_too_new_pins_the_grid_for_a_minute_of_its_clock_only(screen):
    screen.book(1, 450_000, venue_at=200_000, tick=10_000)

    assert not screen.tick(1_000, venue_at=140_001)
    assert screen.tick(1_000, venue_at=140_000), "the clock was set back"
    assert screen.book(1, 450_000, venue_at=140_001, tick=1_000)
    assert not screen.book(1, 450_000, venue_at=140_000, tick=10_000)


def test_the_grid_that_a_younger_book_named_is_the_markets_once_it_takes_over(screen):
    screen.level(1, 440_000, 5, venue_at=100)
    assert not screen.book(2, 450_000, venue_at=99, tick=1_000), "not as new yet"
    assert screen.it.new_tick() is None

    assert screen.level(2, 440_000, 5, venue_at=100)
    assert screen.it.new_tick() == 1_000
    assert screen.it.status(RealNs(0), "").state is BookState.RESYNC, "until everybody knows"
    screen.it.set_tick(1_000)
    assert screen.it.status(RealNs(0), "").state is BookState.LIVE


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_younger_book_of_a_grid_that_ended_since_does_not_take_over(screen, is_lost):
    screen.level(1, 440_000, 5, venue_at=100)
    assert not screen.book(2, 450_000, venue_at=99, tick=10_000)
    assert screen.book(1, 451_000, venue_at=101, tick=1_000)
    screen.it.set_tick(1_000)

    if is_lost:
        assert screen.it.lose(1, STREAM_LOST)
        assert screen.it.live.void_because == STREAM_LOST
    else:
        assert not screen.level(2, 440_000, 6, venue_at=102, seconds=60)
    assert screen.it.new_tick() is None
    screen.book(2, 452_000, venue_at=103, tick=1_000, seconds=61)
    assert screen.it.status(RealNs(0), "").state is BookState.LIVE


PRICES = st.sampled_from([price * 10_000 for price in range(40, 46)])
CHANGES = st.lists(st.tuples(PRICES, st.integers(0, 3)), max_size=15)


@given(CHANGES, st.integers(0, 15), st.lists(st.booleans(), max_size=30))
def test_through_a_change_of_connections_nothing_is_missed_and_nothing_counts_twice(changes, begun, pace):
    """Both connections tell the same history, the second from a whole book somewhere in it, at any pace."""
    screen, sizes, truth = Screen(), {450_000: 10}, [((450_000, 10),)]
    for price, size in changes:
        sizes[price] = size
        truth.append(tuple(sorted(((p, s) for p, s in sizes.items() if s), reverse=True)))
    begun = min(begun, len(changes))
    screen.book(1, 450_000, venue_at=1)
    whole = BookReceived(
        market="0xa",
        bids=truth[begun],
        asks=((500_000, 10),),
        seen_at=RealNs(0),
        epoch=2,
        venue_at=1 + begun,
    )
    first = iter(range(len(changes)))
    second = iter([None, *range(begun, len(changes))])
    latest = 0
    for is_second in [*pace, *[False] * len(changes), *[True] * (len(changes) + 1)]:
        n = next(second if is_second else first, "over")
        if n is None:
            screen.it.replace(whole, NOW)
        elif n != "over":
            screen.level(2 if is_second else 1, *changes[n], venue_at=2 + n)
        at = screen.it.live.venue_at
        assert at >= latest, "the book never goes back in time"
        assert screen.bids == truth[at - 1]
        latest = at
    assert (screen.it.live.epoch, latest) == (2, 1 + len(changes))
