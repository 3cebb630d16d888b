"""What people write becomes exactly what the actors use, or one line that says what is wrong with it."""

from enum import StrEnum
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.units import ConfigError, Reader
from messages.values import MICRO, Money, Price, Shares, Size


class Color(StrEnum):
    RED = "red"
    BLUE = "blue"


class Round(msgspec.Struct, frozen=True, kw_only=True, tag_field="name", tag="round"):
    radius: Size = Size(1_000_000)


class Square(msgspec.Struct, frozen=True, kw_only=True, tag_field="name", tag="square"):
    side: Size = Size(2_000_000)


class Inner(msgspec.Struct, frozen=True, kw_only=True):
    low: int = 1
    high: int = 5

    def __post_init__(self) -> None:
        if self.low < 0:
            raise ValueError("low must not be below 0")
        if self.low > self.high:
            raise ValueError("low must not be above high")


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    price: Price = Price(0)
    size: Size = Size(0)
    money: Money = Money(0)
    shares: Shares = Shares(0)
    count: int = 0
    share: float = 0.0
    wait_s: float = 1.0
    steps_s: int = 1
    flag: bool = False
    text: str = ""
    color: Color = Color.RED
    path: Path = Path()
    maybe: int | None = None
    shape: Round | Square = Round()
    inner: Inner = Inner()
    secret: int = 0


def read(raw, base=None, **options):
    return Reader("x.toml", frozenset({"secret"}), **options).struct(Thing, raw, "", base or Thing())


def refusal(raw, **options):
    with pytest.raises(ConfigError) as refused:
        read(raw, **options)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@given(st.integers(min_value=0, max_value=10**9 * MICRO))
def test_every_amount_of_millionths_is_read_exactly(micro):
    written = f"{micro // MICRO}.{micro % MICRO:06d}"

    assert read({"money": written}, text=True).money == micro
    if micro < 10**14:  # what a file's numbers hold exactly
        assert read({"size": float(written)}).size == micro


@pytest.mark.parametrize(
    ("raw", "key", "reason"),
    [
        ({"zzz": 1}, "zzz", "unknown key; there are color, count"),
        ({"shap": 1}, "shap", "unknown key, did you mean 'shape'?"),
        ({"secret": 1}, "secret", "unknown key"),
        ({"inner": {"lo": 1}}, "inner.lo", "unknown key, did you mean 'low'?"),
        ({"inner": 3}, "inner", "expected a section, got 3"),
        ({"inner": [1]}, "inner", "expected a section, got a list"),
        ({"count": "3"}, "count", "expected a whole number, got '3'"),
        ({"count": 3.5}, "count", "expected a whole number, got 3.5"),
        ({"count": True}, "count", "expected a whole number, got true"),
        ({"count": {}}, "count", "expected a whole number, got a section"),
        ({"count": None}, "count", "expected a whole number, got nothing"),
        ({"count": 10**30}, "count", "is too large"),
        ({"share": "x" * 300}, "share", "expected a number, got 'xxx"),
        ({"share": float("nan")}, "share", "expected a number, got nan"),
        ({"share": float("inf")}, "share", "expected a number, got inf"),
        ({"flag": 1}, "flag", "expected true or false, got 1"),
        ({"text": 1}, "text", "expected text, got 1"),
        ({"path": 1}, "path", "expected a path, got 1"),
        ({"color": "green"}, "color", "'green' is none of red, blue"),
        ({"color": 1}, "color", "1 is none of red, blue"),
        ({"price": "0.5"}, "price", "expected a number, got '0.5'"),
        ({"price": True}, "price", "expected a number, got true"),
        ({"price": float("nan")}, "price", "expected a number, got nan"),
        ({"price": float("-inf")}, "price", "expected a number, got -inf"),
        ({"price": -0.01}, "price", "-0.01 is below 0"),
        ({"price": 1.01}, "price", "1.01 is above 1"),
        ({"price": 0.0000001}, "price", "1e-07 has more than six decimals"),
        ({"size": 0.1234567}, "size", "0.1234567 has more than six decimals"),
        ({"size": -1}, "size", "-1 is below 0"),
        ({"money": 10**10}, "money", "10000000000 is more than a billion"),
        ({"wait_s": 0}, "wait_s", "0 is no span"),
        ({"wait_s": -1.5}, "wait_s", "-1.5 is no span"),
        ({"steps_s": 10**9}, "steps_s", "1000000000 is no span"),
        ({"inner": {"low": -1}}, "inner.low", "low must not be below 0"),
        ({"inner": {"low": 4, "high": 3}}, "inner", "low must not be above high"),
        ({"shape": {"name": "oval"}}, "shape.name", "'oval' is none of round, square"),
        ({"shape": {"name": "square", "radius": 1}}, "shape.radius", "unknown key"),
        ({"shape": 3}, "shape", "expected a section, got 3"),
    ],
)
def test_a_wrong_value_is_one_line_with_source_key_and_reason(raw, key, reason):
    said = refusal(raw)

    assert said.startswith(f"x.toml: {key}: ")
    assert reason in said


@pytest.mark.parametrize(
    ("raw", "key", "reason"),
    [
        ({"count": "three"}, "count", "expected a whole number, got 'three'"),
        ({"count": "1e400"}, "count", "expected a whole number"),
        ({"share": "nan"}, "share", "expected a number, got 'nan'"),
        ({"flag": "perhaps"}, "flag", "expected true or false, got 'perhaps'"),
        ({"price": ""}, "price", "expected a number, got ''"),
        ({"price": "NaN"}, "price", "expected a number, got 'NaN'"),
        ({"price": "Infinity"}, "price", "expected a number, got 'Infinity'"),
        ({"price": "0,04"}, "price", "expected a number, got '0,04'"),
        ({"price": "1e-999999999"}, "price", "has more than six decimals"),
        ({"price": "0.04" + "0" * 40 + "1"}, "price", "has more than six decimals"),
        ({"money": "1e999999999"}, "money", "is more than a billion"),
    ],
)
def test_a_wrong_text_of_the_environment_is_one_line_too(raw, key, reason):
    said = refusal(raw, text=True)

    assert said.startswith(f"x.toml: {key}: ")
    assert reason in said


def test_text_is_converted_where_the_source_knows_nothing_else():
    raw = {"count": "3", "share": "0.5", "flag": "true", "price": " 0.04 ", "color": "blue", "maybe": "4"}
    found = read(raw, text=True)

    assert (found.count, found.share, found.flag, found.price) == (3, 0.5, True, 40_000)
    assert (found.color, found.maybe) == (Color.BLUE, 4)


def test_what_is_not_written_stays_as_it_was():
    base = Thing(count=7, inner=Inner(low=2, high=9))
    found = read({"inner": {"high": 8}}, base)

    assert (found.count, found.inner) == (7, Inner(low=2, high=8))


def test_one_of_several_structs_is_chosen_by_its_name_and_keeps_its_values_without_one():
    square = read({"shape": {"name": "square", "side": 3}})

    assert square.shape == Square(side=Size(3_000_000))
    assert read({"shape": {"side": 4}}, square).shape == Square(side=Size(4_000_000))


def test_a_path_may_begin_at_home():
    assert read({"path": "~/x"}).path == Path.home() / "x"


def test_what_was_read_is_remembered_by_key():
    reader = Reader("x.toml")
    reader.struct(Thing, {"count": 1, "inner": {"low": 2}}, "", Thing())

    assert reader.read == ["count", "inner.low"]
