import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.market import BookReceived, LevelsReceived, PrintReceived
from messages.values import MICRO, RealNs, Side
from venue.polymarket.translate import MarketFrames, read_price, read_size
from venue.wire import market_channel as wire
from venue.wire.numbers import WireError

AT = RealNs(42)
MARKET = "0x" + "5d" * 32
YES, NO = "63691357", "79597156"


@pytest.fixture
def frames():
    reader = MarketFrames(epoch=3)
    reader.know([(MARKET, YES, NO)])
    return reader


def read(frames, *events):
    return frames.read(json.dumps(events[0] if len(events) == 1 else events), AT)


def a_wire_book(token=YES, **others):
    return {
        "market": MARKET,
        "asset_id": token,
        "timestamp": "1786728432337",
        "hash": "924ec9bc",
        "bids": [{"price": "0.001", "size": "2200.8"}, {"price": ".48", "size": "30.00"}],
        "asks": [{"price": "0.999", "size": "50"}, {"price": "0.5", "size": "7"}],
        "event_type": "book",
    } | others


def a_wire_change(token, price, size, side):
    return {"asset_id": token, "price": price, "size": size, "side": side, "hash": "f3", "best_bid": "0.07"}


def a_price_change(*changes):
    return {
        "market": MARKET,
        "price_changes": list(changes),
        "timestamp": "1786728438403",
        "event_type": "price_change",
    }


def a_tick_change(token, new="0.001"):
    return {
        "event_type": "tick_size_change",
        "asset_id": token,
        "market": MARKET,
        "old_tick_size": "0.01",
        "new_tick_size": new,
        "timestamp": "1786728467101",
    }


def test_a_book_is_read_best_level_first_whatever_its_order(frames):
    dump = a_wire_book(tick_size="0.001", last_trade_price="0.004")

    assert read(frames, dump) == [
        BookReceived(
            market=MARKET,
            bids=((480_000, 30_000_000), (1_000, 2_200_800_000)),
            asks=((500_000, 7_000_000), (999_000, 50_000_000)),
            seen_at=AT,
            tick=1_000,
            epoch=3,
            venue_at=1786728432337,
        )
    ]


@pytest.mark.parametrize("last", ["", "0", "1", None])
def test_a_book_refresh_names_no_tick_and_may_name_no_last_trade(frames, last):
    (book,) = read(frames, a_wire_book(bids=[], last_trade_price=last))

    assert (book.bids, book.tick) == ((), None)


def test_a_book_of_the_other_token_is_mirrored_where_only_it_is_known(frames):
    (book,) = read(frames, a_wire_book(NO, last_trade_price="0.4"))

    assert book.bids == ((500_000, 7_000_000), (1_000, 50_000_000))
    assert book.asks == ((520_000, 30_000_000), (999_000, 2_200_800_000))


def test_a_book_of_the_other_token_is_passed_over_where_yes_is_known(frames):
    assert len(read(frames, a_wire_book(NO), a_wire_book(YES))) == 1
    assert read(frames, a_wire_book(NO)) == []


def test_a_change_told_for_both_tokens_is_heard_once(frames):
    twins = a_price_change(
        a_wire_change(NO, "0.94", "374.34", "SELL"), a_wire_change(YES, "0.06", "374.34", "BUY")
    )

    assert read(frames, twins) == [
        LevelsReceived(
            market=MARKET,
            levels=((Side.BID, 60_000, 374_340_000),),
            seen_at=AT,
            epoch=3,
            venue_at=1786728438403,
            hash="f3",
        )
    ]


def test_a_change_of_the_other_token_alone_is_mirrored(frames):
    (levels,) = read(frames, a_price_change(a_wire_change(NO, "0.94", "0", "SELL")))

    assert levels.levels == ((Side.BID, 60_000, 0),)


def test_changes_of_several_markets_in_one_frame_stay_apart(frames):
    frames.know([(MARKET, YES, NO), ("0xother", "1", "2")])

    found = read(
        frames,
        a_price_change(a_wire_change("2", "0.3", "5", "BUY"), a_wire_change(YES, "0.06", "1", "SELL")),
    )

    assert {(f.market, f.levels) for f in found} == {
        ("0xother", ((Side.ASK, 700_000, 5_000_000),)),
        (MARKET, ((Side.ASK, 60_000, 1_000_000),)),
    }


