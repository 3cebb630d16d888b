"""The feed's connections: renewed without a gap, given up for a while, and left at the end."""

import pytest

from messages.market import (
    BooksFailed,
    ConnectStream,
    FeedStatus,
    FrameDropped,
    LeaveStream,
    MarketDataStatus,
)
from messages.system import Announce
from tests.actors.feed_stage import listening, the


@pytest.fixture
def house():
    return listening()


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
