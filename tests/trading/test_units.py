from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.values import MICRO, Side
from trading.units import action_text, complement, money_text, price_text, shares_text, short, size_text


@pytest.mark.parametrize(
    ("price", "text"),
    [
        (630_000, "0.63"),
        (635_000, "0.635"),
        (635_500, "0.6355"),
        (635_550, "0.6356"),
        (1_000_000, "1.00"),
        (0, "0.00"),
    ],
)
def test_a_price_has_two_to_four_decimals(price, text):
    assert price_text(price) == text


@pytest.mark.parametrize(
    ("size", "text"), [(10_000_000, "10"), (10_500_000, "10.5"), (1, "0.000001"), (-3_000_000, "-3")]
)
def test_a_size_is_said_plainly(size, text):
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("net", "text"), [(10_500_000, "+10.50"), (-3_000_000, "-3.00"), (0, "+0.00"), (4_999, "+0.00")]
)
def test_an_exposure_has_its_sign(net, text):
    assert shares_text(net) == text


@pytest.mark.parametrize(
    ("money", "text"), [(1_200_000, "$1.20"), (-50_000, "-$0.05"), (1_000_000_000, "$1000.00")]
)
def test_money_is_dollars(money, text):
    assert money_text(money) == text


@given(st.integers(-(10**15), 10**15))
def test_a_size_in_words_is_exactly_the_size(size):
    assert Decimal(size_text(size)) * MICRO == size


def test_sides_are_said_as_actions_on_yes():
    assert (action_text(Side.BID), action_text(Side.ASK), complement(300_000)) == ("BUY", "SELL", 700_000)


def test_long_names_are_cut_and_short_ones_are_not():
    assert (short("0x" + "ab" * 32), short("t1")) == ("0xababababab…", "t1")
