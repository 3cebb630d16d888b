"""A simulated venue with a port or two on it, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from messages.account import OpenAccount
from messages.base import Message
from messages.orders import OrderAnswered, OrderPrepared, PrepareOrder, SendOrder
from messages.system import ClockAnchor
from messages.values import SECOND, Action, CommandId, OrderId, Price, RealNs, Size
from runtime.ports import Port
from simulation.exchange.lies import Lies
from simulation.exchange.market_data import SimulatedMarketStream
from simulation.exchange.mischief import Mischief
from simulation.exchange.orders import SimulatedOrders
from simulation.exchange.venue import Scenery, SimulatedVenue
from simulation.world.ports import PortTasks
from simulation.world.world import World
from venue.paper.engine.terms import Market

Kind = TypeVar("Kind", bound=Message)
SHARE = 1_000_000
CENT = 10_000


class Stage:
    """One process that only listens."""

    def __init__(
        self, seed: int = 1, faults: dict[str, float] | None = None, scenery: Scenery | None = None
    ) -> None:
        self.world = World(seed)
        self.lies = Lies(self.world, faults or {})
        self.venue = SimulatedVenue(self.world, self.lies, scenery or Scenery())
        self.mischief = Mischief(self.venue)
        self.heard: list[Message] = []
        self.sent: list[tuple[OrderId, RealNs]] = []
        self.orders = SimulatedOrders(self.venue, lambda order, at: self.sent.append((order, at)))
        self.stream = SimulatedMarketStream(self.venue)
        self.tasks = self.process([self.orders, self.stream])
        self.commands = 0

    def process(self, ports: list[Port]) -> PortTasks:
        return PortTasks(self, ports, self.heard.append, lambda error, name: None)

    def later(self, span_ns: int, do: Callable[[], None]) -> None:
        self.world.call_in(span_ns, do)

    def open(self) -> None:
        self.venue.opened()
        self.venue.start_clock(
            ClockAnchor(real_at=self.world.now(), market_at=self.venue.market_at(), speed=1)
        )
        self.lies.begin()
        self.tasks.start()
        self.tell(OpenAccount())
        self.run(1)

    def tell(self, command: Message) -> None:
        self.tasks.post(command)

    def run(self, seconds: float) -> None:
        with self.world.telling_time():
            self.world.advance(self.world.now() + round(seconds * SECOND))

    def all(self, kind: type[Kind]) -> list[Kind]:
        return [message for message in self.heard if isinstance(message, kind)]

    def last(self, kind: type[Kind]) -> Kind:
        return self.all(kind)[-1]

    @property
    def market(self) -> Market:
        return self.venue.exchange.markets[0]

    def prepare(self, price: int, size: int = 10, yes: bool = True) -> OrderId:
        self.commands += 1
        market = self.market
        self.tell(
            PrepareOrder(
                command=CommandId(f"c{self.commands}"),
                token=market.yes if yes else market.no,
                action=Action.BUY,
                price=Price(price),
                size=Size(size * SHARE),
                tick=market.tick,
                neg_risk=False,
            )
        )
        self.run(0.01)
        return self.last(OrderPrepared).order

    def bid(self, below: int = 1) -> OrderId:
        """Rest a bid so many cents under the best one."""
        best, _ = self.venue.exchange.top(self.market.id)
        assert best is not None
        order = self.prepare(best - below * CENT)
        self.tell(SendOrder(order=order, send_before=self.world.now() + SECOND))
        self.run(0.2)
        return order

    def answer(self, order: OrderId) -> OrderAnswered:
        return next(said for said in self.all(OrderAnswered) if said.order == order)
