"""One actor, one pykka actor, one process: the loop between the sockets and the handlers."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

import pykka
from loguru import logger

from messages.base import Command, Envelope, Message
from messages.codec import CodecError, decode_body
from messages.system import (
    ActorReady,
    ClockAnchor,
    EventCommitted,
    EventsReplayed,
    JournalHead,
    Ping,
    Pong,
    Roster,
    SnapshotFetched,
    StopActor,
)
from messages.values import RealNs, RoleName
from runtime.actor import Actor
from runtime.bus import Bus
from runtime.clock import Clock, real_now
from runtime.end_note import EndNote, describe
from runtime.fingerprint import NO_SEALS, Seals
from runtime.ground import Ground, ProcessOver
from runtime.mailbox import Item, Mailbox
from runtime.notices import Notices
from runtime.orphan import Orphan
from runtime.outbox import Outbox
from runtime.ports import Port, PortDriver, PortFailed, PortThread
from runtime.reception import HOST_KINDS, Reception
from runtime.recovery import Recovery, TooNew
from runtime.restarts import ExitCode
from runtime.stash import Stash
from runtime.timers import Timers

SUPERVISOR_SILENCE_NS = 30_000_000_000
"""Without a ping for this long the supervisor is taken for dead and the process ends."""
HOUSEKEEPING_NS = 250_000_000
ASLEEP_NS = 5_000_000_000
"""Between two looks at the house this passes only when we were stopped, or the whole machine was."""
LAST_WORDS_S = 1.0
"""What the actor said last to its ports is done within this, or not at all."""


Drive = Callable[[list[Port], Callable[[Message], None], PortFailed], PortDriver]
"""Makes what runs a process's ports: of them, who hears what they say, and who is told what they raise."""


