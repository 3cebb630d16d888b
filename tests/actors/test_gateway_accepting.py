"""A person accepts a market that was paused: what the venue says is taken for true, and it goes on."""

import pytest

from messages.account import BookEmptied, OrderSeenKind, PositionMismatched, ReadAccount, Settlement
from messages.orders import FillConfirmed, OrderCanceled, OrderFilled, PrepareOrder
from messages.values import MICRO, Action, Price
from messages.wallet import (
    EXTERNAL,
    MarketPaused,
    MarketResumed,
    PauseCause,
    PositionsReadFailed,
    ReadPositions,
)
from tests.actors.gateway_stage import YES, Gateway, a_leg, kinds, started
from tests.actors.wallet_stage import ALIEN, LATER, a_position, accept, bought, looked, looked_twice
from tests.factories import MARKET, of, shares


@pytest.fixture
def gateway() -> Gateway:
    return started()


def dirty(gateway: Gateway) -> None:
    """Ten YES by our fills, eight by the venue."""
    bought(gateway)
    looked(gateway, 61, t1=8)
    looked(gateway, 6, t1=8)


def test_an_accepted_market_has_what_the_venue_says_at_what_it_cost_and_goes_on(gateway):
    dirty(gateway)
    accept(gateway)
    assert of(ReadPositions, gateway.watch(0.1))
    gateway.listed()
    said = looked_twice(gateway, 1, t1=8)

    (change,) = of(OrderFilled, said)
    assert (change.owner, change.action, change.size) == (EXTERNAL, Action.SELL, shares(2))
    assert of(FillConfirmed, said)
    (resumed,) = of(MarketResumed, said)
    assert (resumed.reason, resumed.by) == ("sold by hand", "ann")
    held = gateway.gateway.account.inventories[MARKET]
    assert (held.net, held.confirmed_net, held.realized, held.pending) == (shares(8), shares(8), 0, 0)
    gateway.keep_alive()
    assert of(PrepareOrder, gateway.place("c9"))
    assert not of(PositionMismatched, looked(gateway, 61, t1=8))


def test_a_trade_that_happened_while_the_account_was_read_is_not_written_down_beside_itself(gateway):
    """Its balance was read after the trades, in the same read; the next one tells of the trade."""
    dirty(gateway)
    accept(gateway)
    gateway.watch(0.1)
    gateway.listed()
    assert not of(OrderFilled, looked(gateway, 1, t1=11))
    gateway.legs(a_leg("", 3, order=ALIEN, status=Settlement.CONFIRMED, at=LATER + 1))
    said = looked_twice(gateway, 5, t1=11)

    assert [(fill.action, fill.size) for fill in of(OrderFilled, said)] == [(Action.SELL, shares(2))]
    assert of(MarketResumed, said)
    assert gateway.gateway.account.inventories[MARKET].net == shares(11)


def listed_again(gateway: Gateway, after_s: float, size: float) -> None:
    """The list is asked for and has so much; a read of the account meanwhile is answered."""
    asked = gateway.watch(after_s)
    assert of(ReadPositions, asked)
    if of(ReadAccount, asked):
        gateway.read()
    gateway.listed(a_position(market=MARKET, token=YES, size=shares(size)))


def test_a_position_that_only_its_balance_denies_is_not_written_off_when_its_market_is_accepted(gateway):
    """The venue shows no balance for a while; its list still has the position."""
    dirty(gateway)
    accept(gateway)
    listed_again(gateway, 0.1, 8)

    assert not of(OrderFilled, said := looked(gateway, 1, t1=0))
    assert not of(MarketResumed, said)
    listed_again(gateway, 30, 8)
    (change,) = of(OrderFilled, looked_twice(gateway, 1, t1=8))
    assert change.size == shares(2)


def test_what_the_list_does_not_have_either_is_written_off(gateway):
    dirty(gateway)
    accept(gateway)
    gateway.watch(0.1)
    gateway.listed()

    (change,) = of(OrderFilled, looked_twice(gateway, 1, t1=0))
    assert change.size == shares(10)


def test_a_person_has_the_last_word_when_the_venue_contradicts_itself_for_a_minute(gateway):
    dirty(gateway)
    accept(gateway)
    for after_s in (0.1, 30, 30):
        listed_again(gateway, after_s, 10)
        said = looked(gateway, 1, t1=0)
    said += looked(gateway, 5, t1=0)

    assert of(MarketResumed, said)
    assert of(OrderFilled, said)[0].size == shares(10)


def test_what_came_in_is_taken_at_the_venues_average_price(gateway):
    dirty(gateway)
    accept(gateway)
    gateway.watch(0.1)
    gateway.listed(a_position(market=MARKET, token=YES, size=shares(15), price=Price(200_000)))
    (change,) = of(OrderFilled, looked_twice(gateway, 1, t1=15))

    assert (change.action, change.size, change.price) == (Action.BUY, shares(5), 200_000)


def short_of_fills(gateway: Gateway) -> list:
    """An order that was taken off with four of its ten filled, as the venue counts; no trade tells of them."""
    gateway.rest("c1", size=shares(10))
    gateway.seen("c1", OrderSeenKind.CANCELED, 4)
    assert not of(MarketPaused, looked(gateway, 20))
    assert gateway.open_commands == ["c1"]
    return of(MarketPaused, looked(gateway, 41))


def test_fills_that_the_venue_counts_and_never_tells_stay_reserved_until_a_person_accepts(gateway):
    (paused,) = short_of_fills(gateway)
    assert (paused.cause, paused.amount) == (PauseCause.DRIFT, 4 * MICRO)
    assert not of(MarketPaused, looked(gateway, 61)), "once"
    assert gateway.worst == (0, shares(10)), "nothing proves how much of it was filled"

    accept(gateway)
    gateway.watch(0.1)
    gateway.listed()
    assert of(MarketResumed, looked_twice(gateway, 1, t1=4))
    assert of(OrderCanceled, gateway.read())
    assert gateway.worst == (shares(4), shares(4))


def test_fills_that_the_venue_tells_late_release_their_order(gateway):
    short_of_fills(gateway)

    said = gateway.legs(a_leg("c1", 4, at=LATER))
    assert kinds(said) == ["OrderFilled", "OrderCanceled"]
    assert gateway.worst == (shares(4), shares(4))


def test_an_order_off_the_book_that_lacks_fills_does_not_hold_up_a_stop(gateway):
    short_of_fills(gateway)
    gateway.call("stop")
    gateway.read()
    gateway.wait(1)

    assert of(BookEmptied, gateway.read())


def test_a_list_that_cannot_be_had_does_not_keep_a_market_from_being_accepted(gateway):
    dirty(gateway)
    accept(gateway)
    gateway.watch(0.1)
    gateway.hear(PositionsReadFailed(reason="no answer"))

    assert of(MarketResumed, looked_twice(gateway, 1, t1=8))


def test_a_market_that_is_not_paused_is_not_accepted(gateway):
    bought(gateway)
    accept(gateway)

    assert not of(ReadPositions, gateway.watch(0.1))
