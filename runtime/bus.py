"""One process's sockets. ZeroMQ carries; whether a message counts is decided above it.

Pitfalls heeded here (measured, RELIABILITY §0.2): no CONFLATE, no linger, ROUTER_MANDATORY, identities never
reused, bind only under the tree lock, one frame a message, DEALERs that refuse rather than queue for a peer
that is gone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import zmq

from messages.base import Envelope, Message, Reply, State
from messages.codec import CodecError, decode_envelope, encode_envelope, encode_fact
from messages.system import AppendEvent, FactPublished, Roster, TelemetryUpdate
from messages.values import RoleName
from runtime.clock import real_now
from runtime.edge import EdgeError, read_request, refuse, write_reply
from runtime.last_values import LastValues
from runtime.stamp import Stamp
from runtime.statedir import StateError, make_private
from runtime.topology import TELEMETRY_IN, Wiring

HIGH_WATER = {"sup": 256, "jrn": 4096, "facts": 10_000, "cmd": 256, "md": 1_000, "permit": 10, "ctl": 64}
TELEMETRY_HIGH_WATER = {TELEMETRY_IN: 2_000, "tel": 1_000}
READ_AT_ONCE = 256
"""Messages taken from one socket before the others have their turn."""
MAX_DIGITS = 16
FACT, STATE, LAST = b"F", b"S", b"L"
"""First byte of a published frame: a fact, a State, a State said before this subscriber came."""

Deliver = Callable[[Envelope, str, str], None]
"""envelope, stream, sender's bus identity (of ROUTERs; else "")."""


