"""Binance's public spot REST dialect under /binance: the reference prices for bots that look there for them.

The public API's own shapes and error codes; times are market times. Candles reach four days back, whoever asks for
more gets what there is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import msgspec

from messages.values import MS, SECOND
from venue.paper.crowd.reference import COINS, Coin
from venue.paper.crowd.spot import SIZE_STEP, Candle, Spot
from venue.paper.doors.request import Answer, Handler, Request, Routes
from venue.paper.engine.clock import VenueClock
from venue.wire import binance as wire
from venue.wire.numbers import eight_decimals

SYMBOLS: dict[str, Coin] = {f"{coin.symbol}usdt".upper(): coin for coin in COINS.values()}
INTERVALS = {
    "1s": 1,
    "1m": 60,
    "3m": 180,
    "5m": 300,
    "15m": 900,
    "30m": 1_800,
    "1h": 3_600,
    "2h": 7_200,
    "4h": 14_400,
    "6h": 21_600,
    "8h": 28_800,
    "12h": 43_200,
    "1d": 86_400,
}
"""Seconds."""
HISTORY_S = 4 * 86_400
DEFAULT_CANDLES, MOST_CANDLES = 500, 1_000
_ALLOWED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


class _No(Exception):
    """Binance's words for no."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class BinanceDoor:
    """Reads of one spot exchange."""

    def __init__(self, clock: VenueClock, spot: Spot) -> None:
        self._clock = clock
        self._spot = spot

    def routes(self) -> Routes:
        """What is served here."""
        served: dict[str, Callable[[Request], object]] = {
            "ping": lambda request: {},
            "time": lambda request: {"serverTime": self._now_ms()},
            "exchangeInfo": self.exchange_info,
            "ticker/price": self.prices,
            "ticker/bookTicker": self.book_tickers,
            "klines": self.klines,
        }
        return {("GET", f"/binance/api/v3/{path}"): _answering(read) for path, read in served.items()}

    def prices(self, request: Request) -> object:
        """GET /api/v3/ticker/price: the last trade's, of one symbol, of several, or of all."""
        return self._each(
            request,
            lambda symbol, coin: wire.PriceTicker(symbol, eight_decimals(self._last_price(coin))),
        )

    def book_tickers(self, request: Request) -> object:
        """GET /api/v3/ticker/bookTicker: best prices and sizes."""
        return self._each(request, self._book_ticker)

    def klines(self, request: Request) -> object:
        """GET /api/v3/klines: candles, oldest first; without a start the latest ones."""
        asked = request.query()
        coin, width = _coin(_needed(asked, "symbol")), INTERVALS.get(_needed(asked, "interval"))
        if width is None:
            raise _No(wire.NO_INTERVAL, "Invalid interval.")
        limit = min(_whole(asked, "limit") or DEFAULT_CANDLES, MOST_CANDLES)
        now_ms = self._now_ms()
        begins, ends = _whole(asked, "startTime"), _whole(asked, "endTime")
        last = min(now_ms, now_ms if ends is None else ends) // (1_000 * width)
        first = last - limit + 1 if begins is None else -(-begins // (1_000 * width))
        first = max(first, -(-(now_ms // 1_000 - HISTORY_S) // width))
        last = min(last, first + limit - 1)
        if last < first:
            return []
        until_ms = min(now_ms, (last + 1) * width * 1_000 - 1)
        candles = self._spot.candles(coin, first * width, width, until_ms)
        return [kline(candle, asked["symbol"], asked["interval"], True).row() for candle in candles]

    def exchange_info(self, request: Request) -> object:
        """GET /api/v3/exchangeInfo: symbols with their price and size steps."""
        chosen = _chosen(request)
        return {
            "timezone": "UTC",
            "serverTime": self._now_ms(),
            "rateLimits": [],
            "exchangeFilters": [],
            "symbols": [_symbol_info(symbol, coin) for symbol, coin in (chosen or SYMBOLS).items()],
        }

    def _now_ms(self) -> int:
        return int(self._clock.now()) // MS

    def _each(self, request: Request, row: Callable[[str, Coin], object]) -> object:
        """One row for `symbol`, a list for `symbols` or for none."""
        chosen = _chosen(request)
        rows = [row(symbol, coin) for symbol, coin in (SYMBOLS if chosen is None else chosen).items()]
        return rows[0] if "symbol" in request.query() else rows

    def _last_price(self, coin: Coin) -> int:
        now_ms = self._now_ms()
        return int(self._spot.trades_until(coin, now_ms // 1_000 - 1, now_ms).price[-1])

    def _book_ticker(self, symbol: str, coin: Coin) -> wire.BookTicker:
        quote = self._spot.quote(coin, int(self._clock.now()) // SECOND)
        words = (eight_decimals(value) for value in (quote.bid, quote.bid_size, quote.ask, quote.ask_size))
        return wire.BookTicker(symbol, *words)


def kline(candle: Candle, symbol: str, interval: str, is_closed: bool) -> wire.Kline:
    """A candle in Binance's words."""
    ends_s = candle.begins_s + INTERVALS[interval]
    return wire.Kline(
        begins_at=candle.begins_s * 1_000,
        ends_at=ends_s * 1_000 - 1,
        symbol=symbol,
        interval=interval,
        first=candle.first,
        last=candle.last,
        open=eight_decimals(candle.open),
        close=eight_decimals(candle.close),
        high=eight_decimals(candle.high),
        low=eight_decimals(candle.low),
        volume=eight_decimals(candle.volume),
        count=candle.last - candle.first + 1,
        is_closed=is_closed,
        dollars=eight_decimals(candle.dollars),
        bought=eight_decimals(candle.bought),
        bought_dollars=eight_decimals(candle.bought_dollars),
    )


def _answering(read: Callable[[Request], object]) -> Handler:
    @wraps(read)
    def handler(request: Request) -> Answer:
        try:
            return Answer(wire.encode(read(request)))
        except _No as no:
            return Answer(wire.encode({"code": no.code, "msg": no.text}), 400)

    return handler


def _chosen(request: Request) -> dict[str, Coin] | None:
    """The symbols a request names; None: all."""
    asked = request.query()
    if "symbol" in asked:
        return {asked["symbol"]: _coin(_needed(asked, "symbol"))}
    if "symbols" not in asked:
        return None
    try:
        symbols = msgspec.json.decode(asked["symbols"], type=list[str])
    except (msgspec.DecodeError, RecursionError) as error:
        raise _No(wire.ILLEGAL, "Illegal characters found in parameter 'symbols'.") from error
    return {symbol: _coin(symbol) for symbol in symbols}


def _coin(symbol: str) -> Coin:
    if not 0 < len(symbol) <= 20 or not _ALLOWED.issuperset(symbol):
        legal = "legal range is '^[A-Z0-9-_.]{1,20}$'."
        raise _No(wire.ILLEGAL, f"Illegal characters found in parameter 'symbol'; {legal}")
    if symbol not in SYMBOLS:
        raise _No(wire.NO_SYMBOL, "Invalid symbol.")
    return SYMBOLS[symbol]


def _needed(asked: dict[str, str], name: str) -> str:
    if not asked.get(name):
        words = f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
        raise _No(wire.MISSING, words)
    return asked[name]


def _whole(asked: dict[str, str], name: str) -> int | None:
    """A whole number of the query, None if it is not given."""
    text = asked.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        legal = "legal range is '^[0-9]{1,20}$'."
        raise _No(wire.ILLEGAL, f"Illegal characters found in parameter '{name}'; {legal}")
    return int(text)


def _symbol_info(symbol: str, coin: Coin) -> dict[str, object]:
    return {
        "symbol": symbol,
        "status": "TRADING",
        "baseAsset": coin.symbol.upper(),
        "baseAssetPrecision": 8,
        "quoteAsset": "USDT",
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": [],
        "isSpotTradingAllowed": True,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": eight_decimals(coin.tick),
                "maxPrice": "1000000.00000000",
                "tickSize": eight_decimals(coin.tick),
            },
            {
                "filterType": "LOT_SIZE",
                "minQty": eight_decimals(SIZE_STEP),
                "maxQty": "9000.00000000",
                "stepSize": eight_decimals(SIZE_STEP),
            },
        ],
        "permissions": ["SPOT"],
    }
