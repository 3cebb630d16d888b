"""Crypto windows as clients see them."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from messages.system import ClockAnchor
from messages.values import SECOND, MarketNs, RealNs
from tests.venue.paper.door_bench import Wallet, ask, connected
from venue.paper.crowd.reference import Reference
from venue.paper.crowd.rolling import Windows, crowd_of
from venue.paper.crowd.windows import SERIES, Window
from venue.paper.doors.app import App
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.ledger.ledger import Ledger

START_S = 1_795_300_200
SLUG = f"btc-updown-5m-{START_S}"


class World:
    """The first series of windows, from the start of one on."""

    def __init__(self) -> None:
        self.real = 0
        clock = VenueClock(lambda: RealNs(self.real))
        clock.start(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(START_S * SECOND), speed=1))
        self.exchange = Exchange(clock, Ledger(":memory:"))
        self.app = App(self.exchange)
        Windows(self.exchange, Reference(1), crowd_of(1), SERIES[:1]).begin()

    def at(self, second: float) -> None:
        """It is so many seconds after the start."""
        self.real = round(second * SECOND)
        self.exchange.advance()


def row_of(world: World, slug: str) -> Any:
    (row,) = ask(world.app, "GET", f"/gamma/markets?slug={slug}&closed=").json
    return row


def test_gamma_describes_a_window() -> None:
    world = World()
    row = row_of(world, SLUG)

    assert json.loads(row["outcomes"]) == ["Up", "Down"]
    assert (row["eventStartTime"], row["endDate"]) == ("2026-11-21T22:30:00Z", "2026-11-21T22:35:00Z")
    assert "gameStartTime" not in row
    assert (row["feeType"], row["feeSchedule"]["rate"], row["orderMinSize"]) == ("crypto_fees_v2", 0.07, 5)
    assert ask(world.app, "GET", f"/clob-markets/{row['conditionId']}").json["itode"] is True
    world.at(360)
    row = row_of(world, SLUG)
    assert (row["closed"], row["umaResolutionStatus"]) == (True, "resolved")
    assert sorted(json.loads(row["outcomePrices"])) == ["0", "1"]


@pytest.mark.recordings
def test_its_row_has_keys_and_types_of_the_venues_own(recordings: Path) -> None:
    path = recordings.parent / "metadata" / "gamma_markets_btc-updown-5m_2026-07-24.jsonl.gz"
    with gzip.open(path, "rt") as file:
        real = json.loads(file.readline())["raw"]
    world = World()
    world.at(400)
    row = row_of(world, SLUG)

    for key in ("slug", "outcomes", "eventStartTime", "endDate", "endDateIso", "feeSchedule", "feeType",
                "clobTokenIds", "conditionId", "orderPriceMinTickSize", "orderMinSize", "rewardsMinSize",
                "rewardsMaxSpread", "outcomePrices", "umaResolutionStatus", "closedTime", "acceptingOrders",
                "automaticallyResolved", "question", "negRisk", "clearBookOnStart"):  # fmt: skip
        assert type(row[key]) in ((int, float) if type(real[key]) in (int, float) else (type(real[key]),)), (
            key
        )
    for key in ("feeSchedule", "feeType", "orderMinSize", "rewardsMinSize", "rewardsMaxSpread", "negRisk"):
        assert row[key] == real[key], key


def test_new_windows_and_outcomes_are_told_to_whoever_asked_for_extras() -> None:
    async def scene() -> None:
        world = World()
        async with connected(world.app, "/ws/market") as socket:
            socket.say({"assets_ids": [], "type": "market", "custom_feature_enabled": True})
            assert await socket.is_quiet()
            world.at(300)
            frame = await socket.hear_kind("new_market")
            assert (frame["slug"], frame["outcomes"]) == (f"btc-updown-5m-{START_S + 600}", ["Up", "Down"])
            world.at(360)
            frame = await socket.hear_kind("market_resolved")
            window = Window(SERIES[0], START_S)
            assert frame["market"] == window.id
            assert frame["winning_outcome"] == ("Up" if window.odds(Reference(1)).yes_wins else "Down")

    asyncio.run(scene())


def test_a_marketable_order_waits_150_ms_and_then_trades_as_up_or_down() -> None:
    world = World()
    world.at(1)
    alice = Wallet(world.app).log_in()
    down = json.loads(row_of(world, SLUG)["clobTokenIds"])[1]

    placed = alice.place("BUY", 90, 5, token=down).json
    assert placed["status"] == "delayed"
    world.at(1.149)
    assert alice.call("GET", "/data/trades").json["data"] == []
    world.at(1.15)

    trades = alice.call("GET", "/data/trades").json["data"]
    assert {trade["outcome"] for trade in trades} == {"Down"}
    assert sum(float(trade["size"]) for trade in trades) == pytest.approx(5)
