"""The simulated disk: what commits cost and refuse, and where the process that commits may die."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, Protocol

import msgspec

from runtime.journal import Journal
from runtime.journal_errors import JournalError, JournalFailed
from runtime.journal_records import Record
from simulation.world.memory_journal import MemoryJournal, Store

US = 1_000
COMMIT_NS = (150 * US, 900 * US)
"""One commit with its fsync."""


class Writer(Protocol):
    """The process that has the journal open."""

    def stall(self, span_ns: int) -> None:
        """It waits for the disk."""

    def reach(self, point: str) -> None:
        """It comes by a place at which it may be killed. Raises ProcessOver."""


class Weather(msgspec.Struct):
    """How the disk is: what an operation costs and whether it works. One for a run, set by its faults."""

    next_slow_ns: int = 0
    """The next commit takes so much longer."""
    refuses: int = 0
    """The errno of every commit while it is not 0."""
    keeps_refused: float = 0.0
    """How likely a refused commit is durable all the same."""


class SimJournal:
    """A journal, real or in memory, on a disk that has its moods."""

    def __init__(self, inner: Any, disk: Disk, writer: Writer) -> None:
        self._inner = inner
        self._disk = disk
        self._writer = writer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def commit(self) -> tuple[Record, ...]:
        """Durable, or refused, and either takes its time. Raises JournalFailed, ProcessOver."""
        self._writer.reach("commit")
        weather, rng = self._disk.weather, self._disk.rng
        self._writer.stall(rng.randrange(*COMMIT_NS) + weather.next_slow_ns)
        weather.next_slow_ns = 0
        if weather.refuses:
            if rng.random() < weather.keeps_refused:
                self._disk.committed(self._inner.commit())
            raise JournalFailed(self._inner.path, f"commit failed: {os.strerror(weather.refuses)}")
        records: tuple[Record, ...] = self._inner.commit()
        self._disk.committed(records)
        self._writer.reach("committed")
        return records

    def abandon(self) -> None:
        """Who had it open is dead: what was staged is lost."""
        with suppress(JournalError):
            self._inner.close()


class Disk:
    """One machine's. `file` is where a real journal lies; without it the journal is in memory."""

    def __init__(self, rng: Random, file: Path | None = None) -> None:
        self.rng = rng
        self.weather = Weather()
        self.store = Store()
        self.head = 0
        """Last committed gseq."""
        self.on_commit: list[Callable[[tuple[Record, ...]], None]] = []
        self.on_open: list[Callable[[int], None]] = []
        """Told how far the journal goes that somebody opened."""
        self._file = file

    def committed(self, records: tuple[Record, ...]) -> None:
        """These are durable."""
        if records:
            self.head = records[-1].gseq
            for hear in self.on_commit:
                hear(records)

    def opener(self, writer: Writer) -> Callable[[Path], SimJournal]:
        """What opens the journal for a process. Raises JournalError."""

        def opened(path: Path) -> SimJournal:
            if self.weather.refuses:
                raise JournalFailed(path, os.strerror(self.weather.refuses))
            journal = self._journal()
            for hear in self.on_open:
                hear(journal.head)
            return SimJournal(journal, self, writer)

        return opened

    def _journal(self) -> Journal | MemoryJournal:
        return MemoryJournal(self.store) if self._file is None else Journal.open(self._file)

    def records(self) -> tuple[Record, ...]:
        """Everything committed; nobody has the journal open."""
        journal = self._journal()
        try:
            return journal.read(0, max(1, self.head))
        finally:
            journal.close()

    def seal(self) -> bytes:
        """What the whole journal comes down to: two runs are the same when this is. Nobody has it open."""
        journal = self._journal()
        try:
            return journal.chain
        finally:
            journal.close()
