from pathlib import Path

import pytest

from messages.values import MICRO, SECOND, Money, Side
from tests.venue.paper.engine_bench import ALICE, BOB, CAROL, NO, ask, bid, closed
from tests.venue.paper.programs.bench import ProgramBench, a_rewarded_market
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import PROGRAMS, Exchange
from venue.paper.ledger.history import History
from venue.paper.ledger.ledger import Ledger
from venue.paper.programs.minutes import DAY, MINUTE
from venue.paper.programs.programs import Programs
from venue.paper.programs.rewards import _offset

MINUTE_POOL = 24 / 1_440


@pytest.fixture
def alone() -> ProgramBench:
    """Others quote too little to score, but a book there is."""
    return ProgramBench(bid(0, 40, 49), ask(0, 60, 49))


def quote(bench: ProgramBench, maker: str, shares: float = 100, at: float = 49) -> None:
    """Both sides of YES, the same distance from a half, as bids on YES and on NO."""
    bench.buy(maker, at, shares)
    bench.buy(maker, at, shares, token=NO)


def test_a_maker_alone_earns_the_pool_minute_by_minute(alone: ProgramBench) -> None:
    quote(alone, ALICE)
    for count in (1, 2, 60):
        alone.minutes(count)
        assert alone.earned(ALICE) == pytest.approx(MINUTE_POOL * count, abs=1e-5)


def test_two_makers_share_by_their_scores(alone: ProgramBench) -> None:
    quote(alone, ALICE, 100)
    quote(alone, BOB, 300)
    alone.minutes(10)

    assert alone.earned(BOB) == pytest.approx(3 * alone.earned(ALICE), abs=1e-5)
    assert alone.earned(ALICE) + alone.earned(BOB) == pytest.approx(10 * MINUTE_POOL, abs=1e-5)


def test_the_background_competes_as_one_maker() -> None:
    bench = ProgramBench(bid(0, 49, 300), ask(0, 51, 300))
    quote(bench, ALICE, 100)
    bench.minutes(8)

    assert bench.earned(ALICE) == pytest.approx(8 * MINUTE_POOL / 4, abs=1e-5)


def test_whoever_comes_later_shares_only_what_is_still_to_come() -> None:
    bench = ProgramBench(bid(0, 49, 100), ask(0, 51, 100))
    bench.minutes(29.4)
    quote(bench, ALICE, 100)
    bench.minutes(60)

    assert bench.earned(ALICE) == pytest.approx(30 * MINUTE_POOL / 2, rel=1e-4)


def test_an_order_must_have_rested_for_its_market_s_minimum_age(alone: ProgramBench) -> None:
    alone.minutes(0)
    order = alone.buy(ALICE, 49, 100)
    alone.buy(BOB, 49, 100, token=NO)
    resting = alone.exchange.order(f"key of {ALICE}", order.order)
    assert resting is not None

    alone.at(alone.to_minute + 29.9)
    assert not alone.rewards.is_scoring(resting)
    alone.at(alone.to_minute + 30)
    assert alone.rewards.is_scoring(resting)


def test_the_minimum_age_is_the_market_s_own() -> None:
    bench = ProgramBench(bid(0, 40, 50), ask(0, 60, 50), market=a_rewarded_market(rewards_min_age_s=3))
    order = bench.buy(ALICE, 49, 100)
    resting = bench.exchange.order(f"key of {ALICE}", order.order)
    bench.buy(BOB, 49, 100, token=NO)
    assert resting is not None
    bench.at(3)

    assert bench.rewards.is_scoring(resting)


def test_what_is_left_of_an_order_must_reach_the_minimal_size(alone: ProgramBench) -> None:
    order = alone.buy(ALICE, 49, 60)
    alone.buy(BOB, 49, 100, token=NO)
    resting = alone.exchange.order(f"key of {ALICE}", order.order)
    assert resting is not None
    alone.at(40)
    assert alone.rewards.is_scoring(resting)

    alone.buy(CAROL, 51, 11, token=NO)
    assert alone.leaves(order, ALICE) == 49
    alone.at(80)
    assert not alone.rewards.is_scoring(resting)


def test_orders_away_from_the_middle_do_not_score(alone: ProgramBench) -> None:
    near, far = alone.buy(ALICE, 46, 100), alone.buy(ALICE, 45, 100)
    alone.buy(ALICE, 46, 100, token=NO)
    orders = [alone.exchange.order(f"key of {ALICE}", placed.order) for placed in (near, far)]
    alone.at(40)

    assert [alone.rewards.is_scoring(order) for order in orders if order] == [True, False]


def test_a_market_without_a_pool_pays_nothing() -> None:
    bench = ProgramBench(market=a_rewarded_market(rewards_daily=Money(0)))
    quote(bench, ALICE)
    bench.minutes(10)

    assert bench.rewards.scoring(bench.market) == {}
    assert bench.earned(ALICE) == 0


def test_a_closed_market_is_not_sampled_any_more() -> None:
    bench = ProgramBench(bid(0, 40, 50), ask(0, 60, 50), closed(600))
    quote(bench, ALICE)
    bench.at(600)
    then = bench.earned(ALICE)
    bench.minutes(30)

    assert bench.earned(ALICE) == then > 0


