"""The mailbox: pykka's inbox, read straight from the sockets, sorted into three lanes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache
from typing import Any, Protocol

import msgspec
from pykka._envelope import Envelope as PykkaEnvelope

from messages.base import Command, Message, State

CONTROL_BOUND = 256
FACTS_BOUND = 4096
BATCH = 64
"""Messages handled between two looks at the sockets; bounds how long an urgent one waits unseen."""


class Overflow(RuntimeError):
    """A lane whose every message counts is full: the process must fail and recover by replay."""


class Source(Protocol):
    """Where messages come from: the bus."""

    def receive(self, timeout_ns: int | None) -> None:
        """Wait at most so long (None: for ever), then put everything ready into the mailbox."""


class Item(msgspec.Struct, frozen=True):
    """One thing to handle: its lane is decided by what it is."""

    kind: type[Message] | None
    load: Any
    """An undecoded envelope, a message, or a callable of the host."""
    stream: str
    key: object = None
    """Of a State: what it replaces, if that was not handled yet."""


class Lane(Enum):
    """Where something waits."""

    CONTROL = 0
    FACTS = 1
    STATES = 2


@cache
def lane_of(kind: type[Message] | None) -> Lane:
    """The lane of everything of this kind; None is the host's own."""
    if kind is None or (issubclass(kind, Command) and kind.urgent):
        return Lane.CONTROL
    return Lane.STATES if issubclass(kind, State) else Lane.FACTS


class Mailbox:
    """Control first, then what counts in order, then States of which only the newest is left.

    Constructed without sockets, as pykka wants it; `attach` gives it its source before the first `get`.
    """

    def __init__(self) -> None:
        self.control: deque[Item] = deque()
        self.facts: deque[Item] = deque()
        self.states: dict[object, Item] = {}
        self.conflated = 0
        self.dropped = 0
        self.handled = 0
        self._source: Source | None = None
        self._due: Callable[[], int | None] = lambda: None
        self._tick: Callable[[], Item | None] = lambda: None
        self._idle: Callable[[], bool] = lambda: False
        self._credit = 0
        self._was_busy = False

    def attach(
        self,
        source: Source,
        due: Callable[[], int | None],
        tick: Callable[[], Item | None],
        idle: Callable[[], bool],
    ) -> None:
        """Connect the lanes to the sockets and to the host's timers.

        `due` says how many real nanoseconds until the next timer, `tick` gives a timer that is due,
        `idle` is told that nothing waits and says whether that made new work.
        """
        self._source, self._due, self._tick, self._idle = source, due, tick, idle

    def put(self, envelope: PykkaEnvelope[Any], /) -> None:
        """pykka's own way in (`tell`, `stop`): the control lane."""
        self.control.append(Item(None, envelope, "pykka"))

    def add(self, item: Item) -> None:
        """Sort one thing into its lane. Raises Overflow when what counts does not fit."""
        lane = lane_of(item.kind)
        if lane is Lane.STATES:
            if self.states.pop(item.key, None) is not None:
                self.conflated += 1
            self.states[item.key] = item
        elif lane is Lane.FACTS:
            if len(self.facts) >= FACTS_BOUND:
                raise Overflow(f"{FACTS_BOUND} messages wait and each of them counts")
            self.facts.append(item)
        elif len(self.control) < CONTROL_BOUND or self._must_fit(item):
            self.control.append(item)
        else:
            self.dropped += 1

    @staticmethod
    def _must_fit(item: Item) -> bool:
        kind = item.kind
        return kind is None or (issubclass(kind, Command) and kind.tightens)

    def add_all(self, items: Iterable[Item]) -> None:
        """Sort several."""
        for item in items:
            self.add(item)

    def empty(self) -> bool:
        """Nothing waits in any lane (the sockets are not asked)."""
        return not (self.control or self.facts or self.states)

    def _next(self) -> Item | None:
        if self.control:
            return self.control.popleft()
        if self.facts:
            return self.facts.popleft()
        if self.states:
            return self.states.pop(next(iter(self.states)))
        return None

    def take(self) -> Item | None:
        """The next thing to handle that is there already; None when nothing is."""
        source = self._source
        assert source is not None, "attach() comes first"
        while True:
            self._credit -= 1
            if self._credit < 0 or not (self.control or self.facts or self.states):
                self._credit = BATCH
                source.receive(0)
                tick = self._tick()
                if tick is not None:
                    self.control.append(tick)
            item = self._next()
            if item is not None:
                self.handled += 1
                self._was_busy = True
                return item
            if not self._was_busy:
                return None
            self._was_busy = False
            if not self._idle():
                return None

    def get(self) -> PykkaEnvelope[Any]:
        """The next thing to handle; waits for it on the sockets and the timers."""
        while (item := self.take()) is None:
            assert self._source is not None
            self._source.receive(self._due())
            self._credit = 0
        if item.stream == "pykka":
            return item.load  # type: ignore[no-any-return]  # it came through put()
        return PykkaEnvelope(item)
