"""Puts messages into envelopes: who said it, when by every clock, what caused it."""

from __future__ import annotations

from messages.base import Command, Envelope, Message
from messages.codec import ENVELOPE_VERSION, encode_body, market_of
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
        self._incarnation = incarnation
        self._count = 0
        self._sequences: dict[str, int] = {}

    def seal(self, message: Message, stream: str, cause: Envelope | None) -> Envelope:
        """The message in its envelope, with the next sequence number of that stream."""
        self._count += 1
        sequence = self._sequences.get(stream, 0) + 1
        self._sequences[stream] = sequence
        identity = b"".join(
            (
                self.run.to_bytes(8, "big"),
                self._incarnation.to_bytes(3, "big"),
                self._count.to_bytes(5, "big"),
            )
        )
        real = real_now()
        return Envelope(
            ENVELOPE_VERSION,
            type(message).__name__,
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
            PLACE_TTL_MS if isinstance(message, Command) and type(message).__name__ == "PlaceOrder" else 0,
            market_of(message),
            encode_body(message),
        )
