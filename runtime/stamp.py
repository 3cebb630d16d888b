"""Puts messages into envelopes: who said it, when by every clock, what caused it."""

from __future__ import annotations

import msgspec

from messages.base import Envelope, Message
from messages.codec import ENVELOPE_VERSION, encode_body, market_of
from messages.orders import PlaceOrder
from messages.values import RoleName
from runtime.clock import Clock, real_now, wall_now

NO_CAUSE = b""
PLACE_TTL_MS = 1_000
"""A quote is perishable: a `PlaceOrder` older than this is not worth hearing."""


class Stamp:
    """One process's envelopes. Ids are unique for ever: run, incarnation and a count."""

    def __init__(self, role: RoleName, incarnation: int, run: int, clock: Clock) -> None:
        self.source = f"{role}@{incarnation}"
        self.run = run
        self.clock = clock
        self._prefix = run.to_bytes(8, "big") + incarnation.to_bytes(3, "big")
        self._count = 0
        self._sequences: dict[str, int] = {}
        self._written: tuple[Message | None, msgspec.Raw] = None, msgspec.Raw()
        """The last message and its body: what is told to many is written once."""

    def seal(self, message: Message, stream: str, cause: Envelope | None) -> Envelope:
        """The message in its envelope, with the next sequence number of that stream."""
        self._count += 1
        sequence = self._sequences.get(stream, 0) + 1
        self._sequences[stream] = sequence
        identity = self._prefix + self._count.to_bytes(5, "big")
        real = real_now()
        kind = type(message)
        return Envelope(
            ENVELOPE_VERSION,
            kind.__name__,
            message.schema,
            self.source,
            self.run,
            sequence,
            identity,
            cause.correlation if cause is not None else identity,
            cause.id if cause is not None else NO_CAUSE,
            real,
            wall_now(),
            self.clock.market_at(real),
            PLACE_TTL_MS if kind is PlaceOrder else 0,
            market_of(message),
            self._body(message),
        )

    def _body(self, message: Message) -> msgspec.Raw:
        written, body = self._written
        if written is not message:
            body = encode_body(message)
            self._written = message, body
        return body