class Host(pykka.ThreadingActor):
    """Runs one Actor: recovers it, feeds it, lets out what it says, and ends the process on any mistake.

    Constructed in the main thread, whose loop it then is; pykka's own thread is not used.
    """

    use_daemon_thread = True

    def __init__(
        self,
        actor: Actor,
        ports: list[Port],
        bus: Bus,
        clock: Clock,
        *,
        market: str,
        orphan: Orphan,
        grace_s: float,
        ground: Ground,
        drive: Drive = PortThread,
        leave: Callable[[EndNote], None] = lambda note: None,
        seals: Seals = NO_SEALS,
        key: str = "",
        every: int = 0,
    ) -> None:
        super().__init__()
        self.actor = actor
        self.bus = bus
        self.clock = clock
        self.role: RoleName = actor.role
        self._grace_s = grace_s
        self.orphan = orphan
        self.ground = ground
        self.mailbox: Mailbox = self.actor_inbox  # type: ignore[assignment]  # what _create_actor_inbox made
        self.notices = Notices()
        self.recovery = Recovery(bus, actor, market, key, every)
        self.facts, self.twin = self.recovery.facts, self.recovery.twin
        self._handled = frozenset(actor.contract.handlers)
        self._own: dict[type[Message], Callable[[Any], None]] = {
            Ping: self._pinged,
            EventCommitted: self._committed,
            EventsReplayed: self._replayed,
            SnapshotFetched: self.recovery.snapshot,
            StopActor: lambda stop: self.stop_actor(stop.reason),
            JournalHead: lambda head: self.recovery.head(head.gseq),
            ClockAnchor: self._anchored,
            Roster: orphan.learn,
        }
        """What hosts handle themselves …"""
        assert self._own.keys() == HOST_KINDS
        self._shared = self._handled & {JournalHead, Roster}
        """… and of that, what the actor hears as well."""
        self.reception = Reception(bus, self.mailbox, self.facts, self._handled, self.notices)
        self.outbox = Outbox(self._send, bus.seal, bus.append)
        self.ports = drive(ports, self.reception.port_said, self._port_failed)
        self.timers = Timers(actor.contract.timers, clock)
        self._stash = Stash()
        self._leave = leave
        self._seals = seals
        self._told_ready = False
        self._stopping: str | None = None
        self._pinged_at = real_now()
        self._housekept_at = RealNs(0)

    @staticmethod
    def _create_actor_inbox() -> Any:
        return Mailbox()

    # Life.

    def run(self) -> None:
        """The whole life of the process; does not return."""
        pykka.ActorRegistry.register(self.actor_ref)
        try:
            self._actor_loop()
        except ProcessOver:
            raise
        except BaseException:  # pykka catches what a handler raises, not what the mailbox does
            self.die("the mailbox")
            raise
        self.finish(ExitCode.SOFTWARE)

    def on_start(self) -> None:
        """Open the sockets and begin to recover."""
        try:
            self.reception.attach()
            self.bus.open()
            self.mailbox.attach(self.bus, self.due_ns, self._tick, self._idle)
            if not self.recovery.begin():
                self._begin_live()
        except ProcessOver:
            raise
        except BaseException:
            self.die("on_start")
            raise

    def on_receive(self, message: Any) -> None:
        """One item of the mailbox."""
        try:
            self._handle(message)
        except ProcessOver:
            raise
        except BaseException:
            self.die("on_receive")
            raise

    def step(self) -> bool:
        """Handle the next thing that is there, for whoever has a loop of his own; False when nothing is."""
        try:
            item = self.mailbox.take()
        except ProcessOver:
            raise
        except BaseException:  # as in `run`
            self.die("the mailbox")
            raise
        if item is None:
            return False
        self.on_receive(item)
        return True

    def due_ns(self) -> int:
        """Real nanoseconds after which something is to be done although nothing came."""
        now, recovery = real_now(), self.recovery
        due = self._housekept_at - now + HOUSEKEEPING_NS
        if recovery.is_over:
            due = min(due, self.timers.next_at - now)
        asks = recovery.due_ns(now)
        return max(0, due if asks is None else min(due, asks))

    def on_failure(
        self,
        exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """pykka would leave a dead actor in a live process."""
        self.die("on_failure")

    def die(self, where: str) -> None:
        """Our mistake: say it, and end the process at once; restart is recovery."""
        error = sys.exc_info()[1]
        note = None if error is None else self._note(error)
        at = "" if note is None else note.at
        logger.critical("{} failed in {}{}:\n{}", self.role, where, at, traceback.format_exc())
        if note is not None:
            self._leave(note)
        self.finish(getattr(error, "exit_code", ExitCode.SOFTWARE))

    def _note(self, error: BaseException) -> EndNote:
        handled = self.recovery.handling
        gseq = 0 if handled is None else self.facts.numbers.get(handled.id, 0)
        actor = self.actor
        return describe(
            error, self.role, actor.incarnation, handled, gseq, bool(gseq) and not self.recovery.is_over
        )

    def finish(self, code: int) -> None:
        """End the process."""
        with contextlib.suppress(BaseException):
            self.ports.stop(0.5)
            self.bus.close()
        self.ground.end(code)

    # In.

    def _port_failed(self, error: BaseException, name: str) -> None:
        text = "".join(traceback.format_exception(error))
        logger.critical("{}: port {} failed:\n{}", self.role, name, text)
        self._leave(describe(error, self.role, self.actor.incarnation, None, 0, False))
        self.finish(ExitCode.SOFTWARE)

    # Handling.

    def _handle(self, item: Item) -> None:
        if item.kind is None:
            item.load()
            return
        envelope = self.recovery.handling = item.load if isinstance(item.load, Envelope) else None
        if envelope is not None:
            if envelope.ttl_ms and real_now() - envelope.real_at > envelope.ttl_ms * 2_000_000:
                return
            try:
                message = decode_body(envelope)
            except CodecError as error:
                if item.stream == "facts":
                    raise TooNew(str(error)) from error
                self.notices.note(f"dropped a message: {error}")
                return
        else:
            message = item.load
        own = self._own.get(type(message))
        if own is not None:
            own(message)
            if type(message) not in self._shared:
                return
        if not self.recovery.is_over:
            self._stash.keep(item, message)
            return
        self._live(message, envelope)
        if envelope is not None and item.stream == "facts":
            self.recovery.heard(envelope, message)

    def _pinged(self, ping: Ping) -> None:
        self._pinged_at = real_now()
        self.bus.send(self._pong(ping), None)

    def _committed(self, event: EventCommitted) -> None:
        self.outbox.acknowledged(event.id)
        self._after()

    def _replayed(self, answer: EventsReplayed) -> None:
        live, is_through = self.recovery.replayed(answer)
        self.reception.facts(live)
        if is_through:
            self._begin_live()

    def _anchored(self, anchor: ClockAnchor) -> None:
        self.clock.anchor = anchor
        self.timers.restart(real_now())

    def _live(self, message: Message, envelope: Envelope | None) -> None:
        if type(message) in self._handled:
            self._set_time()
            self._say(self.actor.handle(message), envelope)

    def _set_time(self) -> None:
        actor = self.actor
        actor.real_now = now = real_now()
        actor.now = self.clock.market_at(now)
        actor.unacknowledged = waiting = len(self.outbox)
        actor.journal_lag_ns = self.outbox.lag_ns(now) if waiting else 0

    def _call(self, method: str) -> None:
        self._set_time()
        self._say(self.actor.call(method), None)

    def _say(self, said: list[Message], cause: Envelope | None) -> None:
        if said:
            self.outbox.say(said, cause, self.actor.real_now)
        self._after()

    def _send(self, message: Message, cause: Envelope | None) -> None:
        if type(message) in self.ports.handled:
            self.ports.post(message)
        elif not self.bus.send(message, cause) and isinstance(message, Command):
            self.notices.note(f"could not hand over {type(message).__name__}: its handler is away")

    def _after(self) -> None:
        """After everything said: ready, finished or stopped?"""
        actor = self.actor
        if not self._told_ready and self.recovery.is_over and actor.is_ready:
            ready = ActorReady(
                incarnation=actor.incarnation, code=self._seals.code, config=self._seals.config
            )
            self._told_ready = self.bus.send(ready, None)
        done = actor.is_finished or (self._stopping is not None and actor.is_stopped)
        if done and not len(self.outbox):
            if actor.last_words:
                logger.critical("{} ends: {}", self.role, actor.last_words)
                self._leave(EndNote(role=self.role, incarnation=actor.incarnation, text=actor.last_words))
            else:
                logger.info("{} ends: {}", self.role, self._stopping or "its work is done")
            self.ports.drain(LAST_WORDS_S, lambda: self.finish(actor.exit_code))

    def stop_actor(self, reason: str) -> None:
        """Come to a clean end, once."""
        if self._stopping is not None:
            return
        self._stopping = reason
        self.ground.end_within(self._grace_s)
        if self.actor.contract.stopping is None:
            self._after()
        elif self.recovery.is_over:
            self._call(self.actor.contract.stopping)
        # else: what must be done at the end cannot be done before the recovery; _begin_live does it

    # Recovery.

    def _begin_live(self) -> None:
        live = self.recovery.end()
        self.ports.start()
        self.timers.restart(real_now())
        if self.actor.contract.recovered is not None:
            self._call(self.actor.contract.recovered)
        self.reception.facts(live)
        self.mailbox.add_all(self._stash.take_all())
        self.ground.settle()
        if self._stopping is not None and self.actor.contract.stopping is not None:
            self._call(self.actor.contract.stopping)
        self._after()

    # Time.

    def _tick(self) -> Item | None:
        now = real_now()
        chore = self.recovery.chore(now)
        if chore is not None:
            return Item(None, chore, "timer")
        if now - self._housekept_at >= HOUSEKEEPING_NS:
            slept = now - self._housekept_at
            if slept > ASLEEP_NS:
                self._pinged_at = min(self._pinged_at + slept, now, key=int)
            self._housekept_at = now
            return Item(None, self._keep_house, "timer")
        if not self.recovery.is_over:
            return None
        method = self.timers.pop(now)
        return None if method is None else Item(None, lambda: self._call(method), "timer")

    def _idle(self) -> bool:
        if not self.recovery.is_over or self.actor.contract.drained is None:
            return False
        self._call(self.actor.contract.drained)
        return not self.mailbox.empty()

    def _keep_house(self) -> None:
        now = real_now()
        self.bus.mend()
        if self.outbox.resend(now):
            self.notices.note("the journal is slow to acknowledge: events sent again")
        if not self._told_ready:
            self._after()
        self._mind_twin()
        if now - self._pinged_at > SUPERVISOR_SILENCE_NS and not self.orphan.forsaken:
            logger.error("{}: no ping for 30 s, the supervisor is taken for dead", self.role)
            self.orphan.forsaken = True
        reason = self.orphan.must_stop(now)
        if reason:
            self.stop_actor(reason)

    def _mind_twin(self) -> None:
        """It hears what the actor heard. What it makes a mistake of costs the snapshots and nothing else."""
        try:
            self.twin.step()
        except Exception as error:  # noqa: BLE001 -- what it cannot follow costs its snapshots, nobody's life
            self.twin.give_up(repr(error))
        if self.twin.trouble:
            self.notices.note(self.twin.trouble)
            self.twin.trouble = ""

    def _pong(self, ping: Ping) -> Pong:
        box = self.mailbox
        return Pong(
            nonce=ping.nonce,
            control_depth=len(box.control),
            facts_depth=len(box.facts),
            state_depth=len(box.states),
            conflated=box.conflated,
            dropped=box.dropped + sum(self.bus.dropped.values()),
            handled=box.handled,
            unacknowledged=len(self.outbox),
            rss_kib=self.ground.resident_kib(),
            place=0 if self.recovery.is_over else self.facts.position,
        )
