"""Risk and what the wallet holds: its own comparison, dirty markets, what was found and what a person asks for."""

import pytest

from messages.liquidation import ExitCompleted, MarketRetired, RetireReason
from messages.orders import CancelAll, OrderFilled
from messages.risk import (
    AcceptMarket,
    ControlReply,
    GetStatus,
    HaltCause,
    LiquidateMarket,
    LossStatus,
    ResumeTrading,
    TradingHalted,
    TradingResumed,
)
from messages.system import EngineState, Roster
from messages.values import MICRO, MarketId, Money, Price, Shares
from messages.wallet import (
    EXTERNAL,
    AcceptPosition,
    MarketPaused,
    MarketResumed,
    PauseCause,
    PositionFound,
    PositionsReadFailed,
    ReadPositions,
)
from tests.actors.holdings_stage import STARTED, Holder, paused, row, settled
from tests.actors.risk_stage import GONE
from tests.factories import MARKET, OTHER, a_book, a_fill, assigned, confirmed, of, retired, shares, taken
from trading.risk import DriftLimit


def found(market: MarketId = MARKET, why_not: str = "") -> PositionFound:
    return PositionFound(market=market, slug=f"slug-{market}", net=Shares(10 * MICRO), why_not=why_not)


def accept(name: str, reason: str = "by hand", request: str = "1") -> AcceptMarket:
    return AcceptMarket(request=request, name=name, reason=reason, sender="00ff", by="ann")


def liquidate(name: str, request: str = "1") -> LiquidateMarket:
    return LiquidateMarket(request=request, name=name, sender="00ff", by="ann")


# The drop copy.


def test_the_public_list_is_asked_for_each_minute_once_the_wallet_is_known() -> None:
    stage = Holder()
    stage.recover()
    assert of(ReadPositions, stage.call("look")) == []
    stage.hear(STARTED)
    asked = []
    for _ in range(30):
        stage.wait(5)
        asked += of(ReadPositions, stage.call("look"))

    assert [each.funder for each in asked] == ["0xf"] * 3


def test_a_list_that_agrees_says_nothing() -> None:
    stage = Holder().begin(*settled())

    assert stage.listed(row(10)) == stage.listed(row(10.01)) == stage.listed(row(9.99)) == []


def test_what_differs_twice_in_a_row_pauses_its_market_whatever_the_gateway_thinks() -> None:
    stage = Holder().begin(*settled(), taken())
    assert stage.listed(row(8)) == []
    assert of(ReadPositions, stage.call("look")) == []
    (dirty,) = of(MarketPaused, stage.listed(row(8), after_s=20))

    assert (dirty.market, dirty.cause, dirty.amount) == (MARKET, PauseCause.DRIFT, 2 * MICRO)
    assert dirty.slug == f"slug-{MARKET}"
    assert stage.listed(row(8)) == [], "once"


def test_a_position_that_is_not_listed_is_none() -> None:
    stage = Holder().begin(*settled())
    stage.listed()

    assert of(MarketPaused, stage.listed())


def test_a_list_with_holes_says_nothing_of_what_is_not_in_it() -> None:
    stage = Holder().begin(*settled())

    assert [stage.listed(skipped=("a row",)) for _ in range(3)] == [[]] * 3


def test_what_is_in_the_wallet_and_in_nobodys_book_pauses_its_market_unless_it_is_dust_or_over() -> None:
    stage = Holder().begin()
    rows = (
        row(5, OTHER),
        row(0.05, MarketId("0xcc")),
        row(7, MarketId("0xdd"), is_resolved=True),
    )
    stage.listed(*rows)

    assert [each.market for each in of(MarketPaused, stage.listed(*rows))] == [OTHER]


def test_the_list_is_given_half_a_minute_to_know_a_fill() -> None:
    stage = Holder().begin(*settled())
    for _ in range(4):
        stage.hear(*settled(1))
        assert stage.listed(row(10), after_s=25) == []


