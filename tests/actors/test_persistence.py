"""The journal's writer: once, in one order, durable before anybody hears; whatever is asked twice or too late."""

from contextlib import closing

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.persistence import GROUP, MAX_REPLY, SEEN_KINDS, PersistenceActor
from messages.audit import TraceOrder
from messages.codec import decode_body, decode_envelope, encode_envelope
from messages.liquidation import ExitCompleted
from messages.orders import OrderVoided
from messages.system import (
    Announce,
    AppendEvent,
    ClockAnchor,
    DiskStatus,
    EventCommitted,
    EventsReplayed,
    FactPublished,
    JournalHead,
    ReplayEvents,
    Room,
    Severity,
    ViewFailed,
)
from messages.values import SECOND, CommandId, MarketNs, OrderId, RealNs, RoleName, Shares
from runtime.clock import Clock
from runtime.journal import Journal
from runtime.journal_reader import verify
from runtime.stamp import Stamp
from tests.actors.gateway_stage import kinds
from tests.factories import (
    MAKER,
    MARKET,
    OTHER,
    Stage,
    a_fill,
    accepted,
    an_order,
    assigned,
    completed,
    confirmed,
    gateway_started,
    intended,
    of,
    retired,
    reversed_,
    taken,
)
from trading.views import StateViews

STILL = ClockAnchor(real_at=RealNs(0), market_at=MarketNs(1_700_000_000 * SECOND), speed=0)


class Writer(Stage):
    """A journal's writer, and somebody who has Events."""

    def __init__(self, path):
        self.journal_file = Journal.open(path)
        self.persistence = PersistenceActor(self.journal_file)
        super().__init__(self.persistence, RoleName("persistence"))
        self.stamp = Stamp(MAKER, 7, 99, Clock(STILL))

    def envelope(self, event):
        """An Event as its sayer seals it."""
        return self.stamp.seal(event, "facts", None)

    def append(self, *envelopes, sender="maker@7"):
        """They come in one after the other, with nothing else to do meanwhile."""
        said = []
        for envelope in envelopes:
            raw = msgspec.Raw(encode_envelope(envelope))
            said += self.hear(AppendEvent(sender=sender, envelope=raw))
        return said

    def write(self, *events):
        """Appended and committed."""
        return self.append(*(self.envelope(event) for event in events)) + self.call("commit")

    def replay(self, after=0, limit=500, kinds=(), market=""):
        """What a consumer is answered."""
        asked = ReplayEvents(sender="risk@2", after=after, limit=limit, kinds=kinds, market=market)
        (answer,) = of(EventsReplayed, self.hear(asked))
        assert answer.to == "risk@2"
        return answer


@pytest.fixture
def writer(tmp_path):
    stage = Writer(tmp_path / "journal.db")
    yield stage
    stage.journal_file.close()


def events_of(answer):
    return [decode_body(decode_envelope(bytes(fact.envelope))) for fact in answer.facts]


# Writing.


def test_nothing_is_said_before_the_commit_and_then_everybody_hears_before_the_sayer_is_told(writer):
    first, second = writer.envelope(taken()), writer.envelope(gateway_started())
    assert writer.append(first, second) == []
    said = writer.call("commit")

    assert kinds(said) == ["FactPublished", "FactPublished", "EventCommitted", "EventCommitted"]
    assert [published.fact.gseq for published in of(FactPublished, said)] == [1, 2]
    assert [(c.to, c.id, c.gseq) for c in of(EventCommitted, said)] == [
        ("maker@7", first.id, 1),
        ("maker@7", second.id, 2),
    ]


def test_an_event_that_comes_before_the_one_said_before_it_is_not_taken_and_comes_again(writer):
    first, second = writer.envelope(taken()), writer.envelope(gateway_started())
    assert writer.append(second) + writer.call("commit") == []
    assert writer.persistence.journal.head == 0
    writer.append(first, second)
    writer.call("commit")

    assert [type(event).__name__ for event in events_of(writer.replay())] == ["MarketTaken", "GatewayStarted"]


def test_the_order_of_a_source_outlives_the_writer(tmp_path):
    before = Writer(tmp_path / "journal.db")
    with closing(before.journal_file):
        before.write(taken())
        lost, early = before.envelope(gateway_started()), before.envelope(retired())
    writer = Writer(tmp_path / "journal.db")
    with closing(writer.journal_file):
        assert writer.append(early) + writer.call("commit") == []
        writer.append(lost, early)
        writer.call("commit")

        assert [type(e).__name__ for e in events_of(writer.replay())] == [
            "MarketTaken",
            "GatewayStarted",
            "MarketRetired",
        ]


