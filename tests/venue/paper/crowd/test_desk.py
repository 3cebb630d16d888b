"""The makers' reactions, on a bare book, with a value that stands where it is told to."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from messages.values import MICRO, SECOND, MarketNs, Price, Side, Size
from tests.venue.paper.engine_bench import ALICE, a_market, an_order
from venue.paper.crowd.characters import PREGAME
from venue.paper.crowd.desk import LEAN, LEAN_S, Desk
from venue.paper.crowd.draws import Draws
from venue.paper.crowd.grid import STEPS, Floats
from venue.paper.crowd.makers import MAKERS, Orders
from venue.paper.crowd.script import PLACE, Entry
from venue.paper.engine.book import Fill, Resting
from venue.paper.engine.order_book import OrderBook
from venue.paper.engine.participants import Lot
from venue.paper.engine.terms import Market, Order, OrderStatus, TokenSide

CALM = msgspec.structs.replace(PREGAME, half=0.3, peak=400, pull_s=2)


class Known:
    """Makers who know what they are told, step by step, and err by as much."""

    def __init__(self, value: Floats | float, errors: Sequence[float] = (0, 0, 0, 0)) -> None:
        self._value = np.full(STEPS + 1, value) if isinstance(value, float) else value
        self._errors = np.array(errors, dtype=np.float64)[:, None] * np.ones(STEPS + 1)

    def follow(self, block: int) -> Floats:
        return self._value

    def errors(self, block: int) -> Floats:
        return self._errors

    def opening(self, at: float) -> Orders:
        raise AssertionError("not here")


class BarePit:
    """An order book, and what the makers took from it."""

    def __init__(self) -> None:
        self.book = OrderBook()
        self.market: Market = a_market()
        self.now = MarketNs(0)
        self.taken: list[tuple[Side, int, float]] = []
        for name in ("best", "visible", "accounts_best", "place", "pull"):
            setattr(self, name, getattr(self.book, name))

    def accounts_take(self, side: Side, limit: Price, size: int) -> int:
        fills = self.book.take_accounts(side, limit, size)
        self.taken += [(side, fill.price // 10_000, fill.size / MICRO) for fill in fills]
        return sum(fill.size for fill in fills)

    def an_account_rests(self, side: Side, cents: int, shares: float) -> None:
        new = an_order(ALICE, TokenSide.BUY if side is Side.BID else TokenSide.SELL, cents, shares)
        order = Order(
            new=new, market=self.market.id, status=OrderStatus.LIVE, matched=Size(0),
            created_at=MarketNs(0), trades=[],
        )  # fmt: skip
        self.book.rest(Resting(order, side, new.price, new.size), 0)

    def hit(self, desk: Desk, side: Side, cents: int, shares: float) -> list[Fill]:
        """Somebody takes; the makers hear of it."""
        fills = self.book.take(side, Price(cents * 10_000), round(shares * MICRO))
        for fill in fills:
            assert fill.lot is not None
            desk.hit(fill.lot, fill.size)
        return fills

    def levels(self, side: Side) -> dict[int, float]:
        return {price // 10_000: size / MICRO for price, size in self.book.levels(side)}


def a_desk(value: Floats | float, errors: Sequence[float] = (0, 0, 0, 0)) -> tuple[Desk, BarePit]:
    desk = Desk(CALM, Known(value, errors), Draws(7, "a-market"))  # type: ignore[arg-type]
    desk.load(0, 0)
    return desk, BarePit()


def order(
    maker: int, side: Side, offset: int = 0, half: float = 0.3, step: int = 0, lives_s: float = 9e5
) -> Entry:
    who = 2 * maker + (side is Side.ASK)
    return (0, PLACE, step, who, 100 * MICRO, half, offset, round(lives_s * SECOND))


def test_the_first_levels_lie_half_a_spread_around_the_fair_value() -> None:
    desk, pit = a_desk(0.5047, errors=(0, 0.4, -0.9, 0))
    for maker in range(3):
        for side in Side:
            desk.place(pit, order(maker, side))  # type: ignore[arg-type]

    bids = [math.floor(50.47 + error - 0.3) for error in (0, 0.4, -0.9)]
    asks = [math.ceil(50.47 + error + 0.3) for error in (0, 0.4, -0.9)]
    assert bids == [50, 50, 49]
    assert asks == [51, 52, 50]
    assert pit.levels(Side.BID) == {50: 200, 49: 100}
    assert pit.levels(Side.ASK) == {51: 100, 52: 100}, "the third would have crossed and was dropped"


def test_levels_go_outwards_and_end_where_prices_do() -> None:
    desk, pit = a_desk(0.0347)
    for offset in range(6):
        desk.place(pit, order(0, Side.BID, offset))  # type: ignore[arg-type]

    assert list(pit.levels(Side.BID)) == [1, 2, 3]


def test_a_level_that_the_value_has_passed_is_pulled_after_a_while_and_the_others_stay() -> None:
    value = np.where(np.arange(STEPS + 1) < 10, 0.505, 0.482)
    desk, pit = a_desk(value)
    for offset in range(5):
        desk.place(pit, order(0, Side.BID, offset))  # type: ignore[arg-type]
    assert desk.looks[-1] == 1
    while desk.looks[-1] < 10:
        desk.look(desk.looks[-1] * SECOND // 2)
    assert not desk.ends.heap or isinstance(desk.ends.heap[0][2], Lot)
    desk.look(5 * SECOND)

    due = sorted(at for at, _, what in desk.ends.heap if not isinstance(what, Lot))
    assert len(due) == 2, "50 and 49 lie above 48.2"
    assert 5 * SECOND < due[0] < due[1] < 25 * SECOND
    desk.end(pit, 20)  # type: ignore[arg-type]
    desk.end(pit, 20)  # type: ignore[arg-type]
    assert list(pit.levels(Side.BID)) == [46, 47, 48]


def test_a_level_is_kept_if_the_value_has_come_back_in_time() -> None:
    value = np.where(np.arange(STEPS + 1) == 10, 0.482, 0.505)
    desk, pit = a_desk(value)
    desk.place(pit, order(0, Side.BID))  # type: ignore[arg-type]
    while desk.looks[-1] <= 10:
        desk.look(desk.looks[-1] * SECOND // 2)

    assert len(desk.ends.heap) == 2
    desk.end(pit, 12)  # type: ignore[arg-type]
    assert pit.levels(Side.BID) == {50: 100}


def test_makers_look_exactly_when_the_value_passes_a_price() -> None:
    value = 0.5 + 0.03 * np.sin(np.arange(STEPS + 1) / 40)
    desk, _ = a_desk(value)
    ticks = np.floor(value * 100)

    passes = (np.flatnonzero(ticks[1:] != ticks[:-1]) + 1).tolist()

    assert sorted(desk.looks) == sorted({1, *passes})


def test_orders_live_as_long_as_they_were_meant_to() -> None:
    desk, pit = a_desk(0.505)
    desk.place(pit, order(0, Side.BID, lives_s=20))  # type: ignore[arg-type]
    desk.place(pit, order(1, Side.BID, lives_s=10))  # type: ignore[arg-type]

    assert desk.ends.heap[0][0] == 10 * SECOND
    desk.end(pit, 20)  # type: ignore[arg-type]
    assert pit.levels(Side.BID) == {50: 100}
    pit.hit(desk, Side.ASK, 50, 100)
    desk.end(pit, 40)  # type: ignore[arg-type]
    assert pit.levels(Side.BID) == {}


def test_who_was_hit_leans_against_its_inventory_by_a_tick_at_most() -> None:
    """A hundred shares are a maker's part of the peak."""
    desk, pit = a_desk(0.505)
    assert desk.fair(0) == pytest.approx(505_000)
    for hit, leaning in ((50, 0.5), (50, 1.0), (100, 1.0)):
        desk.place(pit, order(0, Side.BID, offset=3))  # type: ignore[arg-type]
        pit.hit(desk, Side.ASK, 1, hit)
        desk.settle(1)
        assert desk.fair(1) == pytest.approx(505_000 - 10_000 * leaning / MAKERS)


