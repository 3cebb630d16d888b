from messages.values import SECOND, RealNs
from trading.throttle import MAX_KEYS, Throttle


def at(seconds):
    return RealNs(seconds * SECOND)


def test_a_key_passes_once_in_its_span_and_says_how_often_it_was_kept_back():
    throttle = Throttle()

    assert [throttle.passes("a", 30, at(second)) for second in (0, 1, 29, 30, 31, 61)] == [
        0,
        None,
        None,
        2,
        None,
        1,
    ]


def test_keys_do_not_hold_each_other_up():
    throttle = Throttle()

    assert [throttle.passes(key, 30, at(0)) for key in "aab"] == [0, None, 0]


def test_it_remembers_a_bounded_number_of_keys():
    throttle = Throttle()
    for number in range(2 * MAX_KEYS):
        throttle.passes(str(number), 30, at(0))

    assert throttle.passes("0", 30, at(1)) == 0
    assert throttle.passes(str(2 * MAX_KEYS - 1), 30, at(1)) is None
