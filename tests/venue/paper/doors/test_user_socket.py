import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from messages.values import SECOND
from tests.venue.paper.door_bench import Socket, Wallet, a_door, connected
from tests.venue.paper.engine_bench import NO, YES, Bench, closed
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.connection import POLICY
from venue.wire.user_channel import OrderEvent, TradeEvent, decode_user_events

Scene = Callable[[Bench, Wallet], Coroutine[Any, Any, None]]


def play(scene: Scene, *events: Any) -> None:
    """A scene with a wallet on a bench."""
    bench = Bench(ask_level(0, 45, 50), *events)
    asyncio.run(scene(bench, Wallet(a_door(bench)).log_in()))


def auth(wallet: Wallet, **more: object) -> dict[str, object]:
    return {"auth": wallet.creds, "type": "user", **more}


def test_an_orders_life_is_told_to_its_owner() -> None:
    async def scene(bench: Bench, alice: Wallet) -> None:
        async with connected(alice.app, "/ws/user") as socket:
            socket.say(auth(alice))
            assert await socket.is_quiet()
            order = alice.place("BUY", 40, 10).json["orderID"]
            placed = await socket.hear()
            assert (placed["event_type"], placed["type"], placed["status"]) == ("order", "PLACEMENT", "LIVE")
            assert (placed["id"], placed["owner"], placed["order_owner"]) == (
                order,
                *[alice.creds["apiKey"]] * 2,
            )
            assert (placed["price"], placed["original_size"], placed["size_matched"]) == ("0.4", "10", "0")
            assert (placed["outcome"], placed["order_type"], placed["expiration"]) == ("Yes", "GTC", "0")
            assert len(placed["created_at"]) < len(placed["timestamp"])
            alice.call("DELETE", "/order", {"orderID": order})
            gone = await socket.hear()
            assert (gone["type"], gone["status"]) == ("CANCELLATION", "CANCELED")

    play(scene)


def test_a_match_is_told_to_both_sides_at_each_step_of_its_settlement() -> None:
    async def scene(bench: Bench, alice: Wallet) -> None:
        bob = Wallet(alice.app, 2).log_in()
        async with connected(alice.app, "/ws/user") as hers, connected(alice.app, "/ws/user") as his:
            hers.say(auth(alice))
            his.say(auth(bob))
            assert await hers.is_quiet()
            assert await his.is_quiet()
            order = alice.place("BUY", 44, 10).json["orderID"]
            bob.place("BUY", 56, 6, token=NO)
            bench.at(10)
            taken = [await his.hear_kind("trade") for _ in range(3)]
            made = [await hers.hear_kind("trade") for _ in range(3)]

            assert [frame["status"] for frame in made] == ["MATCHED", "MINED", "CONFIRMED"]
            assert [frame["status"] for frame in taken] == ["MATCHED", "MINED", "CONFIRMED"]
            assert {frame["id"] for frame in made + taken} == {made[0]["id"]}
            assert (made[0]["trader_side"], taken[0]["trader_side"]) == ("MAKER", "TAKER")
            assert (made[0]["transaction_hash"], len(made[1]["transaction_hash"])) == ("", 66)
            (leg,) = made[0]["maker_orders"]
            assert (leg["order_id"], leg["asset_id"], leg["side"], leg["price"], leg["matched_amount"]) == (
                order,
                YES,
                "BUY",
                "0.44",
                "6",
            )

    play(scene)


def test_a_partial_match_is_an_update() -> None:
    async def scene(bench: Bench, alice: Wallet) -> None:
        bob = Wallet(alice.app, 2).log_in()
        async with connected(alice.app, "/ws/user") as socket:
            socket.say(auth(alice))
            assert await socket.is_quiet()
            alice.place("BUY", 44, 10)
            bob.place("BUY", 56, 6, token=NO)
            events = [decode_user_events(await socket.raw())[0] for _ in range(3)]
            kinds = [event.type for event in events]
            assert kinds[0] == "PLACEMENT"
            assert sorted(kinds[1:]) == ["TRADE", "UPDATE"]
            (update,) = [event for event in events if event.type == "UPDATE"]
            (trade,) = [event for event in events if isinstance(event, TradeEvent)]
            assert isinstance(update, OrderEvent)
            assert (update.size_matched, update.status, update.associate_trades) == ("6", "LIVE", [trade.id])

    play(scene)


