"""An app with faults, a wallet at it, and time that is turned by hand."""

from __future__ import annotations

import json
from typing import Any

from messages.values import SECOND
from tests.venue.paper.door_bench import Said, Socket, Wallet, Whole, ask, wait_for
from tests.venue.paper.engine_bench import Bench, bid
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import App
from venue.paper.faults.plan import plan_of
from venue.paper.faults.run import Run


class Scene:
    """Nothing waits for real time but what says so."""

    def __init__(self, *events: Any, seed: int = 1) -> None:
        self.bench = Bench(bid(0, 38, 50), ask_level(0, 45, 50), *events)
        self.app = App(self.bench.exchange, seed=seed)
        self.alice = Wallet(self.app).log_in()

    def play(self, *faults: dict[str, Any]) -> Run:
        """Post them; the last one's run."""
        self.app.faults.play(plan_of(list(faults)))
        self.bench.exchange.advance()
        return list(self.app.faults.runs.values())[-1]

    def wait(self, seconds: float) -> None:
        """Real and market time pass."""
        self.bench.real += round(seconds * SECOND)
        self.bench.exchange.advance()
        self.app.faults.turn()

    async def call(self, method: str, path: str, body: object = b"") -> Whole | None:
        """A signed call; None: the line was cut."""
        return await wait_for(self.app, method, path, body, self.alice.signed(method, path, body))

    async def place(self, *args: Any, **terms: Any) -> Whole | None:
        """POST /order."""
        return await self.call("POST", "/order", self.alice.order(*args, **terms))

    def sim(self, method: str, path: str, body: object = b"") -> Said:
        """The private side door."""
        return ask(self.app, method, path, body)


async def heard(socket: Socket) -> list[dict[str, Any]]:
    """Everything that was sent up to now; PONG comes behind it."""
    socket.say("PING")
    frames: list[dict[str, Any]] = []
    while (text := await socket.raw()) != "PONG":
        told = json.loads(text)
        frames += told if isinstance(told, list) else [told]
    return frames
