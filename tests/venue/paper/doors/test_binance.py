import json
from typing import Any
from urllib.parse import quote

import pytest

from messages.values import SECOND, MarketNs
from tests.venue.paper.door_bench import Said, a_door, ask
from tests.venue.paper.engine_bench import Bench
from venue.paper.crowd.reference import COINS, Reference
from venue.paper.crowd.spot import Spot
from venue.paper.doors.binance import HISTORY_S, INTERVALS

START_S = 1_795_300_200
BTC = COINS["btc"]
SPOT = Spot(Reference(1), 1)
BENCH = Bench(starts_at=MarketNs(START_S * SECOND + SECOND // 2))
APP = a_door(BENCH)


def get(target: str) -> Said:
    return ask(APP, "GET", f"/binance/api/v3/{target}")


def test_time_is_the_markets() -> None:
    assert get("time") == (200, {"serverTime": START_S * 1_000 + 500})
    assert get("ping") == (200, {})


def test_the_price_is_the_last_trades() -> None:
    last = SPOT.trades(BTC, START_S, START_S).rows()[-1].price

    assert get("ticker/price?symbol=BTCUSDT") == (
        200,
        {"symbol": "BTCUSDT", "price": f"{last / 1e6:.8f}"},
    )
    symbols = quote('["ETHUSDT","BTCUSDT"]')
    assert [row["symbol"] for row in get(f"ticker/price?symbols={symbols}").json] == ["ETHUSDT", "BTCUSDT"]
    assert len(get("ticker/price").json) == len(COINS)


def test_the_book_ticker_is_around_the_price() -> None:
    row = get("ticker/bookTicker?symbol=XRPUSDT").json
    price = Reference(1).value_at(COINS["xrp"], BENCH.clock.now()) / 1e6

    assert list(row) == ["symbol", "bidPrice", "bidQty", "askPrice", "askQty"]
    assert float(row["bidPrice"]) <= price < float(row["askPrice"])
    assert float(row["askPrice"]) - float(row["bidPrice"]) == pytest.approx(0.0001)


def test_candles_end_with_the_one_that_is_being_made() -> None:
    rows = get("klines?symbol=BTCUSDT&interval=1m&limit=5").json
    begins = [row[0] // 1_000 for row in rows]

    assert begins == [START_S - 60 * n for n in (4, 3, 2, 1, 0)]
    assert [row[6] for row in rows] == [1_000 * second + 59_999 for second in begins]
    made = SPOT.candles(BTC, START_S - 60, 60, START_S * 1_000 - 1)[0]
    assert rows[-2][1:6] == [
        f"{n / 1e6:.8f}" for n in (made.open, made.high, made.low, made.close, made.volume)
    ]
    assert rows[-2][8] == 120
    assert rows[-1][8] == 2
    assert all(isinstance(value, str) for row in rows for value in (*row[1:6], row[7], *row[9:]))


@pytest.mark.parametrize("interval", sorted(INTERVALS))
def test_every_interval_has_candles_at_its_own_multiples(interval: str) -> None:
    rows = get(f"klines?symbol=ETHUSDT&interval={interval}&limit=3").json
    width = 1_000 * INTERVALS[interval]

    assert 1 <= len(rows) <= 3
    assert all(row[0] % width == 0 for row in rows)
    assert rows[-1][0] <= START_S * 1_000 + 500 <= rows[-1][6]


def test_candles_can_be_had_of_any_stretch_of_the_last_days() -> None:
    def begins(query: str) -> list[int]:
        return [row[0] // 1_000 - START_S for row in get(f"klines?symbol=BTCUSDT&interval=5m&{query}").json]

    start = START_S * 1_000
    assert begins(f"startTime={start - 1_000_000}&limit=2") == [-900, -600]
    assert begins(f"startTime={start - 900_000}&endTime={start - 300_000}") == [-900, -600, -300]
    assert begins(f"endTime={start - 1}&limit=1") == [-300]
    assert begins(f"startTime={start + 300_000}") == []
    oldest = begins(f"startTime={start - 2 * HISTORY_S * 1_000}&limit=1")
    assert oldest == [-HISTORY_S]
    assert begins("endTime=5") == []
    assert len(begins("limit=100000")) == 1_000


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("ticker/price?symbol=btcusdt", -1100),
        ("ticker/price?symbol=NOSUCH", -1121),
        ("ticker/price?symbol=", -1102),
        ("ticker/price?symbols=BTCUSDT", -1100),
        ("ticker/bookTicker?symbols=%5B%22NOSUCH%22%5D", -1121),
        ("klines", -1102),
        ("klines?symbol=BTCUSDT", -1102),
        ("klines?symbol=BTCUSDT&interval=7m", -1120),
        ("klines?symbol=BTCUSDT&interval=1m&limit=x", -1100),
        ("klines?symbol=BTCUSDT&interval=1m&startTime=-5", -1100),
        ("klines?symbol=BTCUSDT&interval=1m&endTime=99999999999999999", -1100),
        ("exchangeInfo?symbol=NOSUCH", -1121),
    ],
)
def test_refusals_have_binances_codes(target: str, code: int) -> None:
    said = get(target)

    assert (said.status, said.json["code"]) == (400, code)
    assert said.json["msg"]


def test_symbols_say_their_steps() -> None:
    info: Any = get("exchangeInfo?symbol=BTCUSDT").json
    (symbol,) = info["symbols"]

    assert (symbol["status"], symbol["baseAsset"], symbol["quoteAsset"]) == ("TRADING", "BTC", "USDT")
    assert {each["filterType"]: each for each in symbol["filters"]}["PRICE_FILTER"][
        "tickSize"
    ] == "0.01000000"
    assert len(get("exchangeInfo").json["symbols"]) == len(COINS)
    assert json.dumps(info)


def test_a_symbol_quotes_the_reference_price_of_the_doors_seed() -> None:
    one, other = (
        ask(app, "GET", "/binance/api/v3/ticker/price?symbol=BTCUSDT").json["price"]
        for app in (APP, type(APP)(BENCH.exchange, seed=2))
    )

    assert one != other
