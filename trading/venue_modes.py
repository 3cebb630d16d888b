"""What the venue takes at the moment, by its own answers: when to ask it again, and when it is itself again."""

from __future__ import annotations

import msgspec

from messages.orders import Answer, OrderAnswered, VenueMode, VenueState
from messages.values import MS, SECOND, OrderId, RealNs

FIRST_NS = 1 * SECOND
LONGEST_NS = 30 * SECOND
"""Between two tries while the venue says nothing about how long: doubling, real time (VENUE §8.3)."""
POST_ONLY_NS = 150 * SECOND
"""After a restart it takes nothing but post-only orders: two minutes by its own word, and some more."""

NOBODYS = OrderId("0x" + "0" * 64)
"""A name that no order has: asking for its end is as good a question as any while none of ours was refused."""


class Row(msgspec.Struct, frozen=True):
    """What one kind of answer makes of the venue."""

    state: VenueState
    why: str


STATES: dict[VenueMode, Row] = {
    VenueMode.RESTARTING: Row(VenueState.DOWN, "the venue is restarting"),
    VenueMode.DISABLED: Row(VenueState.DOWN, "the venue is closed to trading"),
    VenueMode.CANCEL_ONLY: Row(VenueState.CANCEL_ONLY, "the venue is cancel-only"),
    VenueMode.POST_ONLY: Row(VenueState.POST_ONLY, "the venue is post-only"),
}
TAKES: dict[VenueState, tuple[bool, bool]] = {
    VenueState.NORMAL: (True, True),
    VenueState.POST_ONLY: (True, True),
    VenueState.CANCEL_ONLY: (False, True),
    VenueState.DOWN: (False, False),
}
"""Whether it takes post-only orders, which all of ours are, and whether it takes cancels."""


class VenueModes:
    """Nothing is queued across states: quotes are perishable. Volatile.

    DOWN is probed by cancels, which are harmless, CANCEL_ONLY by orders, which are refused.
    """

    def __init__(self) -> None:
        self.state = VenueState.NORMAL
        self.why = ""
        self.refusal = ""
        """Why it wants nothing of us until a person says to go on; empty while it does."""
        self._is_news = False
        self._by = VenueMode.OPEN
        self._busy_until = RealNs(0)
        self._busy_with = VenueMode.OPEN
        self._try_at = RealNs(0)
        self._until = RealNs(0)
        self._tries = 0
        self._suspect: OrderId | None = None

    # What it says.

    def placed(self, answered: OrderAnswered, now: RealNs) -> None:
        """An answer to an order."""
        if answered.mode is not VenueMode.OPEN:
            self._suspect = answered.order
            self.says(answered.mode, answered.wait_ms, now, answered.reason)
        elif answered.answer in (Answer.RESTING, Answer.REJECTED):
            self._works(now, takes_orders=True)

    def canceled(self, now: RealNs) -> None:
        """A cancel was answered as it should be."""
        self._works(now, takes_orders=False)

    def says(self, mode: VenueMode, wait_ms: int, now: RealNs, reason: str = "") -> None:
        """An answer to anything that concerns every order."""
        if mode is VenueMode.OPEN:
            return
        if mode is VenueMode.REFUSING and not self.refusal:
            self.refusal, self._is_news = reason or mode.value, True
        pause = max(wait_ms * MS, min(LONGEST_NS, FIRST_NS << min(self._tries, 5)))
        self._tries += 1
        if mode not in (VenueMode.RESTARTING, VenueMode.DISABLED, VenueMode.CANCEL_ONLY):
            self._busy_until, self._busy_with = now + pause, mode
        if mode not in STATES:
            return
        self._by = mode
        self.state, self.why = STATES[mode].state, STATES[mode].why
        self._try_at = now + pause
        self._until = now + (wait_ms * MS or POST_ONLY_NS)

    def _works(self, now: RealNs, *, takes_orders: bool) -> None:
        if self.state is VenueState.DOWN:
            self.state, self.why = VenueState.POST_ONLY, f"{self.why.replace(' is ', ' was ')}"
            self._until = now + POST_ONLY_NS
            self._tries, self._by = 0, VenueMode.OPEN
        elif takes_orders:
            self._tries = 0
            if self.state is VenueState.CANCEL_ONLY:
                self._be_normal()

    def _be_normal(self) -> None:
        self.state, self.why, self._by = VenueState.NORMAL, "", VenueMode.OPEN

    def resumed(self) -> None:
        """A person says that it wants us again."""
        self.refusal = ""
        self._tries = 0

    # What follows.

    def news(self) -> str:
        """Why it wants nothing more of us, told once; empty while there is nothing to tell."""
        is_news, self._is_news = self._is_news, False
        return self.refusal if is_news else ""

    def wait_ms(self, now: RealNs) -> int:
        """Real milliseconds that it is better left alone."""
        return max(0, self._busy_until - now, self._try_at - now) // MS

    def farewell(self, left: int) -> str:
        """What is to be said when the book could not be proven empty: how many orders may rest, and what ends them."""
        why = self.refusal or self.why
        return (
            f"{left or 'no known'} orders may still rest{f', {why}' if why else ''}: beats have stopped, so that the"
            " venue takes everything off by itself within 15 seconds; if it does not, each order ends when its own"
            " time does. Look at your open orders"
        )

    @property
    def hears_beats(self) -> bool:
        """Whether the venue is to know that we live: not while it takes no cancels of ours."""
        return not self.refusal and not (self.state is VenueState.DOWN and self._by is VenueMode.DISABLED)

    def look(self, now: RealNs) -> None:
        """Time passes: what it said holds no longer than it said."""
        if self.state is VenueState.POST_ONLY and now >= self._until:
            self._be_normal()

    def probe(self, now: RealNs) -> OrderId | None:
        """The order to cancel, only to hear whether the venue takes cancels again."""
        if self.state is not VenueState.DOWN or now < self._try_at:
            return None
        self._try_at = now + min(LONGEST_NS, FIRST_NS << min(self._tries, 5))
        return self._suspect or NOBODYS

    def trouble(self, now: RealNs) -> str:
        """Why nothing new may be placed; empty when it may."""
        if self.refusal:
            return f"the venue is {VenueMode.REFUSING.value}: {self.refusal}"
        if now < self._busy_until:
            return f"the venue is {self._busy_with.value}"
        takes_orders, _ = TAKES[self.state]
        is_probe = self.state is VenueState.CANCEL_ONLY and now >= self._try_at
        return "" if takes_orders or is_probe else self.why
