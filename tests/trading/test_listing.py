import pytest

from messages.market import MarketInfo
from trading.listing import Listing


def a_market(market, **others):
    given = {
        "market": market,
        "slug": f"slug-{market}",
        "question": "?",
        "yes": f"{market}-yes",
        "no": f"{market}-no",
        "tick": 10_000,
        "min_size": 5_000_000,
    }
    return MarketInfo(**(given | others))


@pytest.fixture
def listing():
    return Listing()


def keep(_):
    return True


def forget(_):
    return False


def test_the_busiest_markets_that_accept_orders_come_first(listing):
    quiet, busy = a_market("quiet", volume_24h=1), a_market("busy", volume_24h=9)
    shut = a_market("shut", volume_24h=99, accepting_orders=False)

    listing.learn([quiet, shut, busy], forget)

    assert listing.busiest(9) == [busy, quiet]
    assert listing.busiest(1) == [busy]


def test_a_market_missing_once_stands(listing):
    listing.learn([a_market("a")], keep)
    listing.learn([], keep)
    assert listing.get("a") == a_market("a")

    listing.learn([a_market("a")], keep)
    listing.learn([], keep)
    assert listing.get("a") == a_market("a")


def test_a_market_missing_twice_takes_no_orders(listing):
    for read in ([a_market("a")], [], [], []):
        listing.learn(read, keep)

    assert listing.get("a") == a_market("a", accepting_orders=False)


def test_a_market_missing_twice_is_forgotten_where_nobody_keeps_it(listing):
    for read in ([a_market("a")], [], []):
        listing.learn(read, forget)

    assert listing.get("a") is None


def test_a_market_that_comes_back_takes_orders_again(listing):
    for read in ([a_market("a")], [], [], [a_market("a")]):
        listing.learn(read, keep)

    assert listing.get("a") == a_market("a")


def test_the_streams_price_grid_is_newer_than_the_lists(listing):
    listing.learn([a_market("a")], keep)
    listing.set_tick("a", 1_000)
    listing.learn([a_market("a", volume_24h=5)], keep)

    assert listing.get("a") == a_market("a", tick=1_000, volume_24h=5)


def test_tokens_do_not_change_under_a_market(listing):
    listing.learn([a_market("a")], keep)
    listing.learn([a_market("a", yes="other")], keep)

    assert listing.get("a").yes == "a-yes"
