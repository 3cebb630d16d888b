"""The journal keeps every acknowledged Event once, in order, whatever happens to the process or the file."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runtime.journal
from benchmarks.journal_sweep import sweep
from runtime.journal import (
    Journal,
    JournalCorrupt,
    JournalError,
    JournalFailed,
    JournalHeld,
    JournalTooNew,
    JournalUnreadable,
    Record,
)
from runtime.journal_file import MIGRATIONS, connect, damage_note, pragma, prepare, wal_of
from runtime.journal_reader import read_journal, verify

ROOT = Path(__file__).parents[2]
KINDS = ("OrderIntended", "OrderFilled", "MarketRetired")
MARKETS = ("", "0x" + "a" * 64, "0x" + "b" * 64)
NEXT_VERSION = (*MIGRATIONS, ("CREATE INDEX by_market ON journal(market)", "ANALYZE"))

WRITER = """
import sys
from pathlib import Path
import msgspec
import runtime.journal
from runtime.journal import Journal, JournalError, Record

path, source = Path(sys.argv[1]), Path(sys.argv[2])
group, runtime.journal.WAL_LIMIT, file_limit = map(int, sys.argv[3:])
records = msgspec.msgpack.decode(source.read_bytes(), type=list[Record])

def stage(record):
    journal.stage(*msgspec.structs.astuple(record)[1:])

try:
    journal = Journal.open(path)
    if file_limit:
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, resource.RLIM_INFINITY))
    for first in range(journal.head, len(records), group):
        for record in records[first:first + group]:
            stage(record)
        journal.commit()
        print(journal.head, flush=True)
        journal.checkpoint()
    sys.stdin.read()
except JournalError as error:
    for forbidden in (journal.commit, lambda: stage(records[-1]), lambda: journal.read(0, 1), journal.checkpoint):
        try:
            forbidden()
        except JournalError:
            continue
        sys.exit(1)
    journal.close()
    print(error, file=sys.stderr)
    sys.exit(error.exit_code)
"""
"""Journals what a file holds, in groups, and tells each new head; waits at the end to be killed."""


def an_event(n: int) -> Record:
    """The n-th Event any test ever journals; the same n is the same Event."""
    rng = random.Random(n)
    return Record(
        gseq=n,
        id=rng.randbytes(16),
        kind=KINDS[n % 3],
        market=MARKETS[n % 3],
        source=f"gateway@{n % 5}",
        run=rng.getrandbits(64),
        real_at=n * 1_000,
        wall_at=1_700_000_000_000_000_000 + n,
        market_at=n * 60_000,
        envelope=rng.randbytes(n % 400),
    )


def stage(journal: Journal, n: int) -> int | None:
    """Stage the n-th Event."""
    return journal.stage(*msgspec.structs.astuple(an_event(n))[1:])


def write(journal: Journal, count: int, group: int = 1) -> None:
    """Go on with so many Events."""
    for first in range(journal.head + 1, journal.head + count + 1, group):
        for n in range(first, first + group):
            stage(journal, n)
        journal.commit()


def events(count: int) -> tuple[Record, ...]:
    """What a journal of so many holds."""
    return tuple(an_event(n) for n in range(1, count + 1))


def sabotage(path: Path, sql: str) -> None:
    """Change a closed journal behind its back."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(sql)


def crash(path: Path, to: Path) -> Path:
    """The files as a kill -9 at this moment would leave them."""
    to.mkdir()
    for file in (path, wal_of(path)):
        shutil.copy(file, to / file.name)
    return to / path.name


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    opened = Journal.open(path)
    yield opened
    opened.close()


# What it is for


def test_what_was_committed_is_read_back_as_it_was(path, journal):
    write(journal, 20, group=4)

    assert journal.read(0, 100) == events(20)
    journal.close()
    assert tuple(read_journal(path)) == events(20)
    with closing(Journal.open(path)) as again:
        assert again.read(0, 100) == events(20)


