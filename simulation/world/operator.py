"""The person beside the system: accepts what the venue shows, halts by hand, lifts what people lift."""

from __future__ import annotations

import json
from collections.abc import Callable

from messages.base import Message
from messages.risk import HaltCause, TradingHalted, TradingResumed
from messages.values import SECOND
from messages.wallet import MarketPaused, MarketResumed
from runtime.wire import Pattern
from simulation.world.net import Net
from simulation.world.wire import SimWire
from simulation.world.world import World

LOOKS_NS = (10 * SECOND, 40 * SECOND)
"""Between two looks."""
HALTS_ONE_IN = 12
"""Of so many looks at a system that may quote one ends with a halt by hand."""
HALTED_FOR_NS = (20 * SECOND, 90 * SECOND)
"""So long nobody lifts anything then."""


class Operator:
    """Speaks to the control socket as `python -m control` does. The owner of a wire that nobody kills."""

    role = "operator"
    busy_until = 0

    def __init__(
        self,
        world: World,
        net: Net,
        may_quote: Callable[[], bool],
        violated: Callable[[str, str], None],
    ) -> None:
        self.asked = 0
        """Requests so far."""
        self._world = world
        self._may_quote = may_quote
        self._violated = violated
        self._is_healed = False
        self._is_halted = False
        """By a halt of ours that is committed."""
        self._until = 0
        """Boot clock; so long what we halted stays halted."""
        self._halt = ""
        """Our request to halt, until we ask to resume."""
        self._paused: dict[str, None] = {}
        """Markets that wait for somebody to look, by what they are called."""
        self._wire = SimWire(net, self, "operator@0")
        self._wire.open("ctl", Pattern.DEALER, self._answered)
        self._plan()

    def hear(self, fact: Message) -> None:
        """A committed fact."""
        if isinstance(fact, MarketPaused):
            self._paused[fact.slug] = None
        elif isinstance(fact, MarketResumed):
            self._paused.pop(fact.slug, None)
        elif isinstance(fact, TradingHalted | TradingResumed) and fact.cause is HaltCause.OPERATOR:
            self._is_halted = isinstance(fact, TradingHalted)

    def heal(self) -> None:
        """From now on everything is to come back: nothing is halted by hand any more."""
        self._is_healed = True
        self._until = 0

    def poke(self) -> None:
        """An answer is there."""
        self._wire.receive(0)

    def reach(self, point: str) -> None:
        """Nobody kills a person."""

    def _plan(self) -> None:
        self._world.call_in(self._world.rng.randrange(*LOOKS_NS), self._look)

    def _look(self) -> None:
        self._plan()
        for slug in self._paused:
            self._ask("accept", market=slug)
        if self._world.ns < self._until:
            return
        if not self._may_quote():
            self._halt = ""
            self._ask("resume")
        elif not self._is_healed and not self._world.rng.randrange(HALTS_ONE_IN):
            self._until = self._world.ns + self._world.rng.randrange(*HALTED_FOR_NS)
            self._is_halted = False  # what is promised has to be written down anew
            self._halt = self._ask("halt")

    def _ask(self, op: str, **others: str) -> str:
        self.asked += 1
        request = f"look-{self.asked}"
        said = {"op": op, "request": request, "reason": "looked at", "by": "operator", **others}
        self._wire.send("ctl", [json.dumps(said).encode()])
        return request

    def _answered(self, frames: list[bytes]) -> None:
        """What comes of most requests shows at the next look; a halt that was promised has to be there."""
        answer = json.loads(frames[-1])
        is_promised = answer.get("ok") and answer.get("request") == self._halt
        if is_promised and not self._is_halted:
            self._violated("I11", f"{self._halt}: a person was told that it halted, and no halt is committed")
