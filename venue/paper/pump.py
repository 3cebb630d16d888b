"""What happens by itself: the background and settlements when they are due, heartbeats that stopped, faults."""

from __future__ import annotations

import asyncio
import contextlib

from loguru import logger

from messages.values import MS, SECOND
from venue.paper.doors.app import App
from venue.paper.doors.heartbeat import CHECK_S

MAX_SLEEP_S = 0.5
"""The clock's progress is written down at least this often, give or take."""
MIN_SLEEP_S = 0.002
"""What is due within this is played together."""
SLICE_NS = 5 * MS
"""Real time for which the background is played at a stretch; then HTTP has its turn, however much is due."""

TURN_S = 0.02
"""How late a fault that is timed by the real clock begins or ends, at most."""


class Pump:
    """Drives one exchange for as long as it is awaited."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._exchange = app.exchange

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._advance())
            group.create_task(self._watch_heartbeats())
            group.create_task(self._turn_faults())

    async def _advance(self) -> None:
        changed = self._app.changed
        while True:
            if not self._exchange.advance(SLICE_NS):
                await asyncio.sleep(0)
                continue
            await asyncio.sleep(MIN_SLEEP_S)
            changed.clear()
            wait_s = self._until_due()
            if wait_s > MIN_SLEEP_S:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await changed.wait()

    def _until_due(self) -> float:
        """Real seconds until something is due."""
        due = self._exchange.next_due()
        wait_ns = None if due is None else self._exchange.clock.real_until(due)
        return MAX_SLEEP_S if wait_ns is None else min(MAX_SLEEP_S, wait_ns / SECOND)

    async def _watch_heartbeats(self) -> None:
        while True:
            await asyncio.sleep(CHECK_S)
            for owner in self._app.heartbeats.lapsed():
                canceled = self._exchange.cancel_all(owner)
                logger.info("no heartbeat of key {}…: {} orders canceled", owner[:8], len(canceled))

    async def _turn_faults(self) -> None:
        while True:
            await asyncio.sleep(TURN_S)
            self._app.faults.turn()