def test_every_minute_has_one_sample_at_a_moment_of_its_own(alone: ProgramBench) -> None:
    offsets = [_offset(7, alone.market.id, minute) for minute in range(500)]

    assert len(set(offsets)) == 500
    assert all(0 <= offset < MINUTE for offset in offsets)
    assert min(offsets) < 2 * SECOND
    assert max(offsets) > 58 * SECOND
    assert offsets == [_offset(7, alone.market.id, minute) for minute in range(500)]
    assert offsets != [_offset(8, alone.market.id, minute) for minute in range(500)]


def test_a_day_is_paid_at_midnight_as_it_was_shown_before(alone: ProgramBench) -> None:
    alone.midnight()
    quote(alone, ALICE)
    quote(alone, BOB, 200)
    alone.at(alone.to_midnight + 86_399.9)
    shown, day, before = alone.earned(ALICE), alone.today, alone.dollars(ALICE)
    assert shown == pytest.approx(8, abs=0.02)
    alone.midnight(2)

    assert round(alone.dollars(ALICE) - before, 6) == shown == alone.earned(ALICE, day)
    assert alone.dollars(PROGRAMS) == -(alone.earned(ALICE, day) + alone.earned(BOB, day))
    assert alone.earned(ALICE) == 0
    alone.midnight(3)
    assert alone.dollars(ALICE) - before == pytest.approx(16, abs=0.02)


def test_less_than_a_dollar_is_shown_and_not_paid() -> None:
    bench = ProgramBench(bid(0, 49, 5_000), ask(0, 51, 5_000))
    bench.midnight()
    quote(bench, ALICE, 100)
    day, before = bench.today, bench.dollars(ALICE)
    bench.midnight(2)

    assert 0 < bench.earned(ALICE, day) < 1
    assert bench.dollars(ALICE) == before
    assert bench.programs.notifications.unread(ALICE) == []


def test_a_pay_out_is_notified_and_noted(alone: ProgramBench) -> None:
    alone.midnight()
    quote(alone, ALICE)
    day = alone.today
    alone.midnight(2)
    (told,) = alone.programs.notifications.unread(ALICE)

    assert (int(told.kind), told.about.maker) == (5, ALICE)  # type: ignore[union-attr]
    ((maker, dollars, reason),) = alone.ledger.read("SELECT maker, dollars, reason FROM payments")
    assert (maker, dollars / MICRO) == (ALICE, alone.earned(ALICE, day))
    assert reason.startswith("rewards 20")


def test_the_shares_of_a_day_outlive_the_process(tmp_path: Path) -> None:
    first = ProgramBench(bid(0, 40, 50), ask(0, 60, 50), ledger=Ledger(tmp_path / "venue.db"))
    quote(first, ALICE)
    first.minutes(30.5)
    shown = first.rewards.earnings(ALICE, first.today)
    first.minutes(31)
    first.exchange.save_clock()
    first.ledger.close()

    again = Ledger(tmp_path / "venue.db")
    clock = VenueClock()
    assert again.reached is not None
    clock.resume(again.origin, again.reached)
    exchange = Exchange(clock, again)
    exchange.add_market(a_rewarded_market())
    kept = Programs(exchange).rewards.earnings(ALICE, int(again.reached) // DAY)
    assert kept[exchange.markets[0].id] == pytest.approx(shown[exchange.markets[0].id], rel=0.05)
    again.close()


def test_a_day_that_ended_while_the_venue_was_away_is_paid_once(tmp_path: Path) -> None:
    first = ProgramBench(bid(0, 40, 50), ask(0, 60, 50), ledger=Ledger(tmp_path / "venue.db"))
    first.midnight()
    quote(first, ALICE)
    first.at(first.to_midnight + 20 * 3_600)
    first.exchange.save_clock()
    reached, origin = first.clock.now(), first.clock.origin
    first.ledger.close()
    for _ in range(2):
        again = Ledger(tmp_path / "venue.db")
        clock = VenueClock()
        clock.resume(origin, type(reached)(reached + 10 * 3_600 * SECOND))
        exchange = Exchange(clock, again)
        exchange.add_market(a_rewarded_market())
        Programs(exchange)
        clock.start_here(100_000)
        while not again.read("SELECT 1 FROM payments"):
            exchange.advance()
        again.close()
    history = History(tmp_path / "venue.db")
    paid = next(b for b in history.balances() if b.maker == PROGRAMS and b.token is None)
    history.close()

    assert paid.amount == pytest.approx(-20 * MICRO, rel=0.01)


def test_competitiveness_is_what_rests_and_scores(alone: ProgramBench) -> None:
    alone.buy(ALICE, 49, 90)
    alone.buy(ALICE, 49, 90, token=NO)
    assert alone.rewards.competitiveness(alone.market) == 0
    alone.at(31)

    assert alone.rewards.competitiveness(alone.market) == pytest.approx(90 * MICRO * (3.5 / 4.5) ** 2)
    assert alone.rewards.share(alone.market, ALICE)[0] == alone.rewards.share(alone.market, BOB)[1]


def test_one_side_of_a_market_earns_a_third() -> None:
    bench = ProgramBench(bid(0, 49, 300), ask(0, 51, 300))
    bench.buy(ALICE, 49, 900)
    bench.minutes(5)

    assert bench.earned(ALICE) == pytest.approx(5 * MINUTE_POOL / 2, abs=1e-5)
    assert [stake.side for stake, since in bench.exchange.stakes(bench.market.id, 0) if since] == [Side.BID]
