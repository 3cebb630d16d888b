"""What a process hears of the journal: its snapshot, what came since, and from then on each fact once, in order."""

from __future__ import annotations

from collections.abc import Callable

from loguru import logger

from messages.base import Envelope, Message
from messages.codec import CodecError, decode_body
from messages.system import EventsReplayed, SnapshotFetched
from messages.values import RealNs
from runtime.actor import Actor
from runtime.bus import Bus
from runtime.facts_link import FactsLink
from runtime.restarts import ExitCode
from runtime.twin import Twin


class TooNew(RuntimeError):
    """A committed Event that this program cannot read: it was written by a newer one."""

    exit_code = ExitCode.VERSION


def said_in(envelope: Envelope) -> Message:
    """A committed Event. Raises TooNew."""
    try:
        return decode_body(envelope)
    except CodecError as error:
        raise TooNew(str(error)) from error


class Recovery:
    """Brings an actor to where the journal is, and keeps it there."""

    def __init__(self, bus: Bus, actor: Actor, market: str, key: str, every: int = 0) -> None:
        self.facts = FactsLink(bus, market)
        self.twin = Twin(bus, actor, key if bus.wiring.facts else "", every)
        self.is_over = False
        """From then on facts are handled live."""
        self.handling: Envelope | None = None
        """What the actor handles now, or handled last."""
        self._actor = actor
        self._hears = bool(bus.wiring.facts)

    def begin(self) -> bool:
        """Ask for what there is; False: no Event concerns this actor."""
        if self.twin.is_kept:
            self.twin.fetch()
        elif self._hears:
            self.facts.ask_journal()
        return self._hears

    def snapshot(self, answer: SnapshotFetched) -> None:
        """A part of it came; after the last one the replay begins where it ends."""
        if self.twin.fetched(answer):
            if self.twin.gseq:
                logger.info(
                    "{} knows the journal up to {:,} by its snapshot", self._actor.role, self.twin.gseq
                )
            self.facts.resume(self.twin.gseq)
            self.facts.ask_journal()

    def replayed(self, answer: EventsReplayed) -> tuple[list[Envelope], bool]:
        """What is to be handled live, and whether the recovery is through with this."""
        recovering = self.facts.recovering
        envelopes, more = self.facts.replayed(answer)
        if recovering:
            for envelope in envelopes:
                self._recover(envelope)
        if more:
            self.facts.ask_journal()
        is_through = recovering and not more and not self.facts.waits
        return [] if recovering else envelopes, is_through

    def _recover(self, envelope: Envelope) -> None:
        """An old Event through the same handler; what is said is discarded."""
        message = said_in(envelope)
        actor, self.handling = self._actor, envelope
        actor.real_now = envelope.real_at
        actor.now = envelope.market_at
        actor.handle(message)
        self.heard(envelope, message)

    def end(self) -> list[Envelope]:
        """The actor is where the journal was; what was published meanwhile, to be handled live."""
        self.twin.begin(self.facts.position)
        self.is_over = True
        return self.facts.caught_up() if self._hears else []

    def heard(self, envelope: Envelope, message: Message) -> None:
        """The actor has handled it."""
        self.twin.heard(self.facts.handled(envelope), envelope, message)

    def head(self, gseq: int) -> None:
        """The journal says how far it is."""
        if self.facts.head(gseq) and self._hears:
            self.facts.ask_journal()

    def due_ns(self, now: RealNs) -> int | None:
        """Real nanoseconds after which to ask again; None: nothing was asked."""
        if self.facts.waits:
            return max(0, self.facts.ask_again_at - now)
        return max(0, self.twin.ask_again_at - now) if self.twin.waits else None

    def chore(self, now: RealNs) -> Callable[[], None] | None:
        """What to ask again now."""
        facts, twin = self.facts, self.twin
        if facts.waits and facts.is_due(now):
            return facts.ask_journal
        return twin.fetch if twin.waits and twin.is_due(now) else None
