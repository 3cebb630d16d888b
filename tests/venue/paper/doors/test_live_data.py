from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from messages.system import ClockAnchor
from messages.values import SECOND, MarketNs, RealNs
from tests.venue.paper.door_bench import Socket, a_door, connected
from tests.venue.paper.engine_bench import Bench
from venue.paper.crowd.reference import COINS, Reference
from venue.paper.crowd.windows import SERIES, Window
from venue.paper.doors import beats
from venue.paper.doors.app import App

Scene = Callable[[Bench, App], Coroutine[Any, Any, None]]
START_S = 1_795_300_200
PATH = Reference(1)
BTC = COINS["btc"]


BREATH_S = 0.02
"""Long enough for the second hand to be looked at."""


@pytest.fixture(autouse=True)
def quick_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the second hand."""
    monkeypatch.setattr(beats, "POLL_S", 0.005)


def play(scene: Scene) -> None:
    """A scene that begins half a second after `START_S`."""
    bench = Bench(starts_at=MarketNs(START_S * SECOND + SECOND // 2))
    asyncio.run(scene(bench, a_door(bench)))


def subscription(
    topic: str, filters: object = "", action: str = "subscribe", **more: object
) -> dict[str, Any]:
    return {
        "action": action,
        "subscriptions": [{"topic": topic, "type": "update", "filters": filters, **more}],
    }


def in_full(second: int) -> str:
    """A spot price in 10⁻¹⁸ dollars."""
    return str(PATH.value_at(BTC, MarketNs(second * SECOND)) * 10**12)


async def told(socket: Socket, count: int) -> list[Any]:
    return [await socket.hear() for _ in range(count)]


def test_a_subscription_is_answered_with_the_last_minute() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/live-data") as socket:
            socket.say(subscription("crypto_prices_chainlink", '{"symbol":"btc/usd"}'))
            frame = await socket.hear()
            points = frame["payload"]["data"]

            assert list(frame) == ["connection_id", "topic", "type", "timestamp", "payload"]
            assert (frame["topic"], frame["type"]) == ("crypto_prices_chainlink", "subscribe")
            assert frame["payload"]["symbol"] == "btc/usd"
            assert [point["timestamp"] for point in points] == [
                1_000 * second for second in range(START_S - 60, START_S)
            ], "the newest price is not told before it is 1.3 s old"
            assert [point["full_accuracy_value"] for point in points] == [
                in_full(second) for second in range(START_S - 60, START_S)
            ]
            await asyncio.sleep(BREATH_S)
            assert await socket.is_quiet()

    play(scene)


def test_prices_follow_second_by_second() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/live-data") as socket:
            socket.say(subscription("crypto_prices", "btcusdt"))
            await socket.hear()
            bench.at(2)
            frames = await told(socket, 2)

            for frame, second in zip(frames, (START_S + 1, START_S + 2), strict=True):
                price = PATH.value_at(BTC, MarketNs(second * SECOND)) // 10_000
                assert frame["type"] == "update"
                assert frame["payload"] == {
                    "symbol": "btcusdt",
                    "timestamp": 1_000 * second,
                    "value": price / 100,
                    "full_accuracy_value": f"{price // 100}.{price % 100:02d}000000",
                }
                assert frame["timestamp"] == 1_000 * START_S + 2_500
            await asyncio.sleep(BREATH_S)
            assert await socket.is_quiet()

    play(scene)


@pytest.mark.parametrize(
    ("topic", "window_s"), [("crypto_prices_twap_thirty", 30), ("crypto_prices_twap_sixty", 60)]
)
def test_averages_are_those_of_the_prices_before(topic: str, window_s: int) -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/live-data") as socket:
            socket.say(subscription(topic, {"symbol": "btc/usd"}))
            history = await socket.hear()
            bench.at(1)
            payload = (await socket.hear())["payload"]

            second = payload["timestamp"] // 1_000
            spots = [int(in_full(second - n)) for n in range(window_s)]
            assert payload["window_s"] == window_s
            assert payload["full_accuracy_value"] == str(sum(spots) // window_s)
            assert payload["value"] == pytest.approx(sum(spots) / window_s / 1e18, abs=1e-9)
            assert second == START_S
            assert history["payload"]["data"][-1]["timestamp"] == 1_000 * (START_S - 1)

    play(scene)


def test_without_a_filter_all_coins_are_told_and_each_can_be_left_out_again() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/live-data") as socket:
            socket.say(subscription("crypto_prices"))
            answered = {frame["payload"]["symbol"] for frame in await told(socket, len(COINS))}
            assert answered == {f"{symbol}usdt" for symbol in COINS}

            socket.say(subscription("crypto_prices", "ethusdt,xrpusdt", "unsubscribe"))
            bench.at(1)
            symbols = {frame["payload"]["symbol"] for frame in await told(socket, len(COINS) - 2)}
            assert symbols == answered - {"ethusdt", "xrpusdt"}
            socket.say(subscription("crypto_prices", action="unsubscribe"))
            bench.at(5)
            await asyncio.sleep(BREATH_S)
            assert await socket.is_quiet()

    play(scene)


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "{",
        "[]",
        "ÿ",
        '{"action":"subscribe"}',
        {"action": "subscribe", "subscriptions": 5},
        {"action": "dance", "subscriptions": [{"topic": "crypto_prices"}]},
        subscription("crypto_prices", '{"symbol":'),
        subscription("crypto_prices", "dogeusd"),
        subscription("no_such_topic"),
        subscription("equity_prices", '{"symbol":"aapl"}'),
        subscription("comments", '{"parentEntityID":100,"parentEntityType":"Event"}'),
    ],
)
def test_what_makes_no_sense_or_has_no_prices_is_met_with_silence(nonsense: object) -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/live-data") as socket:
            socket.say(nonsense)
            bench.at(3)
            await asyncio.sleep(BREATH_S)
            assert await socket.is_quiet()
            socket.say("ping")
            assert await socket.raw() == "pong"
            socket.say(subscription("crypto_prices", "btcusdt"))
            assert (await socket.hear())["type"] == "subscribe"

    play(scene)


def test_two_clients_get_the_same_prices_under_their_own_names() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/live-data") as one, connected(app, "/ws/live-data") as other:
            for socket in (one, other):
                socket.say(subscription("crypto_prices_chainlink", "eth/usd"))
                await socket.hear()
            bench.at(4)
            heard = [await told(socket, 3) for socket in (one, other)]
            names = [{frame.pop("connection_id") for frame in frames} for frames in heard]
            assert heard[0] == heard[1]
            assert [len(name) for name in names] == [1, 1]
            assert names[0] != names[1]

    play(scene)


def test_a_fast_clock_leaves_seconds_out_but_never_a_whole_minute() -> None:
    async def scene(bench: Bench, app: App) -> None:
        bench.clock.start(ClockAnchor(real_at=RealNs(bench.real), market_at=bench.clock.now(), speed=60))
        async with connected(app, "/ws/live-data") as socket:
            socket.say(subscription("crypto_prices_chainlink", "btc/usd"))
            await socket.hear()
            for tenths in range(1, 21):
                bench.at(tenths / 10)
                await asyncio.sleep(BREATH_S)
            seconds = [frame["payload"]["timestamp"] // 1_000 - START_S for frame in await told(socket, 40)]
            assert seconds == list(range(0, 118, 3))
            assert {0, 60} < {*seconds}

    play(scene)


def test_nobody_listens_and_nothing_runs() -> None:
    async def scene(bench: Bench, app: App) -> None:
        idle = len(asyncio.all_tasks())
        async with connected(app, "/ws/live-data") as socket:
            socket.say(subscription("crypto_prices", "btcusdt"))
            await socket.hear()
            assert len(asyncio.all_tasks()) > idle
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == idle

    play(scene)


def test_a_subscriber_knows_how_a_window_ends() -> None:
    """Whoever collects the settling feed's prices, or its averages, comes to the outcome the venue comes to."""
    window = Window(SERIES[0], START_S)

    async def scene(bench: Bench, app: App) -> None:
        prices, averages = dict[int, int](), dict[int, int]()
        async with connected(app, "/ws/live-data") as socket:
            for topic in ("crypto_prices_chainlink", "crypto_prices_twap_sixty"):
                socket.say(subscription(topic, "btc/usd"))
                frame = await socket.hear()
                kept = averages if "twap" in topic else prices
                for point in frame["payload"]["data"]:
                    kept[point["timestamp"] // 1_000] = int(point["full_accuracy_value"])
            for half_minutes in range(1, 12):
                bench.at(half_minutes * 30)
                await asyncio.sleep(BREATH_S)
            while len(prices) + len(averages) < 2 * 388:
                frame = await socket.hear()
                kept = averages if "twap" in frame["topic"] else prices
                kept[frame["payload"]["timestamp"] // 1_000] = int(frame["payload"]["full_accuracy_value"])

        strike, close = (sum(prices[second - n] for n in range(60)) for second in (START_S, window.end_s))
        outcome = window.odds(PATH).yes_wins
        assert outcome == (close >= strike)
        assert outcome == (averages[window.end_s] >= averages[START_S])

    bench = Bench(starts_at=MarketNs((START_S + 2) * SECOND))
    asyncio.run(scene(bench, a_door(bench)))
