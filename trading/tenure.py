"""How far the gateway has the account: opening it, emptying it, trading on it, proving that nothing rests."""

from __future__ import annotations

from enum import StrEnum

from messages.account import AccountRead
from messages.values import SECOND, RealNs
from trading.reading import Emptiness

OPEN_PATIENCE_NS = 15 * SECOND
"""Real time after which opening the account is tried again although the last try was not answered."""
RETRY_NS = 1 * SECOND
STOP_PATIENCE_NS = 10 * SECOND
"""Real time in which a stop must have proven the book empty."""
LAST_NS = 8 * SECOND
"""Of that, when nothing is waited for any more that the next start hears as well. A stop in a hurry has three."""


class Phase(StrEnum):
    """Where the gateway is in its life; in words, why nothing may be placed."""

    OPENING = "opening the account"
    EMPTYING = "taking earlier orders off"
    OPEN = ""
    STOPPING = "stopping"
    STOPPED = "stopped"


class Tenure:
    """One gateway's time with the account. Volatile: the next one takes it over from the beginning."""

    def __init__(self) -> None:
        self.phase = Phase.OPENING
        self.address = self.funder = ""
        self.emptiness = Emptiness()
        self._open_at = RealNs(0)
        self._stop_by = RealNs(0)

    # Opening.

    def asked(self, now: RealNs) -> None:
        """The account is asked for."""
        self._open_at = now + OPEN_PATIENCE_NS

    def refused(self, now: RealNs) -> None:
        """It was not given; asked for again soon."""
        self._open_at = now + RETRY_NS

    def must_ask(self, now: RealNs) -> bool:
        """Whether to ask for it now."""
        return self.phase is Phase.OPENING and now >= self._open_at

    def opened(self, address: str, funder: str) -> bool:
        """It is ours; False: it was already."""
        self.address, self.funder = address, funder
        if self.phase is not Phase.OPENING:
            return False
        self.phase = Phase.EMPTYING
        return True

    # Emptying.

    def proves(self, read: AccountRead) -> bool:
        """Whether this read, with the one before it, finds no order of the account."""
        return self.emptiness.is_proven_by(read)

    @property
    def moves(self) -> bool:
        """Everything is to come off, and reads are to prove it."""
        return self.phase in (Phase.EMPTYING, Phase.STOPPING)

    # Stopping.

    def stop(self, now: RealNs, *, touched: bool) -> bool:
        """The end begins; False: it is there already, because this process never touched the account."""
        self._stop_by = now + STOP_PATIENCE_NS
        self.emptiness.restart()
        self.phase = Phase.STOPPING if touched else Phase.STOPPED
        return touched

    def is_nearly_over(self, now: RealNs) -> bool:
        """Whether a stop waits no longer for what can be heard at the next start as well."""
        return self.phase is Phase.STOPPING and now + LAST_NS >= self._stop_by

    def must_give_up(self, now: RealNs) -> bool:
        """Whether the proof took too long."""
        return self.phase is Phase.STOPPING and now >= self._stop_by
