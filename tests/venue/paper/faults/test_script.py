"""When faults begin and end, how often they hit, and what is said of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from loguru import logger

from messages.values import SECOND
from tests.venue.paper.door_bench import wait_for
from tests.venue.paper.faults.stage import Scene
from venue.paper.faults.run import Run


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What is logged."""
    said: list[str] = []
    sink = logger.add(lambda line: said.append(line.strip()), format="{message}", level="INFO")
    yield said
    logger.remove(sink)


def statuses(scene: Scene, count: int) -> list[int]:
    """Of so many questions for the time."""

    async def ask_all() -> list[int]:
        said = [await wait_for(scene.app, "GET", "/time") for _ in range(count)]
        return [0 if one is None else one.status for one in said]

    return asyncio.run(ask_all())


FAULT: dict[str, Any] = {"kind": "http_500", "routes": ["GET /time"]}


def test_a_fault_begins_and_ends_on_market_time() -> None:
    scene = Scene()
    scene.bench.clock.start_here(60)
    run = scene.play({**FAULT, "at": 120, "for": 60})
    scene.bench.real += 2 * SECOND - 1
    scene.bench.exchange.advance()
    assert statuses(scene, 1) == [200]
    scene.bench.real += 1
    scene.bench.exchange.advance()
    assert statuses(scene, 1) == [500]
    scene.bench.real += SECOND
    scene.bench.exchange.advance()
    assert (statuses(scene, 1), run.phase) == ([200], "over")


def test_a_fault_begins_and_ends_on_real_time() -> None:
    scene = Scene()
    scene.bench.clock.start_here(60)
    scene.play({**FAULT, "at": 2, "for": 1.5, "clock": "real"})
    for seconds, status in ((1.9, 200), (0.1, 500), (1.4, 500), (0.1, 200)):
        scene.bench.real += round(seconds * SECOND)
        assert statuses(scene, 1) == [status], seconds


def test_times_of_a_posted_fault_count_from_its_posting() -> None:
    scene = Scene()
    scene.wait(100)
    scene.play({**FAULT, "at": 10})
    scene.wait(9)
    assert statuses(scene, 1) == [200]
    scene.wait(1)
    assert statuses(scene, 1) == [500]


def test_a_fault_stops_after_so_many_hits() -> None:
    scene = Scene()
    scene.play({**FAULT, "times": 2})

    assert statuses(scene, 4) == [500, 500, 200, 200]


def test_the_same_seed_and_the_same_requests_make_the_same_hits() -> None:
    def told(seed: int) -> list[int]:
        scene = Scene(seed=seed)
        scene.play({**FAULT, "probability": 0.4})
        return statuses(scene, 60)

    assert told(3) == told(3)
    assert told(3) != told(4)
    assert 10 < told(3).count(500) < 40


def test_dice_are_not_shared_between_faults() -> None:
    scene = Scene()
    scene.play({**FAULT, "probability": 0.4, "name": "a"})
    alone = statuses(scene, 40)
    scene = Scene()
    scene.play(
        {**FAULT, "probability": 0.4, "name": "a"},
        {"kind": "stall", "seconds": 0.001, "probability": 0.5, "name": "b"},
    )

    assert statuses(scene, 40) == alone


def test_a_script_has_a_seed_of_its_own() -> None:
    scene = Scene()
    scene.sim("POST", "/sim/faults", {"seed": 99, "fault": [{**FAULT, "probability": 0.4}]})
    other = Scene(seed=99)
    other.play({**FAULT, "probability": 0.4})

    assert scene.sim("GET", "/sim/faults").json["seed"] == 99
    assert statuses(scene, 40) == statuses(other, 40)


def test_beginnings_hits_and_ends_are_logged(lines: list[str]) -> None:
    scene = Scene()
    scene.play({**FAULT, "name": "x", "for": 10})
    statuses(scene, 2)
    scene.wait(10)

    assert lines == [
        "fault x: http_500 begins",
        "fault x: hits GET /time, hit 1",
        "fault x: hits GET /time, hit 2",
        "fault x: ends after 2 hits of 2",
    ]


def test_a_flood_of_hits_is_no_flood_of_lines(lines: list[str]) -> None:
    scene = Scene()
    run: Run = scene.play({**FAULT, "name": "x"})
    statuses(scene, 500)
    scene.wait(1)
    statuses(scene, 1)

    assert run.hits == 501
    assert len(lines) == 12
    assert lines[-1] == "fault x: hits GET /time, hit 501 (490 more before it)"


def test_a_fault_that_is_deleted_before_it_begins_never_does() -> None:
    scene = Scene()
    scene.play({**FAULT, "name": "x", "at": 10})
    assert scene.sim("DELETE", "/sim/faults/x").json["faults"] == []
    scene.wait(20)

    assert statuses(scene, 1) == [200]