def test_a_fill_of_an_earlier_boot_of_this_host_does_not_keep_its_market_from_being_looked_at() -> None:
    stage = Holder()
    fills = settled()
    stage.recover([(fill, 10**18, 10**18) for fill in fills])
    stage.hear(GONE, STARTED)
    stage.listed(row(8))

    assert of(MarketPaused, stage.listed(row(8)))


def test_an_unsettled_fill_may_be_listed_or_not() -> None:
    stage = Holder().begin(*settled(), a_fill(4, 50))

    for size in (10, 14, 10, 14):
        assert stage.listed(row(size)) == []


def test_a_market_that_is_resolved_is_redeemed_by_people_whenever_they_like() -> None:
    done = ExitCompleted(
        exit=retired().exit, market=MARKET, slug="s", left=Shares(10 * MICRO), payout=Price(MICRO)
    )
    stage = Holder().begin(*settled(), retired(), assigned(), done)

    assert [stage.listed() for _ in range(3)] == [[]] * 3


def test_a_list_that_failed_is_asked_for_sooner() -> None:
    stage = Holder().begin()
    stage.listed()
    stage.hear(PositionsReadFailed(reason="no answer"))
    stage.wait(20)

    assert of(ReadPositions, stage.call("look"))


# Dirty markets.


def test_one_dirty_market_stops_nothing_else_and_two_stop_everything() -> None:
    stage = Holder().begin()
    assert of(TradingHalted, stage.hear(paused())) == []
    assert of(TradingHalted, stage.hear(paused(cause=PauseCause.FOREIGN_FILL))) == [], "the same one"
    said = stage.hear(paused(OTHER))

    (halted,) = of(TradingHalted, said)
    assert halted.cause is HaltCause.DRIFT
    assert of(CancelAll, said)


@pytest.mark.parametrize(("amount", "halts"), [(5 * MICRO, 0), (5 * MICRO + 1, 1)])
def test_a_difference_of_more_than_the_limit_stops_everything(amount: int, halts: int) -> None:
    stage = Holder(drift=DriftLimit(max_amount=Money(5 * MICRO))).begin()

    assert len(of(TradingHalted, stage.hear(paused(amount=amount)))) == halts


def test_settlements_that_fail_pause_their_market_and_are_no_drift() -> None:
    stage = Holder().begin()
    cause = PauseCause.FAILED_SETTLEMENTS

    assert of(TradingHalted, stage.hear(paused(cause=cause), paused(OTHER, cause))) == []


def test_a_halt_by_drift_is_lifted_once_the_markets_are_accepted_and_not_before() -> None:
    stage = Holder().begin(paused(), paused(OTHER))
    resume = ResumeTrading(request="1", sender="00ff", by="ann", reason="seen")
    refused, _ = stage.answer(resume)
    assert (refused.ok, "accept them first" in refused.text) == (False, True)
    stage.hear(MarketResumed(market=OTHER, slug="s", reason="seen"))
    again = ResumeTrading(request="2", sender="00ff", by="ann", reason="seen")
    reply, said = stage.answer(again)

    assert reply.ok
    assert [each.cause for each in of(TradingResumed, said)] == [HaltCause.DRIFT]


def test_a_halt_by_drift_outlives_a_restart() -> None:
    before = Holder().begin(paused(), paused(OTHER))
    after = Holder()
    after.recover(before.journal)
    (reply,) = of(ControlReply, after.hear(GetStatus(request="1", sender="00ff")))
    details = dict(reply.details)

    assert "halt drift" in details
    assert f"paused slug-{MARKET}" in details
    assert "python -m control accept" in details[f"paused slug-{MARKET}"]


def test_accepting_asks_the_gateway_by_slug_or_by_condition_id_and_answers_the_same_again() -> None:
    stage = Holder().begin(paused())
    for request, name in (("1", MARKET), ("2", f"slug-{MARKET}")):
        reply, said = stage.answer(accept(name, request=request))
        assert reply.ok
        assert of(AcceptPosition, said) == [AcceptPosition(market=MARKET, reason="by hand", by="ann")]
        repeated, more = stage.answer(accept(name, request=request))
        assert (repeated, of(AcceptPosition, more)) == (reply, [])


