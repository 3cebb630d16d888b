import asyncio
import json
from contextlib import aclosing, asynccontextmanager

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from messages.market import (
    BookReceived,
    FrameDropped,
    LevelsReceived,
    StreamBeat,
    StreamLost,
    StreamOpened,
    TickReceived,
    WatchMarkets,
)
from tests.patience import PATIENCE_S
from venue.polymarket.market_stream import MAX_FRAME, MAX_TOKENS, MarketStream, StreamSettings

MARKETS = (("0xa", "1", "2"), ("0xb", "3", "4"), ("0xc", "5", "6"))
FAST = {"first_wait_s": 0.001, "max_wait_s": 0.002}


class AVenue:
    """The other end of the wire: what clients sent, and a way to answer."""

    def __init__(self):
        self.got = asyncio.Queue()
        self.sockets = []
        self.answers_pings = True

    async def serve(self, socket):
        self.sockets.append(socket)
        try:
            async for frame in socket:
                await self.got.put(frame)
                if frame == "PING" and self.answers_pings:
                    await socket.send("PONG")
        except ConnectionClosed:
            pass

    async def receives(self, wanted=lambda frame: frame != "PING"):
        """The next frame that is wanted."""
        while True:
            async with asyncio.timeout(PATIENCE_S):
                frame = await self.got.get()
            if wanted(frame):
                return frame if frame == "PING" else json.loads(frame)

    async def says(self, *frames):
        for frame in frames:
            await self.sockets[-1].send(frame if isinstance(frame, str | bytes) else json.dumps(frame))


class Listening:
    """The stream under test and what it has said so far."""

    def __init__(self, stream, generator):
        self.stream, self.generator = stream, generator

    async def watches(self, *markets):
        await self.stream.watch(WatchMarkets(markets=markets))

    async def hears(self, kind):
        """The next thing of this kind; what comes before it is passed over."""
        async with asyncio.timeout(PATIENCE_S):
            async for heard in self.generator:
                if isinstance(heard, kind):
                    return heard
        raise AssertionError("the stream ended")


@asynccontextmanager
async def a_stream(url=None, **settings):
    venue = AVenue()
    async with serve(venue.serve, "127.0.0.1", 0, max_size=None) as server:
        port = server.sockets[0].getsockname()[1]
        stream = MarketStream(
            url or f"ws://127.0.0.1:{port}/ws/market", StreamSettings(**(FAST | settings)), seed=7
        )
        async with aclosing(stream.listen()) as generator:
            yield venue, Listening(stream, generator)


def a_book(token="1", **others):
    return {
        "event_type": "book",
        "market": "0x",
        "asset_id": token,
        "timestamp": "1786728432337",
        "bids": [{"price": "0.4", "size": "5"}],
        "asks": [{"price": "0.6", "size": "5"}],
    } | others


def a_change(token="1"):
    change = {"asset_id": token, "price": "0.41", "size": "7", "side": "BUY"}
    return {"event_type": "price_change", "market": "0x", "price_changes": [change], "timestamp": "17"}


def test_the_watched_yes_tokens_are_subscribed_and_their_books_heard():
    async def go():
        async with a_stream() as (venue, listening):
            await listening.watches(*MARKETS[:2])
            opened = await listening.hears(StreamOpened)
            subscribed = await venue.receives()
            await venue.says([a_book("1"), a_book("3")], a_change("3"))
            first, second = await listening.hears(BookReceived), await listening.hears(BookReceived)
            levels = await listening.hears(LevelsReceived)
            return opened, subscribed, first, second, levels

    opened, subscribed, first, second, levels = asyncio.run(go())
    assert (subscribed["assets_ids"], subscribed["type"]) == (["1", "3"], "market")
    assert (first.market, second.market, levels.market) == ("0xa", "0xb", "0xb")
    assert opened.at <= first.seen_at <= levels.seen_at


def test_nothing_is_connected_before_a_market_is_watched():
    async def go():
        async with a_stream() as (venue, listening):
            heard = asyncio.create_task(listening.hears(StreamOpened))
            await asyncio.wait([heard], timeout=0.05)
            before = len(venue.sockets)
            await listening.watches(MARKETS[0])
            await heard
            return before, len(venue.sockets)

    assert asyncio.run(go()) == (0, 1)


def test_subscriptions_follow_what_is_watched_on_the_same_socket():
    async def go():
        async with a_stream() as (venue, listening):
            await listening.watches(*MARKETS[:2])
            await listening.hears(StreamOpened)
            await venue.receives()
            await listening.watches(*MARKETS[1:])
            heard = asyncio.create_task(listening.hears(BookReceived))
            left, taken = await venue.receives(), await venue.receives()
            await venue.says(a_book("1"), a_book("5"))
            return left, taken, await heard, len(venue.sockets)

    left, taken, heard, sockets = asyncio.run(go())
    assert left == {"operation": "unsubscribe", "assets_ids": ["1"]}
    assert (taken["operation"], taken["assets_ids"]) == ("subscribe", ["5"])
    assert heard.market == "0xc"
    assert sockets == 1


