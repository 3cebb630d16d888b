"""What every message is: a State, an Event or a Command, and the envelope it travels in."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from messages.values import MarketNs, RealNs


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Values only, no behavior. New fields have defaults; old ones keep name, type and meaning."""

    schema: ClassVar[int] = 1
    """Version of this kind's fields; raised when a reader must know."""


class State(Message, frozen=True, kw_only=True):
    """How something is now: a noun. The newest replaces an unread older one; repeated from time to time."""

    key: ClassVar[tuple[str, ...]] = ()
    """Names of the fields that tell one subject from another when an older State is replaced."""


class Event(Message, frozen=True, kw_only=True):
    """Something that happened: past tense. Every one counts and is journaled before anybody hears it."""


class Finding(Event, frozen=True, kw_only=True):
    """What a port found out. Heard by the actor of its own process, which says what of it is journaled."""


class Command(Message, frozen=True, kw_only=True):
    """What is wanted: an imperative. One handler, idempotent by id, which says as an Event what became of it."""

    tightens: ClassVar[bool] = False
    """True: takes risk away, so it never waits behind an Event that is not acknowledged yet."""
    urgent: ClassVar[bool] = False
    """True: travels in the control lane, ahead of everything."""


class Reply(Command, frozen=True, kw_only=True):
    """An answer to one asker, the only Command whose handler is chosen by its `to`."""

    to: str
    """Bus identity of the asker, as `maker@7`."""


class Envelope(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is known of a message beside its body. Encoded as a MessagePack array; append-only."""

    version: int
    """Of the envelope itself."""
    kind: str
    """Class name of the message."""
    schema: int
    """`Message.schema` of that kind when it was written."""
    source: str
    """Role and incarnation, `maker@7`."""
    run: int
    """Random 64 bits of the supervisor's start."""
    sequence: int
    """Counts from 1 for each source and stream."""
    id: bytes
    """16 bytes, unique for ever: the idempotency key."""
    correlation: bytes
    """Id of the message that began this piece of work."""
    cause: bytes
    """Id of the message whose handling said this one."""
    real_at: RealNs
    wall_at: int
    """Wall clock, nanoseconds since the epoch; for people and for headers, never for decisions."""
    market_at: MarketNs
    ttl_ms: int
    """Real milliseconds after `real_at` when it is no longer worth hearing; 0 for ever."""
    market: str
    """The market it is about, or "": a reader can pass over the body."""
    body: msgspec.Raw


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A committed Event as the journal publishes it: its place in the one global sequence and its envelope."""

    gseq: int
    envelope: msgspec.Raw
