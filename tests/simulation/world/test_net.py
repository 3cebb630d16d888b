"""Connections as ZeroMQ has them: they keep order, lose what was under way when a side dies, and refuse or drop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.values import SECOND, RealNs
from runtime.wire import Pattern, Unreachable
from simulation.world.net import Net, Trouble
from simulation.world.wire import SimWire
from simulation.world.world import World

PAIR = frozenset(("gateway", "maker"))


class Process:
    """One that reads whenever something is there, unless it is stopped."""

    def __init__(self, house, role, incarnation):
        self.role, self.busy_until, self.is_stopped = role, 0, False
        self.heard = []
        self.wire = SimWire(house.net, self, f"{role}@{incarnation}")

    def opens(self, name, pattern):
        self.wire.open(name, pattern, lambda frames: self.heard.append(frames))
        return self

    def poke(self):
        if not self.is_stopped:
            self.wire.receive(0)

    def goes_on(self):
        self.is_stopped = False
        self.wire.receive(0)

    def reach(self, point):
        pass


class House:
    """A world with nothing but connections."""

    def __init__(self, seed=1):
        self.world = World(seed)
        self.net = Net(self.world)

    def process(self, role, incarnation=1):
        return Process(self, role, incarnation)

    def passes(self, seconds=1):
        self.world.advance(RealNs(int(self.world.now()) + round(seconds * SECOND)))


@pytest.fixture
def house():
    return House()


def connected(house):
    gateway = house.process("gateway").opens("cmd", Pattern.ROUTER)
    maker = house.process("maker", 2).opens("cmd", Pattern.DEALER)
    house.passes()
    return gateway, maker


def test_a_dealer_speaks_under_its_name_and_is_answered_by_it(house):
    gateway, maker = connected(house)

    assert maker.wire.send("cmd", [b"place"])
    house.passes()
    assert gateway.wire.send("cmd", [b"maker@2", b"done"])
    house.passes()

    assert gateway.heard == [[b"maker@2", b"place"]]
    assert maker.heard == [[b"done"]]


def test_nobody_there_is_refused(house):
    maker = house.process("maker").opens("cmd", Pattern.DEALER)
    gateway = house.process("gateway").opens("jrn", Pattern.ROUTER)

    assert not maker.wire.send("cmd", [b"place"])
    with pytest.raises(Unreachable):
        gateway.wire.send("jrn", [b"maker@9", b"x"])


@given(seed=st.integers(0, 10_000), gaps=st.lists(st.integers(0, 300), min_size=2, max_size=30))
def test_one_sender_is_heard_in_its_order(seed, gaps):
    house = House(seed)
    gateway, maker = connected(house)
    house.net.troubles[PAIR] = Trouble(slow_ns=SECOND // 10)

    for n, gap in enumerate(gaps):
        maker.wire.send("cmd", [b"%d" % n])
        house.passes(gap / 1e6)
    house.passes(5)

    assert [frames[1] for frames in gateway.heard] == [b"%d" % n for n in range(len(gaps))]


@given(seed=st.integers(0, 10_000))
def test_of_what_a_dead_sender_said_a_beginning_arrives(seed):
    house = House(seed)
    gateway, maker = connected(house)
    house.net.slowness = 1_000.0

    for n in range(10):
        maker.wire.send("cmd", [b"%d" % n])
    house.passes(0.06)
    maker.wire.close()
    house.passes(5)

    assert [frames[1] for frames in gateway.heard] == [b"%d" % n for n in range(len(gateway.heard))]


def test_what_was_on_its_way_to_a_dead_one_is_lost_and_its_successor_is_found(house):
    gateway, maker = connected(house)
    maker.wire.send("cmd", [b"lost"])
    gateway.wire.close()
    house.passes()
    assert not maker.wire.send("cmd", [b"refused"])

    successor = house.process("gateway", 3).opens("cmd", Pattern.ROUTER)
    house.passes()

    assert maker.wire.send("cmd", [b"heard"])
    house.passes()
    assert (gateway.heard, successor.heard) == ([], [[b"maker@2", b"heard"]])


def test_a_publisher_drops_for_who_does_not_keep_up_and_for_nobody_else(house):
    risk = house.process("risk").opens("permit", Pattern.PUBLISHER)
    slow = house.process("maker").opens("permit", Pattern.SUBSCRIBER)
    quick = house.process("gateway").opens("permit", Pattern.SUBSCRIBER)
    house.passes()
    slow.is_stopped = True

    for n in range(100):
        assert risk.wire.send("permit", [b"%d" % n])
        house.passes(0.01)
    slow.goes_on()

    assert len(quick.heard) == 100
    assert slow.heard == [[b"%d" % n] for n in range(20)], "ten on each side"


def test_who_is_stopped_is_refused_more_than_its_queue_holds(house):
    gateway, maker = connected(house)
    gateway.is_stopped = True

    taken = [maker.wire.send("cmd", [b"x"]) for _ in range(600)]

    assert taken == [True] * 512 + [False] * 88


def test_a_clogged_connection_loses_nothing_and_keeps_the_order(house):
    gateway, maker = connected(house)
    house.net.troubles[PAIR] = Trouble(clogged=True)
    for n in range(5):
        maker.wire.send("cmd", [b"%d" % n])
        house.passes(0.1)
    assert gateway.heard == []

    house.net.is_calm(PAIR)

    assert [frames[1] for frames in gateway.heard] == [b"0", b"1", b"2", b"3", b"4"]


def test_a_deaf_subscriber_misses_what_is_published_and_hears_its_answers(house):
    house.net.troubles[frozenset(("persistence", "maker"))] = Trouble(loss=1.0, published=True)
    persistence = house.process("persistence").opens("facts", Pattern.PUBLISHER).opens("jrn", Pattern.ROUTER)
    maker = house.process("maker").opens("facts", Pattern.SUBSCRIBER).opens("jrn", Pattern.DEALER)
    house.passes()

    persistence.wire.send("facts", [b"fact"])
    persistence.wire.send("jrn", [b"maker@1", b"answer"])
    house.passes()

    assert maker.heard == [[b"answer"]]


def test_frames_come_twice_when_they_are_to(house):
    gateway, maker = connected(house)
    house.net.troubles[PAIR] = Trouble(twice=1.0)

    maker.wire.send("cmd", [b"x"])
    house.passes()

    assert gateway.heard == [[b"maker@2", b"x"]] * 2
