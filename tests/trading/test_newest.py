"""A bounded memory keeps what is spoken of."""

import pytest

from trading.newest import Newest


def test_the_last_word_on_each_subject_is_kept():
    newest = Newest(3)
    for word in ("a", "b"):
        newest["x"] = word

    assert (newest["x"], newest.get("x"), "x" in newest, len(newest)) == ("b", "b", True, 1)
    assert newest.get("y") is None
    with pytest.raises(KeyError):
        newest["y"]


def test_who_was_not_spoken_of_for_longest_is_forgotten_and_who_is_spoken_of_never():
    newest = Newest(3)
    newest["ours"] = 0
    for n in range(1_000):
        newest[f"theirs {n}"] = n
        newest["ours"] = n

    assert len(newest) == 3
    assert newest["ours"] == 999
    assert [key for key in ("theirs 997", "theirs 998", "theirs 999") if key in newest] == [
        "theirs 998",
        "theirs 999",
    ]
