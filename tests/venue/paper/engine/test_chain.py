"""From a match to the chain: mined, confirmed, tried again, failed; and everybody has what they should."""

from __future__ import annotations

from pathlib import Path

import pytest

from messages.values import MICRO, SECOND, Size
from tests.venue.paper.engine_bench import ALICE, BOB, NO, YES, Bench, a_market, ask, key_of
from venue.paper.engine.accounts import FEES
from venue.paper.engine.mishaps import Mishap
from venue.paper.engine.switches import Switches
from venue.paper.engine.terms import Refused, Trade, TradeStatus
from venue.paper.ledger.ledger import Ledger
from venue.wire.contracts import NEG_RISK_ADAPTER, NEG_RISK_EXCHANGE, UNLIMITED


def on_chain(bench: Bench, maker: str) -> tuple[float, float, float]:
    """Dollars, YES and NO as the chain has them."""
    bank = bench.exchange.bank
    dollars, yes, no = (bank.on_chain(maker, asset) / MICRO for asset in (None, YES, NO))
    return dollars, yes, no


def told(bench: Bench) -> list[str]:
    """Statuses of trades, in the order in which they were told."""
    return [name.partition(" ")[2] for name in bench.heard.all if name.startswith("trade")]


def spoil(bench: Bench, mishap: Mishap) -> None:
    """Every settlement from now on goes wrong."""
    bench.exchange.bank.ask_of_settlements(lambda trade: mishap)


def test_the_chain_follows_a_match_when_it_is_mined() -> None:
    bench = Bench(ask(0, 40, 10))
    bench.buy(ALICE, 40, 10)

    assert (bench.dollars(ALICE), bench.shares(ALICE)) == (996, 10)
    assert on_chain(bench, ALICE) == (1_000, 0, 0)
    bench.at(1.9)
    assert on_chain(bench, ALICE) == (1_000, 0, 0)
    bench.at(2)
    assert on_chain(bench, ALICE) == (996, 10, 0)


def test_tokens_of_a_match_can_be_sold_when_it_is_mined() -> None:
    bench = Bench(ask(0, 40, 10))
    bench.buy(ALICE, 40, 10)
    with pytest.raises(Refused, match="balance: 0, order amount: 5000000"):
        bench.sell(ALICE, 50, 5)
    bench.at(2)
    assert bench.sell(ALICE, 50, 5).status == "live"


def test_dollars_of_a_sale_can_be_spent_when_it_is_mined() -> None:
    bench = Bench(dollars=10)
    bench.exchange.bank.split(BOB, bench.market, Size(10 * MICRO))
    bench.sell(BOB, 50, 10)
    bench.buy(ALICE, 50, 10)
    with pytest.raises(Refused, match="balance: 0, order amount: 1000000"):
        bench.buy(BOB, 20, 5)
    bench.at(2)
    assert bench.buy(BOB, 20, 5).status == "live"


def test_a_hash_is_there_within_a_quarter_of_a_second_at_normal_speed() -> None:
    assert Switches().mined_ms <= 250


def test_a_failed_settlement_gives_both_sides_back_what_they_had_fee_included() -> None:
    bench = Bench(market=a_market(fee_rate=50_000))
    spoil(bench, Mishap(retries=2))
    bench.buy(ALICE, 40, 10)
    bench.buy(BOB, 60, 10, token=NO)
    assert bench.dollars(BOB) == 993.88

    bench.at(2 + 10 + 9.9)
    assert told(bench) == ["MATCHED", "RETRYING", "RETRYING"]
    assert bench.dollars(BOB) == 993.88
    bench.at(2 + 10 + 10)
    assert told(bench) == ["MATCHED", "RETRYING", "RETRYING", "FAILED"]
    for maker in (ALICE, BOB):
        assert (bench.dollars(maker), bench.shares(maker), bench.shares(maker, NO)) == (1_000, 0, 0)
        assert on_chain(bench, maker) == (1_000, 0, 0)
        assert bench.exchange.positions(maker) == {}
    assert bench.exchange.balance(FEES, None) == 0
    (trade,) = bench.exchange.trades(key_of(BOB))
    assert (trade.status, trade.transaction_hash) == (TradeStatus.FAILED, "")
    bench.at(1_000)
    assert told(bench)[-1] == "FAILED"


def test_a_failed_sale_gives_back_tokens_at_what_they_had_cost() -> None:
    bench = Bench(ask(0, 40, 10))
    bench.buy(ALICE, 40, 10)
    bench.at(2)
    spoil(bench, Mishap(retries=0))
    bench.sell(ALICE, 60, 6)
    bench.buy(BOB, 60, 6)
    bench.at(4)

    position = bench.exchange.positions(ALICE)[YES]
    assert (position.size / MICRO, position.average_cost) == (10, 400_000)
    assert bench.dollars(ALICE) == 996


def test_a_settlement_that_is_tried_again_may_go_well() -> None:
    bench = Bench(ask(0, 40, 10))
    spoil(bench, Mishap(retries=1, fails=False))
    bench.buy(ALICE, 40, 10)
    bench.at(2)
    assert on_chain(bench, ALICE) == (1_000, 0, 0)
    bench.at(12)
    assert told(bench) == ["MATCHED", "RETRYING", "MINED"]
    bench.at(15)

    assert told(bench) == ["MATCHED", "RETRYING", "MINED", "CONFIRMED"]
    assert on_chain(bench, ALICE) == (996, 10, 0)


