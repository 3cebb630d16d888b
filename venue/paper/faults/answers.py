"""Faults of REST: answers that are late, lost, false, or never given. Each wraps what would have been answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

import msgspec

from venue.paper.doors.request import HTML, Answer, Request, refuse
from venue.paper.engine.terms import Refused
from venue.paper.faults.fault import Fault, NoSuchThing
from venue.paper.faults.run import Run
from venue.wire.errors import INTERNAL, TOO_MANY_REQUESTS

Answering = Callable[[], Awaitable[Answer | None]]
"""What the venue, or the next fault, makes of a request; None: the connection is cut without a word."""
RealSeconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
ORDER_ROUTES = ("POST /order", "POST /orders")
CANCEL_ROUTES = ("DELETE /order", "DELETE /orders", "DELETE /cancel-all", "DELETE /cancel-market-orders")
BLOCKED = b"""<!DOCTYPE html>
<html lang="en-US"><head><title>Attention Required! | Cloudflare</title></head>
<body><h1>Sorry, you have been blocked</h1><h2>You are unable to access polymarket.com</h2></body></html>
"""
BAD_GATEWAY = b"""<html>
<head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>cloudflare</center></body>
</html>
"""


class AnswerFault(Fault, frozen=True, kw_only=True):
    """A fault of requests. Every scope that is left out stands for any; the private door is never hit."""

    owners: tuple[str, ...] = ()
    """API keys or addresses, as the request's headers name them."""
    markets: tuple[str, ...] = ()
    """Condition ids or slugs; hit are requests that name the market or its tokens in query or body."""
    tokens: tuple[str, ...] = ()

    @property
    def reach(self) -> tuple[str, ...]:
        """The routes it may hit, `METHOD /path`; none: all."""
        return ()

    async def around(self, run: Run, request: Request, answer: Answering) -> Answer | None:
        """The answer in the end, given how it would be without this fault."""
        raise NotImplementedError


class RoutedFault(AnswerFault, frozen=True, kw_only=True):
    """One that hits whichever routes it is told."""

    routes: tuple[str, ...] = ()
    """`POST /order`, `GET /data/*`, `/book` (any method)."""

    @property
    def reach(self) -> tuple[str, ...]:
        """As told."""
        return self.routes


class Stall(RoutedFault, frozen=True, kw_only=True, tag="stall"):
    """The answer comes late; or the request arrives late, and is then answered at once."""

    seconds: RealSeconds
    late: Literal["answer", "request"] = "answer"

    async def around(self, run: Run, request: Request, answer: Answering) -> Answer | None:
        """Wait on the right side of what is done."""
        if self.late == "request":
            await asyncio.sleep(self.seconds)
            return await answer()
        said = await answer()
        await asyncio.sleep(self.seconds)
        return said


class DelayedAck(AnswerFault, frozen=True, kw_only=True, tag="delayed_ack"):
    """Orders are answered late: the user channel tells of them first."""

    seconds: RealSeconds

    @property
    def reach(self) -> tuple[str, ...]:
        """Where orders are placed."""
        return ORDER_ROUTES

    async def around(self, run: Run, request: Request, answer: Answering) -> Answer | None:
        """Done at once, said later."""
        said = await answer()
        await asyncio.sleep(self.seconds)
        return said


class DropAnswer(RoutedFault, frozen=True, kw_only=True, tag="drop_answer"):
    """What was asked is done, and the connection is cut before the answer."""

    async def around(self, run: Run, request: Request, answer: Answering) -> Answer | None:
        """Do, and say nothing."""
        await answer()
        return None


class Html403(RoutedFault, frozen=True, kw_only=True, tag="html_403"):
    """The proxy blocks the request; the venue never sees it."""

    async def around(self, run: Run, request: Request, answer: Answering) -> Answer | None:
        """A page for people."""
        return Answer(BLOCKED, 403, HTML)


class Html502(RoutedFault, frozen=True, kw_only=True, tag="html_502"):
    """The proxy gets no answer from the venue, which did what was asked (`accepted`) or not."""

    accepted: bool = False

    async def around(self, run: Run, request: Request, answer: Answering) -> Answer | None:
        """A page for people."""
        if self.accepted:
            await answer()
        return Answer(BAD_GATEWAY, 502, HTML)


class Http500(RoutedFault, frozen=True, kw_only=True, tag="http_500"):
    """The venue fails, after it did what was asked (`accepted`) or before."""

    accepted: bool = False
    error: str = INTERNAL

    async def around(self, run: Run, request: Request, answer: Answering) -> Answer | None:
        """Its own words."""
        if self.accepted:
            await answer()
        return refuse(Refused(self.error, 500))


class Http429(RoutedFault, frozen=True, kw_only=True, tag="http_429"):
    """The request is refused as one too many."""

    retry_after: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 1
    """Seconds."""

    async def around(self, run: Run, request: Request, answer: Answering) -> Answer | None:
        """As the limits would."""
        return refuse(Refused(TOO_MANY_REQUESTS, 429, retry_after_s=self.retry_after))


class UnknownAnswer(RoutedFault, frozen=True, kw_only=True, tag="unknown_answer"):
    """What was asked is done, and the answer's JSON breaks off in the middle; its status and length are right."""

    async def around(self, run: Run, request: Request, answer: Answering) -> Answer | None:
        """The first half."""
        said = await answer()
        return said and said._replace(body=said.body[: len(said.body) // 2])


class SlowRead(RoutedFault, frozen=True, kw_only=True, tag="slow_read"):
    """The answer's body trickles in over some seconds."""

    seconds: RealSeconds

    async def around(self, run: Run, request: Request, answer: Answering) -> Answer | None:
        """Right, but slow."""
        said = await answer()
        return said and said._replace(trickle_s=self.seconds)


class StaleBook(AnswerFault, frozen=True, kw_only=True, tag="stale_book"):
    """`GET /book` and `POST /books` show books as they were some real seconds ago."""

    seconds: RealSeconds

    @property
    def reach(self) -> tuple[str, ...]:
        """Where books are read."""
        return ("GET /book", "POST /books")

    async def around(self, run: Run, request: Request, answer: Answering) -> Answer | None:
        """The same request, answered from memory."""
        found = run.past.answer(request) if run.past else None
        return found or await answer()


def covers(pattern: str, method: str, path: str) -> bool:
    """Whether a route of a script means this request."""
    wanted, _, where = pattern.rpartition(" ")
    if wanted not in ("", "*", method):
        return False
    return path.startswith(where[:-1]) if where.endswith("*") else path == where


def check_routes(patterns: tuple[str, ...], routes: list[tuple[str, str]]) -> None:
    """Whether each means at least one route. Raises NoSuchThing."""
    for pattern in patterns:
        if not any(covers(pattern, method, path) or _opens(pattern, method, path) for method, path in routes):
            raise NoSuchThing("routes", f"no route is {pattern!r}")


def _opens(pattern: str, method: str, path: str) -> bool:
    """Whether a pattern means what a route leaves open: `GET /markets/0xabc` for `/markets/*`."""
    wanted, _, where = pattern.rpartition(" ")
    return (
        wanted in ("", "*", method)
        and path.endswith("/*")
        and where.startswith(path[:-1])
        and where != path[:-1]
    )
