"""Market data over REST: books, prices, and what the CLOB says of markets (VENUE §4.8, §6.2, §6.3)."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from messages.values import MICRO, MarketId, Price, TokenId
from venue.paper.doors.request import Answer, Handler, Request, Routes, page_start
from venue.paper.doors.rest_account import page_of
from venue.paper.doors.spelling import book_summary, last_trade, token_price
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import BookView, Market, Refused
from venue.wire import errors
from venue.wire import markets as wire
from venue.wire.markets import encode
from venue.wire.numbers import exact, spell
from venue.wire.orders import Page

MARKETS_PAGE = 1000
MAX_ASKED = 500
REWARD_ASSET = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"
"""pUSD."""


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
            ("GET", "/tick-size"): self._one(self._tick),
            ("GET", "/neg-risk"): self._one(lambda market, _: {"neg_risk": market.neg_risk}),
            ("GET", "/fee-rate"): self._one(lambda market, _: {"base_fee": 1000 if market.fee_rate else 0}),
            ("POST", "/books"): self.books,
            ("POST", "/midpoints"): self._map("mid", self._midpoint),
            ("POST", "/spreads"): self._map("spread", self._spread),
            ("POST", "/prices"): self.prices,
            ("POST", "/last-trades-prices"): self.last_trades,
            ("GET", "/markets"): self._listing(listed_market),
            ("GET", "/sampling-markets"): self._listing(listed_market, rewarded=True),
            ("GET", "/simplified-markets"): self._listing(simple_market),
            ("GET", "/sampling-simplified-markets"): self._listing(simple_market, rewarded=True),
            ("GET", "/markets/*"): self.market,
            ("GET", "/clob-markets/*"): self.clob_market,
            ("GET", "/markets-by-token/*"): self.by_token,
        }
        for plural in ("/books", "/midpoints", "/spreads", "/prices", "/last-trades-prices"):
            served["GET", plural] = _plural
        return served

    def price(self, request: Request) -> Answer:
        """GET /price: the best bid for BUY, the best ask for SELL; an empty side is 0 or 1."""
        asked = request.query()
        market, token = self._known(asked.get("token_id", ""))
        return Answer(encode({"price": self._best(market, token, asked.get("side", ""))}))

    def prices(self, request: Request) -> Answer:
        """POST /prices: by token and side."""
        found: dict[str, dict[str, str]] = {}
        for asked in _items(request.body):
            market = self._exchange.market_of(TokenId(asked.token_id))
            if market is not None:
                side = asked.side or "SELL"
                found.setdefault(asked.token_id, {})[side] = self._best(market, TokenId(asked.token_id), side)
        return Answer(encode(found))

    def books(self, request: Request) -> Answer:
        """POST /books: those of known tokens, in the order of the request."""
        found = []
        for asked in _items(request.body):
            market = self._exchange.market_of(TokenId(asked.token_id))
            if market is not None:
                found.append(self._book(market, TokenId(asked.token_id)))
        return Answer(encode(found))

    def last_trades(self, request: Request) -> Answer:
        """POST /last-trades-prices."""
        found = []
        for asked in _items(request.body):
            market = self._exchange.market_of(TokenId(asked.token_id))
            if market is not None:
                said = self._last_trade(market, TokenId(asked.token_id))
                found.append({**said, "token_id": asked.token_id})
        return Answer(encode(found))

    def market(self, request: Request) -> Answer:
        """GET /markets/{condition}."""
        return Answer(encode(listed_market(self._market(request.tail))))

    def clob_market(self, request: Request) -> Answer:
        """GET /clob-markets/{condition}."""
        return Answer(encode(clob_market(self._market(request.tail))))

    def by_token(self, request: Request) -> Answer:
        """GET /markets-by-token/{token}."""
        market = self._exchange.market_of(TokenId(request.tail))
        if market is None:
            raise Refused(errors.NO_MARKET, 404)
        pair = wire.TokenPair(
            condition_id=market.id, primary_token_id=market.yes, secondary_token_id=market.no
        )
        return Answer(encode(pair))

    def _market(self, condition: str) -> Market:
        market = self._exchange.market(MarketId(condition))
        if market is None:
            raise Refused(errors.NO_MARKET, 404)
        return market

    def _known(self, token: str) -> tuple[Market, TokenId]:
        if not (token.isascii() and token.isdigit()) or len(token) > 78:
            raise Refused(errors.INVALID_TOKEN)
        market = self._exchange.market_of(TokenId(token))
        if market is None:
            raise Refused(errors.NO_BOOK, 404)
        return market, TokenId(token)

    def _one(self, say: Callable[[Market, TokenId], object]) -> Handler:
        """A call about the token named in the query."""
        return lambda request: Answer(encode(say(*self._known(request.query().get("token_id", "")))))

    def _map(self, name: str, say: Callable[[Market, TokenId], dict[str, str]]) -> Handler:
        """The same for every known token of a list body."""

        def answer(request: Request) -> Answer:
            found: dict[str, str] = {}
            for asked in _items(request.body):
                market = self._exchange.market_of(TokenId(asked.token_id))
                view = market and self._view(TokenId(asked.token_id))
                if market is not None and view and view.bids and view.asks:
                    found[asked.token_id] = say(market, TokenId(asked.token_id))[name]
            return Answer(encode(found))

        return answer

    def _listing(self, row: Callable[[Market], msgspec.Struct], rewarded: bool = False) -> Handler:
        def answer(request: Request) -> Answer:
            start = request.query().get("next_cursor", "")
            page_start(start)
            markets = [m for m in self._exchange.markets if m.rewards_daily or not rewarded]
            page, next_cursor = page_of(markets, start, MARKETS_PAGE)
            rows = [row(market) for market in page]
            return Answer(
                encode(
                    Page[msgspec.Struct](
                        limit=MARKETS_PAGE, next_cursor=next_cursor, count=len(rows), data=rows
                    )
                )
            )

        return answer

    def _view(self, token: TokenId) -> BookView:
        view = self._exchange.book(token)
        assert view is not None, "asked for a listed token only"
        return view

    def _top(self, token: TokenId) -> tuple[Price, Price]:
        """Best bid and ask. Raises Refused when a side is empty."""
        view = self._view(token)
        if not (view.bids and view.asks):
            raise Refused(errors.NO_BOOK, 404)
        return view.bids[-1][0], view.asks[-1][0]

    def _best(self, market: Market, token: TokenId, side: str) -> str:
        view = self._view(token)
        if side not in ("BUY", "SELL"):
            raise Refused(errors.INVALID_SIDE)
        levels = view.bids if side == "BUY" else view.asks
        return spell(levels[-1][0] if levels else 0 if side == "BUY" else MICRO)

    def _book(self, market: Market, token: TokenId) -> object:
        return book_summary(self._view(token), market)

    def _midpoint(self, market: Market, token: TokenId) -> dict[str, str]:
        bid, ask = self._top(token)
        return {"mid": spell((bid + ask) // 2)}

    def _spread(self, market: Market, token: TokenId) -> dict[str, str]:
        bid, ask = self._top(token)
        return {"spread": spell(ask - bid)}

    def _last_trade(self, market: Market, token: TokenId) -> dict[str, str]:
        return {"price": last_trade(market, token) or "0.5", "side": ""}

    def _tick(self, market: Market, token: TokenId) -> object:
        return {"minimum_tick_size": exact(market.tick)}


def clob_market(market: Market) -> wire.ClobMarket:
    """The compact form."""
    fees = wire.CompactFees(r=exact(market.fee_rate)) if market.fee_rate else None
    rewards = None
    if market.rewards_daily:
        spread = exact(market.rewards_max_spread * 100)
        rewards = wire.CompactRewards(mi=exact(market.rewards_min_size), ma=spread, moas=30)
    return wire.ClobMarket(
        c=market.id,
        t=[wire.CompactToken(t=market.yes, o="Yes"), wire.CompactToken(t=market.no, o="No")],
        r=rewards,
        mos=exact(market.min_size),
        mts=exact(market.tick),
        nr=market.neg_risk,
        fd=fees,
        ao=market.accepting_orders,
        v="v1",
    )


def simple_market(market: Market) -> wire.SimpleMarket:
    """The short form of a listing."""
    return wire.SimpleMarket(
        condition_id=market.id,
        tokens=_tokens(market),
        rewards=_rewards(market),
        active=True,
        closed=market.closed,
        accepting_orders=market.accepting_orders,
    )


def listed_market(market: Market) -> wire.ListedMarket:
    """The long form of a listing."""
    return wire.ListedMarket(
        closed=market.closed,
        accepting_orders=market.accepting_orders,
        minimum_order_size=exact(market.min_size),
        minimum_tick_size=exact(market.tick),
        condition_id=market.id,
        question=market.question,
        market_slug=market.slug,
        end_date_iso=wire.spell_date(market.ends_at) if market.ends_at is not None else None,
        neg_risk=market.neg_risk,
        rewards=_rewards(market),
        tokens=_tokens(market),
    )


def _tokens(market: Market) -> list[wire.ListedToken]:
    yes = Price(MICRO // 2) if market.last_trade is None else market.last_trade
    return [
        wire.ListedToken(token_id=token, outcome=word, price=exact(token_price(market, token, yes)))
        for token, word in ((market.yes, "Yes"), (market.no, "No"))
    ]


def _rewards(market: Market) -> wire.ListedRewards:
    daily = exact(market.rewards_daily)
    rates = [wire.RewardRate(asset_address=REWARD_ASSET, rewards_daily_rate=daily)]
    return wire.ListedRewards(
        rates=rates if market.rewards_daily else None,
        min_size=exact(market.rewards_min_size),
        max_spread=exact(market.rewards_max_spread * 100),
    )


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
