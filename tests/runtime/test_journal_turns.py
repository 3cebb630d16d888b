"""Whose turn it is: a source's Events by their numbers, whatever comes late, twice or never."""

from hypothesis import given
from hypothesis import strategies as st

from messages.base import Envelope
from messages.codec import encode_body, encode_envelope
from messages.system import JournalHead
from messages.values import MarketNs, RealNs
from runtime.journal_records import Record
from runtime.journal_turns import LOOK_BACK, MAX_SOURCES, Turns


def envelope(sequence, source="maker@1"):
    body = JournalHead(gseq=sequence)
    return Envelope(
        1, "JournalHead", 1, source, 7, sequence, bytes(16), bytes(16), b"", RealNs(0), 0, MarketNs(0), 0, "",
        encode_body(body),
    )  # fmt: skip


class Shelf:
    """What is written, of one run."""

    def __init__(self, head=0):
        self.written = []
        self.head = head
        self.asked = 0

    def write(self, sequence, source="maker@1"):
        self.head += 1
        raw = encode_envelope(envelope(sequence, source))
        self.written.append(Record(self.head, bytes(16), "JournalHead", "", source, 7, 0, 0, 0, raw))

    def last_of(self, source, run):
        self.asked += 1
        return next((r for r in reversed(self.written) if (r.source, r.run) == (source, run)), None)


def test_numbers_are_taken_in_their_order_and_again():
    turns = Turns(Shelf())

    assert [turns.take("maker@1", 7, n) for n in (2, 1, 3, 2, 1, 4)] == [
        False,
        True,
        False,
        True,
        True,
        False,
    ]


def test_a_new_writer_asks_the_journal_once_for_each_source():
    shelf = Shelf()
    shelf.write(5)
    turns = Turns(shelf)

    assert [turns.take("maker@1", 7, n) for n in (7, 6, 7, 8)] == [False, True, True, True]
    assert shelf.asked == 2  # the one that came early is not remembered


def test_who_has_not_spoken_for_very_long_is_believed():
    assert Turns(Shelf(head=LOOK_BACK + 1)).take("maker@1", 7, 900)


def test_a_run_and_a_process_have_numbers_of_their_own():
    turns = Turns(Shelf())
    assert turns.take("maker@1", 7, 1)

    assert not turns.take("maker@1", 8, 2)
    assert not turns.take("maker@2", 7, 2)


def test_a_source_that_was_forgotten_is_looked_up():
    shelf = Shelf()
    turns = Turns(shelf)
    shelf.write(1)
    turns.take("maker@1", 7, 1)
    for n in range(MAX_SOURCES):
        turns.take(f"liquidator@{n}", 7, 1)

    assert not turns.take("maker@1", 7, 3)
    assert turns.take("maker@1", 7, 2)


@given(st.lists(st.integers(1, 8), max_size=60))
def test_whatever_comes_what_is_written_is_in_order(arriving):
    turns, written = Turns(Shelf()), []
    for n in arriving:
        if turns.take("maker@1", 7, n) and n not in written:
            written.append(n)

    assert written == list(range(1, len(written) + 1))
