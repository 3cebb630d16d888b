"""What lies between simulated processes: connections as ZeroMQ has them, and what goes wrong with them.

A connection keeps the order of each direction. It carries nothing before it is up and loses what was under way
when a side dies; a publisher drops for a slow subscriber what everybody else refuses to take. Loss and
duplication beyond that are what no ZeroMQ does while a connection lives; they stand for all the lives of
connections too short to be played one by one, and are drawn by the seed.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Protocol

import msgspec

from messages.values import MS, RealNs
from runtime.topology import family
from runtime.wire import Pattern
from runtime.zmq_wire import HIGH_WATER, TELEMETRY_HIGH_WATER
from simulation.world.world import World

US = 1_000
HOP_NS = (20 * US, 120 * US)
"""One message from process to process."""
CONNECT_NS = (1 * MS, 12 * MS)
"""From a bind or a connect to a connection that carries."""
RECONNECT_NS = (20 * MS, 200 * MS)
"""From a peer's return to the connection's."""
NOTICE_NS = 1 * MS
"""A side whose peer died may go on sending into nothing for so long."""
SUBSCRIPTION = [b"\x01"]


class Node(Protocol):
    """One side of connections: a process's wire."""

    role: str
    identity: str

    def arrived(self, link: Link, way: Way, frames: list[bytes], is_binder: bool) -> None:
        """Frames are there, to be read when the process looks."""


class Trouble(msgspec.Struct):
    """What goes wrong on the connections between two roles while it is there."""

    loss: float = 0.0
    twice: float = 0.0
    slow_ns: int = 0
    """Added to each message's way, up to this."""
    clogged: bool = False
    """Nothing arrives until it is over; nothing is lost by it."""
    published: bool = False
    """Only what is published is lost, as for a subscriber whose queue is full."""


class Way(msgspec.Struct):
    """One direction of a connection."""

    waiting: int = 0
    """Frames under way or unread, for the high-water mark."""
    last_at: int = 0
    sent: int = 0
    arrived: int = 0
    cut_at: int | None = None
    """A side died: what was sent after so many never arrives."""


NO_TROUBLE = Trouble()


class Link:
    """One connection of a connecting side to an endpoint, for as long as that side lives."""

    __slots__ = (
        "binder",
        "connector",
        "epoch",
        "high",
        "name",
        "pattern",
        "there",
        "to_binder",
        "to_connector",
    )

    def __init__(self, connector: Node, name: str, pattern: Pattern) -> None:
        self.connector = connector
        self.name = name
        self.pattern = pattern
        self.binder: Node | None = None
        """While it is up."""
        self.there = True
        """The connecting side lives."""
        self.epoch = 0
        self.high = 2 * (HIGH_WATER.get(name) or TELEMETRY_HIGH_WATER[name])
        self.to_binder = Way()
        self.to_connector = Way()


