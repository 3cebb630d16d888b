"""A venue that refuses an order for reasons of its own is left alone for a while."""

import pytest

from messages.orders import Answer, OrderAnswered, VenueMode
from messages.values import SECOND, OrderId, RealNs
from trading.venue_pause import LONGEST_NS, VenuePause

NOW = 1_000 * SECOND


def answered(mode: VenueMode, wait_ms: int = 0, answer: Answer = Answer.REJECTED) -> OrderAnswered:
    """What came of an order."""
    return OrderAnswered(order=OrderId("0x1"), answer=answer, mode=mode, wait_ms=wait_ms)


def lasts_s(pause: VenuePause, since: int) -> int:
    """Whole real seconds until nothing is in the way."""
    return next(n for n in range(1_000) if not pause.trouble(RealNs(since + n * SECOND)))


@pytest.mark.parametrize("mode", [mode for mode in VenueMode if mode is not VenueMode.OPEN])
def test_it_says_what_the_venue_is_and_ends_by_itself(mode):
    pause = VenuePause()
    pause.hear(answered(mode), RealNs(NOW))

    assert pause.trouble(RealNs(NOW)) == f"the venue is {mode.value}"
    assert lasts_s(pause, NOW) == 1


def test_the_venues_own_word_on_how_long_counts():
    pause = VenuePause()
    pause.hear(answered(VenueMode.BUSY, wait_ms=7_000), RealNs(NOW))

    assert lasts_s(pause, NOW) == 7


def test_while_it_goes_on_the_pauses_grow_to_half_a_minute():
    pause, now, spans = VenuePause(), NOW, []
    for _ in range(8):
        pause.hear(answered(VenueMode.RESTARTING, answer=Answer.LOST), RealNs(now))
        spans.append(lasts_s(pause, now))
        now += spans[-1] * SECOND

    assert spans == [1, 2, 4, 8, 16, 30, 30, LONGEST_NS // SECOND]


def test_an_answer_of_a_venue_that_works_ends_it_and_an_order_that_never_left_does_not():
    pause = VenuePause()
    for _ in range(4):
        pause.hear(answered(VenueMode.BUSY), RealNs(NOW))
    pause.hear(answered(VenueMode.OPEN, answer=Answer.NOT_SENT), RealNs(NOW))
    assert lasts_s(pause, NOW) == 8
    pause.hear(answered(VenueMode.OPEN, answer=Answer.RESTING), RealNs(NOW))
    assert lasts_s(pause, NOW) == 0
    pause.hear(answered(VenueMode.BUSY), RealNs(NOW))

    assert lasts_s(pause, NOW) == 1
