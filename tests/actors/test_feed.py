import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.feed import FeedActor, FeedSettings
from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired, MarketTaken, RetireReason
from messages.market import (
    BookReceived,
    BooksFailed,
    BookSnapshot,
    BooksRead,
    BookState,
    CatalogFailed,
    CatalogRead,
    ConnectStream,
    FeedStatus,
    FrameDropped,
    LeaveStream,
    LevelsReceived,
    MarketDataStatus,
    MarketInfo,
    MarketRanking,
    PrintReceived,
    ReadBooks,
    ReadCatalog,
    ResyncMarkets,
    StreamBeat,
    StreamLost,
    StreamOpened,
    TickReceived,
    WatchMarkets,
    WitnessedBook,
)
from messages.orders import OrderRejected
from messages.system import Announce
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


def the(kind, said):
    return [message for message in said if isinstance(message, kind)]


def watched_in(said):
    (watch,) = the(WatchMarkets, said)
    return [market for market, _, _ in watch.markets]


@pytest.fixture
def house():
    """One market `a`, watched, its book known."""
    house = House()
    house.begins(a_market("a"))
    house.hears_book()
    return house


# The catalog, and what is watched.


def test_the_catalog_is_read_at_once_and_then_every_few_seconds():
    house = House()
    assert house.feed.call("begin") == [ReadCatalog()]

    house.passes(real_s=9)
    assert the(ReadCatalog, house.feed.call("vouch")) == [], "the first has not been answered"

    house.lists(a_market("a"))
    assert the(ReadCatalog, house.feed.call("vouch")) == [ReadCatalog()]
    house.lists(a_market("a"))
    house.passes(real_s=4.9)
    assert the(ReadCatalog, house.feed.call("vouch")) == []


def test_a_rejected_order_has_the_catalog_read_again_but_not_for_each_of_many():
    house = House()
    house.begins(a_market("a"))
    names = {"command": "c", "market": "0xa", "owner": "maker", "side": Side.BID}
    rejected = OrderRejected(order="0x1", reason="the market is not yet ready to process new orders", **names)

    house.passes(real_s=1)
    assert house.feed.handle(rejected) == [ReadCatalog()]
    assert house.feed.handle(rejected) == []
    house.lists(a_market("a"))
    assert house.feed.handle(rejected) == []


def test_a_failed_catalog_is_announced_once_and_tried_again_soon():
    house = House()
    house.feed.call("begin")
    failed = CatalogFailed(reason="the venue is in trouble (502)")

    (announced,) = house.feed.handle(failed)
    house.passes(real_s=1)

    assert "in trouble (502)" in announced.text
    assert the(ReadCatalog, house.feed.call("vouch")) == [ReadCatalog()]
    assert house.feed.handle(failed) == []
    (again,) = the(Announce, house.lists(a_market("a")))
    assert "read again" in again.text


def test_markets_that_accept_orders_are_watched_the_busiest_first():
    house = House(max_watched=2)
    quiet, busy, mid = a_market("quiet"), a_market("busy", volume_24h=9), a_market("mid", volume_24h=5)
    shut = a_market("shut", volume_24h=99, accepting_orders=False)

    said = house.begins(quiet, shut, mid, busy)

    assert the(WatchMarkets, said) == [
        WatchMarkets(markets=(("0xbusy", "busy-yes", "busy-no"), ("0xmid", "mid-yes", "mid-no")))
    ]
    assert the(MarketInfo, said) == [busy, mid]
    assert the(WatchMarkets, house.lists(quiet, shut, mid, busy)) == []


def test_what_we_trade_stays_watched_whatever_else_is_busy():
    house = House(max_watched=1)
    house.takes("old")
    house.retires("old")
    house.takes("new")
    markets = [a_market("busy", volume_24h=9), a_market("old"), a_market("new"), a_market("other")]

    assert watched_in(house.begins(*markets)) == ["0xold", "0xnew", "0xbusy"]

    house.completes("old")
    assert watched_in(house.lists(*markets)) == ["0xnew", "0xbusy"]


