"""When the maker leaves a market: at its limit, before the end, closed; and which one it takes next."""

from actors.maker import MakerSettings
from messages.liquidation import ExitCompleted, MarketRetired, MarketTaken, RetireReason
from messages.market import MarketInfo
from messages.orders import CancelMarket, PlaceOrder
from messages.values import SECOND, ExitId, MarketId, MarketNs, Shares, Side
from messages.wallet import MarketPaused, MarketResumed, PauseCause
from tests.actors.maker_stage import Maker, quoting
from tests.factories import (
    MARKET,
    OTHER,
    Stage,
    a_fill,
    a_ranking,
    a_status,
    an_info,
    assigned,
    canceled,
    cents,
    completed,
    of,
    retired,
    reversed_,
    shares,
    taken,
)


def ends_in(stage: Stage, seconds: float, market: MarketId = MARKET) -> MarketInfo:
    """A market with so much of its life left."""
    return an_info(market, ends_at=MarketNs(stage.market_time + round(seconds * SECOND)))


def test_the_growing_side_is_full_below_the_limit() -> None:
    stage, bid, _ = quoting()
    said = stage.hear(a_fill(49.9, 48), a_fill(10, 48, place=bid, trade="x"), completed(bid))
    assert len(of(MarketRetired, said)) == 0

    stage, bid, _ = quoting()
    said = stage.hear(a_fill(39, 48), a_fill(10, 48, place=bid), completed(bid))
    assert [p.size for p in of(PlaceOrder, said)] == [shares(10)]


def test_at_the_limit_it_cancels_waits_retires_and_takes_the_next_market() -> None:
    stage, bid, ask = quoting()
    stage.hear(a_status(stage, OTHER))
    stage.book(30, 32, OTHER)
    said = stage.hear(a_fill(40, 48), a_fill(10, 48, place=bid))
    assert len(of(CancelMarket, said)) == 1
    assert of(MarketRetired, said) == []

    assert of(MarketRetired, stage.hear(completed(bid))) == []
    said = stage.hear(canceled(ask))
    assert of(MarketRetired, said) == [retired(net=50)]
    assert [t.market for t in of(MarketTaken, said)] == [OTHER]
    assert [(p.market, p.price) for p in of(PlaceOrder, said)] == [(OTHER, cents(29)), (OTHER, cents(33))]


def test_a_retirement_that_is_not_committed_yet_is_not_said_again() -> None:
    stage, bid, ask = quoting()
    stage.commits = False
    stage.hear(a_fill(50, 48, place=bid), completed(bid))
    said = stage.hear(canceled(ask)) + stage.call("watch") + stage.keep_alive()

    assert len(of(MarketRetired, said)) == 1
    assert len(of(MarketTaken, said)) == 1
    assert of(PlaceOrder, said) == []


def test_a_market_whose_retirement_is_said_is_quoted_no_more_though_its_reason_is_gone() -> None:
    stage, bid, ask = quoting()
    stage.commits = False
    paused = MarketPaused(market=MARKET, slug="s", cause=PauseCause.DRIFT, reason="")
    stage.hear(paused, canceled(bid))
    said = stage.hear(canceled(ask))
    assert len(of(MarketRetired, said)) == 1
    said = stage.hear(MarketResumed(market=MARKET, slug="s", reason="", by="me")) + stage.book(46, 50)
    said += stage.call("watch")

    assert of(PlaceOrder, said) == []


def test_without_another_market_it_retires_all_the_same_and_waits() -> None:
    stage, bid, ask = quoting()
    stage.hear(a_ranking(MARKET), a_fill(50, 48, place=bid), completed(bid))
    said = stage.hear(canceled(ask)) + stage.call("watch")
    assert len(of(MarketRetired, said)) == 1
    assert of(MarketTaken, said) == []
    assert stage.status().reason == "no market is free to be quoted"

    assert [t.market for t in of(MarketTaken, stage.hear(a_ranking(MARKET, OTHER)))] == [OTHER]


def test_a_market_in_liquidation_is_not_taken_and_one_worked_off_may_be() -> None:
    stage = Maker()
    stage.recover([(e, 0, 0) for e in (taken(), a_fill(50, 48), retired(), assigned())])
    stage.hear(an_info())
    assert of(MarketTaken, stage.hear(a_ranking(MARKET))) == []

    done = ExitCompleted(exit=ExitId(f"{MARKET}#1"), market=MARKET, slug="s", left=Shares(0))
    said = stage.hear(a_fill(50, 55, side=Side.ASK), done)
    assert [t.market for t in of(MarketTaken, said)] == [MARKET]
    assert stage.maker.ownership.next_exit(MARKET) == f"{MARKET}#2"


def test_a_closed_market_is_left_whatever_is_held() -> None:
    stage, bid, ask = quoting()
    stage.hear(an_info(accepting=False))
    said = stage.hear(canceled(bid), canceled(ask))

    assert [r.reason for r in of(MarketRetired, said)] == [RetireReason.MARKET_CLOSED]
    assert [t.market for t in of(MarketTaken, said)] == [OTHER]


def test_a_market_that_is_about_to_end_is_handed_over_while_there_is_time_to_work_it_off() -> None:
    stage, bid, ask = quoting()
    assert stage.hear(ends_in(stage, 601)) == []
    stage.wait(0.1, market_s=1.5)
    stage.keep_alive()
    stage.call("watch")
    said = stage.hear(canceled(bid), canceled(ask))

    assert [r.reason for r in of(MarketRetired, said)] == [RetireReason.MARKET_ENDING]
    assert [t.market for t in of(MarketTaken, said)] == [OTHER]


def test_a_market_that_is_about_to_end_is_not_taken() -> None:
    stage = Maker()
    stage.recover()
    said = stage.hear(ends_in(stage, 300), an_info(OTHER), a_ranking(MARKET, OTHER))

    assert [t.market for t in of(MarketTaken, said)] == [OTHER]


def test_a_reversed_fill_can_take_the_limit_back() -> None:
    stage, bid, ask = quoting()
    fill = a_fill(50, 48, place=bid)
    stage.hear(fill, completed(bid), reversed_(fill))
    said = stage.hear(canceled(ask))

    assert of(MarketRetired, said) == []
    assert len(of(PlaceOrder, said)) >= 1


def test_without_switching_the_growing_side_is_skipped() -> None:
    stage, bid, ask = quoting(MakerSettings(enable_switching=False))
    said = stage.hear(a_fill(50, 48, place=bid), completed(bid)) + stage.call("watch")

    assert of(MarketRetired, said) == []
    assert of(PlaceOrder, said) == []
    assert [order.command for order in stage.maker.desk.working.of(MARKET)] == [ask.command]
    assert "position limit" in stage.status().reason
