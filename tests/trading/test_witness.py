import pytest

from messages.market import BookReceived, LevelsReceived, WitnessedBook
from messages.values import SECOND, RealNs, Side
from trading.live_book import CONTRADICTED, NOT_FOLLOWING, LiveBook
from trading.witness import Evidence, Inquiry, Tops, Verdict, Witness

TICK = 10_000


def at(seconds):
    return RealNs(round(seconds * SECOND))


class Court:
    """A book by the stream, and what REST says of it."""

    def __init__(self):
        self.live, self.tops, self.witness = LiveBook(depth=5), Tops(), Witness()
        self.shows(450_000, 470_000, seconds=0)

    def shows(self, bid, ask, seconds, venue_at=0):
        """The stream's whole book."""
        book = BookReceived(
            market="0x1",
            bids=((bid, 10), (bid - TICK, 20)),
            asks=((ask, 10), (ask + TICK, 20)),
            seen_at=at(seconds),
            venue_at=venue_at,
        )
        self.live.replace(book)
        self.tops.note(bid, ask, at(seconds))

    def changes(self, seconds, size=11):
        """One level deeper in the book."""
        level = (Side.BID, self.live.book.best_bid - TICK, size)
        self.live.apply(LevelsReceived(market="0x1", levels=(level,), seen_at=at(seconds)))

    def rest_says(self, bid, ask, seconds, venue_at=0, known_at=0, size=10, tick=None):
        """What is made of it once it is judged."""
        book = WitnessedBook(
            market="0x1",
            bids=((bid, size), (bid - TICK, 20)),
            asks=((ask, 10), (ask + TICK, 20)),
            venue_at=venue_at,
            tick=tick,
        )
        self.witness.hear(Evidence(book, at(seconds), at(seconds + 0.1), known_at))
        assert self.witness.judge(self.live, self.tops, TICK, at(seconds + 0.4)) is None, "too early"
        return self.witness.judge(self.live, self.tops, TICK, at(seconds + 0.6))


@pytest.fixture
def court():
    return Court()


def test_a_quiet_book_that_rest_has_too_is_confirmed(court):
    assert court.rest_says(450_000, 470_000, 100) is Verdict.AGREES
    assert court.witness.agreed_at == at(100.1)


def test_the_same_book_on_another_grid_is_void_at_once_unless_rest_is_behind(court):
    assert court.rest_says(450_000, 470_000, 100, tick=TICK) is Verdict.AGREES
    assert court.rest_says(450_000, 470_000, 110, venue_at=5, known_at=6, tick=1_000) is not Verdict.VOID

    assert court.rest_says(450_000, 470_000, 120, venue_at=7, known_at=6, tick=1_000) is Verdict.VOID


def test_a_busy_book_is_confirmed_when_the_stream_showed_within_a_tick_what_rest_saw(court):
    court.shows(500_000, 520_000, seconds=99.5)
    court.shows(550_000, 570_000, seconds=100.2)

    assert court.rest_says(490_000, 510_000, 100) is Verdict.AGREES, "just before it was asked"
    assert court.rest_says(560_000, 580_000, 100) is Verdict.AGREES, "just after"


def test_two_disagreements_in_a_row_void_the_book(court):
    court.changes(99.9)
    assert court.rest_says(480_000, 500_000, 100) is Verdict.APART
    court.changes(101)
    assert court.rest_says(480_000, 500_000, 101) is Verdict.VOID
    assert court.witness.charge(court.live, at(101.6)) == CONTRADICTED


def test_one_disagreement_between_agreements_is_an_accident(court):
    for seconds in range(100, 140, 10):
        court.changes(seconds, size=seconds)
        assert court.rest_says(480_000, 500_000, seconds) is Verdict.APART
        court.changes(seconds + 5, size=20)
        assert court.rest_says(450_000, 470_000, seconds + 5) is Verdict.AGREES


def test_a_tick_apart_is_no_disagreement_while_the_stream_moves(court):
    court.changes(100)

    assert court.rest_says(460_000, 480_000, 100) is Verdict.AGREES


def test_a_silent_stream_whose_rest_moves_in_sizes_alone_does_not_follow(court):
    assert court.rest_says(450_000, 470_000, 100, size=77) is Verdict.APART
    assert court.rest_says(450_000, 470_000, 101, size=78) is Verdict.VOID
    assert court.witness.charge(court.live, at(101.6)) == NOT_FOLLOWING


def test_sizes_that_differ_from_a_quiet_stream_for_good_are_no_sign_of_death(court):
    court.rest_says(450_000, 470_000, 100, size=77)
    for seconds in (101, 106, 111):
        assert court.rest_says(450_000, 470_000, seconds, size=77) is Verdict.AGREES
    assert court.rest_says(470_000, 490_000, 116, size=77) is Verdict.APART, "prices are another matter"
    assert court.rest_says(470_000, 490_000, 117, size=77) is Verdict.VOID


@pytest.mark.parametrize(("bid", "ask"), [(10_000, 990_000), (11_000 - 10_000, 999_000)])
def test_rest_at_its_far_ends_while_the_stream_is_inside_is_the_one_that_is_stale(court, bid, ask):
    book = WitnessedBook(market="0x1", bids=((bid, 1),), asks=((ask, 1),))
    for seconds in (100, 101, 102):
        court.witness.hear(Evidence(book, at(seconds), at(seconds), 0))
        verdict = court.witness.judge(court.live, court.tops, TICK, at(seconds + 1))
        assert verdict is Verdict.REST_STALE


def test_rest_with_a_stamp_older_than_what_the_stream_had_brought_is_the_one_that_is_stale(court):
    court.shows(450_000, 470_000, seconds=90, venue_at=8)
    for seconds in (100, 101, 102):
        assert court.rest_says(480_000, 500_000, seconds, venue_at=7, known_at=8) is Verdict.REST_STALE