def test_what_we_trade_is_asked_for_by_name():
    house = House()
    house.takes("old")
    house.retires("old")
    house.takes("new")

    assert house.feed.call("begin") == [ReadCatalog(slugs=("old", "new"))]


def test_a_market_that_leaves_the_stream_is_said_not_to_be_live():
    house = House(max_watched=1)
    house.begins(a_market("a"))

    said = house.lists(a_market("a"), a_market("b", volume_24h=9))

    assert watched_in(said) == ["0xb"]
    (status,) = the(FeedStatus, said)
    assert (status.market, status.live, status.reason) == ("0xa", False, "not watched")


def test_constants_that_change_are_said_at_once_and_all_are_said_again(house):
    changed = a_market("a", min_size=7_000_000)

    assert house.lists(changed) == [changed]
    assert house.lists(changed) == []
    assert house.feed.call("constants") == [changed]


def test_a_market_we_trade_that_stops_accepting_orders_is_said_to_and_stays(house):
    house.takes("a")

    assert house.lists(a_market("a", accepting_orders=False)) == [a_market("a", accepting_orders=False)]
    status = house.status()
    assert (status.live, status.state, status.reason) == (False, BookState.CLOSED, "market closed")


def test_a_market_gone_from_two_readings_takes_no_orders(house):
    house.takes("a")

    assert house.lists() == []
    assert house.lists() == [a_market("a", accepting_orders=False)]


# Books.


def test_a_book_becomes_a_snapshot():
    house = House()
    house.begins(a_market("a"))

    assert house.hears_book() == [
        BookSnapshot(
            market="0xa",
            bids=((450_000, 10),),
            asks=((470_000, 10),),
            tick=10_000,
            seen_at=START,
        )
    ]


def test_a_change_that_shows_is_said_complete(house):
    house.passes(real_s=1)
    (snapshot,) = house.hears_level(Side.BID, 460_000, 3)

    assert snapshot.bids == ((460_000, 3), (450_000, 10))
    assert snapshot.asks == ((470_000, 10),)
    assert snapshot.seen_at == START + SECOND


def test_a_change_below_the_visible_depth_is_not_said():
    house = House(depth=1)
    house.begins(a_market("a"))
    house.hears_book()

    assert house.hears_level(Side.BID, 440_000, 3) == []
    assert house.hears_book() == []


def test_what_is_not_watched_is_not_kept(house):
    assert house.hears_book("stranger") == []
    assert house.hears_level(Side.BID, 460_000, 3, name="stranger") == []
    assert house.hears_print("stranger") == []
    assert house.hears(TickReceived, "stranger", tick=1_000) == []


def test_levels_before_the_first_book_say_nothing():
    house = House()
    house.begins(a_market("a"))

    assert house.hears_level(Side.BID, 460_000, 3) == []
    assert house.status().reason == "no data yet"


def test_a_crossed_book_is_not_shown_and_not_live_until_it_uncrosses(house):
    assert house.hears_level(Side.BID, 470_000, 3) == []
    assert (house.status().live, house.status().reason) == (False, "crossed")

    assert house.hears_level(Side.BID, 470_000, 0) == []
    assert house.status().live


def test_a_lost_stream_voids_every_book_until_it_comes_whole_again(house):
    said = house.loses()

    assert [(s.state, s.reason) for s in the(FeedStatus, said)] == [(BookState.STALE, "stream lost")]
    assert ["gone" in a.text for a in the(Announce, said)] == [True]
    assert [c.epoch for c in the(ConnectStream, said)] == [2]
    assert the(FeedStatus, house.loses(epoch=2)) == []
    assert house.hears_level(Side.BID, 460_000, 3) == []
    house.passes(real_s=9)
    assert the(BookSnapshot, house.feed.call("repeat")) == []

    house.epoch = 2
    house.opens()
    assert house.status().reason == "stream lost"
    assert len(house.hears_book()) == 1
    assert house.status().live


