"""What is taken of an actor is what a replay of the journal would make of it, nothing less and nothing more."""

import gzip
import json
from pathlib import Path

import msgspec
import pytest

import runtime.twin
from benchmarks.restart import measure
from config.command import parse
from messages import ALL_EVENTS, BY_KIND
from messages.base import Finding
from messages.liquidation import LiquidatorAssigned
from messages.system import FetchSnapshot, KeepSnapshot, SnapshotFetched
from messages.values import SECOND, MarketNs, RealNs, RoleName
from runtime.actor import Actor, handles
from runtime.clock import Clock
from runtime.image import picture, revive
from runtime.stamp import Stamp
from runtime.topology import journaled
from runtime.twin import Twin, code_digest, key_of, known
from supervisor import PROCESSES, Site
from tests.factories import MARKET, OTHER, Stage, taken
from tests.runtime.ends import STILL

STORY = Path(__file__).parents[1] / "data" / "journal" / "half_an_hour.jsonl.gz"
"""What the system once journaled in half an hour of market time on its embedded exchange."""


class Somewhere:
    path = journal = logs = Path("/nowhere")


def recovering():
    """Every role whose actor hears Events."""
    return [role for role, row in PROCESSES.items() if any(map(journaled, row.actor.contract.handlers))]


@pytest.fixture(scope="module")
def story():
    """Each Event with its times."""
    with gzip.open(STORY, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        (msgspec.convert(row["body"], BY_KIND[row["kind"]]), row["market_at"], row["real_at"]) for row in rows
    ]


@pytest.fixture(scope="module")
def site():
    return Site(parse([]), Somewhere(), 0)


def an_actor(role, site, story, incarnation=7):
    """As the process table has it."""
    row = PROCESSES[role]
    arguments = dict(row.arguments(site))
    if role == "liquidator":
        arguments["assignment"] = next(event for event, *_ in story if isinstance(event, LiquidatorAssigned))
    actor = row.actor(**arguments)
    actor.role, actor.incarnation, actor.run = RoleName(role), incarnation, incarnation
    return actor


def replay(actor, events):
    """As a host recovers it."""
    for event, market_at, real_at in events:
        if type(event) in actor.contract.handlers:
            actor.now, actor.real_now = MarketNs(market_at), RealNs(real_at)
            actor.handle(event)
    return actor


def anything(kind):
    """A message of that kind with the first value there is in every field."""
    inspect = msgspec.inspect

    def value(info):
        match info:
            case inspect.StructType():
                return {field.encode_name: value(field.type) for field in info.fields}
            case inspect.EnumType():
                return next(iter(info.cls)).value
            case inspect.UnionType():
                return value(info.types[0])
            case inspect.TupleType():
                return [value(each) for each in info.item_types]
            case inspect.VarTupleType():
                return [value(info.item_type)]
            case inspect.StrType():
                return "0xaa"
            case inspect.BoolType():
                return False
            case _:
                return 1 if isinstance(info, inspect.IntType) else None

    return msgspec.convert(value(inspect.type_info(kind)), kind)


class FakeBus:
    """The line to the journal's writer, and what went over it."""

    identity = "maker@7"

    def __init__(self):
        self.said = []

    def ask_journal(self, message):
        self.said.append(message)
        return True

    def kept(self):
        """The last whole snapshot that was handed over: its place and its image."""
        parts = [message for message in self.said if isinstance(message, KeepSnapshot)]
        if not parts:
            return None
        last = [part for part in parts if part.gseq == parts[-1].gseq]
        assert [part.part for part in last] == list(range(last[0].parts))
        return last[0].gseq, b"".join(part.data for part in last)


# Every actor.


@pytest.mark.parametrize("role", recovering())
def test_a_snapshot_and_what_came_after_it_are_a_full_replay_bit_for_bit(role, site, story):
    full = picture(known(replay(an_actor(role, site, story), story)))
    for cut in (0, 1, 40, 111, 200, 290, len(story)):
        image = picture(known(replay(an_actor(role, site, story, 3), story[:cut])))
        restored = an_actor(role, site, story, 9)
        vars(restored).update(revive(image))
        assert picture(known(replay(restored, story[cut:]))) == full, cut
        assert restored.incarnation == 9


@pytest.mark.parametrize("role", recovering())
def test_the_story_teaches_every_actor_something(role, site, story):
    new = picture(known(an_actor(role, site, story)))

    assert picture(known(replay(an_actor(role, site, story), story))) != new


@pytest.mark.parametrize("role", recovering())
def test_an_actor_that_heard_one_event_of_every_kind_has_a_picture(role, site, story):
    actor = an_actor(role, site, story)
    events = [anything(kind) for kind in ALL_EVENTS if not issubclass(kind, Finding)]
    image = picture(known(replay(actor, [(event, SECOND, SECOND) for event in events])))

    assert picture(revive(image)) == image


