from hypothesis import given
from hypothesis import strategies as st

from messages.values import MICRO, Price
from trading.ticks import clamp, is_tick, mirror, on_grid, round_ask, round_bid

TICKS = st.sampled_from([Price(t) for t in (100_000, 10_000, 5_000, 2_500, 1_000, 100)])
PRICES = st.integers(min_value=-MICRO, max_value=2 * MICRO)


def test_a_bid_goes_down_and_an_ask_goes_up():
    assert round_bid(456_789, Price(10_000)) == 450_000
    assert round_ask(456_789, Price(10_000)) == 460_000


def test_a_price_on_the_grid_stays():
    assert round_bid(450_000, Price(10_000)) == 450_000
    assert round_ask(450_000, Price(10_000)) == 450_000


def test_an_order_never_reaches_zero_or_one():
    assert round_bid(3, Price(1_000)) == 1_000
    assert round_ask(999_999, Price(1_000)) == 999_000


@given(PRICES, TICKS)
def test_rounded_prices_are_on_the_grid(price, tick):
    assert on_grid(round_bid(price, tick), tick)
    assert on_grid(round_ask(price, tick), tick)


@given(PRICES, TICKS)
def test_rounding_moves_less_than_a_tick_inside_the_limits(price, tick):
    inside = clamp(price, tick)

    assert inside - tick < round_bid(inside, tick) <= inside
    assert inside <= round_ask(inside, tick) < inside + tick


@given(PRICES, TICKS)
def test_a_bid_mirrors_an_ask(price, tick):
    assert mirror(round_bid(price, tick)) == round_ask(mirror(Price(price)), tick)


def test_a_grid_divides_one_dollar():
    assert is_tick(2_500)
    assert not any(is_tick(step) for step in (0, -1_000, 3_000, MICRO))
