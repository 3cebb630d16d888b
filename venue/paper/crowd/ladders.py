"""The makers' resting orders: whose, at which prices, and until when."""

from __future__ import annotations

import heapq

from venue.paper.crowd.makers import WHO
from venue.paper.engine.participants import Lot

NOTHING = -1e18
"""The front of a maker's side on which nothing rests."""

Rung = tuple[int, int]
"""A maker's side, and a price."""


class Ladders:
    """Eight ladders, a bid and an ask side for each maker; `Lot.who` is the ladder's number."""

    def __init__(self) -> None:
        self.fronts = [NOTHING] * WHO
        """The best price of each ladder, for bids; for asks the best one's negative: the larger, the better."""
        self._rungs: list[dict[int, list[Lot]]] = [{} for _ in range(WHO)]

    def add(self, lot: Lot) -> None:
        """It rests now."""
        price, who = lot.price, lot.who
        rungs = self._rungs[who]
        rung = rungs.get(price)
        if rung is None:
            rungs[price] = [lot]
            key = -price if who & 1 else price
            if key > self.fronts[who]:
                self.fronts[who] = key
        else:
            rung.append(lot)

    def drop(self, lot: Lot) -> None:
        """It rests no more."""
        rungs = self._rungs[lot.who]
        rung = rungs[lot.price]
        rung.remove(lot)
        if not rung:
            del rungs[lot.price]
            self._front(lot.who)

    def clear(self, rung: Rung) -> list[Lot]:
        """All of a rung leave it together."""
        who, price = rung
        lots = self._rungs[who].pop(price, [])
        if lots:
            self._front(who)
        return lots

    def beyond(self, who: int, fair: float) -> list[int]:
        """Prices at which a ladder would trade at a loss if the value were `fair`."""
        if who & 1:
            return [price for price in self._rungs[who] if price < fair]
        return [price for price in self._rungs[who] if price > fair]

    def _front(self, who: int) -> None:
        rungs = self._rungs[who]
        if not rungs:
            self.fronts[who] = NOTHING
        else:
            self.fronts[who] = -min(rungs) if who & 1 else max(rungs)


class Ends:
    """What comes to an end and when: lives of lots, and rungs about to be pulled. Nanoseconds, earliest first."""

    def __init__(self) -> None:
        self.heap: list[tuple[int, int, Lot | Rung]] = []
        self._count = 0

    def add(self, at: int, what: Lot | Rung) -> None:
        """It ends then; of those of one instant, the first put in is first."""
        self._count += 1
        heapq.heappush(self.heap, (at, self._count, what))

    def pop(self) -> Lot | Rung:
        """The next one."""
        return heapq.heappop(self.heap)[2]
