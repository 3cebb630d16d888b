"""One whole system: its children, their wiring, who gets a liquidator, and what is told when all is over."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping

import msgspec
from loguru import logger

from messages.base import Message
from messages.liquidation import LiquidatorAssigned
from messages.risk import HaltCause, TradingHalted, TradingResumed
from messages.system import ClockAnchor
from messages.values import SECOND, ExitId, MarketNs, RealNs, RoleName
from runtime.actor import Contract
from runtime.bus import Bus
from runtime.child import Child, Phase
from runtime.clock import Clock, real_now
from runtime.end_note import find
from runtime.exits import Exits, liquidator_for
from runtime.fingerprint import NO_SEALS, Seals
from runtime.lifecycle import Foreign, Lifecycle
from runtime.machine import Machine
from runtime.process import Part, Plan
from runtime.restarts import ChildSpec, Window
from runtime.service import Service
from runtime.stamp import Stamp
from runtime.statedir import WHO_RUNS, StateDirectory
from runtime.supervision import Tree
from runtime.topology import Wiring, family, wire

SUPERVISOR = RoleName("supervisor")
VENUE = RoleName("venue")
LIQUIDATOR = "liquidator"
HEARD = ("MarketRetired", "LiquidatorAssigned", "ExitCompleted", "TradingHalted", "TradingResumed")
"""Facts the supervisor folds."""
STILL = ClockAnchor(real_at=RealNs(0), market_at=MarketNs(0), speed=0)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the process table, ready to be started."""

    spec: ChildSpec
    wave: int
    actor: str
    arguments: Mapping[str, object]
    ports: tuple[Part, ...] = ()
    secret: bool = False
    die_hard: bool = True
    outlives: RoleName | None = None
    drain_s: float = 0.0
    market: str = ""
    """Hear facts of this market, and of none in particular, only."""


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """The embedded exchange; the machine knows how it is started."""

    spec: ChildSpec
    wave: int


