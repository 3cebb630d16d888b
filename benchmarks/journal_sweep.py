"""A crash at every byte: the tail of a real journal harmed everywhere, what is left held against what was written.

    python -m benchmarks.journal_sweep [--commits 10] [--step 1] [--directory /dev/shm]

A journal of 20 events in the database and ten commits of four in the write-ahead log is taken as a kill -9 leaves
it. At every byte the log is cut off, at every byte one bit of it is flipped, and one bit at every byte of the
database. What a reader then finds must be a prefix of what was written, in whole commits where only the log was
harmed; or, where the database was, a refusal. Nothing else is allowed. Every 97th log is opened for writing, too,
and gets one more commit.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from runtime.journal import Journal
from runtime.journal_errors import JournalError
from runtime.journal_file import wal_of
from runtime.journal_reader import read_journal
from runtime.journal_records import Record

FIRST, GROUP = 20, 4
WRITES_EVERY = 97


class Violation(AssertionError):
    """What was found is no prefix of what was written."""


def an_event(n: int) -> Record:
    """The n-th Event; the same n is the same Event."""
    rng = random.Random(n)
    return Record(n, rng.randbytes(16), "OrderFilled", "0xaa", "gateway@1", 7, n, n, n, rng.randbytes(226))


def write(journal: Journal, count: int) -> None:
    """Go on with so many Events, in groups."""
    for first in range(journal.head + 1, journal.head + count + 1, GROUP):
        for n in range(first, first + GROUP):
            event = an_event(n)
            journal.stage(
                event.id,
                event.kind,
                event.market,
                event.source,
                event.run,
                event.real_at,
                event.wall_at,
                event.market_at,
                event.envelope,
            )
        journal.commit()


class Scene:
    """The files of a killed writer, and a place to harm them again and again."""

    def __init__(self, directory: Path, commits: int) -> None:
        path = directory / "written" / "journal.db"
        path.parent.mkdir()
        with closing(Journal.open(path)) as journal:
            write(journal, FIRST)
        with closing(Journal.open(path)) as journal:
            write(journal, commits * GROUP)
            self.database = path.read_bytes()
            self.log = wal_of(path).read_bytes()
        self.written = tuple(an_event(n) for n in range(1, FIRST + commits * GROUP + 1))
        self.path = directory / "harmed" / "journal.db"

    def found(self, database: bytes, log: bytes) -> tuple[Record, ...] | None:
        """What a reader finds in these files; None: it refuses. Records before a refusal are held to account."""
        shutil.rmtree(self.path.parent, ignore_errors=True)
        self.path.parent.mkdir()
        self.path.write_bytes(database)
        wal_of(self.path).write_bytes(log)
        records = list[Record]()
        try:
            records.extend(self._proven())
        except JournalError:
            return None
        return tuple(records)

    def _proven(self) -> Iterator[Record]:
        for record, written in zip(read_journal(self.path), (*self.written, None), strict=False):
            if record != written:
                raise Violation(f"record {record.gseq} is not the one written")
            yield record

    def harm_log(self, log: bytes, number: int) -> str:
        """A harmed log leaves whole commits, and can be written on."""
        found = self.found(self.database, log)
        if found is None:
            return "refused"
        if len(found) not in range(FIRST, len(self.written) + 1, GROUP):
            raise Violation(f"{len(found)} records: a part of a commit")
        if number % WRITES_EVERY == 0:
            with closing(Journal.open(self.path)) as journal:
                write(journal, GROUP)
            after = tuple(read_journal(self.path))
            if after[: len(found)] != found or len(after) != len(found) + GROUP:
                raise Violation("what was written on it is not there")
        return "whole" if len(found) == len(self.written) else "prefix"

    def harm_database(self, database: bytes) -> str:
        """A harmed database is noticed, or what is harmed says nothing."""
        found = self.found(database, self.log)
        if found is None:
            return "refused"
        return "whole" if len(found) == len(self.written) else "prefix"


def flipped(data: bytes, at: int) -> bytes:
    """One bit of one byte is another."""
    harmed = bytearray(data)
    harmed[at] ^= 1 << at % 8
    return bytes(harmed)


def cases(scene: Scene, step: int) -> Iterator[tuple[str, str]]:
    """What was done, and what came of it."""
    for number, at in enumerate(range(0, len(scene.log), step)):
        yield "log cut", scene.harm_log(scene.log[:at], number)
        yield "log flipped", scene.harm_log(flipped(scene.log, at), number)
    for at in range(0, len(scene.database), step):
        yield "database flipped", scene.harm_database(flipped(scene.database, at))


def sweep(directory: Path, commits: int, step: int) -> Counter[tuple[str, str]]:
    """How often what came of what. Raises Violation."""
    return Counter(cases(Scene(directory, commits), step))


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--commits", type=int, default=10, help="in the write-ahead log, of four events each")
    parser.add_argument("--step", type=int, default=1, help="every so many bytes")
    parser.add_argument("--directory", type=Path, default=None, help="a temporary one is made inside")
    given = parser.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=given.directory) as directory:
        counts = sweep(Path(directory), given.commits, given.step)
    for (harm, result), count in sorted(counts.items()):
        print(f"{harm:<16} {result:<8} {count:>9,}")  # noqa: T201 -- a script that reports
    total = sum(counts.values())
    print(f"{total:,} cases in {time.perf_counter() - begun:,.0f} s, 0 results that are no prefix")  # noqa: T201


if __name__ == "__main__":
    main()