def test_a_stream_that_shows_in_two_seconds_what_rest_had_first_is_borne_out(court):
    court.shows(450_000, 470_000, seconds=90, venue_at=8)
    book = WitnessedBook(market="0x1", bids=((480_000, 10),), asks=((500_000, 10),), venue_at=9)
    court.witness.hear(Evidence(book, at(100), at(100), 8))
    assert court.witness.judge(court.live, court.tops, TICK, at(101.9)) is None, "it may be on its way"
    assert court.witness.is_waiting

    court.shows(480_000, 500_000, seconds=101.9, venue_at=9)
    assert court.witness.judge(court.live, court.tops, TICK, at(102)) is Verdict.AGREES


def test_a_stream_that_is_five_seconds_behind_is_void_at_once_and_stays_so_until_it_is_borne_out(court):
    """It moves all the time, and what it shows is of the past."""
    court.shows(450_000, 470_000, seconds=99.9, venue_at=5_000)
    assert _rest_at(court, 100, venue_at=10_000, shown=7_000) is Verdict.VOID

    court.live.void(CONTRADICTED)
    court.shows(450_000, 470_000, seconds=104, venue_at=9_000)
    assert not court.witness.is_cleared_by(court.live, TICK, at(104)), "it is older than what REST said"
    assert court.witness.is_on_probation(at(104))
    assert _rest_at(court, 105, venue_at=15_000, shown=12_000) is Verdict.VOID
    assert court.witness.is_on_probation(at(160)), "and so on, while it is behind"


def _rest_at(court, seconds, venue_at, shown):
    """REST's word, and what is made of it two seconds later, when the stream has come to `shown`."""
    book = WitnessedBook(market="0x1", bids=((480_000, 10),), asks=((500_000, 10),), venue_at=venue_at)
    court.witness.hear(Evidence(book, at(seconds), at(seconds), court.live.venue_at))
    court.shows(451_000, 471_000, seconds=seconds + 1, venue_at=shown)
    assert court.witness.judge(court.live, court.tops, TICK, at(seconds + 1)) is None
    return court.witness.judge(court.live, court.tops, TICK, at(seconds + 2))


def test_a_book_that_comes_back_as_rest_said_is_borne_out_and_any_other_has_to_be(court):
    for bid, is_borne_out in ((480_000, True), (430_000, False)):
        court.live.void(CONTRADICTED)
        court.shows(450_000, 470_000, seconds=99)
        court.witness = Witness()
        court.rest_says(480_000, 500_000, 100.9)
        court.rest_says(480_000, 500_000, 102)
        court.live.void(CONTRADICTED)
        court.shows(bid, bid + 20_000, seconds=103)
        assert not court.witness.is_cleared_by(court.live, TICK, at(103))
        assert court.witness.is_on_probation(at(103)) is not is_borne_out

    assert court.rest_says(430_000, 450_000, 110) is Verdict.AGREES
    assert not court.witness.is_on_probation(at(111))


def test_where_rest_says_nothing_more_probation_ends_after_a_minute(court):
    court.rest_says(480_000, 500_000, 100.9)
    court.rest_says(480_000, 500_000, 102)

    assert court.witness.is_on_probation(at(162))
    assert not court.witness.is_on_probation(at(163))


def test_a_void_book_is_not_judged(court):
    court.live.void("stream lost")

    assert court.rest_says(480_000, 500_000, 100) is None


def test_a_witness_that_spoke_against_a_book_that_was_right_is_not_heard_for_a_minute(court):
    court.rest_says(480_000, 500_000, 100)
    assert court.rest_says(480_000, 500_000, 101) is Verdict.VOID
    court.live.void(CONTRADICTED)
    court.shows(450_000, 470_000, seconds=102)

    assert court.witness.is_cleared_by(court.live, TICK, at(102))
    assert court.rest_says(480_000, 500_000, 150) is None
    assert court.rest_says(480_000, 500_000, 162) is Verdict.APART


def test_a_witness_that_was_right_is_heard_again(court):
    court.rest_says(480_000, 500_000, 100)
    court.rest_says(480_000, 500_000, 101)
    court.live.void(CONTRADICTED)
    court.shows(480_000, 500_000, seconds=102)

    assert not court.witness.is_cleared_by(court.live, TICK, at(102))
    assert court.rest_says(480_000, 500_000, 110) is Verdict.AGREES


# When REST is asked.


def test_rest_is_asked_every_five_seconds_every_second_in_doubt_and_never_twice_at_once():
    inquiry = Inquiry(period_s=5, hurry_s=1)
    assert inquiry.is_due(at(100), in_doubt=False)
    inquiry.asks(at(100))
    assert not inquiry.is_due(at(200), in_doubt=True)
    inquiry.answered(at(100))

    assert not inquiry.is_due(at(104.9), in_doubt=False)
    assert inquiry.is_due(at(105), in_doubt=False)
    assert not inquiry.is_due(at(100.9), in_doubt=True)
    assert inquiry.is_due(at(101), in_doubt=True)


def test_rest_that_does_not_answer_is_asked_less_and_less_up_to_once_a_minute():
    inquiry, seconds, waits = Inquiry(period_s=5, hurry_s=1), 0.0, []
    for _ in range(6):
        inquiry.asks(at(seconds))
        inquiry.failed("429")
        began = seconds
        while not inquiry.is_due(at(seconds), in_doubt=True):
            seconds += 1
        waits.append(seconds - began)

    assert waits == [5, 10, 20, 40, 60, 60]
    assert (inquiry.failures, inquiry.trouble) == (6, "429")
