"""REST is the witness against connections that are dead without saying so."""

import pytest

from messages.market import (
    BookReceived,
    BooksFailed,
    BooksRead,
    BookState,
    ConnectStream,
    FeedStatus,
    LeaveStream,
    ReadBooks,
    ReadCatalog,
    ResyncMarkets,
)
from messages.values import SECOND, Side
from tests.actors.feed_stage import START, House, a_market, listening, the


@pytest.fixture
def house():
    return listening()


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
