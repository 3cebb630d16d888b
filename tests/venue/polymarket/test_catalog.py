import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from messages.market import CatalogFailed, CatalogRead, ReadCatalog
from venue.polymarket.catalog import Catalog, CatalogSettings

HTML = "<html>Attention Required! | Cloudflare</html>"


def a_row(number, **others):
    return {
        "id": str(number),
        "question": f"Question {number}?",
        "conditionId": f"0x{number:064x}",
        "slug": f"market-{number}",
        "clobTokenIds": json.dumps([str(2 * number), str(2 * number + 1)]),
        "active": True,
        "closed": False,
        "enableOrderBook": True,
        "acceptingOrders": True,
        "orderPriceMinTickSize": 0.01,
        "orderMinSize": 5,
    } | others


@asynccontextmanager
async def a_gamma(answers):
    """A web server on loopback that knows these answers by request target; the rest is 404."""

    async def serve(reader, writer):
        try:
            while request := await reader.readline():
                while (await reader.readline()).strip():
                    pass
                target = request.split()[1].decode()
                asked.append(target)
                status, body = answers.get(target, (404, '{"error":"not found"}'))
                if status is None:
                    await asyncio.Event().wait()
                kind = "text/html" if str(body).startswith("<") else "application/json"
                data = (body if isinstance(body, str) else json.dumps(body)).encode()
                head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(data)}\r\n\r\n"
                writer.write(head.encode() + data)
                await writer.drain()
        except asyncio.CancelledError:
            pass
        finally:
            writer.close()

    asked: list[str] = []
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/gamma", asked
    finally:
        server.close()


QUERY = "closed=false&limit=100&order=volume24hr&ascending=false"
KEYSET = f"/gamma/markets/keyset?{QUERY}"
PLAIN = f"/gamma/markets?{QUERY}"


def read_from(answers, slugs=(), **settings):
    """What the catalog says, and what it asked for."""

    async def go():
        async with a_gamma(answers) as (url, asked):
            catalog = Catalog(url, CatalogSettings(**settings))
            await catalog.open()
            said = [m async for m in catalog.read(ReadCatalog(slugs=tuple(slugs)))]
            await catalog.close()
        assert len(said) == 1
        return said[0], asked

    return asyncio.run(go())


def slugs_of(said):
    assert isinstance(said, CatalogRead), said
    return [info.slug for info in said.markets]


def test_pages_are_read_until_no_cursor_is_given():
    said, _ = read_from(
        {
            KEYSET: (200, {"markets": [a_row(1)], "next_cursor": "abc"}),
            f"{KEYSET}&after_cursor=abc": (200, {"markets": [a_row(2)], "next_cursor": ""}),
        }
    )

    assert slugs_of(said) == ["market-1", "market-2"]


def test_a_cursor_that_never_ends_is_not_followed_for_ever():
    again = {"markets": [a_row(1)], "next_cursor": "abc"}

    said, asked = read_from({KEYSET: (200, again), f"{KEYSET}&after_cursor=abc": (200, again)}, max_pages=4)

    assert slugs_of(said) == ["market-1"]
    assert len(asked) == 4


def test_a_venue_without_keyset_pages_is_read_by_offset():
    said, _ = read_from(
        {
            f"{PLAIN}&offset=0": (200, [a_row(n) for n in range(1, 101)]),
            f"{PLAIN}&offset=100": (200, [a_row(101)]),
        }
    )

    assert len(slugs_of(said)) == 101


def test_rows_that_cannot_be_believed_are_skipped_and_counted():
    rows = [a_row(1), {"conditionId": 7}, a_row(2, version="v2"), a_row(3, clobTokenIds="[]"), "row"]

    said, _ = read_from({KEYSET: (200, {"markets": rows})})

    assert slugs_of(said) == ["market-1"]
    assert said.skipped == 4


def test_a_wanted_market_that_the_list_leaves_out_is_read_by_name():
    said, asked = read_from(
        {
            KEYSET: (200, {"markets": [a_row(1)]}),
            "/gamma/markets/slug/market-7": (200, a_row(7, closed=True)),
        },
        slugs=["market-1", "market-7", "market-8"],
    )

    assert slugs_of(said) == ["market-1", "market-7"]
    assert [info.accepting_orders for info in said.markets] == [True, False]
    assert asked[1:] == ["/gamma/markets/slug/market-7", "/gamma/markets/slug/market-8"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((403, HTML), "denies access (403, a web page instead of data)"),
        ((429, "{}"), "we ask too often"),
        ((502, HTML), "in trouble (502)"),
        ((301, ""), "answered 301"),
        ((200, HTML), "sent a web page instead of a list of markets"),
        ((200, "[1, 2"), "sent something else instead of a list of markets"),
        ((200, "[" * 100_000), "instead of a list of markets"),
    ],
)
def test_an_answer_that_is_no_list_is_a_reason_in_plain_words(answer, reason):
    said, _ = read_from({KEYSET: answer})

    assert isinstance(said, CatalogFailed)
    assert reason in said.reason


def test_a_venue_that_does_not_answer_is_not_waited_for():
    said, _ = read_from({KEYSET: (None, "")}, timeout_s=0.05)

    assert isinstance(said, CatalogFailed)
    assert "did not answer in 0.05 s" in said.reason


def test_a_whole_reading_has_its_own_limit():
    said, _ = read_from({KEYSET: (None, "")}, timeout_s=60, total_s=0.05)

    assert isinstance(said, CatalogFailed)
    assert "took longer than 0.05 s" in said.reason


def test_a_venue_that_is_not_there_is_said_to_be_out_of_reach():
    async def go():
        catalog = Catalog("http://127.0.0.1:1/gamma")
        await catalog.open()
        said = [m async for m in catalog.read(ReadCatalog())]
        await catalog.close()
        return said

    (said,) = asyncio.run(go())
    assert isinstance(said, CatalogFailed)
    assert "cannot reach 127.0.0.1:1" in said.reason
