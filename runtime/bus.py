"""What one process believes of what comes in and where what it says goes; a wire carries the frames."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import msgspec

from messages.base import Envelope, Message, Reply, State
from messages.codec import CodecError, decode_envelope, encode_envelope, encode_fact
from messages.system import AppendEvent, FactPublished, Roster, TelemetryUpdate
from messages.values import RoleName
from runtime.clock import real_now
from runtime.edge import EdgeError, read_request, refuse, write_reply
from runtime.last_values import LastValues
from runtime.stamp import Stamp
from runtime.topology import TELEMETRY_IN, Wiring
from runtime.wire import Pattern, Unreachable, Wire

MAX_DIGITS = 16
FACT, STATE, LAST = b"F", b"S", b"L"
"""First byte of a published frame: a fact, a State, a State said before this subscriber came."""
STATES_GO_OUT = ("facts", "md", "permit")
"""Endpoints where States are published to whoever decides; `tel` is for everybody else."""
ANSWERED = ("sup", "jrn", "cmd", "ctl")
"""Endpoints where a Reply goes out: those of routers."""

Deliver = Callable[[Envelope, str, str], None]
"""envelope, stream, sender's bus identity (of ROUTERs; else "")."""


class Bus:
    """Opens what the wiring says; sends what the process says; delivers what comes in."""

    def __init__(self, role: RoleName, incarnation: int, wiring: Wiring, stamp: Stamp, wire: Wire) -> None:
        self.identity = f"{role}@{incarnation}"
        self.wiring = wiring
        self.stamp = stamp
        self.dropped: dict[str, int] = {}
        """Frames in that were not believed, frames out that could not be sent, by stream."""
        self.gaps: dict[str, int] = {}
        """Sequence numbers missing, by stream."""
        self._wire = wire
        self._published = tuple(name for name in wiring.binds if name in STATES_GO_OUT)
        self._opened: set[str] = set()
        self._last: dict[tuple[str, str], int] = {}
        self._known: dict[str, int] = {}
        self._members: dict[str, int] = {}
        """Incarnation by role, the supervisor included; empty until the first roster is told."""
        self._last_values = LastValues()
        self.on_envelope: Deliver = lambda envelope, stream, sender: None
        self.on_fact: Callable[[bytes], None] = lambda frame: None
        self.on_request: Callable[[Message, str], None] = lambda message, stream: None
        self.on_notice: Callable[[str], None] = lambda text: None
        # What the wire does by itself.
        self.wake = wire.wake
        self.watch = wire.watch
        self.unwatch = wire.unwatch
        self.receive = wire.receive
        self.close = wire.close

    def on_wake(self, call: Callable[[], None]) -> None:
        """Have this called in `receive` after a `wake`."""
        self._wire.on_wake = call

    # Opening.

    def open(self) -> None:
        """Connect and bind, in the order in which they are read: facts before commands.

        Raises what the wire raises where an endpoint cannot be had.
        """
        for name in self.wiring.subscribes:
            self._open(name, Pattern.SUBSCRIBER, partial(self._from_publisher, name))
        for name in self.wiring.dealers:
            self._open(name, Pattern.DEALER, partial(self._from_router, name))
        for name in self.wiring.binds:
            self._bind(name)
        if self.wiring.family != "alert":
            self._open(TELEMETRY_IN, Pattern.PUSHER)

    def _bind(self, name: str) -> None:
        if name == TELEMETRY_IN:
            self._open(name, Pattern.PULLER, self._from_pusher)
        elif name in (*STATES_GO_OUT, "tel"):
            self._open(name, Pattern.PUBLISHER, partial(self._subscribed, name))
        else:
            self._open(name, Pattern.ROUTER, partial(self._from_dealer, name))

    def _open(self, name: str, pattern: Pattern, read: Callable[[list[bytes]], None] | None = None) -> None:
        self._wire.open(name, pattern, read)
        self._opened.add(name)

    def mend(self) -> None:
        """Bind again whatever was deleted, so that who comes next finds us."""
        mended = self._wire.mend()
        if mended:
            self.on_notice(mended)

    # In.

    def _drop(self, stream: str, why: str) -> None:
        self.dropped[stream] = self.dropped.get(stream, 0) + 1
        self.on_notice(f"dropped a frame on {stream}: {why}")

    def _envelope(self, stream: str, frame: bytes) -> Envelope | None:
        try:
            envelope = decode_envelope(frame)
        except CodecError as error:
            self._drop(stream, str(error))
            return None
        role, incarnation = name_of(envelope.source)
        known = self._known.get(role, 0)
        if incarnation < known:
            self._drop(stream, f"{envelope.source} is not the {role} of incarnation {known} or later")
            return None
        return envelope

    def _from_dealer(self, name: str, frames: list[bytes]) -> None:
        if len(frames) != 2:
            self._drop(name, f"{len(frames)} frames instead of one")
            return
        sender = frames[0].decode("utf-8", "replace")
        if name == "ctl":
            self._from_controller(frames[0], frames[1])
            return
        envelope = self._envelope(name, frames[1])
        if envelope is None:
            return
        role, incarnation = name_of(sender)
        if envelope.source != sender:
            self._drop(name, f"{sender!r} speaks as {envelope.source}")
        elif self._members and self._members.get(role) != incarnation:
            self._drop(name, f"{sender} is not in the roster")
        else:
            self.on_envelope(envelope, name, sender)

    def _from_controller(self, identity: bytes, frame: bytes) -> None:
        try:
            request = read_request(frame, identity.hex())
        except EdgeError as error:
            self._drop("ctl", str(error))
            self._route("ctl", identity, refuse(str(error)))
            return
        self.on_request(request, "ctl")

    def _from_router(self, name: str, frames: list[bytes]) -> None:
        envelope = self._envelope(name, frames[-1])
        if envelope is not None:
            self.on_envelope(envelope, name, "")

    def _from_publisher(self, name: str, frames: list[bytes]) -> None:
        frame = frames[-1]
        sort, content = frame[:1], frame[1:]
        if sort == FACT:
            self.on_fact(content)
            return
        if sort not in (STATE, LAST):
            self._drop(name, "neither a fact nor a State")
            return
        envelope = self._envelope(name, content)
        if envelope is None:
            return
        if sort == STATE:
            self._note_sequence(name, envelope)
        self.on_envelope(envelope, name, "")

    def _from_pusher(self, frames: list[bytes]) -> None:
        envelope = self._envelope(TELEMETRY_IN, frames[-1])
        if envelope is not None:
            self._note_sequence(TELEMETRY_IN, envelope)
            self.on_envelope(envelope, TELEMETRY_IN, "")

    def _note_sequence(self, stream: str, envelope: Envelope) -> None:
        key, sequence = (stream, envelope.source), envelope.sequence
        last = self._last.get(key)
        if last is None:
            self._last[key] = sequence
        elif sequence > last:
            self._last[key] = sequence
            if sequence > last + 1:
                missing = sequence - last - 1
                self.gaps[stream] = self.gaps.get(stream, 0) + missing
                self.on_notice(f"{missing} messages of {envelope.source} are missing on {stream}")

    def _subscribed(self, name: str, frames: list[bytes]) -> None:
        """A subscriber came: the last values, so that it need not wait for the next ones."""
        if not frames or frames[0][:1] != b"\x01":
            return
        prefix = frames[0][1:] if name == "tel" else b""
        for last in self._last_values.under(prefix, real_now()):
            self._try(name, last)

    # Out.

    def learn(self, roster: Roster, source: str) -> None:
        """Refuse from now on what comes from an earlier incarnation than the roster's.

        Commands and Events are taken from those in the roster and from who said it, under these very numbers:
        a name in use cannot be taken by a second peer, so nobody else speaks in theirs.
        """
        present = {str(presence.role): presence.incarnation for presence in roster.present}
        self._known.update(present)
        self._members = {**present, **dict([name_of(source)])}

    def send(self, message: Message, cause: Envelope | None) -> bool:
        """Let a State or a Command out. False: a Command could not be handed over."""
        if isinstance(message, State):
            self._publish(message, cause)
            return True
        if isinstance(message, Reply):
            return self._answer(message, cause)
        name = self.wiring.commands.get(type(message).__name__, "sup")
        return self._try(name, [encode_envelope(self.stamp.seal(message, name, cause))])

    def ask_journal(self, message: Message) -> bool:
        """Send the journal's own protocol."""
        return self._try("jrn", [encode_envelope(self.stamp.seal(message, "jrn", None))])

    def seal(self, message: Message, cause: Envelope | None) -> Envelope:
        """An Event in its envelope, numbered on the journal's stream."""
        return self.stamp.seal(message, "facts", cause)

    def append(self, envelope: Envelope) -> bool:
        """Hand an Event to the journal; the Outbox repeats it until it is acknowledged."""
        return self._try("jrn", [encode_envelope(envelope)])

    def _publish(self, message: State, cause: Envelope | None) -> None:
        if isinstance(message, FactPublished):
            self._try("facts", [FACT + encode_fact(message.fact)])
            return
        if isinstance(message, TelemetryUpdate):
            frames = [message.topic.encode(), message.body.encode()]
            if message.topic.startswith("state."):
                self._last_values.keep(message.topic, frames, real_now())
            self._try("tel", frames)
            return
        for name in self._published:
            envelope = self.stamp.seal(message, name, cause)
            frame = encode_envelope(envelope)
            if name != "facts":
                self._last_values.keep(f"{envelope.kind}.{envelope.market}", [LAST + frame], real_now())
            self._try(name, [STATE + frame])
        if not self._published:
            self._try(TELEMETRY_IN, [encode_envelope(self.stamp.seal(message, TELEMETRY_IN, cause))])

    def _answer(self, message: Reply, cause: Envelope | None) -> bool:
        name = next(n for n in self.wiring.binds if n in ANSWERED)
        if name == "ctl":
            return self._route(name, bytes.fromhex(message.to), write_reply(message))
        frame = encode_envelope(self.stamp.seal(message, f"{name}>{message.to}", cause))
        return self._route(name, message.to.encode(), frame)

    def tell(self, name: str, identity: str, message: Message) -> bool:
        """Send to one peer of our ROUTER."""
        frame = encode_envelope(self.stamp.seal(message, f"{name}>{identity}", None))
        return self._route(name, identity.encode(), frame)

    def _route(self, name: str, identity: bytes, frame: bytes) -> bool:
        try:
            return self._try(name, [identity, frame])
        except Unreachable:
            self.dropped[name] = self.dropped.get(name, 0) + 1
            return False

    def _try(self, name: str, frames: list[bytes]) -> bool:
        if name not in self._opened:
            return False
        if self._wire.send(name, frames):
            return True
        self.dropped[name] = self.dropped.get(name, 0) + 1
        return False


@lru_cache(1_024)
def name_of(identity: str) -> tuple[str, int]:
    """Role and incarnation of a bus identity; -1 where it names none."""
    role, _, incarnation = identity.rpartition("@")
    return role, int(incarnation) if incarnation.isdecimal() and len(incarnation) < MAX_DIGITS else -1


def as_append(envelope: Envelope, sender: str) -> AppendEvent:
    """What the journal's owner handles when an Event comes in."""
    return AppendEvent(sender=sender, envelope=msgspec.Raw(encode_envelope(envelope)))
