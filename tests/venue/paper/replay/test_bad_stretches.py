"""Recorded games where they are at their worst: what a subscriber sees there, and what becomes of our orders."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from messages.values import TokenId
from tests.venue.paper.door_bench import Socket, a_door, ask, connected
from tests.venue.paper.engine_bench import ALICE, BOB, Bench
from tests.venue.paper.replay.test_recording import recorded
from venue.paper.doors.app import App
from venue.paper.engine.terms import OrderStatus, OrderType, Placement
from venue.paper.replay.recording import Recording

pytestmark = pytest.mark.recordings

CROSSED = "mlb-col-wsh-2025-06-19"
"""At 1,416.2 s bids jump over an ask at 46 that is not taken off until 1,464.2 s."""
OUTAGE = "mlb-wsh-sd-2025-06-24"
"""Between 14,665.0 and 17,526.4 s nothing was recorded; the mid fell from 62.5 to 37 cents."""
EMPTIED = "mlb-tor-cle-2025-06-24"
"""At 1,538.04 s the game starts and every order is taken off."""
SUB_CENT = "mlb-laa-nyy-2025-06-19"
"""At 1,197.2 s prices leave the cent's grid, and no frame says so."""


class Game(Bench):
    """A recorded game on the bench, at its first second; orders are for its YES unless told."""

    def __init__(self, name: str) -> None:
        (path,) = recorded(f"{name}*")
        recording = Recording(path)
        super().__init__(*recording.events(0), market=recording.market, dollars=20_000)

    def buy(self, maker: str, cents: float, shares: float, **terms: Any) -> Placement:
        """Place a BUY."""
        return super().buy(maker, cents, shares, **{"token": self.market.yes, **terms})


Scene = Callable[[Game, App, Socket], Coroutine[Any, Any, None]]


def watch(name: str, since: float, scene: Scene) -> None:
    """A subscriber of both tokens from a second of the game on, who has read the books."""

    async def run() -> None:
        bench = Game(name)
        bench.at(since)
        app = a_door(bench)
        async with connected(app, "/ws/market") as socket:
            socket.say({"assets_ids": [bench.market.yes, bench.market.no], "type": "market"})
            assert len(await socket.hear()) == 2
            await scene(bench, app, socket)

    asyncio.run(run())


async def heard(socket: Socket) -> list[dict[str, Any]]:
    """All that was sent so far."""
    socket.say("PING")
    frames = list[dict[str, Any]]()
    while not frames or frames[-1] != {}:
        text = await socket.raw()
        frames.append({} if text == "PONG" else json.loads(text))
    return frames[:-1]


def tops(frames: list[dict[str, Any]], token: TokenId) -> list[tuple[float, float]]:
    """Best bid and ask of a token after each change."""
    return [
        (float(change["best_bid"]), float(change["best_ask"]))
        for frame in frames
        for change in frame.get("price_changes", ())
        if change["asset_id"] == token
    ]


def quoted(app: App, token: TokenId) -> tuple[float, float]:
    """Best bid and ask of the REST book."""
    book = ask(app, "GET", f"/book?token_id={token}").json
    return float(book["bids"][-1]["price"]), float(book["asks"][-1]["price"])


def test_a_crossed_book_is_told_crossed_for_both_tokens_until_the_recording_uncrosses() -> None:
    async def scene(bench: Game, app: App, socket: Socket) -> None:
        bench.at(1_463)
        crossed = await heard(socket)
        for token in (bench.market.yes, bench.market.no):
            told = tops(crossed, token)
            assert len(told) > 100
            assert all(bid > best_ask for bid, best_ask in told[1:])
            bid, best_ask = quoted(app, token)
            assert (bid, best_ask) == told[-1]
        bench.at(1_470)
        await asyncio.sleep(0)
        assert "book" in {frame["event_type"] for frame in await heard(socket)}
        bid, best_ask = quoted(app, bench.market.yes)
        assert bid < best_ask

    watch(CROSSED, 1_416.1, scene)


def test_orders_that_no_quote_goes_through_are_not_filled_by_a_crossed_book() -> None:
    bench = Game(CROSSED)
    bench.at(1_416.1)
    low, high = bench.buy(ALICE, 45, 100), bench.buy(BOB, 30, 100, token=bench.market.no)
    bench.at(1_463)

    assert (bench.leaves(low, ALICE), bench.leaves(high, BOB)) == (100, 100)