class House:
    """Everything under one supervisor. `liquidator` makes the row of a market's own liquidator."""

    def __init__(
        self,
        state: StateDirectory,
        run: int,
        members: Mapping[RoleName, Member],
        venue: Program,
        machine: Machine,
        liquidator: Callable[[LiquidatorAssigned], Member],
        contracts: Mapping[str, Contract],
        *,
        speed: int,
        duration_ns: int | None,
        mode: str,
        log_level: str,
        seals: Seals = NO_SEALS,
        service: Service | None = None,
    ) -> None:
        self.state = state
        self.run_id = run
        self.exits = Exits()
        self.halts: dict[str, str] = {}
        self._employments: dict[ExitId, Window] = {}
        self._members = dict(members)
        self._machine = machine
        self._liquidator = liquidator
        self._wirings = {name: wire(contracts, name) for name in contracts}
        self._log_level = log_level
        self._clock = Clock(STILL)
        stamp = Stamp(SUPERVISOR, 0, run, self._clock)
        wiring = Wiring(
            family=SUPERVISOR,
            binds=("sup",),
            subscribes=("facts",),
            dealers=("jrn",),
            commands={},
            facts=HEARD,
        )
        incarnation = state.next_incarnation()
        carrier = machine.wire(f"{SUPERVISOR}@{incarnation}")
        self.bus = Bus(SUPERVISOR, incarnation, wiring, stamp, carrier)
        stamp.source = self.bus.identity
        self.tree = Tree(
            self.bus,
            self._start,
            state.next_incarnation,
            self._on_fact,
            lambda child: self._note_processes(),
            machine.rng,
        )
        self.tree.seals = seals
        self._service = Service({}) if service is None else service
        self.tree.ends.note_of = lambda child: find(state.run, child.role, child.incarnation)
        self.venue = Foreign(Child(VENUE, venue.spec, venue.wave), machine.asker(self.bus.wake), speed)
        self.tree.add(self.venue.child)
        for role, member in self._members.items():
            self.tree.add(Child(role, member.spec, member.wave))
        self.lifecycle = Lifecycle(
            self.tree, self.venue, duration_ns, mode, self._on_running, self._follow_up, state.drop_ballast
        )

    @property
    def base(self) -> str:
        """Where strangers find the exchange."""
        return f"http://127.0.0.1:{self._machine.port}"

    @property
    def ran(self) -> ClockAnchor | None:
        """The anchor of market time, once everything was ready."""
        return self.lifecycle.anchor

    def market_seconds(self) -> int:
        """Market seconds from everything being ready to the beginning of the stop."""
        anchor = self.lifecycle.anchor
        until = self.lifecycle.stopped_at or real_now()
        return 0 if anchor is None else (until - anchor.real_at) * anchor.speed // SECOND

    def live(self) -> int:
        """From the first start to the last stop; the exit code."""
        self.lifecycle.install()
        return self.work()

    def work(self) -> int:
        """The same, for whoever hears the signals himself."""
        self.bus.open()
        code = self.lifecycle.run()
        self.state.leave()
        return code

    # Starting.

    def _start(self, child: Child) -> None:
        machine = self._machine
        process = machine.start_venue(child) if child.role == VENUE else machine.start(self._plan(child))
        child.started(process, child.incarnation, real_now())
        self._note_processes()

    def _plan(self, child: Child) -> Plan:
        member = self._members[child.role]
        return Plan(
            role=child.role,
            incarnation=child.incarnation,
            run=self.run_id,
            parent=self._machine.pid,
            actor=Part(name=member.actor, arguments=dict(member.arguments)),
            ports=member.ports,
            wiring=self._wirings[family(child.role)],
            sockets=str(self.state.sockets),
            clock=self.lifecycle.anchor or self._standing(),
            logs=str(self.state.logs),
            run_directory=str(self.state.run),
            log_level=self._log_level,
            market=member.market,
            drain_after=member.outlives,
            drain_s=member.drain_s,
            die_hard=member.die_hard,
            secret=member.secret,
            grace_s=child.spec.grace_s,
            seals=self.tree.seals,
        )

    def _standing(self) -> ClockAnchor:
        """A clock that stands still where the venue's stands, as far as that is known yet."""
        return ClockAnchor(real_at=real_now(), market_at=self.venue.market_at or MarketNs(0), speed=0)

    def _on_running(self, anchor: ClockAnchor) -> None:
        self._clock.anchor = anchor
        logger.info("everything is ready, the market clock runs at speed {}", anchor.speed)

    def _note_processes(self) -> None:
        """Who runs, for people and for `--takeover`-like care; best effort."""
        with contextlib.suppress(OSError):
            self.state.write(
                self.state.run / WHO_RUNS,
                {
                    "supervisor": self._machine.pid,
                    "run": f"{self.run_id:016x}",
                    "port": self._machine.port,
                    "children": {
                        c.role: {"pid": c.pid, "incarnation": c.incarnation, "state": c.phase}
                        for c in self._alive()
                    },
                },
            )

    def _alive(self) -> list[Child]:
        return [child for child in self.tree.children.values() if child.alive]

    # Facts.

    def _on_fact(self, fact: Message, live: bool) -> None:
        self.exits.note(fact)
        if isinstance(fact, TradingHalted):
            self.halts[fact.cause] = fact.reason or fact.cause.value
        elif isinstance(fact, TradingResumed):
            self.halts.pop(fact.cause, None)
            if live and fact.cause is HaltCause.PROCESS_FAILED:
                self._employments.clear()
                self.tree.revive()

    def _tell_service(self) -> None:
        """Whoever keeps us alive hears that we live, and how."""
        engine, why = self.tree.engine, self.lifecycle.why_stopped or self.tree.paused_because
        self._service.step(real_now())
        if self.lifecycle.why_stopped:
            self._service.stopping()
        elif self.lifecycle.anchor is not None:
            self._service.ready()
        ready = sum(child.phase is Phase.READY for child in self.tree.children.values())
        self._service.status(
            f"{engine.value}: {why}" if why else f"{engine.value}, {ready} processes are ready"
        )

    def _follow_up(self) -> None:
        """Every retired market has exactly one liquidator, no liquidator is without an open exit."""
        self._tell_service()
        if not self.tree.is_dated and self.venue.market_at is not None:
            self._clock.anchor = self._standing()
            self.tree.date()
        if self.tree.facts.recovering or self.lifecycle.why_stopped:
            return
        self.lifecycle.judge(
            failed=", ".join(self.tree.ends.given_up().values()),
            halted="; ".join(f"{cause}: {why}" for cause, why in self.halts.items()),
        )
        for retired in self.exits.unassigned():
            self.tree.say(self.exits.say(liquidator_for(retired)))
        for assignment in self.exits.assignments():
            child = self.tree.children.get(assignment.liquidator)
            if child is None or (child.phase is Phase.STOPPED and self._rested(child)):
                self._employ(assignment)

    def _rested(self, child: Child) -> bool:
        """It ended for good although there is work; not sooner than a second after its start.

        It may have ended because the work is done: what it heard of the journal is known here, too.
        """
        is_known = self.tree.abreast_at > child.ended_at
        return child.incarnation > 0 and is_known and real_now() - child.started_at >= SECOND

    def _employ(self, assignment: LiquidatorAssigned) -> None:
        """Its liquidator lives, unless it went away too often without finishing."""
        member = self._liquidator(assignment)
        role = assignment.liquidator
        before = self.tree.children.get(role)
        window = self._employments.setdefault(assignment.exit, Window())
        if before is not None and not window.allows(member.spec, real_now()):
            logger.critical("{} went away too often, its market stays as it is", role)
            before.phase = Phase.FAILED
            self.tree.changed()
            return
        self._members[role] = member
        child = Child(role, member.spec, member.wave)
        self.tree.add(child)
        if self.lifecycle.wave >= member.wave:
            self.tree.launch(child)