def test_a_print_is_told_in_yes_terms(frames):
    printed = {
        "event_type": "last_trade_price",
        "market": MARKET,
        "price": "0.585",
        "size": "2.46",
        "side": "SELL",
        "timestamp": "1786728467101",
        "transaction_hash": "0x6c83",
    }
    named = {"seen_at": AT, "epoch": 3, "venue_at": 1786728467101, "transaction": "0x6c83"}

    assert read(frames, printed | {"asset_id": YES}) == [
        PrintReceived(market=MARKET, taker=Side.ASK, price=585_000, size=2_460_000, **named)
    ]
    assert read(frames, printed | {"asset_id": NO}) == [
        PrintReceived(market=MARKET, taker=Side.BID, price=415_000, size=2_460_000, **named)
    ]


@pytest.mark.parametrize("stamp", ["", "soon", "-5", "1" * 40, "٣"])
def test_a_stamp_that_is_none_counts_as_none(frames, stamp):
    (book,) = read(frames, a_wire_book(timestamp=stamp))

    assert book.venue_at == 0


def test_a_tick_change_told_four_times_is_heard_once(frames):
    told = [a_tick_change(YES), a_tick_change(NO), a_tick_change(YES), a_tick_change(NO)]

    (tick,) = read(frames, *told)
    assert (tick.market, tick.tick, tick.epoch, tick.venue_at) == (MARKET, 1_000, 3, 1786728467101)


def test_a_tick_the_book_named_is_no_change(frames):
    read(frames, a_wire_book(tick_size="0.001"))

    assert read(frames, a_tick_change(YES)) == []
    assert len(read(frames, a_tick_change(YES, new="0.01"))) == 1


def test_what_nobody_asked_for_is_passed_over(frames):
    frames.know([])

    assert read(frames, a_wire_book(), a_price_change(a_wire_change(YES, "0.06", "1", "BUY"))) == []
    assert read(frames, a_tick_change(YES), {"event_type": "brand_new", "id": 7}) == []
    assert frames.read(b"[]", AT) == frames.read(b'{"no":"event"}', AT) == []


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"null",
        b"7",
        b"[" * 100_000,
        json.dumps(a_wire_book(bids=[{"price": "0.5"}])),
        json.dumps(a_wire_book(bids=[{"price": "1", "size": "1"}])),
        json.dumps(a_wire_book(bids=[{"price": "-0.5", "size": "1"}])),
        json.dumps(a_wire_book(bids=[{"price": "0.5", "size": "NaN"}])),
        json.dumps(a_wire_book(bids=[{"price": "0.5", "size": "9" * 22}])),
        json.dumps(a_wire_book(tick_size="0.003")),
        json.dumps(a_price_change(a_wire_change(YES, "0.5", "1", "HOLD"))),
        json.dumps(a_price_change(a_wire_change(YES, "٠.٥", "1", "BUY"))),
        json.dumps({"event_type": "last_trade_price", "asset_id": YES}),
        json.dumps(a_tick_change(YES, new="")),
    ],
)
def test_a_frame_that_cannot_be_believed_is_refused_whole(frames, frame):
    with pytest.raises(WireError):
        frames.read(frame, AT)


@given(st.binary(max_size=200))
def test_garbage_never_does_more_than_being_refused(garbage):
    frames = MarketFrames(epoch=3)
    try:
        assert frames.read(garbage, AT) == []
    except WireError:
        pass


@given(st.integers(1, MICRO - 1), st.integers(0, 10**18))
def test_numbers_survive_the_wire(price, size):
    assert read_price(f"0.{price:06d}") == price
    assert read_size(f"{size // MICRO}.{size % MICRO:06d}") == size


@given(st.integers(1, 999), st.integers(1, 10**6), st.sampled_from(["BUY", "SELL"]))
def test_both_tokens_tell_the_same_change(mills, size, side):
    frames = MarketFrames(epoch=3)
    frames.know([(MARKET, YES, NO)])
    other = {"BUY": "SELL", "SELL": "BUY"}[side]

    of_yes = read(frames, a_price_change(a_wire_change(YES, f"0.{mills:03d}", str(size), side)))
    of_no = read(frames, a_price_change(a_wire_change(NO, f"0.{1000 - mills:03d}", str(size), other)))

    assert of_yes == of_no


def test_what_the_wire_encodes_is_read_back(frames):
    dump = wire.Book(
        market=MARKET,
        asset_id=YES,
        timestamp="1786728432337",
        bids=[wire.Level("0.39", "1"), wire.Level("0.4", "2.5")],
        asks=[wire.Level("0.7", "3"), wire.Level("0.6", "4")],
        tick_size="0.01",
        last_trade_price="",
    )

    (book,) = frames.read(wire.encode_frame([dump]), AT)

    assert book.bids == ((400_000, 2_500_000), (390_000, 1_000_000))
    assert book.asks == ((600_000, 4_000_000), (700_000, 3_000_000))
    assert book.tick == 10_000