class Net:
    """All endpoints and connections of one machine."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng: Random = world.rng
        self._draw = world.rng.random
        self.slowness = 1.0
        """How much slower than usual every hop is."""
        self.troubles: dict[frozenset[str], Trouble] = {}
        """By the families of the two roles."""
        self._bound: dict[str, Node] = {}
        self._links: dict[str, list[Link]] = {}
        self._held: dict[frozenset[str], list[Callable[[], None]]] = {}

    # Coming and going.

    def bind(self, name: str, node: Node) -> None:
        """From now on the endpoint is this one's; who wants it comes soon."""
        self._bound[name] = node
        for link in self._links.get(name, ()):
            self._connect(link, RECONNECT_NS if link.epoch else CONNECT_NS)

    def connect(self, node: Node, name: str, pattern: Pattern) -> Link:
        """A connection that is up as soon as somebody is there."""
        link = Link(node, name, pattern)
        self._links.setdefault(name, []).append(link)
        if name in self._bound:
            self._connect(link, CONNECT_NS)
        return link

    def _connect(self, link: Link, span: tuple[int, int]) -> None:
        binder = self._bound[link.name]

        def established() -> None:
            if not link.there or link.binder is not None or self._bound.get(link.name) is not binder:
                return
            link.binder = binder
            link.epoch += 1
            link.to_binder, link.to_connector = Way(), Way()
            if link.pattern is Pattern.SUBSCRIBER:
                self.send(link, SUBSCRIPTION, to_binder=True)

        self.world.call_in(self._span(span), established)

    def gone(self, node: Node) -> None:
        """This side died: what it had not sent yet is lost, and so is what was under way to it."""
        for name in [name for name, bound in self._bound.items() if bound is node]:
            del self._bound[name]
            for link in self._links.get(name, ()):
                self._break(link)
        for links in self._links.values():
            for link in links:
                if link.connector is node:
                    link.there = False
                    self._break(link)
            links[:] = [link for link in links if link.there]

    def _break(self, link: Link) -> None:
        if link.binder is None:
            return
        for way in (link.to_binder, link.to_connector):
            way.cut_at = self.rng.randint(way.arrived, way.sent)
        epoch = link.epoch

        def noticed() -> None:
            if link.epoch == epoch:
                link.binder = None
                if link.there and link.name in self._bound:
                    self._connect(link, RECONNECT_NS)

        if link.there:
            self.world.call_in(self.rng.randrange(NOTICE_NS), noticed)
        else:
            noticed()

    def links_of(self, name: str, node: Node) -> list[Link]:
        """Connections of an endpoint that are up."""
        return [link for link in self._links.get(name, ()) if link.binder is node]

    # Frames.

    def send(self, link: Link, frames: list[bytes], *, to_binder: bool, not_before: int = 0) -> bool:
        """Put frames on their way; False: too much is on it already, or nobody is there."""
        binder = link.binder
        if binder is None:
            return False
        way = link.to_binder if to_binder else link.to_connector
        if way.waiting >= link.high:
            return False
        now = self.world.ns
        at = (now if now > not_before else not_before) + self._span(HOP_NS)
        repeated = False
        if self.troubles:
            trouble = self.troubles.get(_pair(binder, link.connector), NO_TROUBLE)
            if self.rng.random() < trouble.loss and (
                not trouble.published or link.pattern is Pattern.SUBSCRIBER
            ):
                return True
            repeated = self.rng.random() < trouble.twice
            at += self.rng.randrange(trouble.slow_ns + 1)
        self._go(link, way, frames, at, binder, to_binder)
        if repeated:
            self._go(link, way, frames, at, binder, to_binder)
        return True

    def publish(self, name: str, node: Node, frames: list[bytes], not_before: int) -> None:
        """To everybody who subscribed; who does not keep up misses it. It reaches all at the same moment."""
        links = self.links_of(name, node)
        if self.troubles:
            for link in links:
                self.send(link, frames, to_binder=False, not_before=not_before)
            return
        now = self.world.ns
        at = (now if now > not_before else not_before) + self._span(HOP_NS)
        heard: list[tuple[Link, Way, int]] = []
        for link in links:
            way = link.to_connector
            if way.waiting < link.high:
                way.sent += 1
                way.waiting += 1
                if way.last_at >= at:
                    at = way.last_at + 1
                heard.append((link, way, way.sent))
        for _, way, _ in heard:
            way.last_at = at

        def arrive() -> None:
            for link, way, number in heard:
                self._arrive(link, way, number, frames, node, False)

        self.world.call_at(RealNs(at), arrive)

    def _go(self, link: Link, way: Way, frames: list[bytes], at: int, binder: Node, to_binder: bool) -> None:
        way.sent += 1
        way.waiting += 1
        if at <= way.last_at:
            at = way.last_at + 1
        way.last_at = at
        number = way.sent
        self.world.call_at(RealNs(at), lambda: self._arrive(link, way, number, frames, binder, to_binder))

    def _arrive(
        self, link: Link, way: Way, number: int, frames: list[bytes], binder: Node, to_binder: bool
    ) -> None:
        if way.cut_at is not None and number > way.cut_at:
            return
        if self.troubles:
            again = lambda: self._arrive(link, way, number, frames, binder, to_binder)  # noqa: E731
            if self._is_held(_pair(binder, link.connector), again):
                return
        if to_binder:
            if self._bound.get(link.name) is binder:
                way.arrived = number
                binder.arrived(link, way, frames, True)
        elif link.there:
            way.arrived = number
            link.connector.arrived(link, way, frames, False)

    def _is_held(self, pair: frozenset[str], arrive: Callable[[], None]) -> bool:
        is_clogged = self.troubles.get(pair, NO_TROUBLE).clogged
        if is_clogged:
            self._held.setdefault(pair, []).append(arrive)
        return is_clogged

    def is_calm(self, pair: frozenset[str]) -> None:
        """No trouble between these two any more: what was held up arrives now, in its order."""
        self.troubles.pop(pair, None)
        for arrive in self._held.pop(pair, []):
            arrive()

    def _span(self, span: tuple[int, int]) -> int:
        least, most = span
        return int((least + (most - least) * self._draw()) * self.slowness)


def _pair(one: Node, other: Node) -> frozenset[str]:
    return frozenset((family(one.role), family(other.role)))
