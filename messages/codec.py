"""The one codec: MessagePack between processes and in the journal, JSON at the edge."""

from __future__ import annotations

from typing import Any

import msgspec

from messages import BY_KIND
from messages.base import Envelope, Fact, Message

ENVELOPE_VERSION = 1
MAX_FRAME = 1 << 20
"""Bytes; a larger internal frame is refused unread."""


class CodecError(ValueError):
    """A frame that cannot be believed: not ours, too new, or not shaped as its kind says."""


class TooNewToRead(CodecError):
    """What a newer program wrote: an envelope, a kind or a schema that this one does not know."""


_encoder = msgspec.msgpack.Encoder()
_envelope = msgspec.msgpack.Decoder(Envelope)
_fact = msgspec.msgpack.Decoder(Fact)
_bodies: dict[str, msgspec.msgpack.Decoder[Any]] = {
    name: msgspec.msgpack.Decoder(kind) for name, kind in BY_KIND.items()
}
_json_encoder = msgspec.json.Encoder()


def encode_body(message: Message) -> msgspec.Raw:
    """The message's own bytes, to be put into an envelope."""
    return msgspec.Raw(_encoder.encode(message))


def encode_envelope(envelope: Envelope) -> bytes:
    """The bytes that travel and that the journal keeps."""
    return _encoder.encode(envelope)


def decode_envelope(frame: bytes) -> Envelope:
    """The envelope alone; its body stays undecoded. Raises CodecError."""
    if len(frame) > MAX_FRAME:
        raise CodecError(f"frame of {len(frame)} bytes is over {MAX_FRAME}")
    try:
        envelope = _envelope.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CodecError(f"not an envelope: {error}") from error
    if envelope.version > ENVELOPE_VERSION:
        raise TooNewToRead(f"envelope version {envelope.version} is newer than {ENVELOPE_VERSION}")
    return envelope


def decode_body(envelope: Envelope) -> Message:
    """The message inside. Raises CodecError for an unknown kind, a newer schema or another shape."""
    kind = BY_KIND.get(envelope.kind)
    if kind is None:
        raise TooNewToRead(f"unknown kind {envelope.kind!r} from {envelope.source}")
    if envelope.schema > kind.schema:
        raise TooNewToRead(f"{envelope.kind} schema {envelope.schema} is newer than {kind.schema}")
    try:
        message: Message = _bodies[envelope.kind].decode(envelope.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CodecError(f"{envelope.kind} from {envelope.source}: {error}") from error
    return message


def encode_fact(fact: Fact) -> bytes:
    """A committed Event as the journal publishes it."""
    return _encoder.encode(fact)


def decode_fact(frame: bytes) -> Fact:
    """The other way round. Raises CodecError."""
    try:
        return _fact.decode(frame)
    except msgspec.DecodeError as error:
        raise CodecError(f"not a fact: {error}") from error


def to_json(message: Message) -> str:
    """The message as one JSON object, for telemetry and control."""
    return _json_encoder.encode(message).decode()


def from_json(kind: type[Message], text: str | bytes) -> Message:
    """A message off the edge; unknown fields are refused. Raises CodecError with the reason."""
    try:
        return msgspec.json.decode(text, type=kind, strict=True)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CodecError(str(error)) from error


def market_of(message: Message) -> str:
    """The market a message is about, for its envelope; "" where it is about none or several."""
    market = getattr(message, "market", None)
    return market if isinstance(market, str) else ""
