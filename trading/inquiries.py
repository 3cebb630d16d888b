"""Questions about orders on their way to the journal and back to whoever asked."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from messages.audit import GetOrder, OrderTraced, TraceOrder
from messages.risk import ControlReply
from messages.values import SECOND, RealNs

MAX_OPEN = 64
"""Questions under way at once."""
PATIENCE_NS = 2 * SECOND
"""The journal answers within this, or the asker is told that it does not."""


class Asked(msgspec.Struct, frozen=True):
    """One question."""

    question: GetOrder
    at: RealNs


class Inquiries:
    """Volatile: whoever asked is told by its own clock when no answer comes."""

    def __init__(self) -> None:
        self._open: dict[str, Asked] = {}
        self._count = 0

    def ask(self, question: GetOrder, identity: str, now: RealNs) -> TraceOrder | ControlReply:
        """Pass it on in the name of `identity`, unless there are too many."""
        if len(self._open) >= MAX_OPEN:
            return _reply(question, OrderTraced(to="", request="", text="too many questions at once"))
        self._count += 1
        request = str(self._count)
        self._open[request] = Asked(question, now)
        return TraceOrder(request=request, order=question.order, sender=identity)

    def answered(self, traced: OrderTraced) -> Iterator[ControlReply]:
        """To whoever asked; nothing where nobody waits any more."""
        asked = self._open.pop(traced.request, None)
        if asked is not None:
            yield _reply(asked.question, traced)

    def late(self, now: RealNs) -> Iterator[ControlReply]:
        """Answers for those who have waited too long."""
        for request, asked in list(self._open.items()):
            if now - asked.at >= PATIENCE_NS:
                silent = OrderTraced(to="", request=request, text="the journal does not answer")
                yield from self.answered(silent)


def _reply(question: GetOrder, traced: OrderTraced) -> ControlReply:
    return ControlReply(
        to=question.sender,
        request=question.request,
        ok=traced.trail is not None,
        text=traced.text,
        order=traced.trail,
    )
