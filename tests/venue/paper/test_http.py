"""HTTP as the official client needs it, over real sockets (VENUE §1.3, §10.4)."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any, NamedTuple

from tests.venue.paper.door_bench import Said, Wallet, a_door, compact
from tests.venue.paper.engine_bench import NO, YES, Bench, bid
from tests.venue.paper.engine_bench import ask as ask_level
from tests.venue.paper.test_port import served
from venue.paper.doors.app import App
from venue.paper.doors.dialect import Dialect


class Reply(NamedTuple):
    """An answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body's JSON."""
        return json.loads(self.body)


class Line:
    """One connection, kept alive."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Reply:
        """One request; without a body there is no Content-Length either."""
        lines = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: keep-alive"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self._writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))
        async with asyncio.timeout(5):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            told = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            return Reply(
                int(head[0].split()[1]), told, await self._reader.readexactly(int(told["content-length"]))
            )

    async def signed(self, wallet: Wallet, method: str, path: str, body: bytes | None = None) -> Reply:
        """A call of a wallet's key."""
        return await self.ask(method, path, body, wallet.l2(method, path, body or b""))

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def lined(port: int) -> Line:
    """A new connection."""
    return Line(*await asyncio.open_connection("127.0.0.1", port))


def test_one_connection_carries_every_call_with_and_without_bodies() -> None:
    async def scene() -> None:
        app = a_door()
        alice = Wallet(app)
        async with served(app) as port:
            line = await lined(port)
            made = await line.ask("POST", "/auth/api-key", b"", alice.l1())
            assert made.status == 200
            alice.creds = made.json
            placed = await line.signed(alice, "POST", "/order", compact(alice.order("BUY", 30, 5)))
            assert placed.json["status"] == "live"
            body = compact({"orderID": placed.json["orderID"]})
            assert (await line.signed(alice, "DELETE", "/order", body)).json["canceled"]
            await line.signed(alice, "POST", "/order", compact(alice.order("BUY", 30, 5)))
            assert (await line.signed(alice, "DELETE", "/orders", b'["0x00"]')).json["not_canceled"]
            assert len((await line.signed(alice, "DELETE", "/cancel-all")).json["canceled"]) == 1
            assert (await line.signed(alice, "POST", "/heartbeats", b"")).json == {"status": "ok"}
            assert (await line.signed(alice, "POST", "/order", b"{")).status == 400
            assert (await line.ask("GET", "/ok")).body == b'"OK"'
            line.close()

    asyncio.run(scene())


def test_success_is_200_and_nothing_else_and_everything_is_json() -> None:
    async def scene() -> None:
        async with served(a_door()) as port:
            line = await lined(port)
            for method, path, body in (
                *(("GET", "/time", None), ("GET", "/markets", None), ("GET", f"/book?token_id={YES}", None)),
                ("POST", "/books", compact([{"token_id": YES}])),
            ):
                said = await line.ask(method, path, body)
                assert (said.status, said.headers["content-type"]) == (200, "application/json"), path
            for method, path, status in (
                *(
                    ("GET", "/nowhere", 404),
                    ("PUT", "/order", 405),
                    ("GET", "/order", 405),
                    ("POST", "/time", 405),
                ),
                *(("POST", "/order", 401), ("GET", "/book?token_id=x", 400)),
            ):
                said = await line.ask(method, path, b"")
                assert said.status == status, path
                assert list(said.json) == ["error"], path
            line.close()

    asyncio.run(scene())


def test_prices_and_sizes_are_decimal_strings() -> None:
    async def scene() -> None:
        app = a_door(Bench(bid(0, 38, 50.5), ask_level(0, 45, 50)))
        async with served(app) as port:
            line = await lined(port)
            book = (await line.ask("GET", f"/book?token_id={NO}")).json
            assert book["bids"] == [{"price": "0.55", "size": "50"}]
            assert book["asks"] == [{"price": "0.62", "size": "50.5"}]
            assert (book["min_order_size"], book["tick_size"], book["neg_risk"]) == ("5", "0.01", False)
            assert len(book["timestamp"]) == 13
            assert (await line.ask("GET", f"/midpoint?token_id={YES}")).json == {"mid": "0.415"}
            assert (await line.ask("GET", f"/price?token_id={YES}&side=SELL")).json == {"price": "0.45"}
            assert (await line.ask("GET", f"/spread?token_id={YES}")).json == {"spread": "0.07"}
            assert (await line.ask("GET", f"/tick-size?token_id={YES}")).json == {"minimum_tick_size": 0.01}
            line.close()

    asyncio.run(scene())


def test_long_answers_are_compressed_for_those_who_accept_it_where_that_is_on() -> None:
    async def scene() -> None:
        bench = Bench(*(bid(0, cents, 5) for cents in range(1, 60)))
        plain = a_door(bench)
        async with served(plain) as port, served(App(bench.exchange, Dialect(gzip=True))) as other:
            accept = {"Accept-Encoding": "gzip, deflate"}
            first, second = await lined(port), await lined(other)
            path = f"/book?token_id={YES}"
            whole = await first.ask("GET", path, headers=accept)
            assert "content-encoding" not in whole.headers
            small = await second.ask("GET", path, headers=accept)
            assert small.headers["content-encoding"] == "gzip"
            assert gzip.decompress(small.body) == whole.body
            assert "content-encoding" not in (await second.ask("GET", path)).headers
            assert "content-encoding" not in (await second.ask("GET", "/time", headers=accept)).headers
            first.close()
            second.close()

    asyncio.run(scene())


def test_a_body_beyond_the_limit_is_refused_and_the_line_closed() -> None:
    async def scene() -> None:
        async with served(a_door()) as port:
            line = await lined(port)
            said = await line.ask("POST", "/order", b" " * (1 << 20) + b" ")
            assert (said.status, said.json) == (400, {"error": "Payload exceeds the limit"})
            assert said.headers["connection"] == "close"
            line.close()

    asyncio.run(scene())


def test_requests_in_a_row_are_answered_in_their_order() -> None:
    async def scene() -> None:
        async with served(a_door()) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /ok HTTP/1.1\r\nHost: x\r\n\r\nGET /version HTTP/1.1\r\nHost: x\r\n\r\n")
            async with asyncio.timeout(5):
                told = b""
                while b'{"version":2}' not in told:
                    told += await reader.read(4_096)
            assert told.index(b'"OK"') < told.index(b'{"version":2}')
            writer.close()

    asyncio.run(scene())


def test_listings_begin_at_zero_or_nothing_and_end_at_minus_one() -> None:
    alice = Wallet(a_door()).log_in()
    for _ in range(101):
        alice.place("BUY", 1, 5)

    def page(cursor: str) -> Said:
        return alice.call("GET", f"/data/orders{cursor}")

    first = page("").json
    assert (len(first["data"]), first["limit"], first["next_cursor"]) == (100, 100, "MTAw")
    assert page("?next_cursor=MA%3D%3D").json == first
    last = page("?next_cursor=MTAw").json
    assert (len(last["data"]), last["count"], last["next_cursor"]) == (1, 1, "LTE=")
    assert page("?next_cursor=LTE%3D") == Said(
        400, {"error": "next item should be greater than or equal to 0"}
    )
    assert page("?next_cursor=%21") == Said(400, {"error": "Invalid next_cursor"})
