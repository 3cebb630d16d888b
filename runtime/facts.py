"""One consumer's view of the journal: replay first, then live, every hole filled, nothing twice."""

from __future__ import annotations

from messages.base import Envelope, Fact
from messages.codec import decode_envelope
from messages.system import EventsReplayed, ReplayEvents

CHUNK = 500
"""Events asked for at once."""


class FactsClient:
    """Sequences committed Events by their global number.

    Every fact that is published reaches `published`; the ones this consumer wants come out of
    `published` and `replayed` exactly once and in order, marked as recovery until the head that the
    journal had when the replay caught up.
    """

    def __init__(self, sender: str, kinds: tuple[str, ...], market: str = "") -> None:
        self._sender = sender
        self._kinds = kinds
        self._wanted = frozenset(kinds)
        self._market = market
        self.position = 0
        """Everything up to here has come out or was not wanted."""
        self.recovering = True
        self.gaps = 0
        self.numbers: dict[bytes, int] = {}
        """Place in the journal of what came out, by its id, until it is `handled`."""
        self.waits = False
        """A replay was asked for and has not been answered."""
        self._buffer: dict[int, Fact] = {}

    def ask(self) -> ReplayEvents:
        """The request for what comes after our position. Repeat it when no answer comes."""
        self.waits = True
        return ReplayEvents(
            sender=self._sender,
            after=self.position,
            limit=CHUNK,
            kinds=self._kinds,
            market=self._market,
        )

    def resume(self, gseq: int) -> None:
        """What came up to here is known already."""
        self.position = gseq

    def replayed(self, answer: EventsReplayed) -> tuple[list[Envelope], bool]:
        """Envelopes to handle now, and whether more must be asked for."""
        if not self.waits or answer.through < self.position:
            return [], False
        self.waits = False
        out = [
            self._numbered(envelope, fact.gseq)
            for fact in answer.facts
            if fact.gseq > self.position and self._wants(envelope := decode_envelope(bytes(fact.envelope)))
        ]
        self.position = max(self.position, answer.through)
        if answer.through < answer.head:
            return out, True
        self._drop_known()
        if not self.recovering:
            out += self._flush()
        return out, False

    def caught_up(self) -> list[Envelope]:
        """The recovery is over: what was buffered meanwhile, to be handled live."""
        self.recovering = False
        return self._flush()

    def published(self, fact: Fact) -> tuple[list[Envelope], bool]:
        """Envelopes to handle now, and whether a hole must be asked for."""
        if fact.gseq <= self.position:
            return [], False
        self._buffer[fact.gseq] = fact
        if self.recovering or self.waits:
            return [], False
        out = self._flush()
        if self._buffer:
            self.gaps += 1
            return out, True
        return out, False

    def head(self, gseq: int) -> bool:
        """The journal says how far it is; whether we miss something and must ask."""
        return not self.recovering and not self.waits and gseq > self.position and not self._buffer

    def _flush(self) -> list[Envelope]:
        out = []
        while (fact := self._buffer.pop(self.position + 1, None)) is not None:
            self.position = fact.gseq
            envelope = decode_envelope(bytes(fact.envelope))
            if self._wants(envelope):
                out.append(self._numbered(envelope, fact.gseq))
        return out

    def handled(self, envelope: Envelope) -> int:
        """Its place, which need not be known any more; 0 for what is no fact."""
        return self.numbers.pop(envelope.id, 0)

    def _numbered(self, envelope: Envelope, gseq: int) -> Envelope:
        self.numbers[envelope.id] = gseq
        return envelope

    def _drop_known(self) -> None:
        for gseq in [g for g in self._buffer if g <= self.position]:
            del self._buffer[gseq]

    def _wants(self, envelope: Envelope) -> bool:
        if envelope.kind not in self._wanted:
            return False
        return not self._market or envelope.market in ("", self._market)
