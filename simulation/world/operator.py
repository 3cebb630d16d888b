"""The person beside the system: looks now and then, accepts what the venue shows, and lifts what only people lift."""

from __future__ import annotations

import json
from collections.abc import Callable

from messages.base import Message
from messages.values import SECOND
from messages.wallet import MarketPaused, MarketResumed
from runtime.wire import Pattern
from simulation.world.net import Net
from simulation.world.wire import SimWire
from simulation.world.world import World

LOOKS_NS = (10 * SECOND, 40 * SECOND)
"""Between two looks."""


class Operator:
    """Speaks to the control socket as `python -m control` does. The owner of a wire that nobody kills."""

    role = "operator"
    busy_until = 0

    def __init__(self, world: World, net: Net, may_quote: Callable[[], bool]) -> None:
        self.asked = 0
        """Requests so far."""
        self._world = world
        self._may_quote = may_quote
        self._paused: dict[str, None] = {}
        """Markets that wait for somebody to look, by what they are called."""
        self._wire = SimWire(net, self, "operator@0")
        self._wire.open("ctl", Pattern.DEALER, lambda frames: None)
        self._plan()

    def hear(self, fact: Message) -> None:
        """A committed fact."""
        if isinstance(fact, MarketPaused):
            self._paused[fact.slug] = None
        elif isinstance(fact, MarketResumed):
            self._paused.pop(fact.slug, None)

    def poke(self) -> None:
        """An answer is there; it is read and not believed, the next look shows what came of it."""
        self._wire.receive(0)

    def reach(self, point: str) -> None:
        """Nobody kills a person."""

    def _plan(self) -> None:
        self._world.call_in(self._world.rng.randrange(*LOOKS_NS), self._look)

    def _look(self) -> None:
        self._plan()
        for slug in self._paused:
            self._ask("accept", market=slug)
        if not self._may_quote():
            self._ask("resume")

    def _ask(self, op: str, **others: str) -> None:
        self.asked += 1
        said = {"op": op, "request": f"look-{self.asked}", "reason": "looked at", "by": "operator", **others}
        self._wire.send("ctl", [json.dumps(said).encode()])
