"""A trader that has gone mad: it asks for what it must not, and only the gateway stands between that and the venue."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import msgspec

from messages.base import Envelope, Message
from messages.orders import CancelMarket, OrderIntended, PlaceOrder
from messages.values import MICRO, MS, SECOND, CommandId, Price, RealNs, Side, Size
from simulation.world.process import SimProcess

RAVES_NS = (40 * MS, 400 * MS)
"""Between two of its wishes."""
FRANTIC_NS = (20 * MS, 80 * MS)
"""The same of a frantic one."""
LATE_NS = 10 * SECOND
OFF_GRID = 1_234
FRANTIC_ONE_IN = 2
STORM = 12
"""Orders that a frantic trader wants at once on each side, half as large as usual, before it wants them all back."""
CENT = MICRO // 100


class Madness:
    """Has its way with one process of a maker or a liquidator, until it `ends` or the process does.

    Whatever the trader wanted last is wanted again and again, under new names: whether it still has leave, still owns
    the market, has had enough of it or not; now and then on the other side of its own order, off the grid, or long
    after it was decided. A liquidator wants more of the same only: its price is its own business. One maker in two is
    frantic: it wants a whole ladder and takes it back at once, over and over, faster than the venue would bear.
    """

    def __init__(self, process: SimProcess, rng: Random, last: OrderIntended | None) -> None:
        """`last`: what became of the trader's latest wish that was no nonsense, if anything did."""
        self._process = process
        self._rng = rng
        self._last = None if last is None else _wish_behind(last)
        self._count = 0
        self._is_over = False
        may_storm = last is not None and not last.owner.startswith("liquidator:")
        self.is_frantic = may_storm and not rng.randrange(FRANTIC_ONE_IN)
        """It wants more than the venue would bear, which shows where the venue takes it all."""
        self._is_out = False
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
        span = FRANTIC_NS if self.is_frantic else RAVES_NS
        self._process.later(self._rng.randrange(*span), self._rave)

    def _rave(self) -> None:
        if self._is_over:
            return
        self._plan()
        last = self._last
        if last is None:
            return
        now = self._process.world.now()
        if last.owner.startswith("liquidator:"):
            self._sane(self._again(last), None)
        elif self.is_frantic:
            self._storm(last)
        else:
            self._sane(self._rng.choice(WISHES)(self._again(last), now), None)

    def _storm(self, last: PlaceOrder) -> None:
        """A whole ladder, and the next time all of it back."""
        self._is_out = not self._is_out
        if not self._is_out:
            self._sane(CancelMarket(market=last.market, owner=last.owner), None)
            return
        first = self._rng.randrange(STORM)
        for step in range(first, first + STORM):
            for side in Side:
                self._sane(_far(self._again(last), side, step), None)

    def _again(self, last: PlaceOrder) -> PlaceOrder:
        self._count += 1
        now = self._process.world.now()
        command = CommandId(f"{last.command}!{self._count}")
        return msgspec.structs.replace(last, command=command, decided_at=now, why="madness")


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


def _far(place: PlaceOrder, side: Side, step: int) -> PlaceOrder:
    middle = (place.mid or place.price) // CENT * CENT
    price = Price(min(MICRO - CENT, max(CENT, middle - side.sign * (step + 1) * CENT)))
    return msgspec.structs.replace(place, side=side, price=price, size=Size(place.size // 2))


WISHES: tuple[Wish, ...] = (_same, _same, _same, _late, _against_itself, _off_grid)
