"""A maker after a restart knows its facts, and takes the orders of its earlier life back."""

from messages.liquidation import MarketRetired, MarketTaken
from messages.orders import CancelMarket, PlaceOrder
from tests.actors.maker_stage import DURABLE, Maker, quoting
from tests.factories import (
    MAKER,
    MARKET,
    OTHER,
    a_fill,
    a_ranking,
    an_info,
    canceled,
    completed,
    durable,
    of,
    retired,
    taken,
)


def test_orders_of_an_earlier_life_are_taken_back_before_anything_is_quoted() -> None:
    before, bid, ask = quoting()
    stage = Maker()
    said = stage.recover(before.journal)
    assert of(CancelMarket, said)[0] == CancelMarket(market=MARKET, owner=MAKER)
    assert stage.maker.is_ready

    stage.hear(an_info(), a_ranking(MARKET, OTHER))
    assert of(PlaceOrder, stage.keep_alive() + stage.book(49, 51)) == []
    assert stage.status().reason == "orders of before are open"
    stage.hear(canceled(bid))
    assert len(of(PlaceOrder, stage.hear(canceled(ask)))) == 2


def test_a_limit_reached_before_the_crash_retires_the_market_once_after_it() -> None:
    before, bid, ask = quoting()
    before.commits = False
    before.hear(a_fill(50, 48, place=bid), completed(bid), canceled(ask))

    stage = Maker()
    stage.commits = False
    said = stage.recover(before.journal) + stage.call("watch")
    assert of(MarketRetired, said) == [retired(net=50)]

    third = Maker()
    third.commits = False
    assert of(MarketRetired, third.recover([*before.journal, (retired(), 0, 0)])) == []


def test_a_retirement_without_a_next_market_is_completed_after_a_restart() -> None:
    stage = Maker()
    stage.recover([(e, 0, 0) for e in (taken(), a_fill(50, 48), retired())])

    said = stage.hear(an_info(), an_info(OTHER), a_ranking(MARKET, OTHER))
    assert [t.market for t in of(MarketTaken, said)] == [OTHER]


def test_restarted_it_knows_what_the_running_one_knows() -> None:
    stage, bid, ask = quoting()
    stage.hear(a_fill(40, 48), a_fill(10, 48, place=bid), completed(bid), canceled(ask))
    stage.rest(stage.keep_alive(OTHER) + stage.book(30, 32, OTHER))

    again = Maker()
    again.recover(stage.journal)
    assert durable(again.maker, *DURABLE) == durable(stage.maker, *DURABLE)
    assert vars(again.maker.desk.intended) == vars(stage.maker.desk.intended)
    assert again.maker.market == OTHER
