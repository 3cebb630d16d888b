"""Recoveries are measured from outside: from who is seen ready, and from the exchange's own times."""

import msgspec
import pytest

from messages.orders import OrderIntended
from messages.values import MS, SECOND, MarketNs, OrderId, RealNs, Side, Size
from simulation.chaos.target import Seen
from simulation.chaos.timing import Sightings, quoted_spans, quoting_again_ns, spread
from tests.factories import MARKET, OTHER, an_order, intended
from venue.paper.engine.terms import OrderStatus, OrderType, TokenSide
from venue.paper.ledger.history import PastOrder

END = RealNs(1_000 * SECOND)


def at(seconds):
    return RealNs(round(seconds * SECOND))


class Book:
    """Orders as the exchange keeps them, and their intents."""

    def __init__(self):
        self.orders, self.intents = [], {}

    def rests(self, side, begin, end, market=MARKET, owner="maker"):
        order = OrderId(f"0x{len(self.orders):064x}")
        place = an_order(f"c{len(self.orders)}", side=side, market=market)
        self.intents[order] = msgspec.structs.replace(intended(place), order=order, owner=owner)
        assert isinstance(self.intents[order], OrderIntended)
        self.orders.append(
            PastOrder(
                id=order,
                owner="key",
                maker="0x1",
                market=market,
                token="1",
                side=TokenSide.BUY,
                price=place.price,
                size=Size(1),
                type=OrderType.GTC,
                post_only=True,
                expires_at=None,
                accepted_at=MarketNs(0),
                accepted_real_at=at(begin),
                status=OrderStatus.CANCELED,
                matched=Size(0),
                ended_at=None if end is None else MarketNs(0),
                ended_real_at=None if end is None else at(end),
                end_reason="",
            )
        )
        return self

    def quote(self, begin, end, **more):
        return self.rests(Side.BID, begin, end, **more).rests(Side.ASK, begin, end, **more)

    @property
    def spans(self):
        return [(a / SECOND, b / SECOND) for a, b in quoted_spans(self.orders, self.intents, END)]


def test_a_quote_is_a_bid_and_an_ask_of_the_maker_in_one_market():
    book = Book().rests(Side.BID, 1, 9).rests(Side.ASK, 3, 7)
    book.rests(Side.ASK, 20, 30, market=OTHER).rests(Side.BID, 20, 30)
    book.quote(40, 50, owner="liquidator:aa")

    assert book.spans == [(3, 7)]


def test_a_quote_that_is_moved_goes_on_and_one_that_rests_still_lasts_to_the_end():
    assert Book().quote(1, 5).quote(5.4, 9).spans == [(1, 9)]
    assert Book().quote(1, 5).quote(5.6, 9).spans == [(1, 5), (5.6, 9)]
    assert Book().quote(2, None).spans == [(2, 1_000)]


SPANS = [(int(at(a)), int(at(b))) for a, b in ((10, 21), (24, 40), (60, 99))]


@pytest.mark.parametrize(
    ("killed", "again"),
    [
        (20, 4),  # it rested on for a second, then was taken off
        (22, 2),  # nothing rested just then
        (30, 0),  # the next pause comes too late to be its doing
        (38, 22),
        (99, None),
    ],
)
def test_from_a_kill_to_the_first_quote_after_the_pause_it_made(killed, again):
    found = quoting_again_ns(SPANS, at(killed))

    assert found == (None if again is None else again * SECOND)


def seen(role, incarnation, state="ready"):
    return Seen(role, 1, incarnation, state)


def test_whoever_is_seen_ready_in_a_later_incarnation_has_recovered():
    watch = Sightings()
    watch.killed(seen("maker", 3), at(1), "kill")
    watch.look([seen("maker", 3)], at(1.1))
    watch.look([seen("maker", 4, "starting")], at(1.2))
    assert watch.kills[0].ready_at is None
    watch.look([seen("maker", 4)], at(1.3))
    watch.look([seen("maker", 4)], at(1.4))

    assert watch.kills[0].ready_at == at(1.3)
    assert watch.kills[0].alone


def test_a_recovery_that_another_strike_fell_upon_was_not_alone():
    watch = Sightings()
    watch.killed(seen("maker", 3), at(1), "kill")
    watch.killed(seen("feed", 2), at(2), "kill")
    watch.disturbed()
    watch.killed(seen("risk", 1), at(3), "kill")

    assert [kill.alone for kill in watch.kills] == [False, False, True]


def test_times_are_told_by_nearest_rank():
    assert spread([]) == {"count": 0, "p50": None, "p99": None, "max": None}
    assert spread([n * 10 * MS for n in range(1, 101)]) == {"count": 100, "p50": 0.5, "p99": 0.99, "max": 1.0}
