"""Journals of Events that are the same in every test, and what happens to their files."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from runtime.journal import Journal, Record
from runtime.journal_file import wal_of

ROOT = Path(__file__).parents[2]
KINDS = ("OrderIntended", "OrderFilled", "MarketRetired")
MARKETS = ("", "0x" + "a" * 64, "0x" + "b" * 64)


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
