"""Answers to people: the same question has the same answer, however often it is asked."""

from __future__ import annotations

from collections import OrderedDict

from messages.risk import (
    AcceptMarket,
    ControlReply,
    GetStatus,
    HaltTrading,
    LiquidateMarket,
    ResumeTrading,
)

MAX_REPLIES = 256
"""Control requests whose answers are kept."""
Asked = HaltTrading | ResumeTrading | GetStatus | LiquidateMarket | AcceptMarket


class Replies:
    """The last answers. Volatile."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], ControlReply] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def to(self, asked: Asked) -> ControlReply | None:
        """What was answered to this very request; None: it is new."""
        return self._kept.get((asked.sender, asked.request))

    def keep(self, asked: Asked, reply: ControlReply) -> ControlReply:
        """Remember an answer."""
        self._kept[asked.sender, asked.request] = reply
        if len(self._kept) > MAX_REPLIES:
            self._kept.popitem(last=False)
        return reply