def test_a_book_that_the_next_connection_does_not_bring_is_asked_for(house):
    house.loses()
    house.opens()

    asked = []
    for _ in range(8):
        house.passes(real_s=0.5)
        asked += the(ResyncMarkets, house.feed.call("vouch"))

    assert [(said.epoch, len(said.markets)) for said in asked] == [(2, 1)]


def test_a_new_tick_voids_the_book_and_is_said_with_the_constants(house):
    said = house.hears(TickReceived, tick=1_000)

    assert the(MarketInfo, said) == [a_market("a", tick=1_000)]
    assert [s.reason for s in the(FeedStatus, said)] == ["tick changed"]
    assert house.hears_level(Side.BID, 460_000, 3) == []
    assert house.hears(TickReceived, tick=1_000) == [], "the exchange tells it twice"

    (snapshot,) = house.hears_book(tick=1_000)
    assert snapshot.tick == 1_000
    assert house.lists(a_market("a")) == [], "the list is older than the stream"


def test_a_new_tick_that_the_list_knows_first_voids_the_book_too(house):
    house.lists(a_market("a", tick=1_000))
    assert (house.status().state, house.status().reason) == (BookState.RESYNC, "tick changed")
    assert house.hears(TickReceived, tick=1_000) == []

    house.hears_book(bid=455_000)
    assert (house.status().state, house.status().tick) == (BookState.LIVE, 1_000)


def test_a_book_may_name_the_tick(house):
    said = house.hears_book(tick=1_000)

    assert the(MarketInfo, said) == [a_market("a", tick=1_000)]
    assert [s.tick for s in the(BookSnapshot, said)] == [1_000]


PRICES = st.integers(1, 99).map(lambda cents: cents * 10_000)
FRAMES = st.one_of(
    st.tuples(st.just("level"), st.sampled_from(Side), PRICES, st.integers(0, 3)),
    st.tuples(st.just("book"), PRICES, PRICES),
    st.tuples(st.just("tick"), st.sampled_from([1_000, 10_000])),
    st.tuples(st.just("lost")),
    st.tuples(st.just("repeat")),
)


@given(st.lists(FRAMES, max_size=40))
def test_while_a_market_is_live_the_last_snapshot_is_its_book(frames):
    house, naive, last = House(depth=3), {Side.BID: {}, Side.ASK: {}}, None
    house.begins(a_market("a"))
    for kind, *what in frames:
        house.passes(real_s=1)
        if kind == "level":
            said = house.hears_level(*what)
            naive[what[0]][what[1]] = what[2]
        elif kind == "book":
            said = house.hears_book(bid=what[0], ask=what[1])
            naive = {Side.BID: {what[0]: 10}, Side.ASK: {what[1]: 10}}
        elif kind == "tick":
            said = house.hears(TickReceived, tick=what[0])
        elif kind == "lost":
            said = house.loses()
            house.opens()
        else:
            said = house.feed.call("repeat")
        last = (the(BookSnapshot, said) or [last])[-1]
        bids = sorted(((p, s) for p, s in naive[Side.BID].items() if s), reverse=True)
        asks = sorted((p, s) for p, s in naive[Side.ASK].items() if s)
        if house.status().live:
            assert (last.bids, last.asks) == (tuple(bids[:3]), tuple(asks[:3]))
            assert not bids or not asks or bids[0][0] < asks[0][0]
        assert all(not s.bids or not s.asks or s.bids[0] < s.asks[0] for s in the(BookSnapshot, said))


# The feed's word.


def test_a_quiet_market_is_live_while_the_stream_answers(house):
    for _ in range(10):
        house.passes(real_s=9)
        house.beats()
        status = house.status()
        assert (status.state, status.reason) == (BookState.LIVE, "")
        assert status.verified_at == house.feed.real_now


def test_a_stream_that_is_silent_proves_nothing(house):
    house.passes(real_s=9.9)
    assert house.status().live

    house.passes(real_s=0.1)
    status = house.status()
    assert (status.live, status.reason) == (False, "silent")
    assert status.verified_at == START + round(9.9 * SECOND)


