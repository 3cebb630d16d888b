"""The feed with its clocks and its ports' words in short."""

from actors.feed import FeedActor, FeedSettings
from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired, MarketTaken, RetireReason
from messages.market import (
    BookReceived,
    BooksRead,
    CatalogRead,
    FeedStatus,
    LevelsReceived,
    MarketInfo,
    PrintReceived,
    StreamBeat,
    StreamLost,
    StreamOpened,
    WatchMarkets,
    WitnessedBook,
)
from messages.values import SECOND, MarketNs, RealNs, Side

START = 1_000 * SECOND


def a_market(name, **others):
    given = {
        "market": f"0x{name}",
        "slug": name,
        "question": f"{name}?",
        "yes": f"{name}-yes",
        "no": f"{name}-no",
        "tick": 10_000,
        "min_size": 5_000_000,
    }
    return MarketInfo(**(given | others))


class House:
    """The feed in a test: its clocks, and its ports' words in short."""

    def __init__(self, **settings):
        self.feed = FeedActor(FeedSettings(**settings))
        self.epoch = 0
        self.feed.now, self.feed.real_now = MarketNs(START), RealNs(START)

    def begins(self, *markets):
        """Recovered, catalog read, stream open."""
        self.feed.call("begin")
        said = self.lists(*markets)
        self.opens()
        return said

    def opens(self):
        """The next connection stands; what is heard from now on is heard on it."""
        self.epoch += 1
        return self.feed.handle(StreamOpened(at=self.feed.real_now, epoch=self.epoch))

    def loses(self, epoch=None):
        lost = StreamLost(reason="gone", at=self.feed.real_now, epoch=epoch or self.epoch)
        return self.feed.handle(lost)

    def beats(self):
        self.feed.handle(StreamBeat(at=self.feed.real_now, epoch=self.epoch))

    def lists(self, *markets):
        return self.feed.handle(CatalogRead(markets=markets))

    def passes(self, real_s=0.0, market_s=0.0):
        self.feed.real_now = RealNs(self.feed.real_now + round(real_s * SECOND))
        self.feed.now = MarketNs(self.feed.now + round(market_s * SECOND))

    def hears(self, kind, name="a", **fields):
        said = {"seen_at": self.feed.real_now, "epoch": self.epoch} | fields
        return self.feed.handle(kind(market=f"0x{name}", **said))

    def hears_book(self, name="a", bid=450_000, ask=470_000, **fields):
        return self.hears(BookReceived, name, bids=((bid, 10),), asks=((ask, 10),), **fields)

    def hears_level(self, side, price, size, name="a", **fields):
        return self.hears(LevelsReceived, name, levels=((side, price, size),), **fields)

    def hears_print(self, name="a", price=460_000, **fields):
        return self.hears(PrintReceived, name, taker=Side.BID, price=price, size=5, **fields)

    def rest_says(self, bid=450_000, ask=470_000, name="a", size=10):
        """REST's answer to what was asked last; it is judged by the next status."""
        book = WitnessedBook(market=f"0x{name}", bids=((bid, size),), asks=((ask, size),))
        now = self.feed.real_now
        return self.feed.handle(BooksRead(books=(book,), asked_at=now, seen_at=now))

    def status(self, name="a"):
        """The feed's word on one market right now."""
        return next(s for s in the(FeedStatus, self.feed.call("vouch")) if s.market == f"0x{name}")

    def retires(self, name, number=1):
        retired = {"exit": f"0x{name}#{number}", "market": f"0x{name}", "slug": name}
        self.feed.handle(MarketRetired(**retired, reason=RetireReason.POSITION_LIMIT, net=20))
        self.feed.handle(LiquidatorAssigned(**retired, liquidator=f"liquidator:{name}"))

    def takes(self, name):
        self.feed.handle(MarketTaken(market=f"0x{name}", slug=name, owner="maker"))

    def completes(self, name, number=1):
        self.feed.handle(ExitCompleted(exit=f"0x{name}#{number}", market=f"0x{name}", slug=name, left=0))


def listening():
    """One market `a`, watched, its book known."""
    house = House()
    house.begins(a_market("a"))
    house.hears_book()
    return house


def the(kind, said):
    return [message for message in said if isinstance(message, kind)]


def watched_in(said):
    (watch,) = the(WatchMarkets, said)
    return [market for market, _, _ in watch.markets]
