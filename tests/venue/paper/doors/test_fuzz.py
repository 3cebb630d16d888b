"""Nothing a client sends is our mistake: no route and no socket ever fails, and nobody's money moves."""

import asyncio
import json
import random
from typing import Any

import pytest

from tests.venue.paper.door_bench import Wallet, a_door, ask, compact, connected
from tests.venue.paper.engine_bench import NO, YES, Bench, bid
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import App

ROUNDS = 1_500
SCRAPS: tuple[Any, ...] = (
    None, True, 0, -1, 1 << 70, 0.1, 1e308, "", "0", "-1", "1e9", "9" * 90, "0x", "0x" + "f" * 64, "0x" + "0" * 40,
    YES, NO, "0xmarket", "MA==", "LTE=", "BUY", "GTC", "market", "user", "subscribe", "COLLATERAL", "\x00", "ü", "'",
    [], {}, [[]], ["x"], {"order": {}}, {"orderID": "0x"}, {"token_id": YES}, {"auth": {}},
)  # fmt: skip
FIELDS = (
    "token_id", "market", "asset_id", "id", "next_cursor", "side", "limit", "offset", "order", "closed", "user",
    "after", "before", "signature_type", "asset_type", "maker_address", "sizeThreshold", "after_cursor",
    "volume_num_min", "slug", "date", "order_by", "position", "page_size", "q", "event_id", "min_price", "interval",
    "startTs", "endTs", "fidelity", "ids", "order_id", "order_ids", "sortBy", "type", "cursor", "condition", "status",
    "end_date_min", "ascending", "tag_id", "page", "limit_per_type", "builder_code",
)  # fmt: skip


def mangled(dice: random.Random, value: Any, depth: int = 0) -> Any:
    """A JSON value with some of its parts replaced, dropped or repeated."""
    if dice.random() < 0.15 or depth > 4:
        return dice.choice(SCRAPS)
    if isinstance(value, dict):
        return {key: mangled(dice, part, depth + 1) for key, part in value.items() if dice.random() > 0.05}
    if isinstance(value, list):
        return [mangled(dice, part, depth + 1) for part in value for _ in range(dice.choice((0, 1, 1, 1, 2)))]
    return value


def bodies(dice: random.Random, alice: Wallet) -> bytes:
    """Something to send."""
    order = alice.order(dice.choice(("BUY", "SELL")), dice.randint(1, 99), dice.randint(1, 50))
    whole = dice.choice(
        (order, [order], [order, order], {"orderID": "0x00"}, ["0x00"], {"market": "0xmarket"}, {"heartbeat_id": ""},
         [{"token_id": YES, "side": "BUY"}], {"boot_ns": 1, "market_ns": 1, "speed": 1},
         {"markets": [YES, NO], "interval": "1d", "start_ts": 1, "end_ts": 2.5, "fidelity": 5})
    )  # fmt: skip
    data = compact(mangled(dice, whole))
    if dice.random() < 0.2:
        at = dice.randrange(len(data) + 1)
        data = data[:at] + dice.randbytes(dice.randint(0, 4)) + data[at + dice.randint(0, 3) :]
    return data


def query(dice: random.Random) -> str:
    pairs = [f"{dice.choice(FIELDS)}={dice.choice(SCRAPS)}" for _ in range(dice.randint(0, 4))]
    return "&".join(pairs).encode("ascii", "replace").decode().replace(" ", "+").replace("\x00", "%00")


@pytest.mark.parametrize("seed", range(3))
def test_no_request_is_answered_with_a_failure(seed: int) -> None:
    dice = random.Random(seed)
    bench = Bench(bid(0, 38, 50), ask_level(0, 45, 50))
    app = a_door(bench)
    alice = Wallet(app).log_in()
    routes = sorted(route for route in app.routes if route[1] != "/auth/api-key")
    routes += [("POST", "/order"), ("POST", "/orders"), ("POST", "/v1/heartbeats")] * 10
    for _ in range(ROUNDS):
        method, path = dice.choice(routes)
        path = path.replace("*", str(dice.choice(SCRAPS))[:80])
        data = bodies(dice, alice)
        headers = alice.l2(method, path, data)
        if dice.random() < 0.2:
            headers[dice.choice(sorted(headers))] = (
                str(dice.choice(SCRAPS)).encode("latin-1", "replace").decode("latin-1")
            )
        said = ask(app, method, f"{path}?{query(dice)}", data, headers)
        assert said.status in (200, 400, 401, 404, 405, 422), (method, path, data, said)
    wealth = bench.exchange.balance(alice.address, None)
    alice.call("DELETE", "/cancel-all")
    assert 0 <= wealth <= 2_000_000_000
    assert alice.place("BUY", 1, 5).status == 200


@pytest.mark.parametrize("path", ["/ws/market", "/ws/user"])
def test_no_frame_fails_a_socket(path: str) -> None:
    dice = random.Random(7)

    async def scene(app: App, alice: Wallet) -> None:
        for _ in range(150):
            async with connected(app, path) as socket:
                if dice.random() < 0.7 and path == "/ws/user":
                    socket.say({"auth": alice.creds, "type": "user"})
                for _ in range(5):
                    frame = {
                        "assets_ids": [YES, NO],
                        "type": "market",
                        "operation": "subscribe",
                        "markets": ["0xmarket"],
                        "auth": alice.creds,
                        "custom_feature_enabled": True,
                        "level": 2,
                    }
                    text = json.dumps(mangled(dice, frame))
                    socket.say(text[: dice.randrange(len(text) + 1)] if dice.random() < 0.2 else text)
                socket.inbox.put_nowait({"type": "websocket.receive", "bytes": dice.randbytes(9)})
                alice.place("BUY", 30, 5)
        assert app.open_sockets == 0

    bench = Bench(bid(0, 38, 50))
    app = a_door(bench)
    asyncio.run(scene(app, Wallet(app).log_in()))
