"""What only the real server shows: connections that are cut, and what happens by itself while it serves."""

import asyncio
import base64
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from messages.values import SECOND
from tests.venue.paper.door_bench import Wallet, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench, bid, whole
from venue.paper import pump, server
from venue.paper.doors import connection
from venue.paper.doors.app import App
from venue.paper.port import listen
from venue.paper.pump import Pump
from venue.paper.server import Server, configured


@asynccontextmanager
async def served(app: App) -> AsyncIterator[int]:
    """A port on which an application is served."""
    opened = listen(0)
    server = Server(configured(app))
    serving = asyncio.ensure_future(server.serve(sockets=[opened]))
    try:
        yield opened.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


async def raw_client(port: int, path: str) -> socket.socket:
    """A websocket without a library, with little room for what it does not read."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, ("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    hello = (
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await loop.sock_sendall(client, hello.encode())
    assert b" 101 " in await loop.sock_recv(client, 4_096)
    return client


async def deaf_client(port: int) -> socket.socket:
    """One that subscribes and then never reads."""
    deaf = await raw_client(port, "/ws/market")
    loop = asyncio.get_running_loop()
    frame = json.dumps({"assets_ids": [YES, NO], "type": "market"}).encode()
    assert len(frame) < 126
    await loop.sock_sendall(deaf, bytes((0x81, 0x80 | len(frame))) + bytes(4) + frame)
    return deaf


def test_a_client_that_does_not_read_is_cut_off_for_real(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        levels = {1 + n / 10: 5.0 for n in range(400)}
        bench = Bench(*(whole(second, levels, {90 - (second % 2): 5}) for second in range(1, 2_000)))
        app = a_door(bench)
        async with served(app) as port:
            deaf = await deaf_client(port)
            while not app.open_sockets:
                await asyncio.sleep(0)
            for second in range(1, 2_000):
                bench.at(second)
                await asyncio.sleep(0)
                if second > 5 and not app.open_sockets:
                    break
            assert app.open_sockets == 0
            assert ask(app, "GET", "/ok").status == 200
            deaf.close()

    monkeypatch.setattr(connection, "MAX_QUEUED", 20)
    asyncio.run(scene())


def test_binances_websockets_are_pinged_and_the_venues_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        async with served(a_door()) as port:
            pinged = await raw_client(port, "/binance/ws/btcusdt@trade")
            left_alone = await raw_client(port, "/ws/market")
            loop = asyncio.get_running_loop()
            frame = await asyncio.wait_for(loop.sock_recv(pinged, 64), 5)
            assert frame[0] == 0x80 | 9, "a ping"
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(loop.sock_recv(left_alone, 64), 0.1)
            pinged.close()
            left_alone.close()

    monkeypatch.setattr(server, "BINANCE_PING_S", 0.05)
    asyncio.run(scene())


@asynccontextmanager
async def pumped(app: App) -> AsyncIterator[None]:
    """An exchange that is driven."""
    driving = asyncio.ensure_future(Pump(app).run())
    try:
        yield
    finally:
        driving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await driving


def test_the_background_plays_when_it_is_due() -> None:
    async def scene() -> None:
        bench = Bench(bid(5, 40, 10))
        app = a_door(bench)
        heard = len(bench.heard.levels)
        async with pumped(app):
            bench.real += 5 * SECOND
            app.changed.set()
            async with asyncio.timeout(5):
                while len(bench.heard.levels) == heard:
                    await asyncio.sleep(0)

    asyncio.run(scene())


def test_a_key_that_falls_silent_loses_its_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        bench = Bench()
        app = a_door(bench)
        alice, bob = Wallet(app).log_in(), Wallet(app, 2).log_in()
        alice.place()
        bob.place()
        alice.call("POST", "/v1/heartbeats", {"heartbeat_id": ""})
        async with pumped(app):
            bench.real += 11 * SECOND
            async with asyncio.timeout(5):
                while alice.resting():
                    await asyncio.sleep(0)
        assert len(bob.resting()) == 1

    monkeypatch.setattr(pump, "CHECK_S", 0.001)
    asyncio.run(scene())
