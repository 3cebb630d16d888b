"""What hostile clients send: strategies for requests and frames that are nearly right, and what must not move."""

from __future__ import annotations

import os
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.venue.paper.door_bench import Wallet, compact
from tests.venue.paper.engine_bench import NO, YES, Bench, bid
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import App

TIMES = int(os.environ.get("FUZZ", "1"))
"""How many times as long it takes: FUZZ=50 pytest tests/venue/paper/doors/test_fuzz.py."""
SCRAPS: tuple[Any, ...] = (
    None, True, 0, -1, 1 << 70, 0.1, 1e308, "", "0", "-1", "1e9", "9" * 90, "0x", "0x" + "f" * 64, "0x" + "0" * 40,
    YES, NO, "0xmarket", "a-market", "MA==", "LTE=", "BUY", "GTC", "market", "user", "subscribe", "COLLATERAL",
    "CONDITIONAL", "2026-11-21", "1h", "max", "\x00", "ü", "'", "\ud800", "🜍", "%", "../..", "1" * 5_000,
    [], {}, [[]], ["x"], {"order": {}}, {"orderID": "0x"}, {"token_id": YES}, {"auth": {}},
)  # fmt: skip
FIELDS = (
    "token_id", "market", "asset_id", "id", "ids", "next_cursor", "side", "limit", "offset", "order", "closed", "user",
    "after", "before", "signature_type", "asset_type", "maker_address", "sizeThreshold", "after_cursor", "slug", "date",
    "volume_num_min", "order_id", "order_ids", "order_by", "position", "page_size", "interval", "fidelity", "startTs",
    "endTs", "q", "tag_id", "symbol", "builder_code", "sponsored", "no_competition", "status", "takerOnly", "event_id",
    "min_price", "sortBy", "type", "cursor", "condition", "end_date_min", "ascending", "page", "limit_per_type",
)  # fmt: skip
scraps = st.sampled_from(SCRAPS)
values = st.recursive(
    scraps | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=8,
)
dice = st.integers(0, (1 << 32) - 1).map(Random)
"""Plain dice, since what they are thrown for depends on salts and times that no example repeats."""


class Scene(NamedTuple):
    """Two wallets, one of which holds tokens and has an order that rests."""

    bench: Bench
    app: App
    alice: Wallet
    bob: Wallet


def a_scene() -> Scene:
    """A bid of 38 and an ask of 45."""
    bench = Bench(bid(0, 38, 50), ask_level(0, 45, 50))
    app = App(bench.exchange)
    alice, bob = Wallet(app).log_in(), Wallet(app, 2).log_in()
    alice.place("BUY", 45, 10)
    alice.place("BUY", 30, 10)
    bob.place("BUY", 31, 10)
    return Scene(bench, app, alice, bob)


def state(scene: Scene) -> dict[str, Any]:
    """All that a request might move."""
    exchange = scene.bench.exchange
    moved: dict[str, Any] = {"mode": exchange.modes.mode, "faults": list(scene.app.faults.runs)}
    for wallet in (scene.alice, scene.bob):
        key = wallet.creds["apiKey"]
        moved[wallet.address] = (
            [exchange.balance(wallet.address, token) for token in (None, YES, NO)],
            [(order.new.id, order.matched) for order in exchange.open_orders(key)],
            [(trade.id, trade.status) for trade in exchange.trades(key)],
            exchange.ledger.identities.find_api_key(key),
        )
    return moved


def bodies(scene: Scene) -> list[Any]:
    """One right body for each kind of call."""
    alice = scene.alice
    order = alice.order("BUY", 20, 10)
    return [
        *(order, [order], [order, order, alice.order("SELL", 90, 5)]),
        *({"orderID": "0x" + "0" * 64}, ["0x" + "0" * 64], {"market": "0xmarket", "asset_id": YES}),
        *(
            {"heartbeat_id": ""},
            [{"token_id": YES, "side": "BUY"}],
            {"boot_ns": 1, "market_ns": 1, "speed": 1},
        ),
        *(
            {"markets": ["0xmarket"], "interval": "1h"},
            ["0xmarket"],
            {"jsonrpc": "2.0", "id": 1, "method": "eth_call"},
        ),
    ]


def mangled(dice: Random, value: Any, depth: int = 0) -> Any:
    """A JSON value with some of its parts replaced, dropped or repeated."""
    if dice.random() < 0.15 or depth > 4:
        return dice.choice(SCRAPS)
    if isinstance(value, dict):
        return {key: mangled(dice, part, depth + 1) for key, part in value.items() if dice.random() > 0.05}
    if isinstance(value, list):
        return [mangled(dice, part, depth + 1) for part in value for _ in range(dice.choice((0, 1, 1, 1, 2)))]
    return value


def garbled(dice: Random, data: bytes) -> bytes:
    """Bytes with some in their middle replaced."""
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.randbytes(dice.randint(0, 4)) + data[at + dice.randint(0, 3) :]


def body(dice: Random, scene: Scene, junk: Any) -> bytes:
    """Something to send: a right body, one that is nearly right, or junk."""
    chance = dice.random()
    if chance < 0.1:
        return b""
    data = encoded(junk if chance < 0.3 else mangled(dice, dice.choice(bodies(scene))))
    return garbled(dice, data) if dice.random() < 0.15 else data


def encoded(value: Any) -> bytes:
    """JSON; what has none as the bytes it would have been."""
    try:
        return compact(value)
    except (ValueError, UnicodeError):
        return repr(value).encode("utf-8", "surrogatepass")


def query(dice: Random) -> str:
    """Fields of any route with anything in them."""
    pairs = [f"{dice.choice(FIELDS)}={text(dice)}" for _ in range(dice.randint(0, 4))]
    return "&".join(pairs)


def text(dice: Random) -> str:
    """A scrap as it can stand in a URL."""
    spelled = str(dice.choice(SCRAPS)).encode("ascii", "replace").decode()
    return spelled.replace(" ", "+").replace("\x00", "%00").replace("?", "%3f").replace("#", "%23")


def headers(dice: Random, right: dict[str, str]) -> dict[str, str]:
    """Credentials, of which now and then one is not right."""
    if dice.random() < 0.25 and right:
        name = dice.choice(sorted(right))
        right[name] = str(dice.choice(SCRAPS)).encode("latin-1", "replace").decode("latin-1")
    return right
