"""The feed at the embedded exchange's doors while its frames are lost, doubled, overtaken and frozen."""

import asyncio
import json
from contextlib import AsyncExitStack
from random import Random

import msgspec
import pytest

from actors.feed import FeedActor, FeedSettings
from messages.liquidation import MarketTaken
from messages.market import (
    BooksRead,
    CatalogRead,
    ConnectStream,
    FeedStatus,
    LeaveStream,
    MarketInfo,
    ReadBooks,
    ResyncMarkets,
    StreamBeat,
    StreamOpened,
)
from messages.values import SECOND, MarketNs, RealNs
from tests.venue.paper.door_bench import ask, connected
from tests.venue.paper.engine_bench import NO, YES, bid
from tests.venue.paper.engine_bench import ask as ask_level
from tests.venue.paper.faults.stage import Scene
from venue.polymarket.translate import MarketFrames
from venue.polymarket.witness import read_book
from venue.wire.market_channel import BookSummary

MARKET = "0xa"
INFO = MarketInfo(market=MARKET, slug="a", question="a?", yes=YES, no=NO, tick=10_000, min_size=5_000_000)
STEP_S = 0.5
FAULTY_S, HEALED_S = 60, 20
CAUGHT_S = 8
"""A wrong book may be shown no longer than this."""


def a_market_in_motion(seed):
    """Levels that come and go around a top that wanders, a few each second."""
    random, top, levels = Random(seed), 38, []
    for n in range(4 * (FAULTY_S + HEALED_S)):
        at = 1 + n / 4
        if random.random() < 0.15:
            moved = min(43, max(33, top + random.choice([-2, -1, 1, 2])))
            gone = [bid(at, cents, 0) for cents in range(moved + 1, top + 1)]
            levels += [*gone, bid(at, moved, 20 + n % 7)]
            top = moved
        else:
            levels.append(bid(at, random.randint(30, top), random.randint(1, 40)))
            levels.append(ask_level(at, random.randint(45, 55), random.randint(1, 40)))
    return levels


class House:
    """The feed between its ports, as the doors of one exchange, in time that is turned by hand."""

    def __init__(self, seed, stack):
        self.scene = Scene(*a_market_in_motion(seed), seed=seed)
        self.stack = stack
        self.feed = FeedActor(FeedSettings())
        self.lines = {}
        self.real = 1_000 * SECOND
        self.status = None

    async def begins(self):
        self.turns(0)
        self.feed.handle(MarketTaken(market=MARKET, slug="a", owner="maker"))
        self.feed.call("begin")
        await self.follows(self.feed.handle(CatalogRead(markets=(INFO,))))

    def turns(self, seconds):
        self.real += round(seconds * SECOND)
        self.feed.real_now, self.feed.now = RealNs(self.real), MarketNs(self.real)

    async def follows(self, said):
        """Whatever the feed wants of its ports."""
        for message in said:
            match message:
                case ConnectStream(epoch=epoch):
                    socket = await self.stack.enter_async_context(connected(self.scene.app, "/ws/market"))
                    frames = MarketFrames(epoch)
                    frames.know([(MARKET, YES, NO)])
                    self.lines[epoch] = socket, frames
                    socket.say({"assets_ids": [YES, NO], "type": "market"})
                    self.feed.handle(StreamOpened(at=self.feed.real_now, epoch=epoch))
                case LeaveStream(epoch=epoch):
                    self.lines.pop(epoch, None)
                case ResyncMarkets(epoch=epoch):
                    for operation in ("unsubscribe", "subscribe"):
                        self.lines[epoch][0].say({"assets_ids": [YES, NO], "operation": operation})
                case ReadBooks():
                    at = self.feed.real_now
                    await self.follows(
                        self.feed.handle(BooksRead(books=(self.rest(),), asked_at=at, seen_at=at))
                    )
                case FeedStatus():
                    self.status = message

    async def passes(self, seconds):
        """Time passes, and what comes meanwhile is heard."""
        self.scene.wait(seconds)
        self.turns(seconds)
        for epoch, (socket, frames) in list(self.lines.items()):
            socket.say("PING")
            while (text := await socket.raw()) != "PONG":
                for found in frames.read(text, self.feed.real_now):
                    await self.follows(self.feed.handle(found))
            self.feed.handle(StreamBeat(at=self.feed.real_now, epoch=epoch))
        await self.follows(self.feed.call("vouch"))

    def truth(self):
        """The book as the exchange itself has it, best level first."""
        book = self.scene.bench.exchange.book(YES)
        return sorted(book.bids, reverse=True), sorted(book.asks)

    def rest(self):
        """The book as REST says it is."""
        said = ask(self.scene.app, "POST", "/books", [{"token_id": YES}])
        return read_book(MARKET, msgspec.json.decode(json.dumps(said.json[0]), type=BookSummary))

    def is_wrong(self):
        """Said to be live, and more than a tick off."""
        if self.status is None or not self.status.live:
            return False
        book, (bids, asks) = self.feed.watching.markets[MARKET].live.book, self.truth()
        off = abs(book.best_bid - bids[0][0]), abs(book.best_ask - asks[0][0])
        return max(off) > INFO.tick


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("faults", "least_s", "most_s"),
    [
        ([{"kind": "ws_duplicate", "probability": 0.5}], 60, 60),
        ([{"kind": "ws_reorder", "probability": 0.3, "frames": 3}], 60, 60),
        ([{"kind": "ws_lost", "probability": 0.2}], 55, 60),
        (
            [
                {"kind": "ws_lost", "probability": 0.1},
                {"kind": "ws_duplicate", "probability": 0.2},
                {"kind": "ws_reorder", "probability": 0.2, "frames": 2},
            ],
            *(55, 60),
        ),
        ([{"kind": "ws_freeze"}], 50, 58),
        ([{"kind": "ws_freeze", "reconnecting_helps": False}], 0, CAUGHT_S),
        ([{"kind": "stale_book", "seconds": 10}], 60, 60),
    ],
    ids=lambda value: "+".join(fault["kind"] for fault in value) if isinstance(value, list) else None,
)
def test_a_wrong_book_is_never_live_for_long_and_all_is_right_when_the_faults_are_over(
    faults, least_s, most_s, seed
):
    """Seconds of the faulty minute in which the book is live: none is given away that need not be."""

    async def go():
        async with AsyncExitStack() as stack:
            house = House(seed, stack)
            await house.begins()
            await house.passes(STEP_S)
            house.scene.play(*faults)
            wrong_s = longest_s = live_s = 0.0
            for _ in range(round(FAULTY_S / STEP_S)):
                await house.passes(STEP_S)
                wrong_s = wrong_s + STEP_S if house.is_wrong() else 0.0
                longest_s = max(longest_s, wrong_s)
                live_s += STEP_S if house.status.live else 0.0
            house.scene.sim("DELETE", "/sim/faults")
            for _ in range(round(HEALED_S / STEP_S)):
                await house.passes(STEP_S)
            return house, longest_s, live_s, house.truth()

    house, longest_s, live_s, (bids, asks) = asyncio.run(go())
    assert longest_s <= CAUGHT_S
    assert least_s <= live_s <= most_s
    assert house.status.live, house.status.reason
    assert house.feed.watching.markets[MARKET].live.book.top(10) == (tuple(bids[:10]), tuple(asks[:10]))
