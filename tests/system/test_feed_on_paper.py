"""The feed and its ports against the embedded venue in a process of its own, over real sockets."""

import asyncio
import re
import sys
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path

import pytest

from actors.feed import FeedActor, FeedSettings
from messages.liquidation import MarketTaken
from messages.market import (
    BookSnapshot,
    BooksRead,
    CatalogRead,
    ConnectStream,
    FeedStatus,
    MarketRanking,
    PrintReceived,
    ReadBooks,
    ReadCatalog,
    ResyncMarkets,
    WatchMarkets,
)
from messages.values import MarketId, MarketNs
from runtime.clock import real_now
from tests.patience import PATIENCE_S
from trading.live_book import EMPTY, HOLLOW, ONE_SIDED, TICK_CHANGED
from venue.polymarket.catalog import Catalog
from venue.polymarket.market_stream import MarketStream
from venue.polymarket.witness import Witness

ROOT = Path(__file__).parents[2]
SPEED = 20

pytestmark = pytest.mark.slow


@asynccontextmanager
async def a_venue():
    """Where an embedded venue listens; it ends with the test."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "venue.paper", "--port", "0", "--seed", "7", "--speed", str(SPEED),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            line = (await process.stdout.readline()).decode()
        address = re.search(r"127\.0\.0\.1:\d+", line)
        assert address is not None, line
        yield address.group()
    finally:
        process.terminate()
        await process.wait()


class Assembly:
    """A feed between its two ports, as a host would put them together."""

    def __init__(self, address):
        self.feed = FeedActor(FeedSettings())
        self.catalog = Catalog(f"http://{address}/gamma")
        self.stream = MarketStream(f"ws://{address}/ws/market", seed=7)
        self.witness = Witness(f"http://{address}")
        self.connecting = None
        self.said = []
        self.read = []
        self.began_at = real_now()

    def tick_clocks(self):
        self.feed.real_now = real_now()
        self.feed.now = MarketNs((self.feed.real_now - self.began_at) * SPEED)

    async def follow(self, said):
        """Hand commands to their ports and what comes of them back to the feed."""
        self.said += said
        for message in said:
            if isinstance(message, WatchMarkets):
                await self.stream.watch(message)
            elif isinstance(message, ConnectStream):
                self.connecting = message
            elif isinstance(message, ResyncMarkets):
                await self.stream.resync(message)
            elif isinstance(message, ReadBooks):
                async for found in self.witness.read(message):
                    assert isinstance(found, BooksRead), found
                    self.tick_clocks()
                    self.read.append(found)
                    await self.follow(self.feed.handle(found))
            elif isinstance(message, ReadCatalog):
                async for found in self.catalog.read(message):
                    assert isinstance(found, CatalogRead), found
                    self.tick_clocks()
                    await self.follow(self.feed.handle(found))

    @property
    def regridded(self):
        """Markets whose price grid changed, and whose book did not come since."""
        watched = self.feed.watching.markets.values()
        return [one.info.market for one in watched if one.live.void_because == TICK_CHANGED]

    async def run_until(self, is_enough):
        self.tick_clocks()
        async with AsyncExitStack() as ports, asyncio.timeout(PATIENCE_S):
            for port in (self.catalog, self.witness):
                await port.open()
                ports.push_async_callback(port.close)
            await self.follow(self.feed.call("begin"))
            async with aclosing(self.stream.connect(self.connecting)) as heard:
                async for finding in heard:
                    self.tick_clocks()
                    await self.follow(self.feed.handle(finding))
                    if self.regridded:  # a whole book is asked for, as it is each half second
                        await self.follow(self.feed.care.tend(self.feed.real_now))
                    elif is_enough(finding):
                        break
            self.feed.call("repeat")
            await self.follow(self.feed.call("vouch"))


def test_the_feed_makes_books_and_a_ranking_out_of_a_real_exchange():
    async def go():
        async with a_venue() as address:
            assembly = Assembly(address)
            prints = []

            def is_enough(finding):
                prints.extend([finding] if isinstance(finding, PrintReceived) else [])
                observed_s = assembly.feed.watching.observed_s(assembly.feed.now)
                return observed_s > assembly.feed.settings.ranking.first_s and bool(prints)

            assembly.feed.handle(MarketTaken(market=MarketId("0x1"), slug="of before", owner="maker"))
            await assembly.run_until(is_enough)
            return assembly, assembly.feed.call("vouch"), assembly.feed.call("repeat")

    assembly, vouched, repeated = asyncio.run(go())
    watched = list(assembly.feed.watching.markets)
    shown = {s.market: s for s in assembly.said if isinstance(s, BookSnapshot)}
    (ranking,) = (m for m in repeated if isinstance(m, MarketRanking))

    assert len(watched) > 1
    assert sorted(shown) == sorted(watched)
    two_sided = [book for book in shown.values() if book.bids and book.asks]
    assert len(two_sided) > 1
    assert all(book.bids[0] < book.asks[0] for book in two_sided)
    assert assembly.feed.is_ready
    statuses = [s for s in vouched if isinstance(s, FeedStatus)]
    assert [s.market for s in statuses] == watched
    assert sum(s.live for s in statuses) > len(watched) / 2
    assert {s.reason for s in statuses if not s.live} <= {EMPTY, ONE_SIDED, HOLLOW}
    assert {ranked.market for ranked in ranking.ranked} <= set(watched)
    assert ranking.ranked[0].prints > 0
    assert assembly.feed.care.unreadable == 0
    assert len(assembly.read) == 1, "REST was asked about the runner-up"
    assert assembly.read[0].books[0].bids
    assert assembly.read[0].books[0].venue_at > 0
