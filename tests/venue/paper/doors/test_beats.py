from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest

from messages.system import ClockAnchor
from messages.values import SECOND, MarketNs, RealNs
from venue.paper.doors import beats
from venue.paper.doors.beats import MOST_LATE, Beats
from venue.paper.engine.clock import VenueClock

START_S = 1_795_300_200


@pytest.fixture(autouse=True)
def quick_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the second hand."""
    monkeypatch.setattr(beats, "POLL_S", 0.001)


class Hand:
    """A market clock turned by hand, and a second hand on it; it begins half a second after `START_S`."""

    def __init__(self, speed: int = 1) -> None:
        self.real = 0
        self.clock = VenueClock(lambda: RealNs(self.real))
        begins = MarketNs(START_S * SECOND + SECOND // 2)
        self.clock.start(ClockAnchor(real_at=RealNs(0), market_at=begins, speed=speed))
        self.beats = Beats(self.clock)
        self.told: list[int] = []

    def tell(self, second: int) -> None:
        self.told.append(second - START_S)

    async def at(self, seconds: float) -> list[int]:
        """So many real seconds after the beginning; what was told since."""
        self.real = round(seconds * SECOND)
        await asyncio.sleep(0.01)
        told, self.told = self.told, []
        return told


def play(scene: Callable[[Hand], Coroutine[Any, Any, None]], speed: int = 1) -> None:
    asyncio.run(scene(Hand(speed)))


def test_every_second_is_told_once_when_it_is_old_enough() -> None:
    async def scene(hand: Hand) -> None:
        assert hand.beats.join(hand.tell, 700_000_000) == START_S - 1
        assert await hand.at(0.1) == []
        assert await hand.at(0.2) == [0]
        assert await hand.at(1.1) == []
        assert await hand.at(4.3) == [1, 2, 3, 4]
        assert hand.beats.join(hand.tell, 700_000_000) == START_S + 4, "who is there stays"
        hand.beats.leave(hand.tell)
        assert await hand.at(9) == []

    play(scene)


def test_each_has_a_delay_of_its_own() -> None:
    async def scene(hand: Hand) -> None:
        late = list[int]()
        hand.beats.join(hand.tell, 0)
        hand.beats.join(late.append, 2 * SECOND)
        assert await hand.at(3) == [1, 2, 3]
        assert late == [START_S - 1, START_S, START_S + 1]
        hand.beats.leave(hand.tell)
        hand.beats.leave(late.append)

    play(scene)


def test_after_a_standstill_only_so_many_seconds_are_made_up_for() -> None:
    async def scene(hand: Hand) -> None:
        hand.beats.join(hand.tell, 0)
        assert await hand.at(1_000) == list(range(1_000 - MOST_LATE, 1_001))
        hand.beats.leave(hand.tell)

    play(scene)


@pytest.mark.parametrize(
    ("speed", "step"), [(1, 1), (20, 1), (21, 2), (60, 3), (240, 12), (1_000, 60), (6_000, 300)]
)
def test_the_faster_the_clock_the_more_is_left_out(speed: int, step: int) -> None:
    async def scene(hand: Hand) -> None:
        hand.beats.join(hand.tell, 0)
        told = list[int]()
        for tenths in range(1, 21):
            told += await hand.at(tenths / 10)
        assert told
        assert all((START_S + second) % step == 0 for second in told)
        assert {later - earlier for earlier, later in pairwise(told)} <= {step}
        assert len(told) <= 2 * 20 + 1
        hand.beats.leave(hand.tell)

    play(scene, speed)


def test_somebody_may_leave_while_being_told() -> None:
    async def scene(hand: Hand) -> None:
        def once(second: int) -> None:
            hand.tell(second)
            hand.beats.leave(once)

        hand.beats.join(once, 0)
        assert await hand.at(3) == [1]
        hand.beats.join(hand.tell, 0)
        assert await hand.at(5) == [4, 5]
        hand.beats.leave(hand.tell)

    play(scene)
