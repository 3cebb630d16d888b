"""Faults of the venue as a whole: restarts and modes, grids, clocks, settlements, balances, connections."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.venue.paper.door_bench import Wallet, ask, connected
from tests.venue.paper.engine_bench import YES
from tests.venue.paper.faults.stage import Scene, heard
from venue.paper.doors.asgi import ABORT
from venue.paper.engine.modes import Mode


def status(scene: Scene, **terms: object) -> int:
    """Of an order that rests."""
    return scene.alice.place("BUY", 30, 5, **terms).status


def test_a_restart_drops_the_sockets_refuses_all_then_takes_post_only_then_everything(scene: Scene) -> None:
    async def play() -> None:
        cuts = []
        async with (
            connected(scene.app, "/ws/market", {ABORT: lambda: cuts.append("market")}),
            connected(scene.app, "/ws/user", {ABORT: lambda: cuts.append("user")}),
        ):
            scene.play({"kind": "restart", "down": 20, "post_only": 30})
            assert sorted(cuts) == ["market", "user"]
        assert scene.app.open_sockets == 0

    asyncio.run(play())
    assert status(scene) == status(scene, postOnly=True) == 425
    scene.wait(20)
    assert (status(scene), status(scene, postOnly=True)) == (503, 200)
    scene.wait(30)
    assert status(scene) == 200


@pytest.mark.parametrize("kind", ["post_only", "cancel_only", "disabled"])
def test_a_mode_lasts_as_long_as_its_fault(scene: Scene, kind: str) -> None:
    scene.play({"kind": kind, "at": 5, "for": 10})
    assert status(scene) == 200
    scene.wait(5)
    assert status(scene) == 503
    scene.wait(9)
    assert status(scene) == 503
    scene.wait(1)
    assert status(scene) == 200


def test_post_only_mode_says_how_long_its_fault_will_last(scene: Scene) -> None:
    scene.play({"kind": "post_only", "for": 79})

    assert scene.alice.place().json["retry_after_seconds"] == 79


def test_a_mode_that_came_meanwhile_is_not_ended_by_anothers_end(scene: Scene) -> None:
    scene.play({"kind": "post_only", "for": 10}, {"kind": "disabled", "at": 5})
    scene.wait(5)
    scene.wait(10)

    assert scene.app.exchange.modes.mode is Mode.DISABLED


def test_a_grid_changes_for_all_who_watch(scene: Scene) -> None:
    async def play() -> None:
        async with connected(scene.app, "/ws/market") as socket:
            socket.say({"assets_ids": [YES], "type": "market"})
            await socket.hear()
            run = scene.play({"kind": "tick_change", "markets": ["a-market"], "tick": "0.001"})
            (first, *_) = await heard(socket)
            assert (first["event_type"], first["old_tick_size"], first["new_tick_size"]) == (
                "tick_size_change",
                "0.01",
                "0.001",
            )
            assert (run.phase, run.hits) == ("over", 1)

    asyncio.run(play())
    assert scene.alice.place("BUY", 30.5, 10).status == 200


def test_a_clock_that_is_off_shows_in_time_stamps_and_signatures(scene: Scene) -> None:
    def now() -> int:
        return int(scene.sim("GET", "/time").json)

    scene.play({"name": "late", "kind": "clock_skew", "seconds": -1_000})
    assert abs(now() - (time.time() - 1_000)) < 3
    assert scene.alice.place().status == 401
    headers = scene.alice.l2("GET", "/data/orders", at=now())
    assert ask(scene.app, "GET", "/data/orders", headers=headers).status == 200
    scene.sim("DELETE", "/sim/faults/late")
    assert abs(now() - time.time()) < 3
    assert scene.alice.place().status == 200


def test_frames_are_stamped_by_the_clock_that_is_off(scene: Scene) -> None:
    async def play() -> None:
        async with connected(scene.app, "/ws/user") as socket:
            socket.say({"auth": scene.alice.creds, "type": "user"})
            assert await socket.is_quiet()
            scene.alice.place()
            (right,) = await heard(socket)
            scene.play({"kind": "clock_skew", "seconds": 2.5})
            scene.alice.place()
            (wrong,) = await heard(socket)
            assert int(wrong["timestamp"]) - int(right["timestamp"]) == 2_500

    asyncio.run(play())


def test_a_ghost_fill_is_taken_back_and_told_as_retrying_and_failed(scene: Scene) -> None:
    async def play() -> None:
        async with connected(scene.app, "/ws/user") as socket:
            socket.say({"auth": scene.alice.creds, "type": "user"})
            assert await socket.is_quiet()
            run = scene.play({"kind": "ghost_fill", "times": 1})
            before = scene.bench.exchange.balance(scene.alice.address, None)
            scene.alice.place("BUY", 45, 10)
            scene.wait(60)
            told = [frame["status"] for frame in await heard(socket) if frame["event_type"] == "trade"]
            assert told == ["MATCHED", "RETRYING", "FAILED"]
            assert scene.bench.exchange.balance(scene.alice.address, None) == before
            assert scene.bench.exchange.balance(scene.alice.address, YES) == 0
            scene.alice.place("BUY", 45, 10)
            scene.wait(60)
            assert scene.bench.exchange.balance(scene.alice.address, YES) == 10_000_000
            assert run.hits == 1

    asyncio.run(play())


def test_a_settlement_may_be_late_instead(scene: Scene) -> None:
    scene.play({"kind": "ghost_fill", "retries": 2, "fails": False})
    scene.alice.place("BUY", 45, 10)
    scene.wait(5)
    assert scene.alice.call("GET", "/data/trades").json["data"][0]["status"] == "TRADE_STATUS_RETRYING"
    scene.wait(120)
    assert scene.alice.call("GET", "/data/trades").json["data"][0]["status"] == "TRADE_STATUS_CONFIRMED"


def test_ghosts_can_be_one_owners_and_end(scene: Scene) -> None:
    bob = Wallet(scene.app, 2).log_in()
    run = scene.play({"kind": "ghost_fill", "owners": [bob.creds["apiKey"]], "for": 10})
    scene.alice.place("BUY", 45, 5)
    assert run.chances == 0
    bob.place("BUY", 45, 5)
    assert run.hits == 1
    scene.wait(10)
    bob.place("BUY", 45, 5)
    assert run.hits == 1


def test_a_balance_lags_until_the_venue_looks_again(scene: Scene) -> None:
    asked = "/balance-allowance?signature_type=0&asset_type=CONDITIONAL&token_id=" + YES
    scene.play({"name": "lag", "kind": "balance_lag"})
    scene.alice.place("BUY", 45, 10)
    scene.wait(30)

    assert scene.alice.call("GET", asked).json["balance"] == "0"
    scene.alice.call("GET", asked.replace("allowance", "allowance/update", 1))
    assert scene.alice.call("GET", asked).json["balance"] == "10000000"


def test_a_disconnect_cuts_the_sockets_it_means(scene: Scene) -> None:
    async def play() -> None:
        cuts: list[str] = []
        async with (
            connected(scene.app, "/ws/market", {ABORT: lambda: cuts.append("market")}) as market,
            connected(scene.app, "/ws/user", {ABORT: lambda: cuts.append("user")}) as user,
        ):
            user.say({"auth": scene.alice.creds, "type": "user"})
            assert await user.is_quiet()
            scene.play({"kind": "ws_disconnect", "owners": [scene.alice.address]})
            assert cuts == ["user"]
            run = scene.play({"kind": "ws_disconnect", "channels": ["market"], "for": 5})
            assert cuts == ["user", "market"]
            assert market is not user
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05), connected(scene.app, "/ws/market"):
                    pass
            assert run.hits == 2
            scene.wait(5)
            async with connected(scene.app, "/ws/market") as again:
                assert await again.is_quiet()

    asyncio.run(play())


def test_a_fault_that_is_unlikely_may_not_happen_at_all() -> None:
    hits = [Scene(seed=seed).play({"kind": "restart", "probability": 0.5}).hits for seed in range(20)]

    assert 4 < sum(hits) < 16


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"kind": "tick_change", "markets": ["x"], "tick": "0.001"}, "markets: no market is called 'x'"),
        ({"kind": "tick_change", "markets": ["a-market"], "tick": "0.02"}, "tick: '0.02' is none of 0.1, "),
        (
            {"kind": "tick_change", "markets": ["a-market"], "tick": "0.01", "for": 1},
            "for: a tick_change is a ",
        ),
        ({"kind": "restart", "for": 1}, "for: a restart is a moment"),
        ({"kind": "refuse_connection"}, "for: is missing"),
        ({"kind": "ghost_fill", "owners": ["me"]}, "owners: 'me' is neither an API key nor an address"),
        ({"kind": "ws_lost", "tokens": ["3"]}, "tokens: no market has a token '3'"),
        ({"kind": "ws_lost", "events": ["books"]}, "events: 'books' is none of "),
        ({"kind": "http_500", "routes": ["GET /bok"]}, "routes: no route is 'GET /bok'"),
    ],
)
def test_what_does_not_exist_is_refused(scene: Scene, fault: dict[str, object], said: str) -> None:
    answer = scene.sim("POST", "/sim/faults", fault)

    assert answer.status == 400
    assert answer.json["error"].startswith(f"no faults: fault {fault['kind']}: {said}")
    assert scene.sim("GET", "/sim/faults").json["faults"] == []


def test_a_port_stays_closed_until_every_fault_has_ended(scene: Scene) -> None:
    closed = {"kind": "refuse_connection", "clock": "real"}
    scene.play({**closed, "for": 5}, {**closed, "for": 9})
    scene.wait(5)
    assert scene.app.stage.is_refusing
    scene.wait(4)

    assert not scene.app.stage.is_refusing


def test_a_closed_port_cuts_whoever_is_connected(scene: Scene) -> None:
    async def play() -> None:
        scene.play({"kind": "refuse_connection", "for": 5, "clock": "real"})
        assert scene.app.stage.is_refusing
        assert await scene.place() is None
        assert scene.sim("GET", "/sim/faults").status == 200
        scene.wait(5)
        assert not scene.app.stage.is_refusing
        assert await scene.place() is not None
        assert len(scene.alice.resting()) == 1

    asyncio.run(play())