def test_a_quote_of_a_crossed_book_fills_the_order_it_goes_through_once() -> None:
    bench = Game(CROSSED)
    bench.at(1_416.1)
    order = bench.buy(ALICE, 50, 10_000, token=bench.market.no)
    bench.at(1_421.7)

    assert bench.filled(ALICE) == [(50, 7_218)]
    assert bench.leaves(order, ALICE) == 10_000 - 7_218


def test_the_stale_side_of_a_crossed_book_can_be_taken_once() -> None:
    bench = Game(CROSSED)
    bench.at(1_430)
    first = bench.buy(ALICE, 46, 100, type=OrderType.FAK)
    bench.at(1_440)

    assert first.taking == 51_030_000
    assert min(bench.shown(bench.market.yes)[1]) > max(bench.shown(bench.market.yes)[0])
    second = bench.buy(BOB, 46, 5)
    assert second.status == "live"


def test_an_outage_is_a_silence_with_the_old_book_and_then_a_book_for_each_token() -> None:
    async def scene(bench: Game, app: App, socket: Socket) -> None:
        bench.at(17_526)
        assert await heard(socket) == []
        assert quoted(app, bench.market.yes) == (0.61, 0.64)
        bench.at(17_526.391)
        await asyncio.sleep(0)
        books = await heard(socket)
        assert [(book["event_type"], book["asset_id"]) for book in books] == [
            ("book", bench.market.yes),
            ("book", bench.market.no),
        ]
        assert (books[0]["bids"][-1]["price"], books[0]["asks"][-1]["price"]) == ("0.35", "0.39")
        assert quoted(app, bench.market.no) == (0.61, 0.65)

    watch(OUTAGE, 14_666, scene)


def test_an_order_on_a_stale_book_is_filled_at_its_price_by_the_snapshot_that_lies_below_it() -> None:
    bench = Game(OUTAGE)
    bench.at(14_666)
    passed, kept = bench.buy(ALICE, 40, 9_000), bench.buy(BOB, 39, 9_000)
    bench.at(17_526)
    assert bench.leaves(passed, ALICE) == 9_000
    bench.at(17_527)

    assert bench.filled(ALICE) == [(40, 5_198)]
    assert bench.leaves(kept, BOB) == 9_000


def test_when_a_game_starts_the_book_is_empty_and_our_orders_are_canceled_too() -> None:
    async def scene(bench: Game, app: App, socket: Socket) -> None:
        order = bench.buy(ALICE, 50, 100)
        bench.at(1_538)
        await heard(socket)
        bench.at(1_538.1)
        frames = await heard(socket)
        assert tops(frames, bench.market.yes)[-1] == (0, 1)
        assert tops(frames, bench.market.no)[-1] == (0, 1)
        left = {
            (change["asset_id"], change["side"], change["price"]): change["size"]
            for frame in frames
            for change in frame["price_changes"]
        }
        assert len(left) > 30
        assert set(left.values()) == {"0"}
        assert bench.leaves(order, ALICE) is None
        kind, last = bench.heard.orders[-1]
        assert (kind, last.status) == ("CANCELLATION", OrderStatus.CANCELED)
        assert bench.filled(ALICE) == []
        assert bench.buy(ALICE, 50, 100).status == "live"

    watch(EMPTIED, 1_530, scene)


def test_prices_below_a_cent_come_without_notice_and_can_be_traded_at() -> None:
    async def scene(bench: Game, app: App, socket: Socket) -> None:
        assert bench.market.tick == 10_000
        bench.at(1_200)
        frames = await heard(socket)
        prices = {change["price"] for frame in frames for change in frame.get("price_changes", ())}
        assert any(len(price) > len("0.01") for price in prices)
        assert {frame["event_type"] for frame in frames} <= {"price_change", "book", "last_trade_price"}
        said = ask(app, "GET", f"/tick-size?token_id={bench.market.yes}").json
        assert said == {"minimum_tick_size": 0.001}
        assert bench.buy(ALICE, 1.3, 100).status == "live"

    watch(SUB_CENT, 1_190, scene)
