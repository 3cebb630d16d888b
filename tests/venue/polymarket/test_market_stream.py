import asyncio
import json
from contextlib import asynccontextmanager

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from messages.market import (
    BookReceived,
    ConnectStream,
    FrameDropped,
    LeaveStream,
    LevelsReceived,
    ResyncMarkets,
    StreamBeat,
    StreamLost,
    StreamOpened,
    TickReceived,
    WatchMarkets,
)
from tests.patience import PATIENCE_S
from venue.polymarket.market_stream import MAX_FRAME, MAX_MARKETS, MarketStream, StreamSettings

MARKETS = (("0xa", "1", "2"), ("0xb", "3", "4"), ("0xc", "5", "6"))


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
    """The stream under test and what it has said so far, on whichever connection."""

    def __init__(self, stream):
        self.stream = stream
        self.said = asyncio.Queue()
        self.tasks = []

    async def watches(self, *markets):
        await self.stream.watch(WatchMarkets(markets=markets))

    def connects(self, epoch=1, after_ms=0):
        self.tasks.append(asyncio.create_task(self._drive(ConnectStream(epoch=epoch, after_ms=after_ms))))

    async def _drive(self, command):
        async for heard in self.stream.connect(command):
            await self.said.put(heard)

    async def begins(self, *markets):
        """Watching these on the first connection."""
        await self.watches(*markets)
        self.connects()
        return await self.hears(StreamOpened)

    async def leaves(self, epoch=1):
        await self.stream.leave(LeaveStream(epoch=epoch))

    async def hears(self, kind):
        """The next thing of this kind; what comes before it is passed over."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                heard = await self.said.get()
                if isinstance(heard, kind):
                    return heard


@asynccontextmanager
async def a_stream(url=None, **settings):
    venue = AVenue()
    async with serve(venue.serve, "127.0.0.1", 0, max_size=None) as server:
        port = server.sockets[0].getsockname()[1]
        stream = MarketStream(url or f"ws://127.0.0.1:{port}/ws/market", StreamSettings(**settings), seed=7)
        listening = Listening(stream)
        try:
            yield venue, listening
        finally:
            for task in listening.tasks:
                task.cancel()
            await asyncio.gather(*listening.tasks, return_exceptions=True)


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


def test_both_tokens_of_what_is_watched_are_subscribed_and_their_books_heard():
    async def go():
        async with a_stream() as (venue, listening):
            opened = await listening.begins(*MARKETS[:2])
            subscribed = await venue.receives()
            await venue.says([a_book("1"), a_book("2"), a_book("3")], a_change("3"))
            first, second = await listening.hears(BookReceived), await listening.hears(BookReceived)
            levels = await listening.hears(LevelsReceived)
            return opened, subscribed, first, second, levels

    opened, subscribed, first, second, levels = asyncio.run(go())
    assert (subscribed["assets_ids"], subscribed["type"]) == (["1", "2", "3", "4"], "market")
    assert (first.market, second.market, levels.market) == ("0xa", "0xb", "0xb")
    assert opened.at <= first.seen_at <= levels.seen_at
    assert {opened.epoch, first.epoch, levels.epoch} == {1}


def test_subscriptions_follow_what_is_watched_on_the_same_socket():
    async def go():
        async with a_stream() as (venue, listening):
            await listening.begins(*MARKETS[:2])
            await venue.receives()
            await listening.watches(*MARKETS[1:])
            left, taken = await venue.receives(), await venue.receives()
            await venue.says(a_book("1"), a_book("5"))
            return left, taken, await listening.hears(BookReceived), len(venue.sockets)

    left, taken, heard, sockets = asyncio.run(go())
    assert left == {"operation": "unsubscribe", "assets_ids": ["1", "2"]}
    assert (taken["operation"], taken["assets_ids"]) == ("subscribe", ["5", "6"])
    assert heard.market == "0xc"
    assert sockets == 1


def test_pings_come_after_the_subscription_and_their_answer_is_a_beat():
    async def go():
        async with a_stream(ping_s=0.01) as (venue, listening):
            opened = await listening.begins(MARKETS[0])
            beat = await listening.hears(StreamBeat)
            return opened, beat, await venue.got.get(), await venue.got.get()

    opened, beat, first, second = asyncio.run(go())
    assert "assets_ids" in first
    assert second == "PING"
    assert beat.at >= opened.at


def test_a_frame_that_cannot_be_read_is_dropped_and_listening_goes_on():
    async def go():
        async with a_stream() as (venue, listening):
            await listening.begins(MARKETS[0])
            await venue.says(
                "<html>", b"\xff", "[]", "{}", a_book(bids=[{"price": "7", "size": "1"}]), a_book()
            )
            dropped = [await listening.hears(FrameDropped) for _ in range(3)]
            return dropped, await listening.hears(BookReceived)

    dropped, book = asyncio.run(go())
    assert {d.stream for d in dropped} == {"market"}
    assert "'7' is no price" in dropped[-1].reason
    assert book.market == "0xa"


def test_the_end_of_a_connection_is_said_and_another_one_made_only_when_asked_for():
    async def go():
        async with a_stream() as (venue, listening):
            await listening.begins(*MARKETS[:2])
            await venue.receives()
            await venue.sockets[-1].close(1012, "restarting")
            lost = await listening.hears(StreamLost)
            await asyncio.gather(*listening.tasks)
            sockets = len(venue.sockets)
            listening.connects(epoch=2)
            opened = await listening.hears(StreamOpened)
            return lost, sockets, opened, await venue.receives()

    lost, sockets, opened, subscribed = asyncio.run(go())
    assert (lost.epoch, sockets, opened.epoch) == (1, 1, 2)
    assert "1012 (service restart) restarting" in lost.reason
    assert subscribed["assets_ids"] == ["1", "2", "3", "4"]


def test_two_connections_stand_side_by_side_and_one_that_is_left_ends_without_a_word():
    async def go():
        async with a_stream() as (venue, listening):
            await listening.begins(MARKETS[0])
            listening.connects(epoch=2)
            await listening.hears(StreamOpened)
            for socket in venue.sockets:
                await socket.send(json.dumps(a_book()))
            both = {(await listening.hears(BookReceived)).epoch for _ in range(2)}
            await listening.leaves(1)
            await listening.tasks[0]
            await venue.sockets[0].wait_closed()
            await venue.sockets[1].send(json.dumps(a_book()))
            return both, await listening.hears(BookReceived), listening.said.qsize()

    both, book, left = asyncio.run(go())
    assert both == {1, 2}
    assert book.epoch == 2
    assert left == 0


def test_a_connection_that_is_left_before_its_time_is_never_made():
    async def go():
        async with a_stream() as (venue, listening):
            await listening.watches(MARKETS[0])
            listening.connects(after_ms=3_600_000)
            listening.connects(epoch=2)
            await listening.hears(StreamOpened)
            await listening.leaves(1)
            await listening.tasks[0]
            return len(venue.sockets)

    assert asyncio.run(go()) == 1


def test_a_venue_that_cannot_be_reached_is_said_with_the_reason():
    async def go():
        async with a_stream(url="ws://127.0.0.1:1/ws/market") as (_, listening):
            await listening.watches(MARKETS[0])
            listening.connects(epoch=7)
            return await listening.hears(StreamLost)

    lost = asyncio.run(go())
    assert lost.epoch == 7
    assert lost.reason.startswith("cannot connect: ")


def test_a_venue_that_falls_silent_is_left():
    async def go():
        async with a_stream(ping_s=0.02, silence_s=0.1) as (venue, listening):
            await listening.begins(MARKETS[0])
            await listening.hears(StreamBeat)
            venue.answers_pings = False
            return await listening.hears(StreamLost)

    assert asyncio.run(go()).reason == "nothing heard for 0.1 s"


def test_a_frame_beyond_all_measure_ends_the_connection():
    async def go():
        async with a_stream() as (venue, listening):
            await listening.begins(MARKETS[0])
            await venue.says("x" * (MAX_FRAME + 1))
            return await listening.hears(StreamLost)

    assert "1009 (message too big)" in asyncio.run(go()).reason


def test_after_a_tick_change_the_book_is_asked_for_again():
    async def go():
        async with a_stream() as (venue, listening):
            await listening.begins(*MARKETS[:2])
            await venue.receives()
            change = a_book() | {
                "event_type": "tick_size_change",
                "old_tick_size": "0.01",
                "new_tick_size": "0.001",
            }
            await venue.says(change, change)
            tick = await listening.hears(TickReceived)
            left, taken = await venue.receives(), await venue.receives()
            await venue.says([a_book("1", tick_size="0.001")])
            return tick, left["assets_ids"], taken["assets_ids"], await listening.hears(BookReceived)

    tick, left, taken, book = asyncio.run(go())
    assert (tick.market, tick.tick) == ("0xa", 1_000)
    assert left == taken == ["1", "2"]
    assert book.tick == 1_000


def test_whole_books_are_asked_for_by_leaving_and_taking_their_tokens():
    async def go():
        async with a_stream() as (venue, listening):
            await listening.begins(*MARKETS)
            await venue.receives()
            await listening.stream.resync(ResyncMarkets(epoch=9, markets=("0xa",)))
            await listening.stream.resync(ResyncMarkets(epoch=1, markets=("0xb",)))
            return await venue.receives(), await venue.receives()

    left, taken = asyncio.run(go())
    assert (left["operation"], left["assets_ids"]) == ("unsubscribe", ["3", "4"])
    assert (taken["operation"], taken["assets_ids"]) == ("subscribe", ["3", "4"])


def test_one_socket_takes_no_more_markets_than_it_can_carry():
    async def go():
        async with a_stream() as (venue, listening):
            many = [(f"0x{n}", f"{2 * n}", f"{2 * n + 1}") for n in range(MAX_MARKETS + 5)]
            await listening.begins(*many)
            return await venue.receives()

    assert len(asyncio.run(go())["assets_ids"]) == 2 * MAX_MARKETS
