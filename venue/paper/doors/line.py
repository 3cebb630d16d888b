"""The way between a trader and the venue: orders and cancels arrive later than they were sent, answers likewise."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from venue.paper.doors.request import Answer, Request
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.latency import Latency
from venue.paper.faults.answers import CANCEL_ROUTES, ORDER_ROUTES

Handle = Callable[[Request], Answer]


class Line:
    """Holds orders and cancels for drawn spans of market time; what is only read passes at once.

    The n-th message gets the n-th draw, whatever it is. Messages may overtake each other. While the market clock
    stands still nothing is held.
    """

    def __init__(self, exchange: Exchange, latency: Latency, seed: int, changed: Callable[[], None]) -> None:
        self._exchange = exchange
        self._latency = latency
        self._chance = random.Random(f"line of {seed}")
        self._changed = changed
        self._held = {tuple(route.split(" ")) for route in (*ORDER_ROUTES, *CANCEL_ROUTES)}

    def holds(self, request: Request) -> bool:
        """Whether it takes time."""
        anchor = self._exchange.clock.anchor
        return (request.method, request.path) in self._held and anchor is not None and anchor.speed > 0

    async def carry(self, request: Request, handle: Handle) -> Answer:
        """The answer, once it is back. The request takes effect whether or not anybody still waits for it."""
        out, back = self._latency.out.draw(self._chance), self._latency.back.draw(self._chance)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def arrive() -> None:
            said = handle(request)
            self._later(back, lambda: _deliver(answer, said))

        self._exchange.advance()
        self._later(out, arrive)
        self._changed()
        return await answer

    def _later(self, span: int, do: Callable[[], None]) -> None:
        self._exchange.schedule(self._exchange.now - self._exchange.clock.origin + span, do)


def _deliver(answer: asyncio.Future[Answer], said: Answer) -> None:
    if not answer.done():
        answer.set_result(said)
