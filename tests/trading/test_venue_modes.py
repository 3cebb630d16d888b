"""A venue that takes not everything is left alone for a while, and asked again in a way that does no harm."""

import pytest

from messages.orders import Answer, OrderAnswered, VenueMode, VenueState
from messages.values import SECOND, OrderId, RealNs
from trading.venue_modes import POST_ONLY_NS, STATES, TAKES, VenueModes

NOW = 1_000 * SECOND
ORDER = OrderId("0x1")


def answered(mode: VenueMode, wait_ms: int = 0, answer: Answer = Answer.REJECTED) -> OrderAnswered:
    """What came of an order."""
    return OrderAnswered(order=ORDER, answer=answer, mode=mode, wait_ms=wait_ms)


def at(seconds: float) -> RealNs:
    """So long after the beginning."""
    return RealNs(NOW + round(seconds * SECOND))


def lasts_s(modes: VenueModes, since_s: int = 0) -> int:
    """Whole real seconds until nothing is in the way."""
    return next(n for n in range(1_000) if not modes.trouble(at(since_s + n)))


def probes_s(modes: VenueModes, failing: VenueMode) -> list[int]:
    """When the venue is probed, if every probe fails; the pauses between."""
    times = []
    for tenth in range(2_000):
        if modes.probe(at(tenth / 10)) is not None:
            times.append(tenth / 10)
            modes.says(failing, 0, at(tenth / 10))
    return [round(after - before) for before, after in zip([0.0, *times], times, strict=False)]


@pytest.mark.parametrize("mode", [VenueMode.BUSY, VenueMode.POST_ONLY, VenueMode.CANCEL_ONLY])
def test_what_an_order_may_find_out_ends_by_itself(mode):
    modes = VenueModes()
    modes.placed(answered(mode), at(0))

    assert modes.trouble(at(0)) == f"the venue is {mode.value}"
    assert lasts_s(modes) == 1
    assert modes.probe(at(50)) is None


@pytest.mark.parametrize("mode", [VenueMode.RESTARTING, VenueMode.DISABLED])
def test_a_venue_that_is_down_is_probed_by_cancels_and_gets_no_order_until_one_is_answered(mode):
    modes = VenueModes()
    modes.placed(answered(mode, answer=Answer.LOST), at(0))

    assert modes.state is VenueState.DOWN
    assert modes.trouble(at(900)) == f"the venue is {mode.value}"
    assert modes.probe(at(0.9)) is None
    assert modes.probe(at(1)) == ORDER
    modes.canceled(at(2))
    assert (modes.state, modes.trouble(at(2))) == (VenueState.POST_ONLY, "")


def test_a_venue_that_told_a_reader_alone_is_probed_as_well_and_comes_back():
    modes = VenueModes()
    modes.says(VenueMode.DISABLED, 0, at(0))

    assert modes.probe(at(0.9)) is None
    assert modes.probe(at(1)) is not None
    modes.canceled(at(2))
    assert modes.trouble(at(2)) == ""
    assert modes.hears_beats


def test_probes_come_after_one_second_and_then_ever_more_rarely_up_to_half_a_minute():
    modes = VenueModes()
    modes.placed(answered(VenueMode.RESTARTING, answer=Answer.LOST), at(0))

    assert probes_s(modes, VenueMode.RESTARTING)[:7] == [1, 2, 4, 8, 16, 30, 30]


def test_after_a_restart_it_is_post_only_for_two_and_a_half_minutes():
    modes = VenueModes()
    modes.placed(answered(VenueMode.RESTARTING, answer=Answer.LOST), at(0))
    modes.canceled(at(90))
    modes.look(at(90) + POST_ONLY_NS - 1)
    assert (modes.state, modes.why) == (VenueState.POST_ONLY, "the venue was restarting")
    modes.look(at(90) + POST_ONLY_NS)

    assert (modes.state, modes.why, POST_ONLY_NS) == (VenueState.NORMAL, "", 150 * SECOND)


def test_a_venue_that_is_cancel_only_is_itself_again_when_it_takes_an_order():
    modes = VenueModes()
    modes.placed(answered(VenueMode.CANCEL_ONLY), at(0))
    modes.canceled(at(0.5))
    assert modes.state is VenueState.CANCEL_ONLY, "it takes cancels all the while"
    modes.placed(answered(VenueMode.OPEN, answer=Answer.RESTING), at(2))

    assert modes.state is VenueState.NORMAL


def test_the_venues_own_word_on_how_long_counts():
    modes = VenueModes()
    modes.placed(answered(VenueMode.BUSY, wait_ms=7_000), at(0))

    assert lasts_s(modes) == 7


def test_while_it_goes_on_the_pauses_grow_to_half_a_minute():
    modes, now, spans = VenueModes(), 0, []
    for _ in range(8):
        modes.placed(answered(VenueMode.CANCEL_ONLY), at(now))
        spans.append(lasts_s(modes, now))
        now += spans[-1]

    assert spans == [1, 2, 4, 8, 16, 30, 30, 30]


def test_an_answer_of_a_venue_that_works_ends_it_and_an_order_that_never_left_does_not():
    modes = VenueModes()
    for _ in range(4):
        modes.placed(answered(VenueMode.BUSY), at(0))
    modes.placed(answered(VenueMode.OPEN, answer=Answer.NOT_SENT), at(0))
    assert lasts_s(modes) == 8
    modes.placed(answered(VenueMode.OPEN, answer=Answer.RESTING), at(9))
    modes.placed(answered(VenueMode.BUSY), at(9))

    assert lasts_s(modes, 9) == 1


def test_a_venue_that_wants_nothing_of_us_is_told_once_and_left_alone_until_a_person_resumes():
    modes = VenueModes()
    modes.says(VenueMode.REFUSING, 0, at(0), "HTTP 401: Invalid API key")
    modes.says(VenueMode.REFUSING, 0, at(1), "HTTP 401: Invalid API key")

    assert (modes.news(), modes.news()) == ("HTTP 401: Invalid API key", "")
    assert not modes.hears_beats
    assert modes.trouble(at(10_000)) == "the venue is refusing us: HTTP 401: Invalid API key"
    modes.resumed()
    assert (modes.trouble(at(10_000)), modes.hears_beats) == ("", True)


def test_a_venue_that_takes_no_cancels_is_not_told_that_we_live():
    modes = VenueModes()
    modes.says(VenueMode.DISABLED, 0, at(0))
    assert not modes.hears_beats
    modes.says(VenueMode.RESTARTING, 0, at(1))

    assert modes.hears_beats, "a restart is over soon, and keeps the book"


def test_every_state_says_what_it_takes_and_every_answer_that_concerns_all_has_a_state():
    assert set(TAKES) == set(VenueState)
    assert {row.state for row in STATES.values()} == set(VenueState) - {VenueState.NORMAL}
    assert "3 orders may still rest" in VenueModes().farewell(3)
