"""What a handler said, on its way out: nothing said after an Event leaves before the Event is durable."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

import msgspec

from messages.base import Command, Envelope, Event, Finding, Message
from messages.values import RealNs

WINDOW = 4096
"""Events that may wait for the journal; one more and the process fails rather than forget."""
RESEND_NS = 1_000_000_000


class WindowFull(RuntimeError):
    """The journal has not answered for `WINDOW` Events."""


class Pending(msgspec.Struct):
    """An Event the journal has not acknowledged, and what its call said after it."""

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
        items = iter(said)
        for message in items:
            if not journaled(message):
                self._send(message, cause)
                continue
            if len(self._pending) >= WINDOW:
                raise WindowFull(f"the journal has not acknowledged {WINDOW} events")
            envelope = self._seal(message, cause)
            self._pending[envelope.id] = Pending(
                envelope, now, now, list(self._let_tightening_through(items, cause)), cause
            )
            self._append(envelope)
            return

    def _let_tightening_through(self, items: Iterator[Message], cause: Envelope | None) -> Iterator[Message]:
        for message in items:
            if isinstance(message, Command) and message.tightens:
                self._send(message, cause)
            else:
                yield message

    def acknowledged(self, identity: bytes, now: RealNs) -> None:
        """The journal has it: what was said after it may leave. Unknown ids are repeats."""
        pending = self._pending.pop(identity, None)
        if pending is not None and pending.rest:
            self.say(pending.rest, pending.cause, now)

    def resend(self, now: RealNs, everything: bool = False) -> int:
        """Hand Events to the journal again that it has not acknowledged for a second; how many."""
        if not self._pending:
            return 0
        count = 0
        for pending in list(self._pending.values()):
            if everything or now - pending.sent_at >= RESEND_NS:
                pending.sent_at = now
                self._append(pending.envelope)
                count += 1
        return count


def journaled(message: Message) -> bool:
    """Whether it must be durable before what follows it."""
    return isinstance(message, Event) and not isinstance(message, Finding)
