"""Websocket frames that are lost, doubled, overtaken, late or frozen; PONG always comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.venue.paper.door_bench import Socket, Wallet, connected
from tests.venue.paper.engine_bench import NO, YES, bid
from tests.venue.paper.faults.stage import Scene, heard
from venue.paper.faults import frames
from venue.paper.faults.frames import Line

LEVELS = tuple(bid(second, 10 + second, 5) for second in range(1, 21))
SUBSCRIBE = {"assets_ids": [YES, NO], "type": "market"}


def run(scene: Callable[[Scene], Coroutine[Any, Any, None]]) -> None:
    """A scene with a new bid every second."""
    asyncio.run(scene(Scene(*LEVELS)))


async def subscribed(socket: Socket) -> None:
    socket.say(SUBSCRIBE)
    await socket.hear()


def prices(told: list[dict[str, Any]]) -> list[int]:
    """Cents of the changed bids, in the order in which they came."""
    return [round(float(frame["price_changes"][0]["price"]) * 100) for frame in told]


async def cents(scene: Scene, socket: Socket, seconds: int) -> list[int]:
    """What comes while some seconds pass."""
    for _ in range(seconds):
        scene.wait(1)
    return prices(await heard(socket))


def test_lost_frames_are_lost_by_the_dice_and_no_others() -> None:
    async def scene(s: Scene) -> None:
        async with connected(s.app, "/ws/market") as socket:
            await subscribed(socket)
            fault = s.play({"kind": "ws_lost", "probability": 0.5})
            told = await cents(s, socket, 20)
            assert (fault.chances, len(told)) == (20, 20 - fault.hits)
            assert 4 < fault.hits < 16
            assert told == sorted(told)

    run(scene)


def test_the_same_seed_and_the_same_frames_make_the_same_hits() -> None:
    async def told(seed: int, name: str) -> list[int]:
        s = Scene(*LEVELS, seed=seed)
        async with connected(s.app, "/ws/market") as socket:
            await subscribed(socket)
            s.play({"name": name, "kind": "ws_lost", "probability": 0.5})
            return await cents(s, socket, 20)

    first = asyncio.run(told(1, "a"))
    assert asyncio.run(told(1, "a")) == first
    assert asyncio.run(told(2, "a")) != first
    assert asyncio.run(told(1, "b")) != first


def test_doubled_frames_come_twice_in_a_row_hash_and_all() -> None:
    async def scene(s: Scene) -> None:
        async with connected(s.app, "/ws/market") as socket:
            await subscribed(socket)
            s.play({"kind": "ws_duplicate", "times": 1})
            s.wait(1)
            s.wait(1)
            first, again, second = await heard(socket)
            assert first == again
            assert prices([first, second]) == [11, 12]

    run(scene)


def test_an_overtaken_frame_comes_behind_so_many_others() -> None:
    async def scene(s: Scene) -> None:
        async with connected(s.app, "/ws/market") as socket:
            await subscribed(socket)
            s.play({"kind": "ws_reorder", "frames": 2, "times": 1})
            assert await cents(s, socket, 4) == [12, 13, 11, 14]

    run(scene)


def test_a_frame_that_nobody_overtakes_is_not_held_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(s: Scene) -> None:
        async with connected(s.app, "/ws/market") as socket:
            await subscribed(socket)
            s.play({"kind": "ws_reorder", "times": 1})
            assert await cents(s, socket, 1) == []
            assert (await socket.hear())["event_type"] == "price_change"

    monkeypatch.setattr(frames, "LONGEST_HELD_S", 0.01)
    run(scene)


def test_what_is_held_when_the_fault_ends_is_sent() -> None:
    async def scene(s: Scene) -> None:
        async with connected(s.app, "/ws/market") as socket:
            await subscribed(socket)
            s.play({"name": "x", "kind": "ws_reorder", "frames": 9})
            assert await cents(s, socket, 2) == []
            s.sim("DELETE", "/sim/faults/x")
            assert prices(await heard(socket)) == [11, 12]

    run(scene)


def test_a_freeze_holds_old_connections_and_their_pong_and_ends_without_a_replay() -> None:
    async def scene(s: Scene) -> None:
        async with connected(s.app, "/ws/market") as old:
            await subscribed(old)
            s.play({"kind": "ws_freeze", "for": 3})
            s.wait(1)
            assert await heard(old) == []
            async with connected(s.app, "/ws/market") as new:
                await subscribed(new)
                s.wait(1)
                assert prices(await heard(new)) == [12]
            assert await heard(old) == []
            s.wait(1)
            assert await cents(s, old, 1) == [13, 14]

    run(scene)


def test_a_freeze_may_hold_newcomers_too() -> None:
    async def scene(s: Scene) -> None:
        s.play({"kind": "ws_freeze", "reconnecting_helps": False})
        s.wait(1)
        async with connected(s.app, "/ws/market") as socket:
            socket.say(SUBSCRIBE)
            assert await heard(socket) == []

    run(scene)


def test_one_token_can_be_frozen_alone() -> None:
    async def scene(s: Scene) -> None:
        s.wait(1)
        async with connected(s.app, "/ws/market") as socket:
            s.wait(1)
            s.play({"kind": "ws_freeze", "tokens": [NO], "events": ["book"], "reconnecting_helps": False})
            socket.say({"assets_ids": ["9"], "type": "market"})
            socket.say({"operation": "subscribe", "assets_ids": [YES, NO]})
            assert [frame["asset_id"] for frame in await heard(socket)] == [YES]

    run(scene)


def test_events_of_another_kind_or_channel_are_not_hit() -> None:
    async def scene(s: Scene) -> None:
        async with connected(s.app, "/ws/market") as socket:
            await subscribed(socket)
            s.play(
                {"kind": "ws_lost", "events": ["last_trade_price"]}, {"kind": "ws_lost", "channels": ["user"]}
            )
            assert await cents(s, socket, 2) == [11, 12]

    run(scene)


async def logged_in(socket: Socket, wallet: Wallet) -> None:
    socket.say({"auth": wallet.creds, "type": "user"})
    assert await socket.is_quiet()


def test_a_lost_user_event_is_known_by_rest_only() -> None:
    async def scene(s: Scene) -> None:
        async with connected(s.app, "/ws/user") as socket:
            await logged_in(socket, s.alice)
            s.play({"kind": "lost_user_event", "events": ["TRADE"]})
            s.alice.place("BUY", 45, 5)
            assert {frame["type"] for frame in await heard(socket)} == {"PLACEMENT", "UPDATE"}
            assert len(s.alice.call("GET", "/data/trades").json["data"]) == 1

    run(scene)


def test_a_lost_user_event_can_be_one_owners() -> None:
    async def scene(s: Scene) -> None:
        bob = Wallet(s.app, 2).log_in()
        async with connected(s.app, "/ws/user") as hers, connected(s.app, "/ws/user") as his:
            await logged_in(hers, s.alice)
            await logged_in(his, bob)
            s.play({"kind": "lost_user_event", "owners": [bob.address]})
            s.alice.place()
            bob.place()
            assert len(await heard(hers)) == 1
            assert await heard(his) == []

    run(scene)


def test_a_late_user_channel_keeps_its_order() -> None:
    async def scene(s: Scene) -> None:
        async with connected(s.app, "/ws/user") as socket:
            await logged_in(socket, s.alice)
            s.play({"kind": "delayed_user_event", "seconds": 0.03, "times": 1})
            order = s.alice.place().json["orderID"]
            s.alice.call("DELETE", "/order", {"orderID": order})
            assert await heard(socket) == []
            assert [(await socket.hear())["type"] for _ in range(2)] == ["PLACEMENT", "CANCELLATION"]
            s.alice.place()
            assert [frame["type"] for frame in await heard(socket)] == ["PLACEMENT"]

    run(scene)


def test_nothing_is_kept_of_a_connection_that_is_gone() -> None:
    async def scene(s: Scene) -> None:
        s.play({"kind": "ws_reorder", "probability": 0.5})
        async with connected(s.app, "/ws/market") as socket:
            await subscribed(socket)
            await cents(s, socket, 5)
            assert any(isinstance(line, Line) for line in s.app.faults.lines)
        assert not s.app.faults.lines

    run(scene)


def test_prices_can_freeze_too_and_their_pong_comes() -> None:
    async def scene(s: Scene) -> None:
        async with connected(s.app, "/ws/live-data") as socket:
            topic = {"topic": "crypto_prices", "type": "update", "filters": "btcusdt"}
            socket.say({"action": "subscribe", "subscriptions": [topic]})
            assert (await socket.hear())["type"] == "subscribe"
            frozen = s.play({"kind": "ws_freeze", "channels": ["live-data"]})
            async with asyncio.timeout(5):
                while not frozen.hits:
                    s.wait(1)
                    await asyncio.sleep(0.01)
            assert await socket.is_quiet()

    run(scene)