def test_any_frame_of_any_market_proves_that_the_stream_works():
    house = House()
    house.begins(a_market("a"), a_market("b"))
    house.hears_book("a")
    house.passes(real_s=60)
    house.hears_book("b")

    assert house.status("a").live


def test_late_listeners_are_made_whole_of_what_we_trade_and_trade_next_the_most_often(house):
    house.lists(a_market("a"), a_market("b", volume_24h=1), a_market("c"))
    house.hears_book("b")
    house.hears_book("c")
    house.takes("a")

    house.passes(real_s=1)
    said = house.feed.call("repeat")
    assert {s.market for s in the(BookSnapshot, said)} == {"0xa", "0xb"}
    assert {s.market for s in the(MarketInfo, said)} == {"0xa", "0xb"}

    house.passes(real_s=4)
    assert {s.market for s in the(BookSnapshot, house.feed.call("repeat"))} == {"0xa", "0xb", "0xc"}


def test_unreadable_frames_are_announced_now_and_then(house):
    dropped = FrameDropped(stream="market", reason="not json")

    (first,) = house.feed.handle(dropped)
    assert house.feed.handle(dropped) == []
    house.passes(real_s=30)
    (later,) = house.feed.handle(dropped)

    assert "1 unreadable" in first.text
    assert "3 unreadable" in later.text


# The witness, and connections that are dead without saying so.


def test_what_we_trade_and_trade_next_is_read_by_rest_every_five_seconds_in_one_request(house):
    house.lists(a_market("a"), a_market("b"), a_market("c"))
    house.hears_book("b")
    house.hears_book("c")
    house.hears_print("b")
    house.takes("a")
    house.feed.call("repeat")

    (asked,) = the(ReadBooks, house.feed.call("vouch"))
    assert asked.markets == (("0xa", "a-yes"), ("0xb", "b-yes"))
    assert the(ReadBooks, house.feed.call("vouch")) == [], "one request at a time"
    house.rest_says()
    house.passes(real_s=4.9)
    assert the(ReadBooks, house.feed.call("vouch")) == []
    house.passes(real_s=0.1)
    assert len(the(ReadBooks, house.feed.call("vouch"))) == 1


def test_rest_is_not_asked_again_before_its_last_answer_was_judged():
    house = House(witness_s=0.5, doubt_s=0.5)
    house.takes("a")
    house.begins(a_market("a"))
    house.hears_book()
    house.passes(real_s=2)
    house.beats()
    while not house.feed.watching.counts.disagreements:
        said = house.feed.call("vouch")
        house.passes(real_s=0.3)
        if the(ReadBooks, said):
            house.rest_says(bid=480_000, ask=500_000)
        house.passes(real_s=0.2)
        assert house.feed.real_now < START + 10 * SECOND


def test_nobody_is_asked_while_nothing_is_traded(house):
    assert the(ReadBooks, house.feed.call("vouch")) == []


def test_a_quiet_book_that_rest_confirms_stays_live_for_an_hour(house):
    house.takes("a")
    for _ in range(7_200):
        house.passes(real_s=0.5)
        house.beats()
        said = house.feed.call("vouch")
        if the(ReadBooks, said):
            house.rest_says()
        assert [s.state for s in the(FeedStatus, said)] == [BookState.LIVE]
        assert the(ResyncMarkets, said) == []


def test_a_frozen_stream_whose_rest_moves_is_stale_resynced_and_replaced_within_fifteen_seconds(house):
    house.takes("a")
    began, log = house.feed.real_now, {}
    while "ConnectStream" not in log:
        house.passes(real_s=0.5)
        house.beats()
        said = house.feed.call("vouch")
        if the(ReadBooks, said):
            house.rest_says(bid=480_000, ask=500_000)
        at_s = (house.feed.real_now - began) / SECOND
        for kind in (ResyncMarkets, ConnectStream):
            for told in the(kind, said):
                log.setdefault(kind.__name__, (at_s, told))
        for status in the(FeedStatus, said):
            if not status.live:
                log.setdefault("stale", (at_s, status))

    stale_s, status = log["stale"]
    resync_s, resync = log["ResyncMarkets"]
    connect_s, connect = log["ConnectStream"]
    assert (status.state, status.reason) == (BookState.STALE, "REST moves and the stream does not")
    assert stale_s <= resync_s <= 8
    assert connect_s <= 12, "there is time left for it to come"
    assert (resync.epoch, resync.markets) == (1, ("0xa",))
    assert (connect.epoch, connect_s) == (2, resync_s + 3)

    house.opens()
    house.hears_book(bid=480_000, ask=500_000)
    assert house.status().live
    assert the(LeaveStream, house.feed.call("vouch")) == [], "it was left as soon as it was replaced"
    assert list(house.feed.connections.lines) == [2]


