"""An order's records are found by its name, whatever becomes of the index."""

import tempfile
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import runtime.journal_orders
from messages.codec import encode_envelope
from messages.orders import DenyRule
from messages.system import ClockAnchor
from messages.values import MarketNs, RealNs
from runtime.clock import Clock
from runtime.journal import Journal
from runtime.journal_orders import PATIENCE, SUFFIX
from runtime.stamp import Stamp
from simulation.world.memory_journal import MemoryJournal, Store
from tests.factories import MAKER, a_fill, accepted, an_order, canceled, confirmed, denied, intended, taken

ROWS = 5
"""Records a step looks at here."""
CLOCK = Clock(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(0), speed=0))


class Book:
    """A journal and somebody who writes it."""

    def __init__(self, journal):
        self.journal = journal
        self.stamp = Stamp(MAKER, 1, 7, CLOCK)

    def write(self, *events):
        for event in events:
            said = self.stamp.seal(event, "facts", None)
            self.journal.stage(
                said.id, said.kind, said.market, said.source, said.run, 0, 0, 0, encode_envelope(said)
            )
        self.journal.commit()

    def kinds(self, name):
        return [record.kind for record in self.journal.orders.find(name).records]


@pytest.fixture(params=["file", "memory"])
def book(request, tmp_path):
    """The real one, and its model in the simulation: they answer alike."""
    journal = Journal.open(tmp_path / "journal.db") if request.param == "file" else MemoryJournal(Store())
    with closing(journal):
        yield Book(journal)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.db"


ONE, TWO = an_order("ab1"), an_order("ab2")


def two_orders(book):
    fill = a_fill(3, 48, place=ONE)
    book.write(taken(), intended(ONE), intended(TWO), accepted(ONE), accepted(TWO), fill)
    book.write(canceled(ONE, 3), confirmed(fill), taken())


def test_all_that_was_written_of_an_order_is_found_by_its_hash_and_by_its_command(book):
    two_orders(book)
    whole = ["OrderIntended", "OrderAccepted", "OrderFilled", "OrderCanceled", "FillConfirmed"]

    assert book.kinds("0xab1") == whole
    assert book.kinds("ab1") == whole
    assert book.kinds("0xab2") == ["OrderIntended", "OrderAccepted"]


def test_the_beginning_of_a_hash_is_enough_while_it_fits_one_order_only(book):
    two_orders(book)
    found = book.journal.orders.find("0xab")

    assert (found.names, found.records) == (("0xab1", "0xab2"), ())
    assert book.journal.orders.find("0xc").names == ()
    book.write(intended(an_order("ab22")))
    assert book.kinds("0xab2") == ["OrderIntended", "OrderAccepted"], "a whole name is that name"


def test_what_was_denied_is_found_by_its_command(book):
    book.write(denied(ONE, DenyRule.LATE))

    assert book.kinds("ab1") == ["OrderDenied"]


def test_what_is_written_later_is_found_as_well(book):
    book.write(intended(ONE))
    assert book.kinds("0xab1") == ["OrderIntended"]
    book.write(canceled(ONE))

    assert book.kinds("0xab1") == ["OrderIntended", "OrderCanceled"]


def test_a_journal_that_was_there_before_its_index_is_looked_through_little_by_little(path, monkeypatch):
    monkeypatch.setattr(runtime.journal_orders, "ROWS", ROWS)
    with closing(Journal.open(path)) as journal:
        book = Book(journal)
        orders = [an_order(f"n{number}") for number in range(ROWS * (PATIENCE + 2))]
        book.write(*(intended(order) for order in orders))
        found = journal.orders.find("0xn1")
        assert (found.records, found.behind) == ((), 2 * ROWS)
        journal.orders.step()
        assert book.kinds(f"0xn{len(orders) - 1}") == ["OrderIntended"]


def test_an_index_that_is_gone_damaged_or_of_another_journal_is_made_again(path):
    index = path.with_name(path.name + SUFFIX)
    with closing(Journal.open(path)) as journal:
        two_orders(Book(journal))
        whole = Book(journal).kinds("0xab1")
    for harm in (lambda: index.unlink(), lambda: index.write_bytes(b"no database" * 1_000)):
        harm()
        with closing(Journal.open(path)) as journal:
            assert Book(journal).kinds("0xab1") == whole or Book(journal).kinds("0xab1") == whole
    path.unlink()
    with closing(Journal.open(path)) as journal:
        Book(journal).write(intended(TWO))
        assert Book(journal).kinds("0xab1") == []
        assert Book(journal).kinds("0xab2") == ["OrderIntended"]


def test_a_second_life_goes_on_where_the_first_one_was(path):
    with closing(Journal.open(path)) as journal:
        two_orders(Book(journal))
        journal.orders.step()
    with closing(Journal.open(path)) as journal:
        assert len(Book(journal).kinds("0xab1")) == 5


def test_the_index_is_for_its_owner_alone_and_a_place_without_it_harms_nobody(path):
    with closing(Journal.open(path)) as journal:
        two_orders(Book(journal))
        journal.orders.step()
        index = path.with_name(path.name + SUFFIX)
        assert index.stat().st_mode & 0o077 == 0
    index.unlink()
    index.mkdir()
    with closing(Journal.open(path)) as journal:
        journal.orders.step()
        assert journal.orders.find("0xab1").behind > 0
        Book(journal).write(taken())


def copy_last(source, journal):
    """The newest record of one journal into another."""
    (record,) = source.read(source.head - 1, 1)
    journal.stage(*msgspec.structs.astuple(record)[1:])
    journal.commit()


EVENTS = st.lists(
    st.tuples(st.sampled_from((intended, accepted, canceled)), st.sampled_from("abc"), st.booleans()),
    max_size=12,
)


@given(EVENTS, st.sampled_from(["0xa", "0xb", "0x", "a", "c", "z"]))
@settings(max_examples=15, deadline=None)
def test_the_index_answers_as_one_who_looks_at_every_record(events, name):
    """Whatever was written, in whichever commits, with looks and restarts between them."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "journal.db"
        plain, journal = Book(MemoryJournal(Store())), Journal.open(path)
        try:
            for kind, command, begins_again in events:
                plain.write(kind(an_order(command)))
                copy_last(plain.journal, journal)
                journal.orders.step()
                if begins_again:
                    journal.close()
                    journal = Journal.open(path)
            found, wanted = journal.orders.find(name), plain.journal.orders.find(name)
            assert found.names == wanted.names
            assert [record.id for record in found.records] == [record.id for record in wanted.records]
        finally:
            journal.close()