def test_trades_lean_on_everybody_and_are_forgotten_in_ten_minutes() -> None:
    desk, _ = a_desk(0.505)
    desk.traded(Side.BID, 800 * MICRO, 100)
    desk.settle(100)
    moved = 10_000 * LEAN * 2

    assert desk.fair(100) == pytest.approx(505_000 + moved)
    assert desk.fair(300) == pytest.approx(505_000 + moved * math.exp(-100 / LEAN_S))
    before = desk.fair(STEPS)
    desk.load(1, 0)
    assert desk.fair(0) == pytest.approx(before)
    desk.traded(Side.ASK, 800 * MICRO, 0)
    desk.settle(0)
    assert desk.fair(0) < 505_000


@pytest.mark.parametrize(("cents", "is_taken"), [(48, True), (49, False)])
def test_a_makers_best_order_takes_an_accounts_that_pays_more_than_the_fee(
    cents: int, is_taken: bool
) -> None:
    """The fee is 1.25 cents, and a tenth must be left: worth 50.1 cents, 48 are cheap enough and 49 are not."""
    desk, pit = a_desk(0.501)
    pit.an_account_rests(Side.ASK, cents, 150)
    desk.place(pit, order(2, Side.BID, offset=1))  # type: ignore[arg-type]
    assert pit.taken == [], "only a maker's best order does that"
    desk.place(pit, order(2, Side.BID))  # type: ignore[arg-type]
    desk.settle(0)

    assert pit.taken == ([(Side.BID, cents, 100)] if is_taken else [])
    assert pit.levels(Side.ASK) == {cents: 50 if is_taken else 150}
    assert (desk.fair(0) < 501_000) == is_taken, "it holds more now, and asks less than the trade moved all"


def test_makers_never_take_from_each_other() -> None:
    desk, pit = a_desk(0.505, errors=(0, 3, 0, 0))
    desk.place(pit, order(0, Side.ASK))  # type: ignore[arg-type]
    desk.place(pit, order(1, Side.BID))  # type: ignore[arg-type]

    assert pit.taken == []
    assert pit.levels(Side.ASK) == {51: 100}
    assert pit.levels(Side.BID) == {}
