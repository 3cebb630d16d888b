"""What a handler said, on its way out: nothing said after an Event leaves before the Event is durable."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

import msgspec

from messages.base import Command, Envelope, Event, Finding, Message
from messages.values import RealNs

WINDOW = 4096
"""Events that may wait for the journal; one more and the process fails rather than forget."""
RESEND_NS = 1_000_000_000


class WindowFull(RuntimeError):
    """The journal has not answered for `WINDOW` Events."""


class Pending(msgspec.Struct):
    """An Event the journal has not acknowledged, and what its call said between it and the next one."""

    envelope: Envelope
    said_at: RealNs
    sent_at: RealNs
    rest: list[Message]
    cause: Envelope | None


class Outbox:
    """The write-ahead rule, and the resend window of the journal.

    `send` takes a message that may leave now; `seal` puts an Event into its envelope; `append` hands that
    to the journal.
    """

    def __init__(
        self,
        send: Callable[[Message, Envelope | None], None],
        seal: Callable[[Message, Envelope | None], Envelope],
        append: Callable[[Envelope], bool],
    ) -> None:
        self._send = send
        self._seal = seal
        self._append = append
        self._pending: OrderedDict[bytes, Pending] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pending)

    def lag_ns(self, now: RealNs) -> int:
        """Real time since the oldest unacknowledged Event was said; 0 without one."""
        for pending in self._pending.values():
            return now - pending.said_at
        return 0

    def say(self, said: Iterable[Message], cause: Envelope | None, now: RealNs) -> None:
        """Let out everything one call said, in order, holding what follows an Event. Raises WindowFull."""
        last: Pending | None = None
        for message in said:
            if journaled(message):
                last = self._write(message, cause, now)
            elif last is None or (isinstance(message, Command) and message.tightens):
                self._send(message, cause)
            else:
                last.rest.append(message)

    def _write(self, message: Message, cause: Envelope | None, now: RealNs) -> Pending:
        """Events are handed in as they are said, so that none overtakes one that was said before it."""
        if len(self._pending) >= WINDOW:
            raise WindowFull(f"the journal has not acknowledged {WINDOW} events")
        envelope = self._seal(message, cause)
        pending = self._pending[envelope.id] = Pending(envelope, now, now, [], cause)
        self._append(envelope)
        return pending

    def acknowledged(self, identity: bytes) -> None:
        """The journal has it, and all that was said before it: what was said after may leave."""
        if identity not in self._pending:
            return
        while True:
            known, pending = self._pending.popitem(last=False)
            for message in pending.rest:
                self._send(message, pending.cause)
            if known == identity:
                return

    def resend(self, now: RealNs) -> int:
        """When the oldest is not acknowledged for a second, hand all in again, in order; how many."""
        oldest = next(iter(self._pending.values()), None)
        if oldest is None or now - oldest.sent_at < RESEND_NS:
            return 0
        for pending in self._pending.values():
            pending.sent_at = now
            self._append(pending.envelope)
        return len(self._pending)


def journaled(message: Message) -> bool:
    """Whether it must be durable before what follows it."""
    return isinstance(message, Event) and not isinstance(message, Finding)
