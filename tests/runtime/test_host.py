"""A process's loop on real sockets: it recovers, waits, hears, says, and ends; everything around it is the test."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator

import msgspec
import pykka
import pytest

import runtime.ground
import runtime.host
import runtime.stash
import runtime.twin
from messages.account import BeatDeadMan, DeadManBeaten, OpenAccount
from messages.base import Message
from messages.codec import encode_envelope
from messages.liquidation import MarketTaken
from messages.market import FeedStatus, WatchMarkets
from messages.orders import CancelMarket, CancelOrder, OrderVoided, PlaceOrder
from messages.system import ActorReady, ClockAnchor, EngineState, FactPublished, Ping, Pong, Roster, StopActor
from messages.values import SECOND, CommandId, MarketNs, OrderId, RealNs, RoleName
from runtime.actor import Actor, every, handles, recovered, stopping
from runtime.bus import FACT
from runtime.clock import Clock, real_now
from runtime.ground import OwnProcess
from runtime.host import Host
from runtime.image import picture, revive
from runtime.orphan import Orphan
from runtime.ports import Port
from tests.factories import MAKER, MARKET, OTHER, an_order, taken
from tests.runtime.ends import STILL, JournalEnd, SupervisorEnd, a_bus, until

ROLE = RoleName("clerk")
WATCH = WatchMarkets(markets=())
CANCEL = CancelMarket(market=MARKET, owner=MAKER)
GRACE_S = 86_400
"""A stop arms a timer that ends the process when its grace is over, and here the process is the test run."""
VOIDED = OrderVoided(order=OrderId("0x1"), command=CommandId("c"), market=MARKET, owner=MAKER, reason="")


class Odd(Exception):
    """A mistake that knows what the process ends with."""

    exit_code = 74


class Clerk(Actor):
    """Notes what it hears, and says what a test wants of it."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.times: list[tuple[int, int]] = []
        self.is_ready = False
        self.is_stopped = False

    @handles
    def on_taken(self, event: MarketTaken) -> Iterator[WatchMarkets]:
        """An Event."""
        self.note(f"taken {event.market}")
        yield WATCH

    @handles
    def on_status(self, status: FeedStatus) -> None:
        """A State."""
        self.note(f"status {int(status.verified_at)}")

    @handles
    def on_cancel(self, cancel: CancelOrder) -> Iterator[OrderVoided | WatchMarkets | CancelMarket]:
        """A Command: an Event first, then what must wait for it, and what must not."""
        self.note("cancel")
        yield VOIDED
        yield WATCH
        yield CANCEL

    @handles
    def on_place(self, place: PlaceOrder) -> None:
        """A Command that is not worth hearing late."""
        self.note("place")

    @handles
    def on_open(self, command: OpenAccount) -> None:
        """A mistake of ours."""
        raise ValueError("a mistake")

    @handles
    def on_beaten(self, found: DeadManBeaten) -> None:
        """A port found something out."""
        self.note(f"beaten {int(found.at)}")

    @recovered
    def begin(self) -> Iterator[WatchMarkets]:
        """Life begins."""
        self.note("recovered")
        self.is_ready = True
        yield WATCH

    @stopping
    def end(self) -> None:
        """The end is asked for."""
        self.note("stopping")

    @every(real_s=0.01)
    def tick(self) -> Iterator[BeatDeadMan]:
        """Time passes."""
        self.note("tick")
        yield BeatDeadMan()

    def note(self, what: str) -> None:
        """It was heard now."""
        if what != "tick" or "tick" not in self.heard:
            self.heard.append(what)
        self.times.append((int(self.now), int(self.real_now)))


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


class Ended(BaseException):
    """The process would be gone."""


class Played(Host):
    """A host whose end is an exception instead of the process's."""

    ended: int | None = None

    def finish(self, code: int) -> None:
        """Remember the first code; nothing runs after it."""
        if self.ended is None:
            self.ended = int(code)
        raise Ended

    def step(self) -> None:
        """Handle one item, as pykka does."""
        if self.ended is None:
            try:
                self.on_receive(self.mailbox.get().message)
            except Ended:
                return


