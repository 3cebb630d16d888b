"""The numbers under which the venue files markets and events, and since when they have been there.

A market's number is its place in the order of listing, unless it brings its own, as those do that come and go. An
event's is that of its first market: an event of one market has its market's number. A restarted venue counts the
same, and takes its own beginning for the time of listing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from messages.values import MarketId, MarketNs
from venue.paper.doors.listening import Listening
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.hall import KEPT_TERMS
from venue.paper.engine.terms import Market


class Entry(msgspec.Struct):
    """A market and what is known of it outside the engine. `market` is the engine's own, always as it is now."""

    number: int
    market: Market
    listed_at: MarketNs | None
    """None: when the world began."""
    event: Dossier
    closed_at: MarketNs | None = None


class Dossier(msgspec.Struct):
    """An event with its markets in the order of their listing."""

    number: int
    slug: str
    title: str
    entries: list[Entry]

    @property
    def first(self) -> Entry:
        """The market that gave it its number."""
        return self.entries[0]

    @property
    def is_closed(self) -> bool:
        """Whether all of its markets are."""
        return all(entry.market.closed for entry in self.entries)


class Registry(Listening):
    """All markets and events, by number and by name."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._entries: dict[MarketId, Entry] = {}
        self._retired: dict[MarketId, Entry] = {}
        self._events: dict[str, Dossier] = {}
        self._count = 0
        for market in exchange.markets:
            self._enter(market, None)
        exchange.listen(self)

    def market_changed(self, market: Market) -> None:
        """Listed, or closed."""
        entry = self._entries.get(market.id) or self._enter(market, self._exchange.now)
        if market.closed and entry.closed_at is None:
            entry.closed_at = self._exchange.now

    def market_retired(self, market: Market) -> None:
        """It is listed no more, and known by name for as long as the engine knows it."""
        entry = self._retired[market.id] = self._entries.pop(market.id)
        entry.event.entries.remove(entry)
        if not entry.event.entries:
            del self._events[entry.event.slug]
        if len(self._retired) > KEPT_TERMS:
            del self._retired[next(iter(self._retired))]

    @property
    def entries(self) -> Sequence[Entry]:
        """All markets, by number."""
        return list(self._entries.values())

    @property
    def events(self) -> Iterator[Dossier]:
        """All events, by number."""
        return iter(self._events.values())

    def of(self, market: Market) -> Entry:
        """The entry of a market that is listed, or was lately."""
        return self._entries.get(market.id) or self._retired[market.id]

    def listed_at(self, entry: Entry) -> MarketNs:
        """When a market was listed."""
        return self._exchange.clock.origin if entry.listed_at is None else entry.listed_at

    def _enter(self, market: Market, at: MarketNs | None) -> Entry:
        self._count += 1
        number = market.number or self._count
        slug = market.event or market.slug
        event = self._events.get(slug)
        if event is None:
            event = Dossier(number, slug, market.event_title or market.question, [])
            self._events[slug] = event
        entry = self._entries[market.id] = Entry(number, market, at, event)
        event.entries.append(entry)
        return entry
