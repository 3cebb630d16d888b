"""Gamma and the Data API at the root of ports of their own, over real sockets."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from typing import Any

from tests.venue.paper.door_bench import a_door
from tests.venue.paper.engine_bench import Bench
from venue.paper.doors.roots import DATA, GAMMA, Roots
from venue.paper.port import listen, roots
from venue.paper.server import Server, configured

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def read(port: int, path: str) -> Any:
    """The JSON behind a URL, asked for by a client that knows nothing of prefixes."""
    with _OPENER.open(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return json.load(answer)


def test_a_port_of_its_own_has_its_api_at_the_root_and_the_first_port_has_everything() -> None:
    async def scene() -> None:
        with listen(0) as opened, roots({GAMMA: 0, DATA: 0}) as beside:
            ports = {path: found.getsockname()[1] for path, found in beside.items()}
            app = Roots(a_door(Bench()), {port: path for path, port in ports.items()})
            server = Server(configured(app))
            serving = asyncio.ensure_future(server.serve(sockets=[opened, *beside.values()]))
            first = opened.getsockname()[1]
            asked = (
                (ports[GAMMA], "/markets/slug/a-market"),
                (ports[DATA], "/v2/trades"),
                (first, "/gamma/markets/slug/a-market"),
                (first, "/version"),
            )
            answers = [await asyncio.to_thread(read, *each) for each in asked]
            server.should_exit = True
            await serving
        alone, trades, below, version = answers
        assert alone["conditionId"] == below["conditionId"] == "0xmarket"
        assert trades["data"] == []
        assert version == {"version": 2}

    asyncio.run(scene())


def test_without_a_wish_there_is_no_other_port() -> None:
    with roots({GAMMA: None, DATA: None}) as beside:
        assert beside == {}
