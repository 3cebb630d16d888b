"""How much of a core the embedded venue's engine and background take, and what its market channel adds.

    python -m benchmarks.venue_world [--world wide] [--speed 60] [--seconds 10] [--subscribed 0,10,50] [RECORDING…]

The world is one that `python -m venue.paper` plays; the process runs the same pump, with no port and no HTTP. For each
number of subscribed markets (both tokens of each, one client of the market channel for all of them) market time runs
for some real seconds. Said are the share of one core used meanwhile (CPU seconds of this process for each real second),
how fast market time really ran, how far the background was behind at the worst, and the frames made.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from loguru import logger

from messages.values import MICRO, SECOND, Money
from venue.paper.doors.app import App
from venue.paper.engine.clock import VenueClock
from venue.paper.pump import Pump
from venue.paper.worlds import WORLDS, Crowd, load_world

SETTLE_S = 1.0
"""For which the subscription and the first books are not measured."""
LOOK_S = 0.02


class Client:
    """One end of a market channel that reads as fast as it is told, and only counts."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.frames = self.bytes = 0
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._inbox.put_nowait({"type": "websocket.connect"})
        asked = json.dumps({"type": "market", "assets_ids": tokens, "custom_feature_enabled": True})
        self._inbox.put_nowait({"type": "websocket.receive", "text": asked})

    async def serve(self, app: App) -> None:
        """Until cancelled."""
        scope = {"type": "websocket", "path": "/ws/market", "extensions": {}}
        await app(scope, self._inbox.get, self._count)

    async def _count(self, event: Any) -> None:
        self.frames += event["type"] == "websocket.send"
        self.bytes += len(event.get("text", ""))


@contextlib.contextmanager
def running(*tasks: asyncio.Task[None]) -> Iterator[None]:
    """Cancelled afterwards."""
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def measure(asked: argparse.Namespace, subscribed: int) -> None:
    """One line."""
    clock = VenueClock()
    exchange = load_world(
        ":memory:",
        asked.recording,
        asked.seed,
        clock,
        Money(1_000 * MICRO),
        crowd=Crowd(world=asked.world),
    )
    app = App(exchange)
    watched = list(exchange.markets)[:subscribed]
    client = Client([str(token) for market in watched for token in (market.yes, market.no)])
    clock.start_here(asked.speed)
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(Pump(app).run())]
    if watched:
        tasks.append(loop.create_task(client.serve(app)))
    with running(*tasks):
        await asyncio.sleep(SETTLE_S)
        frames, size, market_at = client.frames, client.bytes, exchange.now
        real_at, cpu_at, worst = time.perf_counter(), time.process_time(), 0
        while (real := time.perf_counter() - real_at) < asked.seconds:
            await asyncio.sleep(LOOK_S)
            worst = max(worst, clock.now() - exchange.now)
        cpu = time.process_time() - cpu_at
        ran = (exchange.now - market_at) / SECOND / real
        sys.stdout.write(
            f"{len(exchange.markets):4} markets, {len(watched):4} subscribed, speed {asked.speed}:"
            f" {cpu / real:6.1%} of a core, market time ran {ran:.1f} times as fast as real time,"
            f" at worst {worst / SECOND / max(1, asked.speed) * 1_000:.0f} ms behind;"
            f" {(client.frames - frames) / real:,.0f} frames/s, {(client.bytes - size) / real / 1e6:.2f} MB/s\n"
        )
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if ended is not None and not isinstance(ended, asyncio.CancelledError):
            raise ended
    exchange.ledger.close()


def main() -> int:
    """One line for each number of subscribed markets."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("recording", nargs="*", type=Path)
    options.add_argument("--world", choices=sorted(WORLDS), default="wide")
    options.add_argument("--speed", type=int, default=60)
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--subscribed", default="0,1,10,50")
    options.add_argument("--seed", type=int, default=7)
    asked = options.parse_args()
    logger.remove()
    logger.add(sys.stderr, level="WARNING", format="{message}")
    for subscribed in asked.subscribed.split(","):
        asyncio.run(measure(asked, int(subscribed)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
