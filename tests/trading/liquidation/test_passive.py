from hypothesis import given
from hypothesis import strategies as st

from messages.values import MICRO, Price, Shares, Side, Size
from tests.factories import a_book, cents, shares
from trading.liquidation import ExitQuote, ExitView, passive
from trading.ticks import on_grid
from trading.visible import visible


def quote(
    net: float,
    cost: float | None,
    bid: float | None,
    ask: float | None,
    *,
    sellable: float | None = None,
    tick: float = 1,
) -> ExitQuote:
    return passive(
        ExitView(
            book=visible(a_book(bid, ask, tick=tick)),
            net=Shares(round(net * MICRO)),
            average_cost=None if cost is None else cents(cost),
            sellable=shares(abs(net) if sellable is None else sellable),
            min_size=shares(5),
        )
    )


def test_a_long_position_is_sold_at_the_mid_when_that_is_above_cost() -> None:
    exit_ = quote(10.5, 55, 57, 59)

    assert (exit_.side, exit_.price, exit_.size) == (Side.ASK, cents(58), shares(10.5))
    assert exit_.floor == cents(55)


def test_below_cost_it_waits_at_cost() -> None:
    assert quote(10, 55, 51, 53).price == cents(55)


def test_cost_between_two_ticks_is_rounded_in_our_favor() -> None:
    assert quote(10, 54.01, 51, 53).price == cents(55)
    assert quote(-10, 54.01, 51, 53).price == cents(45)


def test_a_short_position_is_no_held_and_sold_by_bidding_for_yes() -> None:
    exit_ = quote(-20, 40, 55, 57)
    assert (exit_.side, exit_.price, exit_.floor) == (Side.BID, cents(56), cents(60))

    assert quote(-20, 50, 55, 57).price == cents(50)


def test_it_never_trades_at_once() -> None:
    assert quote(10, 40, 57, 58).price == cents(58)
    assert quote(-10, 40, 57, 58).price == cents(57)
    assert quote(10, 40, 57, 57.1, tick=0.1).price == cents(57.1)


def test_unknown_cost_means_no_floor() -> None:
    exit_ = quote(10, None, 20, 22)

    assert (exit_.price, exit_.floor) == (cents(21), None)


def test_only_what_is_settled_is_offered_and_in_hundredths() -> None:
    assert quote(10, 50, 57, 59, sellable=7.019).size == shares(7.01)
    waits = quote(10, 50, 57, 59, sellable=4.99)
    assert (waits.price, waits.reason) == (None, "waiting for fills to settle")


def test_without_a_mid_nothing_new_is_offered() -> None:
    assert quote(10, 50, None, 59).reason == "one-sided book"
    assert quote(10, 50, 60, 59).reason == "crossed book"


def test_a_floor_above_the_grid_cannot_be_kept() -> None:
    assert quote(10, 99.5, 57, 59).price is None
    assert quote(10, 99, 57, 59).price == cents(99)


@given(
    net=st.integers(-(10**8), 10**8).filter(bool),
    cost=st.integers(1, MICRO),
    low=st.integers(1, 998),
    width=st.integers(1, 400),
    sellable=st.integers(0, 10**8),
    tick=st.sampled_from([1_000, 10_000]),
)
def test_whatever_the_market_it_keeps_floor_size_and_grid(
    net: int, cost: int, low: int, width: int, sellable: int, tick: int
) -> None:
    bid, ask = low * 1_000 // tick * tick, (low + width) * 1_000 // tick * tick
    if not 0 < bid < ask < MICRO:
        return
    view = ExitView(
        book=visible(a_book(bid / 10_000, ask / 10_000, tick=tick / 10_000)),
        net=Shares(net),
        average_cost=Price(cost),
        sellable=Size(sellable),
        min_size=shares(5),
    )
    exit_ = passive(view)

    assert exit_.side is (Side.ASK if net > 0 else Side.BID)
    if exit_.price is None:
        assert exit_.size == 0
        return
    assert on_grid(exit_.price, Price(tick))
    assert exit_.size <= min(abs(net), sellable)
    held_price = exit_.price if net > 0 else MICRO - exit_.price
    assert held_price >= cost
    assert bid < exit_.price if net > 0 else exit_.price < ask
