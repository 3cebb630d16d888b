import gzip
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.market import MarketInfo
from venue.polymarket.gamma import MarketTable, read_market
from venue.wire.numbers import WireError


def a_row(**others):
    return {
        "id": "1812085",
        "question": "Will it rain?",
        "conditionId": "0x" + "d5" * 32,
        "slug": "will-it-rain",
        "endDate": "2027-12-31T00:00:00Z",
        "outcomes": '["Yes", "No"]',
        "clobTokenIds": '["22978793", "10826892"]',
        "active": True,
        "closed": False,
        "enableOrderBook": True,
        "acceptingOrders": True,
        "orderPriceMinTickSize": 0.01,
        "orderMinSize": 5,
        "volume24hr": 9.999997,
        "negRisk": False,
        "feesEnabled": True,
        "feeSchedule": {"exponent": 1, "rate": 0.04, "takerOnly": True, "rebateRate": 0.25},
        "version": "v1",
    } | others


def as_json(row):
    return json.dumps(row).encode()


def test_a_row_becomes_a_markets_constants():
    assert read_market(as_json(a_row())) == MarketInfo(
        market="0x" + "d5" * 32,
        slug="will-it-rain",
        question="Will it rain?",
        yes="22978793",
        no="10826892",
        tick=10_000,
        min_size=5_000_000,
        accepting_orders=True,
        ends_at=1_830_211_200_000_000_000,
        fee_rate=40_000,
        volume_24h=9_999_997,
    )


def test_lists_and_numbers_may_come_either_way():
    row = a_row(clobTokenIds=["1", "2"], orderPriceMinTickSize="0.001", volume24hr=None, version=None)

    info = read_market(as_json(row))

    assert (info.yes, info.no, info.tick, info.volume_24h) == ("1", "2", 1_000, 0)


@pytest.mark.parametrize(
    "flags",
    [
        {"active": False},
        {"closed": True},
        {"enableOrderBook": False},
        {"acceptingOrders": None},
        {"closed": None},
    ],
)
def test_a_market_accepts_orders_only_if_every_flag_says_so(flags):
    assert not read_market(as_json(a_row(**flags))).accepting_orders


def test_a_market_without_fees_has_none():
    assert read_market(as_json(a_row(feesEnabled=False))).fee_rate == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "v2"},
        {"conditionId": "0x12"},
        {"conditionId": None},
        {"slug": "../../etc/passwd"},
        {"clobTokenIds": "[]"},
        {"clobTokenIds": '["1", "1"]'},
        {"clobTokenIds": '["1", "x"]'},
        {"clobTokenIds": "not json"},
        {"orderPriceMinTickSize": 0.03},
        {"orderPriceMinTickSize": 0},
        {"orderMinSize": -5},
        {"orderMinSize": "NaN"},
        {"volume24hr": 1e300},
    ],
)
def test_a_hostile_or_foreign_row_is_refused(wrong):
    with pytest.raises(WireError):
        read_market(as_json(a_row(**wrong)))


def test_a_number_with_a_monstrous_exponent_is_refused_unexpanded():
    with pytest.raises(WireError):
        read_market(as_json(a_row()).replace(b'"orderMinSize": 5', b'"orderMinSize": 1e999999999'))


def test_a_question_is_one_printable_line():
    info = read_market(as_json(a_row(question="Rain?\x1b[2J\n" + "x" * 999)))

    assert info.question.startswith("Rain?[2Jxxx")
    assert len(info.question) <= 300


@pytest.mark.parametrize("text", [None, "", "soon", "0000-00-00", "9999-12-31T00:00:00Z", "1900-01-01"])
def test_an_end_that_is_no_instant_is_unknown(text):
    assert read_market(as_json(a_row(endDate=text))).ends_at is None


def test_each_market_and_each_token_counts_once():
    table = MarketTable()
    thief = a_row(conditionId="0x" + "aa" * 32, slug="thief", clobTokenIds='["22978793", "5"]')
    changed = a_row(orderPriceMinTickSize=0.001)

    table.add([msgspec.Raw(as_json(row)) for row in (a_row(), a_row(), thief, changed, {"nonsense": 1})])

    assert [info.slug for info in table.markets.values()] == ["will-it-rain"]
    assert next(iter(table.markets.values())).tick == 10_000
    assert len(table.skipped) == 3


ANYTHING = st.none() | st.text('01x.[]"a, -', max_size=40) | st.integers() | st.floats()


@given(st.dictionaries(st.sampled_from(sorted(a_row())), ANYTHING, max_size=4))
def test_no_row_does_more_than_being_refused(changes):
    try:
        assert isinstance(read_market(as_json(a_row(**changes))), MarketInfo)
    except WireError:
        pass


METADATA = Path(__file__).parents[4] / "shared" / "data" / "metadata"


@pytest.mark.recordings
@pytest.mark.parametrize(
    "name",
    [
        "gamma_markets_top50_2026-04-18.json.gz",
        "gamma_event_negrisk_world-cup-winner_2026-06-28.json.gz",
        "gamma_markets_sports-politics_2026-07.json.gz",
        "gamma_markets_general-fees_2026.json.gz",
    ],
)
def test_every_real_row_is_believed(name):
    if not (METADATA / name).exists():
        pytest.skip(f"RECORDED DATA IS MISSING: {METADATA / name}")
    with gzip.open(METADATA / name) as file:
        content = json.load(file)
    rows = content["markets"] if isinstance(content, dict) else content
    table = MarketTable()

    table.add(msgspec.Raw(as_json(row.get("raw", row))) for row in rows)

    assert table.skipped == []
    assert len(table.markets) == len(rows)


@pytest.mark.parametrize(
    ("fields", "payout"),
    [
        ({}, 1_000_000),
        ({"outcomePrices": '["0", "1"]'}, 0),
        ({"outcomePrices": ["0.5", "0.5"]}, 500_000),
        ({"outcomePrices": '["0.9995", "0.0005"]'}, 999_500),
        ({"outcomePrices": '["1", "1"]'}, None),
        ({"outcomePrices": '["1"]'}, None),
        ({"outcomePrices": '["yes", "no"]'}, None),
        ({"outcomePrices": None}, None),
        ({"umaResolutionStatus": "proposed"}, None),
        ({"umaResolutionStatus": None}, None),
        ({"closed": False}, None),
    ],
)
def test_a_market_pays_what_it_was_resolved_to_and_nothing_before(fields, payout):
    resolved = {"closed": True, "umaResolutionStatus": "resolved", "outcomePrices": '["1", "0"]'}

    assert read_market(as_json(a_row(**resolved | fields))).payout == payout
