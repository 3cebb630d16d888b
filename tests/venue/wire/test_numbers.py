from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.values import MarketNs
from venue.wire.numbers import WireError, exact, micro, micro_of, ms_text, s_text, spell


@given(st.integers(min_value=0, max_value=10**18))
def test_millionths_survive_the_wire(count: int) -> None:
    assert micro(spell(count)) == count
    assert micro_of(exact(count)) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("0", 0),
        ("5", 5_000_000),
        (".48", 480_000),
        ("30.00", 30_000_000),
        ("0.0000010", 1),
        ("1.", 10**6),
    ],
)
def test_a_decimal_string_is_read_exactly(text: str, count: int) -> None:
    assert micro(text) == count


@pytest.mark.parametrize(
    "text", ["-1", "+1", "1e3", " 1", "1_0", "0x1", "1.2.3", "١", "nan", "0.0000001", "9" * 30, "--"]
)
def test_what_is_no_decimal_string_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        micro(text)


@pytest.mark.parametrize(
    ("number", "count"),
    [
        (None, 0),
        (5, 5_000_000),
        ("0.5", 500_000),
        (Decimal("0.01"), 10_000),
        (Decimal("1E+2"), 10**8),
        (Decimal("-0.5"), -500_000),
    ],
)
def test_a_json_number_is_read_exactly(number: Decimal | int | str | None, count: int) -> None:
    assert micro_of(number) == count


@pytest.mark.parametrize(
    "number",
    [
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("1e-7"),
        "x",
        Decimal("1e999999999"),
        Decimal("1e-99999999"),
    ],
)
def test_a_json_number_beyond_millionths_is_refused(number: Decimal | str) -> None:
    with pytest.raises(WireError):
        micro_of(number)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (10**7, "10"), (1_000, "0.001"), (-500_000, "-0.5"), (1, "0.000001")]
)
def test_numbers_are_spelled_without_needless_zeros(count: int, text: str) -> None:
    assert spell(count) == text


def test_instants_are_spelled_in_milliseconds_and_seconds() -> None:
    at = MarketNs(1_786_728_432_337_999_999)

    assert (ms_text(at), s_text(at)) == ("1786728432337", "1786728432")
