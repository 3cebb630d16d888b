"""The journal's model says what the journal says, whatever is done to both."""

import hashlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from runtime.journal import Journal, JournalFailed
from simulation.world.memory_journal import MemoryJournal, Store

KINDS = ("OrderIntended", "OrderFilled", "MarketTaken")
MARKETS = ("", "0xaa", "0xbb")


class Both(RuleBasedStateMachine):
    """The same calls on the model and on a file."""

    def __init__(self):
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.path = Path(self.directory.name) / "journal.db"
        self.store = Store()
        self.open()

    def open(self):
        self.real, self.model = Journal.open(self.path), MemoryJournal(self.store)

    def both(self, call):
        real, model = call(self.real), call(self.model)
        assert real == model
        return real

    @rule(n=st.integers(0, 30), kind=st.sampled_from(KINDS), market=st.sampled_from(MARKETS))
    def stage(self, n, kind, market):
        name = hashlib.sha256(str(n).encode()).digest()[:16]
        record = (name, kind, market, f"maker@{n}", (1 << 63) + n, n, 2 * n, 3 * n, name * 2)
        self.both(lambda journal: journal.stage(*record))

    @rule()
    def commit(self):
        self.both(lambda journal: journal.commit())

    @rule(
        after=st.integers(0, 20),
        limit=st.integers(1, 20),
        kinds=st.none() | st.sets(st.sampled_from(KINDS), min_size=1).map(tuple),
        market=st.none() | st.sampled_from(MARKETS),
    )
    def read(self, after, limit, kinds, market):
        self.both(lambda journal: journal.read(after, limit, kinds, market))

    @rule()
    def die_and_begin_again(self):
        self.real.close()
        self.model.close()
        self.open()

    @rule(gseq=st.integers(0, 20))
    def seals(self, gseq):
        self.both(lambda journal: journal.seal_of(gseq))

    @rule(n=st.integers(0, 30), run=st.integers(0, 2))
    def spoke_last(self, n, run):
        self.both(lambda journal: journal.last_of(f"maker@{n}", (1 << 63) + n + run))

    @invariant()
    def they_stand_at_the_same_place(self):
        self.both(lambda journal: (journal.head, journal.chain, journal.staged))

    def teardown(self):
        self.both(lambda journal: journal.checkpoint())
        self.real.close()
        self.directory.cleanup()


Both.TestCase.settings = settings(max_examples=12, stateful_step_count=20)
test_model_and_file_say_the_same = Both.TestCase


def test_what_was_closed_is_done_for():
    journal = MemoryJournal(Store())
    journal.close()

    with pytest.raises(JournalFailed):
        journal.commit()
