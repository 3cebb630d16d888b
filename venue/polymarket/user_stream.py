"""The user stream: our own orders and trades as they happen, over one websocket that is opened again for ever."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from messages.account import LegsSeen, OrderSeen, UserStreamBeat, UserStreamLost, UserStreamOpened
from messages.market import FrameDropped
from messages.values import SECOND, RealNs
from venue.polymarket.account import Us, user_frame
from venue.polymarket.client import one_line
from venue.polymarket.keys import Credentials, Redactor
from venue.wire.market_channel import PING, PONG
from venue.wire.numbers import WireError
from venue.wire.user_channel import Auth, UserSubscribe, encode_user_frame

UserWord = UserStreamOpened | UserStreamLost | UserStreamBeat | OrderSeen | LegsSeen | FrameDropped
"""All that the stream says."""
MAX_FRAME = 1 << 20
"""Bytes; a longer frame closes the connection."""
OPEN_TIMEOUT_S = 5.0
FIRST_BACKOFF_S = 0.25
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_silent = logging.Logger("user-stream", logging.CRITICAL + 1)
"""The library's own lines would hold the subscription, which holds the secret."""


class UserStream:
    """Subscribes with our credentials, pings, and reconnects with growing pauses until the port is closed."""

    def __init__(
        self,
        url: str,
        now: Callable[[], RealNs],
        *,
        ping_s: float = 5.0,
        silence_s: float = 15.0,
        max_backoff_s: float = 5.0,
    ) -> None:
        """`url` as `wss://host`; real seconds between pings, without an answer until it is lost, between tries."""
        self._url = f"{url.rstrip('/')}/ws/user"
        self._now = now
        self._ping_s = ping_s
        self._silence_s = silence_s
        self._max_backoff_s = max_backoff_s
        self._attempt = 0

    async def listen(
        self, credentials: Callable[[], Credentials], redact: Redactor
    ) -> AsyncGenerator[UserWord, None]:
        """What the stream says, for ever; each connection asks for the credentials of the moment, and `redact`
        cleans the reasons it gives for being lost."""
        while True:
            reason = "closed"
            try:
                async with aclosing(self._connection(credentials())) as words:
                    async for word in words:
                        if isinstance(word, UserStreamOpened):
                            self._attempt = 0
                        yield word
            except (OSError, EOFError, WebSocketException) as error:
                reason = str(error) or type(error).__name__
            self._attempt += 1
            yield UserStreamLost(reason=one_line(redact(reason)), attempt=self._attempt, at=self._now())
            await asyncio.sleep(self._backoff_s())

    def _backoff_s(self) -> float:
        return min(self._max_backoff_s, FIRST_BACKOFF_S * 2.0 ** min(self._attempt - 1, 16))

    async def _connection(self, credentials: Credentials) -> AsyncGenerator[UserWord, None]:
        """One connection's words; raises what ended it."""
        on_this_host = urlsplit(self._url).hostname in LOOPBACK
        async with connect(
            self._url,
            proxy=None if on_this_host else True,
            compression=None,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=0.5,
            ping_interval=None,
            max_size=MAX_FRAME,
            logger=_silent,
        ) as socket:
            await socket.send(_subscription(credentials))
            pinging = asyncio.create_task(self._ping(socket))
            try:
                async with aclosing(self._words(socket, Us(credentials.owner, credentials.wallet))) as words:
                    async for word in words:
                        yield word
            finally:
                pinging.cancel()

    async def _words(self, socket: ClientConnection, us: Us) -> AsyncGenerator[UserWord, None]:
        opened = False
        beaten_at = self._now()
        while True:
            left_s = self._silence_s - (self._now() - beaten_at) / SECOND
            try:
                frame = await asyncio.wait_for(socket.recv(), max(0.0, left_s))
            except TimeoutError:
                raise ConnectionError(f"no answer to a ping for {self._silence_s:g} s") from None
            if not opened:
                opened = True
                yield UserStreamOpened(at=self._now())
            if frame == PONG:
                beaten_at = self._now()
                yield UserStreamBeat(at=beaten_at)
                continue
            try:
                for word in user_frame(frame, us):
                    yield word
            except WireError as error:
                yield FrameDropped(stream="user", reason=one_line(str(error)))

    async def _ping(self, socket: ClientConnection) -> None:
        """The venue's keepalive is a text frame; the first one at once, since its answer opens the stream."""
        try:
            while True:
                await socket.send(PING)
                await asyncio.sleep(self._ping_s)
        except WebSocketException:
            return  # the reader hears of it too


def _subscription(credentials: Credentials) -> str:
    auth = Auth(
        apiKey=credentials.owner,
        secret=credentials.secret.reveal(),
        passphrase=credentials.passphrase.reveal(),
    )
    return encode_user_frame(UserSubscribe(auth=auth, type="user"))
