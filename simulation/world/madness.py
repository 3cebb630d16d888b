"""A trader that has gone mad: it asks for what it must not, and only the gateway stands between that and the venue."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import msgspec

from messages.base import Envelope, Message
from messages.orders import OrderIntended, PlaceOrder
from messages.values import MICRO, MS, SECOND, CommandId, Price, RealNs
from simulation.world.process import SimProcess

RAVES_NS = (40 * MS, 400 * MS)
"""Between two of its wishes."""
LATE_NS = 10 * SECOND
OFF_GRID = 1_234


class Madness:
    """Has its way with one process of a maker or a liquidator, until it `ends` or the process does.

    Whatever the trader wanted last is wanted again and again, under new names: whether it still has leave, still owns
    the market, has had enough of it or not; now and then on the other side of its own order, off the grid, or long
    after it was decided. A liquidator wants more of the same only: its price is its own business.
    """

    def __init__(self, process: SimProcess, rng: Random, last: OrderIntended | None) -> None:
        """`last`: what became of the trader's latest wish that was no nonsense, if anything did."""
        self._process = process
        self._rng = rng
        self._last = None if last is None else _wish_behind(last)
        self._count = 0
        self._is_over = False
        assert process.host is not None
        self._bus = process.host.bus
        self._sane = self._bus.send
        self._bus.send = self._send  # type: ignore[method-assign]
        self._plan()

    def ends(self) -> None:
        """It has come to its senses."""
        self._is_over = True
        self._bus.send = self._sane  # type: ignore[method-assign]

    def _send(self, message: Message, cause: Envelope | None) -> bool:
        if isinstance(message, PlaceOrder):
            self._last = message
        return self._sane(message, cause)

    def _plan(self) -> None:
        self._process.later(self._rng.randrange(*RAVES_NS), self._rave)

    def _rave(self) -> None:
        if self._is_over:
            return
        self._plan()
        if self._last is not None:
            self._count += 1
            self._sane(self._wish(self._last), None)

    def _wish(self, last: PlaceOrder) -> PlaceOrder:
        world = self._process.world
        again = msgspec.structs.replace(
            last, command=CommandId(f"{last.command}!{self._count}"), decided_at=world.now(), why="madness"
        )
        if last.owner.startswith("liquidator:"):
            return again
        return self._rng.choice(WISHES)(again, world.now())


def _wish_behind(intended: OrderIntended) -> PlaceOrder:
    fields = {name: getattr(intended, name) for name in PlaceOrder.__struct_fields__}
    return PlaceOrder(**fields)


Wish = Callable[[PlaceOrder, RealNs], PlaceOrder]


def _same(place: PlaceOrder, now: RealNs) -> PlaceOrder:
    return place


def _late(place: PlaceOrder, now: RealNs) -> PlaceOrder:
    return msgspec.structs.replace(place, decided_at=RealNs(max(1, int(now) - LATE_NS)))


def _against_itself(place: PlaceOrder, now: RealNs) -> PlaceOrder:
    return msgspec.structs.replace(place, side=place.side.other)


def _off_grid(place: PlaceOrder, now: RealNs) -> PlaceOrder:
    return msgspec.structs.replace(place, price=Price(min(MICRO - 1, place.price + OFF_GRID)))


WISHES: tuple[Wish, ...] = (_same, _same, _same, _late, _against_itself, _off_grid)
