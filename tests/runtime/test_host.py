"""A process's loop says what its actor says: what must wait for a commit waits, and ports speak without the bus."""

import asyncio
from collections.abc import AsyncIterator

import runtime.host
from messages.account import BeatDeadMan, DeadManBeaten
from messages.market import WatchMarkets
from messages.orders import CancelMarket, CancelOrder
from messages.system import ClockAnchor, EngineState, Ping, Pong, Roster, StopActor
from messages.values import SECOND, CommandId, MarketNs, RealNs
from runtime.actor import handles
from runtime.clock import real_now
from runtime.ports import Port
from tests.factories import MARKET
from tests.runtime.ends import STILL
from tests.runtime.host_stage import a_status, house

__all__ = ["house"]


class Pulse(Port):
    """Answers a beat; fails on the third when it should."""

    def __init__(self, fails: bool = False) -> None:
        self.beats = 0
        self.fails = fails

    @handles
    async def beat(self, command: BeatDeadMan) -> AsyncIterator[DeadManBeaten]:
        """A beat."""
        self.beats += 1
        if self.fails and self.beats == 3:
            raise ValueError("the port's mistake")
        yield DeadManBeaten(at=RealNs(self.beats))


class Slow(Port):
    """Takes its time with a command."""

    def __init__(self) -> None:
        self.begun = self.done = 0

    @handles
    async def beat(self, command: BeatDeadMan) -> None:
        """Off to a thread and back, many times."""
        self.begun += 1
        for _ in range(50):
            await asyncio.to_thread(int)
        self.done += 1


def test_what_is_said_after_an_event_waits_for_its_commit_and_what_tightens_does_not(house):
    house = house()
    house.lives()
    house.until(lambda: len(house.supervisor.of(WatchMarkets)) == 1)
    house.tell(CancelOrder(command=CommandId("c"), market=MARKET))
    house.until(lambda: house.supervisor.of(CancelMarket))
    house.until(lambda: house.journal.waiting)
    for _ in range(20):
        house.pump()
        house.host.step()
    assert len(house.supervisor.of(WatchMarkets)) == 1
    assert house.clerk.unacknowledged == 1
    assert house.clerk.journal_lag_ns > 0
    house.journal.commit()
    house.until(lambda: len(house.supervisor.of(WatchMarkets)) == 2)


def test_an_actor_and_its_port_speak_without_the_bus(house):
    house = house(ports=[Pulse()])
    house.lives()

    house.until(lambda: "beaten 3" in house.clerk.heard)


def test_a_port_that_fails_ends_the_process(house, monkeypatch):
    house = house(ports=[Pulse(fails=True)])
    failed = []
    monkeypatch.setattr(house.host.ports, "_fail", lambda error, name: failed.append((str(error), name)))
    house.lives()
    house.until(lambda: failed)

    assert failed == [("the port's mistake", "Pulse.beat")]


def test_what_the_actor_says_last_to_its_port_is_done_before_the_end(house, monkeypatch):
    monkeypatch.setattr(runtime.host, "LAST_WORDS_S", 30.0)
    slow = Slow()
    house = house(ports=[slow])
    house.lives()
    house.clerk.is_stopped = True
    done_at_end = []
    finish = house.host.finish
    house.host.finish = lambda code: (done_at_end.append(slow.begun == slow.done > 0), finish(code))
    house.until(lambda: slow.begun)
    house.tell(StopActor(reason="enough"))
    house.until(lambda: house.host.ended is not None)

    assert done_at_end[0]


def test_pings_are_answered_with_how_the_process_feels(house):
    house = house()
    house.lives()
    house.tell(Ping(nonce=41))
    house.until(lambda: house.supervisor.of(Pong))
    (pong,) = house.supervisor.of(Pong)

    assert isinstance(pong, Pong)
    assert (pong.nonce, pong.unacknowledged) == (41, 0)
    assert pong.rss_kib > 1_000
    assert pong.handled > 0


def test_market_time_runs_by_the_anchor_that_is_told(house):
    house = house()
    house.lives()
    anchor = ClockAnchor(real_at=real_now(), market_at=MarketNs(int(STILL.market_at) + SECOND), speed=1_000)
    house.tell(anchor)
    house.until(lambda: house.clock.anchor == anchor)
    house.tell(a_status(1))
    house.until(lambda: "status 1" in house.heard)

    assert house.clerk.times[-1][0] > int(anchor.market_at)


def test_the_roster_is_learned_by_the_bus(house):
    house = house()
    house.lives()
    house.tell(Roster(engine=EngineState.RUNNING, present=()))
    learned = []
    house.host.bus.learn = lambda roster, source: learned.append((roster.engine, source))
    house.tell(Roster(engine=EngineState.PAUSED, present=()))

    house.until(lambda: (EngineState.PAUSED, "supervisor@1") in learned)