def test_a_single_market_that_freezes_is_asked_for_on_the_same_connection(house):
    house.lists(a_market("a"), a_market("b"))
    house.takes("a")
    for n in range(20):
        house.passes(real_s=0.5)
        house.hears_book("b", bid=300_000 + n * 10_000, ask=700_000)
        said = house.feed.call("vouch")
        if the(ReadBooks, said):
            house.rest_says(bid=480_000, ask=500_000)
        if the(ResyncMarkets, said):
            break

    assert the(ResyncMarkets, said) == [ResyncMarkets(epoch=1, markets=("0xa",))]
    house.hears_book(bid=480_000, ask=500_000)
    assert house.status().live
    house.passes(real_s=10)
    house.beats()
    assert the(ConnectStream, house.feed.call("vouch")) == []


def test_after_rest_voided_a_book_the_next_one_is_live_when_rest_has_it_too(house):
    house.takes("a")
    while not house.feed.watching.markets["0xa"].live.void_because:
        house.passes(real_s=0.5)
        house.beats()
        if the(ReadBooks, house.feed.call("vouch")):
            house.rest_says(bid=480_000, ask=500_000)
    house.hears_book(bid=520_000, ask=540_000)
    assert (house.status().state, house.status().reason) == (BookState.STALE, "not borne out again yet")

    house.passes(real_s=1)
    assert the(ReadBooks, house.feed.call("vouch")), "it is asked soon"
    house.rest_says(bid=520_000, ask=540_000)
    house.passes(real_s=0.5)
    house.beats()
    assert house.status().live


def test_a_stream_that_brings_nothing_at_all_while_one_market_moves_is_believed_in_none(house):
    house.lists(a_market("a"), a_market("b"))
    house.hears_book("b")
    house.takes("a")
    states = {}
    while states.get("0xa") is not BookState.STALE:
        house.passes(real_s=0.5)
        house.beats()
        said = house.feed.call("vouch")
        if the(ReadBooks, said):
            house.rest_says(bid=480_000, ask=500_000)
        states = {s.market: s.state for s in the(FeedStatus, said)}
        assert house.feed.real_now < START + 15 * SECOND

    assert states == {"0xa": BookState.STALE, "0xb": BookState.STALE}


def test_rest_that_is_stale_by_itself_costs_one_whole_book_and_no_connection(house):
    """Its stamps say nothing, it lags for two minutes, and the stream is right all the time."""
    house.takes("a")
    resyncs = connects = 0
    for _ in range(240):
        house.passes(real_s=0.5)
        house.beats()
        said = house.feed.call("vouch")
        if the(ReadBooks, said):
            house.rest_says(bid=400_000, ask=420_000)
        if the(ResyncMarkets, said):
            resyncs += 1
            house.hears_book()
            assert house.status().live
        connects += len(the(ConnectStream, said))

    assert connects == 0
    assert resyncs <= 2, "after the first it is not believed for a minute"


def test_a_book_we_trade_that_nobody_bears_out_is_stale_after_a_minute(house):
    house.takes("a")
    for _ in range(119):
        house.passes(real_s=0.5)
        house.beats()
        assert house.status().live
        house.feed.handle(BooksFailed(reason="down"))
    house.passes(real_s=0.5)
    house.beats()

    status = house.status()
    assert (status.state, status.reason) == (BookState.STALE, "borne out by nobody for 60 s")
    house.hears_level(Side.BID, 440_000, 1)
    assert house.status().live


