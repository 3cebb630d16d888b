"""Whether the venue hears us and we hear it."""

import pytest

from messages.values import SECOND, RealNs
from trading.contact import BEAT_PATIENCE_NS, SIGHT_NS, STREAM_PATIENCE_NS, Contact


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


def test_one_foreign_beat_proves_another_engine_until_a_person_says_otherwise(contact):
    assert [contact.missed(foreign, "theirs") for foreign in (False, True, True)] == [False, True, False]
    contact.lost()
    contact.opened(RealNs(102))
    contact.read(RealNs(103))
    contact.beaten(RealNs(104))
    assert contact.trouble(RealNs(104)) == "another engine trades this account: theirs"
    contact.resumed()

    assert contact.trouble(RealNs(104)) == ""


def test_a_blind_engine_places_no_quotes_and_goes_on_with_exits_while_the_account_is_read(contact):
    contact.lost()
    assert contact.trouble(RealNs(101)) == "the user stream is down"
    assert contact.trouble(RealNs(101), is_exit=True) == ""
    assert contact.trouble(RealNs(101 + SIGHT_NS), is_exit=True) == ""

    assert contact.trouble(RealNs(102 + SIGHT_NS), is_exit=True) == "the user stream is down"


def test_the_age_of_a_beat_counts_from_its_acknowledgement(contact):
    assert contact.beat_age_ns(RealNs(150)) == 50
    assert Contact().beat_age_ns(RealNs(150)) is None