class Bus:
    """Opens what the wiring says; sends what the process says; delivers what comes in."""

    def __init__(
        self, directory: Path, role: RoleName, incarnation: int, wiring: Wiring, stamp: Stamp
    ) -> None:
        self.identity = f"{role}@{incarnation}"
        self.wiring = wiring
        self.stamp = stamp
        self.dropped: dict[str, int] = {}
        """Frames in that were not believed, frames out that could not be sent, by stream."""
        self.gaps: dict[str, int] = {}
        """Sequence numbers missing, by stream."""
        self._directory = directory
        self._context = zmq.Context()
        self._poller = zmq.Poller()
        self._sockets: dict[str, zmq.Socket[bytes]] = {}
        self._incoming: list[tuple[zmq.Socket[bytes], Callable[[list[bytes]], None]]] = []
        self._last: dict[tuple[str, str], int] = {}
        self._known: dict[str, int] = {}
        self._members: dict[str, int] = {}
        """Incarnation by role, the supervisor included; empty until the first roster is told."""
        self._last_values = LastValues()
        self._watched: dict[int, Callable[[], None]] = {}
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.on_envelope: Deliver = lambda envelope, stream, sender: None
        self.on_fact: Callable[[bytes], None] = lambda frame: None
        self.on_request: Callable[[Message, str], None] = lambda message, stream: None
        self.on_notice: Callable[[str], None] = lambda text: None
        self.on_wake: Callable[[], None] = lambda: None

    # Opening and closing.

    def open(self) -> None:
        """Connect and bind, in the order in which they are read: facts before commands.

        Raises zmq.ZMQError where an endpoint cannot be had.
        """
        for name in self.wiring.subscribes:
            socket = self._socket(name, zmq.SUB)
            socket.setsockopt(zmq.SUBSCRIBE, b"")
            socket.connect(self._address(name))
            self._listen(socket, lambda frames, name=name: self._from_publisher(name, frames))  # type: ignore[misc]
        for name in self.wiring.dealers:
            socket = self._socket(name, zmq.DEALER)
            socket.setsockopt(zmq.IDENTITY, self.identity.encode())
            socket.setsockopt(zmq.IMMEDIATE, 1)
            socket.connect(self._address(name))
            self._listen(socket, lambda frames, name=name: self._from_router(name, frames))  # type: ignore[misc]
        for name in self.wiring.binds:
            self._bind(name)
        if self.wiring.family != "alert":
            self._socket(TELEMETRY_IN, zmq.PUSH).connect(self._address(TELEMETRY_IN))
        self._poller.register(self._wake, zmq.POLLIN)

    def _bind(self, name: str) -> None:
        if name == TELEMETRY_IN:
            socket = self._socket(name, zmq.PULL)
            self._listen(socket, lambda frames: self._from_pusher(frames))
        elif name in ("facts", "md", "permit", "tel"):
            socket = self._socket(name, zmq.XPUB)
            socket.setsockopt(zmq.XPUB_VERBOSE, 1)
            self._listen(socket, lambda frames: self._subscribed(name, frames))
        else:
            socket = self._socket(name, zmq.ROUTER)
            socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
            self._listen(socket, lambda frames: self._from_dealer(name, frames))
        socket.bind(self._address(name))

    def _socket(self, name: str, kind: int) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        high = HIGH_WATER.get(name) or TELEMETRY_HIGH_WATER[name]
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.SNDHWM, high)
        socket.setsockopt(zmq.RCVHWM, high)
        socket.setsockopt(zmq.MAXMSGSIZE, 64 * 1024 if name == "ctl" else 1 << 20)
        socket.setsockopt(zmq.RECONNECT_IVL, 20)
        socket.setsockopt(zmq.RECONNECT_IVL_MAX, 200)
        self._sockets[name] = socket
        return socket

    def _listen(self, socket: zmq.Socket[bytes], read: Callable[[list[bytes]], None]) -> None:
        self._incoming.append((socket, read))
        self._poller.register(socket, zmq.POLLIN)

    def _address(self, name: str) -> str:
        return f"ipc://{self._directory / name}"

    def close(self) -> None:
        """Close everything; what ZeroMQ still holds is given up."""
        for socket in self._sockets.values():
            socket.close(0)
        self._context.term()
        os.close(self._wake)

    def mend(self) -> None:
        """Bind again whatever was deleted, so that who comes next finds us. What is connected stays so."""
        missing = [name for name in self.wiring.binds if not (self._directory / name).exists()]
        if not missing:
            return
        try:
            make_private(self._directory.parent)
            make_private(self._directory)
            for name in missing:
                self._sockets[name].bind(self._address(name))
        except (OSError, StateError, zmq.ZMQError) as error:
            self.on_notice(f"sockets were deleted and cannot be made again: {error}")
        else:
            self.on_notice(f"sockets were deleted and are made again: {', '.join(missing)}")

    def wake(self) -> None:
        """From any thread or signal handler: look up from the sockets."""
        os.eventfd_write(self._wake, 1)

    def watch(self, fd: int, call: Callable[[], None]) -> None:
        """Have a file descriptor beside the sockets: `call` when it is readable."""
        self._watched[fd] = call
        self._poller.register(fd, zmq.POLLIN)

    def unwatch(self, fd: int) -> None:
        """No longer."""
        if self._watched.pop(fd, None) is not None:
            self._poller.unregister(fd)

    # In.

    def receive(self, timeout_ns: int | None) -> None:
        """Wait at most so long (None: for ever) and deliver everything ready, facts before commands."""
        timeout = None if timeout_ns is None else max(0, -(-timeout_ns // 1_000_000))
        ready = dict(self._poller.poll(timeout))
        if not ready:
            return
        if ready.pop(self._wake, None):
            os.eventfd_read(self._wake)
            self.on_wake()
        for socket, read in self._incoming:
            if socket in ready:
                self._drain(socket, read)
        for fd, call in list(self._watched.items()):
            if fd in ready:
                call()

    def _drain(self, socket: zmq.Socket[bytes], read: Callable[[list[bytes]], None]) -> None:
        for _ in range(READ_AT_ONCE):
            try:
                frames = socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            read(frames)

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
        if frame[:1] == FACT:
            self.on_fact(frame[1:])
            return
        if frame[:1] not in (STATE, LAST):
            self._drop(name, "neither a fact nor a State")
            return
        envelope = self._envelope(name, frame[1:])
        if envelope is None:
            return
        if frame[:1] == STATE:
            self._note_sequence(name, envelope)
        self.on_envelope(envelope, name, "")

    def _from_pusher(self, frames: list[bytes]) -> None:
        envelope = self._envelope(TELEMETRY_IN, frames[-1])
        if envelope is not None:
            self._note_sequence(TELEMETRY_IN, envelope)
            self.on_envelope(envelope, TELEMETRY_IN, "")

    def _note_sequence(self, stream: str, envelope: Envelope) -> None:
        key = (stream, envelope.source)
        last = self._last.get(key)
        if last is not None and envelope.sequence > last + 1:
            missing = envelope.sequence - last - 1
            self.gaps[stream] = self.gaps.get(stream, 0) + missing
            self.on_notice(f"{missing} messages of {envelope.source} are missing on {stream}")
        if last is None or envelope.sequence > last:
            self._last[key] = envelope.sequence

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
        published = [name for name in self.wiring.binds if name in ("facts", "md", "permit")]
        for name in published:
            envelope = self.stamp.seal(message, name, cause)
            frame = encode_envelope(envelope)
            if name != "facts":
                self._last_values.keep(f"{envelope.kind}.{envelope.market}", [LAST + frame], real_now())
            self._try(name, [STATE + frame])
        if not published:
            self._try(TELEMETRY_IN, [encode_envelope(self.stamp.seal(message, TELEMETRY_IN, cause))])

    def _answer(self, message: Reply, cause: Envelope | None) -> bool:
        name = next(n for n in self.wiring.binds if n in HIGH_WATER and n in ("sup", "jrn", "cmd", "ctl"))
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
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            self.dropped[name] = self.dropped.get(name, 0) + 1
            return False

    def _try(self, name: str, frames: list[bytes]) -> bool:
        socket = self._sockets.get(name)
        if socket is None:
            return False
        try:
            socket.send_multipart(frames, zmq.NOBLOCK)
        except zmq.Again:
            self.dropped[name] = self.dropped.get(name, 0) + 1
            return False
        return True


def name_of(identity: str) -> tuple[str, int]:
    """Role and incarnation of a bus identity; -1 where it names none."""
    role, _, incarnation = identity.rpartition("@")
    return role, int(incarnation) if incarnation.isdecimal() and len(incarnation) < MAX_DIGITS else -1


def as_append(envelope: Envelope, sender: str) -> AppendEvent:
    """What the journal's owner handles when an Event comes in."""
    return AppendEvent(sender=sender, envelope=msgspec.Raw(encode_envelope(envelope)))