def test_a_market_rest_does_not_know_any_more_has_the_list_read_again(house):
    house.takes("a")
    house.feed.call("vouch")
    house.lists(a_market("a"))
    house.passes(real_s=2)

    asked = house.feed.handle(BooksRead(books=(), asked_at=house.feed.real_now, seen_at=house.feed.real_now))
    assert asked == [ReadCatalog(slugs=("a",))]


@pytest.mark.parametrize(
    ("bids", "asks", "reason"),
    [
        ((), ((470_000, 10),), "one-sided book"),
        (((450_000, 10),), (), "one-sided book"),
        ((), (), "empty book"),
        (((450_000, 10),), ((450_000, 10),), "crossed"),
        (((10_000, 10),), ((990_000, 10),), "gapped book, only its far ends are left"),
    ],
)
def test_a_book_that_cannot_be_right_is_asked_for_anew_and_never_live(house, bids, asks, reason):
    house.hears(BookReceived, bids=bids, asks=asks)
    status = house.status()
    assert (status.state, status.reason) == (BookState.RESYNC, reason)

    house.passes(real_s=0.5)
    house.beats()
    house.feed.call("vouch")
    assert house.feed.watching.counts.resyncs == 1
    house.hears_book()
    assert house.status().live


def test_a_resolved_market_says_so_whatever_its_book(house):
    house.takes("a")
    house.lists(a_market("a", accepting_orders=False, payout=1_000_000))

    status = house.status()
    assert (status.state, status.live, status.reason) == (BookState.RESOLVED, False, "market resolved")
    house.passes(real_s=60)
    assert the(ResyncMarkets, house.feed.call("vouch")) == []


# Connections.


def test_every_ten_minutes_the_connection_is_renewed_without_a_moment_that_is_not_live(house):
    connects = []
    for _ in range(1_201):
        house.passes(real_s=0.5)
        house.beats()
        said = house.feed.call("vouch")
        connects += the(ConnectStream, said)
        assert all(s.live for s in the(FeedStatus, said))
    assert [c.epoch for c in connects] == [2]

    house.opens()
    assert house.status().live
    assert house.hears_book() == [], "nothing in it is new"
    (left,) = the(LeaveStream, house.feed.call("vouch"))
    assert (left.epoch, house.status().epoch, house.status().live) == (1, 2, True)


def test_ten_connections_without_a_book_are_a_pause_that_a_probe_ends_by_itself(house):
    said = house.loses()
    for epoch in range(2, 11):
        assert not how_it_is(house).paused
        said = house.loses(epoch=epoch)
    (alarm,) = the(Announce, said)
    (probe,) = the(ConnectStream, said)
    assert [status.paused for status in the(MarketDataStatus, said)] == [True], "risk need not wait for it"

    assert "market stream paused after 10 connections without a book" in alarm.text
    assert probe.after_ms == 60_000
    now = how_it_is(house)
    assert (now.paused, now.connected, now.failed) == (True, False, 10)
    assert now.reason == alarm.text.removeprefix("market stream ")
    assert the(Announce, house.loses(epoch=11)) == [], "it was said"

    house.epoch = 11
    house.opens()
    assert how_it_is(house).paused, "it is open, but has no book"
    said = house.hears_book()
    (back,) = the(Announce, said)
    assert "the pause is over" in back.text
    assert [status.paused for status in the(MarketDataStatus, said)] == [False]
    now = how_it_is(house)
    assert (now.paused, now.connected, now.live, now.reason) == (False, True, 1, "")


def test_at_the_end_every_connection_is_left(house):
    assert house.feed.call("on_stopping") == [LeaveStream(epoch=1)]


def test_how_the_venue_is_heard_is_said_with_counters(house):
    house.takes("a")
    house.hears_print(transaction="0x1")
    house.hears_print(transaction="0x1")
    house.feed.handle(FrameDropped(stream="market", reason="not json"))
    house.passes(real_s=7)
    house.feed.handle(BooksFailed(reason="down"))

    now = how_it_is(house)
    assert (now.watched, now.live, now.oldest_s, now.epoch, now.connects) == (1, 1, 7, 1, 1)
    assert (now.duplicates, now.unreadable, now.witness_failures) == (1, 1, 1)


