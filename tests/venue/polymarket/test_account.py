import json
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from messages.account import LegsSeen, OrderSeen, OrderSeenKind
from messages.values import MICRO
from tests.venue.polymarket.frames import MAKER, ORDER, TRADE, a_leg
from tests.venue.polymarket.world import OWNER
from venue.polymarket.account import SETTLEMENTS, Us, user_frame
from venue.wire.numbers import WireError

WALLET = "0x00000000000000000000000000000000000000aB"
US = Us(OWNER, WALLET)


def legs_seen(**fields):
    """The legs that a frame with this trade, changed in these fields, says are ours."""
    return [leg for word in user_frame(json.dumps({**TRADE, **fields}), US) for leg in word.legs]


def test_a_makers_leg_has_its_own_token_side_and_price_and_others_rows_are_theirs():
    assert legs_seen() == [a_leg()]


@given(
    st.lists(st.tuples(st.sampled_from(["0xmine", "0xmine2", "0xtheirs"]), st.integers(1, 10**9)), max_size=8)
)
def test_every_order_of_ours_in_a_trade_has_one_leg_with_all_that_it_filled(rows):
    makers = [
        {
            **MAKER,
            "order_id": order,
            "owner": "somebody" if order == "0xtheirs" else OWNER,
            "matched_amount": f"{Decimal(size) / MICRO:f}",
        }
        for order, size in rows
    ]
    ours = [(order, size) for order, size in rows if order != "0xtheirs"]
    assume(ours)
    legs = legs_seen(maker_orders=makers)

    assert len({leg.order for leg in legs}) == len(legs)
    assert {leg.order: leg.size for leg in legs} == {
        order: sum(size for other, size in ours if other == order) for order, _ in ours
    }


def test_a_takers_leg_is_the_trade_itself():
    assert legs_seen(trader_side="TAKER", maker_orders=TRADE["maker_orders"][:1]) == [
        a_leg(order="0xtheirs", token="1", price=570_000, size=25_500_000, taker=True)
    ]


def test_a_trade_with_ourselves_has_both_legs():
    assert [leg.taker for leg in legs_seen(trader_side="TAKER")] == [False, True]


def test_a_trade_that_does_not_say_our_side_is_told_by_its_owner():
    assert legs_seen(trader_side="", maker_orders=[], maker_address="0x2") == []
    assert [leg.taker for leg in legs_seen(trader_side="", maker_orders=[], owner=OWNER)] == [True]
    assert [leg.taker for leg in legs_seen(trader_side="", maker_orders=[], maker_address=WALLET)] == [True]


def test_an_order_that_rested_under_an_earlier_key_is_ours_by_its_wallet_in_any_spelling():
    theirs, mine = TRADE["maker_orders"]
    of_old = {**mine, "owner": "an-earlier-key", "maker_address": WALLET.upper().replace("X", "x")}

    assert legs_seen(maker_orders=[theirs, of_old]) == [a_leg()]


@pytest.mark.parametrize(
    "fields",
    [
        {"maker_orders": [{**MAKER, "owner": "an-earlier-key", "maker_address": ""}]},
        {"maker_orders": [MAKER, {**MAKER, "owner": "an-earlier-key", "maker_address": ""}]},
        {"maker_orders": [{**MAKER, "owner": "somebody"}]},
        {"maker_orders": []},
        {"maker_orders": [], "trader_side": ""},
    ],
)
def test_a_trade_of_which_it_cannot_be_told_what_is_ours_is_an_error_and_not_nobodys(fields):
    with pytest.raises(WireError):
        list(user_frame(json.dumps({**TRADE, **fields}), US))


def test_what_stands_beside_an_unreadable_trade_in_its_frame_is_heard():
    heard = user_frame(json.dumps([{**TRADE, "maker_orders": []}, TRADE, ORDER]), US)

    assert [type(next(heard)), type(next(heard))] == [LegsSeen, OrderSeen]