def test_sources_do_not_wait_for_each_other(writer):
    other = Stamp(RoleName("risk"), 3, 99, Clock(STILL))
    writer.envelope(taken())  # never comes
    said = writer.append(other.seal(gateway_started(), "facts", None)) + writer.call("commit")

    assert [each.gseq for each in of(EventCommitted, said)] == [1]


def test_what_is_published_is_what_was_said(writer):
    envelope = writer.envelope(taken())
    (published,) = of(FactPublished, writer.append(envelope) + writer.call("commit"))

    assert decode_envelope(bytes(published.fact.envelope)) == envelope


def test_a_group_is_committed_when_it_is_full(writer):
    envelopes = [writer.envelope(taken()) for _ in range(GROUP)]
    assert writer.append(*envelopes[:-1]) == []

    assert len(of(EventCommitted, writer.append(envelopes[-1]))) == GROUP
    assert writer.call("commit") == []


def test_what_is_told_again_is_acknowledged_again_and_written_once(writer):
    envelope = writer.envelope(taken())
    writer.append(envelope)
    assert writer.append(envelope, sender="maker@7") == []
    said = writer.call("commit")
    assert len(of(FactPublished, said)) == 1
    assert {c.gseq for c in of(EventCommitted, said)} == {1}
    again = writer.append(envelope)

    assert again == [EventCommitted(to="maker@7", id=envelope.id, gseq=1)]
    assert writer.journal_file.head == 1


def test_the_end_writes_what_came_last_and_lets_go_of_the_file(writer, tmp_path):
    writer.append(writer.envelope(a_fill(1, 50)))
    said = writer.call("close")
    assert kinds(said) == ["FactPublished", "EventCommitted", "WriteView", "WriteView"]

    with closing(Journal.open(tmp_path / "journal.db")) as journal:
        assert journal.head == 1


def test_the_head_is_repeated_so_that_a_gap_at_the_end_is_noticed(writer):
    writer.write(taken(), gateway_started())
    writer.append(writer.envelope(taken()))

    assert writer.call("beat") == [JournalHead(gseq=2)]


# Replaying.


def test_a_consumer_gets_the_kinds_it_wants_and_learns_how_far_it_is(writer):
    writer.write(taken(), gateway_started(), taken(OTHER), gateway_started())
    answer = writer.replay(kinds=("MarketTaken",))

    assert [event.market for event in events_of(answer)] == [MARKET, OTHER]
    assert (answer.through, answer.head) == (4, 4)


def test_what_came_in_before_a_replay_was_asked_for_is_in_it(writer):
    writer.write(taken())
    writer.append(writer.envelope(taken()))
    answer = writer.replay()

    assert (len(answer.facts), answer.through, answer.head) == (2, 2, 2)


def test_what_a_replay_makes_durable_is_told_to_everybody_first(writer):
    writer.append(writer.envelope(taken()))
    said = writer.hear(ReplayEvents(sender="maker@8", after=0, limit=500, kinds=(), market=""))

    assert kinds(said) == ["FactPublished", "EventCommitted", "EventsReplayed"]
    assert writer.call("commit") == []


def test_a_market_is_replayed_with_what_is_about_none(writer):
    writer.write(taken(), gateway_started(), taken(OTHER))

    assert kinds(events_of(writer.replay(market=OTHER))) == ["GatewayStarted", "MarketTaken"]


def test_an_empty_journal_has_an_answer_too(writer):
    answer = writer.replay(kinds=("MarketTaken",))

    assert (answer.facts, answer.through, answer.head) == ((), 0, 0)


@pytest.mark.parametrize(("limit", "found", "through"), [(2, 2, 3), (3, 3, 5), (4, 3, 5)])
def test_a_chunk_ends_where_its_last_fact_is_or_at_the_head(writer, limit, found, through):
    writer.write(taken(), gateway_started(), taken(), gateway_started(), taken())
    answer = writer.replay(kinds=("MarketTaken",), limit=limit)

    assert (len(answer.facts), answer.through) == (found, through)


def test_an_answer_always_fits_into_a_frame(writer):
    long = "x" * 200_000
    names = {"order": OrderId("0x1"), "command": CommandId("c"), "market": MARKET, "owner": MAKER}
    writer.write(*(OrderVoided(**names, reason=long) for _ in range(5)))
    after, seen = 0, []
    while after < 5:
        answer = writer.replay(after=after)
        assert sum(len(bytes(fact.envelope)) for fact in answer.facts) <= MAX_REPLY
        seen += [fact.gseq for fact in answer.facts]
        after = answer.through

    assert seen == [1, 2, 3, 4, 5]