def test_only_matches_made_while_somebody_has_plans_go_wrong() -> None:
    bench = Bench(ask(0, 40, 20))

    def plan(trade: Trade) -> Mishap | None:
        return Mishap(retries=0)

    bench.buy(ALICE, 40, 5)
    bench.exchange.bank.ask_of_settlements(plan)
    bench.buy(ALICE, 40, 5)
    bench.exchange.bank.ask_no_more(plan)
    bench.buy(ALICE, 40, 5)
    bench.at(10)

    statuses = [trade.status for trade in bench.exchange.trades(key_of(ALICE))]
    assert statuses == [TradeStatus.CONFIRMED, TradeStatus.FAILED, TradeStatus.CONFIRMED]
    assert bench.shares(ALICE) == 10


def test_a_maker_that_took_its_money_away_after_the_match_is_a_ghost_fill() -> None:
    bench = Bench(dollars=10)
    bench.buy(ALICE, 50, 20)
    bench.buy(BOB, 50, 20, token=NO)
    bench.exchange.bank.split(ALICE, bench.market, Size(10 * MICRO))
    bench.at(12)

    assert told(bench) == ["MATCHED", "RETRYING", "FAILED"]
    assert on_chain(bench, ALICE) == (0, 10, 10)
    assert on_chain(bench, BOB) == (10, 0, 0)


def test_neg_risk_needs_the_adapter_as_well_but_only_when_it_settles() -> None:
    bench = Bench(ask(0, 40, 10), market=a_market(neg_risk=True))
    bank = bench.exchange.bank
    bank.allow(ALICE, NEG_RISK_ADAPTER, False, 0)
    assert bench.buy(ALICE, 40, 5).status == "matched"
    bench.at(2)
    bank.allow(ALICE, NEG_RISK_ADAPTER, False, UNLIMITED)
    bench.at(12)
    assert told(bench) == ["MATCHED", "RETRYING", "MINED"]

    bank.allow(ALICE, NEG_RISK_EXCHANGE, True, 0)
    with pytest.raises(
        Refused, match=f"the allowance is not enough -> spender: {NEG_RISK_EXCHANGE}, allowance: 0,"
    ):
        bench.sell(ALICE, 50, 5)


def test_what_was_under_way_goes_on_after_a_restart(tmp_path: Path) -> None:
    bench = Bench(ask(0, 40, 20), ledger=Ledger(tmp_path / "venue.db"))
    spoil(bench, Mishap(retries=5))
    bench.buy(ALICE, 40, 10)
    bench.at(3)
    bench.buy(ALICE, 40, 10)

    again = Bench(ledger=Ledger(tmp_path / "venue.db"))
    assert again.dollars(ALICE) == 992
    assert on_chain(again, ALICE) == (1_000, 0, 0)
    with pytest.raises(Refused, match="sum of matched orders: 8000000"):
        again.buy(ALICE, 99, 1_010)
    again.at(1_000)
    assert on_chain(again, ALICE) == (992, 20, 0)
    assert {trade.status for trade in again.exchange.trades(key_of(ALICE))} == {TradeStatus.CONFIRMED}


def test_trades_are_named_alike_when_everything_is_the_same_and_never_twice(tmp_path: Path) -> None:
    def names(bench: Bench) -> list[str]:
        bench.buy(ALICE, 40, 10, id="0x" + "a" * 64)
        bench.buy(BOB, 60, 10, token=NO, id="0x" + "b" * 64)
        return [trade.id for trade in bench.exchange.trades(key_of(ALICE))]

    first, second = (names(Bench(ask(0, 40, 5))) for _ in range(2))
    assert first == second
    assert len(set(first)) == 2

    bench = Bench(ask(0, 40, 50), ledger=Ledger(tmp_path / "venue.db"))
    bench.buy(ALICE, 40, 10)
    again = Bench(ask(0, 40, 50), ledger=Ledger(tmp_path / "venue.db"))
    again.buy(ALICE, 40, 10)
    assert len({trade.id for trade in again.exchange.trades(key_of(ALICE))}) == 2


def test_steps_come_on_the_market_clock() -> None:
    bench = Bench(ask(0, 40, 10))
    bench.buy(ALICE, 40, 10)
    bench.at(1_000)

    mined, confirmed = (trade for trade in bench.heard.trades[1:])
    assert mined is confirmed, "a trade is told as it is"
    assert confirmed.updated_at - confirmed.matched_at == 5 * SECOND


def test_the_pace_of_settlement_can_be_switched() -> None:
    bench = Bench(ask(0, 40, 20))
    bench.switch(mined_ms=50, confirmed_ms=90)
    bench.buy(ALICE, 40, 10)
    bench.at(0.05)
    assert told(bench) == ["MATCHED", "MINED"]
    bench.at(0.09)
    assert told(bench) == ["MATCHED", "MINED", "CONFIRMED"]
    bench.switch(mined_ms=60_000)
    bench.buy(ALICE, 40, 10)
    bench.at(60)
    assert told(bench)[3:] == ["MATCHED"]
    bench.at(60.09)
    assert told(bench)[3:] == ["MATCHED", "MINED", "CONFIRMED"]