@pytest.mark.parametrize("prefix", ["", "TRADE_STATUS_"])
@pytest.mark.parametrize("word", SETTLEMENTS)
def test_trap_t2_statuses_are_read_bare_and_prefixed(prefix, word):
    assert legs_seen(status=prefix + word) == [a_leg(status=SETTLEMENTS[word])]


@pytest.mark.parametrize(
    "when",
    [
        {"match_time": "1672290701"},
        {"match_time": 1_672_290_701},
        {"match_time": "1672290701000"},
        {"match_time": "", "matchtime": "1672290701"},
    ],
)
def test_the_time_of_a_match_is_market_time_in_seconds(when):
    assert legs_seen(**when) == [a_leg()]


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "DREAMT"},
        {"maker_orders": [{**MAKER, "side": "HOLD"}]},
        {"maker_orders": [{**MAKER, "price": "1.5"}]},
        {"maker_orders": [{**MAKER, "price": "0"}]},
        {"maker_orders": [{**MAKER, "price": "0.1234567"}]},
        {"maker_orders": [{**MAKER, "matched_amount": "-1"}]},
        {"maker_orders": [{**MAKER, "matched_amount": ""}]},
        {"maker_orders": [{**MAKER, "matched_amount": "1e400"}]},
        {"maker_orders": [{**MAKER, "matched_amount": "9" * 20}]},
        {"maker_orders": [{**MAKER, "matched_amount": float("nan")}]},
        {"maker_orders": "none"},
        {"id": 7},
        {"match_time": "yesterday"},
        {"match_time": ""},
    ],
)
def test_a_trade_that_cannot_be_read_is_not_guessed_at(broken):
    with pytest.raises(WireError):
        legs_seen(**broken)


@pytest.mark.parametrize(
    ("fields", "kind", "matched"),
    [
        ({}, OrderSeenKind.PLACED, 0),
        ({"type": "UPDATE", "size_matched": "4"}, OrderSeenKind.MATCHED, 4_000_000),
        (
            {"type": "CANCELLATION", "status": "CANCELED", "size_matched": "4"},
            OrderSeenKind.CANCELED,
            4_000_000,
        ),
        ({"type": "CANCELLATION", "status": "CANCELED_EXPIRED_ORDER"}, OrderSeenKind.EXPIRED, 0),
        ({"type": "CANCELLATION", "status": "INVALID", "size_matched": ""}, OrderSeenKind.CANCELED, None),
        ({"status": "DELAYED"}, OrderSeenKind.DELAYED, 0),
        ({"status": "UNMATCHED_invalid post-only order: order crosses book"}, OrderSeenKind.DELAYED, 0),
    ],
)
def test_the_stream_tells_the_life_of_an_order(fields, kind, matched):
    event = {**ORDER, **fields}

    assert list(user_frame(json.dumps(event), US)) == [
        OrderSeen(order="0xmine", market="0xmarket", kind=kind, matched=matched, reason=event["status"])
    ]


def test_a_frame_may_hold_several_events_and_trades_of_others():
    others = {**TRADE, "maker_orders": TRADE["maker_orders"][:1], "trader_side": "", "maker_address": "0x2"}
    unheard_of = {"event_type": "dance"}

    said = list(user_frame(json.dumps([TRADE, others, unheard_of, ORDER]), US))

    assert [type(word) for word in said] == [LegsSeen, OrderSeen]


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        b"\xff\xfe",
        "7",
        "null",
        '{"event_type":"order"}',
        "[" * 100_000,
        json.dumps({**ORDER, "type": "RUMOUR"}),
    ],
)
def test_a_frame_that_cannot_be_read_is_an_error_and_nothing_worse(frame):
    with pytest.raises(WireError):
        list(user_frame(frame, US))


@given(st.integers(1, 10**12))
def test_sizes_are_read_to_the_last_millionth(whole):
    text = f"{Decimal(whole) / MICRO:f}"

    assert [leg.size for leg in legs_seen(maker_orders=[{**MAKER, "matched_amount": text}])] == [whole]
