"""A flood of notices is a handful of lines."""

import pytest
from loguru import logger

from runtime.notices import MAX_KINDS, Notices


@pytest.fixture
def lines():
    said = []
    sink = logger.add(
        lambda message: said.append(message.record["message"]), level="WARNING", format="{message}"
    )
    yield said
    logger.remove(sink)


def test_a_thousand_of_a_kind_are_ten_lines_whatever_their_numbers(lines):
    notices = Notices()
    for n in range(1_000):
        notices.note(f"{n} messages of feed@7 are missing on md: detail {n}")

    assert len(lines) == 10
    assert lines[-1].endswith("(512 times so far)")


def test_kinds_are_bounded_too(lines):
    notices = Notices()
    for n in range(MAX_KINDS * 4):
        notices.note(f"kind {chr(0x4E00 + n)}")

    assert len(lines) < MAX_KINDS + 12