def test_what_is_taken_of_a_living_actor_has_nothing_of_what_it_merely_noted(site, story, monkeypatch):
    monkeypatch.setattr(runtime.twin, "EVERY", 50)
    bus, risk = FakeBus(), an_actor("risk", site, story)
    twin = Twin(bus, risk, "k")
    replay(risk, story[:100])
    twin.begin(100)
    stage = Stage(risk, RoleName("risk"), 7)
    stage.call("on_recovered")
    for gseq, (event, market_at, real_at) in enumerate(story[100:], 101):
        stage.hear(event)
        stage.call("permit")
        risk.excused = "something it noted"
        twin.heard(gseq, sealed(event, market_at, real_at), event)
        for _ in range(3):
            twin.step()
    gseq, image = bus.kept()

    assert gseq > 300
    assert image == picture(known(replay(an_actor("risk", site, story), story[:gseq])))


def sealed(event, market_at, real_at):
    envelope = Stamp(RoleName("maker"), 7, 1, Clock(STILL)).seal(event, "facts", None)
    return msgspec.structs.replace(envelope, market_at=MarketNs(market_at), real_at=RealNs(real_at))


# When one is taken, and how it comes back.


class Clerk(Actor):
    """Notes which markets were taken."""

    def __init__(self) -> None:
        self.markets: list[str] = []

    @handles
    def on_taken(self, event: type(taken())) -> None:
        """One more; the one of a market nobody can trade is a mistake of its own."""
        assert event.market != "0xbad"
        self.markets.append(event.market)


@pytest.fixture
def bus():
    return FakeBus()


@pytest.fixture
def now(monkeypatch):
    """Real time as the twin sees it."""
    at = {"now": 1_000 * SECOND}
    monkeypatch.setattr(runtime.twin, "real_now", lambda: RealNs(at["now"]))
    return at


def live(bus, gseq=0, markets=()):
    clerk = Clerk()
    clerk.markets += markets
    twin = Twin(bus, clerk, "k")
    twin.begin(gseq)
    return twin


def hears(twin, *gseqs, market=MARKET):
    for gseq in gseqs:
        twin.heard(gseq, sealed(taken(market), 1, 1), taken(market))
    for _ in range(4):
        twin.step()


def test_one_is_taken_after_so_many_places(bus, now):
    twin = live(bus)
    hears(twin, 1, 2, 4_999)
    assert bus.kept() is None
    hears(twin, 5_000)
    gseq, image = bus.kept()
    assert (gseq, revive(image)) == (5_000, {"markets": [MARKET] * 4})

    hears(twin, 9_000)
    assert bus.kept()[0] == 5_000


def test_one_is_taken_after_ten_minutes_if_anything_was_heard(bus, now):
    twin = live(bus)
    now["now"] += 601 * SECOND
    hears(twin)
    assert bus.kept() is None
    hears(twin, 3)
    assert bus.kept()[0] == 3


def test_a_long_replay_is_not_done_twice(bus, now):
    twin = live(bus, gseq=70_000, markets=[MARKET])
    twin.step()
    twin.step()

    assert bus.kept() == (70_000, picture({"markets": [MARKET]}))


def test_while_one_is_taken_nothing_is_heard_and_nothing_is_lost(bus, now, monkeypatch):
    monkeypatch.setattr("runtime.image.STEP", 1)
    twin = live(bus)
    hears(twin, 5_000)
    for gseq in range(5_001, 5_010):
        hears(twin, gseq)
    hears(twin, 10_000)
    hears(twin)

    assert (bus.said[0].gseq, revive(bus.said[0].data)) == (5_000, {"markets": [MARKET]})
    assert (bus.kept()[0], revive(bus.kept()[1])) == (10_000, {"markets": [MARKET] * 11})


def answers(image, gseq, size, *, spoiled=False):
    data = image[:-1] if spoiled else image
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return [
        SnapshotFetched(to="maker@7", gseq=gseq, part=n, parts=len(parts), data=part)
        for n, part in enumerate(parts)
    ]


NOTHING = SnapshotFetched(to="maker@7", gseq=0)


def test_it_is_fetched_part_by_part(bus, now):
    clerk = Clerk()
    twin = Twin(bus, clerk, "k")
    twin.fetch()
    done = [twin.fetched(answer) for answer in answers(picture({"markets": [OTHER, MARKET]}), 42, 5)]

    assert done == [False] * (len(done) - 1) + [True]
    assert (clerk.markets, twin.gseq, twin.waits) == ([OTHER, MARKET], 42, False)
    assert [(ask.part, ask.before > 42) for ask in bus.said] == [(n, True) for n in range(len(done))]


