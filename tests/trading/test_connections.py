import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.market import ConnectStream, LeaveStream
from messages.values import SECOND, RealNs
from trading.connections import Connections, ConnectionSettings

START = 10_000 * SECOND


class Desk:
    """Connections with a clock, and what they asked for last."""

    def __init__(self, **settings):
        self.it = Connections(ConnectionSettings(**settings))
        self.now = RealNs(START)
        self.said = []

    def does(self, said):
        self.said = list(said)
        return self.said

    def begins(self):
        return self.does(self.it.begin(self.now))

    def passes(self, seconds):
        self.now = RealNs(self.now + round(seconds * SECOND))

    def tends(self, leading=None):
        return self.does(self.it.tend(self.now, self.it.epoch if leading is None else leading))

    def opens(self, epoch=None):
        self.it.opened(epoch or self.it.epoch, self.now)

    def brings_book(self, epoch=None):
        return self.it.brought_book(epoch or self.it.epoch, self.now)

    def loses(self, epoch=None, why="gone"):
        return self.does(self.it.lost(epoch or self.it.epoch, why, self.now))

    def stands(self):
        """A first connection that brings books."""
        self.begins()
        self.opens()
        self.brings_book()
        return self

    def epochs(self):
        return [said.epoch for said in self.said if isinstance(said, ConnectStream)]


def test_one_connection_is_made_at_once_and_no_second_one_for_the_asking():
    desk = Desk()

    assert desk.begins() == [ConnectStream(epoch=1)]
    assert desk.begins() == []


def test_waits_double_to_ten_seconds_and_the_tenth_failure_in_a_row_is_a_pause_with_probes():
    desk = Desk()
    desk.begins()
    waits = []
    for _ in range(13):
        (asked,) = desk.loses(why="refused")
        waits.append(asked.after_ms)
    assert waits[:9] == [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]
    assert waits[9:] == [60_000] * 4
    assert desk.it.is_paused
    assert "13 connections without a book" in desk.it.reason
    assert "last: refused" in desk.it.reason


def test_nine_failures_in_a_row_are_no_pause():
    desk = Desk()
    desk.begins()
    for _ in range(9):
        desk.loses()

    assert not desk.it.is_paused


def test_a_probe_that_brings_a_book_ends_the_pause_and_standing_ends_the_row():
    desk = Desk()
    desk.begins()
    for _ in range(10):
        desk.loses()
    desk.opens()
    assert desk.it.is_paused, "open is not enough"

    assert desk.brings_book()
    assert not desk.brings_book(), "it ends once"
    assert not desk.it.is_paused
    desk.passes(10)
    desk.tends()
    (asked,) = desk.loses()
    assert (asked.after_ms, desk.it.failed) == (250, 1)


def test_connections_that_bring_a_book_and_end_at_once_are_a_row_of_failures_too():
    desk = Desk()
    desk.begins()
    for _ in range(10):
        desk.opens()
        desk.brings_book()
        desk.passes(1)
        desk.loses()

    assert desk.it.is_paused


def test_a_connection_that_brings_no_book_is_left_and_counts_as_failed():
    desk = Desk()
    desk.begins()
    desk.opens()
    desk.passes(9.9)
    assert desk.tends() == []

    desk.passes(0.1)
    left, asked = desk.tends()
    assert left == LeaveStream(epoch=1)
    assert (asked.epoch, desk.it.failed) == (2, 1)
    assert "no book came" in desk.it.why


def test_a_connection_of_which_nothing_is_ever_heard_is_given_up():
    desk = Desk()
    desk.begins()
    desk.passes(10)

    assert [type(said) for said in desk.tends()] == [LeaveStream, ConnectStream]


