import asyncio
import json
import logging
from contextlib import aclosing, asynccontextmanager

import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from messages.account import (
    LegsSeen,
    OrderSeen,
    OrderSeenKind,
    UserStreamBeat,
    UserStreamLost,
    UserStreamOpened,
)
from messages.market import FrameDropped
from runtime.clock import real_now
from tests.patience import PATIENCE_S
from tests.venue.polymarket.frames import ORDER, TRADE, a_leg
from tests.venue.polymarket.world import OWNER, PASSPHRASE, SECRET
from venue.polymarket.keys import Credentials, Redactor
from venue.polymarket.user_stream import FIRST_BACKOFF_S, MAX_FRAME, UserStream


class AVenue:
    """The other end of the wire: what clients sent, and a way to answer."""

    def __init__(self):
        self.got = asyncio.Queue()
        self.paths = []
        self.socket = None
        self.answers_pings = True
        self.credentials = Credentials(OWNER, SECRET, PASSPHRASE)

    async def serve(self, socket):
        self.socket = socket
        self.paths.append(socket.request.path)
        try:
            async for frame in socket:
                self.got.put_nowait(frame)
                if frame == "PING" and self.answers_pings:
                    await socket.send("PONG")
        except ConnectionClosed:
            pass


class Hearing:
    """What the stream under test says, one kind at a time."""

    def __init__(self, words):
        self._words = words

    async def hears(self, kind):
        async with asyncio.timeout(PATIENCE_S):
            async for word in self._words:
                if isinstance(word, kind):
                    return word
        raise AssertionError("the stream ended")


def play(story, **options):
    """The story, told with a venue and a stream that listens to it."""

    async def told():
        venue, redact = AVenue(), Redactor()
        redact.know(SECRET, PASSPHRASE)
        async with serve(venue.serve, "127.0.0.1", 0, close_timeout=0.1) as server:
            port = server.sockets[0].getsockname()[1]
            stream = UserStream(
                f"ws://127.0.0.1:{port}", real_now, **{"max_backoff_s": 0.01, "silence_s": 2.0, **options}
            )
            listening = stream.listen(lambda: venue.credentials, redact)
            async with aclosing(listening):
                await story(venue, Hearing(listening))

    asyncio.run(told())


def test_it_subscribes_with_credentials_and_is_open_when_the_venue_answers():
    async def story(venue, stream):
        await stream.hears(UserStreamOpened)
        await stream.hears(UserStreamBeat)
        assert venue.paths == ["/ws/user"]
        assert json.loads(await venue.got.get()) == {
            "auth": {"apiKey": OWNER, "secret": SECRET, "passphrase": PASSPHRASE},
            "type": "user",
        }
        assert await venue.got.get() == "PING"

    play(story)


def test_it_pings_again_and_again_and_says_each_answer():
    async def story(venue, stream):
        beats = [await stream.hears(UserStreamBeat) for _ in range(4)]
        assert [beat.at for beat in beats] == sorted(beat.at for beat in beats)

    play(story, ping_s=0.01)


def test_orders_and_trades_of_ours_are_said_whole():
    async def story(venue, stream):
        await stream.hears(UserStreamOpened)
        for event in (ORDER, TRADE, {**TRADE, "status": "MINED"}):
            await venue.socket.send(json.dumps(event))
        order = await stream.hears(OrderSeen)
        assert (order.order, order.kind) == ("0xmine", OrderSeenKind.PLACED)
        assert (await stream.hears(LegsSeen)).legs == (a_leg(),)
        assert [leg.status.value for leg in (await stream.hears(LegsSeen)).legs] == ["mined"]

    play(story)


@pytest.mark.parametrize(
    "frame", ["garbage", b"\xff\x00", "[" * 50_000, json.dumps({**TRADE, "status": "?"})]
)
def test_a_frame_that_cannot_be_read_is_dropped_and_the_next_one_is_heard(frame):
    async def story(venue, stream):
        await stream.hears(UserStreamOpened)
        await venue.socket.send(frame)
        dropped = await stream.hears(FrameDropped)
        assert dropped.stream == "user"
        assert dropped.reason
        await venue.socket.send(json.dumps(ORDER))
        assert (await stream.hears(OrderSeen)).order == "0xmine"

    play(story)


