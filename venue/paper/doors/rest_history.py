"""Prices as they were: points, batches of them, candles (VENUE §4.8)."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from messages.values import MICRO, MarketId, TokenId
from venue.paper.doors.request import Answer, Request, Routes, whole
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, Refused
from venue.paper.programs.minutes import minute_of
from venue.paper.programs.prices import KEEP, Recorder
from venue.wire import errors
from venue.wire.history import BatchAsked, BatchHistory, Candle, Candles, PricePoint, PricesHistory
from venue.wire.markets import encode
from venue.wire.numbers import exact

HOUR, DAY, WEEK, MONTH = 60, 1_440, 7 * 1_440, 30 * 1_440
INTERVALS: dict[str, tuple[int, int]] = {
    "1h": (HOUR, 1),
    "6h": (6 * HOUR, 1),
    "1d": (DAY, 1),
    "1w": (WEEK, 5),
    "1m": (MONTH, 10),
    "max": (KEEP, 1),
    "all": (KEEP, 1),
}
"""Minutes back from now, and the least fidelity; `1m` is a month, `max` no more than the venue remembers."""
MAX_WINDOW_S = 15 * 86_400
MAX_BATCH = 20
MAX_ROWS = 1_000
WIDTHS = {"1m": 1, "5m": 5, "15m": 15, "30m": 30, "1h": HOUR, "4h": 4 * HOUR, "1d": DAY, "1w": WEEK}
NO_TOKEN = "invalid filters: the 'market' (asset id) is mandatory"
NO_INTERVAL = "invalid filters: the 'interval' value is unknown. Known values: '1m', '1w', '1d', '6h', '1h'"
TOO_LONG = "invalid filters: 'startTs' and 'endTs' interval is too long"
TOO_FINE = "invalid filters: minimum 'fidelity' for '{interval}' range is {least}"
BAD_NUMBER = "invalid filters: '{name}' is not a number"
NO_WINDOW = "invalid filters: 'interval' or 'startTs' is mandatory"
NO_START = "startTs is required"
NO_ASSET = "asset_id is required"

_batch = msgspec.json.Decoder(BatchAsked)


class Window(NamedTuple):
    """Minutes from and to, each `step`-th."""

    first: int
    last: int
    step: int


class HistoryDoor:
    """Public. A token nobody listed has no points and is no error, as at the venue."""

    def __init__(self, exchange: Exchange, prices: Recorder) -> None:
        self._exchange = exchange
        self._prices = prices

    def routes(self) -> Routes:
        """What is served here."""
        return {
            ("GET", "/prices-history"): self.history,
            ("POST", "/batch-prices-history"): self.batch,
            ("GET", "/ohlc"): self.candles,
            ("GET", "/orderbook-history"): self.books,
        }

    def history(self, request: Request) -> Answer:
        """GET /prices-history: a token's points; one stamped "now" comes last while its market is open."""
        asked = request.query()
        if not asked.get("market"):
            raise Refused(NO_TOKEN)
        window = self._window(
            _number(asked, "startTs"),
            _number(asked, "endTs"),
            asked.get("interval"),
            _number(asked, "fidelity"),
        )
        found = points(self._exchange, self._prices, TokenId(asked["market"]), window)
        return Answer(encode(PricesHistory(found)))

    def batch(self, request: Request) -> Answer:
        """POST /batch-prices-history: of up to twenty tokens."""
        try:
            asked = _batch.decode(request.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refused(errors.INVALID_PAYLOAD) from error
        if not asked.markets:
            raise Refused(NO_TOKEN)
        if len(asked.markets) > MAX_BATCH:
            raise Refused(errors.TOO_LARGE)
        start, end = (None if at is None else int(at) for at in (asked.start_ts, asked.end_ts))
        window = self._window(start, end, asked.interval, asked.fidelity)
        found = {
            token: points(self._exchange, self._prices, TokenId(token), window) for token in asked.markets
        }
        return Answer(encode(BatchHistory(found)))

    def candles(self, request: Request) -> Answer:
        """GET /ohlc, from the points of each minute. The answer's shape is assumed: no document shows it."""
        asked = request.query()
        if not asked.get("asset_id"):
            raise Refused(NO_ASSET)
        start = _number(asked, "startTs")
        if start is None:
            raise Refused(NO_START)
        width = WIDTHS.get(asked.get("fidelity") or "1m")
        if width is None:
            raise Refused("invalid fidelity")
        market = self._exchange.market_of(TokenId(asked["asset_id"]))
        rows = [] if market is None else self._rows(market, TokenId(asked["asset_id"]), start // 60, width)
        rows = rows[: _limit(asked)]
        return Answer(encode(Candles(count=len(rows), data=rows)))

    def books(self, request: Request) -> Answer:
        """GET /orderbook-history: the venue has written none since February 2026, so there never are any."""
        asked = request.query()
        if not (asked.get("asset_id") or asked.get("market")):
            raise Refused(NO_ASSET)
        if _number(asked, "startTs") is None:
            raise Refused(NO_START)
        _limit(asked)
        return Answer(b'{"count":0,"data":[]}')

    def _window(
        self, start: int | None, end: int | None, interval: str | None, fidelity: int | None
    ) -> Window:
        """Which minutes are meant; instants in epoch seconds win over an interval. Raises Refused."""
        now = minute_of(self._exchange.now)
        if start is not None:
            if end is not None and end - start > MAX_WINDOW_S:
                raise Refused(TOO_LONG)
            last = now if end is None else min(now, end // 60)
            return Window(-(-start // 60), last, max(1, fidelity or 1))
        if not interval:
            raise Refused(NO_WINDOW)
        if interval not in INTERVALS:
            raise Refused(NO_INTERVAL)
        length, least = INTERVALS[interval]
        if fidelity is not None and fidelity < least:
            raise Refused(TOO_FINE.format(interval=interval, least=least))
        return Window(now - length, now, max(1, least if fidelity is None else fidelity))

    def _rows(self, market: Market, token: TokenId, first: int, width: int) -> list[Candle]:
        now = minute_of(self._exchange.now)
        found = self._prices.candles(MarketId(market.id), max(first, now - KEEP), now, width)
        return [_candle(begin, [_own(market, token, price) for price in prices]) for begin, prices in found]


def points(exchange: Exchange, prices: Recorder, token: TokenId, window: Window) -> list[PricePoint]:
    """A token's prices in a window, and the one of this moment while its market is open."""
    market = exchange.market_of(token)
    if market is None:
        return []
    found = [
        PricePoint(minute * 60, exact(_own(market, token, price)))
        for minute, price in prices.prices(market.id).between(*window)
    ]
    if not market.closed:
        now = int(exchange.now) // 10**9
        found.append(PricePoint(now, exact(_own(market, token, prices.price_now(market)))))
    return found


def _candle(begin: int, prices: list[int]) -> Candle:
    return Candle(
        t=begin * 60, o=exact(prices[0]), h=exact(max(prices)), l=exact(min(prices)), c=exact(prices[-1])
    )


def _own(market: Market, token: TokenId, yes_price: int) -> int:
    return yes_price if token == market.yes else MICRO - yes_price


def _number(asked: dict[str, str], name: str) -> int | None:
    """A whole number of a query; fractions of a second are cut off. Raises Refused."""
    text = asked.get(name, "")
    return whole(text.partition(".")[0], BAD_NUMBER.format(name=name)) if text else None


def _limit(asked: dict[str, str]) -> int:
    return min(MAX_ROWS, whole(asked.get("limit") or str(MAX_ROWS), "Invalid limit"))
