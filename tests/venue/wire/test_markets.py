from decimal import Decimal

import pytest

from venue.wire import data_api, gamma
from venue.wire import markets as wire
from venue.wire.numbers import WireError, micro_of

COMPACT = (
    b'{"gst":"2026-09-26T18:45:00Z","c":"0xf006","t":[{"t":"1","o":"Yes"},{"t":"2","o":"No"}],'
    b'"r":{"mi":50,"ma":4.5,"moas":30},"sd":1,"mos":5,"mts":0.01,"mbf":1000,"tbf":1000,"nr":true,'
    b'"fd":{"r":0.05,"e":1,"to":true},"ao":true,"aot":"2026-09-26T18:45:00Z","cbos":true,"v":"v1"}'
)
GAMMA = (
    b'{"id":"1812085","question":"?","conditionId":"0xd57e","slug":"s","endDate":"2027-12-31T00:00:00Z",'
    b'"outcomes":"[\\"Yes\\", \\"No\\"]","clobTokenIds":"[\\"22978793\\", \\"10826892\\"]","active":true,'
    b'"orderPriceMinTickSize":0.01,"orderMinSize":5,"volume24hr":9.999997,"feeSchedule":{"exponent":1,'
    b'"rate":0.04,"takerOnly":true,"rebateRate":0.25},"negRisk":false,"unknown":{"x":[1]}}'
)


def test_the_compact_form_says_all_an_order_needs() -> None:
    market = wire.decode_clob_market(COMPACT)

    assert [token.t for token in market.t] == ["1", "2"]
    assert (micro_of(market.mts), micro_of(market.mos), market.nr) == (10_000, 5_000_000, True)
    assert market.fd is not None
    assert micro_of(market.fd.r) == 50_000


def test_numbers_of_gamma_are_exact() -> None:
    (market,) = gamma.decode_gamma_markets(b"[" + GAMMA + b"]")

    assert micro_of(market.volume24hr) == 9_999_997
    assert gamma.strings(market.clobTokenIds) == ["22978793", "10826892"]
    assert market.feeSchedule is not None
    assert micro_of(market.feeSchedule.rebateRate) == 250_000


def test_the_last_page_of_gamma_has_no_cursor() -> None:
    assert gamma.decode_gamma_page(b'{"markets":[' + GAMMA + b'],"next_cursor":"x"}').next_cursor == "x"
    assert gamma.decode_gamma_page(b'{"markets":[]}').next_cursor is None


def test_decimals_are_written_as_numbers_digit_for_digit() -> None:
    row = data_api.PositionRow(
        proxyWallet="0x", asset="1", conditionId="0x", size=Decimal("12.34"), avgPrice=Decimal("0.0001")
    )

    assert b'"size":12.34,"avgPrice":0.0001,' in wire.encode(row)
    assert data_api.decode_positions(b"[" + wire.encode(row) + b"]") == [row]


@pytest.mark.parametrize(
    "decode", [wire.decode_clob_market, gamma.decode_gamma_page, data_api.decode_positions]
)
def test_what_is_no_metadata_is_refused(decode: object) -> None:
    for body in (b"", b"7", b"\xff", b'{"c":1,"markets":7}'):
        with pytest.raises(WireError):
            decode(body)  # type: ignore[operator]


def test_a_list_field_is_a_list_or_its_text_or_nothing() -> None:
    assert gamma.strings('["a"]') == gamma.strings(["a"]) == ["a"]
    assert gamma.strings(None) == gamma.strings("") == []
    with pytest.raises(WireError):
        gamma.strings("a")


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2026-05-28T05:29:05Z", 1779946145_000_000_000),
        ("2026-05-28 05:29:05+00", 1779946145_000_000_000),
        ("2026-05-28T07:29:05.250+02:00", 1779946145_250_000_000),
        ("2026-05-28", 1779926400_000_000_000),
    ],
)
def test_a_date_is_read_in_each_of_its_spellings(text: str, ns: int) -> None:
    assert int(wire.read_date(text)) == ns


def test_a_date_is_written_in_utc() -> None:
    assert wire.spell_date(wire.read_date("2026-05-28T07:29:05+02:00")) == "2026-05-28T05:29:05Z"
    for text in ("", "soon", "2026-13-01", "2026-05-28T25:00:00Z"):
        with pytest.raises(WireError):
            wire.read_date(text)
