"""The readable files: what is in liquidation, and each market's fills, as people and scripts read them."""

import json

from hypothesis import given
from hypothesis import strategies as st

from messages.liquidation import ExitCompleted
from messages.risk import HaltCause, Level, LossDayBegan, TradingHalted, TradingResumed
from messages.system import EngineChanged, EngineState
from messages.values import MS, ExitId, MarketNs, Money, Outcome, Shares, Side
from messages.wallet import MarketPaused, MarketResumed, PauseCause
from tests.factories import (
    MARKET,
    OTHER,
    a_fill,
    accepted,
    an_order,
    assigned,
    canceled,
    cents,
    confirmed,
    gateway_started,
    intended,
    retired,
    reversed_,
    shares,
    taken,
)
from trading.spelling import units
from trading.views import MAX_FILLS, StateViews

AT = MarketNs(1_700_000_000_000 * MS)
LATER = MarketNs(1_700_000_005_000 * MS)


def completed(market=MARKET, number=1):
    return ExitCompleted(exit=ExitId(f"{market}#{number}"), market=market, slug="s", left=Shares(0))


def after(*facts):
    views = StateViews()
    for fact in facts:
        views.note(fact, AT)
    return views


def files(views):
    return {name: json.loads(text) for name, text in views.take_changed(LATER)}


def test_a_market_in_liquidation_is_listed_with_what_restores_it():
    said = files(after(retired(), assigned(), retired(OTHER)))["liquidations.json"]

    assert (said["version"], said["lastUpdated"]) == (1, 1_700_000_005_000)
    first, second = said["markets"]
    assert (first["conditionId"], first["startedAt"], first["stage"]) == (
        MARKET,
        1_700_000_000_000,
        "passive",
    )
    assert (first["liquidator"], first["reason"]) == ("liquidator:aa", "position_limit")
    assert (second["conditionId"], second["liquidator"]) == (OTHER, "")


def test_a_completed_one_is_not_listed_and_does_not_come_back_when_its_retirement_is_told_again():
    views = after(retired(), assigned())
    views.note(retired(), LATER)
    (still,) = files(views)["liquidations.json"]["markets"]
    assert (still["startedAt"], still["liquidator"]) == (1_700_000_000_000, "liquidator:aa")
    views.note(completed(), AT)
    views.note(retired(), AT)
    views.note(assigned(), AT)

    assert files(views)["liquidations.json"]["markets"] == []


def test_a_market_may_be_liquidated_again():
    views = after(retired(), completed(), retired(number=2))

    assert [m["exitId"] for m in files(views)["liquidations.json"]["markets"]] == [f"{MARKET}#2"]


def test_a_markets_fills_are_listed_with_what_is_held_and_what_it_cost():
    bought, sold = a_fill(10, 48, trade="t1"), a_fill(4, 52, side=Side.ASK, outcome=Outcome.YES, trade="t2")
    said = files(after(bought, sold))[f"fills-{MARKET}.json"]

    assert said["conditionId"] == MARKET
    assert said["yes"] == {"size": "6", "avgCost": "0.48"}
    assert said["no"] == {"size": "0", "avgCost": None}
    assert (said["netExposure"], said["confirmedExposure"]) == ("6", "0")
    assert (said["realizedPnl"], said["pendingPnl"], said["fees"]) == ("0", "0.16", "0")
    first, second = said["fills"]
    assert (first["tradeId"], first["side"], first["outcome"]) == ("t1", "BUY", "YES")
    assert (first["price"], first["size"], first["status"]) == ("0.48", "10", "matched")
    assert (second["side"], second["price"]) == ("SELL", "0.52")


def test_a_fill_of_no_is_listed_at_the_price_of_no():
    (fill,) = files(after(a_fill(10, 60, side=Side.ASK)))[f"fills-{MARKET}.json"]["fills"]

    assert (fill["outcome"], fill["side"], fill["price"]) == ("NO", "BUY", "0.4")


def test_a_fills_status_follows_its_settlement_and_then_stays():
    first, second = a_fill(1, 50, trade="t1"), a_fill(1, 50, trade="t2")
    views = after(first, second, confirmed(first), reversed_(second), confirmed(second), reversed_(first))
    said = files(views)[f"fills-{MARKET}.json"]

    assert [fill["status"] for fill in said["fills"]] == ["confirmed", "reversed"]
    assert said["netExposure"] == "1"


