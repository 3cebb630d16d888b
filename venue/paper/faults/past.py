"""Books as they were some seconds ago."""

from __future__ import annotations

from collections import deque

import msgspec

from messages.values import SECOND, MarketId, TokenId
from venue.paper.doors.request import Answer, Request
from venue.paper.doors.spelling import book_summary
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import BookView

SAMPLES = 10
"""How many looks at the books go into the time they are behind."""


class _Asked(msgspec.Struct):
    token_id: str


_asked = msgspec.json.Decoder(list[_Asked])


class Past:
    """Books some real seconds ago, give or take a tenth of that time; at first as far back as was looked."""

    def __init__(self, exchange: Exchange, seconds: float, markets: frozenset[MarketId]) -> None:
        self._exchange = exchange
        self._behind_ns = round(seconds * SECOND)
        self._markets = markets
        self._looks: deque[tuple[int, dict[TokenId, BookView]]] = deque()

    def look(self) -> None:
        """Remember the books, if it is time again."""
        now = int(self._exchange.clock.real_now())
        if self._looks and now - self._looks[-1][0] < self._behind_ns // SAMPLES:
            return
        while len(self._looks) > 1 and self._looks[1][0] <= now - self._behind_ns:
            self._looks.popleft()
        self._looks.append((now, self._views()))

    def answer(self, request: Request) -> Answer | None:
        """GET /book or POST /books of then; None where now will do."""
        if request.method == "GET":
            found = self._books([request.query().get("token_id", "")])
            return Answer(found[0]) if found else None
        try:
            tokens = [asked.token_id for asked in _asked.decode(request.body)]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return Answer(b"[" + b",".join(self._books(tokens)) + b"]")

    def _books(self, tokens: list[str]) -> list[bytes]:
        """Of known tokens; those it does not remember are as they are."""
        self.look()
        then, found = self._then(), []
        for token in map(TokenId, tokens):
            market = self._exchange.market_of(token)
            view = then.get(token) or self._exchange.book(token)
            if market is not None and view is not None:
                found.append(msgspec.json.encode(book_summary(view, market)))
        return found

    def _then(self) -> dict[TokenId, BookView]:
        until = int(self._exchange.clock.real_now()) - self._behind_ns
        seen = [views for at, views in self._looks if at <= until]
        return seen[-1] if seen else self._looks[0][1]

    def _views(self) -> dict[TokenId, BookView]:
        markets = [m for m in self._exchange.markets if not self._markets or m.id in self._markets]
        found = {token: self._exchange.book(token) for market in markets for token in (market.yes, market.no)}
        return {token: view for token, view in found.items() if view is not None}