def test_a_market_that_closes_takes_the_orders_back() -> None:
    async def scene(bench: Bench, alice: Wallet) -> None:
        async with connected(alice.app, "/ws/user") as socket:
            socket.say(auth(alice))
            assert await socket.is_quiet()
            alice.place("BUY", 40, 10)
            await socket.hear()
            bench.at(1)
            assert (await socket.hear())["type"] == "CANCELLATION"

    play(scene, closed(1))


def test_only_the_markets_asked_for_are_told() -> None:
    async def scene(bench: Bench, alice: Wallet) -> None:
        async with connected(alice.app, "/ws/user") as socket:
            socket.say(auth(alice, markets=["0xother"]))
            assert await socket.is_quiet()
            alice.place()
            assert await socket.is_quiet()
            socket.say({"operation": "subscribe", "markets": ["0xmarket"]})
            assert await socket.is_quiet()
            alice.place()
            assert (await socket.hear())["type"] == "PLACEMENT"
            socket.say({"operation": "unsubscribe", "markets": ["0xmarket"]})
            assert await socket.is_quiet()
            alice.place()
            assert await socket.is_quiet()

    play(scene)


def test_nobody_hears_of_anothers_orders() -> None:
    async def scene(bench: Bench, alice: Wallet) -> None:
        bob = Wallet(alice.app, 2).log_in()
        async with connected(alice.app, "/ws/user") as socket:
            socket.say(auth(bob))
            assert await socket.is_quiet()
            alice.place()
            assert await socket.is_quiet()

    play(scene)


@pytest.mark.parametrize("change", ["apiKey", "secret", "passphrase"])
def test_wrong_credentials_close_the_connection(change: str) -> None:
    async def scene(bench: Bench, alice: Wallet) -> None:
        async with connected(alice.app, "/ws/user") as socket:
            socket.say({"auth": {**alice.creds, change: "wrong"}, "type": "user"})
            assert await socket.closed() == POLICY

    play(scene)


@pytest.mark.parametrize("frame", ["hello", "{}", '{"type":"user"}', '{"auth":7}', "[" * 999])
def test_anything_but_credentials_first_closes_the_connection(frame: str) -> None:
    async def scene(bench: Bench, alice: Wallet) -> None:
        async with connected(alice.app, "/ws/user") as socket:
            socket.say(frame)
            assert await socket.closed() == POLICY

    play(scene)


def test_nonsense_after_the_credentials_is_ignored() -> None:
    async def scene(bench: Bench, alice: Wallet) -> None:
        async with connected(alice.app, "/ws/user") as socket:
            socket.say(auth(alice))
            socket.say("hello")
            socket.say({"operation": "dance"})
            assert await socket.is_quiet()
            alice.place()
            assert (await socket.hear())["type"] == "PLACEMENT"

    play(scene)


async def heard(socket: Socket) -> list[dict[str, Any]]:
    """Everything that was sent up to now."""
    socket.say("PING")
    frames = []
    while (text := await socket.raw()) != "PONG":
        frames.append(json.loads(text))
    return frames


NO_MATCH = (
    "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found."
)
ORDER_FIELDS = [
    *("id", "owner", "market", "asset_id", "side", "order_owner", "original_size", "size_matched", "price"),
    *(
        "associate_trades",
        "outcome",
        "type",
        "created_at",
        "expiration",
        "order_type",
        "status",
        "maker_address",
    ),
    *("timestamp", "event_type"),
]
TRADE_FIELDS = {
    *(
        "event_type",
        "type",
        "id",
        "taker_order_id",
        "market",
        "asset_id",
        "side",
        "size",
        "price",
        "fee_rate_bps",
    ),
    *("status", "match_time", "matchtime", "last_update", "outcome", "owner", "trade_owner", "maker_address"),
    *("transaction_hash", "bucket_index", "maker_orders", "trader_side", "timestamp"),
}
LEG_FIELDS = {
    *(
        "order_id",
        "owner",
        "maker_address",
        "matched_amount",
        "price",
        "fee_rate_bps",
        "asset_id",
        "outcome",
        "side",
    ),
}