def test_a_connection_that_is_lost_is_said_and_opened_again():
    async def story(venue, stream):
        await stream.hears(UserStreamOpened)
        await venue.socket.close(1012, "restarting")
        lost = await stream.hears(UserStreamLost)
        assert lost.attempt == 1
        assert "restarting" in lost.reason
        await stream.hears(UserStreamOpened)

    play(story)


def test_a_new_connection_has_the_credentials_of_the_moment():
    async def story(venue, stream):
        await stream.hears(UserStreamOpened)
        venue.credentials = Credentials("another-key", SECRET, PASSPHRASE)
        await venue.socket.close()
        await stream.hears(UserStreamOpened)
        frames = [frame for frame in await drained(venue.got) if "apiKey" in frame]
        assert [json.loads(frame)["auth"]["apiKey"] for frame in frames] == [OWNER, "another-key"]

    async def drained(queue):
        return [queue.get_nowait() for _ in range(queue.qsize())]

    play(story)


def test_a_venue_that_answers_no_ping_is_left_whatever_else_it_says():
    async def story(venue, stream):
        venue.answers_pings = False
        chatting = asyncio.create_task(chatter(venue))
        lost = await stream.hears(UserStreamLost)
        chatting.cancel()
        assert "no answer to a ping" in lost.reason

    async def chatter(venue):
        while True:
            if venue.socket is not None:
                await venue.socket.send(json.dumps(ORDER))
            await asyncio.sleep(0.01)

    play(story, silence_s=0.1)


def test_attempts_are_counted_until_one_succeeds():
    async def story():
        stream = UserStream("ws://127.0.0.1:1", real_now, max_backoff_s=0.001)
        async with aclosing(stream.listen(lambda: AVenue().credentials, Redactor())) as words:
            assert [(await anext(words)).attempt for _ in range(4)] == [1, 2, 3, 4]

    asyncio.run(story())


def test_pauses_grow_from_a_quarter_second_to_five():
    stream, pauses = UserStream("ws://127.0.0.1:1", real_now), []
    for attempt in range(1, 9):
        stream._attempt = attempt
        pauses.append(stream._backoff_s())

    assert pauses == [FIRST_BACKOFF_S, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


def test_a_frame_without_end_ends_the_connection():
    async def story(venue, stream):
        await stream.hears(UserStreamOpened)
        await venue.socket.send("x" * (MAX_FRAME + 1))
        assert (await stream.hears(UserStreamLost)).attempt == 1

    play(story)


def test_no_secret_is_logged_or_said_when_the_venue_quotes_it_back(caplog):
    caplog.set_level(logging.DEBUG)

    async def story(venue, stream):
        await stream.hears(UserStreamOpened)
        await venue.socket.close(4001, f"bad {SECRET} {PASSPHRASE}")
        lost = await stream.hears(UserStreamLost)
        assert "bad" in lost.reason
        assert SECRET not in repr(lost)
        assert PASSPHRASE not in repr(lost)

    logging.getLogger("websockets.server").setLevel(logging.CRITICAL)
    play(story)
    assert SECRET not in caplog.text


@asynccontextmanager
async def a_proxy_nobody_asks():
    asked = []
    async with await asyncio.start_server(
        lambda reader, writer: asked.append(writer), "127.0.0.1", 0
    ) as server:
        yield server.sockets[0].getsockname()[1], asked


def test_trap_t12_a_proxy_of_the_environment_is_never_asked_for_this_host(monkeypatch):
    async def story(venue, stream):
        async with a_proxy_nobody_asks() as (port, asked):
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
            for name in ("NO_PROXY", "no_proxy"):
                monkeypatch.delenv(name, raising=False)
            await stream.hears(UserStreamOpened)
            assert asked == []

    play(story)
