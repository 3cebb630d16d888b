"""What happens by itself leaves others their turn."""

from __future__ import annotations

import asyncio
import itertools

from messages.values import MS, SECOND
from tests.venue.paper.engine.test_timeline import Slow
from venue.paper.doors.app import App
from venue.paper.pump import Pump


async def turns_until_played(crowd: Slow, pump: Pump, moves: int) -> list[int]:
    """How far the background was at each turn of somebody else's."""
    pumping = asyncio.create_task(pump.run())
    seen = [0]
    while seen[-1] < moves:
        await asyncio.sleep(0)
        assert not pumping.done()
        seen.append(len(crowd.acted_at))
    pumping.cancel()
    await asyncio.gather(pumping, return_exceptions=True)
    return seen


def test_others_have_their_turn_while_a_long_backlog_is_played() -> None:
    crowd = Slow(cost_ns=MS // 2)
    exchange = crowd.world(speed=100)
    crowd.real += 10 * SECOND

    seen = asyncio.run(turns_until_played(crowd, Pump(App(exchange)), 1_000))

    assert max(after - before for before, after in itertools.pairwise(seen)) < 20
    assert crowd.acted_at == [second * SECOND for second in range(len(crowd.acted_at))]