class House:
    """One host and the ends of its sockets."""

    def __init__(self, directory, ports=(), key="", **wiring):
        self.supervisor = SupervisorEnd(directory)
        self.journal = JournalEnd(directory)
        wired = {"dealers": ("sup", "jrn"), "subscribes": ("facts",), "facts": ("MarketTaken",), **wiring}
        self.clerk = Clerk()
        self.clerk.role, self.clerk.incarnation = ROLE, 5
        bus = a_bus(directory, ROLE, 5, **wired)
        self.clock = Clock(STILL)
        ground = OwnProcess()
        orphan = Orphan(os.getppid(), None, 0, ground)
        self.host = Played(
            self.clerk,
            list(ports),
            bus,
            self.clock,
            market="",
            orphan=orphan,
            grace_s=GRACE_S,
            ground=ground,
            key=key,
        )

    def pump(self):
        """The other ends read what came."""
        self.supervisor.bus.receive(0)
        self.journal.bus.receive(0)

    def until(self, done):
        """The host works until something is so."""
        return until(done, self.pump, self.host.step)

    def waits(self):
        """The host hears the journal, has asked it, and is at its mercy."""
        self.host.on_start()
        self.until(lambda: self.journal.asked and self.journal.subscribers)
        return self

    def lives(self):
        """The host is through with its recovery."""
        self.waits().journal.answer()
        self.until(lambda: self.supervisor.of(ActorReady))
        return self

    def tell(self, *messages: Message):
        """The supervisor's socket brings these."""
        for message in messages:
            until(lambda m=message: self.supervisor.bus.tell("sup", "clerk@5", m), self.pump)

    @property
    def heard(self):
        """What the actor heard, the passing of time left out."""
        return [what for what in self.clerk.heard if what != "tick" and not what.startswith("beaten")]

    def close(self):
        self.host.ports.stop(0.5)
        self.host.bus.close()
        self.supervisor.bus.close()
        self.journal.bus.close()


@pytest.fixture
def house(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime.host, "HOUSEKEEPING_NS", 5_000_000)
    monkeypatch.setattr(runtime.ground.gc, "freeze", lambda: None)
    built = []

    def build(**options):
        built.append(House(tmp_path, **options))
        return built[-1]

    yield build
    for each in built:
        each.close()


def a_status(n, market=MARKET):
    return FeedStatus(market=market, live=True, verified_at=RealNs(n))


# Recovery.


def test_old_events_go_through_the_same_handlers_and_what_they_say_is_discarded(house):
    house = house()
    house.journal.have(taken(), taken(OTHER))
    house.lives()

    assert house.heard == [f"taken {MARKET}", f"taken {OTHER}", "recovered"]
    house.until(lambda: house.supervisor.of(WatchMarkets))
    for _ in range(20):
        house.pump()
        house.host.step()
    assert house.supervisor.of(WatchMarkets) == [WATCH], (
        "what was said when life began, and nothing of before"
    )


def test_an_old_event_is_handled_at_the_time_it_was_said(house):
    house = house()
    house.journal.have(taken())
    house.lives()

    assert house.clerk.times[0][0] == int(STILL.market_at)
    assert house.clerk.times[0][1] < house.clerk.times[1][1]


def test_a_start_is_the_snapshot_and_what_came_after_it(house):
    house = house(key="k")
    house.journal.have(taken(), taken(OTHER), taken())
    house.journal.snapshot = (2, picture({"heard": ["as it was"], "times": []}))
    house.lives()

    assert house.heard == ["as it was", f"taken {MARKET}", "recovered"]


def test_a_snapshot_that_shows_nothing_is_as_if_there_were_none(house):
    house = house(key="k")
    house.journal.have(taken(), taken(OTHER))
    house.journal.snapshot = (2, b"nothing")
    house.host.on_start()
    house.until(lambda: house.host.twin._before == 2)
    house.journal.snapshot = (0, b"")
    house.until(lambda: house.journal.asked and house.journal.subscribers)
    house.journal.answer()
    house.until(lambda: house.supervisor.of(ActorReady))

    assert house.heard == [f"taken {MARKET}", f"taken {OTHER}", "recovered"]


def test_snapshots_are_taken_of_what_was_heard_of_the_journal_and_of_nothing_else(house, monkeypatch):
    monkeypatch.setattr(runtime.twin, "EVERY", 2)
    house = house(key="k")
    house.journal.have(taken())
    house.lives()
    house.tell(a_status(1))
    house.journal.publish(taken(OTHER), taken())
    house.until(lambda: house.journal.snapshot[0])

    gseq, image = house.journal.snapshot
    assert (gseq, revive(image)["heard"]) == (3, [f"taken {MARKET}", f"taken {OTHER}", f"taken {MARKET}"])


def test_what_comes_during_the_recovery_waits_for_its_end_and_of_a_state_only_the_newest(house):
    house = house()
    house.journal.have(taken())
    house.waits()
    house.tell(CancelOrder(command=CommandId("c"), market=MARKET), *(a_status(n) for n in range(50)))
    house.tell(a_status(7, OTHER), Ping(nonce=3))
    house.until(lambda: house.supervisor.of(Pong))
    assert house.heard == []
    house.journal.answer()
    house.until(lambda: "status 7" in house.heard)

    assert house.heard[:3] == [f"taken {MARKET}", "recovered", "cancel"]
    assert sorted(house.heard[3:]) == ["status 49", "status 7"]


