"""The live-data channel at /ws/live-data: reference prices second by second (VENUE §5.6).

Every price is one of the path that settles the crypto windows, and all times are market times. Assumed: how old a
price is when it is told (0.14 s, 1.3 s from the settling feed); that a subscription is answered with the last minute
of each of its symbols; that silence closes nothing here. Topics without prices are accepted and stay silent.
"""

from __future__ import annotations

import uuid

import msgspec

from messages.values import MICRO, MS, SECOND, MarketNs
from venue.paper.crowd.reference import COINS, E18, Coin, Reference
from venue.paper.doors.beats import Beats
from venue.paper.doors.connection import Connection
from venue.paper.engine.clock import VenueClock
from venue.wire import live_data as wire
from venue.wire.numbers import WireError, eight_decimals

HISTORY_S = 60
"""Seconds told in answer to a subscription."""
SPOT_NS, FEED_NS = 140 * MS, 1_300 * MS
"""Age of a price when it is told, in market time."""
LOWER_PING, LOWER_PONG = "ping", "pong"
"""As the venue's own client says it."""


class Topic(msgspec.Struct, frozen=True):
    """Prices of one kind."""

    name: str
    pair: str
    """How it spells a coin."""
    delay_ns: int
    window_s: int | None = None
    """Seconds an average goes over."""


TOPICS = (
    Topic(wire.CRYPTO, "{}usdt", SPOT_NS),
    Topic(wire.CHAINLINK, "{}/usd", FEED_NS),
    Topic(wire.TWAP_THIRTY, "{}/usd", FEED_NS, 30),
    Topic(wire.TWAP_SIXTY, "{}/usd", FEED_NS, 60),
)


class _Client:
    """A connection with a name."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.name = str(uuid.uuid4())

    def send(self, frame: str, event: str) -> None:
        """A frame that is the same for all but for the name."""
        self.connection.tell(wire.named(frame, self.name), event)


class _Stream:
    """One coin's prices of one kind, and who listens to them."""

    def __init__(self, topic: Topic, coin: Coin, reference: Reference, clock: VenueClock) -> None:
        self.topic = topic
        self.symbol = topic.pair.format(coin.symbol)
        self.audience: dict[_Client, None] = {}
        self._coin = coin
        self._reference = reference
        self._clock = clock

    def tell(self, second: int) -> None:
        """A second's price to everybody."""
        value, exact = self._price(second)
        price = wire.Price(
            symbol=self.symbol,
            timestamp=second * 1_000,
            value=value,
            full_accuracy_value=exact,
            window_s=self.topic.window_s,
        )
        frame = self._frame(wire.UPDATE, price)
        for client in list(self.audience):
            client.send(frame, wire.UPDATE)

    def answer(self, client: _Client, last: int) -> None:
        """What was before, up to a second."""
        points = [
            wire.Point(timestamp=second * 1_000, value=value, full_accuracy_value=exact)
            for second in range(last - HISTORY_S + 1, last + 1)
            for value, exact in [self._price(second)]
        ]
        frame = self._frame(wire.SUBSCRIBE, wire.History(symbol=self.symbol, data=points))
        client.send(frame, wire.SUBSCRIBE)

    def _frame(self, kind: str, payload: wire.Price | wire.History) -> str:
        sent_at = int(self._clock.now()) // MS
        return wire.encode_message(
            wire.Message(topic=self.topic.name, type=kind, timestamp=sent_at, payload=payload)
        )

    def _price(self, second: int) -> tuple[float, str]:
        """For display, and exactly."""
        at, topic = MarketNs(second * SECOND), self.topic
        if topic.name == wire.CRYPTO:
            price = self._reference.value_at(self._coin, at) // self._coin.tick * self._coin.tick
            return price / MICRO, eight_decimals(price)
        exact = self._reference.twap_at(self._coin, at, topic.window_s or 1)
        return exact / E18, str(exact)


class LiveDataSocket:
    """Makes frames only for what somebody subscribed to, each once."""

    def __init__(self, clock: VenueClock, reference: Reference, beats: Beats) -> None:
        self._beats = beats
        self._streams = {
            topic.name: [_Stream(topic, coin, reference, clock) for coin in COINS.values()]
            for topic in TOPICS
        }

    async def serve(self, connection: Connection) -> None:
        """One client, from its first frame to its last."""
        client = _Client(connection)
        try:
            await connection.serve(lambda text: self._hear(client, text), needs_ping=False)
        finally:
            for streams in self._streams.values():
                for stream in streams:
                    self._remove(client, stream)

    def _hear(self, client: _Client, text: str) -> None:
        """A frame of a client; what makes no sense is ignored."""
        if text == LOWER_PING:
            client.connection.send(LOWER_PONG)
            return
        try:
            request = wire.decode_request(text)
            asked = [(each.topic, wire.symbols(each)) for each in request.subscriptions]
        except WireError:
            return
        for topic, symbols in asked:
            for stream in self._streams.get(topic, ()):
                if symbols is not None and stream.symbol not in symbols:
                    continue
                if request.action == "subscribe":
                    self._add(client, stream)
                elif request.action == "unsubscribe":
                    self._remove(client, stream)

    def _add(self, client: _Client, stream: _Stream) -> None:
        stream.answer(client, self._beats.join(stream.tell, stream.topic.delay_ns))
        stream.audience[client] = None

    def _remove(self, client: _Client, stream: _Stream) -> None:
        stream.audience.pop(client, None)
        if not stream.audience:
            self._beats.leave(stream.tell)
