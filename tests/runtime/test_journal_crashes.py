"""What was acknowledged outlives a killed writer, a torn log and a disk that is full."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from benchmarks.journal_sweep import sweep
from runtime.journal import Journal, JournalFailed
from runtime.journal_file import wal_of
from runtime.journal_reader import read_journal, verify
from tests.runtime.journals import ROOT, crash, events, path, stage, write

__all__ = ["path"]

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
