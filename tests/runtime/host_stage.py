"""One process's loop on real sockets; everything around it is the test."""

import os
from collections.abc import Iterator

import pytest

import runtime.ground
import runtime.host
from messages.account import BeatDeadMan, DeadManBeaten, OpenAccount
from messages.base import Message
from messages.liquidation import MarketTaken
from messages.market import FeedStatus, WatchMarkets
from messages.orders import CancelMarket, CancelOrder, OrderVoided, PlaceOrder
from messages.system import ActorReady
from messages.values import CommandId, OrderId, RealNs, RoleName
from runtime.actor import Actor, every, handles, recovered, stopping
from runtime.clock import Clock
from runtime.ground import OwnProcess
from runtime.host import Host
from runtime.orphan import Orphan
from tests.factories import MAKER, MARKET
from tests.runtime.ends import STILL, JournalEnd, SupervisorEnd, a_bus, until

ROLE = RoleName("clerk")
WATCH = WatchMarkets(markets=())
CANCEL = CancelMarket(market=MARKET, owner=MAKER)
GRACE_S = 86_400
"""A stop arms a timer that ends the process when its grace is over, and here the process is the test run."""
VOIDED = OrderVoided(order=OrderId("0x1"), command=CommandId("c"), market=MARKET, owner=MAKER, reason="")


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
