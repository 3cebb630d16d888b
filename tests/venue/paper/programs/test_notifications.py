import msgspec
import pytest

from messages.values import Size
from tests.venue.paper.engine_bench import ALICE, BOB, NO, YES, ask, key_of
from tests.venue.paper.programs.bench import ProgramBench
from venue.paper.engine.terms import Order, TradeStatus
from venue.paper.programs.notifications import KEEP, FailedFill, Kind


@pytest.fixture
def bench() -> ProgramBench:
    return ProgramBench(ask(0, 50, 100))


def kinds(bench: ProgramBench, *boxes: str) -> list[Kind]:
    return [told.kind for told in bench.programs.notifications.unread(*boxes)]


def test_a_cancel_and_every_fill_are_told_to_the_key_as_they_were(bench: ProgramBench) -> None:
    bench.buy(ALICE, 40, 100)
    first = bench.buy(BOB, 60, 30, token=NO)
    bench.buy(BOB, 60, 20, token=NO)
    bench.exchange.cancel_all(key_of(ALICE))
    told = bench.programs.notifications.unread(key_of(ALICE))
    orders = [one.about for one in told if isinstance(one.about, Order)]

    assert [one.kind for one in told] == [Kind.FILLED, Kind.FILLED, Kind.CANCELED]
    assert [order.matched for order in orders] == [Size(30_000_000), Size(50_000_000), Size(50_000_000)]
    assert orders[0].trades == list(first.trades)
    assert kinds(bench, key_of(BOB)) == [Kind.FILLED, Kind.FILLED]


def test_what_was_read_is_dropped(bench: ProgramBench) -> None:
    bench.buy(ALICE, 50, 10)
    bench.buy(ALICE, 50, 10)
    box = bench.programs.notifications
    first, second = box.unread(key_of(ALICE))
    box.drop(frozenset({first.id, 999}), key_of(ALICE))

    assert box.unread(key_of(ALICE)) == [second]


def test_a_box_holds_the_newest(bench: ProgramBench) -> None:
    for _ in range(KEEP + 5):
        bench.buy(ALICE, 30, 5)
    bench.exchange.cancel_all(key_of(ALICE))
    told = bench.programs.notifications.unread(key_of(ALICE))

    assert len(told) == KEEP
    assert told[-1].id == told[0].id + KEEP - 1 == KEEP + 5


def test_a_fill_that_fails_is_told_to_both_sides(bench: ProgramBench) -> None:
    bench.buy(ALICE, 40, 100)
    bench.buy(BOB, 60, 100, token=NO)
    (trade,) = bench.exchange.trades(key_of(ALICE))
    bench.programs.notifications.trade_changed(msgspec.structs.replace(trade, status=TradeStatus.FAILED))
    hers, his = (bench.programs.notifications.unread(key_of(maker))[-1] for maker in (ALICE, BOB))

    assert hers.kind is his.kind is Kind.FILL_FAILED
    assert isinstance(hers.about, FailedFill)
    assert isinstance(his.about, FailedFill)
    assert (hers.about.leg.token, his.about.leg.token) == (YES, NO)


def test_a_resolution_is_told_to_those_who_hold_the_market(bench: ProgramBench) -> None:
    bench.buy(ALICE, 50, 10)
    market = msgspec.structs.replace(bench.market, closed=True, resolved=True, winner=YES)
    bench.programs.notifications.market_changed(bench.market)
    bench.programs.notifications.market_changed(market)

    assert kinds(bench, ALICE) == [Kind.RESOLVED]
    assert kinds(bench, BOB) == []
