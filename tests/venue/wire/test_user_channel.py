import pytest

from venue.wire import user_channel as wire
from venue.wire.numbers import WireError

ORDER = (
    '{"event_type":"order","id":"0xff35","owner":"9180","market":"0xbd31","asset_id":"5211","side":"SELL",'
    '"order_owner":"9180","original_size":"10","size_matched":"0","price":"0.57","associate_trades":null,'
    '"outcome":"YES","type":"PLACEMENT","created_at":"1672290687","expiration":"1234567","order_type":"GTD",'
    '"status":"LIVE","maker_address":"0x1234","timestamp":"1672290687"}'
)
TRADE = (
    '{"event_type":"trade","type":"TRADE","id":"28c4","taker_order_id":"0x06bc","market":"0xbd31","asset_id":"5211",'
    '"side":"BUY","size":"10","price":"0.57","fee_rate_bps":"0","status":"MATCHED","match_time":"1672290701",'
    '"last_update":"1672290701","outcome":"YES","owner":"9180","trade_owner":"9180","maker_address":"0x12",'
    '"transaction_hash":"","bucket_index":0,"maker_orders":[{"order_id":"0xff35","owner":"9180",'
    '"maker_address":"0x12","matched_amount":"10","price":"0.57","fee_rate_bps":"0","asset_id":"5211",'
    '"outcome":"YES","side":"SELL"}],"trader_side":"TAKER","timestamp":"1672290701"}'
)


def test_own_orders_and_trades_are_read_alone_and_in_arrays() -> None:
    order, trade = wire.decode_user_events(f"[{ORDER},{TRADE}]")

    assert isinstance(order, wire.OrderEvent)
    assert (order.type, order.original_size) == ("PLACEMENT", "10")
    assert isinstance(trade, wire.TradeEvent)
    assert trade.maker_orders[0].matched_amount == "10"
    assert wire.decode_user_events(ORDER) == [order]
    assert wire.decode_user_events(TRADE.encode()) == [trade]


def test_what_is_written_is_read_again() -> None:
    for event in wire.decode_user_events(f"[{ORDER},{TRADE}]"):
        assert wire.decode_user_events(wire.encode_user_frame(event)) == [event]


def test_a_killed_orders_empty_fields_are_no_obstacle() -> None:
    frame = (
        ORDER.replace('"YES"', '""')
        .replace('"1672290687"', '""')
        .replace('"size_matched":"0"', '"size_matched":""')
    )
    (event,) = wire.decode_user_events(frame)

    assert isinstance(event, wire.OrderEvent)
    assert event.size_matched == ""


def test_pong_and_unknown_events_are_passed_over() -> None:
    assert wire.decode_user_events("PONG") == wire.decode_user_events('{"event_type":"new"}') == []
    for frame in ("", "{", '{"event_type":"order"}', b"\xff"):
        with pytest.raises(WireError):
            wire.decode_user_events(frame)


def test_credentials_are_sent_first_and_never_shown() -> None:
    asked = wire.UserSubscribe(auth=wire.Auth(apiKey="k", secret="hidden", passphrase="hidden"), type="user")

    assert wire.decode_user_subscribe(wire.encode_user_frame(asked)) == asked
    assert "hidden" not in repr(asked)
    assert wire.decode_user_subscribe('{"operation":"subscribe","markets":["0x1"]}').markets == ["0x1"]
    with pytest.raises(WireError):
        wire.decode_user_subscribe("no")
