"""The last word on each subject, until nobody speaks of it any more."""

from messages.values import SECOND, RealNs
from runtime.last_values import KEPT_NS, LastValues


def at(seconds):
    return RealNs(round(seconds * SECOND))


def test_of_each_key_the_newest_is_kept():
    values = LastValues()
    for n in range(3):
        values.keep("state.A.m", [b"%d" % n], at(n))
    values.keep("state.B.m", [b"b"], at(3))

    assert list(values.under(b"", at(3))) == [[b"2"], [b"b"]]


def test_a_prefix_chooses_among_them():
    values = LastValues()
    values.keep("state.A.m", [b"a"], at(0))
    values.keep("line.INFO", [b"b"], at(0))

    assert list(values.under(b"state.", at(0))) == [[b"a"]]


def test_what_is_not_repeated_is_of_something_that_is_over():
    values = LastValues()
    values.keep("left", [b"a"], at(0))
    values.keep("ours", [b"b"], at(0))
    values.keep("ours", [b"c"], at(20))

    assert list(values.under(b"", RealNs(KEPT_NS + 1))) == [[b"c"]]


def test_subjects_that_are_over_take_no_room_even_if_nobody_subscribes():
    values = LastValues()
    for n in range(1_000):
        values.keep(f"market {n}", [b""], at(n))

    assert len(values) <= KEPT_NS // SECOND + 1
