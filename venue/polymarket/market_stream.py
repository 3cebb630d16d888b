"""The port that listens to the exchange's public market channel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from random import Random
from urllib.parse import urlsplit

import msgspec
from loguru import logger
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from messages.market import (
    FrameDropped,
    StreamBeat,
    StreamLost,
    StreamOpened,
    TickReceived,
    WatchMarkets,
)
from messages.values import SECOND, MarketId, RealNs, TokenId
from runtime.ports import Port, handles, runs
from venue.polymarket.translate import MarketFinding, MarketFrames
from venue.wire.market_channel import PING, PONG, Subscribe, encode_frame
from venue.wire.numbers import WireError

MAX_FRAME = 4 << 20
"""Bytes; a longer frame ends the connection."""
MAX_TOKENS = 200
"""Tokens on one socket; with many more the exchange never sends their books."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

Heard = StreamOpened | StreamLost | StreamBeat | MarketFinding | FrameDropped


class StreamSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the stream is kept alive; all in real seconds."""

    ping_s: float = 5.0
    """Between two text PINGs; the exchange drops a connection that sends none for 10 s."""
    silence_s: float = 15.0
    """Without any frame, a PONG included, the connection is given up."""
    open_s: float = 5.0
    """For the connection to stand."""
    stand_s: float = 10.0
    """A connection that stood so long was no failure: the count of attempts begins anew."""
    first_wait_s: float = 0.25
    """Before the first new attempt; doubled each time …"""
    max_wait_s: float = 10.0
    """… up to this, and then for ever."""


class MarketStream(Port):
    """Keeps one connection to the market channel, with the YES tokens of the watched markets on it."""

    def __init__(self, url: str, settings: StreamSettings | None = None, seed: int = 0) -> None:
        """`url` of the channel, as `wss://ws-subscriptions-clob.polymarket.com/ws/market`; `seed` of the jitter."""
        self._url = url
        self._settings = settings or StreamSettings()
        self._random = Random(seed)
        self._frames = MarketFrames()
        self._wanted: dict[TokenId, MarketId] = {}
        self._refresh: set[TokenId] = set()
        """Tokens whose book must be sent anew."""
        self._changed = asyncio.Event()
        self._heard_at = RealNs(0)
        self._why = ""
        """Why the connection ended."""

    @handles
    async def watch(self, watched: WatchMarkets) -> None:
        """Have exactly these markets on the stream; at most `MAX_TOKENS`, the first ones."""
        if len(watched.markets) > MAX_TOKENS:
            logger.warning(
                "market stream: {} markets wanted, {} fit on one socket", len(watched.markets), MAX_TOKENS
            )
        markets = watched.markets[:MAX_TOKENS]
        self._wanted = {yes: market for market, yes, _ in markets}
        self._frames.know(markets)
        self._changed.set()

    @runs
    async def listen(self) -> AsyncIterator[Heard]:
        """Connect, listen, and connect again whenever it ends; nothing before the first market is watched."""
        attempt = 0
        while True:
            await self._until_wanted()
            began_at = self.real_now
            try:
                async with self._connect() as socket, aclosing(self._session(socket)) as session:
                    async for heard in session:
                        yield heard
                reason = self._why
            except (OSError, WebSocketException, EOFError) as error:
                reason = f"cannot connect: {str(error) or type(error).__name__}"
            stood = self.real_now - began_at > self._settings.stand_s * SECOND
            attempt = 1 if stood else attempt + 1
            yield StreamLost(reason=reason, attempt=attempt, at=self.real_now)
            await asyncio.sleep(self._wait_s(attempt))

    def _connect(self) -> connect:
        on_this_host = urlsplit(self._url).hostname in LOOPBACK
        return connect(
            self._url,
            compression=None,
            max_size=MAX_FRAME,
            open_timeout=self._settings.open_s,
            close_timeout=1,
            ping_interval=None,
            proxy=None if on_this_host else True,
        )

    async def _until_wanted(self) -> None:
        while not self._wanted:
            self._changed.clear()
            await self._changed.wait()

    async def _session(self, socket: ClientConnection) -> AsyncGenerator[Heard, None]:
        self._frames.restart()
        self._refresh.clear()
        self._why = ""
        subscribed = await self._subscribe(socket)
        self._heard_at = self.real_now
        yield StreamOpened(at=self._heard_at)
        tending = asyncio.create_task(self._tend(socket, subscribed))
        try:
            while True:
                try:
                    frame = await socket.recv(decode=False)
                except ConnectionClosed as closed:
                    self._why = self._why or str(closed)
                    break
                self._heard_at = seen_at = self.real_now
                for heard in self._read(frame, seen_at):
                    yield heard
        finally:
            tending.cancel()
            await asyncio.wait([tending])
        if not tending.cancelled() and (error := tending.exception()) is not None:
            raise error

    def _read(self, frame: bytes, seen_at: RealNs) -> Sequence[Heard]:
        if frame == PONG.encode():
            return (StreamBeat(at=seen_at),)
        try:
            found = self._frames.read(frame, seen_at)
        except WireError as error:
            return (FrameDropped(stream="market", reason=str(error)),)
        self._ask_again(found)
        return found

    def _ask_again(self, found: Iterable[Heard]) -> None:
        """A new price grid voids the book, and the exchange sends no other by itself."""
        changed = {heard.market for heard in found if isinstance(heard, TickReceived)}
        if changed:
            self._refresh |= {token for token, market in self._wanted.items() if market in changed}
            self._changed.set()

    async def _tend(self, socket: ClientConnection, subscribed: set[TokenId]) -> None:
        """Send what keeps the connection useful; close it when nothing is heard, and when this ends."""
        try:
            ping_at = self.real_now + round(self._settings.ping_s * SECOND)
            silence_ns = round(self._settings.silence_s * SECOND)
            while True:
                await self._pause_until(min(ping_at, self._heard_at + silence_ns))
                if self.real_now - self._heard_at >= silence_ns:
                    self._why = f"nothing heard for {self._settings.silence_s:g} s"
                    return
                if self.real_now >= ping_at:
                    ping_at = self.real_now + round(self._settings.ping_s * SECOND)
                    await socket.send(PING)
                await self._follow(socket, subscribed)
        except ConnectionClosed:
            return
        finally:
            socket.transport.abort()

    async def _pause_until(self, at: RealNs) -> None:
        try:
            async with asyncio.timeout(max(0, at - self.real_now) / SECOND):
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

    def _wait_s(self, attempt: int) -> float:
        longest = min(self._settings.max_wait_s, self._settings.first_wait_s * 2.0 ** min(attempt - 1, 30))
        return longest * self._random.uniform(0.5, 1.0)