def test_more_commands_than_can_be_kept_end_the_process(house, monkeypatch):
    monkeypatch.setattr(runtime.stash, "BOUND", 3)
    house = house()
    house.waits()
    house.tell(*(CancelOrder(command=CommandId("c"), market=MARKET) for _ in range(4)))
    house.until(lambda: house.host.ended)

    assert house.host.ended == 70


def test_states_of_a_busy_market_do_not_fill_a_long_recovery(house, monkeypatch):
    monkeypatch.setattr(runtime.stash, "BOUND", 3)
    house = house()
    house.waits()
    for n in range(10):
        house.tell(a_status(n), Ping(nonce=n))
        house.until(lambda n=n: len(house.supervisor.of(Pong)) > n)
    house.journal.answer()
    house.until(lambda: "status 9" in house.heard)

    assert house.heard == ["recovered", "status 9"]


def test_an_event_that_is_published_before_the_answer_is_read_is_heard_live_after_it(house):
    house = house()
    house.journal.have(taken())
    house.waits()
    house.journal.answer()
    house.journal.publish(taken(OTHER))
    house.until(lambda: f"taken {OTHER}" in house.heard)

    assert house.heard == [f"taken {MARKET}", "recovered", f"taken {OTHER}"]


def test_an_event_that_is_committed_during_the_recovery_is_heard_once_after_it(house):
    house = house()
    house.journal.have(taken())
    house.waits()
    house.journal.publish(taken(OTHER))
    for _ in range(20):
        house.pump()
        house.host.step()
    house.journal.answer()
    house.until(lambda: f"taken {OTHER}" in house.heard)

    assert sorted(house.heard) == sorted([f"taken {MARKET}", f"taken {OTHER}", "recovered"])


def test_a_replay_that_is_not_answered_is_asked_for_again(house, monkeypatch):
    house = house()
    house.waits()
    house.journal.asked.clear()
    monkeypatch.setattr(house.host.facts, "ask_again_at", real_now())
    house.until(lambda: house.journal.asked)

    assert house.journal.asked[0].after == 0


def test_a_gap_in_what_is_published_is_asked_for_and_closed_in_order(house):
    house = house()
    house.lives()
    house.journal.have(taken())
    house.journal.publish(taken(OTHER))
    house.until(lambda: house.journal.asked)
    assert house.heard[-1] == "recovered"
    house.journal.answer()
    house.until(lambda: len(house.heard) == 3)

    assert house.heard == ["recovered", f"taken {MARKET}", f"taken {OTHER}"]


def test_a_lost_last_event_is_noticed_by_the_head(house):
    house = house()
    house.lives()
    house.journal.have(taken())
    house.journal.beat()
    house.until(lambda: house.journal.asked)
    house.journal.answer()

    house.until(lambda: f"taken {MARKET}" in house.heard)


def test_an_actor_without_facts_begins_at_once(house):
    house = house(facts=(), subscribes=())
    house.host.on_start()
    house.until(lambda: house.supervisor.of(ActorReady))

    assert house.heard == ["recovered"]
    assert house.journal.asked == []


# Mistakes.


def test_a_handler_that_raises_ends_the_process(house):
    house = house()
    house.lives()
    house.tell(OpenAccount())
    house.until(lambda: house.host.ended)

    assert house.host.ended == 70


def test_a_mistake_that_knows_its_exit_code_ends_with_it(house, monkeypatch):
    house = house()
    house.lives()
    monkeypatch.setattr(house.clerk, "on_open", lambda command: (_ for _ in ()).throw(Odd()))
    house.tell(OpenAccount())
    house.until(lambda: house.host.ended)

    assert house.host.ended == 74


def test_a_mistake_outside_of_the_handlers_ends_the_process_too(house, monkeypatch):
    house = house()
    house.lives()
    monkeypatch.setattr(house.host, "on_start", lambda: None)
    house.journal.bus._try("facts", [FACT + b"\xc1"])
    with pytest.raises(Ended):
        house.host.run()

    assert house.host.ended == 70
    pykka.ActorRegistry.unregister(house.host.actor_ref)


def a_broken_fact(house):
    """A committed Event whose body this program cannot read."""
    envelope = house.journal._stamp.seal(taken(), "facts", None)
    return msgspec.structs.replace(envelope, schema=99)


