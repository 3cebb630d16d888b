"""Market data over REST: books, prices, and the constants of a token (VENUE §4.8)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import msgspec

from messages.values import MICRO, Price, TokenId
from venue.paper.doors.request import Answer, Handler, Request, Routes
from venue.paper.doors.spelling import book_summary, last_side, last_trade
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, Refused
from venue.wire import errors
from venue.wire.markets import encode
from venue.wire.numbers import exact, spell

MAX_ASKED = 500
BASE_FEE = 1000
"""The legacy number that says no more than that a market has fees."""


class Asked(msgspec.Struct):
    """One item of a list body: a token, and a side where prices are asked for."""

    token_id: str
    side: str = ""


_asked = msgspec.json.Decoder(list[Asked])


class MarketDoor:
    """Public: no call needs a key."""

    def __init__(self, exchange: Exchange, wall_s: Callable[[], float] = time.time) -> None:
        self._exchange = exchange
        self._wall_s = wall_s

    def routes(self) -> Routes:
        """What is served here."""
        served: dict[tuple[str, str], Handler] = {
            ("GET", "/"): lambda _: Answer(b'{"version":2}'),
            ("GET", "/ok"): lambda _: Answer(b'"OK"'),
            ("GET", "/time"): lambda _: Answer(str(int(self._wall_s())).encode()),
            ("GET", "/version"): lambda _: Answer(b'{"version":2}'),
            ("GET", "/book"): self._one(self._book),
            ("GET", "/midpoint"): self._one(self._midpoint),
            ("GET", "/spread"): self._one(self._spread),
            ("GET", "/last-trade-price"): self._one(self._last_trade),
            ("GET", "/price"): self.price,
            ("POST", "/books"): self.books,
            ("POST", "/midpoints"): self._map("mid", self._midpoint),
            ("POST", "/spreads"): self._map("spread", self._spread),
            ("POST", "/prices"): self.prices,
            ("POST", "/last-trades-prices"): self.last_trades,
        }
        for plural in ("/books", "/midpoints", "/spreads", "/prices", "/last-trades-prices"):
            served["GET", plural] = _plural
        for path, say, nothing in _CONSTANTS:
            served["GET", path] = self._constant(say, nothing)
            served["GET", f"{path}/*"] = self._constant(say, nothing)
        return served

    def price(self, request: Request) -> Answer:
        """GET /price: the best bid for BUY, the best ask for SELL; an empty side is 0 or 1."""
        asked = request.query()
        market, token = self._known(asked.get("token_id", ""))
        return Answer(encode({"price": self._best(market, token, asked.get("side", ""))}))

    def prices(self, request: Request) -> Answer:
        """POST /prices: by token and side; who names no side is told the ask."""
        found: dict[str, dict[str, str]] = {}
        for asked, market, token in self._asked(request.body):
            side = asked.side or "SELL"
            found.setdefault(token, {})[side] = self._best(market, token, side)
        return Answer(encode(found))

    def books(self, request: Request) -> Answer:
        """POST /books: those of known tokens, in the order of the request."""
        return Answer(encode([self._book(market, token) for _, market, token in self._asked(request.body)]))

    def last_trades(self, request: Request) -> Answer:
        """POST /last-trades-prices."""
        found = [
            {**self._last_trade(market, token), "token_id": token}
            for _, market, token in self._asked(request.body)
        ]
        return Answer(encode(found))

    def _known(self, token: str, nothing: str = errors.NO_BOOK) -> tuple[Market, TokenId]:
        """A token and its market, which has a book until it is closed. Raises Refused."""
        if not (token.isascii() and token.isdigit()) or len(token) > 78:
            raise Refused(errors.INVALID_TOKEN)
        market = self._exchange.market_of(TokenId(token))
        if market is None or market.closed:
            raise Refused(nothing, 404)
        return market, TokenId(token)

    def _one(self, say: Callable[[Market, TokenId], object]) -> Handler:
        """A call about the token named in the query."""
        return lambda request: Answer(encode(say(*self._known(request.query().get("token_id", "")))))

    def _constant(self, say: Callable[[Market], object], nothing: str) -> Handler:
        """The same about what does not move; the path may name the token too."""

        def answer(request: Request) -> Answer:
            market, _ = self._known(request.tail or request.query().get("token_id", ""), nothing)
            return Answer(encode(say(market)))

        return answer

    def _map(self, name: str, say: Callable[[Market, TokenId], dict[str, str]]) -> Handler:
        """The same for every known token of a list body whose book has two sides."""

        def answer(request: Request) -> Answer:
            found = {
                token: say(market, token)[name]
                for _, market, token in self._asked(request.body)
                if None not in self._exchange.top(market.id)
            }
            return Answer(encode(found))

        return answer

    def _asked(self, body: bytes) -> Iterator[tuple[Asked, Market, TokenId]]:
        """The items of a list body whose tokens have a book. Raises Refused."""
        for asked in _items(body):
            market = self._exchange.market_of(TokenId(asked.token_id))
            if market is not None and not market.closed:
                yield asked, market, TokenId(asked.token_id)

    def _sides(self, market: Market, token: TokenId) -> tuple[Price | None, Price | None]:
        """Best bid and ask of a token, None for an empty side."""
        bid, ask = self._exchange.top(market.id)
        if token == market.yes:
            return bid, ask
        mirrored = (None if price is None else Price(MICRO - price) for price in (ask, bid))
        return next(mirrored), next(mirrored)

    def _top(self, market: Market, token: TokenId) -> tuple[Price, Price]:
        """Best bid and ask. Raises Refused when a side is empty."""
        bid, ask = self._sides(market, token)
        if bid is None or ask is None:
            raise Refused(errors.NO_BOOK, 404)
        return bid, ask

    def _best(self, market: Market, token: TokenId, side: str) -> str:
        if side not in ("BUY", "SELL"):
            raise Refused(errors.INVALID_SIDE)
        bid, ask = self._sides(market, token)
        if side == "BUY":
            return spell(bid or 0)
        return spell(MICRO if ask is None else ask)

    def _book(self, market: Market, token: TokenId) -> object:
        view = self._exchange.book(token)
        assert view is not None, "asked for a listed token only"
        return book_summary(view, market)

    def _midpoint(self, market: Market, token: TokenId) -> dict[str, str]:
        bid, ask = self._top(market, token)
        return {"mid": spell((bid + ask) // 2)}

    def _spread(self, market: Market, token: TokenId) -> dict[str, str]:
        bid, ask = self._top(market, token)
        return {"spread": spell(ask - bid)}

    def _last_trade(self, market: Market, token: TokenId) -> dict[str, str]:
        return {"price": last_trade(market, token) or "0.5", "side": last_side(market, token)}


_CONSTANTS: tuple[tuple[str, Callable[[Market], object], str], ...] = (
    ("/tick-size", lambda market: {"minimum_tick_size": exact(market.tick)}, errors.NO_MARKET),
    ("/neg-risk", lambda market: {"neg_risk": market.neg_risk}, errors.NO_MARKET),
    ("/fee-rate", lambda market: {"base_fee": BASE_FEE if market.fee_rate else 0}, errors.NO_FEE_RATE),
)
"""Paths, what they say, and the venue's words for a token that has none."""


def _items(body: bytes) -> list[Asked]:
    try:
        found = _asked.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(errors.INVALID_PAYLOAD) from error
    if len(found) > MAX_ASKED:
        raise Refused(errors.TOO_LARGE)
    return found


def _plural(request: Request) -> Answer:
    raise Refused(errors.INVALID_PAYLOAD)