def test_the_sequence_is_global_and_has_no_holes(path, journal):
    write(journal, 5)
    journal.close()

    with closing(Journal.open(path)) as again:
        assert (again.head, again.last_market_at) == (5, an_event(5).market_at)
        stage(again, 6)
        stage(again, 7)
        assert [r.gseq for r in again.commit()] == [6, 7]
        assert (again.head, again.last_market_at) == (7, an_event(7).market_at)


def test_what_is_staged_is_nothing_yet(path, journal):
    stage(journal, 1)

    assert (journal.staged, journal.head, journal.read(0, 10)) == (1, 0, ())
    assert journal.commit() == events(1)
    assert (journal.staged, journal.commit()) == (0, ())
    stage(journal, 2)
    journal.close()
    assert tuple(read_journal(path)) == events(1)


def test_the_same_id_is_journaled_once(path, journal):
    assert stage(journal, 1) is None
    assert stage(journal, 2) is None
    assert stage(journal, 2) == 2, "while staged"
    journal.commit()
    assert stage(journal, 1) == 1, "after the commit"
    assert journal.staged == 0
    journal.close()

    with closing(Journal.open(path)) as again:
        assert stage(again, 2) == 2, "after a restart"
        assert (again.commit(), again.head) == ((), 2)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.one_of(st.integers(1, 12), st.sampled_from(["commit", "reopen", "checkpoint"])), max_size=40)
)
def test_it_behaves_as_a_list_that_knows_its_ids(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("model") / "journal.db"
    journal = Journal.open(path)
    kept: list[bytes] = []
    waiting: list[bytes] = []
    for step in steps:
        if isinstance(step, int):
            known = kept + waiting
            id_ = an_event(step).id
            assert stage(journal, step) == (known.index(id_) + 1 if id_ in known else None)
            waiting += [] if id_ in known else [id_]
        elif step == "commit":
            assert [r.id for r in journal.commit()] == waiting
            kept, waiting = kept + waiting, []
        elif step == "checkpoint":
            journal.checkpoint()
        else:
            journal.close()
            journal, waiting = Journal.open(path), []
        assert (journal.head, journal.staged) == (len(kept), len(waiting))
        assert [r.id for r in journal.read(0, 100)] == kept
    journal.close()


@given(
    run=st.integers(0, 2**64 - 1), text=st.text(st.characters(exclude_categories=["Cs"])), body=st.binary()
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_any_value_survives(tmp_path_factory, run, text, body):
    path = tmp_path_factory.mktemp("values") / "journal.db"
    with closing(Journal.open(path)) as journal:
        journal.stage(bytes(16), text, text, text, run, 2**63 - 1, 0, -1, body)
        written = journal.commit()
        assert journal.read(0, 1) == written
    assert tuple(read_journal(path)) == written
    assert written[0] == Record(1, bytes(16), text, text, text, run, 2**63 - 1, 0, -1, body)


def test_a_reader_asks_for_a_part_by_place_kind_and_market(journal):
    write(journal, 30, group=10)
    fills = tuple(e for e in events(30) if e.kind == "OrderFilled")

    assert journal.read(10, 5) == events(15)[10:]
    assert journal.read(30, 5) == ()
    assert journal.read(0, 3, kinds={"OrderFilled"}) == fills[:3]
    assert journal.read(0, 99, kinds=("OrderFilled", "MarketRetired"), market=MARKETS[1]) == fills
    assert journal.read(fills[2].gseq, 99, market=MARKETS[1]) == fills[3:]
    assert journal.read(0, 99, kinds=()) == ()


def test_the_log_is_moved_into_the_database_once_it_is_long(path, journal, monkeypatch):
    write(journal, 50, group=50)
    small = path.stat().st_size
    journal.checkpoint()
    assert path.stat().st_size == small, "not due"

    monkeypatch.setattr(runtime.journal, "WAL_LIMIT", 100_000)
    for _ in range(40):
        write(journal, 50, group=10)
        journal.checkpoint()
    assert wal_of(path).stat().st_size < 400_000, "it is written again from its beginning"
    assert path.stat().st_size > small
    assert journal.read(0, 9_999) == events(2_050)
    journal.close()
    assert not wal_of(path).exists(), "a clean end leaves one file"


def test_a_commit_is_on_the_disk_before_it_returns(path, journal):
    journal.close()
    settings_of = {
        "journal_mode": "wal",
        "synchronous": 2,
        "wal_autocheckpoint": 0,
        "locking_mode": "exclusive",
    }

    with closing(connect(path, "rw")) as db:
        prepare(db, path)
        assert {name: pragma(db, name) for name in settings_of} == settings_of


def test_nobody_else_may_read_it(path):
    previous = os.umask(0)
    try:
        with closing(Journal.open(path)) as journal:
            write(journal, 3)
            copy = crash(path, path.parent / "crashed")
            modes = {path.stat().st_mode & 0o777, wal_of(path).stat().st_mode & 0o777}
        copy.chmod(0o644)
        wal_of(copy).chmod(0o644)
        with closing(Journal.open(copy)):
            modes |= {copy.stat().st_mode & 0o777, wal_of(copy).stat().st_mode & 0o777}
    finally:
        os.umask(previous)
    assert modes == {0o600}


def test_a_closed_journal_refuses(journal):
    journal.close()
    journal.close()

    with pytest.raises(JournalFailed, match="closed"):
        stage(journal, 1)


# Crashes


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More Events than a writer gets to, in a file."""
    file = tmp_path_factory.mktemp("source") / "events"
    file.write_bytes(msgspec.msgpack.encode(events(20_000)))
    return file


def writer(
    path: Path, source: Path, group: int, wal_limit: int, file_limit: int = 0
) -> subprocess.Popen[str]:
    """A process that journals until something stops it."""
    command = [sys.executable, "-c", WRITER, *map(str, (path, source, group, wal_limit, file_limit))]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=ROOT)


def killed(running: subprocess.Popen[str], acknowledged: int, rng: random.Random) -> int:
    """Kill a writer some time after it has acknowledged so many groups; the last head it told."""
    with running:
        assert running.stdout is not None
        told = [int(running.stdout.readline()) for _ in range(acknowledged)]
        for _ in range(rng.randrange(5_000)):
            pass
        running.kill()
        told += [int(line) for line in running.stdout.read().splitlines()]
    assert running.returncode == -signal.SIGKILL
    return told[-1]


def assert_nothing_acknowledged_is_lost(path: Path, head: int) -> None:
    """What is there is a prefix of what was written, and at least what was acknowledged."""
    found = tuple(read_journal(path))
    assert len(found) >= head
    assert found == events(len(found))
    with closing(Journal.open(path)) as journal:
        assert journal.read(0, len(found) + 1) == found
        assert stage(journal, head) == head, "sent again after the crash, it is known"


def test_a_killed_writer_loses_nothing_it_acknowledged(path, source):
    rng = random.Random(7)
    for acknowledged, group in ((1, 1), (9, 16), (30, 3)):
        head = killed(writer(path, source, group, wal_limit=40_000), acknowledged, rng)
        assert_nothing_acknowledged_is_lost(path, head)


@pytest.mark.slow
@pytest.mark.xdist_group("journal")  # no deadlines here
@pytest.mark.parametrize("seed", range(10))
def test_a_writer_killed_again_and_again_loses_nothing_it_acknowledged(path, source, seed):
    rng = random.Random(seed)
    for _ in range(8):
        running = writer(path, source, rng.choice((1, 3, 16)), wal_limit=rng.choice((0, 20_000, 8 << 20)))
        head = killed(running, rng.randrange(1, 60), rng)
        assert_nothing_acknowledged_is_lost(path, head)
    assert verify(path).ok


def test_after_a_kill_the_files_are_read_without_touching_them(path, source):
    head = killed(writer(path, source, group=3, wal_limit=8 << 20), 12, random.Random(3))
    before = path.read_bytes(), wal_of(path).read_bytes()

    found = tuple(read_journal(path))
    report = verify(path)

    assert len(found) >= head
    assert (report.ok, report.head, report.sound_to) == (True, len(found), len(found))
    assert (path.read_bytes(), wal_of(path).read_bytes()) == before


def torn(crashed: Path, into: Path, at: int, flip: bool) -> Path:
    """A copy of crashed files whose log is cut, or changed, at a byte."""
    shutil.copytree(crashed.parent, into)
    log = bytearray(wal_of(crashed).read_bytes())
    if flip:
        log[at] ^= 0xFF
    else:
        del log[at:]
    wal_of(into / crashed.name).write_bytes(log)
    return into / crashed.name


def assert_a_torn_log_leaves_a_prefix(tmp_path: Path, step: int) -> None:
    """Records 1 to 20 are in the database, 21 to 60 in the log, which is damaged every so many bytes."""
    with closing(Journal.open(tmp_path / "journal.db")) as journal:
        write(journal, 20, group=4)
    with closing(Journal.open(tmp_path / "journal.db")) as journal:
        write(journal, 40, group=4)
        crashed = crash(journal.path, tmp_path / "crashed")
    heads = set()

    for at in range(0, wal_of(crashed).stat().st_size, step):
        for flip in (False, True):
            copy = torn(crashed, tmp_path / f"{at}{flip}", at, flip)
            found = tuple(read_journal(copy))
            assert found == events(len(found))
            assert len(found) in range(20, 61, 4)
            with closing(Journal.open(copy)) as survivor:
                assert survivor.read(0, 99) == found
                write(survivor, 4)
            assert tuple(read_journal(copy)) == events(len(found) + 4)
            heads.add(len(found))
            shutil.rmtree(copy.parent)
    assert {20, 56} <= heads, "the whole range was met"


def test_a_torn_log_leaves_a_prefix(tmp_path):
    assert_a_torn_log_leaves_a_prefix(tmp_path, step=3_607)


def test_a_bit_that_is_another_anywhere_leaves_a_prefix_or_a_refusal():
    """A sample of `benchmarks/journal_sweep.py`, which goes over every byte."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as directory:
        counts = sweep(Path(directory), commits=10, step=307)

    assert sum(counts.values()) > 750
    assert counts["log cut", "refused"] == counts["log flipped", "refused"] == 0
    assert min(counts["log cut", "prefix"], counts["database flipped", "refused"]) > 5


@pytest.mark.slow
@pytest.mark.xdist_group("journal")  # no deadlines here
def test_a_log_torn_anywhere_leaves_a_prefix(tmp_path):
    assert_a_torn_log_leaves_a_prefix(tmp_path, step=211)


@pytest.mark.parametrize(
    ("file_limit", "wal_limit", "doing"),
    [
        (60_000, 8 << 20, "commit of 3"),
        (200_001, 8 << 20, "commit of 3"),
        (50_000, 60_000, "checkpoint"),
        (140_000, 60_000, "checkpoint"),
    ],
)
def test_a_write_that_fails_ends_the_process_and_loses_nothing(path, source, file_limit, wal_limit, doing):
    failing = writer(path, source, 3, wal_limit, file_limit)
    told, complaint = failing.communicate()

    assert failing.returncode == JournalFailed.exit_code == 74
    assert complaint.startswith(f"{path}: {doing} failed: ")
    assert complaint.count("\n") == 1
    assert_nothing_acknowledged_is_lost(path, int(told.splitlines()[-1]))


# Refusals


def test_there_is_one_writer(path, journal):
    write(journal, 3)

    with pytest.raises(JournalHeld, match="held by another process"):
        Journal.open(path)
    with pytest.raises(JournalHeld):
        read_journal(path)
    script = (
        f"from pathlib import Path; from runtime.journal import Journal; Journal.open(Path({str(path)!r}))"
    )
    other = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert f"{path}: held by another process" in other.stderr
    write(journal, 3)
    assert journal.read(0, 9) == events(6)


def test_a_reader_at_work_keeps_writers_out(path, journal):
    write(journal, 3)
    journal.close()
    reader = read_journal(path)
    next(reader)

    with pytest.raises(JournalHeld):
        Journal.open(path)
    reader.close()
    Journal.open(path).close()


def test_a_newer_journal_is_refused_and_left_alone(path, journal):
    write(journal, 3)
    journal.close()
    sabotage(path, "PRAGMA user_version=2")
    before = path.read_bytes()

    for use in (Journal.open, read_journal, verify):
        with pytest.raises(JournalTooNew, match="version 2") as refused:
            use(path)
        assert refused.value.exit_code == 78
    assert path.read_bytes() == before


@pytest.mark.parametrize("use", [Journal.open, read_journal, verify])
def test_what_is_no_journal_is_refused_in_one_line(tmp_path, use):
    (tmp_path / "text").write_text("price,size\n" * 500)
    (tmp_path / "empty").touch()
    (tmp_path / "directory").mkdir()
    sabotage(tmp_path / "database", "CREATE TABLE accounts(id)")
    before = (tmp_path / "database").read_bytes()

    for name in ("text", "empty", "directory", "database", "text/journal.db", "no/journal.db"):
        with pytest.raises(JournalUnreadable) as refused:
            use(tmp_path / name)
        assert str(refused.value).startswith(f"{tmp_path / name}: ")
        assert "\n" not in str(refused.value)
        assert refused.value.exit_code == 74
    assert (tmp_path / "database").read_bytes() == before
    assert (tmp_path / "empty").stat().st_size == 0


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A directory of somebody for whom rights count, even when we are root."""
    uid = os.geteuid()
    with tempfile.TemporaryDirectory() as directory:
        if uid == 0:
            os.chown(directory, 65_534, -1)
            os.seteuid(65_534)
        try:
            yield Path(directory)
        finally:
            os.seteuid(uid)


def test_a_journal_we_may_not_write_is_refused():
    with unprivileged() as directory:
        path = directory / "journal.db"
        with closing(Journal.open(path)) as journal:
            write(journal, 3)
        for target, mode, reason in (
            (path, 0o400, "not writable"),
            (directory, 0o500, "its directory is not"),
        ):
            before = target.stat().st_mode
            target.chmod(mode)
            with pytest.raises(JournalUnreadable, match=f"{path}: {reason}"):
                Journal.open(path)
            target.chmod(before)
        with closing(Journal.open(path)) as again:
            assert again.head == 3


def test_a_log_whose_database_is_lost_is_not_overwritten(path, journal):
    write(journal, 3)
    crashed = crash(path, path.parent / "crashed")
    log = wal_of(crashed).read_bytes()
    for lose in (lambda: crashed.write_bytes(b""), crashed.unlink):
        lose()
        with pytest.raises(JournalCorrupt):
            Journal.open(crashed)
        assert wal_of(crashed).read_bytes() == log


@pytest.mark.parametrize(
    ("damage", "gseq"),
    [
        ("UPDATE journal SET envelope = x'00' WHERE gseq = 40", 40),
        ("UPDATE journal SET market_at = market_at + 1 WHERE gseq = 1", 1),
        ("UPDATE journal SET run = 'text' WHERE gseq = 7", 7),
        ("UPDATE journal SET kind = CAST(x'ff' AS TEXT) WHERE gseq = 7", 7),
        ("UPDATE journal SET chain = 3 WHERE gseq = 49", 49),
        ("UPDATE journal SET chain = x'00' WHERE gseq = 50", 50),
        ("DELETE FROM journal WHERE gseq = 21", 21),
        ("DELETE FROM journal WHERE gseq = 1", 1),
    ],
)
def test_a_changed_or_missing_record_is_named(path, journal, damage, gseq):
    write(journal, 50, group=10)
    journal.close()
    sabotage(path, damage)
    before = path.read_bytes()

    with pytest.raises(JournalCorrupt, match=f"gseq {gseq}:") as refused:
        Journal.open(path)
    assert (refused.value.gseq, refused.value.exit_code) == (gseq, 74)
    sound = []
    with pytest.raises(JournalCorrupt, match=f"gseq {gseq}:"):
        sound.extend(read_journal(path))
    assert tuple(sound) == events(gseq - 1)[: len(sound)]
    report = verify(path)
    assert (report.chain_ok, report.ok, report.sound_to) == (False, False, len(sound))
    assert path.read_bytes() == before


def test_damage_before_the_tail_is_met_by_who_reads_there(path, journal, monkeypatch):
    write(journal, 50, group=10)
    journal.close()
    sabotage(path, "UPDATE journal SET envelope = x'00' WHERE gseq = 7")
    monkeypatch.setattr("runtime.journal_records.TAIL", 10)

    with closing(Journal.open(path)) as again:
        assert again.read(10, 99) == events(50)[10:]
        for kinds in (None, {an_event(7).kind}):
            with pytest.raises(JournalCorrupt, match="gseq 7"):
                again.read(0, 99, kinds)
    assert not verify(path).ok
    damage_note(path).unlink()
    sabotage(path, "DELETE FROM journal WHERE gseq = 1")
    with pytest.raises(JournalCorrupt, match="gseq 1"):
        Journal.open(path)


def test_a_damaged_page_yields_a_prefix_or_is_refused(tmp_path, journal):
    write(journal, 300, group=50)
    journal.close()
    whole = journal.path.read_bytes()
    copy = tmp_path / "damaged.db"
    unseen = 0
    for at in range(37, len(whole), len(whole) // 40):
        copy.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        sound = []
        try:
            sound.extend(read_journal(copy))
        except JournalError:
            assert len(sound) < 300
        assert tuple(sound) == events(len(sound))
        try:
            unseen += verify(copy).ok
        except JournalError:
            continue
    assert unseen < 10, "only what no record lies in goes unseen"


def test_the_seal_of_the_head_tells_two_histories_apart(tmp_path):
    seals = []
    for name, first in (("a", 1), ("b", 1), ("c", 2)):
        with closing(Journal.open(tmp_path / name)) as journal:
            stage(journal, first)
            journal.commit()
            stage(journal, 9)
            journal.commit()
            seals.append(journal.chain)
        assert verify(tmp_path / name).chain == journal.chain
    assert seals[0] == seals[1] != seals[2]


# Versions


def test_an_older_journal_is_copied_then_brought_forward(path, journal):
    write(journal, 5)
    crashed = crash(path, path.parent / "crashed")
    journal.close()

    with closing(Journal.open(crashed, NEXT_VERSION)) as newer:
        assert newer.read(0, 9) == events(5)
        write(newer, 2)
        assert newer.read(0, 9) == events(7)
    copy = crashed.with_name("journal.db.v1")
    assert copy.stat().st_mode & 0o777 == 0o600
    assert tuple(read_journal(copy)) == events(5)
    assert verify(copy).version == 1
    with pytest.raises(JournalTooNew):
        Journal.open(crashed)
    with closing(Journal.open(crashed, NEXT_VERSION)) as newer:
        assert newer.head == 7


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (("CREATE TABLE extra(x)", "ALTER TABLE nowhere ADD COLUMN y"), JournalFailed),
        (("CREATE TABLE extra(x)", "DELETE FROM journal WHERE gseq = 2"), JournalCorrupt),
    ],
)
def test_a_migration_that_fails_leaves_the_old_version(path, journal, step, error):
    write(journal, 5)
    journal.close()

    with pytest.raises(error):
        Journal.open(path, (*MIGRATIONS, step))
    with closing(Journal.open(path)) as again:
        assert again.read(0, 9) == events(5)
    assert verify(path).version == 1
    assert sorted(p.name for p in path.parent.iterdir() if p.suffix not in (".db-wal", ".db-shm")) == [
        "journal.db",
        "journal.db.v1",
    ]


def test_a_journal_made_new_has_gone_through_every_version(path):
    with closing(Journal.open(path, NEXT_VERSION)) as journal:
        write(journal, 3)
    assert [p.name for p in path.parent.iterdir()] == ["journal.db"]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (2,)


def test_the_exit_codes_are_those_the_supervisor_knows():
    errors = (JournalUnreadable, JournalCorrupt, JournalFailed, JournalHeld, JournalTooNew)

    assert [e.exit_code for e in errors] == [74, 74, 74, 75, 78]


def test_the_benchmark_runs(tmp_path):
    command = [sys.executable, "-m", "benchmarks.journal", "--seconds", "0.01", "--directory", str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout

    assert "seed 1" in said
    assert "replay" in said
    assert list(tmp_path.iterdir()) == []