def test_one_event_that_is_larger_than_an_answer_should_be_is_answered_alone(writer):
    names = {"order": OrderId("0x1"), "command": CommandId("c"), "market": MARKET, "owner": MAKER}
    writer.write(OrderVoided(**names, reason="x" * (MAX_REPLY + 1)), taken())

    assert (len(writer.replay().facts), len(writer.replay(after=1).facts)) == (1, 1)


EVENTS = (taken(), taken(OTHER), gateway_started(), retired(), a_fill(1, 50))
steps = st.lists(
    st.tuples(st.sampled_from(["new", "again", "commit", "reopen"]), st.integers(0, 1_000)), max_size=60
)


@given(steps)
@settings(max_examples=25)
def test_every_event_is_kept_once_in_the_order_it_was_first_acknowledged(tmp_path_factory, story):
    path = tmp_path_factory.mktemp("journal") / "journal.db"
    writer, sent, acknowledged, published = Writer(path), [], {}, []
    for what, number in story:
        said = []
        if what == "new":
            sent.append(writer.envelope(EVENTS[number % len(EVENTS)]))
            said = writer.append(sent[-1])
        elif what == "again" and sent:
            said = writer.append(sent[number % len(sent)])
        elif what == "commit":
            said = writer.call("commit")
        elif what == "reopen":
            writer.journal_file.close()
            stamp, writer = writer.stamp, Writer(path)
            writer.stamp = stamp
            writer.recover()
        published += [fact.fact.gseq for fact in of(FactPublished, said)]
        for done in of(EventCommitted, said):
            assert acknowledged.setdefault(done.id, done.gseq) == done.gseq

    writer.journal_file.close()
    writer = Writer(path)
    kept = [decode_envelope(bytes(fact.envelope)).id for fact in writer.replay().facts]
    assert kept == sorted(acknowledged, key=acknowledged.__getitem__)
    assert published == list(range(1, len(kept) + 1))
    writer.journal_file.close()


# The readable files.


def test_the_readable_files_follow_what_is_committed_and_nothing_else(writer):
    writer.append(writer.envelope(retired()))
    assert writer.call("keep_files") == []
    writer.call("commit")
    views = writer.call("keep_files")

    assert kinds(views) == ["WriteView", "WriteView"]
    assert {view.name for view in views} == {"liquidations.json", "execution_state.json"}
    assert writer.call("keep_files") == []


def test_after_a_restart_the_readable_files_are_made_anew_from_the_journal(writer, tmp_path):
    fill = a_fill(10, 50)
    writer.write(retired(), assigned(), fill, confirmed(fill), gateway_started())
    expected = {view.name: view.text for view in writer.call("keep_files")}
    writer.call("close")
    again = Writer(tmp_path / "journal.db")
    again.market_time = writer.market_time
    assert again.recover() == []

    assert {view.name: view.text for view in again.call("keep_files")} == expected
    again.journal_file.close()


def test_every_kind_that_changes_a_file_is_read_back_for_it():
    fill, undone = a_fill(1, 50), a_fill(1, 50)
    done = ExitCompleted(exit=retired().exit, market=MARKET, slug="s", left=Shares(0))
    story = (
        taken(),
        retired(),
        assigned(),
        done,
        gateway_started(),
        fill,
        confirmed(fill),
        undone,
        reversed_(undone),
    )
    views, changing = StateViews(), []
    for event in story:
        views.note(event, MarketNs(0))
        changing += kinds([event]) if views.take_changed(MarketNs(0)) else []

    assert set(changing) == {kind for kind in kinds(story) if kind in SEEN_KINDS}


def test_a_file_that_cannot_be_written_troubles_nobody(writer):
    assert writer.hear(ViewFailed(name="x.json", reason="disk full")) == []
    assert writer.persistence.view_trouble == "x.json: disk full"


def test_the_sayers_clock_is_kept_with_the_event(writer):
    envelope = writer.envelope(taken())
    writer.append(envelope)
    writer.call("commit")
    (record,) = writer.journal_file.read(0, 10)

    assert (record.kind, record.market, record.source, record.run) == ("MarketTaken", MARKET, "maker@7", 99)
    assert (RealNs(record.real_at), MarketNs(record.market_at)) == (envelope.real_at, envelope.market_at)


# The disk.


