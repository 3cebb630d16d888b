"""The journal: whole, in order, never less than was promised; and what its facts may never say."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from hashlib import blake2b

from messages.liquidation import LiquidatorAssigned
from messages.risk import HaltCause, TradingResumed
from messages.system import ActorExited, ActorStarted, EngineChanged, EngineState
from messages.values import SECOND, RealNs, RoleName
from runtime.journal_records import Record
from simulation.checks.ward import Checker, Ward
from simulation.invariants import Contiguous, FillsOnce, OneOwner, OnlyReduces
from simulation.story import Check, Entry

CONTROL_BOUND, FACTS_BOUND = 256, 4_096
"""Of a mailbox's lanes (docs/architecture.md)."""
INSTANCE = ":"
"""Before the name of one of many alike: `liquidator:1a2b`."""


class FactChecks(Checker):
    """I8, I9, I10 and I12 by the report's own checks, each at the moment of the commit."""

    def __init__(self, ward: Ward) -> None:
        super().__init__(ward)
        self._checks: list[Check] = [FillsOnce(), OneOwner(), OnlyReduces(), Contiguous()]
        self._told = [0 for _ in self._checks]

    def fact(self, entry: Entry) -> None:
        """One more."""
        for n, check in enumerate(self._checks):
            check.note(entry)
            for found in check.violations[self._told[n] :]:
                self.ward.violated(found.invariant, found.text)
            self._told[n] = len(check.violations)


class Durable(Checker):
    """I13: what was acknowledged or published is committed, and is there after any crash."""

    def __init__(self, ward: Ward) -> None:
        super().__init__(ward)
        self._committed: dict[bytes, int] = {}
        self._promised = 0

    def committed(self, gseq: int, id_: bytes) -> None:
        """A commit returned."""
        self._committed[id_] = gseq

    def acknowledged(self, gseq: int, id_: bytes) -> None:
        """The sender was told."""
        if self._committed.get(id_) != gseq:
            self.ward.violated(
                "I13", f"event {id_.hex()} was acknowledged as {gseq} and is not committed there"
            )
        self._promised = max(self._promised, gseq)

    def published(self, gseq: int, id_: bytes) -> None:
        """Everybody was told."""
        if self._committed.get(id_) != gseq:
            self.ward.violated("I13", f"fact {gseq} was published and is not committed")
        self._promised = max(self._promised, gseq)

    def reopened(self, head: int) -> None:
        """A new life of the journal found so much."""
        if head < self._promised:
            self.ward.violated(
                "I13", f"{self._promised} events were promised, {head} are there after a crash"
            )
        self._committed = {id_: gseq for id_, gseq in self._committed.items() if gseq <= head}


class Bounded(Checker):
    """I17: no lane of a mailbox is ever longer than its bound."""

    def depths(self, role: str, control: int, facts: int) -> None:
        """Of one process, now."""
        for lane, depth, bound in (("control", control, CONTROL_BOUND), ("facts", facts, FACTS_BOUND)):
            if depth > bound:
                self.ward.violated("I17", f"{role} has {depth} messages in its {lane} lane, bound {bound}")


class NoStorms(Checker):
    """I22: no role is started more often than its row of the process table allows."""

    def __init__(self, ward: Ward, allowed: Mapping[str, tuple[int, float]]) -> None:
        """`allowed` by role: restarts, in so many real seconds."""
        super().__init__(ward)
        self._allowed = allowed
        self._started: dict[RoleName, deque[RealNs]] = {}
        self._down: set[RoleName] = set()
        """Ended, and not started again."""

    def fact(self, entry: Entry) -> None:
        """Starts; a new run of the whole system begins to count anew, and so do another exit and whoever was down
        when a person said to go on."""
        if isinstance(entry.message, EngineChanged) and entry.message.state is EngineState.STARTING:
            self._started.clear()
        elif isinstance(entry.message, LiquidatorAssigned):
            self._started.pop(entry.message.liquidator, None)
        elif isinstance(entry.message, TradingResumed) and entry.message.cause is HaltCause.PROCESS_FAILED:
            for role in self._down:
                self._started.pop(role, None)
        elif isinstance(entry.message, ActorExited):
            self._down.add(entry.message.role)
        elif isinstance(entry.message, ActorStarted):
            self._down.discard(entry.message.role)
            self._start(entry.message.role, entry.real_at)

    def _start(self, role: RoleName, at: RealNs) -> None:
        row = self._allowed.get(role.partition(INSTANCE)[0])
        if row is None:
            return
        restarts, span_s = row
        starts = self._started.setdefault(role, deque())
        starts.append(at)
        while at - starts[0] > span_s * SECOND:
            starts.popleft()
        if len(starts) > restarts + 1:
            self.ward.violated(
                "I22", f"{role} was started {len(starts)} times in {span_s:g} s, allowed {restarts}"
            )


def digest(records: Iterable[Record]) -> str:
    """I23: two runs of one seed have this in common, down to the last byte of their journals."""
    found = blake2b(digest_size=16)
    for record in records:
        found.update(record.id)
        found.update(record.envelope)
    return found.hexdigest()
