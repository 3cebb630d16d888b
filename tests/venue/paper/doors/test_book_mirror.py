"""What a subscriber rebuilds from the frames is the book that REST shows."""

import asyncio
import json
import random
from decimal import Decimal
from typing import Any

import pytest

from messages.values import Side
from tests.venue.paper.door_bench import Wallet, a_door, ask, connected
from tests.venue.paper.engine_bench import NO, YES, Bench, bought, level, sold, whole

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

    asyncio.run(scene())
