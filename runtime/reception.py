"""A process's door: what comes off its sockets and from its ports goes into the mailbox, if it may be believed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from messages import BY_KIND
from messages.base import Envelope, Event, Message
from messages.codec import CodecError, decode_body, decode_fact
from messages.system import (
    ClockAnchor,
    EventCommitted,
    EventsReplayed,
    JournalHead,
    Ping,
    Roster,
    SnapshotFetched,
    StopActor,
)
from runtime.bus import Bus, as_append
from runtime.facts_link import FactsLink
from runtime.mailbox import Item, Mailbox
from runtime.notices import Notices
from runtime.topology import TELEMETRY_IN

ID_BYTES = 16
HOST_KINDS: frozenset[type[Message]] = frozenset(
    {Ping, EventCommitted, EventsReplayed, SnapshotFetched, StopActor, JournalHead, ClockAnchor, Roster}
)
"""What every host handles itself; only who it is connected to may say it, nobody who connects to it."""
_EVENT_KINDS = frozenset(name for name, kind in BY_KIND.items() if issubclass(kind, Event))
_APPEND = BY_KIND["AppendEvent"]


class Reception:
    """Sorts what comes in. `handled`: the kinds that the actor handles."""

    def __init__(
        self, bus: Bus, mailbox: Mailbox, facts: FactsLink, handled: Iterable[type[Message]], notices: Notices
    ) -> None:
        self._bus = bus
        self._mailbox = mailbox
        self._facts = facts
        self._hears = {kind.__name__: kind for kind in (*handled, *HOST_KINDS)}
        self._notices = notices
        self._from_ports: deque[Message] = deque()

    def attach(self) -> None:
        """From now on the bus delivers here."""
        self._bus.on_envelope = self._from_bus
        self._bus.on_fact = self._from_journal
        self._bus.on_request = lambda message, stream: self._enqueue(type(message), message, stream)
        self._bus.on_notice = self._notices.note
        self._bus.on_wake(self._woken)

    def port_said(self, message: Message) -> None:
        """From a port's thread: it is handled on the actor's."""
        self._from_ports.append(message)
        self._bus.wake()

    def facts(self, envelopes: list[Envelope]) -> None:
        """Committed Events, in order."""
        for envelope in envelopes:
            self._enqueue(BY_KIND[envelope.kind], envelope, "facts")

    def _enqueue(self, kind: type[Message], load: Any, stream: str, key: object = None) -> None:
        self._mailbox.add(Item(kind, load, stream, key))

    def _from_bus(self, envelope: Envelope, stream: str, sender: str) -> None:
        name = envelope.kind
        if sender and stream == "jrn" and name in _EVENT_KINDS:
            if self._can_be_told_again(envelope):
                self._enqueue(_APPEND, as_append(envelope, sender), stream)
            return
        kind = self._hears.get(name)
        if kind is None:
            if name not in BY_KIND:
                self._notices.note(f"unknown kind {name!r} from {envelope.source}")
        elif kind in HOST_KINDS and (sender or stream == TELEMETRY_IN):
            self._notices.note(f"refused on {stream}: {name} is not for {envelope.source} to say")
        else:
            if kind is Roster and stream == "sup":
                self._learn(envelope)
            self._enqueue(kind, envelope, stream, (name, envelope.market, envelope.source))

    def _learn(self, roster: Envelope) -> None:
        """Who is who holds for the very next frame, whatever still waits in the mailbox."""
        try:
            message = decode_body(roster)
        except CodecError:
            return  # noted when its turn comes
        assert isinstance(message, Roster)
        self._bus.learn(message, roster.source)

    def _can_be_told_again(self, envelope: Envelope) -> bool:
        """What is written down once is read at every recovery: it must be readable before it is."""
        try:
            decode_body(envelope)
        except CodecError as error:
            self._notices.note(f"not written down: {error}")
            return False
        return len(envelope.id) == ID_BYTES

    def _from_journal(self, frame: bytes) -> None:
        envelopes, hole = self._facts.published(decode_fact(frame))
        self.facts(envelopes)
        if hole:
            self._notices.note(f"facts are missing: after {self._facts.position}")
            self._facts.ask_journal()

    def _woken(self) -> None:
        while self._from_ports:
            message = self._from_ports.popleft()
            kind = type(message)
            self._enqueue(kind, message, "port", (kind.__name__, getattr(message, "market", "")))
