import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from messages.market import BooksFailed, BooksRead, ReadBooks, WitnessedBook
from venue.polymarket.witness import Witness, WitnessSettings

WANTED = ReadBooks(markets=(("0xa", "1"), ("0xb", "3")))


def a_book(token, **others):
    return {
        "market": "0x",
        "asset_id": token,
        "timestamp": "1790934258308",
        "hash": "ab",
        "bids": [{"price": "0.44", "size": "1"}, {"price": "0.45", "size": "2"}],
        "asks": [{"price": "0.48", "size": "1"}, {"price": "0.47", "size": "2.5"}],
        "min_order_size": "5",
        "tick_size": "0.01",
        "neg_risk": False,
        "last_trade_price": "0.4",
    } | others


@asynccontextmanager
async def a_venue(status, answer):
    """A web server that answers everything like this, and what it was asked."""
    asked = []

    async def serve(reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = int(head.lower().split("content-length:")[1].split()[0])
            asked.append((head.split("\r\n", 1)[0], json.loads(await reader.readexactly(length))))
            if status is None:
                await asyncio.Event().wait()
            data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(data)}\r\n\r\n".encode() + data)
            await writer.drain()
        except asyncio.CancelledError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    finally:
        server.close()


def asking(status, answer, url=None, **settings):
    """What the witness says, and what the venue was asked."""

    async def go():
        async with a_venue(status, answer) as (address, asked):
            witness = Witness(url or address, WitnessSettings(**settings))
            await witness.open()
            said = [found async for found in witness.read(WANTED)]
            await witness.close()
            return said, asked

    (found,), asked = asyncio.run(go())
    return found, asked


def test_one_request_asks_for_all_books_and_they_are_read_best_level_first():
    found, asked = asking(200, [a_book("3"), a_book("9"), a_book("1", bids=[])])

    assert asked == [("POST /books HTTP/1.1", [{"token_id": "1"}, {"token_id": "3"}])]
    assert isinstance(found, BooksRead)
    assert found.books == (
        WitnessedBook(
            market="0xb",
            bids=((450_000, 2_000_000), (440_000, 1_000_000)),
            asks=((470_000, 2_500_000), (480_000, 1_000_000)),
            venue_at=1790934258308,
            tick=10_000,
        ),
        WitnessedBook(
            market="0xa",
            bids=(),
            asks=((470_000, 2_500_000), (480_000, 1_000_000)),
            venue_at=1790934258308,
            tick=10_000,
        ),
    )
    assert found.asked_at <= found.seen_at


@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (429, "slow down", "we ask too often (429)"),
        (502, "<html>", "is in trouble (502)"),
        (200, "<html>", "sent a web page instead of books"),
        (200, [a_book("1", bids=[{"price": "7", "size": "1"}])], "'7' is no price"),
        (200, [{"asset_id": 1}], "sent something else instead of books"),
        (None, "", "did not answer in 0.05 s"),
    ],
)
def test_what_is_no_answer_is_said_with_its_reason(status, answer, reason):
    found, _ = asking(status, answer, timeout_s=0.05 if status is None else 3.0)

    assert isinstance(found, BooksFailed)
    assert reason in found.reason


def test_a_venue_that_is_away_is_said_to_be():
    found, _ = asking(200, [], url="http://127.0.0.1:1")

    assert "cannot reach 127.0.0.1:1" in found.reason
