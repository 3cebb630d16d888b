"""Whether orders would count for rewards now, and what their owner has been told (VENUE §4.6)."""

from __future__ import annotations

import msgspec

from messages.values import OrderId
from venue.paper.doors.keys import Keys
from venue.paper.doors.request import Answer, Request, Routes
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Refused
from venue.paper.ledger.ledger import ApiKey
from venue.paper.programs.rewards import Rewards
from venue.wire import errors
from venue.wire.markets import encode
from venue.wire.rewards import Scoring

MAX_ASKED = 1_000
_ids = msgspec.json.Decoder(list[str])


class ScoringDoor:
    """One's own orders; any other, and one that no longer rests, does not score."""

    def __init__(self, exchange: Exchange, rewards: Rewards, keys: Keys) -> None:
        self._exchange = exchange
        self._rewards = rewards
        self._keys = keys

    def routes(self) -> Routes:
        """What is served here."""
        return {
            ("GET", "/order-scoring"): self.one,
            ("GET", "/orders-scoring"): self.named,
            ("POST", "/orders-scoring"): self.listed,
        }

    def one(self, request: Request) -> Answer:
        """GET /order-scoring?order_id=."""
        key = self._keys.check(request)
        order = request.query().get("order_id", "")
        if not order:
            raise Refused(errors.INVALID_SCORED_ORDER)
        return Answer(encode(Scoring(self._is_scoring(key, order))))

    def named(self, request: Request) -> Answer:
        """GET /orders-scoring?order_ids=."""
        key = self._keys.check(request)
        return self._several(key, request.queries("order_ids"))

    def listed(self, request: Request) -> Answer:
        """POST /orders-scoring with a list of ids."""
        key = self._keys.check(request)
        try:
            return self._several(key, _ids.decode(request.body))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refused(errors.INVALID_PAYLOAD) from error

    def _several(self, key: ApiKey, orders: list[str]) -> Answer:
        if len(orders) > MAX_ASKED:
            raise Refused(errors.TOO_LARGE)
        return Answer(encode({order: self._is_scoring(key, order) for order in orders}))

    def _is_scoring(self, key: ApiKey, order: str) -> bool:
        found = self._exchange.order(key.key, OrderId(order))
        return found is not None and self._rewards.is_scoring(found)