def test_who_starts_from_one_hears_the_tail_and_so_does_its_twin(bus, now, monkeypatch):
    monkeypatch.setattr(runtime.twin, "EVERY", 3)
    clerk = Clerk()
    twin = Twin(bus, clerk, "k")
    twin.fetch()
    for answer in answers(picture({"markets": [OTHER]}), 42, 1_000):
        twin.fetched(answer)
    for gseq in (43, 45):
        clerk.on_taken(taken())
        twin.heard(gseq, sealed(taken(), 1, 1), taken())
    twin.begin(46)
    clerk.markets.append("noted")
    hears(twin, 47)

    assert bus.kept() == (47, picture({"markets": [OTHER, MARKET, MARKET, MARKET]}))


def test_a_tail_too_long_to_be_heard_twice_is_not(bus, now, monkeypatch):
    monkeypatch.setattr(runtime.twin, "EVERY", 3)
    monkeypatch.setattr(runtime.twin, "WAITING", 5)
    clerk = Clerk()
    twin = Twin(bus, clerk, "k")
    twin.fetch()
    for answer in answers(picture({"markets": [OTHER]}), 42, 1_000):
        twin.fetched(answer)
    for gseq in range(43, 53):
        clerk.on_taken(taken())
        twin.heard(gseq, sealed(taken(), 1, 1), taken())
    twin.begin(53)
    hears(twin)

    assert bus.kept() == (53, picture({"markets": [OTHER] + [MARKET] * 10}))


def test_a_part_that_comes_twice_or_late_changes_nothing(bus, now):
    clerk = Clerk()
    twin = Twin(bus, clerk, "k")
    twin.fetch()
    first, *rest = answers(picture({"markets": [OTHER]}), 42, 8)
    assert not twin.fetched(first)
    assert not twin.fetched(first)
    for answer in rest:
        twin.fetched(answer)
    assert clerk.markets == [OTHER]
    assert not twin.fetched(rest[-1])
    assert clerk.markets == [OTHER]


def test_one_that_cannot_be_read_is_passed_over_for_the_one_before_and_then_for_the_journal(bus, now):
    clerk = Clerk()
    twin = Twin(bus, clerk, "k")
    twin.fetch()
    (answer,) = answers(picture({"markets": [OTHER]}), 42, 1_000, spoiled=True)
    assert not twin.fetched(answer)
    assert (bus.said[-1].before, bus.said[-1].part) == (42, 0)
    (answer,) = answers(picture({"markets": [MARKET]}), 30, 1_000)
    assert twin.fetched(answer)
    assert (clerk.markets, twin.gseq) == ([MARKET], 30)

    other = Clerk()
    twin = Twin(bus, other, "k")
    twin.fetch()
    assert twin.fetched(NOTHING)
    assert (other.markets, twin.gseq, twin.waits) == ([], 0, False)


def test_what_is_not_answered_is_asked_again(bus, now):
    twin = Twin(bus, Clerk(), "k")
    twin.fetch()
    assert not twin.is_due(RealNs(now["now"] + SECOND - 1))
    assert twin.is_due(RealNs(now["now"] + SECOND))
    assert isinstance(bus.said[0], FetchSnapshot)


def test_a_twin_that_falls_behind_is_given_up_and_says_so(bus, now, monkeypatch):
    monkeypatch.setattr(runtime.twin, "WAITING", 10)
    twin = live(bus)
    for gseq in range(1, 12):
        twin.heard(gseq, sealed(taken(), 1, 1), taken())
    assert twin.trouble == "no snapshots any more: 10 events wait"
    hears(twin, 6_000)

    assert bus.said == []


def test_a_process_without_a_key_has_no_snapshots(bus, now):
    twin = Twin(bus, Clerk(), "")
    twin.begin(9_000)
    hears(twin, 20_000)

    assert (twin.is_kept, bus.said) == (False, [])


def test_another_setting_and_another_program_have_other_keys(monkeypatch):
    assert key_of({"a": 1}, "m", ("x",)) == key_of({"a": 1}, "m", ("x",))
    assert key_of({"a": 1}, "m", ("x",)) != key_of({"a": 2}, "m", ("x",))
    before = key_of()
    code_digest.cache_clear()
    real = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: real(path) + b"# another line")
    try:
        assert key_of() != before
    finally:
        code_digest.cache_clear()


def test_the_benchmark_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime.twin, "EVERY", 1)
    rows = list(measure(tmp_path, 1_000))

    assert rows[0].startswith("1,000 events")
    assert {row.split()[0] for row in rows[3:]} == set(recovering())
