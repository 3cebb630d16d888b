"""Gamma around markets: tags, series, sports, teams, comments, profiles. Nobody here writes or has any."""

from __future__ import annotations

from collections.abc import Callable

from venue.paper.doors.gamma_query import Asked
from venue.paper.doors.gamma_rows import Rows
from venue.paper.doors.registry import Dossier, Entry, Registry
from venue.paper.doors.request import Answer, Handler, Request
from venue.paper.engine.terms import Refused
from venue.wire.markets import encode

MARKET_TYPES = ("moneyline", "spreads", "totals")
NO_ADDRESS = "required query param 'address' not provided"


def society_routes(
    registry: Registry, rows: Rows, has_tag: Callable[[Request], object]
) -> dict[str, Handler]:
    """Handlers by path below /gamma. `has_tag` raises Refused for a tag that is not there."""

    def market_tags(request: Request) -> Answer:
        return _tags(rows, next((one for one in registry.entries if str(one.number) == request.tail), None))

    def event_tags(request: Request) -> Answer:
        event = _event(registry, request.tail)
        return _tags(rows, event.first)

    def event_count(request: Request) -> Answer:
        _event(registry, request.tail)
        return Answer(b'{"count":0}')

    def related(request: Request) -> Answer:
        has_tag(request)
        return Answer(b"[]")

    return {
        "/markets/*/tags": market_tags,
        "/events/*/tags": event_tags,
        "/events/*/tweet-count": event_count,
        "/events/*/comments/count": event_count,
        "/tags/*/related-tags": related,
        "/tags/*/related-tags/tags": related,
        "/series": _nothing,
        "/series/*": _nobody("id not found"),
        "/sports": _nothing,
        "/sports/market-types": lambda _: Answer(encode({"marketTypes": list(MARKET_TYPES)})),
        "/teams": _nothing,
        "/comments": _nothing,
        "/comments/keyset": lambda _: Answer(b'{"comments":[]}'),
        "/comments/*": _nothing,
        "/comments/user_address/*": _nothing,
        "/public-profile": _profile,
        "/status": lambda _: Answer(b'"OK"'),
    }


def _nothing(request: Request) -> Answer:
    Asked(request)
    return Answer(b"[]")


def _nobody(words: str) -> Handler:
    def answer(request: Request) -> Answer:
        raise Refused(words, 404)

    return answer


def _profile(request: Request) -> Answer:
    if not request.query().get("address"):
        raise Refused(NO_ADDRESS, 422)
    raise Refused("profile not found", 404)


def _tags(rows: Rows, entry: Entry | None) -> Answer:
    if entry is None:
        raise Refused("id not found", 404)
    return Answer(encode(rows.tags(entry.market)))


def _event(registry: Registry, number: str) -> Dossier:
    for event in registry.events:
        if str(event.number) == number:
            return event
    raise Refused("id not found", 404)
