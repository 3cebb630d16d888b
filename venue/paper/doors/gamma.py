"""Gamma, the metadata API, under /gamma: markets, events, tags, search (VENUE §6.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from venue.paper.doors.gamma_query import Asked
from venue.paper.doors.gamma_rows import Rows, tag_of
from venue.paper.doors.gamma_society import society_routes
from venue.paper.doors.registry import Dossier, Entry, Registry
from venue.paper.doors.request import Answer, Handler, Request, Routes
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Refused
from venue.paper.programs.prices import Recorder
from venue.wire.gamma_listing import EventRow, KeysetPage, MarketRow, Pagination, SearchAnswer, Tag
from venue.wire.markets import encode
from venue.wire.orders import cursor

KINDS = {400: "validation error", 404: "not found error", 422: "validation error"}
"""What Gamma calls a refusal beside its words."""
NO_ID, NO_SLUG = "id not found", "slug not found"


class GammaDoor:
    """Public. A market that belongs to no event is one by itself, with its own number and slug."""

    def __init__(self, exchange: Exchange, registry: Registry, prices: Recorder) -> None:
        self._exchange = exchange
        self._registry = registry
        self._rows = Rows(exchange, registry, prices)

    def routes(self) -> Routes:
        """What is served here."""
        served: dict[str, Handler] = {
            "/markets": self.markets,
            "/markets/keyset": self.keyset,
            "/markets/*": self.market,
            "/markets/slug/*": self.market_by_slug,
            "/events": self.events,
            "/events/keyset": self.event_keyset,
            "/events/*": self.event,
            "/events/slug/*": self.event_by_slug,
            "/tags": lambda _: Answer(encode(self._tags())),
            "/tags/*": lambda asked: Answer(encode(self._tag(asked.tail, "id", NO_ID))),
            "/tags/slug/*": lambda asked: Answer(encode(self._tag(asked.tail, "slug", NO_SLUG))),
            "/tags/slug/*/related-tags": self._related_by_slug,
            "/tags/slug/*/related-tags/tags": self._related_by_slug,
            "/public-search": self.search,
            **society_routes(self._registry, self._rows, lambda asked: self._tag(asked.tail, "id", NO_ID)),
        }
        return {("GET", f"/gamma{path}"): _in_its_words(handler) for path, handler in served.items()}

    def markets(self, request: Request) -> Answer:
        """GET /markets."""
        asked = Asked(request)
        return Answer(encode(asked.part(self._market_rows(asked))))

    def keyset(self, request: Request) -> Answer:
        """GET /markets/keyset: pages by cursor; the last one has none."""
        asked = Asked(request)
        rows, following = asked.page(self._market_rows(asked))
        return Answer(encode(KeysetPage(markets=list(rows), next_cursor=_cursor(following))))

    def events(self, request: Request) -> Answer:
        """GET /events."""
        asked = Asked(request)
        return Answer(encode(asked.part(self._event_rows(asked))))

    def event_keyset(self, request: Request) -> Answer:
        """GET /events/keyset."""
        asked = Asked(request)
        rows, following = asked.page(self._event_rows(asked))
        return Answer(encode(KeysetPage(events=list(rows), next_cursor=_cursor(following))))

    def market(self, request: Request) -> Answer:
        """GET /markets/{id}."""
        return self._one(request, lambda entry: str(entry.number), NO_ID)

    def market_by_slug(self, request: Request) -> Answer:
        """GET /markets/slug/{slug}."""
        return self._one(request, lambda entry: entry.market.slug, NO_SLUG)

    def event(self, request: Request) -> Answer:
        """GET /events/{id}: an object, where `?id=` gives a list."""
        return self._one_event(request, lambda event: str(event.number), NO_ID)

    def event_by_slug(self, request: Request) -> Answer:
        """GET /events/slug/{slug}."""
        return self._one_event(request, lambda event: event.slug, NO_SLUG)

    def search(self, request: Request) -> Answer:
        """GET /public-search: events and tags whose texts have all the words; nobody here has a profile."""
        asked = Asked(request)
        words = asked.fields.get("q", "").lower().split()
        if not words:
            raise Refused("q: required", 422)
        size = max(1, min(asked.whole("limit_per_type", 5), 50))
        start = (max(1, asked.whole("page", 1)) - 1) * size
        found = [event for event in self._registry.events if _mentions(event, words)]
        tags = [tag for tag in self._tags() if all(word in tag.label.lower() for word in words)]
        said = SearchAnswer(
            events=[self._rows.event(event) for event in found[start : start + size]],
            tags=tags,
            profiles=[],
            pagination=Pagination(hasMore=start + size < len(found), totalResults=len(found)),
        )
        return Answer(encode(said))

    def _market_rows(self, asked: Asked) -> Sequence[MarketRow]:
        with_tags = asked.flag("include_tag") is True
        kept = [e for e in self._registry.entries if asked.keeps_market(e, self._number_of_tag(e))]
        rows = [self._rows.market(entry, with_tags=with_tags) for entry in kept]
        return asked.ordered([row for row in rows if asked.keeps_row(row)], MarketRow)

    def _event_rows(self, asked: Asked) -> Sequence[EventRow]:
        with_markets = asked.flag("include_markets") is not False
        rows = [
            self._rows.event(event, with_markets)
            for event in self._registry.events
            if asked.keeps_event(event, self._number_of_tag(event.first), event.first.market.category)
        ]
        return asked.ordered([row for row in rows if asked.keeps_row(row)], EventRow)

    def _one(self, request: Request, name: Callable[[Entry], str], words: str) -> Answer:
        for entry in self._registry.entries:
            if name(entry) == request.tail:
                return Answer(
                    encode(self._rows.market(entry, with_tags=Asked(request).flag("include_tag") is True))
                )
        raise Refused(words, 404)

    def _one_event(self, request: Request, name: Callable[[Dossier], str], words: str) -> Answer:
        for event in self._registry.events:
            if name(event) == request.tail:
                return Answer(encode(self._rows.event(event)))
        raise Refused(words, 404)

    def _tags(self) -> list[Tag]:
        categories = dict.fromkeys(entry.market.category for entry in self._registry.entries)
        return [tag_of(category, self._exchange.clock.origin) for category in categories if category]

    def _tag(self, name: str, field: str, words: str) -> Tag:
        for tag in self._tags():
            if getattr(tag, field) == name:
                return tag
        raise Refused(words, 404)

    def _related_by_slug(self, request: Request) -> Answer:
        self._tag(request.tail, "slug", NO_SLUG)
        return Answer(b"[]")

    def _number_of_tag(self, entry: Entry) -> str:
        tags = self._rows.tags(entry.market)
        return tags[0].id if tags else ""


def _mentions(event: Dossier, words: list[str]) -> bool:
    text = " ".join([event.title, *(entry.market.question for entry in event.entries)]).lower()
    return all(word in text for word in words)


def _cursor(following: int | None) -> str | None:
    return None if following is None else cursor(following)


def _in_its_words(handler: Handler) -> Handler:
    """Gamma's refusals say of which kind they are."""

    def answer(request: Request) -> Answer:
        try:
            return handler(request)
        except Refused as no:
            said = {"type": KINDS.get(no.status, "error"), "error": no.text}
            return Answer(msgspec.json.encode(said), no.status)

    return answer
