"""When the venue may be asked for another order after it has refused one for reasons of its own."""

from __future__ import annotations

from messages.orders import Answer, OrderAnswered, VenueMode
from messages.values import MS, SECOND, RealNs

FIRST_NS = 1 * SECOND
LONGEST_NS = 30 * SECOND
"""Between two tries while the venue says nothing about how long: doubling, real time (VENUE §8.3)."""


class VenuePause:
    """Nothing is queued while it lasts: quotes are perishable. Volatile."""

    def __init__(self) -> None:
        self.mode = VenueMode.OPEN
        self._until = RealNs(0)
        self._tries = 0

    def hear(self, answered: OrderAnswered, now: RealNs) -> None:
        """An answer to an order: another try is due later, or the venue works as it should."""
        if answered.mode is VenueMode.OPEN:
            if answered.answer in (Answer.RESTING, Answer.REJECTED):
                self.mode, self._tries = VenueMode.OPEN, 0
            return
        self.mode = answered.mode
        wanted_ns = answered.wait_ms * MS
        self._until = now + max(wanted_ns, min(LONGEST_NS, FIRST_NS << min(self._tries, 5)))
        self._tries += 1

    def trouble(self, now: RealNs) -> str:
        """Why nothing new may be placed; empty when it may."""
        if self.mode is VenueMode.OPEN or now >= self._until:
            return ""
        return f"the venue is {self.mode.value}"
