import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venue.wire import binance as wire
from venue.wire.numbers import WireError, eight_decimals


def test_a_trade_has_binances_letters() -> None:
    event = wire.TradeEvent(
        sent_at=1672515782136,
        symbol="BNBBTC",
        number=12345,
        price="0.001",
        size="100",
        at=1672515782136,
        is_sale=True,
    )

    assert wire.encode_event(event) == (
        '{"e":"trade","E":1672515782136,"s":"BNBBTC","t":12345,"p":"0.001","q":"100","T":1672515782136,'
        '"m":true,"M":true}'
    )
    assert json.loads(wire.combined("bnbbtc@trade", wire.encode_event(event))) == {
        "stream": "bnbbtc@trade",
        "data": json.loads(wire.encode_event(event)),
    }


def test_best_prices_are_named_in_both_dialects() -> None:
    event = wire.BookTickerEvent(number=7, symbol="BTCUSDT", bid="1", bid_size="2", ask="3", ask_size="4")

    assert wire.encode_event(event) == '{"u":7,"s":"BTCUSDT","b":"1","B":"2","a":"3","A":"4"}'
    assert wire.encode(wire.BookTicker("BTCUSDT", "1", "2", "3", "4")) == (
        b'{"symbol":"BTCUSDT","bidPrice":"1","bidQty":"2","askPrice":"3","askQty":"4"}'
    )


def test_a_candle_is_a_row_by_rest_and_letters_by_websocket() -> None:
    candle = wire.Kline(
        begins_at=60_000,
        ends_at=119_999,
        symbol="BTCUSDT",
        interval="1m",
        first=100,
        last=200,
        open="1",
        close="2",
        high="3",
        low="0.5",
        volume="10",
        count=101,
        is_closed=False,
        dollars="15",
        bought="6",
        bought_dollars="9",
    )

    assert candle.row() == [60_000, "1", "3", "0.5", "2", "10", 119_999, "15", 101, "6", "9", "0"]
    said = json.loads(wire.encode_event(wire.KlineEvent(sent_at=61_000, symbol="BTCUSDT", kline=candle)))
    assert list(said) == ["e", "E", "s", "k"]
    assert "".join(said["k"]) == "tTsifLochlvnxqVQB"
    assert said["k"]["x"] is False


def test_requests_name_their_streams() -> None:
    request = wire.decode_request('{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":"a"}')

    assert (request.method, request.streams(), request.id) == ("SUBSCRIBE", ["btcusdt@trade"], "a")
    for params in ("[]", "null", "[5]", '[["x"]]'):
        with pytest.raises(WireError):
            wire.decode_request(f'{{"method":"SUBSCRIBE","params":{params},"id":1}}').streams()


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_nonsense_is_an_error_and_nothing_else(text: str) -> None:
    with pytest.raises(WireError):
        wire.decode_request(text)


@given(st.integers(0, 10**15))
def test_numbers_have_eight_decimals(micro: int) -> None:
    whole, _, decimals = eight_decimals(micro).partition(".")

    assert len(decimals) == 8
    assert int(whole + decimals) == micro * 100
