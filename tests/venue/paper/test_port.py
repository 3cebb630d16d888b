"""The sockets of a venue: a port that faults close and cut, and a control socket that stays."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from messages.values import SECOND
from tests.venue.paper.door_bench import Wallet, a_door, compact
from tests.venue.paper.engine_bench import Bench
from venue.paper.doors.app import App
from venue.paper.port import Port, PortError, control, listen
from venue.paper.server import Server, configured


@asynccontextmanager
async def served(app: App, *others: socket.socket, port: int = 0) -> AsyncIterator[int]:
    """The number of the port on which an application is served; faults may close it."""
    with listen(port) as opened:
        server = Server(configured(app))
        watched = Port(opened, app.stage)
        number = int(opened.getsockname()[1])
        serving = asyncio.ensure_future(server.serve(sockets=[opened, *others]))
        while not server.started:
            await asyncio.sleep(0)
        watching = asyncio.ensure_future(watched.watch(server.servers[0], server.protocol))
        try:
            yield number
        finally:
            server.should_exit = True
            watching.cancel()
            await asyncio.gather(serving, watching, return_exceptions=True)


async def get(port: int | str, request: bytes = b"GET /time HTTP/1.1\r\nHost: x\r\n\r\n") -> bytes:
    """The answer's head and body, b"" when the line is cut. A text is the path of a Unix-domain socket."""
    reader, writer = await (
        asyncio.open_unix_connection(port)
        if isinstance(port, str)
        else asyncio.open_connection("127.0.0.1", port)
    )
    try:
        writer.write(request)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return head + await reader.readexactly(length)
        return b""
    finally:
        writer.close()


async def is_refused(port: int) -> bool:
    """Whether nobody listens."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False


async def until(holds: Callable[[], object]) -> None:
    """Let others work until it does."""
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0)


def post(path: str, body: object) -> bytes:
    """A request as it goes over the wire."""
    data = compact(body)
    return b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (path.encode(), len(data), data)


@pytest.mark.parametrize("fixed", [False, True])
def test_a_port_that_is_closed_refuses_connections_until_it_opens_again(fixed: bool) -> None:
    async def scene() -> None:
        with listen(0) as chosen:
            number = chosen.getsockname()[1]
        bench = Bench()
        app = a_door(bench)
        async with served(app, port=number if fixed else 0) as port:
            fault = {"kind": "refuse_connection", "for": 10, "clock": "real"}
            assert b" 200 " in await get(port, post("/sim/faults", fault))
            while not await is_refused(port):
                await asyncio.sleep(0)
            bench.real += 10 * SECOND
            app.faults.turn()
            while await is_refused(port):
                await asyncio.sleep(0)
            assert b" 200 " in await get(port)
            assert b" 200 " in await get(port, post("/sim/faults", {**fault, "name": "again"}))
            while not await is_refused(port):
                await asyncio.sleep(0)

    asyncio.run(scene())


def test_a_dropped_answer_cuts_the_line_after_the_order_was_taken() -> None:
    async def scene() -> None:
        app = a_door()
        alice = Wallet(app).log_in()
        async with served(app) as port:
            await get(port, post("/sim/faults", {"kind": "drop_answer", "routes": ["POST /order"]}))
            body = compact(alice.order())
            headers = alice.signed("POST", "/order", body)
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            request = (
                f"POST /order HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            assert await get(port, request) == b""
            assert len(alice.resting()) == 1
            assert b" 200 " in await get(port)

    asyncio.run(scene())


def test_a_venue_that_stops_leaves_nobody_waiting_for_a_stalled_answer(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        app = a_door()
        async with served(app) as port:
            await get(port, post("/sim/faults", {"kind": "stall", "seconds": 3_600}))
            waiting = asyncio.ensure_future(get(port))
            await until(lambda: next(iter(app.faults.runs.values())).hits)
        assert await waiting == b""

    monkeypatch.setattr("venue.paper.server.CLOSE_S", 0.01)
    asyncio.run(scene())
    assert "Traceback" not in caplog.text
    assert "Exception in ASGI" not in caplog.text


def test_the_control_socket_is_served_while_the_port_is_closed(tmp_path: Path) -> None:
    async def scene() -> None:
        app = a_door()
        path = tmp_path / "control"
        with control(path) as others:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            async with served(app, *others) as port:
                fault = {"name": "shut", "kind": "refuse_connection", "for": 3600, "clock": "real"}
                assert b" 200 " in await get(str(path), post("/sim/faults", fault))
                while not await is_refused(port):
                    await asyncio.sleep(0)
                assert b" 200 " in await get(str(path))
                request = b"DELETE /sim/faults/shut HTTP/1.1\r\nHost: x\r\n\r\n"
                answer = await get(str(path), request)
                assert json.loads(answer.partition(b"\r\n\r\n")[2])["faults"] == []
                while await is_refused(port):
                    await asyncio.sleep(0)
        assert not path.exists()

    asyncio.run(scene())


def test_a_control_socket_left_behind_is_taken_over_and_one_in_use_is_not(tmp_path: Path) -> None:
    path = tmp_path / "control"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    with control(path), pytest.raises(PortError, match="Address already in use"), control(path):
        pass

    path.write_text("somebody's file")
    with pytest.raises(PortError, match="--control"), control(path):
        pass
    assert path.read_text() == "somebody's file"
    with pytest.raises(PortError, match="--control"), control(tmp_path / "no" / "where"):
        pass


def test_without_a_path_there_is_no_control_socket() -> None:
    with control(None) as others:
        assert others == []