def test_every_ten_minutes_a_second_connection_is_made_before_the_first_is_left():
    desk = Desk().stands()
    desk.passes(599)
    assert desk.tends() == []

    desk.passes(1)
    assert desk.tends() == [ConnectStream(epoch=2)]
    assert desk.tends() == [], "one is enough"
    desk.opens()
    assert desk.tends(leading=1) == [], "no book has come over yet"

    desk.brings_book()
    assert desk.tends(leading=1) == []
    assert desk.tends(leading=2) == [LeaveStream(epoch=1)]
    assert list(desk.it.lines) == [2]
    assert desk.it.renewals == 1


def test_what_a_younger_connection_does_not_take_over_soon_it_never_will():
    desk = Desk().stands()
    desk.passes(600)
    desk.tends()
    desk.opens()
    desk.brings_book()
    desk.passes(10)

    assert desk.tends(leading=1) == [LeaveStream(epoch=1)]


def test_a_renewal_that_fails_disturbs_nobody():
    desk = Desk().stands()
    desk.passes(600)
    desk.tends()

    assert desk.loses(2) == []
    assert (desk.it.failed, desk.it.is_paused) == (0, False)
    desk.passes(60)
    assert desk.tends(leading=1) == [], "the next one in its time"
    desk.passes(540)
    assert desk.tends(leading=1) != []


def test_the_old_one_that_ends_while_the_new_one_works_is_not_made_again():
    desk = Desk().stands()
    desk.passes(600)
    desk.tends()
    desk.opens()
    desk.brings_book()

    assert desk.loses(1) == []
    assert desk.it.is_connected


def test_a_suspected_connection_is_replaced_but_not_again_and_again():
    desk = Desk().stands()

    assert [c.epoch for c in desk.does(desk.it.suspect("no book", desk.now))] == [2]
    assert desk.does(desk.it.suspect("no book", desk.now)) == [], "it is on its way"
    desk.opens()
    desk.brings_book()
    desk.passes(14)
    assert desk.does(desk.it.suspect("no book", desk.now)) == []
    desk.passes(1)
    assert desk.does(desk.it.suspect("no book", desk.now)) != []
    desk.opens()
    desk.brings_book()
    desk.passes(29)
    assert desk.does(desk.it.suspect("no book", desk.now)) == [], "the wait has doubled"


def test_where_reconnecting_does_not_help_it_ends_in_a_pause_beside_the_frozen_one():
    desk = Desk().stands()
    desk.does(desk.it.suspect("REST moves", desk.now))
    for _ in range(10):
        desk.opens()
        desk.passes(10)
        desk.tends(leading=1)

    assert desk.it.is_paused
    assert 1 in desk.it.lines, "it may thaw"
    assert desk.it.brought_book(1, desk.now)
    assert not desk.it.is_paused
    assert desk.loses() == [], "it works again, so no other one is needed"


def test_a_book_is_asked_for_where_it_was_heard_or_on_the_newest_that_is_open():
    desk = Desk()
    desk.begins()
    assert desk.it.asked_of(1) is None

    desk.opens()
    assert desk.it.asked_of(1) == 1
    assert desk.it.asked_of(0) == 1


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["opens", "brings_book", "loses"]), st.integers(0, 3)),
        st.tuples(st.just("passes"), st.sampled_from([0.5, 5.0, 10.0, 60.0, 600.0])),
        st.just(("suspect", 0)),
    ),
    max_size=40,
)


@given(STEPS)
def test_whatever_happens_somebody_is_on_the_way_or_stands_and_never_more_than_a_few(steps):
    desk = Desk()
    desk.begins()
    for what, how in steps:
        if what == "passes":
            desk.passes(how)
            desk.tends(leading=min(desk.it.lines))
        elif what == "suspect":
            desk.does(desk.it.suspect("why", desk.now))
        else:
            getattr(desk, what)(max(1, desk.it.epoch - how))
        assert 1 <= len(desk.it.lines) <= 4
        assert desk.epochs() == sorted(desk.epochs())


@pytest.mark.parametrize("wrong", [{"probe_s": 0.0}, {"max_failed": 0}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"more than 0|at least 1"):
        ConnectionSettings(**wrong)
