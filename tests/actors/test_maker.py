"""One two-sided quote in the best market: placed, moved when it must, and taken off when anything is doubtful."""

import msgspec
import pytest

from messages.liquidation import MarketTaken
from messages.orders import CancelMarket, CancelOrder, PlaceOrder
from messages.risk import Level
from messages.system import MakerStatus
from messages.values import MarketId, Side
from tests.actors.maker_stage import Maker, quoting
from tests.factories import (
    LIQUIDATOR,
    MAKER,
    MARKET,
    OTHER,
    a_book,
    a_fill,
    a_permit,
    a_ranking,
    a_status,
    accepted,
    an_info,
    an_order,
    canceled,
    cents,
    completed,
    gateway_started,
    intended,
    of,
    shares,
    taken,
)


def test_it_takes_the_best_market_and_quotes_only_when_that_is_committed() -> None:
    stage = Maker()
    stage.commits = False
    stage.recover()
    said = stage.hear(an_info(), an_info(OTHER), a_ranking(MARKET, OTHER))
    said += stage.keep_alive() + stage.book(49, 51) + stage.call("watch")
    assert [t.market for t in of(MarketTaken, said)] == [MARKET]
    assert of(PlaceOrder, said) == []

    places = of(PlaceOrder, stage.hear(taken()))
    assert [(p.side, p.price, p.size) for p in places] == [
        (Side.BID, cents(48), shares(10)),
        (Side.ASK, cents(52), shares(10)),
    ]


def test_a_market_that_takes_no_orders_or_is_not_known_is_passed_over() -> None:
    stage = Maker()
    stage.recover()
    said = stage.hear(an_info(accepting=False), an_info(OTHER), a_ranking(MARKET, MarketId("0xcc"), OTHER))

    assert [t.market for t in of(MarketTaken, said)] == [OTHER]


def test_the_frame_that_caused_an_order_is_named() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET))
    stage.keep_alive()
    place = of(PlaceOrder, stage.hear(a_book(49, 51, seen_at=77)))[0]

    assert (place.frame_at, place.decided_at, place.owner) == (77, stage.real, MAKER)


def test_it_says_that_both_sides_rest() -> None:
    stage, _, _ = quoting()

    status = stage.status()
    assert (status.quoting, status.bid, status.ask, status.mid) == (True, cents(48), cents(52), cents(50))
    assert status.reason == ""


def test_a_small_move_moves_nothing_and_a_large_one_cancels_before_it_places() -> None:
    stage, bid, ask = quoting()
    assert stage.book(50, 52) == []

    said = stage.book(51, 53)
    assert [c.command for c in of(CancelOrder, said)] == [bid.command, ask.command]
    assert of(PlaceOrder, said) == []
    assert of(PlaceOrder, stage.book(51, 53)) == []

    again = of(PlaceOrder, stage.hear(canceled(bid)))
    assert [(p.side, p.price) for p in again] == [(Side.BID, cents(50))]


def test_a_filled_side_comes_back_at_once() -> None:
    stage, bid, _ = quoting()
    said = stage.hear(a_fill(10, 48, place=bid), completed(bid))

    assert [(p.side, p.price) for p in of(PlaceOrder, said)] == [(Side.BID, cents(48))]


def test_a_partly_filled_order_keeps_its_place() -> None:
    stage, bid, _ = quoting()

    assert of(CancelOrder, stage.hear(a_fill(4, 48, place=bid))) == []
    assert of(CancelOrder, stage.book(49, 51)) == []


def test_a_cancel_that_is_not_answered_is_asked_again() -> None:
    stage, bid, ask = quoting()
    stage.book(51, 53)
    stage.wait(1.1)
    said = stage.keep_alive()

    assert [c.command for c in of(CancelOrder, said)] == [bid.command, ask.command]


def test_our_own_quotes_are_not_the_mid() -> None:
    stage, bid, ask = quoting()
    book = msgspec.structs.replace(
        a_book(),
        bids=((cents(48), shares(10)), (cents(44), shares(100))),
        asks=((cents(51), shares(100)), (cents(52), shares(110))),
    )

    said = stage.hear(book)
    assert [c.command for c in of(CancelOrder, said)] == [bid.command, ask.command]
    assert stage.status().mid == cents(47.5)


@pytest.mark.parametrize(
    ("bid", "ask", "reason"), [(30, 70, "gapped"), (None, 51, "one-sided"), (51, 51, "crossed")]
)
def test_a_book_without_an_honest_price_takes_everything_off(
    bid: float | None, ask: float | None, reason: str
) -> None:
    stage, _, _ = quoting()
    said = stage.book(bid, ask)

    assert of(CancelMarket, said) == [CancelMarket(market=MARKET, owner=MAKER)]
    assert reason in of(MakerStatus, said)[-1].reason


def test_an_unhealthy_feed_takes_everything_off_once_and_again_each_second() -> None:
    stage, bid, ask = quoting()
    assert len(of(CancelMarket, stage.hear(a_status(stage, live=False)))) == 1
    assert of(CancelMarket, stage.call("watch")) == []

    stage.wait(1)
    assert len(of(CancelMarket, stage.call("watch"))) == 1
    stage.hear(canceled(bid), canceled(ask))
    stage.wait(1)
    assert of(CancelMarket, stage.call("watch")) == []
    assert len(of(PlaceOrder, stage.keep_alive())) == 2


def test_a_feed_that_stops_vouching_is_stale() -> None:
    stage, _, _ = quoting()
    stage.wait(2.1)
    said = stage.hear(a_permit(stage))

    assert len(of(CancelMarket, said)) == 1
    assert stage.status().reason == "feed stale"


def test_a_feed_that_is_silent_for_ten_seconds_is_said_so_and_nothing_is_quoted() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET), a_permit(stage))
    assert stage.status().reason == "waiting for the feed"

    stage.wait(10.1)
    said = stage.hear(a_permit(stage)) + stage.call("watch")
    assert of(PlaceOrder, said) == []
    assert stage.status().reason == "feed silent"


def test_without_a_permit_everything_is_taken_off_and_comes_back_with_it() -> None:
    stage, bid, ask = quoting()
    stage.wait(2)
    stage.hear(a_status(stage))
    assert of(CancelMarket, stage.call("watch")) == []  # it was said when the feed spoke
    assert stage.status().reason == "permit expired"

    stage.hear(canceled(bid), canceled(ask))
    assert len(of(PlaceOrder, stage.hear(a_permit(stage)))) == 2


def test_halted_quotes_are_taken_off_at_once() -> None:
    stage, _, _ = quoting()

    assert len(of(CancelMarket, stage.hear(a_permit(stage, Level.HALT_QUOTES)))) == 1


def test_a_new_gateway_means_a_new_quote() -> None:
    stage, _, _ = quoting()

    assert len(of(PlaceOrder, stage.hear(gateway_started()))) == 2


def test_another_owners_orders_are_none_of_its_business() -> None:
    stage, _, _ = quoting()
    foreign = an_order("x", owner=LIQUIDATOR, market=OTHER)

    assert stage.hear(intended(foreign), accepted(foreign), canceled(foreign)) == []


def test_asked_to_stop_it_takes_all_off_and_quotes_no_more() -> None:
    stage, bid, ask = quoting()

    assert of(CancelMarket, stage.call("on_stopping")) == [CancelMarket(market=MARKET, owner=MAKER)]
    assert of(PlaceOrder, stage.hear(canceled(bid), canceled(ask)) + stage.keep_alive()) == []
    assert stage.maker.is_stopped
