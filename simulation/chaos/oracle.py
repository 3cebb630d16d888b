"""The judge from outside: a copy of the journal against the exchange's own ledger, when all is over."""

from __future__ import annotations

import sqlite3
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from messages.orders import OrderIntended
from messages.risk import HaltCause, TradingHalted
from messages.system import ActorExited, ActorStarted
from messages.values import SECOND, OrderId, RealNs, RoleName
from runtime.journal_reader import read_journal
from simulation.chaos.timing import Kill, quoted_spans, quoting_again_ns, spread
from simulation.report import RunFacts, write_report
from simulation.story import Check, Entry, entries
from venue.paper.ledger.history import History

MIN_SECRET = 16


class NoStorm(Check):
    """I22: within any period a role is started again no more often than its supervision allows.

    A liquidator that is done and is given another exit is not started again, but anew.
    """

    invariant = "I22"

    def __init__(self, allowed: Callable[[str], tuple[int, float]]) -> None:
        super().__init__()
        self._allowed = allowed
        self._starts: dict[tuple[int, RoleName], deque[RealNs]] = defaultdict(deque)
        self._failed: set[tuple[int, RoleName]] = set()

    def note(self, entry: Entry) -> None:
        """Starts of a run after ends that were none, by role."""
        message = entry.message
        if isinstance(message, ActorExited) and message.code:
            self._failed.add((entry.run, message.role))
        if not isinstance(message, ActorStarted) or (entry.run, message.role) not in self._failed:
            return
        self._failed.discard((entry.run, message.role))
        intensity, period_s = self._allowed(message.role.partition(":")[0])
        starts = self._starts[entry.run, message.role]
        while starts and entry.real_at - starts[0] > period_s * SECOND:
            starts.popleft()
        starts.append(entry.real_at)
        if len(starts) > intensity:
            self.violated(f"{message.role} was started again {len(starts)} times within {period_s:g} s")


class NobodyGivenUp(Check):
    """The nemesis stays within what supervision forgives, so nobody may have been given up."""

    invariant = "L1"

    def note(self, entry: Entry) -> None:
        """That is what this halt means."""
        message = entry.message
        if isinstance(message, TradingHalted) and message.cause is HaltCause.PROCESS_FAILED:
            self.violated(message.reason)


class Evidence(msgspec.Struct, frozen=True):
    """What is looked at: copies made after the end."""

    journal: Path
    ledger: Path

    @classmethod
    def collect(cls, state: Path, into: Path) -> Evidence:
        """Copy journal and ledger, so that looking changes nothing. Raises OSError, sqlite3.Error."""
        into.mkdir(exist_ok=True)
        found = cls(into / "journal.db", into / "venue.db")
        for copy in (found.journal, found.ledger):
            source = state / copy.name
            opened = closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True))
            with opened as old, closing(sqlite3.connect(copy)) as new:
                old.backup(new)
        return found


def judge(evidence: Evidence, facts: RunFacts, checks: Iterable[Check], report: Path) -> dict[str, Any]:
    """The run's report with these checks' findings added to its own. Raises OSError."""
    found: dict[str, Any] = write_report(report, evidence.journal, evidence.ledger, facts)
    checked = list(checks)
    for entry in entries(read_journal(evidence.journal)):
        for check in checked:
            check.note(entry)
    for check in checked:
        check.end()
    details = [f"{v.invariant}: {v.text}" for check in checked for v in check.violations]
    told = found["invariants"]
    told["checked"] += [check.invariant for check in checked]
    told["details"] += details
    told["violations"] += len(details)
    return found


def last_run(evidence: Evidence) -> tuple[int, int]:
    """The run that wrote last, and how many events there are."""
    run = count = 0
    for record in read_journal(evidence.journal):
        run, count = record.run, count + 1
    return run, count


def recoveries(evidence: Evidence, kills: list[Kill], until: RealNs) -> dict[str, Any]:
    """From each kill to READY and to a two-sided quote again, by family and in all."""
    intents: dict[OrderId, OrderIntended] = {}
    for entry in entries(read_journal(evidence.journal)):
        if isinstance(entry.message, OrderIntended):
            intents[entry.message.order] = entry.message
    history = History(evidence.ledger)
    try:
        spans = quoted_spans(history.orders(), intents, until)
    finally:
        history.close()
    families: dict[str, list[Kill]] = {"all": kills}
    for kill in kills:
        families.setdefault(kill.family, []).append(kill)
    return {
        "quoted_share": round(sum(b - a for a, b in spans) / max(1, _span(spans)), 4),
        "by_role": {name: _times(found, spans) for name, found in sorted(families.items())},
    }


def _span(spans: list[tuple[int, int]]) -> int:
    return spans[-1][1] - spans[0][0] if spans else 0


def _times(kills: list[Kill], spans: list[tuple[int, int]]) -> dict[str, Any]:
    """Alone: nothing else was struck meanwhile. A kill that no quote suffered from counts in `never_paused`."""
    alone = [kill for kill in kills if kill.alone and kill.ready_at is not None]
    again = [quoting_again_ns(spans, kill.at) for kill in alone]
    every = [quoting_again_ns(spans, kill.at) for kill in kills]
    return {
        "kills": len(kills),
        "ready_s": spread([k.ready_at - k.at for k in kills if k.ready_at is not None]),
        "ready_alone_s": spread([k.ready_at - k.at for k in alone if k.ready_at is not None]),
        "quoting_alone_s": spread([ns for ns in again if ns]),
        "quoting_s": spread([ns for ns in every if ns]),
        "never_paused": sum(ns == 0 for ns in every),
    }


def leaked(directory: Path, state: Path) -> list[str]:
    """Files that hold the wallet's key although they should not (I19)."""
    try:
        secret = (state / "sim.key").read_text().strip().removeprefix("0x").lower()
    except OSError:
        return []
    if len(secret) < MIN_SECRET:
        return []
    raw, text = bytes.fromhex(secret), secret.encode()
    found = []
    for path in sorted(directory.rglob("*")):
        if path.is_file() and path.name != "sim.key":
            content = path.read_bytes()
            if raw in content or text in content.lower():
                found.append(str(path.relative_to(directory)))
    return found
