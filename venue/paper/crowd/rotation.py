"""A world put on an exchange: every question listed, rounds one after the other, and forgotten when they are over.

Assumed: that tokens nobody redeemed for an hour are redeemed then, as the venue's site does it for who wants it.
"""

from __future__ import annotations

import math
from contextlib import suppress

from messages.values import SECOND, MarketId
from venue.paper.crowd.listings import Listing, World, ask, run
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, Refused

VERSION = "crowd 2"
KEPT_S = 3_600
"""Market seconds for which a round stays listed after it ended."""
RECALLED_S = 86_400
"""A restart looks back so far, in case market time went on without the exchange; what nobody needs is soon gone."""
RETRY_S = 600
"""When somebody's tokens cannot be redeemed yet, the next try is so much later."""


class Rotation:
    """Lists a world as of market time, and goes on listing it. What is listed follows from market time alone."""

    def __init__(self, exchange: Exchange, world: World, seed: int) -> None:
        self._exchange = exchange
        self._world = world
        self._seed = seed

    def begin(self) -> None:
        """List everything that is open, or not yet forgotten, and what comes when its time has come."""
        now_s = max(0, int(self._exchange.now) - int(self._exchange.clock.origin)) / SECOND
        for place, listing in enumerate(self._world.listings, 1):
            self._begin(listing, place, now_s)
        place = len(self._world.listings) + 1
        for race in self._world.races:
            for market in run(race, self._seed, place):
                self._exchange.add_participants(market)
            place += len(race.candidates)

    def _begin(self, listing: Listing, place: int, now_s: float) -> None:
        rounds = listing.rounds
        if rounds is None:
            self._list(listing, 0, place)
            return
        for number in range(rounds.current(now_s - RECALLED_S), rounds.current(now_s)):
            self._list(listing, number, place)
        self._go_on(listing, rounds.current(now_s), place)

    def _go_on(self, listing: Listing, number: int, place: int) -> None:
        """List a round, and the next one when it ends."""
        self._list(listing, number, place)
        assert listing.rounds is not None, f"{listing.slug} has one round only"
        ends_s = listing.rounds.ends_s(number)
        self._exchange.schedule(math.ceil(ends_s * SECOND), lambda: self._go_on(listing, number + 1, place))

    def _list(self, listing: Listing, number: int, place: int) -> None:
        exchange, rounds = self._exchange, listing.rounds
        participants = ask(listing, number, self._seed, place, exchange.clock.origin)
        exchange.add_participants(participants)
        if rounds is not None:
            market, ends_s = participants.market.id, rounds.ends_s(number)
            if not exchange.clock.is_started:
                exchange.schedule(1, lambda: self._date(market, ends_s))
            self._forget_at(ends_s + KEPT_S, market)

    def _date(self, market: MarketId, ends_s: float) -> None:
        """The clock was started, and market second 0 may have moved."""
        listed = self._exchange.market(market)
        assert listed is not None, "a market is listed for longer than an instant"
        listed.ends_at = self._exchange.clock.origin + round(ends_s * SECOND)

    def _forget_at(self, at_s: float, market: MarketId) -> None:
        self._exchange.schedule(math.ceil(at_s * SECOND), lambda: self._forget(at_s, market))

    def _forget(self, at_s: float, market: MarketId) -> None:
        exchange = self._exchange
        terms = exchange.market(market)
        assert terms is not None, "a market is forgotten once"
        redeem_for_all(exchange, terms)
        if not exchange.retire(market):
            self._forget_at(at_s + RETRY_S, market)


def redeem_for_all(exchange: Exchange, market: Market) -> None:
    """For whoever holds tokens of a resolved market; what is not settled yet cannot be."""
    holders = [maker for token in (market.yes, market.no) for maker, _ in exchange.holders(token)]
    for maker in dict.fromkeys(holders):
        with suppress(Refused):
            exchange.bank.redeem(maker, market)