def test_how_much_the_disk_has_left_is_said_again_and_again_and_to_people_when_it_changes(
    writer, monkeypatch
):
    mib = {"free": 2_000}
    monkeypatch.setattr(Journal, "free", lambda journal: mib["free"] << 20)
    rooms, lines = [], []
    for free in (2_000, 1_000, 1_100, 200, 260, 60, 70, 2_000):
        mib["free"] = free
        said = writer.call("look_at_disk")
        rooms += [(status.room, status.free >> 20) for status in of(DiskStatus, said)]
        lines += [line.text for line in of(Announce, said)]

    assert rooms == [
        (Room.AMPLE, 2_000),
        (Room.LOW, 1_000),
        (Room.LOW, 1_100),
        (Room.SHORT, 200),
        (Room.SHORT, 260),
        (Room.NONE, 60),
        (Room.NONE, 70),
        (Room.AMPLE, 2_000),
    ]
    assert [line.split(":")[0] for line in lines] == [
        "Disk room is low",
        "Disk room is short",
        "Disk room is none",
        "Disk room is ample",
    ]


# A long history.


def test_a_rare_kind_is_searched_for_in_short_goes_and_nothing_is_missed(writer, monkeypatch):
    monkeypatch.setattr("actors.persistence.SCAN", 4)
    writer.write(*[gateway_started()] * 5, taken(), *[gateway_started()] * 9, taken(OTHER))
    seen, throughs, after = [], [], 0
    while after < 16:
        answer = writer.replay(after=after, kinds=("MarketTaken",))
        seen += [event.market for event in events_of(answer)]
        after = answer.through
        throughs.append(after)

    assert (seen, throughs) == ([MARKET, OTHER], [4, 8, 12, 16])
    assert writer.replay(after=16).through == 16


def test_the_readable_files_of_a_long_history_follow_little_by_little_and_are_written_when_whole(
    writer, tmp_path, monkeypatch
):
    writer.write(retired(), *[gateway_started()] * 9, assigned())
    expected = {view.name: view.text for view in writer.call("keep_files")}
    writer.call("close")
    monkeypatch.setattr("actors.persistence.FOLD", 4)
    again = Writer(tmp_path / "journal.db")
    again.market_time, again.stamp = writer.market_time, writer.stamp
    again.recover()
    assert again.call("keep_files") == []
    fill = a_fill(1, 50)
    again.write(fill)
    assert again.call("keep_files") == []
    again.call("go_on")
    again.call("go_on")
    again.call("go_on")
    found = {view.name: view.text for view in again.call("keep_files")}

    assert found["liquidations.json"] == expected["liquidations.json"]
    assert f'"tradeId": "{fill.trade}"' in found[f"fills-{MARKET}.json"]
    again.journal_file.close()


# Copies.


def test_a_while_after_a_start_what_is_new_is_copied_and_every_hour_what_came_since(writer, tmp_path):
    writer.recover()
    writer.write(taken(), gateway_started())
    told = []
    for minute in range(3 * 60):
        writer.wait(60)
        writer.call("begin_copy")
        for _ in range(4):
            said = of(Announce, writer.call("go_on"))
            told += [(minute + 1, line.severity, line.text.split(", ")[1]) for line in said]
        if minute == 30:
            writer.write(taken())

    assert told == [(5, Severity.INFO, "2 events"), (65, Severity.INFO, "3 events")]
    assert verify(tmp_path / "backups" / "journal-000000000000003.db").ok


# Orders, asked for by name.


def trace(writer, name):
    """What an asker is answered."""
    (answer,) = writer.hear(TraceOrder(request="q1", order=name, sender="risk@2"))
    assert (answer.to, answer.request) == ("risk@2", "q1")
    return answer


def test_an_order_is_told_from_its_first_record_to_its_last(writer):
    place = an_order("ab1")
    fill = a_fill(10, 48, place=place)
    writer.write(intended(place), taken(), accepted(place), fill, completed(place), confirmed(fill))
    trail = trace(writer, "0xab1").trail

    assert (trail.order, trail.command, trail.state) == ("0xab1", "ab1", "FILLED")
    assert [step.what for step in trail.steps][-4:] == ["resting", "fill", "filled", "confirmed"]
    assert trace(writer, "ab1").trail == trail


def test_an_order_that_is_not_there_or_not_meant_alone_is_said_in_one_line(writer):
    writer.write(intended(an_order("ab1")), intended(an_order("ab2")))

    assert trace(writer, "0xc").text == "no order 0xc"
    assert trace(writer, "0xab").text == "several orders begin with 0xab: 0xab1, 0xab2"
    assert trace(writer, "0xab").trail is None


def test_orders_are_looked_for_before_anybody_asks(writer):
    writer.write(intended(an_order("ab1")))
    writer.call("look_for_orders")

    assert trace(writer, "0xab1").trail is not None
