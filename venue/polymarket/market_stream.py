"""The port that listens to the exchange's public market channel, on as many connections as it is told to keep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing
from random import Random
from urllib.parse import urlsplit

import msgspec
from loguru import logger
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from messages.market import (
    ConnectStream,
    FrameDropped,
    LeaveStream,
    ResyncMarkets,
    StreamBeat,
    StreamLost,
    StreamOpened,
    TickReceived,
    WatchMarkets,
)
from messages.values import SECOND, MarketId, RealNs, TokenId
from runtime.ports import Port, handles
from venue.polymarket.translate import MarketFinding, MarketFrames
from venue.wire.market_channel import PING, PONG, Subscribe, encode_frame
from venue.wire.numbers import WireError

MAX_FRAME = 4 << 20
"""Bytes; a longer frame ends the connection."""
MAX_MARKETS = 200
"""Markets on one connection, each with both of its tokens; of more than 500 tokens the exchange sends no books."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

Heard = StreamOpened | StreamLost | StreamBeat | MarketFinding | FrameDropped


class StreamSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a connection is kept alive; all in real seconds."""

    ping_s: float = 5.0
    """Between two text PINGs; the exchange drops a connection that sends none for 10 s."""
    silence_s: float = 15.0
    """Without any frame, a PONG included, the connection is given up."""
    open_s: float = 5.0
    """For the connection to stand."""


class MarketStream(Port):
    """Opens and closes connections as it is told; each has both tokens of every watched market on it."""

    def __init__(self, url: str, settings: StreamSettings | None = None, seed: int = 0) -> None:
        """`url` of the channel, as `wss://ws-subscriptions-clob.polymarket.com/ws/market`; `seed` of the jitter."""
        self._url = url
        self._settings = settings or StreamSettings()
        self._random = Random(seed)
        self._markets: tuple[tuple[MarketId, TokenId, TokenId], ...] = ()
        self._lines: dict[int, Line] = {}

    @handles
    async def watch(self, watched: WatchMarkets) -> None:
        """Have exactly these markets on every connection; at most `MAX_MARKETS`, the first ones."""
        if len(watched.markets) > MAX_MARKETS:
            logger.warning(
                "market stream: {} markets wanted, {} fit on one socket", len(watched.markets), MAX_MARKETS
            )
        self._markets = watched.markets[:MAX_MARKETS]
        for line in self._lines.values():
            line.want(self._markets)

    @handles
    async def connect(self, wanted: ConnectStream) -> AsyncIterator[Heard]:
        """One connection from its beginning to its end, whoever ends it."""
        if wanted.epoch in self._lines:
            return
        line = Line(wanted.epoch, self._url, self._settings, lambda: self.real_now)
        self._lines[wanted.epoch] = line
        line.want(self._markets)
        try:
            if await line.is_left_within(wanted.after_ms / 1_000 * self._random.uniform(0.5, 1.0)):
                return
            async with aclosing(line.listen()) as listening:
                async for heard in listening:
                    if line.is_left:
                        return
                    yield heard
        finally:
            del self._lines[wanted.epoch]

    @handles
    async def leave(self, left: LeaveStream) -> None:
        """Close one connection."""
        if left.epoch in self._lines:
            self._lines[left.epoch].leave()

    @handles
    async def resync(self, asked: ResyncMarkets) -> None:
        """Leave these markets and take them again: the exchange sends a whole book of what is subscribed anew."""
        if asked.epoch in self._lines:
            self._lines[asked.epoch].refresh(asked.markets)


class Line:
    """One connection."""

    def __init__(self, epoch: int, url: str, settings: StreamSettings, now: Callable[[], RealNs]) -> None:
        self._epoch = epoch
        self._now = now
        self._url = url
        self._settings = settings
        self._frames = MarketFrames(epoch)
        self._wanted: dict[TokenId, MarketId] = {}
        self._refresh: set[TokenId] = set()
        """Tokens whose book must be sent anew."""
        self._changed = asyncio.Event()
        self._left = asyncio.Event()
        self._heard_at = RealNs(0)
        self._why = ""
        """Why the connection ended."""

    @property
    def is_left(self) -> bool:
        """Nothing is wanted of it any more."""
        return self._left.is_set()

    def want(self, markets: Iterable[tuple[MarketId, TokenId, TokenId]]) -> None:
        """Have exactly these on it."""
        markets = tuple(markets)
        self._wanted = {token: market for market, *tokens in markets for token in tokens}
        self._frames.know(markets)
        self._changed.set()

    def refresh(self, markets: Iterable[MarketId]) -> None:
        """Have these sent whole again."""
        chosen = set(markets)
        self._refresh |= {token for token, market in self._wanted.items() if market in chosen}
        self._changed.set()

    def leave(self) -> None:
        """Close it, or do not open it."""
        self._left.set()
        self._changed.set()

    async def is_left_within(self, span_s: float) -> bool:
        """Wait; True when it is not wanted any more before the time is over."""
        try:
            async with asyncio.timeout(span_s):
                await self._left.wait()
        except TimeoutError:
            pass
        return self.is_left

    async def listen(self) -> AsyncGenerator[Heard, None]:
        """Connect, and tell everything up to the end of the connection, that included."""
        on_this_host = urlsplit(self._url).hostname in LOOPBACK
        connecting = connect(
            self._url,
            compression=None,
            max_size=MAX_FRAME,
            open_timeout=self._settings.open_s,
            close_timeout=1,
            ping_interval=None,
            proxy=None if on_this_host else True,
        )
        try:
            async with connecting as socket, aclosing(self._session(socket)) as session:
                async for heard in session:
                    yield heard
            reason = self._why
        except (OSError, WebSocketException, EOFError) as error:
            reason = f"cannot connect: {str(error) or type(error).__name__}"
        yield StreamLost(reason=reason, at=self._now(), epoch=self._epoch)

    async def _session(self, socket: ClientConnection) -> AsyncGenerator[Heard, None]:
        subscribed = await self._subscribe(socket)
        self._heard_at = self._now()
        yield StreamOpened(at=self._heard_at, epoch=self._epoch)
        tending = asyncio.create_task(self._tend(socket, subscribed))
        try:
            while True:
                try:
                    frame = await socket.recv(decode=False)
                except ConnectionClosed as closed:
                    self._why = self._why or str(closed)
                    break
                self._heard_at = seen_at = self._now()
                for heard in self._read(frame, seen_at):
                    yield heard
        finally:
            tending.cancel()
            await asyncio.wait([tending])
        if not tending.cancelled() and (error := tending.exception()) is not None:
            raise error

    def _read(self, frame: bytes, seen_at: RealNs) -> Sequence[Heard]:
        if frame == PONG.encode():
            return (StreamBeat(at=seen_at, epoch=self._epoch),)
        try:
            found = self._frames.read(frame, seen_at)
        except WireError as error:
            return (FrameDropped(stream="market", reason=str(error)),)
        changed = [heard.market for heard in found if isinstance(heard, TickReceived)]
        if changed:  # a new price grid voids the book, and the exchange sends no other by itself
            self.refresh(changed)
        return found

    async def _tend(self, socket: ClientConnection, subscribed: set[TokenId]) -> None:
        """Send what keeps the connection useful; close it when nothing is heard, and when this ends."""
        try:
            ping_at = self._now() + round(self._settings.ping_s * SECOND)
            silence_ns = round(self._settings.silence_s * SECOND)
            while not self.is_left:
                await self._pause_until(min(ping_at, self._heard_at + silence_ns, key=int))
                if self._now() - self._heard_at >= silence_ns:
                    self._why = f"nothing heard for {self._settings.silence_s:g} s"
                    return
                if self._now() >= ping_at:
                    ping_at = self._now() + round(self._settings.ping_s * SECOND)
                    await socket.send(PING)
                await self._follow(socket, subscribed)
        except ConnectionClosed:
            return
        finally:
            socket.transport.abort()

    async def _pause_until(self, at: RealNs) -> None:
        try:
            async with asyncio.timeout(max(0, at - self._now()) / SECOND):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _subscribe(self, socket: ClientConnection) -> set[TokenId]:
        self._changed.clear()
        tokens = list(self._wanted)
        first = Subscribe(
            assets_ids=list[str](tokens),
            type="market",
            custom_feature_enabled=False,
            initial_dump=True,
            level=2,
        )
        await socket.send(encode_frame(first))
        return set(tokens)

    async def _follow(self, socket: ClientConnection, subscribed: set[TokenId]) -> None:
        """Bring the subscriptions to what is wanted now; what must be refreshed is left and taken again."""
        self._changed.clear()
        again = self._refresh & subscribed
        self._refresh.clear()
        left = [t for t in sorted(subscribed) if t not in self._wanted or t in again]
        subscribed.difference_update(left)
        taken = [t for t in self._wanted if t not in subscribed]
        subscribed.update(taken)
        if left:
            await socket.send(encode_frame(Subscribe(operation="unsubscribe", assets_ids=list[str](left))))
        if taken:
            await socket.send(encode_frame(Subscribe(operation="subscribe", assets_ids=list[str](taken))))