def test_pings_come_after_the_subscription_and_their_answer_is_a_beat():
    async def go():
        async with a_stream(ping_s=0.01) as (venue, listening):
            await listening.watches(MARKETS[0])
            opened = await listening.hears(StreamOpened)
            beat = await listening.hears(StreamBeat)
            return opened, beat, await venue.got.get(), await venue.got.get()

    opened, beat, first, second = asyncio.run(go())
    assert "assets_ids" in first
    assert second == "PING"
    assert beat.at >= opened.at


def test_a_frame_that_cannot_be_read_is_dropped_and_listening_goes_on():
    async def go():
        async with a_stream() as (venue, listening):
            await listening.watches(MARKETS[0])
            await listening.hears(StreamOpened)
            await venue.says(
                "<html>", b"\xff", "[]", "{}", a_book(bids=[{"price": "7", "size": "1"}]), a_book()
            )
            dropped = [await listening.hears(FrameDropped) for _ in range(3)]
            return dropped, await listening.hears(BookReceived)

    dropped, book = asyncio.run(go())
    assert {d.stream for d in dropped} == {"market"}
    assert "'7' is no price" in dropped[-1].reason
    assert book.market == "0xa"


def test_a_lost_connection_is_said_and_made_again_with_all_subscriptions():
    async def go():
        async with a_stream() as (venue, listening):
            await listening.watches(*MARKETS[:2])
            await listening.hears(StreamOpened)
            await venue.receives()
            await venue.sockets[-1].close(1012, "restarting")
            lost = await listening.hears(StreamLost)
            await listening.hears(StreamOpened)
            return lost, await venue.receives()

    lost, subscribed = asyncio.run(go())
    assert lost.attempt == 1
    assert "1012 (service restart) restarting" in lost.reason
    assert subscribed["assets_ids"] == ["1", "3"]


def test_attempts_are_counted_while_the_venue_is_away():
    async def go():
        async with a_stream(url="ws://127.0.0.1:1/ws/market") as (_, listening):
            await listening.watches(MARKETS[0])
            return [await listening.hears(StreamLost) for _ in range(12)]

    lost = asyncio.run(go())
    assert [each.attempt for each in lost] == list(range(1, 13))
    assert lost[0].reason.startswith("cannot connect: ")


def test_a_venue_that_falls_silent_is_left():
    async def go():
        async with a_stream(ping_s=0.02, silence_s=0.1) as (venue, listening):
            await listening.watches(MARKETS[0])
            await listening.hears(StreamBeat)
            venue.answers_pings = False
            return await listening.hears(StreamLost)

    assert asyncio.run(go()).reason == "nothing heard for 0.1 s"


def test_a_frame_beyond_all_measure_ends_the_connection():
    async def go():
        async with a_stream() as (venue, listening):
            await listening.watches(MARKETS[0])
            await listening.hears(StreamOpened)
            await venue.says("x" * (MAX_FRAME + 1))
            return await listening.hears(StreamLost)

    assert "1009 (message too big)" in asyncio.run(go()).reason


def test_after_a_tick_change_the_book_is_asked_for_again():
    async def go():
        async with a_stream() as (venue, listening):
            await listening.watches(*MARKETS[:2])
            await listening.hears(StreamOpened)
            await venue.receives()
            change = a_book() | {
                "event_type": "tick_size_change",
                "old_tick_size": "0.01",
                "new_tick_size": "0.001",
            }
            await venue.says(change, change)
            tick = await listening.hears(TickReceived)
            heard = asyncio.create_task(listening.hears(BookReceived))
            left, taken = await venue.receives(), await venue.receives()
            await venue.says([a_book("1", tick_size="0.001")])
            return tick, left["assets_ids"], taken["assets_ids"], await heard

    tick, left, taken, book = asyncio.run(go())
    assert (tick.market, tick.tick) == ("0xa", 1_000)
    assert left == taken == ["1"]
    assert book.tick == 1_000


def test_one_socket_takes_no_more_markets_than_it_can_carry():
    async def go():
        async with a_stream() as (venue, listening):
            many = [(f"0x{n}", f"{2 * n}", f"{2 * n + 1}") for n in range(MAX_TOKENS + 5)]
            await listening.watches(*many)
            await listening.hears(StreamOpened)
            return await venue.receives()

    assert len(asyncio.run(go())["assets_ids"]) == MAX_TOKENS


def test_waits_grow_to_ten_seconds_and_stay_there():
    stream = MarketStream("ws://127.0.0.1:1/", seed=3)
    waits = [stream._wait_s(attempt) for attempt in range(1, 40)]

    assert all(0.125 * 2**n <= wait <= 0.25 * 2**n for n, wait in enumerate(waits[:5]))
    assert all(5 <= wait <= 10 for wait in waits[6:])
