"""What the feed watches, by the catalog and by what is traded, and when it is ready."""

import pytest

from actors.feed import FeedSettings
from messages.market import BookState, CatalogFailed, FeedStatus, MarketInfo, ReadCatalog, WatchMarkets
from messages.orders import OrderRejected
from messages.system import Announce
from messages.values import Side
from tests.actors.feed_stage import House, a_market, listening, the, watched_in


@pytest.fixture
def house():
    return listening()


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
