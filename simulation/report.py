"""The report of one run: its journal folded, its invariants checked (docs/report.md describes each key)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import msgspec

from messages.codec import CodecError
from messages.values import MarketId, Price, Size
from runtime.journal import JournalCorrupt, JournalError, Record
from runtime.journal_reader import read_journal
from simulation.execution import Latency, Slippage
from simulation.folds import Liquidations, Money, OrderCount, Restarts
from simulation.handovers import Handovers, Uptime
from simulation.invariants import journal_checks
from simulation.story import Check, Entry, Violation, entries
from simulation.venue_checks import EmptyBook, Ledger, read_ledger, venue_checks


class RunFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a journal does not say of a run."""

    run: int
    """The supervisor's random 64 bits."""
    mode: str
    seed: int
    speed: int
    market_seconds: float
    wall_seconds: float
    exit_code: int = 0
    cap: Size = Size(0)
    """Position limit plus one order; 0: the worst case is not judged."""
    marks: tuple[tuple[MarketId, Price], ...] = ()
    """YES prices to value what is held; else the middle of the last quote, or the last order's or fill's price."""


class Book:
    """Everything that is folded and checked, fed one entry after the other."""

    def __init__(self, facts: RunFacts, ledger: Ledger | None) -> None:
        run = facts.run
        self.facts = facts
        self.orders = OrderCount(run)
        self.money = Money(run, dict(facts.marks))
        self.liquidations = Liquidations(run, self.money)
        self.restarts = Restarts(run)
        self.latency = Latency(run)
        self.slippage = Slippage(run)
        self.uptime = Uptime(run)
        self.handovers = Handovers(run)
        self.venue = [] if ledger is None else venue_checks(ledger, facts.cap)
        self.checks: list[Check] = [*journal_checks(run, facts.exit_code), *self.venue]
        self.broken: list[Violation] = []

    def note(self, entry: Entry) -> None:
        """One entry to all of them."""
        for check in self.checks:
            check.note(entry)
        for fold in (self.orders, self.liquidations, self.money, self.restarts):
            fold.note(entry)
        for timed in (self.latency, self.slippage, self.uptime, self.handovers):
            timed.note(entry)

    def result(self) -> dict[str, object]:
        """The report."""
        for check in self.checks:
            check.end()
        violations = [*self.broken, *(found for check in self.checks for found in check.violations)]
        facts = self.facts
        return {
            "run": f"{facts.run:016x}",
            "mode": facts.mode,
            "seed": facts.seed,
            "speed": facts.speed,
            "market_seconds": round(facts.market_seconds, 3),
            "wall_seconds": round(facts.wall_seconds, 3),
            "exit_code": facts.exit_code,
            "orders": self.orders.result(self._resting()),
            "fills": self.money.fills(),
            "pnl": self.money.pnl(),
            "positions": self.money.positions(),
            **self.uptime.result(),
            "handovers": self.handovers.result(),
            "liquidations": self.liquidations.result(),
            "restarts": self.restarts.result(),
            "latency": self.latency.result(),
            "slippage": self.slippage.result(),
            "invariants": {
                "checked": sorted({check.invariant for check in self.checks}, key=lambda name: int(name[1:])),
                "violations": len(violations),
                "details": [f"{found.invariant}: {found.text}" for found in violations],
            },
        }

    def _resting(self) -> int:
        """By the exchange's word where there is one, else by the journal's."""
        for check in self.venue:
            if isinstance(check, EmptyBook):
                return sum(order.ended_at is None for order in check.orders())
        return len(self.orders.open)


def build_report(records: Iterable[Record], ledger: Ledger | None, facts: RunFacts) -> dict[str, object]:
    """Fold and check all records; what cannot be read of them is a violation of I12."""
    book = Book(facts, ledger)
    try:
        for entry in entries(records):
            book.note(entry)
    except (CodecError, JournalCorrupt) as error:
        book.broken.append(Violation("I12", str(error)))
    return book.result()


def write_report(path: Path, journal: Path, venue_ledger: Path | None, facts: RunFacts) -> dict[str, object]:
    """Write the report as JSON; gives it back too. Raises OSError for what cannot be read or written."""
    ledger = read_ledger(venue_ledger) if venue_ledger is not None and venue_ledger.exists() else None
    try:
        report = build_report(read_journal(journal), ledger, facts)
    except JournalError as error:
        raise OSError(str(error)) from error
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(f"{json.dumps(report, indent=2)}\n", encoding="utf-8")
    beside.replace(path)
    return report
