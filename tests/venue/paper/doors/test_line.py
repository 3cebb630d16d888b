"""Orders and cancels that are under way for a while, in market time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from messages.values import MS, OrderId
from tests.venue.paper.door_bench import Wallet, Whole, ask, wait_for
from tests.venue.paper.engine_bench import Bench, bid, bought, sold
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import App
from venue.paper.doors.dialect import Dialect
from venue.paper.engine.latency import Latency, Way
from venue.paper.engine.tape import TapeEvent

FIXED = Latency(Way(40), Way(20))


class Trader:
    """A wallet whose calls are tasks, so that time can go on meanwhile."""

    def __init__(self, bench: Bench, latency: Latency | None = FIXED, seed: int = 1) -> None:
        self.bench = bench
        self.app = App(bench.exchange, Dialect(latency=latency), seed)
        self.wallet = Wallet(self.app).log_in()

    async def call(self, method: str, path: str, body: object) -> asyncio.Task[Whole | None]:
        """Send something, and let it get as far as it can."""
        headers = self.wallet.signed(method, path, body)
        task = asyncio.get_running_loop().create_task(wait_for(self.app, method, path, body, headers))
        await settle()
        return task

    async def place(self, side: str, cents: float, shares: float) -> asyncio.Task[Whole | None]:
        """An order."""
        return await self.call("POST", "/order", self.wallet.order(side, cents, shares))

    async def at(self, seconds: float) -> None:
        """Time goes on."""
        self.bench.at(seconds)
        await settle()

    def created_ms(self) -> list[float]:
        """When the resting orders came to be, after the start."""
        began = self.bench.clock.origin
        orders = self.bench.exchange.open_orders(self.wallet.creds["apiKey"])
        return [(order.created_at - began) / MS for order in orders]


async def settle() -> None:
    """Whoever can go on does."""
    for _ in range(10):
        await asyncio.sleep(0)


def play(scene: Callable[[Trader], Coroutine[Any, Any, None]], *events: TapeEvent, **terms: Any) -> None:
    """A scene with this background."""
    asyncio.run(scene(Trader(Bench(*events), **terms)))


def test_an_order_takes_effect_later_and_its_answer_comes_later_still() -> None:
    async def scene(trader: Trader) -> None:
        placing = await trader.place("BUY", 40, 10)
        await trader.at(0.0399)
        assert trader.created_ms() == []
        await trader.at(0.0599)
        assert trader.created_ms() == [40]
        assert not placing.done()
        await trader.at(0.0601)
        answer = await placing
        assert answer is not None
        assert (answer.status, answer.json["status"]) == (200, "live")

    play(scene)


def test_an_order_meets_the_book_as_it_is_when_it_arrives() -> None:
    async def scene(trader: Trader) -> None:
        placing = await trader.place("BUY", 45, 10)
        await trader.at(1)
        answer = await placing
        assert answer is not None
        assert answer.json["status"] == "live"

    play(scene, ask_level(0, 45, 50), bought(0.03, 45, 50), ask_level(0.03, 45, 0))


def test_whatever_happens_at_the_very_instant_of_arrival_comes_after_it() -> None:
    async def scene(trader: Trader) -> None:
        placing = await trader.place("BUY", 45, 10)
        await trader.at(1)
        answer = await placing
        assert answer is not None
        assert answer.json["status"] == "matched"

    play(scene, ask_level(0, 45, 50), ask_level(0.04, 45, 0))


@pytest.mark.parametrize(("sold_at", "canceled"), [(1.039, 0), (1.041, 1)])
def test_a_fill_may_overtake_a_cancel(sold_at: float, canceled: int) -> None:
    async def scene(trader: Trader) -> None:
        placing = await trader.place("BUY", 40, 10)
        await trader.at(1)
        placed = await placing
        assert placed is not None
        order = placed.json["orderID"]
        canceling = await trader.call("DELETE", "/order", {"orderID": order})
        await trader.at(2)
        said = await canceling
        assert said is not None
        assert len(said.json["canceled"]) == canceled
        assert len(said.json["not_canceled"]) == 1 - canceled

    play(scene, bid(0, 39, 50), sold(sold_at, 40, 20))


def test_what_is_only_read_is_not_held() -> None:
    async def scene(trader: Trader) -> None:
        assert ask(trader.app, "GET", "/ok").status == 200
        assert trader.wallet.call("GET", "/data/orders").status == 200

    play(scene)


def test_an_order_takes_effect_though_its_sender_is_gone() -> None:
    async def scene(trader: Trader) -> None:
        placing = await trader.place("BUY", 40, 10)
        placing.cancel()
        await trader.at(1)
        assert trader.created_ms() == [40]

    play(scene)


def test_the_same_seed_draws_the_same_spans_and_another_one_does_not() -> None:
    async def arrivals(seed: int) -> list[float]:
        trader = Trader(Bench(), Latency(), seed)
        for cents in range(30, 40):
            await trader.place("BUY", cents, 5)
        await trader.at(10)
        return trader.created_ms()

    first, again, other = (asyncio.run(arrivals(seed)) for seed in (5, 5, 6))
    assert len(first) == 10
    assert len(set(first)) > 5
    assert first == again != other


def test_a_refusal_is_under_way_as_long() -> None:
    async def scene(trader: Trader) -> None:
        canceling = await trader.call("DELETE", "/order", {"orderID": OrderId("no id")})
        await trader.at(0.05)
        assert not canceling.done()
        await trader.at(0.07)
        said = await canceling
        assert said is not None
        assert said.status == 400

    play(scene)


def test_while_the_market_clock_stands_still_nothing_is_held() -> None:
    async def scene(trader: Trader) -> None:
        trader.bench.clock.start_here(0)
        placing = await trader.place("BUY", 40, 10)
        assert placing.done()

    play(scene)


def test_without_a_latency_nothing_waits() -> None:
    async def scene(trader: Trader) -> None:
        assert trader.wallet.place("BUY", 40, 10).json["status"] == "live"

    play(scene, latency=None)
