"""What the maker makes of its orders' answers: denied, taken back, rejected, lost."""

from messages.orders import CancelMarket, CancelOrder, DenyRule, PlaceOrder
from messages.values import Side
from tests.actors.maker_stage import Maker, quoting
from tests.factories import MARKET, a_ranking, an_info, an_order, cents, denied, intended, of, rejected


def test_a_denied_order_is_not_asked_again_for_a_second() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET))
    stage.keep_alive()
    for place in of(PlaceOrder, stage.book(49, 51)):
        assert of(PlaceOrder, stage.hear(denied(place, DenyRule.COLLATERAL))) == []
    assert of(PlaceOrder, stage.book(49, 51.5)) == []

    stage.wait(1)
    assert len(of(PlaceOrder, stage.keep_alive())) == 2


def test_an_order_that_was_taken_back_before_it_left_is_no_reason_to_hesitate() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET))
    stage.keep_alive()
    bid, ask = of(PlaceOrder, stage.book(49, 51))
    assert len(of(CancelOrder, stage.book(59, 61))) == 2

    said = stage.hear(denied(bid, DenyRule.LATE), denied(ask, DenyRule.LATE))
    assert [p.price for p in of(PlaceOrder, said)] == [cents(58), cents(62)]


def test_who_is_not_owner_yet_asks_again_soon() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET))
    stage.keep_alive()
    for place in of(PlaceOrder, stage.book(49, 51)):
        stage.hear(denied(place, DenyRule.NOT_OWNER))
    assert of(PlaceOrder, stage.call("ask_again")) == []

    stage.wait(0.05)
    assert len(of(PlaceOrder, stage.call("ask_again"))) == 2


def test_a_dry_run_asks_again_only_when_something_else_is_wanted() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET))
    stage.keep_alive()
    for place in of(PlaceOrder, stage.book(49, 51)):
        stage.hear(denied(place, DenyRule.DRY_RUN))
    stage.wait(5)
    assert of(PlaceOrder, stage.keep_alive() + stage.book(49, 52) + stage.call("watch")) == []
    assert len(of(PlaceOrder, stage.book(53, 55))) == 2


def test_a_rejected_order_comes_back_a_tick_further_with_the_next_book() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET))
    stage.keep_alive()
    bid, ask = of(PlaceOrder, stage.book(49, 51))
    stage.rest([ask])
    for price in (47, 46, 45):
        assert of(PlaceOrder, stage.hear(intended(bid), rejected(bid)) + stage.call("watch")) == []
        bid = of(PlaceOrder, stage.book(49, 51))[0]
        assert (bid.side, bid.price) == (Side.BID, cents(price))
    stage.hear(rejected(bid))
    stage.wait(1.5)
    assert of(PlaceOrder, stage.keep_alive() + stage.book(49, 51)) == []

    assert [p.price for p in of(PlaceOrder, stage.book(50, 51))] == [cents(48)]


def test_an_order_without_a_word_is_forgotten_after_two_seconds() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET))
    stage.keep_alive()
    stage.book(49, 51)
    stage.wait(1.9)
    assert of(PlaceOrder, stage.keep_alive() + stage.call("watch")) == []

    stage.wait(0.2)
    assert len(of(PlaceOrder, stage.keep_alive() + stage.call("watch"))) == 2


def test_an_order_that_was_given_up_and_turns_up_is_taken_off() -> None:
    stage, _, _ = quoting()
    lost = an_order("maker@1.1.99")

    assert len(of(CancelMarket, stage.hear(intended(lost)))) == 1
