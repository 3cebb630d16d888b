"""What risk said and has not heard back: halts hold, a day has its count, differences are looked at anew."""

import msgspec

from messages.risk import Level, LossDayBegan, TradingHalted, TradingResumed
from messages.values import MarketNs, Outcome, Price, TokenId, TradeId
from messages.wallet import MarketPaused, MarketResumed
from tests.actors import holdings_stage as holdings
from tests.actors.risk_stage import halt, judging, resume
from tests.factories import MARKET, a_book, of, shares
from trading.adoption import found_fill


def numbered(message, number):
    return msgspec.structs.replace(message, request=str(number))


def test_the_end_of_a_halt_counts_when_it_is_heard_though_the_halt_was_not_heard_either() -> None:
    stage = judging()
    stage.commits = False
    begun = of(TradingHalted, stage.hear(numbered(halt(), 1)))[0]
    ended = of(TradingResumed, stage.hear(numbered(resume(), 2)))[0]
    assert stage.level is Level.FREEZE

    stage.hear(begun)
    assert stage.level is Level.FREEZE
    stage.hear(ended)
    assert stage.level is Level.RUN


def test_a_halt_that_is_said_again_in_the_same_words_is_not_lifted_by_the_end_of_the_first() -> None:
    stage = judging()
    stage.commits = False
    begun = of(TradingHalted, stage.hear(numbered(halt(), 1)))[0]
    ended = of(TradingResumed, stage.hear(numbered(resume(), 2)))[0]
    again = of(TradingHalted, stage.hear(numbered(halt(), 3)))[0]
    assert again == begun

    for fact in (begun, ended, again):
        stage.hear(fact)
        assert stage.level is Level.FREEZE


def test_who_halts_again_before_it_is_written_down_is_answered_after_it_is() -> None:
    stage = judging()
    stage.commits = False
    stage.hear(numbered(halt(), 1))
    said = stage.hear(numbered(halt(), 2))
    names = [type(message).__name__ for message in said]
    assert names.index("TradingHalted") < names.index("ControlReply")
    stage.hear(*of(TradingHalted, said), *of(TradingHalted, said))
    assert of(TradingHalted, stage.hear(numbered(halt(), 3))) == []
    stage.hear(*of(TradingResumed, stage.hear(numbered(resume(), 4))))
    assert stage.level is Level.RUN


def found(worth: int, price: int):
    return found_fill(
        TradeId("found:1:1"),
        MARKET,
        TokenId("1"),
        Outcome.YES,
        shares(200),
        Price(price),
        Price(worth),
        MarketNs(0),
    )


def test_what_was_found_while_a_new_day_was_being_written_down_is_no_loss_of_that_day() -> None:
    stage = judging()
    stage.commits = False
    stage.wait(0.5, market_s=86_400)
    (began,) = of(LossDayBegan, stage.call("permit"))
    stage.hear(*found(worth=100_000, price=600_000), a_book(9, 11))
    said = stage.hear(began)
    assert of(TradingHalted, said) == []
    (again,) = of(LossDayBegan, said)
    assert of(TradingHalted, stage.hear(again) + stage.call("permit")) == []
    assert stage.risk.loss.status().day_net == 0


def test_what_differs_after_it_was_accepted_is_looked_at_anew() -> None:
    stage = holdings.Holder().begin(*holdings.settled(), holdings.paused())
    assert stage.listed(holdings.row(8)) + stage.listed(holdings.row(8)) == []
    gone = found_fill(
        TradeId("found:1:1"),
        MARKET,
        TokenId("1"),
        Outcome.YES,
        -shares(2),
        Price(500_000),
        Price(500_000),
        MarketNs(0),
    )
    stage.hear(*gone, MarketResumed(market=MARKET, slug="s", reason="sold by hand"))
    assert stage.listed(holdings.row(5)) == []
    assert [p.amount for p in of(MarketPaused, stage.listed(holdings.row(5)))] == [shares(3)]
