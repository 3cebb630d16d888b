"""Envelopes: who, when, in which order, caused by what; and names that are unique for ever."""

import pytest

from messages.liquidation import MarketTaken
from messages.orders import PlaceOrder
from messages.values import MarketNs, RealNs, RoleName
from runtime.clock import Clock
from runtime.stamp import Stamp
from tests.factories import MARKET, an_order, taken
from tests.runtime.ends import STILL


@pytest.fixture
def stamp():
    return Stamp(RoleName("maker"), 7, (1 << 63) - 1, Clock(STILL))


def test_who_said_it_and_about_what(stamp):
    sealed = stamp.seal(taken(), "facts", None)

    assert (sealed.kind, sealed.source, sealed.run, sealed.market) == (
        MarketTaken.__name__,
        "maker@7",
        (1 << 63) - 1,
        MARKET,
    )
    assert sealed.market_at == MarketNs(int(STILL.market_at))
    assert sealed.real_at > RealNs(0)
    assert sealed.wall_at > 0


def test_each_stream_counts_for_itself(stamp):
    told = [stamp.seal(taken(), stream, None).sequence for stream in ("a", "b", "a", "a", "b")]

    assert told == [1, 1, 2, 3, 2]


def test_names_are_16_bytes_and_never_the_same(stamp):
    other = Stamp(RoleName("maker"), 8, (1 << 63) - 1, Clock(STILL))
    names = {s.seal(taken(), "a", None).id for s in (stamp, other) for _ in range(100)}

    assert len(names) == 200
    assert {len(name) for name in names} == {16}


def test_a_process_may_speak_for_years(stamp):
    stamp._count = 1 << 33
    first, second = stamp.seal(taken(), "a", None), stamp.seal(taken(), "a", None)

    assert first.id < second.id


def test_what_follows_from_a_message_is_of_its_piece_of_work(stamp):
    first = stamp.seal(taken(), "a", None)
    second = stamp.seal(taken(), "a", first)
    third = stamp.seal(taken(), "a", second)

    assert (first.cause, first.correlation) == (b"", first.id)
    assert (third.cause, third.correlation) == (second.id, first.id)


def test_only_a_wanted_order_perishes(stamp):
    assert stamp.seal(an_order("c"), "cmd", None).ttl_ms == 1_000
    assert PlaceOrder.__name__ == stamp.seal(an_order("c"), "cmd", None).kind
    assert stamp.seal(taken(), "cmd", None).ttl_ms == 0
