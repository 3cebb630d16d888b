"""The supervisor's loop: starts children in waves, hears their beats, restarts them, stops them in order."""

from __future__ import annotations

import errno
import random
import signal
from collections.abc import Callable, Iterable

from loguru import logger

from messages.base import Envelope, Message
from messages.codec import CodecError, decode_body, decode_fact
from messages.system import (
    ActorExited,
    ActorReady,
    ActorStarted,
    ClockAnchor,
    EngineState,
    EventCommitted,
    EventsReplayed,
    JournalHead,
    Ping,
    Pong,
    Presence,
    Roster,
    StopActor,
)
from messages.values import SECOND, RealNs, RoleName
from runtime.afterwards import Ends
from runtime.bus import Bus
from runtime.child import Child, Phase
from runtime.clock import real_now
from runtime.facts_link import FactsLink
from runtime.fingerprint import NO_SEALS, Seals
from runtime.notices import Notices
from runtime.outbox import Outbox
from runtime.restarts import ExitCode, Window

DUMP_NS = 200_000_000
"""Time a hung process gets to write its stacks before it is killed."""
NO_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
ROSTER_NS = 500_000_000
ASLEEP_NS = 1_000_000_000
"""Between two steps of ours this passes only when we were stopped, or the whole machine was."""


class Tree:
    """All children of one supervisor. One thread; nothing here waits except in `step`.

    `start` starts the process of a child for an incarnation; `on_fact` hears committed Events the
    supervisor wants, with False while they are old ones; `on_ready` hears of a child that is ready.
    """

    def __init__(
        self,
        bus: Bus,
        start: Callable[[Child], None],
        next_incarnation: Callable[[], int],
        on_fact: Callable[[Message, bool], None],
        on_ready: Callable[[Child], None],
        rng: random.Random,
    ) -> None:
        self.bus = bus
        self.children: dict[RoleName, Child] = {}
        self.engine = EngineState.STARTING
        self.paused_because = ""
        self.ends = Ends(self.children, rng)
        self.outbox = Outbox(lambda message, cause: None, bus.seal, bus.append)
        self.facts = FactsLink(bus)
        self.abreast_at = RealNs(0)
        """All that was committed until then is known here."""
        self.seals = NO_SEALS
        """Hashes of program and settings, which each child has to have."""
        self._start = start
        self._next_incarnation = next_incarnation
        self._on_fact = on_fact
        self._on_ready = on_ready
        self.is_dated = False
        self._undated: list[Message] = []
        self._roster_at = RealNs(0)
        self._stepped_at = real_now()
        self._changed = True
        bus.on_envelope = self._heard
        bus.on_fact = self._fact
        self.notices = Notices()
        bus.on_notice = self.notices.note

    # Saying.

    def say(self, *events: Message) -> None:
        """Journal Events of the supervisor's own; the first of them when it is known what market time it is."""
        if self.is_dated:
            for event in events:
                self.outbox.say([event], None, real_now())
        else:
            self._undated.extend(events)

    def date(self) -> None:
        """Market time is known, or will not be: what was said so far is said now."""
        self.is_dated = True
        undated, self._undated = self._undated, []
        self.say(*undated)

    def tell_all(self, message: Message) -> None:
        """Send to every child on the bus."""
        for child in self.children.values():
            if child.alive:
                self.bus.tell("sup", child.identity, message)

    def changed(self) -> None:
        """The roster is to be said again soon."""
        self._changed = True

    def roster(self) -> Roster:
        """Who runs."""
        return Roster(
            engine=self.engine,
            paused_because=self.paused_because,
            code=self.seals.code,
            config=self.seals.config,
            present=tuple(
                Presence(
                    role=child.role,
                    incarnation=child.incarnation,
                    pid=child.pid,
                    state=child.phase,
                    restarts=child.window.total,
                )
                for child in self.children.values()
            ),
        )

    # Starting and stopping.

    def add(self, child: Child) -> None:
        """A new entry; `launch` starts it."""
        self.children[child.role] = child

    def launch(self, child: Child) -> None:
        """Start its process now. What the system refuses counts as its end."""
        child.start_at = None
        try:
            child.incarnation = self._next_incarnation()
            self._start(child)
        except OSError as error:
            code = ExitCode.IO if error.errno in NO_DISK else ExitCode.LOCKED
            self.ends.follow(child, code, f"could not be started: {error.strerror or error}")
            self.changed()
            return
        assert child.process is not None, "what starts a child gives it its process"
        self.bus.watch(child.process.fd, lambda: self._ended(child))
        logger.debug("{} started as process {}", child.identity, child.pid)
        self.say(ActorStarted(role=child.role, incarnation=child.incarnation, pid=child.pid))
        self.changed()

    def stop(self, child: Child, reason: str, grace_s: float | None = None) -> None:
        """Ask it to end; it is killed when its grace is over."""
        now = real_now()
        if not child.alive:
            child.phase = Phase.STOPPED if child.phase is not Phase.FAILED else child.phase
            child.start_at = None
            return
        child.phase = Phase.STOPPING
        child.stop_by = now + round((grace_s if grace_s is not None else child.spec.grace_s) * SECOND)
        if not self.bus.tell("sup", child.identity, StopActor(reason=reason)):
            child.signal(signal.SIGTERM)
        self.changed()

    def stopped(self, children: Iterable[Child]) -> bool:
        """All of these have ended."""
        return not any(child.alive for child in children)

    def _ended(self, child: Child) -> None:
        assert child.process is not None
        self.bus.unwatch(child.process.fd)
        code = child.reap()
        child.ended_at = real_now()
        why = self.ends.of_process(child, code)
        self.changed()
        self.say(
            ActorExited(
                role=child.role,
                incarnation=child.incarnation,
                code=code,
                reason=why,
                restarts=child.window.total,
            )
        )

    def revive(self) -> None:
        """A person says to go on: whoever was given up is started again, with all its tries."""
        for child in self.children.values():
            if child.phase is Phase.FAILED and not self.ends.is_final:
                logger.info("{} is started again", child.role)
                child.window, child.down_because = Window(), ""
                self.launch(child)

    # Hearing.

    def _heard(self, envelope: Envelope, stream: str, sender: str) -> None:
        try:
            message = decode_body(envelope)
        except CodecError as error:
            self.notices.note(f"dropped a message: {error}")
            return
        if isinstance(message, EventCommitted):
            self.outbox.acknowledged(message.id)
        elif isinstance(message, EventsReplayed):
            self._replayed(message)
        elif isinstance(message, JournalHead):
            self._behind(message.gseq, envelope.real_at)
        elif isinstance(message, Pong | ActorReady):
            role, _, incarnation = sender.rpartition("@")
            child = self.children.get(RoleName(role))
            if child is not None and str(child.incarnation) == incarnation:
                self._beat(child, message)

    def _behind(self, head: int, at: RealNs) -> None:
        """The journal says how far it was at that moment."""
        if self.facts.head(head):
            self.facts.ask_journal()
        elif head <= self.facts.position:
            self.abreast_at = max(self.abreast_at, at, key=int)

    def _beat(self, child: Child, message: Pong | ActorReady) -> None:
        child.heard_at = real_now()
        child.answers = True
        child.warned = False
        if isinstance(message, Pong):
            child.reads(message.place, child.heard_at)
        if isinstance(message, ActorReady) and child.phase is Phase.STARTING:
            theirs = Seals(message.code, message.config)
            if theirs == self.seals:
                self.ready(child)
            else:
                why = (
                    f"{child.identity} runs {theirs}, the supervisor {self.seals}: stop and start everything"
                )
                self.ends.escalate(ExitCode.VERSION, why)

    def ready(self, child: Child) -> None:
        """It is recovered and consistent."""
        child.phase = Phase.READY
        child.heard_at = real_now()
        logger.debug("{} is ready after {:.2f} s", child.identity, (real_now() - child.started_at) / SECOND)
        self.changed()
        self._on_ready(child)

    def _replayed(self, answer: EventsReplayed) -> None:
        recovering = self.facts.recovering
        envelopes, more = self.facts.replayed(answer)
        self._hand_on(envelopes, not recovering)
        if more:
            self.facts.ask_journal()
        elif recovering and not self.facts.waits:
            self._hand_on(self.facts.caught_up(), True)

    def _fact(self, frame: bytes) -> None:
        envelopes, hole = self.facts.published(decode_fact(frame))
        self._hand_on(envelopes, True)
        if hole:
            self.facts.ask_journal()

    def _hand_on(self, envelopes: list[Envelope], live: bool) -> None:
        for envelope in envelopes:
            self.facts.handled(envelope)
            self._on_fact(decode_body(envelope), live)

    # Time.

    def step(self, timeout_ns: int) -> None:
        """Wait at most so long for anything to happen, then do what is due."""
        self.bus.receive(timeout_ns)
        now = real_now()
        self._forgive_own_sleep(now)
        for child in list(self.children.values()):
            self._watch_over(child, now)
        self.outbox.resend(now)
        if self.facts.is_due(now):
            self.facts.ask_journal()
        if self._changed or now - self._roster_at >= ROSTER_NS:
            self._changed = False
            self._roster_at = now
            self.bus.mend()
            roster = self.roster()
            self.bus.learn(roster, self.bus.identity)
            self.tell_all(roster)

    def _forgive_own_sleep(self, now: RealNs) -> None:
        """Nobody is late by the time in which we ourselves did not run."""
        slept = now - self._stepped_at
        if slept > ASLEEP_NS:
            logger.warning("the supervisor did not run for {:.1f} s", slept / SECOND)
            for child in self.children.values():
                child.excuse(slept)
        self._stepped_at = now

    def _watch_over(self, child: Child, now: RealNs) -> None:
        if child.start_at is not None and now >= child.start_at:
            self.launch(child)
        if child.process is None:
            return
        if now - child.pinged_at >= child.spec.beat_s * SECOND:
            child.pinged_at = now
            child.nonce += 1
            self.bus.tell("sup", child.identity, Ping(nonce=child.nonce))
        if (
            child.phase is Phase.READY
            and not child.warned
            and child.silent_s(now) > child.spec.deadline_s * 2 / 3
        ):
            child.warned = True
            logger.warning("{} has been silent for {:.1f} s", child.identity, child.silent_s(now))
        why = child.overdue(now)
        if why:
            self.kill(child, why, now)
        elif child.dump_at is not None and now - child.dump_at >= DUMP_NS:
            child.dump_at = None
            child.signal(signal.SIGKILL)

    def kill(self, child: Child, why: str, now: RealNs) -> None:
        """Have it write its stacks, then kill it."""
        logger.error("{} is killed: {}", child.identity, why)
        child.killed_for = why
        child.was_silent = child.hangs(now)
        child.dump_at = now
        child.signal(signal.SIGUSR1)

    def run_clock(self, anchor: ClockAnchor) -> None:
        """Give everybody the anchor of market time."""
        self.tell_all(anchor)
