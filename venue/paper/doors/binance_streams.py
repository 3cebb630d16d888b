"""Binance's public websockets under /binance: raw streams at /ws, combined ones at /stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import parse_qs

from messages.values import MS
from venue.paper.crowd.reference import Coin
from venue.paper.crowd.spot import LATEST_MS, Spot, Trade
from venue.paper.doors.beats import Beats
from venue.paper.doors.binance import INTERVALS, SYMBOLS, kline
from venue.paper.doors.connection import Connection
from venue.paper.engine.clock import VenueClock
from venue.wire import binance as wire
from venue.wire.numbers import WireError, eight_decimals

RAW, COMBINED = "/binance/ws", "/binance/stream"
MAX_STREAMS = 1_024
"""Of one connection."""
LONGEST_S = 3_600
"""Of the candles that are streamed; longer ones are to be had by REST."""

_Make = Callable[[str, Coin, int], Iterator[wire.Event]]


class _Client:
    """A connection and the streams it wants, also those that do not exist."""

    def __init__(self, connection: Connection, is_combined: bool) -> None:
        self.connection = connection
        self.is_combined = is_combined
        self.streams: dict[str, None] = {}


class _Stream:
    """One stream that exists, and who listens."""

    def __init__(self, name: str, make: Callable[[int], Iterator[wire.Event]]) -> None:
        self.name = name
        self.audience: dict[_Client, None] = {}
        self._make = make

    def tell(self, second: int) -> None:
        """What a second brings."""
        for event in self._make(second):
            raw = wire.encode_event(event)
            wrapped = wire.combined(self.name, raw)
            for client in list(self.audience):
                client.connection.tell(wrapped if client.is_combined else raw, "update")


class BinanceSocket:
    """All streams of one spot exchange; only what somebody listens to is made."""

    def __init__(self, clock: VenueClock, spot: Spot, beats: Beats) -> None:
        self._clock = clock
        self._spot = spot
        self._beats = beats
        self._streams: dict[str, _Stream] = {}
        self._makes: dict[str, _Make] = {
            "trade": self._trades,
            "aggTrade": self._aggregate_trades,
            "bookTicker": self._book_ticker,
            **{
                f"kline_{interval}": partial(self._klines, interval)
                for interval, width in INTERVALS.items()
                if width <= LONGEST_S
            },
        }
        self._methods: dict[str, Callable[[_Client, wire.Request], wire.Result]] = {
            "SUBSCRIBE": self._subscribe,
            "UNSUBSCRIBE": self._unsubscribe,
            "LIST_SUBSCRIPTIONS": lambda client, request: list(client.streams),
            "SET_PROPERTY": self._set_property,
            "GET_PROPERTY": lambda client, request: client.is_combined,
        }

    async def serve(self, connection: Connection) -> None:
        """One client, from its first frame to its last."""
        path, query = connection.path, parse_qs(connection.query_string.decode("latin-1"))
        is_combined = path.startswith(COMBINED)
        named = "/".join(query.get("streams", ())) if is_combined else path.removeprefix(RAW)
        client = _Client(connection, is_combined)
        self._add(client, [name for name in named.split("/") if name][:MAX_STREAMS])
        try:
            await connection.serve(lambda text: self._hear(client, text), needs_ping=False)
        finally:
            self._remove(client, list(client.streams))

    # -- what clients say

    def _hear(self, client: _Client, text: str) -> None:
        """A request; whatever it is, it is answered."""
        try:
            request = wire.decode_request(text)
        except WireError as error:
            client.connection.send(wire.refusal(wire.INVALID_JSON, str(error)))
            return
        try:
            said = wire.answer(request.id, self._method(request.method)(client, request))
        except WireError as error:
            said = wire.refusal(wire.INVALID_REQUEST, str(error), request.id)
        client.connection.send(said)

    def _method(self, name: str) -> Callable[[_Client, wire.Request], wire.Result]:
        found = self._methods.get(name)
        if found is None:
            known = ", ".join(f"`{method}`" for method in self._methods)
            raise WireError(f"Invalid request: unknown variant `{name[:40]}`, expected one of {known}")
        return found

    def _subscribe(self, client: _Client, request: wire.Request) -> None:
        self._add(client, request.streams())

    def _unsubscribe(self, client: _Client, request: wire.Request) -> None:
        self._remove(client, request.streams())

    def _set_property(self, client: _Client, request: wire.Request) -> None:
        match request.params:
            case [wire.COMBINED, bool(value)]:
                client.is_combined = value
            case _:
                raise WireError("Invalid request: expected `combined` and a boolean")

    def _add(self, client: _Client, names: list[str]) -> None:
        for name in names:
            if name not in client.streams and len(client.streams) >= MAX_STREAMS:
                raise WireError("Invalid request: too many streams")
            client.streams[name] = None
            stream = self._streams.get(name) or self._made(name)
            if stream is not None:
                stream.audience[client] = None
                self._beats.join(stream.tell, LATEST_MS * MS)

    def _remove(self, client: _Client, names: list[str]) -> None:
        for name in names:
            client.streams.pop(name, None)
            stream = self._streams.get(name)
            if stream is not None:
                stream.audience.pop(client, None)
                if not stream.audience:
                    self._beats.leave(stream.tell)
                    del self._streams[name]

    def _made(self, name: str) -> _Stream | None:
        """A stream that nobody listened to before; None if there is none of that name."""
        symbol, _, kind = name.partition("@")
        coin, make = SYMBOLS.get(symbol.upper()), self._makes.get(kind)
        if coin is None or make is None or symbol != symbol.lower():
            return None
        stream = self._streams[name] = _Stream(name, partial(make, symbol.upper(), coin))
        return stream

    # -- what streams tell

    def _trades(self, symbol: str, coin: Coin, second: int) -> Iterator[wire.TradeEvent]:
        for trade in self._rows(coin, second):
            yield wire.TradeEvent(
                sent_at=self._now_ms(),
                symbol=symbol,
                number=trade.number,
                price=eight_decimals(trade.price),
                size=eight_decimals(trade.size),
                at=trade.at_ms,
                is_sale=trade.is_sale,
            )

    def _aggregate_trades(self, symbol: str, coin: Coin, second: int) -> Iterator[wire.AggregateTradeEvent]:
        for trade in self._rows(coin, second):
            yield wire.AggregateTradeEvent(
                sent_at=self._now_ms(),
                symbol=symbol,
                number=trade.number,
                price=eight_decimals(trade.price),
                size=eight_decimals(trade.size),
                first=trade.number,
                last=trade.number,
                at=trade.at_ms,
                is_sale=trade.is_sale,
            )

    def _book_ticker(self, symbol: str, coin: Coin, second: int) -> Iterator[wire.BookTickerEvent]:
        quote = self._spot.quote(coin, second)
        yield wire.BookTickerEvent(
            number=quote.number,
            symbol=symbol,
            bid=eight_decimals(quote.bid),
            bid_size=eight_decimals(quote.bid_size),
            ask=eight_decimals(quote.ask),
            ask_size=eight_decimals(quote.ask_size),
        )

    def _klines(self, interval: str, symbol: str, coin: Coin, second: int) -> Iterator[wire.KlineEvent]:
        """The candle that just ended, if one did, and the present one."""
        width = INTERVALS[interval]
        begins = second // width * width
        if second == begins:
            yield self._kline(interval, symbol, coin, begins - width, 1_000 * begins - 1, is_closed=True)
        yield self._kline(interval, symbol, coin, begins, 1_000 * second + LATEST_MS, is_closed=False)

    def _kline(
        self, interval: str, symbol: str, coin: Coin, begins_s: int, until_ms: int, *, is_closed: bool
    ) -> wire.KlineEvent:
        (candle,) = self._spot.candles(coin, begins_s, INTERVALS[interval], until_ms)
        made = kline(candle, symbol, interval, is_closed)
        return wire.KlineEvent(sent_at=self._now_ms(), symbol=symbol, kline=made)

    def _rows(self, coin: Coin, second: int) -> list[Trade]:
        return self._spot.trades(coin, second, second).rows()

    def _now_ms(self) -> int:
        return int(self._clock.now()) // MS