def test_a_committed_event_that_cannot_be_read_ends_the_process_as_too_old(house):
    house = house()
    house.waits()
    house.journal.add(a_broken_fact(house))
    house.journal.answer()
    house.until(lambda: house.host.ended)

    assert house.host.ended == 78


def test_so_does_one_that_comes_later(house):
    house = house()
    house.lives()
    fact = house.journal.add(a_broken_fact(house))
    house.journal.bus.send(FactPublished(fact=fact), None)
    house.until(lambda: house.host.ended)

    assert house.host.ended == 78


def test_a_message_that_cannot_be_read_is_dropped_and_life_goes_on(house):
    house = house()
    house.lives()
    broken = msgspec.structs.replace(
        house.supervisor.bus.stamp.seal(a_status(1), "sup", None), body=msgspec.Raw(b"\x90")
    )
    house.supervisor.bus._route("sup", b"clerk@5", encode_envelope(broken))
    house.tell(a_status(2))
    house.until(lambda: "status 2" in house.heard)

    assert house.host.ended is None


def test_an_order_that_is_too_old_is_not_worth_hearing(house):
    house = house()
    house.lives()
    late = house.supervisor.bus.stamp.seal(an_order("c1"), "sup", None)
    late = msgspec.structs.replace(late, real_at=RealNs(int(late.real_at) - 3 * SECOND))
    house.supervisor.bus._route("sup", b"clerk@5", encode_envelope(late))
    house.tell(a_status(2))
    house.until(lambda: "status 2" in house.heard)

    assert "place" not in house.heard
    until(lambda: "place" in house.heard, lambda: house.tell(an_order("c2")), house.pump, house.host.step)


# Saying.


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


# Ending.


def test_a_stop_lets_the_actor_come_to_its_own_end(house):
    house = house()
    house.lives()
    house.tell(StopActor(reason="enough"), StopActor(reason="really"))
    house.until(lambda: "stopping" in house.heard)
    for _ in range(20):
        house.pump()
        house.host.step()
    assert house.host.ended is None
    house.clerk.is_stopped, house.clerk.exit_code = True, 3
    house.until(lambda: house.host.ended is not None)

    assert house.host.ended == 3
    assert house.heard.count("stopping") == 1


def test_the_end_waits_until_what_was_said_is_durable(house):
    house = house()
    house.lives()
    house.tell(CancelOrder(command=CommandId("c"), market=MARKET))
    house.until(lambda: house.journal.waiting)
    house.clerk.is_stopped = True
    house.tell(StopActor(reason="enough"))
    house.until(lambda: "stopping" in house.heard)
    assert house.host.ended is None
    house.journal.commit()
    house.until(lambda: house.host.ended is not None)

    assert house.host.ended == 0


def test_a_stop_during_the_recovery_is_heard_after_it(house):
    house = house()
    house.waits()
    house.tell(StopActor(reason="enough"), Ping(nonce=1))
    house.until(lambda: house.supervisor.of(Pong))
    assert house.heard == []
    house.journal.answer()
    house.until(lambda: "stopping" in house.heard)

    assert house.heard == ["recovered", "stopping"]


def test_an_actor_with_nothing_to_do_at_its_end_need_not_recover_for_it(house):
    house = house()
    house.waits()
    house.clerk.is_stopped = True
    house.tell(StopActor(reason="enough"))
    house.until(lambda: house.host.ended is not None)

    assert (house.heard, house.host.ended) == ([], 0)


def test_a_process_whose_work_is_done_ends_by_itself(house):
    house = house()
    house.lives()
    house.clerk.is_finished = True
    house.until(lambda: house.host.ended is not None)

    assert house.host.ended == 0


def test_a_signal_ends_it_in_order(house):
    house = house()
    house.lives()
    house.clerk.is_stopped = True
    house.host.orphan.signal()
    house.until(lambda: house.host.ended is not None)

    assert (house.heard[-1], house.host.ended) == ("stopping", 0)


def test_a_supervisor_that_is_silent_for_half_a_minute_is_taken_for_dead(house):
    house = house()
    house.lives()
    house.clerk.is_stopped = True
    house.host._pinged_at = RealNs(int(real_now()) - 31 * SECOND)
    house.until(lambda: house.host.ended is not None)

    assert house.heard[-1] == "stopping"


def test_a_machine_that_slept_takes_nobody_for_dead(house):
    house = house()
    house.lives()
    asleep_since = RealNs(int(real_now()) - 40 * SECOND)
    house.host._pinged_at = house.host._housekept_at = asleep_since
    for _ in range(20):
        house.pump()
        house.host.step()

    assert "stopping" not in house.heard
