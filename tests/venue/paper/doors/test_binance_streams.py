from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from messages.system import ClockAnchor
from messages.values import SECOND, MarketNs, RealNs
from tests.venue.paper.door_bench import a_door, connected
from tests.venue.paper.engine_bench import Bench
from venue.paper.crowd.reference import COINS, Reference
from venue.paper.crowd.spot import Spot
from venue.paper.doors import beats, binance_streams
from venue.paper.doors.app import App

Scene = Callable[[Bench, App], Coroutine[Any, Any, None]]
START_S = 1_795_300_200
BTC = COINS["btc"]
SPOT = Spot(Reference(1), 1)


BREATH_S = 0.02
"""Long enough for the second hand to be looked at."""


@pytest.fixture(autouse=True)
def quick_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the second hand."""
    monkeypatch.setattr(beats, "POLL_S", 0.005)


def play(scene: Scene, starts_s: int = START_S) -> None:
    bench = Bench(starts_at=MarketNs(starts_s * SECOND + SECOND // 2))
    asyncio.run(scene(bench, a_door(bench)))


def test_a_raw_stream_tells_every_trade_once() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/binance/ws/btcusdt@trade") as socket:
            bench.at(3)
            told = [await socket.hear() for _ in range(6)]
            made = SPOT.trades(BTC, START_S + 1, START_S + 3).rows()

            assert [event["t"] for event in told] == [trade.number for trade in made]
            assert [event["p"] for event in told] == [f"{trade.price / 1e6:.8f}" for trade in made]
            assert [(event["T"], event["m"]) for event in told] == [(t.at_ms, t.is_sale) for t in made]
            assert {(event["e"], event["s"], event["E"]) for event in told} == {
                ("trade", "BTCUSDT", 1_000 * START_S + 3_500)
            }
            await asyncio.sleep(BREATH_S)
            assert await socket.is_quiet()

    play(scene)


def test_combined_streams_come_with_their_names() -> None:
    async def scene(bench: Bench, app: App) -> None:
        query = b"streams=btcusdt@bookTicker/ethusdt@aggTrade"
        async with connected(app, "/binance/stream", query_string=query) as socket:
            bench.at(1)
            told = [await socket.hear() for _ in range(3)]

            assert [frame["stream"] for frame in told] == ["btcusdt@bookTicker", *["ethusdt@aggTrade"] * 2]
            quote = SPOT.quote(BTC, START_S + 1)
            assert told[0]["data"] == {
                "u": quote.number,
                "s": "BTCUSDT",
                "b": f"{quote.bid / 1e6:.8f}",
                "B": f"{quote.bid_size / 1e6:.8f}",
                "a": f"{quote.ask / 1e6:.8f}",
                "A": f"{quote.ask_size / 1e6:.8f}",
            }
            assert told[1]["data"]["f"] == told[1]["data"]["l"] == told[1]["data"]["a"]

    play(scene)


def test_a_candle_is_told_as_it_grows_and_once_when_it_closes() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/binance/ws/btcusdt@kline_1m") as socket:
            bench.at(3)
            told = [(await socket.hear())["k"] for _ in range(4)]

            assert [candle["x"] for candle in told] == [False, True, False, False]
            assert [candle["t"] // 1_000 - START_S for candle in told] == [-60, -60, 0, 0]
            assert [candle["n"] for candle in told] == [120, 120, 2, 4]
            assert told[1]["c"] == f"{SPOT.trades(BTC, START_S - 1, START_S - 1).price[-1] / 1e6:.8f}"
            assert told[1]["T"] == 1_000 * START_S - 1

    play(scene, START_S - 2)


def test_requests_are_answered_by_their_id() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/binance/ws") as socket:

            async def said(method: str, params: list[Any] | None, name: object) -> Any:
                socket.say({"method": method, "params": params, "id": name})
                return await socket.hear()

            assert await said("SUBSCRIBE", ["btcusdt@trade", "nosuch@trade"], 1) == {"result": None, "id": 1}
            assert await said("LIST_SUBSCRIPTIONS", None, "two") == {
                "result": ["btcusdt@trade", "nosuch@trade"],
                "id": "two",
            }
            assert await said("UNSUBSCRIBE", ["nosuch@trade"], 3) == {"result": None, "id": 3}
            assert await said("SET_PROPERTY", ["combined", True], 4) == {"result": None, "id": 4}
            assert await said("GET_PROPERTY", ["combined"], 5) == {"result": True, "id": 5}
            bench.at(1)
            assert {(await socket.hear())["stream"] for _ in range(2)} == {"btcusdt@trade"}
            assert (await said("UNSUBSCRIBE", ["btcusdt@trade"], 6))["id"] == 6
            bench.at(4)
            await asyncio.sleep(BREATH_S)
            assert await socket.is_quiet()

    play(scene)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 3),
        ("[]", 3),
        ('{"params":[]}', 3),
        ('{"method":"DANCE","id":1}', 2),
        ('{"method":"SUBSCRIBE","params":[],"id":1}', 2),
        ('{"method":"SUBSCRIBE","params":[5],"id":1}', 2),
        ('{"method":"SET_PROPERTY","params":["combined","yes"],"id":1}', 2),
    ],
)
def test_what_makes_no_sense_is_refused_and_the_stream_goes_on(text: str, code: int) -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/binance/ws/btcusdt@bookTicker") as socket:
            socket.say(text)
            frame = await socket.hear()
            assert frame["code"] == code
            assert frame["msg"]
            bench.at(1)
            assert "b" in await socket.hear()

    play(scene)


@pytest.mark.parametrize(
    "stream", ["BTCUSDT@trade", "btcusdt@nothing", "btcusdt", "usdt@trade", "btcusdt@kline_4h"]
)
def test_a_stream_that_does_not_exist_is_silent(stream: str) -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, f"/binance/ws/{stream}") as socket:
            bench.at(2)
            await asyncio.sleep(BREATH_S)
            assert await socket.is_quiet()

    play(scene)


def test_a_connection_has_a_bounded_number_of_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binance_streams, "MAX_STREAMS", 3)

    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/binance/ws/a@trade/b@trade/c@trade/d@trade") as socket:
            socket.say({"method": "LIST_SUBSCRIPTIONS", "id": 1})
            assert (await socket.hear())["result"] == ["a@trade", "b@trade", "c@trade"]
            socket.say({"method": "SUBSCRIBE", "params": ["a@trade"], "id": 2})
            assert (await socket.hear()) == {"result": None, "id": 2}
            socket.say({"method": "SUBSCRIBE", "params": ["e@trade"], "id": 3})
            assert (await socket.hear())["code"] == 2

    play(scene)


def test_a_fast_clock_still_closes_every_minute() -> None:
    async def scene(bench: Bench, app: App) -> None:
        bench.clock.start(ClockAnchor(real_at=RealNs(bench.real), market_at=bench.clock.now(), speed=100))
        async with connected(app, "/binance/ws/btcusdt@kline_1m") as socket:
            for tenths in range(1, 22):
                bench.at(tenths / 10)
                await asyncio.sleep(BREATH_S)
            closed = list[int]()
            while len(closed) < 3:
                candle = (await socket.hear())["k"]
                if candle["x"]:
                    closed.append(candle["t"] // 1_000 - START_S)
            assert closed == [0, 60, 120]

    play(scene)


def test_nobody_listens_and_nothing_runs() -> None:
    async def scene(bench: Bench, app: App) -> None:
        idle = len(asyncio.all_tasks())
        async with connected(app, "/binance/ws/btcusdt@trade"):
            assert len(asyncio.all_tasks()) > idle + 1
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == idle

    play(scene)
