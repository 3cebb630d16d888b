"""The feed keeps each watched book whole, says what shows of it, and vouches for it while it is sure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.market import (
    BookSnapshot,
    BookState,
    ConnectStream,
    FeedStatus,
    FrameDropped,
    MarketInfo,
    ResyncMarkets,
    TickReceived,
)
from messages.system import Announce
from messages.values import SECOND, Side
from tests.actors.feed_stage import START, House, a_market, listening, the


@pytest.fixture
def house():
    return listening()


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
