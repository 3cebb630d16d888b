"""The other ends of a process's sockets, played by the test: the supervisor's and the journal's."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from messages.base import Envelope, Event, Fact, Message
from messages.codec import decode_body, encode_envelope
from messages.system import (
    ClockAnchor,
    EventCommitted,
    EventsReplayed,
    FactPublished,
    JournalHead,
    KeepSnapshot,
    ReplayEvents,
    SnapshotFetched,
)
from messages.values import MarketNs, RealNs, RoleName
from runtime.bus import Bus
from runtime.clock import Clock
from runtime.stamp import Stamp
from runtime.topology import Wiring
from runtime.zmq_wire import ZmqWire
from tests.patience import PATIENCE_S

STILL = ClockAnchor(real_at=RealNs(0), market_at=MarketNs(1_700_000_000_000_000_000), speed=0)
MS = 1_000_000


def a_wiring(family: str, **changes: Any) -> Wiring:
    """Sockets of a process, none unless said."""
    values: dict[str, Any] = {"binds": (), "subscribes": (), "dealers": (), "commands": {}, "facts": ()}
    return Wiring(family=family, **{**values, **changes})


def a_bus(directory: Path, role: str, incarnation: int, **wiring: Any) -> Bus:
    """A process's sockets, not open yet."""
    stamp = Stamp(RoleName(role), incarnation, 99, Clock(STILL))
    wire = ZmqWire(directory, stamp.source)
    return Bus(RoleName(role), incarnation, a_wiring(role.split(":")[0], **wiring), stamp, wire)


class SupervisorEnd:
    """Where children say that they are ready and answer pings."""

    def __init__(self, directory: Path) -> None:
        self.heard: list[Message] = []
        self.bus = a_bus(directory, "supervisor", 1, binds=("sup",))
        self.bus.on_envelope = lambda envelope, stream, sender: self.heard.append(decode_body(envelope))
        self.bus.open()

    def of(self, kind: type[Message]) -> list[Message]:
        """What was heard of one kind."""
        return [message for message in self.heard if type(message) is kind]


class JournalEnd:
    """A journal in memory: commits and answers when it is told to."""

    def __init__(self, directory: Path) -> None:
        self.facts: list[Fact] = []
        self.waiting: list[tuple[str, Envelope]] = []
        self.asked: list[ReplayEvents] = []
        self.snapshot = (0, b"")
        """The last one that was kept: its place and its picture; place 0: none was."""
        self.bus = a_bus(directory, "persistence", 1_000, binds=("jrn", "facts"))
        self.subscribers = 0
        """Who hears what is published; what is published before that reaches nobody."""
        self.bus.on_envelope = self._heard
        self._answer_subscriber, self.bus._subscribed = self.bus._subscribed, self._subscribed
        self.bus.open()
        self._stamp = Stamp(RoleName("feed"), 1, 99, Clock(STILL))

    def _subscribed(self, name: str, frames: list[bytes]) -> None:
        self.subscribers += 1
        self._answer_subscriber(name, frames)

    def _heard(self, envelope: Envelope, stream: str, sender: str) -> None:
        if envelope.kind == "ReplayEvents":
            asked = decode_body(envelope)
            assert isinstance(asked, ReplayEvents)
            self.asked.append(asked)
        elif envelope.kind == "FetchSnapshot":
            gseq, image = self.snapshot
            self.bus.send(SnapshotFetched(to=sender, gseq=gseq, parts=1, data=image), None)
        elif envelope.kind == "KeepSnapshot":
            kept = decode_body(envelope)
            assert isinstance(kept, KeepSnapshot)
            self.snapshot = (kept.gseq, kept.data)
        else:
            self.waiting.append((sender, envelope))

    def have(self, *events: Event) -> None:
        """These are committed already."""
        for event in events:
            self.add(self._stamp.seal(event, "facts", None))

    def add(self, envelope: Envelope) -> Fact:
        """The next fact."""
        fact = Fact(len(self.facts) + 1, msgspec.Raw(encode_envelope(envelope)))
        self.facts.append(fact)
        return fact

    def publish(self, *events: Event) -> None:
        """These are committed now and told to everybody."""
        for event in events:
            self.bus.send(FactPublished(fact=self.add(self._stamp.seal(event, "facts", None))), None)

    def commit(self) -> None:
        """What waits is durable now."""
        waiting, self.waiting = self.waiting, []
        for sender, envelope in waiting:
            fact = self.add(envelope)
            self.bus.send(FactPublished(fact=fact), None)
            self.bus.send(EventCommitted(to=sender, id=envelope.id, gseq=fact.gseq), None)

    def answer(self) -> None:
        """What was asked for is sent."""
        asked, self.asked = self.asked, []
        for ask in asked:
            head = len(self.facts)
            found = tuple(self.facts[ask.after : ask.after + ask.limit])
            through = found[-1].gseq if found else head
            self.bus.send(EventsReplayed(to=ask.sender, facts=found, through=through, head=head), None)

    def beat(self) -> None:
        """How far it is."""
        self.bus.send(JournalHead(gseq=len(self.facts)), None)


def until(done: Callable[[], Any], *steps: Callable[[], Any], within_s: float = PATIENCE_S) -> Any:
    """Take these steps until something is so; its absence fails the test."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        found = done()
        if found:
            return found
        for step in steps:
            step()
    raise AssertionError("it never came")
