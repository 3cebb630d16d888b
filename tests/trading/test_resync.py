from itertools import pairwise

import pytest

from messages.values import SECOND, RealNs
from trading.live_book import CONTRADICTED, CROSSED, NO_DATA, ONE_SIDED, STREAM_LOST, TICK_CHANGED
from trading.resync import Resync


def at(seconds):
    return RealNs(round(seconds * SECOND))


def asked_at(resync, trouble, until, step=0.5):
    """When it asks while one trouble lasts, seconds."""
    steps = [n * step for n in range(round(until / step) + 1)]
    return [seconds for seconds in steps if resync.is_due(trouble, at(seconds))]


@pytest.mark.parametrize(
    ("trouble", "first"), [(CONTRADICTED, 0), (ONE_SIDED, 0), (CROSSED, 0.5), (NO_DATA, 3), (TICK_CHANGED, 3)]
)
def test_what_comes_by_itself_is_waited_for_and_what_passes_may_pass(trouble, first):
    assert asked_at(Resync(), trouble, until=3)[0] == first


def test_it_is_asked_again_after_waits_that_double_to_a_minute():
    asked = asked_at(Resync(), ONE_SIDED, until=2_000)
    waits = [b - a for a, b in pairwise(asked)]

    assert waits[:6] == [3, 6, 12, 24, 48, 60]
    assert set(waits[6:]) == {60}


def test_a_book_that_crosses_for_a_moment_is_not_asked_for():
    resync = Resync()
    for n in range(100):
        assert not resync.is_due(CROSSED, at(n))
        assert not resync.is_due("", at(n + 0.4))


def test_a_book_that_does_not_come_with_a_new_connection_is_asked_for():
    resync = Resync()
    for seconds in range(60):
        resync.rest(at(seconds))  # nobody is there to be asked

    asked = [n for n in range(60, 72) if resync.is_due(STREAM_LOST, at(n))]

    assert asked == [63, 66]


def test_who_was_asked_and_gives_no_book_in_three_seconds_has_not_answered():
    resync = Resync()
    assert not resync.is_unanswered(at(9))
    resync.is_due(CONTRADICTED, at(10))

    assert not resync.is_unanswered(at(12.9))
    assert resync.is_unanswered(at(13))
    resync.answered()
    assert not resync.is_unanswered(at(13))


def test_a_trouble_that_comes_back_long_after_is_asked_about_at_once():
    resync = Resync()
    asked_at(resync, ONE_SIDED, until=20)
    resync.is_due("", at(1_000))

    assert resync.is_due(ONE_SIDED, at(1_001))
