"""What a subscriber rebuilds from the frames is the book that REST shows."""

import asyncio
import gzip
import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from messages.values import MarketId, MarketNs, Price, Side, Size, TokenId
from tests.venue.paper.door_bench import Wallet, a_door, ask, connected
from tests.venue.paper.engine_bench import NO, YES, Bench, a_market, bought, level, sold, whole
from venue.paper.doors.book_mirror import BookMirror
from venue.paper.engine.terms import BookView
from venue.wire.numbers import micro

WINDOW = "crypto-updown_2026-06-26.new-format.jsonl.gz"
Book = dict[str, dict[Decimal, str]]


def background(dice: random.Random, seconds: int) -> list[Any]:
    """Levels, prints and whole books around fifty cents."""
    events: list[Any] = []
    for second in range(1, seconds):
        mid = 50 + 10 * dice.random()
        at = int(mid)
        events.append(
            dice.choice(
                (
                    level(second, Side.BID, at - dice.randint(1, 5), dice.choice((0, 5, 12.5))),
                    level(second, Side.ASK, at + dice.randint(1, 5), dice.choice((0, 5, 12.5))),
                    bought(second, at + 1, 7),
                    sold(second, at - 1, 7),
                    whole(second, {at - 2: 9, at - 4: 20}, {at + 2: 8, at + 3: 1}),
                )
            )
        )
    return events


def note(books: dict[str, Book], frame: dict[str, Any]) -> None:
    """What a subscriber does with a frame."""
    if frame["event_type"] == "book":
        books[frame["asset_id"]] = {
            side: {Decimal(row["price"]): row["size"] for row in frame[side]} for side in ("bids", "asks")
        }
    for change in frame.get("price_changes", ()):
        side = books[change["asset_id"]]["bids" if change["side"] == "BUY" else "asks"]
        side.pop(Decimal(change["price"]), None)
        if change["size"] != "0":
            side[Decimal(change["price"])] = change["size"]
        best = books[change["asset_id"]]
        assert Decimal(change["best_bid"]) == max(best["bids"], default=0)
        assert Decimal(change["best_ask"]) == min(best["asks"], default=1)


@pytest.mark.parametrize("seed", range(5))
def test_a_subscriber_who_applies_every_frame_has_the_whole_book(seed: int) -> None:
    async def scene() -> None:
        dice = random.Random(seed)
        bench = Bench(*background(dice, 120))
        app = a_door(bench)
        alice = Wallet(app).log_in()
        async with connected(app, "/ws/market") as socket:
            socket.say({"assets_ids": [YES, NO], "type": "market"})
            books: dict[str, Book] = {}
            for frame in await socket.hear():
                note(books, frame)
            for second in range(1, 120):
                bench.at(second)
                if dice.random() < 0.4:
                    alice.place("BUY", dice.randint(40, 60), 5, token=dice.choice((YES, NO)))
                if dice.random() < 0.1:
                    alice.call("DELETE", "/cancel-all")
                await asyncio.sleep(0)
                socket.say("PING")
                while (text := await socket.raw()) != "PONG":
                    note(books, json.loads(text))
                for token in (YES, NO):
                    shown = ask(app, "GET", f"/book?token_id={token}").json
                    for side in ("bids", "asks"):
                        rows = {Decimal(row["price"]): row["size"] for row in shown[side]}
                        assert books[token][side] == rows, (second, token, side)
                async with connected(app, "/ws/market") as late:
                    late.say({"assets_ids": [YES, NO], "type": "market"})
                    for book in await late.hear():
                        shown = ask(app, "GET", f"/book?token_id={book['asset_id']}").json
                        assert (book["hash"], book["bids"]) == (shown["hash"], shown["bids"]), second

    asyncio.run(scene())


@pytest.mark.recordings
def test_a_mirror_has_the_very_hash_that_the_venue_computed(recordings: Path) -> None:
    """Of a recorded book, and of the change that led to it: a change's hash is that of the book after it."""
    lines = gzip.decompress((recordings / WINDOW).read_bytes()).splitlines()
    frames = [json.loads(line)["m"] for line in lines]
    books = {book["asset_id"]: book for book in frames[0]}
    yes, no = books
    told = books[yes]
    market = a_market(
        id=MarketId(told["market"]),
        yes=TokenId(yes),
        no=TokenId(no),
        tick=Price(micro(told["tick_size"])),
        last_print=Price(970_000),
    )
    bids, asks = (
        tuple((Price(micro(row["price"])), Size(micro(row["size"]))) for row in told[side])
        for side in ("bids", "asks")
    )
    mirror = BookMirror(market, BookView(market.id, market.yes, bids, asks, MarketNs(0)))
    (change,) = [
        entry
        for frame in frames[1:]
        for entry in frame["price_changes"]
        if frame["timestamp"] == told["timestamp"]
        and entry["asset_id"] == yes
        and entry["size"] == "16174.14"
    ]

    assert mirror.hash(TokenId(yes), told["timestamp"]) == told["hash"] == change["hash"]
    assert mirror.hash(TokenId(no), told["timestamp"]) == books[no]["hash"]
