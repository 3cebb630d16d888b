import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venue.wire import live_data as wire
from venue.wire.numbers import WireError


@pytest.mark.parametrize(
    ("filters", "named"),
    [
        (None, None),
        ("", None),
        ("btcusdt", {"btcusdt"}),
        ("BTCUSDT, ethusdt", {"btcusdt", "ethusdt"}),
        ('{"symbol":"btc/usd"}', {"btc/usd"}),
        ('{"symbols":["btc/usd","eth/usd"]}', {"btc/usd", "eth/usd"}),
        ('["btcusdt"]', {"btcusdt"}),
        ({"symbol": "btc/usd"}, {"btc/usd"}),
        (["btcusdt", "xrpusdt"], {"btcusdt", "xrpusdt"}),
        ("{}", None),
    ],
)
def test_symbols_are_named_in_every_way_that_bots_use(filters: object, named: set[str] | None) -> None:
    frame = {
        "action": "subscribe",
        "subscriptions": [{"topic": "crypto_prices", "type": "update", "filters": filters}],
    }

    (subscription,) = wire.decode_request(json.dumps(frame)).subscriptions

    assert wire.symbols(subscription) == named


@pytest.mark.parametrize("filters", ['{"symbol":', '{"symbol":5}', "[1]", "[" * 5_000, {"symbol": {"a": 1}}])
def test_a_filter_that_names_nothing_is_an_error(filters: object) -> None:
    with pytest.raises(WireError):
        wire.symbols(wire.Subscription(topic="crypto_prices", filters=filters))  # type: ignore[arg-type]


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_nonsense_is_an_error_and_nothing_else(text: str) -> None:
    with pytest.raises(WireError):
        wire.decode_request(text)


def test_a_price_is_spelled_as_the_venue_spells_it() -> None:
    price = wire.Price(
        symbol="btcusdt", timestamp=1780730269000, value=61035.86, full_accuracy_value="61035.86000000"
    )
    message = wire.Message(topic="crypto_prices", type="update", timestamp=1780730269142, payload=price)

    assert wire.encode_message(message) == (
        '{"topic":"crypto_prices","type":"update","timestamp":1780730269142,"payload":{"symbol":"btcusdt",'
        '"timestamp":1780730269000,"value":61035.86,"full_accuracy_value":"61035.86000000"}}'
    )
    assert list(json.loads(wire.named(wire.encode_message(message), "c-1"))) == [
        "connection_id",
        "topic",
        "type",
        "timestamp",
        "payload",
    ]


def test_an_average_says_how_long_it_is_and_an_answer_has_what_was_before() -> None:
    average = wire.Price(symbol="btc/usd", timestamp=1, value=2.5, full_accuracy_value="25", window_s=60)
    past = wire.History(symbol="btc/usd", data=[wire.Point(timestamp=1, value=2.5, full_accuracy_value="25")])
    said = [
        json.loads(wire.encode_message(wire.Message(topic="t", type=kind, timestamp=3, payload=payload)))
        for kind, payload in (("update", average), ("subscribe", past))
    ]

    assert said[0]["payload"]["window_s"] == 60
    assert said[1]["payload"] == {
        "symbol": "btc/usd",
        "data": [{"timestamp": 1, "value": 2.5, "full_accuracy_value": "25"}],
    }
