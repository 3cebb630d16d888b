"""Nothing a client sends is our mistake: no route and no socket ever fails, and nothing moves that was refused."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from tests.venue.paper.door_bench import Said, Wallet, ask, compact, connected
from tests.venue.paper.doors.hostile import (
    SCRAPS,
    TIMES,
    Scene,
    a_scene,
    bodies,
    body,
    dice,
    encoded,
    headers,
    mangled,
    query,
    state,
    text,
    values,
)
from tests.venue.paper.engine_bench import NO, YES
from tests.venue.paper.test_port import get, served
from venue.paper.doors.app import MAX_BODY

REFUSALS = (400, 401, 404, 405, 422, 425, 429)
ROUTES = sorted(route for route in a_scene().app.routes if route != ("POST", "/sim/faults"))
ORDERS = [("POST", "/order"), ("POST", "/orders"), ("DELETE", "/orders"), ("POST", "/v1/heartbeats")]
SOCKETS = ("/ws/market", "/ws/user", "/ws/live-data")
SIGNED = [
    *(
        ("POST", "/order"),
        ("POST", "/orders"),
        ("DELETE", "/order"),
        ("DELETE", "/orders"),
        ("DELETE", "/cancel-all"),
    ),
    *(("DELETE", "/cancel-market-orders"), ("DELETE", "/auth/api-key"), ("POST", "/v1/heartbeats")),
    *(("GET", "/data/orders"), ("GET", "/balance-allowance"), ("DELETE", "/notifications")),
]


def check(scene: Scene, method: str, path: str, data: bytes, creds: dict[str, str]) -> Said:
    """One request: never a failure, and what is refused or only asked has moved nothing."""
    before = state(scene)
    said = ask(scene.app, method, path, data, creds)
    assert said.status == 200 or said.status in REFUSALS, (method, path, data[:500], said)
    if said.status != 200 or method == "GET":
        assert state(scene) == before, (method, path, data[:500], said)
    if said.status != 200:
        assert isinstance(said.json, dict), (method, path, said)
    return said


@settings(max_examples=250 * TIMES)
@given(dice, values)
def test_no_request_fails_and_what_is_refused_moves_nothing(dice: Random, junk: Any) -> None:
    scene = a_scene()
    for _ in range(8):
        method, path = dice.choice(ROUTES + ORDERS * 8)
        path = path.replace("*", text(dice)[:80] or "x")
        data = body(dice, scene, junk)
        creds = headers(dice, scene.alice.l2(method, path, data) if scene.alice.creds else {})
        check(scene, method, f"{path}?{query(dice)}", data, creds)
        if scene.bench.exchange.ledger.identities.find_api_key(scene.alice.creds["apiKey"]) is None:
            return


@settings(max_examples=25 * TIMES)
@given(dice, values)
def test_nobody_moves_anything_with_credentials_that_are_not_right(dice: Random, junk: Any) -> None:
    scene = a_scene()
    for method, path in SIGNED:
        data = compact(dice.choice(bodies(scene)))
        right = scene.alice.l2(method, path, data)
        others = scene.bob.l2(method, path, data)
        old = scene.alice.l2(method, path, data, at=int(time.time()) - dice.choice((301, 86_400)))
        for wrong in (
            {},
            {**right, "POLY_SIGNATURE": others["POLY_SIGNATURE"]},
            {**right, "POLY_PASSPHRASE": others["POLY_PASSPHRASE"]},
            {**right, "POLY_API_KEY": others["POLY_API_KEY"]},
            {**right, "POLY_ADDRESS": others["POLY_ADDRESS"]},
            {**right, "POLY_TIMESTAMP": str(int(right["POLY_TIMESTAMP"]) + 1)},
            {**right, dice.choice(sorted(right)): text(dice)[:4_000]},
            old,
            scene.alice.l2(method, path, data + b" "),
            scene.alice.l2("PUT", path, data),
        ):
            assert check(scene, method, path, data, wrong).status == 401, (method, path, wrong)


@settings(max_examples=120 * TIMES)
@given(dice, values)
def test_an_order_that_was_changed_after_it_was_signed_is_never_taken(dice: Random, junk: Any) -> None:
    scene = a_scene()
    before = state(scene)
    for _ in range(6):
        whole = scene.alice.order(dice.choice(("BUY", "SELL")), dice.randint(1, 99), dice.randint(5, 50))
        order = whole["order"]
        field = dice.choice([name for name in sorted(order) if name != "expiration"])
        changed = dice.choice([junk, dice.choice(SCRAPS), str(order[field])[:-1], f"{order[field]}0"])
        if changed == order[field] or str(changed).lower() == str(order[field]).lower():
            continue
        order[field] = changed
        several = dice.random() < 0.5
        said = scene.alice.call(
            "POST", "/orders" if several else "/order", encoded([whole] if several else whole)
        )
        assert said.status == 400 or (several and said.json[0]["orderID"] == ""), (field, changed, said)
        assert state(scene) == before, (field, changed)


def test_a_body_that_is_too_long_moves_nothing() -> None:
    scene = a_scene()
    for method, path in ROUTES:
        data = b"[" + b" " * MAX_BODY + b"]"
        assert check(scene, method, path.replace("*", "x"), data, scene.alice.l2(method, path, data)) == Said(
            400, {"error": "Payload exceeds the limit"}
        )


def test_a_flood_is_answered_to_its_end() -> None:
    scene = a_scene()
    data = compact(scene.alice.order("BUY", 20, 10))
    creds = scene.alice.l2("POST", "/order", data)
    statuses = [ask(scene.app, "POST", "/order", data, creds).status for _ in range(1_000)]

    assert statuses == [200] + [400] * 999
    assert len(scene.alice.resting()) == 2


def a_frame(dice: Random, alice: Wallet, junk: Any) -> str:
    """What a client may say on any socket, nearly right."""
    whole = {
        "assets_ids": [YES, NO, "9"],
        "type": dice.choice(("market", "user")),
        "operation": dice.choice(("subscribe", "unsubscribe")),
        "markets": ["0xmarket"],
        "auth": alice.creds,
        "custom_feature_enabled": True,
        "initial_dump": True,
        "level": 2,
        "action": "subscribe",
        "subscriptions": [{"topic": "crypto_prices", "type": "update", "filters": "btcusdt"}],
    }
    said = encoded(mangled(dice, whole) if dice.random() < 0.7 else junk).decode("utf-8", "replace")
    return said[: dice.randrange(len(said) + 1)] if dice.random() < 0.2 else said


@pytest.mark.parametrize("path", SOCKETS)
@settings(max_examples=30 * TIMES)
@given(dice, values)
def test_no_frame_fails_a_socket_or_moves_anything(path: str, dice: Random, junk: Any) -> None:
    async def play() -> None:
        scene = a_scene()
        before = state(scene)
        async with connected(scene.app, path) as socket, connected(scene.app, "/ws/market") as witness:
            witness.say({"assets_ids": [YES], "type": "market"})
            assert len(await witness.hear()) == 1
            if dice.random() < 0.7 and path == "/ws/user":
                socket.say({"auth": scene.alice.creds, "type": "user"})
            for _ in range(6):
                socket.say(a_frame(dice, scene.alice, junk))
            socket.inbox.put_nowait({"type": "websocket.receive", "bytes": dice.randbytes(9)})
            socket.inbox.put_nowait({"type": "websocket.receive", "text": None, "bytes": None})
            await asyncio.sleep(0)
            assert state(scene) == before
            scene.alice.place("BUY", 29, 5)
            assert (await witness.hear())["event_type"] == "price_change"
        assert scene.app.open_sockets == 0

    asyncio.run(play())


def test_a_flood_of_frames_is_heard_to_its_end() -> None:
    async def play() -> None:
        scene = a_scene()
        many = json.dumps({"assets_ids": [str(n) for n in range(20_000)], "type": "market"})
        async with connected(scene.app, "/ws/market") as socket:
            socket.say(many)
            for _ in range(2_000):
                socket.say({"operation": "subscribe", "assets_ids": [YES]})
                socket.say({"operation": "unsubscribe", "assets_ids": [YES]})
            socket.say("PING")
            while await socket.raw() != "PONG":
                pass

    asyncio.run(play())


LINES = (
    b"", b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"BREW /time HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http:// HTTP/1.1\r\nHost: x\r\n\r\n", b"GET //// HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET * HTTP/1.1\r\nHost: x\r\n\r\n", b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /time HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"GET /time HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"POST /order HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /order HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"POST /order HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"GET /time HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
    b"GET /" + b"y" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /time HTTP/1.1\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
    b"GET /time HTTP/1.0\r\n\r\n", b"HEAD /time HTTP/1.1\r\nHost: x\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /ws/market HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"GET /ws/market HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
    b"POST /ws/market HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"GET /nowhere HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)  # fmt: skip


def test_no_bytes_on_the_wire_hurt_the_server(caplog: pytest.LogCaptureFixture) -> None:
    async def play() -> None:
        scene = a_scene()
        before, chance = state(scene), Random(5)
        async with served(scene.app) as port:
            right = b"GET /time HTTP/1.1\r\nHost: x\r\n\r\n"
            for n in range(60 * TIMES + len(LINES)):
                raw = LINES[n] if n < len(LINES) else _spoiled(chance, right)
                try:
                    async with asyncio.timeout(0.2):
                        await get(port, raw + b"\r\n")
                except (TimeoutError, ValueError, asyncio.LimitOverrunError):
                    pass
                assert b" 200 " in await get(port), raw[:200]
            assert state(scene) == before

    with caplog.at_level(logging.ERROR):
        asyncio.run(play())
    assert "Traceback" not in caplog.text


def _spoiled(chance: Random, right: bytes) -> bytes:
    at = chance.randrange(len(right))
    return right[:at] + chance.randbytes(chance.randint(1, 6)) + right[at + chance.randint(0, 4) :]
