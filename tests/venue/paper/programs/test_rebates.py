from pathlib import Path

import msgspec
import pytest

from messages.values import MICRO, Money
from tests.venue.paper.engine_bench import ALICE, BOB, CAROL, NO, YES, ask, bid, key_of, sold
from tests.venue.paper.programs.bench import ProgramBench
from venue.paper.engine.exchange import PROGRAMS
from venue.paper.engine.terms import TradeStatus
from venue.paper.ledger.ledger import Ledger
from venue.paper.programs.rebates import Rebates


def rebated(bench: ProgramBench, maker: str, day: int | None = None) -> float:
    """Dollars."""
    return sum(bench.programs.rebates.rebates(maker, bench.today if day is None else day).values()) / MICRO


def fee(cents: float, shares: float) -> float:
    """The bench's taker fee."""
    return 0.05 * cents / 100 * (1 - cents / 100) * shares


def test_makers_share_a_quarter_of_the_fee_by_what_they_were_hit_for() -> None:
    bench = ProgramBench()
    bench.buy(ALICE, 40, 100)
    bench.buy(BOB, 40, 300)
    bench.buy(CAROL, 60, 400, token=NO)

    assert rebated(bench, ALICE) == pytest.approx(fee(40, 100) / 4)
    assert rebated(bench, BOB) == pytest.approx(fee(40, 300) / 4)
    assert rebated(bench, CAROL) == 0


def test_takers_of_the_background_pay_for_rebates_too() -> None:
    bench = ProgramBench(ask(0, 60, 50), bid(0, 30, 50), sold(5, 40, 100))
    bench.buy(ALICE, 40, 100)
    bench.at(5)

    assert rebated(bench, ALICE) == pytest.approx(fee(40, 100) / 4)


def test_a_market_without_fees_has_no_rebates() -> None:
    bench = ProgramBench()
    bench.market.fee_rate = 0
    bench.buy(ALICE, 40, 100)
    bench.buy(BOB, 60, 100, token=NO)

    assert rebated(bench, ALICE) == 0


def test_rebates_are_paid_at_midnight_when_they_reach_a_dollar() -> None:
    bench = ProgramBench()
    bench.market.rewards_daily = Money(0)
    bench.buy(ALICE, 50, 400)
    bench.buy(CAROL, 50, 20)
    bench.buy(BOB, 50, 420, token=NO)
    day, before, little = bench.today, bench.dollars(ALICE), bench.dollars(CAROL)
    shown = rebated(bench, ALICE)
    bench.midnight()

    assert shown == pytest.approx(fee(50, 400) / 4) == pytest.approx(1.25)
    assert round(bench.dollars(ALICE) - before, 6) == shown == rebated(bench, ALICE, day)
    assert bench.dollars(CAROL) == little
    assert rebated(bench, CAROL, day) == pytest.approx(fee(50, 20) / 4)
    assert bench.dollars(PROGRAMS) == -shown


def test_rebates_of_a_day_that_is_not_over_outlive_the_process(tmp_path: Path) -> None:
    bench = ProgramBench(ledger=Ledger(tmp_path / "venue.db"))
    bench.buy(ALICE, 40, 100)
    bench.buy(BOB, 60, 100, token=NO)
    bench.exchange.save_clock()
    again = Rebates(bench.exchange)

    assert again.rebates(ALICE, bench.today) == bench.programs.rebates.rebates(ALICE, bench.today) != {}
    assert again.owed(bench.today) == bench.programs.rebates.owed(bench.today)


def test_a_fill_whose_settlement_fails_earns_nothing() -> None:
    bench = ProgramBench()
    bench.buy(ALICE, 40, 100)
    bench.buy(BOB, 60, 100, token=NO)
    (trade,) = bench.exchange.trades(key_of(ALICE))
    failed = msgspec.structs.replace(trade, status=TradeStatus.FAILED)
    bench.programs.rebates.trade_changed(failed)

    assert rebated(bench, ALICE) == 0


def test_what_programs_pay_is_owed_by_their_account_and_nothing_is_lost() -> None:
    bench = ProgramBench(bid(0, 40, 60), ask(0, 60, 60))
    bench.buy(ALICE, 49, 100)
    bench.buy(BOB, 50, 100, token=NO)
    bench.buy(BOB, 50, 500)
    bench.buy(CAROL, 50, 500, token=NO)
    bench.midnight()
    paid = sum(dollars for (dollars,) in bench.ledger.read("SELECT dollars FROM payments"))
    collateral = [amount for _, token, amount, _ in bench.ledger.balances() if token is None]
    pairs = bench.exchange.balance(BOB, YES)

    assert bench.exchange.balance(PROGRAMS, None) == -paid < -1 * MICRO
    assert sum(collateral) == 3 * 10_000 * MICRO - pairs
