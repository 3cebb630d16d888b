"""What a maker's order says of itself: what decided it, for which mid, and which frame it answers."""

from messages.orders import NEVER, CancelOrder, PlaceOrder
from messages.values import Side
from tests.actors.maker_stage import Maker, quoting
from tests.factories import a_book, a_fill, a_ranking, an_info, canceled, cents, completed, of


def test_an_order_says_what_decided_it_and_the_mid_of_then() -> None:
    _, bid, ask = quoting()

    assert (bid.why, ask.why) == ("quote, fixed_spread", "quote, fixed_spread")
    assert (bid.mid, ask.mid) == (cents(50), cents(50))


def test_an_order_that_waited_for_the_one_before_it_names_the_frame_that_moved_it() -> None:
    stage, bid, ask = quoting()
    said = stage.hear(a_book(51, 53, seen_at=500))
    assert len(of(CancelOrder, said)) == 2
    stage.hear(a_book(51, 53, seen_at=600))

    (again,) = of(PlaceOrder, stage.hear(canceled(bid)))
    assert (again.side, again.moved_at, again.frame_at) == (Side.BID, 500, NEVER)
    (other,) = of(PlaceOrder, stage.hear(canceled(ask)))
    assert (other.side, other.moved_at) == (Side.ASK, 500)


def test_an_order_that_a_frame_calls_for_at_once_waited_for_nothing() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(an_info().market))
    stage.keep_alive()
    places = of(PlaceOrder, stage.hear(a_book(49, 51, seen_at=77)))

    assert [(place.frame_at, place.moved_at) for place in places] == [(77, NEVER), (77, NEVER)]


def test_an_order_in_place_of_a_filled_one_waited_for_no_cancel() -> None:
    stage, bid, _ = quoting()
    said = stage.hear(a_fill(10, 48, place=bid), completed(bid))

    assert [(place.side, place.moved_at) for place in of(PlaceOrder, said)] == [(Side.BID, NEVER)]


def test_what_waited_for_more_than_a_cancel_does_not_count_from_the_frame_that_moved_it() -> None:
    stage, bid, ask = quoting()
    stage.hear(a_book(51, 53, seen_at=500))
    stage.hear(a_book(30, 60, seen_at=600))
    stage.hear(canceled(bid), canceled(ask))

    places = of(PlaceOrder, stage.hear(a_book(51, 53, seen_at=700)))
    assert [(place.frame_at, place.moved_at) for place in places] == [(700, NEVER), (700, NEVER)]
