"""What the venue counts as filled is waited for, whoever said it and however late its trades are listed."""

import pytest

from messages.account import OpenOrder, OrderSeenKind, ReadAccount
from messages.orders import CancelAnswered, CancelOrder, OrderCanceled, OrderFound
from messages.values import CommandId
from tests.actors.gateway_stage import YES, a_leg, kinds, named, started
from tests.factories import MARKET, of, shares
from venue.polymarket.account import Us, user_frame


@pytest.fixture
def gateway():
    """One order of ten rests."""
    stage = started()
    stage.rest("c1")
    stage.wait(1)
    return stage


def listed_with(matched):
    return (OpenOrder(order=named("c1"), market=MARKET, token=YES, matched=shares(matched)),)


def late(gateway):
    """Read again when whatever was late has come."""
    gateway.wait(5.1)
    gateway.keep_alive()
    return gateway.lists()


@pytest.mark.parametrize("by", ["list", "stream", "look"])
def test_what_was_counted_while_it_rested_is_waited_for_when_it_is_off(gateway, by):
    if by == "list":
        gateway.lists(listed_with(4))
    elif by == "stream":
        gateway.seen("c1", OrderSeenKind.MATCHED, 4)
    else:
        gateway.look("c1", OrderFound.OPEN, 4)
    gateway.hear(CancelOrder(command=CommandId("c1"), market=MARKET))
    gateway.wait(1)
    gateway.hear(CancelAnswered(canceled=(named("c1"),), not_canceled=()))
    gateway.lists()
    late(gateway)
    assert gateway.worst == (0, shares(10))

    assert not of(OrderCanceled, gateway.lists()), "trades may be listed late"
    assert kinds(gateway.read_late(legs=(a_leg("c1", 4),)))[:2] == ["OrderFilled", "OrderCanceled"]
    assert gateway.worst == (shares(4), shares(4))


def test_a_list_of_before_does_not_make_it_forgotten(gateway):
    gateway.seen("c1", OrderSeenKind.CANCELED, 4)
    gateway.lists(listed_with(0))
    gateway.lists()
    gateway.look("c1", OrderFound.NONE)
    gateway.lists()
    late(gateway)

    assert gateway.worst == (0, shares(10))


@pytest.mark.parametrize("by", ["look", "stream"])
def test_the_venue_takes_nothing_back_of_what_it_counted(gateway, by):
    gateway.seen("c1", OrderSeenKind.CANCELED, 4)
    if by == "look":
        gateway.look("c1", OrderFound.ENDED, 0)
    else:
        gateway.seen("c1", OrderSeenKind.CANCELED, 0)

    assert gateway.worst == (0, shares(10))


@pytest.mark.parametrize("words", ['"size_matched": ""', '"associate_trades": null'])
def test_an_end_that_does_not_say_how_much_was_filled_releases_nothing(gateway, words):
    frame = (
        '{"event_type": "order", "id": "0xc1", "owner": "us", "market": "0xaa", "asset_id": "1", "side": "BUY",'
        f' "original_size": "10", "price": "0.48", "type": "CANCELLATION", "status": "INVALID", {words}}}'
    )
    (seen,) = user_frame(frame, Us("us"))
    assert not of(OrderCanceled, gateway.hear(seen))

    assert kinds(gateway.lists(legs=(a_leg("c1", 4),))) == ["OrderFilled"], "trades may be listed late"
    assert kinds(gateway.read_late())[:1] == ["OrderCanceled"]


def test_trades_that_are_owed_are_asked_for_from_the_orders_intent_on_however_long_ago_that_was(gateway):
    intended_at = gateway.gateway.table.get(named("c1")).intended.intended_at
    gateway.seen("c1", OrderSeenKind.CANCELED, 4)
    reads = []
    for _ in range(800):
        gateway.wait(1)
        gateway.keep_alive()
        asked = of(ReadAccount, gateway.watch())
        reads += asked
        if asked:
            gateway.lists()

    assert len(reads) > 20
    assert all(read.since <= intended_at for read in reads)