@pytest.mark.parametrize(("name", "reason"), [("nothing", "r"), (OTHER, "r"), (MARKET, "")])
def test_what_is_not_paused_or_has_no_reason_is_not_accepted(name: str, reason: str) -> None:
    reply, said = Holder().begin(paused()).answer(accept(name, reason))

    assert (reply.ok, of(AcceptPosition, said)) == (False, [])


# What was found.


def test_what_was_found_is_only_offered_and_a_person_has_it_worked_off() -> None:
    stage = Holder()
    said = stage.begin().hear(*settled(), found())
    assert of(MarketRetired, said) == []
    (status,) = of(ControlReply, stage.hear(GetStatus(request="0", sender="00ff")))
    assert f"python -m control liquidate slug-{MARKET}" in dict(status.details)[f"found slug-{MARKET}"]
    reply, said = stage.answer(liquidate(f"slug-{MARKET}"))

    (left,) = of(MarketRetired, said)
    assert (left.market, left.reason, left.net) == (MARKET, RetireReason.FOUND, shares(10))
    assert left.exit == f"{MARKET}#1"
    assert reply.ok
    refused, _ = stage.answer(liquidate(MARKET, request="2"))
    assert (refused.ok, "already" in refused.text) == (False, True)


def test_with_auto_resume_it_goes_to_a_liquidator_at_once_and_once() -> None:
    stage = Holder(auto_resume=True).begin()
    said = stage.hear(*settled(), found(), found())

    assert [each.market for each in of(MarketRetired, said)] == [MARKET]


def test_what_was_offered_before_a_restart_with_auto_resume_is_worked_off_after_it() -> None:
    before = Holder().begin(*settled(), found())
    after = Holder(auto_resume=True)

    assert [each.market for each in of(MarketRetired, after.recover(before.journal))] == [MARKET]


@pytest.mark.parametrize("why_not", ["it is dust", "the market is resolved: redeem it"])
def test_dust_and_resolved_positions_are_never_worked_off(why_not: str) -> None:
    stage = Holder(auto_resume=True).begin()
    assert of(MarketRetired, stage.hear(found(why_not=why_not))) == []
    reply, said = stage.answer(liquidate(MARKET))

    assert (reply.ok, reply.text) == (False, f"{MARKET}: {why_not}")
    assert of(MarketRetired, said) == []


def test_a_market_that_is_traded_or_empty_or_unknown_is_not_handed_over() -> None:
    stage = Holder().begin(*settled(), taken(), *settled(0.05, OTHER))

    assert stage.answer(liquidate(MARKET, "1"))[0].text == f"{MARKET}: maker trades it"
    assert stage.answer(liquidate(OTHER, "2"))[0].text == f"{OTHER}: nothing to speak of is held there"
    assert stage.answer(liquidate("nothing", "3"))[0].text == "nothing: no such market"


def test_what_a_found_position_had_lost_before_is_no_loss_of_this_day() -> None:
    fill = OrderFilled(
        **{
            **{name: getattr(a_fill(1_000, 60), name) for name in OrderFilled.__struct_fields__},
            "owner": EXTERNAL,
            "worth": Price(100_000),
        }
    )
    stage = Holder().begin()
    said = stage.hear(fill, confirmed(fill), a_book(9, 11))
    (status,) = of(LossStatus, stage.call("report"))

    assert of(TradingHalted, said) == []
    assert (status.day_net, status.unrealized) == (0, -500 * MICRO)
    assert of(TradingHalted, stage.hear(a_book(3, 5))), "what it loses from here on counts"


def test_the_engine_may_run_on_while_one_market_is_dirty() -> None:
    stage = Holder().begin(paused())
    stage.hear(Roster(engine=EngineState.RUNNING, present=()))

    assert stage.level is not None
    assert stage.level.value == "RUN"