def test_a_fill_that_is_told_twice_is_listed_once():
    fill = a_fill(1, 50)
    views = after(fill, fill)

    assert len(files(views)[f"fills-{MARKET}.json"]["fills"]) == 1


def test_only_what_changed_is_written_again():
    views = after(a_fill(1, 50), a_fill(1, 50, market=OTHER), retired())
    assert set(files(views)) == {
        f"fills-{MARKET}.json",
        f"fills-{OTHER}.json",
        "liquidations.json",
        "execution_state.json",
    }
    assert files(views) == {}
    views.note(gateway_started(), AT)
    views.note(a_fill(1, 50, market=OTHER), AT)

    assert set(files(views)) == {f"fills-{OTHER}.json", "execution_state.json"}


def test_the_engines_file_says_how_it_stands():
    place = an_order("c1", side=Side.ASK, price=cents(60), size=shares(10))
    part = a_fill(4, 60, place=place, side=Side.ASK)
    halt = TradingHalted(cause=HaltCause.OPERATOR, level=Level.FREEZE, reason="lunch", by="ann")
    done = an_order("c2")
    views = after(
        EngineChanged(state=EngineState.RUNNING, reason=""),
        taken(),
        *(intended(place), accepted(place), part, intended(done), accepted(done), canceled(done)),
        *(halt, LossDayBegan(day="2023-11-14", equity=Money(-1_500_000))),
    )
    said = files(views)["execution_state.json"]

    assert (said["state"], said["activeMarket"], said["tradeCount"]) == ("RUNNING", MARKET, 1)
    (order,) = said["openOrders"]
    assert (order["orderId"], order["status"]) == ("0xc1", "PARTIALLY_FILLED")
    assert (order["size"], order["filled"]) == ("10", "4")
    (held,) = said["positions"]
    assert (held["conditionId"], held["netExposure"], held["confirmedExposure"]) == (MARKET, "-4", "0")
    assert said["risk"]["halts"] == [{"cause": "operator", "level": "FREEZE", "reason": "lunch", "by": "ann"}]
    assert (said["risk"]["day"], said["risk"]["dayBeganEquity"]) == ("2023-11-14", "-1.5")


def test_what_is_over_is_not_in_the_engines_file():
    bought, sold = a_fill(4, 50), a_fill(4, 60, side=Side.ASK, outcome=Outcome.YES)
    views = after(
        taken(),
        *(bought, sold, confirmed(bought), confirmed(sold), retired(net=0), completed()),
        TradingHalted(cause=HaltCause.OPERATOR, level=Level.FREEZE, reason=""),
        TradingResumed(cause=HaltCause.OPERATOR, reason=""),
        MarketPaused(market=MARKET, slug="s", cause=PauseCause.DRIFT, reason=""),
        MarketResumed(market=MARKET, slug="s", reason=""),
    )
    said = files(views)["execution_state.json"]

    assert (said["positions"], said["risk"]["halts"], said["risk"]["paused"]) == ([], [], [])
    assert (said["activeMarket"], said["pnl"]["realized"]) == (None, "0.4")


def test_the_file_shows_the_latest_fills_and_its_totals_count_all():
    fills = [a_fill(1, 50, trade=f"t{n}") for n in range(MAX_FILLS + 3)]
    views = after(*fills, *(confirmed(fill) for fill in fills))
    said = files(views)[f"fills-{MARKET}.json"]

    assert (len(said["fills"]), said["netExposure"]) == (MAX_FILLS, str(MAX_FILLS + 3))
    assert said["fills"][0]["tradeId"] == "t3"
    assert len(views._markets[MARKET].status) == MAX_FILLS


@given(st.integers(-(10**12), 10**12))
def test_millionths_are_written_exactly(number):
    text = units(number)
    whole, _, part = text.lstrip("-").partition(".")

    assert int(whole) * 10**6 + int(part.ljust(6, "0") or 0) == abs(number)
    assert text.startswith("-") is (number < 0)
    assert not part.endswith("0")
