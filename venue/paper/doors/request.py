"""One HTTP request as the doors see it, and the answers they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

import msgspec

from venue.paper.engine.terms import Refused
from venue.wire.errors import CURSOR_AT_END, INVALID_CURSOR, encode_error
from venue.wire.numbers import WireError
from venue.wire.orders import offset_of

JSON = b"application/json"
HTML = b"text/html; charset=UTF-8"
MAX_QUERY_FIELDS = 100
CONTROL = "control"
"""The client of a request that came over the control socket instead of the port."""

Headers = tuple[tuple[bytes, bytes], ...]
"""Of an answer: lower-case names and their values."""


class Request(msgspec.Struct):
    """Everything of a request; headers by lower-case name."""

    method: str
    path: str
    query_string: bytes
    headers: Mapping[bytes, bytes]
    body: bytes
    tail: str = ""
    """The part of the path that a route leaves open."""
    client: str = ""
    """Its address; `CONTROL`; "" if it is gone already."""

    def header(self, name: bytes) -> str:
        """A header's text, "" when it is missing."""
        return self.headers.get(name, b"").decode("latin-1")

    def query(self) -> dict[str, str]:
        """The query's fields; of a repeated one the last. Raises Refused."""
        text = self.query_string.decode("latin-1")
        try:
            return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS))
        except ValueError as error:
            raise Refused("Invalid payload") from error

    def queries(self, name: str) -> list[str]:
        """Every value of a field that may be repeated or list several with commas. Raises Refused."""
        text = self.query_string.decode("latin-1")
        try:
            found = parse_qsl(text, max_num_fields=MAX_QUERY_FIELDS)
        except ValueError as error:
            raise Refused("Invalid payload") from error
        return [item for key, value in found if key == name for item in value.split(",") if item]


class Answer(NamedTuple):
    """What goes back. Success is always 200: the official client takes any other status for a failure."""

    body: bytes
    status: int = 200
    content_type: bytes = JSON
    headers: Headers = ()
    trickle_s: float = 0.0
    """Real time its body takes to leave; only a fault makes it last."""


class Declined(Refused):
    """A refusal whose answer has headers of its own."""

    def __init__(self, text: str, status: int, headers: Headers, retry_after_s: int | None = None) -> None:
        super().__init__(text, status, retry_after_s=retry_after_s)
        self.headers = headers


Handler = Callable[[Request], Answer]
Routes = Mapping[tuple[str, str], Handler]
"""By method and path; a part of the path that is `*` is left open."""


def refuse(no: Refused) -> Answer:
    """The venue's words in their envelope; a text that says `not found` has status 404 (VENUE §3.7)."""
    status = 404 if no.status == 400 and "not found" in no.text.lower() else no.status
    headers = no.headers if isinstance(no, Declined) else ()
    if no.retry_after_s is not None:
        headers = (*headers, (b"retry-after", str(no.retry_after_s).encode()))
    return Answer(encode_error(no.text, no.code, no.retry_after_s), status, headers=headers)


def page_start(cursor: str) -> int:
    """Where a page begins. Raises Refused."""
    try:
        start = offset_of(cursor)
    except WireError as error:
        raise Refused(INVALID_CURSOR) from error
    if start < 0:
        raise Refused(CURSOR_AT_END)
    return start


def whole(text: str, words: str, most: int = 1 << 40) -> int:
    """A whole number of a query. Raises Refused with the given words."""
    if not (text.isascii() and text.isdigit()) or len(text) > 15 or int(text) > most:
        raise Refused(words)
    return int(text)
