"""What a process ended by is told in one line, and the same mistake is known again."""

import pytest

from messages.base import Envelope
from messages.values import RoleName
from runtime.end_note import EndNote, describe, find, leave, trace_of

MAKER = RoleName("maker")


def raised(call, *given):
    try:
        call(*given)
    except (ValueError, KeyError) as error:
        return error
    raise AssertionError("it did not fail")


def deep(text):
    raise ValueError(text)


def other(text):
    raise ValueError(text)


def test_the_same_line_is_the_same_mistake_whatever_it_says():
    assert trace_of(raised(deep, "0.55 is too much")) == trace_of(raised(deep, "0.56 is\ntoo much"))
    assert trace_of(raised(deep, "x")) != trace_of(raised(other, "x"))
    assert trace_of(raised({}.__getitem__, "x")) != trace_of(raised(deep, "x"))


@pytest.mark.parametrize(
    ("gseq", "recovering", "at"),
    [
        (0, False, " at BookSnapshot"),
        (7, False, " at BookSnapshot, gseq 7"),
        (7, True, " at BookSnapshot, gseq 7 in its recovery"),
    ],
)
def test_the_message_is_named_with_its_place(gseq, recovering, at):
    handled = Envelope(
        version=1, kind="BookSnapshot", schema=1, source="feed@1", run=1, sequence=1, id=b"i" * 16,
        correlation=b"", cause=b"", real_at=1, wall_at=1, market_at=1, ttl_ms=0, market="", body=b"",
    )  # fmt: skip
    note = describe(raised(deep, "two\nlines"), MAKER, 3, handled, gseq, recovering)

    assert note.at == at
    assert note.text.startswith("ValueError: two lines (test_end_note.py:")
    assert describe(raised(deep, "x"), MAKER, 3, None, 0, False).at == ""


def test_a_note_is_found_by_the_supervisor_of_that_very_process_only(tmp_path):
    note = EndNote(role=RoleName("liquidator:aa"), incarnation=3, text="why")
    leave(tmp_path, note)

    assert find(tmp_path, note.role, 3) == note
    assert find(tmp_path, note.role, 4) is None
    assert find(tmp_path, MAKER, 3) is None
    (tmp_path / "ends" / "maker.json").write_text("{")
    assert find(tmp_path, MAKER, 3) is None


def test_that_a_note_cannot_be_written_is_no_second_mistake(tmp_path):
    (tmp_path / "ends").write_text("in the way")
    leave(tmp_path, EndNote(role=MAKER, incarnation=3, text="why"))

    assert find(tmp_path, MAKER, 3) is None
