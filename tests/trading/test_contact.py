"""Whether the venue hears us and we hear it."""

import pytest

from messages.values import SECOND, RealNs
from trading.contact import BEAT_PATIENCE_NS, STREAM_PATIENCE_NS, Contact


@pytest.fixture
def contact() -> Contact:
    """In touch both ways at 100."""
    contact = Contact()
    contact.opened(RealNs(100))
    contact.read(RealNs(101))
    contact.beaten(RealNs(100))
    assert contact.trouble(RealNs(101)) == ""
    return contact


def test_a_new_life_is_blind_and_unheard():
    contact = Contact()
    assert contact.trouble(RealNs(1)) == "the user stream is down"
    contact.opened(RealNs(1))
    contact.read(RealNs(2))

    assert contact.trouble(RealNs(2)) == "the venue does not hear our beats"


@pytest.mark.parametrize(("begun_at", "blind"), [(99, True), (100, True), (101, False)])
def test_only_a_read_that_began_after_the_stream_opened_makes_it_see(begun_at, blind):
    contact = Contact()
    contact.opened(RealNs(100))
    contact.read(RealNs(begun_at))

    assert contact.is_blind is blind


def test_a_read_without_a_stream_does_not_make_it_see():
    contact = Contact()
    contact.read(RealNs(5))

    assert contact.is_blind


def test_losing_the_stream_blinds_once(contact):
    assert (contact.lost(), contact.lost()) == (True, False)
    assert contact.trouble(RealNs(101)) == "the user stream is down"


def test_a_stream_is_trusted_as_long_as_it_answers(contact):
    contact.beaten(RealNs(100 + STREAM_PATIENCE_NS))
    assert contact.trouble(RealNs(100 + STREAM_PATIENCE_NS)) == ""
    assert contact.trouble(RealNs(101 + STREAM_PATIENCE_NS)) == "the user stream is silent"
    contact.heard(RealNs(101 + STREAM_PATIENCE_NS))
    contact.heard(RealNs(3))

    assert contact.trouble(RealNs(101 + STREAM_PATIENCE_NS)) == ""


def test_beats_must_be_heard_before_the_venues_patience_is_over(contact):
    assert contact.trouble(RealNs(100 + BEAT_PATIENCE_NS)) == ""
    assert contact.trouble(RealNs(101 + BEAT_PATIENCE_NS)) == "the venue does not hear our beats"
    assert BEAT_PATIENCE_NS < 10 * SECOND


def test_two_foreign_beats_in_a_row_prove_another_engine_until_ours_is_taken_again(contact):
    assert [contact.missed(True), contact.missed(False), contact.missed(True), contact.missed(True)] == [
        False,
        False,
        True,
        False,
    ]
    contact.lost()
    contact.opened(RealNs(102))
    contact.read(RealNs(103))
    assert contact.trouble(RealNs(104)) == "another engine beats with this key"
    contact.beaten(RealNs(104))

    assert contact.trouble(RealNs(104)) == ""