def how_it_is(house):
    (status,) = the(MarketDataStatus, house.feed.call("repeat"))
    return status


# Ranking.


def test_the_first_ranking_comes_after_a_market_minute_by_prints_then_updates(house):
    house.lists(a_market("a"), a_market("b"), a_market("c"))
    house.hears_book("b")
    house.hears_book("c")
    house.hears_level(Side.BID, 440_000, 1, name="c")
    house.hears_print("b")

    house.passes(market_s=59)
    assert the(MarketRanking, house.feed.call("repeat")) == []
    house.passes(market_s=1)
    (ranking,) = the(MarketRanking, house.feed.call("repeat"))

    assert [r.slug for r in ranking.ranked] == ["b", "c", "a"]
    assert [(r.prints, r.updates) for r in ranking.ranked] == [(1, 1), (0, 2), (0, 1)]
    assert ranking.observed_s == 60


def test_the_ranking_follows_what_happens(house):
    house.lists(a_market("a"), a_market("b"))
    house.hears_book("b")
    house.hears_print("b")
    house.passes(market_s=300)
    house.hears_print("a")
    house.hears_print("a")

    (ranking,) = the(MarketRanking, house.feed.call("repeat"))
    assert [r.slug for r in ranking.ranked] == ["a", "b"]
    assert ranking.observed_s == 300

    house.lists(a_market("a", accepting_orders=False), a_market("b"))
    house.passes(market_s=3_600)
    (ranking,) = the(MarketRanking, house.feed.call("repeat"))
    assert [(r.slug, r.prints) for r in ranking.ranked] == [("b", 0)]
    assert ranking.observed_s == 600


def test_the_runner_up_stays_watched_when_others_become_busier():
    house = House(max_watched=2)
    house.begins(a_market("a"), a_market("b"))
    house.hears_book("a")
    house.hears_book("b")
    house.hears_print("a")
    house.takes("a")
    house.passes(market_s=60)
    house.feed.call("repeat")

    said = house.lists(a_market("a"), a_market("b"), *(a_market(n, volume_24h=9) for n in "xy"))

    assert watched_in(said) == ["0xa", "0xb", "0xx", "0xy"]


def test_a_feed_that_takes_over_ranks_at_once_by_volume_until_it_has_seen_more():
    house = House()
    house.takes("a")
    house.begins(a_market("a"), a_market("calm", volume_24h=1), a_market("busy", volume_24h=9))
    assert the(MarketRanking, house.feed.call("repeat")) == [], "there is no book yet"

    for name in ("a", "calm", "busy"):
        house.hears_book(name)
    (ranking,) = the(MarketRanking, house.feed.call("repeat"))
    assert [r.slug for r in ranking.ranked] == ["busy", "calm", "a"]

    house.hears_print("calm")
    (ranking,) = the(MarketRanking, house.feed.call("repeat"))
    assert ranking.ranked[0].slug == "calm"


# Readiness.


def test_it_is_ready_with_the_first_book():
    house = House()
    house.begins(a_market("a"))
    assert not house.feed.is_ready

    house.hears_book()
    assert house.feed.is_ready


def test_without_a_book_it_is_ready_after_a_while_and_says_why_nothing_is_live():
    house = House()
    house.begins(a_market("a"))
    house.passes(real_s=14.9)
    house.feed.call("vouch")
    assert not house.feed.is_ready

    house.passes(real_s=0.1)
    said = house.feed.call("vouch")

    assert house.feed.is_ready
    assert ["no market data yet" in a.text for a in the(Announce, said)] == [True]
    assert (house.status().state, house.status().reason) == (BookState.RESYNC, "no data yet")


@pytest.mark.parametrize("wrong", [{"depth": 0}, {"max_watched": 201}, {"catalog_s": 0.0}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"is 1 to|more than 0"):
        FeedSettings(**wrong)
