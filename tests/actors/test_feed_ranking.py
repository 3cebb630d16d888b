"""The busiest markets first, by what the feed has seen of them."""

import pytest

from messages.market import MarketRanking
from messages.values import Side
from tests.actors.feed_stage import House, a_market, listening, the, watched_in


@pytest.fixture
def house():
    return listening()


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
