import json

import pytest
from py_clob_client_v2.utilities import generate_orderbook_summary_hash, parse_raw_orderbook_summary

from venue.wire import market_channel as wire
from venue.wire.numbers import WireError

CHANGE = (
    '{"market":"0x3bb5","price_changes":[{"asset_id":"4060","price":"0.06","size":"374.34","side":"BUY",'
    '"hash":"f328","best_bid":"0.07","best_ask":"0.08"},{"asset_id":"7959","price":"0.94","size":"374.34",'
    '"side":"SELL","hash":"bc67","best_bid":"0.92","best_ask":"0.93"}],"timestamp":"1786728438403",'
    '"event_type":"price_change"}'
)
BOOK = (
    '{"market":"0x5dac","asset_id":"6369","timestamp":"1786728432337","hash":"924e","bids":[{"price":"0.001",'
    '"size":"2200.8"}],"asks":[{"price":"0.999","size":"50"}],"tick_size":"0.001","last_trade_price":"0.004",'
    '"event_type":"book"}'
)
PRINT = (
    '{"market":"0x5dac","asset_id":"6369","price":"0.585","size":"2.46","fee_rate_bps":"0","side":"SELL",'
    '"timestamp":"1786728467101","event_type":"last_trade_price","transaction_hash":"0x6c83"}'
)
TICK = (
    '{"market":"0x5dac","asset_id":"6369","old_tick_size":"0.01","new_tick_size":"0.001",'
    '"timestamp":"1786728467101","event_type":"tick_size_change"}'
)
TOP = (
    '{"market":"0x5dac","asset_id":"6369","best_bid":"0.585","best_ask":"0.587","spread":"0.002",'
    '"timestamp":"1786728467101","event_type":"best_bid_ask"}'
)


@pytest.mark.parametrize("frame", [CHANGE, BOOK, PRINT, TICK, TOP])
def test_an_event_comes_through_byte_for_byte(frame: str) -> None:
    (event,) = wire.decode_events(frame)

    assert wire.encode_frame(event) == frame
    assert wire.decode_events(frame.encode()) == [event]
    assert wire.decode_events(f"[{frame},{frame}]") == [event, event]


def test_a_refreshed_book_lacks_tick_and_last_price() -> None:
    event = wire.Book(market="0x", asset_id="1", timestamp="1", bids=[], asks=[])

    assert wire.encode_frame(event) == (
        '{"market":"0x","asset_id":"1","timestamp":"1","hash":"","bids":[],"asks":[],"event_type":"book"}'
    )


def test_pong_and_events_nobody_knows_are_passed_over() -> None:
    assert wire.decode_events("PONG") == wire.decode_events(b"PONG") == wire.decode_events("[]") == []
    assert wire.decode_events('{"event_type":"surprise","x":1}') == []
    assert len(wire.decode_events(f'[{{"no":"type"}},{BOOK}]')) == 1


@pytest.mark.parametrize(
    "frame", ["", "{", "7", "[1]", '{"event_type":"book"}', b"\xff", "PING", "[" * 5_000]
)
def test_what_is_no_frame_is_refused(frame: str | bytes) -> None:
    with pytest.raises(WireError):
        wire.decode_events(frame)


def test_the_hash_of_a_book_is_the_one_the_client_computes() -> None:
    book = wire.BookSummary(
        market="0xaabbcc",
        asset_id="100",
        timestamp="123456789",
        bids=[wire.Level("0.3", "100"), wire.Level("0.4", "100")],
        asks=[wire.Level("0.6", "100"), wire.Level("0.7", "100")],
        min_order_size="100",
        tick_size="0.01",
        neg_risk=False,
        last_trade_price="0.5",
    )
    book.hash = wire.book_hash(book)

    assert book.hash == "0458ea5755c9f73d64a14636fa5c36ed460ec394"
    assert wire.book_hash(book) == book.hash
    raw = json.loads(wire.encode_frame(book))  # type: ignore[arg-type]
    assert generate_orderbook_summary_hash(parse_raw_orderbook_summary(raw)) == book.hash


def test_a_subscription_is_read_as_it_was_written() -> None:
    asked = wire.Subscribe(assets_ids=["1", "2"], type="market", custom_feature_enabled=True)

    assert (
        wire.encode_frame(asked) == '{"assets_ids":["1","2"],"type":"market","custom_feature_enabled":true}'
    )
    assert wire.decode_subscribe(wire.encode_frame(asked)) == asked
    assert wire.decode_subscribe('{"operation":"unsubscribe","assets_ids":["1"]}').operation == "unsubscribe"
    assert wire.decode_subscribe('{"asset_id":"1","type":"market"}').assets_ids == []
    for frame in ("", "[]", '{"assets_ids":"1"}', b"\xff"):
        with pytest.raises(WireError):
            wire.decode_subscribe(frame)


def test_a_list_may_arrive_as_text() -> None:
    assert wire.listed(["1"]) == wire.listed('["1"]') == ["1"]
    with pytest.raises(WireError):
        wire.listed("1")
