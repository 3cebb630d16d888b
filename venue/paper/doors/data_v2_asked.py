"""How version 2 of the Data API is asked, and how it answers: selectors, pages by cursor, refusals (VENUE §6.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from venue.paper.doors.data_book import DataBook
from venue.paper.doors.request import Answer, Handler, Request, Routes, page_start, whole
from venue.paper.engine.terms import Refused
from venue.wire.data_v2 import Envelope, ErrorV2, PageV2, Paging
from venue.wire.markets import encode
from venue.wire.orders import cursor

Row = TypeVar("Row")

PREFIX = "/data-api/v2"
MAX_LIMIT, DEFAULT_LIMIT = 1_000, 100
NO_OFFSET = "offset is not supported, follow next_cursor"
NOWHERE = ("0x",)
"""A condition that no market has."""


def served(handlers: dict[str, Handler]) -> Routes:
    """Routes below the prefix, whose refusals are in this version's words."""
    return {("GET", f"{PREFIX}{path}"): _in_its_words(handler) for path, handler in handlers.items()}


def conditions(request: Request, book: DataBook) -> tuple[str, ...]:
    """The conditions that a query names, or those of the events it names; none if it names neither."""
    named = [one for name in ("condition", "condition_id", "conditionId") for one in request.queries(name)]
    events = [one for name in ("event_id", "eventId") for one in request.queries(name)]
    if not events:
        return tuple(named)
    found = [
        entry.market.id
        for event in book.registry.events
        if str(event.number) in events
        for entry in event.entries
        if not named or entry.market.id in named
    ]
    return tuple(found) or NOWHERE


def span(asked: dict[str, str]) -> tuple[int, int | None]:
    """First and last second; None: no end. Raises Refused."""
    end = whole(asked["end"], "invalid end") if asked.get("end") else None
    return whole(asked.get("start") or "0", "invalid start"), end


def place(asked: dict[str, str], most: int = MAX_LIMIT) -> tuple[int, int]:
    """Where a page begins and how long it is. Cursors are places in the listing (assumed; the venue signs its own).
    Raises Refused."""
    if "offset" in asked:
        raise Refused(NO_OFFSET)
    limit = whole(asked.get("limit") or str(DEFAULT_LIMIT), "invalid limit", most)
    return page_start(asked.get("cursor", "")), max(1, limit)


def page(rows: Sequence[Row], start: int, limit: int, has_more: bool) -> Answer:
    """The rows of one page."""
    following = cursor(start + limit) if has_more else None
    paging = Paging(limit=limit, offset=start, has_more=has_more, next_cursor=following)
    return Answer(encode(PageV2(data=list(rows), pagination=paging)))


def part(rows: Sequence[Row], asked: dict[str, str]) -> Answer:
    """The page that a query names of all rows."""
    start, limit = place(asked)
    return page(rows[start : start + limit], start, limit, start + limit < len(rows))


def whole_answer(data: object) -> Answer:
    """What has no pages."""
    return Answer(encode(Envelope(data=data)))


def _in_its_words(handler: Handler) -> Handler:
    """Version 2 says of a refusal what it is about and whether to try again."""

    def answer(request: Request) -> Answer:
        try:
            return handler(request)
        except Refused as no:
            trace = hashlib.blake2b(request.query_string, digest_size=16).hexdigest()
            return Answer(msgspec.json.encode(ErrorV2(error=no.text, trace_id=trace)), no.status)

    return answer
