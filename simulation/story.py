"""A journal as a story: its records decoded, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from messages.base import Message
from messages.codec import decode_body, decode_envelope
from messages.orders import OrderCanceled, OrderCompleted, OrderExpired, OrderRejected, OrderVoided
from messages.values import MarketNs, RealNs
from runtime.journal import Record

ENDED = (OrderCanceled, OrderCompleted, OrderExpired, OrderRejected, OrderVoided)
"""After one of these an order rests no more."""


class Entry(NamedTuple):
    """One committed Event and what is known of it."""

    gseq: int
    run: int
    source: str
    real_at: RealNs
    wall_at: int
    market_at: MarketNs
    message: Message
    raw: bytes = b""
    """Its body as it was written down."""
    sequence: int = 0
    """Its source's own number, from 1; 0 where nobody gave one."""


def entries(records: Iterable[Record]) -> Iterator[Entry]:
    """Decode records lazily. Raises CodecError for one that cannot be read, and what reading them raises."""
    for record in records:
        envelope = decode_envelope(record.envelope)
        yield Entry(
            record.gseq,
            record.run,
            record.source,
            RealNs(record.real_at),
            record.wall_at,
            MarketNs(record.market_at),
            decode_body(envelope),
            bytes(envelope.body),
            envelope.sequence,
        )


class Violation(msgspec.Struct, frozen=True):
    """Something that must never be so, and was."""

    invariant: str
    """Its number in docs/report.md."""
    text: str


class Check:
    """Looks for violations of one invariant, entry by entry."""

    invariant = ""

    def __init__(self) -> None:
        self.violations: list[Violation] = []

    def note(self, entry: Entry) -> None:
        """Take one entry into account."""
        raise NotImplementedError

    def end(self) -> None:
        """Nothing more comes."""

    def violated(self, text: str) -> None:
        """Keep a violation; beyond a hundred of a kind more say nothing."""
        if len(self.violations) < 100:
            self.violations.append(Violation(self.invariant, text))