def test_frames_have_every_field_of_the_real_ones() -> None:
    async def scene(bench: Bench, alice: Wallet) -> None:
        async with connected(alice.app, "/ws/user") as socket:
            socket.say(auth(alice))
            assert await socket.is_quiet()
            alice.place("BUY", 45, 5)
            told = await heard(socket)
            order = next(frame for frame in told if frame["event_type"] == "order")
            trade = next(frame for frame in told if frame["event_type"] == "trade")
            assert list(order) == ORDER_FIELDS
            assert trade.keys() == TRADE_FIELDS
            assert trade["maker_orders"][0].keys() == LEG_FIELDS
            assert (order["maker_address"], order["owner"]) == (alice.address, alice.creds["apiKey"])
            assert (len(order["timestamp"]), len(order["created_at"])) == (13, 10)
            assert (len(trade["timestamp"]), len(trade["match_time"])) == (13, 10)
            assert (trade["bucket_index"], trade["fee_rate_bps"]) == (0, "0")

    play(scene)


@pytest.mark.parametrize(
    ("terms", "status"),
    [
        (
            {"kind": "FOK", "shares": 60},
            "CANCELED_order couldn't be fully filled. FOK orders are fully filled or killed.",
        ),
        (
            {"kind": "FAK", "cents": 44},
            f"CANCELED_{NO_MATCH}",
        ),
        ({"postOnly": True}, "UNMATCHED_invalid post-only order: order crosses book"),
    ],
)
def test_an_order_refused_for_what_it_met_is_told_as_canceled_with_the_reason(
    terms: dict[str, Any], status: str
) -> None:
    async def scene(bench: Bench, alice: Wallet) -> None:
        async with connected(alice.app, "/ws/user") as socket:
            socket.say(auth(alice))
            assert await socket.is_quiet()
            said = alice.place("BUY", terms.pop("cents", 45), terms.pop("shares", 10), **terms)
            (frame,) = await heard(socket)
            assert said.json["error"] in status
            assert (frame["type"], frame["status"]) == ("CANCELLATION", status)
            assert (frame["size_matched"], frame["outcome"], frame["created_at"]) == ("", "", "")
            assert frame["associate_trades"] == []

    play(scene)


def test_a_gtd_order_that_expires_is_told_as_a_cancellation() -> None:
    async def scene(bench: Bench, alice: Wallet) -> None:
        at = int(bench.clock.now()) // SECOND + 200
        async with connected(alice.app, "/ws/user") as socket:
            socket.say(auth(alice))
            assert await socket.is_quiet()
            alice.place("BUY", 40, 10, kind="GTD", expiration=at)
            placed = await socket.hear()
            assert (placed["order_type"], placed["expiration"]) == ("GTD", str(at))
            bench.at(141)
            gone = await socket.hear()
            assert (gone["type"], gone["status"]) == ("CANCELLATION", "CANCELED_EXPIRED_ORDER")

    play(scene)


def test_nothing_that_happened_before_is_told_again() -> None:
    async def scene(bench: Bench, alice: Wallet) -> None:
        alice.place()
        async with connected(alice.app, "/ws/user") as socket:
            socket.say(auth(alice))
            assert await socket.is_quiet()

    play(scene)


def test_two_connections_of_one_key_hear_the_same() -> None:
    async def scene(bench: Bench, alice: Wallet) -> None:
        async with connected(alice.app, "/ws/user") as one, connected(alice.app, "/ws/user") as two:
            for socket in (one, two):
                socket.say(auth(alice))
                assert await socket.is_quiet()
            alice.place("BUY", 45, 5)
            assert await heard(one) == await heard(two) != []

    play(scene)
